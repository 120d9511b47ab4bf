"""ARNs of the project's own resources are written as references where that means the same."""

from __future__ import annotations

import pytest

from .conftest import ACCOUNT, Planned, body, used

ROLE = """\
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({ Statement = [] })
}

"""
BUCKET = """\
resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}

"""
OBJECT = """\
resource "aws_iam_role_policy" "app" {
  role = aws_iam_role.app.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}
"""
BLOCKS = """\
data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "app" {
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.app.json
}
"""
HEREDOC = """\
resource "aws_iam_role_policy" "app" {
  role   = aws_iam_role.app.id
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        { "Effect": "Allow", "Action": "s3:*", "Resource": "*" }
      ]
    }
  EOT
}
"""
ATTACHED = """\
resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}
"""
OBJECTS = used(
    s3_GetObject="arn:aws:s3:::acme-logs/2026/a", s3_PutObject="arn:aws:s3:::acme-logs/b"
)
WHOLE = used(s3_GetBucketPolicy="arn:aws:s3:::acme-logs")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (OBJECT, '"${aws_s3_bucket.logs.arn}/*"'),
        (BLOCKS, '["${aws_s3_bucket.logs.arn}/*"]'),
        (HEREDOC, '"${aws_s3_bucket.logs.arn}/*"'),
        (ATTACHED, '"${aws_s3_bucket.logs.arn}/*"'),
    ],
    ids=["object", "blocks", "heredoc", "attachment"],
)
def test_in_terraform(planned: Planned, text: str, written: str) -> None:
    (found,) = planned({"main.tf": ROLE + BUCKET + text}, OBJECTS)
    added = "\n".join(line for line in body(found.edit) if line[0] == "+")
    assert written in added
    assert "acme-logs" not in added
    assert found.applicability == "safe" or text is ATTACHED, found.why_not_safe


def test_a_whole_arn_is_the_bare_expression(planned: Planned) -> None:
    (found,) = planned({"main.tf": ROLE + BUCKET + OBJECT}, WHOLE)
    assert "Resource = aws_s3_bucket.logs.arn" in found.edit


TEMPLATE = """\
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: acme-logs
  App:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      AssumeRolePolicyDocument: {Statement: []}
      Policies:
        - PolicyName: logs
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: s3:*
                Resource: "*"
"""
TEMPLATE_JSON = """\
{
  "Resources": {
    "Logs": { "Type": "AWS::S3::Bucket", "Properties": { "BucketName": "acme-logs" } },
    "App": {
      "Type": "AWS::IAM::Role",
      "Properties": {
        "AssumeRolePolicyDocument": { "Statement": [] },
        "Policies": [
          {
            "PolicyName": "logs",
            "PolicyDocument": {
              "Version": "2012-10-17",
              "Statement": [
                {
                  "Effect": "Allow",
                  "Action": "s3:*",
                  "Resource": "*"
                }
              ]
            }
          }
        ]
      }
    }
  }
}
"""


@pytest.mark.parametrize(
    ("name", "text", "objects", "whole"),
    [
        ("t.yaml", TEMPLATE, '!Sub "${Logs.Arn}/*"', "!GetAtt Logs.Arn"),
        ("t.json", TEMPLATE_JSON, '{ "Fn::Sub": "${Logs.Arn}/*" }', '{ "Fn::GetAtt": ["Logs", "Arn"] }'),
    ],
)  # fmt: skip
def test_in_templates(planned: Planned, name: str, text: str, objects: str, whole: str) -> None:
    for usage, written in ((OBJECTS, objects), (WHOLE, whole)):
        (found,) = planned({name: text}, usage)
        assert written in found.edit, found.why_not_safe
        assert "+" not in "".join(line[0] for line in body(found.edit) if "acme-logs" in line)


CIRCLE = """\
resource "aws_s3_bucket" "logs" {
  bucket     = "acme-logs"
  depends_on = [aws_iam_role_policy.app]
}

"""
LONG_CIRCLE = """\
locals {
  tags = { role = aws_iam_role_policy.app.id }
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
  tags   = local.tags
}

"""


@pytest.mark.parametrize("bucket", [CIRCLE, LONG_CIRCLE], ids=["direct", "over a local"])
def test_what_would_go_in_circles_stays_an_arn(planned: Planned, bucket: str) -> None:
    (found,) = planned({"main.tf": ROLE + bucket + OBJECT}, OBJECTS)
    assert "arn:aws:s3:::acme-logs/*" in found.edit
    assert "+" not in "".join(line[0] for line in body(found.edit) if "aws_s3_bucket" in line)


def test_a_circle_in_a_template(planned: Planned) -> None:
    text = TEMPLATE.replace("BucketName: acme-logs", "BucketName: acme-logs\n    DependsOn: App")
    (found,) = planned({"t.yaml": text}, OBJECTS)
    assert "arn:aws:s3:::acme-logs/*" in found.edit


def test_what_may_be_another_elsewhere_stays_an_arn(planned: Planned) -> None:
    """A queue of the name in another account or region has another ARN than the one that was seen."""
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"
    text = (
        ROLE
        + 'resource "aws_sqs_queue" "jobs" {\n  name = "jobs"\n}\n\n'
        + OBJECT.replace("s3:*", "sqs:*")
    )
    (found,) = planned({"main.tf": text}, used(sqs_CreateQueue=arn))
    assert f'"{arn}"' in found.edit
    assert any("aws_sqs_queue.jobs.arn" in note for note in found.proof.notes)
