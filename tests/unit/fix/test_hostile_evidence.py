"""Names in logs are chosen by others: written into source they stay the strings that they are."""

from __future__ import annotations

import pytest

from .conftest import Planned, used

EVIL = [
    'a"}, evil = file("/etc/passwd") #',
    'a${file("/etc/passwd")}',
    "a%{ for x in y }",
    "a: &x [b]",
    "a # b",
    "'a' \"b\"",
    "a\nb: c",
    "a\\",
    "‹var.x›",
    "<<EOF",
    "!Sub x",
    "*",
    "\u202eab",
]

HCL = """\
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({ Statement = [] })
}

resource "aws_iam_role_policy" "app" {
  role = aws_iam_role.app.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sqs:CreateQueue", "sqs:DeleteQueue"], Resource = "*" }]
  })
}
"""
HEREDOC = (
    HCL[: HCL.index("  policy = jsonencode")]
    + """\
  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": ["sqs:CreateQueue", "sqs:DeleteQueue"], "Resource": "*"}]
}
EOF
}
"""
)
YAML = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: ["sqs:CreateQueue", "sqs:DeleteQueue"]
                Resource: %s
"""


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("main.tf", HCL),
        ("heredoc.tf", HEREDOC),
        ("plain.yaml", YAML % "'*'"),
        ("list.yaml", YAML % "['*']"),
    ],
)
def test_evil_names_stay_names(planned: Planned, file: str, text: str, name: str) -> None:
    arn = f"arn:aws:sqs:eu-west-1:111122223333:{name}"
    # The verifier reads the result: what is written must be the very string, or there is no edit.
    for found in planned({file: text}, used(sqs_CreateQueue=arn)):
        assert found.policy is not None
        assert found.proof.contained is True
        for resource in [each["Resource"] for each in found.policy["Statement"]]:
            assert resource in (arn, "*", [arn], ["*"])
        assert found.applicability in ("safe", "display"), found.why_not_safe
        if "$" in name or "%" in name:
            continue
        added = "".join(line for line in found.edit.split("\n") if line.startswith("+"))
        assert found.applicability == "display" or "sqs:" in added
