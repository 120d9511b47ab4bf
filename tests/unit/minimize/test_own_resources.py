"""ARNs that the project's own resources have, told with the expression for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamlint.finding import Replacement
from iamlint.minimize import propose
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions
from iamlint.usage.profile import PrincipalUsage

from .conftest import ACCOUNT, REGION, coverage, use

HCL = """\
resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_sqs_queue" "mail" {
  name_prefix = "mail-"
}

resource "aws_sqs_queue" "each" {
  count = 2
  name  = "each-${count.index}"
}

resource "aws_cloudwatch_log_group" "app" {
  name = "/app"
}

resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "app" {
  role = aws_iam_role.app.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sqs:*", "logs:*"], Resource = "*" }]
  })
}
"""
YAML = """\
Resources:
  Jobs:
    Type: AWS::SQS::Queue
  Group:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: /app
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
      Policies:
        - PolicyName: app
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: ["sqs:*", "logs:*"], Resource: "*"}]
"""


def found(folder: Path, name: str, text: str, **resources: str) -> Replacement:
    path = folder / name
    path.write_text(text)
    options = ReadOptions(account=ACCOUNT, region=REGION)
    project = read([str(path)], Sandbox(folder), options)
    (site,) = [each for each in project.sites if each.kind == "identity"]
    actions = {f"{key.replace('_', ':')}": use(3, *arns.split()) for key, arns in resources.items()}
    made = propose(site, project, PrincipalUsage(actions=actions), [coverage()])
    assert made is not None
    return made


def queue(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/app"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("jobs", {"jobs": "aws_sqs_queue.jobs.arn"}),
        # Terraform ends the name; the pattern for it is what was narrowed to.
        ("mail-20260127055851155600000002", {"mail-*": "aws_sqs_queue.mail.arn"}),
        ("elsewhere", {}),
        ("each-0", {"each-0": "aws_sqs_queue.each[0].arn"}),
    ],
)
def test_terraform(tmp_path: Path, name: str, expected: dict[str, str]) -> None:
    made = found(tmp_path, "main.tf", HCL, sqs_CreateQueue=queue(name))
    assert made.references == {queue(key): value for key, value in expected.items()}
    for value in expected.values():
        assert any(f"can be written as `{value}`" in note for note in made.proof.notes)


def test_what_a_policy_adds_to_the_arn_stays(tmp_path: Path) -> None:
    made = found(tmp_path, "main.tf", HCL, logs_CreateLogStream=GROUP)
    assert made.references == {f"{GROUP}:*": '"${aws_cloudwatch_log_group.app.arn}:*"'}


def test_templates(tmp_path: Path) -> None:
    seen = queue("stack-Jobs-1K2J3H4G5F6D")
    made = found(tmp_path, "t.yaml", YAML, sqs_CreateQueue=seen, logs_CreateLogStream=GROUP)
    assert made.references == {
        queue("stack-Jobs-*"): "!GetAtt Jobs.Arn",
        f"{GROUP}:*": "!Sub ${Group.Arn}:*",
    }
