"""1,000 Terraform files in one run (limit: 3 s CPU)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import cpu_of, iamlint

LIMIT = 3.0
FILES = 1000
PER_MODULE = 5

TEMPLATE = """\
variable "env_{n}" {{
  type    = string
  default = "prod"
}}

locals {{
  name_{n} = "service-{n}-${{var.env_{n}}}"
  tags_{n} = {{ for key in ["team", "cost"] : key => "value-{n}" }}
}}

resource "aws_iam_role" "r{n}" {{
  name               = local.name_{n}
  tags               = local.tags_{n}
  assume_role_policy = data.aws_iam_policy_document.trust_{n}.json
}}

data "aws_iam_policy_document" "trust_{n}" {{
  statement {{
    actions = ["sts:AssumeRole"]
    principals {{
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }}
  }}
}}

resource "aws_iam_role_policy" "p{n}" {{
  role = aws_iam_role.r{n}.id
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "arn:aws:s3:::${{local.name_{n}}}/*"
      }},
      {{
        Effect   = "Allow"
        Action   = "dynamodb:*"
        Resource = aws_dynamodb_table.t{n}.arn
      }},
    ]
  }})
}}

resource "aws_dynamodb_table" "t{n}" {{
  name     = local.name_{n}
  hash_key = "id"
  attribute {{
    name = "id"
    type = "S"
  }}
}}
"""


def run() -> Iterator[str]:
    """Generate the files and scan their folder."""
    with tempfile.TemporaryDirectory() as folder:
        size = 0
        for number in range(FILES):
            module = Path(folder) / f"module{number // PER_MODULE}"
            module.mkdir(exist_ok=True)
            text = TEMPLATE.format(n=number)
            size += len(text)
            (module / f"f{number}.tf").write_text(text)
        cost = cpu_of(iamlint("scan", "--no-config", folder), runs=3)
    yield f"{FILES} files, {size / 1024:.0f} KiB: {cost:.2f} s CPU (limit {LIMIT:.0f} s, {cost / LIMIT:.2f} of it)"
