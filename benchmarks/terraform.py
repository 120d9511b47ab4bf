"""What reading a root module with 100 policies costs, and a whole scan of it (limit: 0.5 s of CPU)."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import cpu_of, iamlint

TEAMS = 20
LIMIT = 0.5

ROOT = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

variable "environments" {
  type    = set(string)
  default = ["dev", "prod"]
}

variable "readers" {
  type = list(object({ arn = string, external_id = optional(string, "none") }))
}

locals {
  account = data.aws_caller_identity.current.account_id
  prefix  = "arn:${data.aws_partition.current.partition}"
  logs    = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
}
"""

# Five policies in five ways: a document, jsonencode, a heredoc, a template, and a module's.
TEAM = """\
data "aws_iam_policy_document" "trust_{n}" {{
  statement {{
    actions = ["sts:AssumeRole"]
    principals {{
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }}
  }}
}}

data "aws_iam_policy_document" "data_{n}" {{
  source_policy_documents = [data.aws_iam_policy_document.common_{n}.json]
  statement {{
    sid       = "Objects"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${{aws_s3_bucket.team_{n}.arn}}/*"]
  }}
  dynamic "statement" {{
    for_each = var.environments
    content {{
      sid       = "Queue${{title(statement.value)}}"
      actions   = ["sqs:SendMessage", "sqs:ReceiveMessage"]
      resources = ["${{local.prefix}}:sqs:eu-west-1:${{local.account}}:team-{n}-${{statement.value}}"]
      condition {{
        test     = "StringEquals"
        variable = "aws:PrincipalTag/team"
        values   = ["team-{n}"]
      }}
    }}
  }}
}}

data "aws_iam_policy_document" "common_{n}" {{
  statement {{
    sid       = "Logs"
    actions   = local.logs
    resources = ["${{local.prefix}}:logs:*:${{local.account}}:log-group:/aws/lambda/team-{n}*"]
  }}
}}

resource "aws_s3_bucket" "team_{n}" {{
  bucket = "team-{n}-data"
}}

resource "aws_iam_role" "team_{n}" {{
  name               = "team-{n}"
  assume_role_policy = data.aws_iam_policy_document.trust_{n}.json
}}

resource "aws_iam_role_policy" "team_{n}" {{
  role   = aws_iam_role.team_{n}.id
  policy = data.aws_iam_policy_document.data_{n}.json
}}

resource "aws_sns_topic_policy" "team_{n}" {{
  arn    = aws_sns_topic.team_{n}.arn
  policy = <<-POLICY
    {{
      "Version": "2012-10-17",
      "Statement": [
        {{
          "Effect": "Allow",
          "Principal": {{"AWS": "${{local.prefix}}:iam::${{local.account}}:root"}},
          "Action": "sns:Publish",
          "Resource": "${{aws_sns_topic.team_{n}.arn}}"
        }}
      ]
    }}
  POLICY
}}

resource "aws_sns_topic" "team_{n}" {{
  name = "team-{n}"
}}

resource "aws_iam_policy" "team_{n}" {{
  name   = "team-{n}"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = concat(
      [{{
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"]
        Resource = "${{local.prefix}}:dynamodb:eu-west-1:${{local.account}}:table/team-{n}"
      }}],
      [for reader in var.readers : {{
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Resource  = reader.arn
        Condition = {{ StringEquals = {{ "sts:ExternalId" = reader.external_id }} }}
      }}],
    )
  }})
}}

resource "aws_iam_role_policy_attachment" "team_{n}" {{
  role       = aws_iam_role.team_{n}.name
  policy_arn = aws_iam_policy.team_{n}.arn
}}

module "job_{n}" {{
  source  = "./modules/job"
  name    = "team-{n}"
  buckets = [aws_s3_bucket.team_{n}.arn]
}}
"""

MODULE = """\
variable "name" { type = string }
variable "buckets" { type = list(string) }

resource "aws_iam_user" "this" {
  name = "${var.name}-job"
}

resource "aws_iam_user_policy" "this" {
  user   = aws_iam_user.this.name
  policy = templatefile("${path.module}/policy.json.tftpl", { buckets = var.buckets })
}
"""

TEMPLATE = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:ListBucket", "s3:GetObject"],
      "Resource": ${jsonencode(flatten([for bucket in buckets : [bucket, "${bucket}/*"]]))}
    }
  ]
}
"""


def write(folder: Path) -> None:
    """A root module with five policies for each team, in one file a team."""
    (folder / "main.tf").write_text(ROOT, encoding="utf-8")
    for number in range(TEAMS):
        (folder / f"team_{number}.tf").write_text(TEAM.format(n=number), encoding="utf-8")
    module = folder / "modules" / "job"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(MODULE, encoding="utf-8")
    (module / "policy.json.tftpl").write_text(TEMPLATE, encoding="utf-8")


def run() -> Iterator[str]:
    """CPU seconds of reading, and of the whole program, with what was found."""
    from iamlint.sources.sandbox import Sandbox
    from iamlint.sources.terraform.read import read

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        files = sorted(map(str, folder.rglob("*.tf")))
        least = float("inf")
        for _ in range(5):
            before = time.process_time()
            project = read(files, Sandbox(folder, cwd=folder))
            least = min(least, time.process_time() - before)
        policies = [site for site in project.sites if site.policy is not None]
        documents = sum(site.form != "attachment" for site in policies)
        yield (
            f"{documents} policies and {len(project.sites) - documents} attachments in "
            f"{len(files)} files, {len(project.unresolved)} parts left open by a variable without value"
        )
        whole = cpu_of(iamlint("scan", name, "--no-config", "--no-progress"), runs=5)
    verdict = "within" if whole <= LIMIT else "OVER"
    yield f"reading     {least:5.2f} s CPU"
    yield f"whole scan  {whole:5.2f} s CPU ({verdict} the limit of {LIMIT} s)"
