"""The stories that must always work, in Terraform and in CloudFormation, from the command line.

A month of CloudTrail says what was used.  Each story ends with the proposed edit in the file,
applied by git and written by `--fix`, which must come to the same, and a second scan that has
nothing more to say of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .conftest import Scan, apply, covered, fixed, found, granted

GROUP = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/ssm/AWS-RunPatchBaseline"

TRUST_HCL = """\
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
"""

ROLE_HCL = (
    """\
resource "aws_iam_role" "patch" {
  name = "PatchManagerRole"

"""
    + TRUST_HCL
    + """\
}
"""
)

PATCH_HCL = {
    "attachment": ROLE_HCL
    + """
resource "aws_iam_role_policy_attachment" "core" {
  role       = aws_iam_role.patch.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.patch.name
  policy_arn = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess" # for now
}
""",
    "for_each": """\
data "aws_partition" "current" {}

locals {
  policies = {
    core = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
    logs = "arn:${data.aws_partition.current.partition}:iam::aws:policy/CloudWatchLogsFullAccess"
  }
}

"""
    + ROLE_HCL
    + """
resource "aws_iam_role_policy_attachment" "patch" {
  for_each   = local.policies
  role       = aws_iam_role.patch.name
  policy_arn = each.value
}
""",
    "managed_policy_arns": ROLE_HCL.replace(
        TRUST_HCL,
        TRUST_HCL
        + """
  managed_policy_arns = [
    "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
    "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess",
  ]
""",
    ),
}

ROLE_YAML = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  PatchRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: PatchManagerRole
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: ec2.amazonaws.com
            Action: sts:AssumeRole
"""

PATCH_CFN = {
    "literal.yaml": ROLE_YAML
    + """\
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore
        - arn:aws:iam::aws:policy/CloudWatchLogsFullAccess # for now
""",
    "sub.yaml": ROLE_YAML
    + """\
      ManagedPolicyArns:
        - !Sub arn:${AWS::Partition}:iam::aws:policy/AmazonSSMManagedInstanceCore
        - !Sub "arn:${AWS::Partition}:iam::aws:policy/CloudWatchLogsFullAccess"
""",
    "template.json": """\
{
  "AWSTemplateFormatVersion": "2010-09-09",
  "Resources": {
    "PatchRole": {
      "Type": "AWS::IAM::Role",
      "Properties": {
        "RoleName": "PatchManagerRole",
        "AssumeRolePolicyDocument": {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Effect": "Allow",
              "Principal": { "Service": "ec2.amazonaws.com" },
              "Action": "sts:AssumeRole"
            }
          ]
        },
        "ManagedPolicyArns": [
          "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
          "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
        ]
      }
    }
  }
}
""",
}


def check_patch_manager(report: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What iamlint must say of the Patch Manager role, whatever the language."""
    assert report["exit"] == 1
    findings = found(report, "IAM103")
    assert len(findings) == 1, [item["message"] for item in report["findings"]]
    finding: dict[str, Any] = findings[0]
    shown = covered(finding, folder)
    assert "CloudWatchLogsFullAccess" in shown
    assert "\n" not in shown
    assert "AmazonSSMManagedInstanceCore" not in str(
        [item["message"] for item in report["findings"]]
    )

    replacement = finding["replacement"]
    grants = granted(replacement["policy"])
    assert set(grants) == {
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    }
    for action, resources in grants.items():
        for resource in resources:
            assert resource.startswith("arn:aws:logs:eu-west-1:111122223333:log-group:"), action
            assert "${" not in resource
            assert "‹" not in resource
    for action in ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"):
        assert all(resource.startswith(GROUP) for resource in grants[action]), grants[action]
    assert finding["evidence"]["unobservable"] == ["logs:PutLogEvents"]
    assert finding["evidence"]["observed"] > 0
    proof = replacement["proof"]
    assert (proof["contained"], proof["sufficient"], proof["well_formed"]) == (True, True, True)
    assert 0 < proof["size"] <= 10240
    assert replacement["applicability"] == "safe"
    return finding


def terraform_accepts(folder: Path) -> None:
    """`terraform fmt -check` agrees with the edited files, where the binary is there."""
    terraform = shutil.which("terraform")
    if terraform is None:
        return
    done = subprocess.run(
        [terraform, "fmt", "-check", "-diff", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull},
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("form", sorted(PATCH_HCL))
def test_patch_manager_in_terraform(project: Path, scan: Scan, trail: str, form: str) -> None:
    (project / "main.tf").write_text(PATCH_HCL[form])
    finding = check_patch_manager(scan("--usage", trail), project)
    edit = finding["replacement"]["edit"]
    assert edit.startswith("--- a/main.tf\n+++ b/main.tf\n")
    assert 'resource "aws_iam_role_policy"' in edit
    fixed(scan, edit, project, "--usage", trail)
    terraform_accepts(project)


@pytest.mark.parametrize("name", sorted(PATCH_CFN))
def test_patch_manager_in_cloudformation(project: Path, scan: Scan, trail: str, name: str) -> None:
    (project / name).write_text(PATCH_CFN[name])
    finding = check_patch_manager(scan("--usage", trail), project)
    edit = finding["replacement"]["edit"]
    assert edit.startswith(f"--- a/{name}\n+++ b/{name}\n")
    fixed(scan, edit, project, "--usage", trail)


MEDIA_HCL = (
    """\
resource "aws_iam_role" "media" {
  name = "media-app"

"""
    + TRUST_HCL
    + """\
}

resource "aws_iam_role_policy" "media" {
  name = "media"
  role = aws_iam_role.media.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:*"
        Resource = "*"
      },
    ]
  })
}
"""
)

MEDIA_DOCUMENT_HCL = (
    """\
resource "aws_iam_role" "media" {
  name = "media-app"

"""
    + TRUST_HCL
    + """\
}

data "aws_iam_policy_document" "media" {
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "media" {
  name   = "media"
  role   = aws_iam_role.media.id
  policy = data.aws_iam_policy_document.media.json
}
"""
)

MEDIA_HEREDOC_HCL = (
    """\
resource "aws_iam_role" "media" {
  name = "media-app"

"""
    + TRUST_HCL
    + """\
}

resource "aws_iam_role_policy" "media" {
  name = "media"
  role = aws_iam_role.media.id

  policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "s3:*",
          "Resource": "*"
        }
      ]
    }
  EOF
}
"""
)

MEDIA_YAML = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  MediaRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: media-app
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: ecs-tasks.amazonaws.com
            Action: sts:AssumeRole
      Policies:
        - PolicyName: media
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              # the bucket gets a name of its own later
              - Effect: Allow
                Action: "s3:*"
                Resource: "*"
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("jsonencode.tf", MEDIA_HCL),
        ("document.tf", MEDIA_DOCUMENT_HCL),
        ("heredoc.tf", MEDIA_HEREDOC_HCL),
        ("media.yaml", MEDIA_YAML),
    ],
)
def test_a_service_wildcard_shrinks_to_what_was_used(
    project: Path, scan: Scan, trail: str, name: str, text: str
) -> None:
    (project / name).write_text(text)
    report = scan("--usage", trail)
    assert [item["rule"] for item in found(report)] == ["IAM106"]
    finding = found(report)[0]
    assert covered(finding, project).strip('"') == "s3:*"
    grants = granted(finding["replacement"]["policy"])
    assert {"s3:GetObject", "s3:PutObject"} <= set(grants)
    for action, resources in grants.items():
        assert all(resource.startswith("arn:aws:s3:::acme-media") for resource in resources), action
    assert finding["replacement"]["applicability"] == "safe"
    fixed(scan, finding["replacement"]["edit"], project, "--usage", trail)
    if name.endswith(".tf"):
        terraform_accepts(project)
    else:
        assert "# the bucket gets a name of its own later" in (project / name).read_text()


CI_HCL = (
    """\
resource "aws_iam_role" "ci" {
  name = "ci-deploy"

"""
    + TRUST_HCL
    + """\
}

resource "aws_iam_role_policy_attachment" "ci" {
  role       = aws_iam_role.ci.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"""
)

CI_YAML = (
    ROLE_YAML.replace("PatchManagerRole", "ci-deploy").replace("PatchRole", "CiRole")
    + """\
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/AdministratorAccess
"""
)


@pytest.mark.parametrize(("name", "text"), [("main.tf", CI_HCL), ("ci.yaml", CI_YAML)])
def test_an_administrator_pipeline_gets_what_it_calls(
    project: Path, scan: Scan, trail: str, name: str, text: str
) -> None:
    (project / name).write_text(text)
    report = scan("--usage", trail)
    assert [item["rule"] for item in found(report)] == ["IAM101"]
    finding = found(report)[0]
    assert "AdministratorAccess" in covered(finding, project)
    assert finding["severity"] == "critical"
    replacement = finding["replacement"]
    grants = granted(replacement["policy"])
    assert {"cloudformation:CreateChangeSet", "lambda:UpdateFunctionCode20150331v2"} & set(
        grants
    ) == {"cloudformation:CreateChangeSet"}
    assert "lambda:UpdateFunctionCode" in grants
    assert not any("*" in action for action in grants)
    assert len(grants) < 120, "a pipeline's policy must be one that a person can read"
    assert replacement["proof"]["contained"] is True
    assert replacement["proof"]["sufficient"] is True
    before = (project / name).read_bytes()
    apply(replacement["edit"], project)
    by_git = (project / name).read_bytes()
    (project / name).write_bytes(before)
    # What a pipeline does with data would not show, so a human must say yes to it.
    assert replacement["applicability"] == "unsafe"
    assert scan("--usage", trail, "--fix")["exit"] == 1
    assert (project / name).read_bytes() == before
    scan("--usage", trail, "--fix=all")
    assert (project / name).read_bytes() == by_git
    assert found(scan("--usage", trail), "IAM101") == []
    if name.endswith(".tf"):
        terraform_accepts(project)


NEW_HCL = CI_HCL.replace("ci-deploy", "made-yesterday")
NEW_YAML = CI_YAML.replace("ci-deploy", "made-yesterday")


@pytest.mark.parametrize(("name", "text"), [("main.tf", NEW_HCL), ("new.yaml", NEW_YAML)])
def test_a_role_without_record_has_no_usage_data_and_is_not_unused(
    project: Path, scan: Scan, trail: str, name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / name).write_text(text)
    report = scan("--usage", trail)
    assert [item["rule"] for item in found(report)] == ["IAM101"]
    finding = found(report)[0]
    assert finding["replacement"] is None
    assert finding["evidence"] is None
    from iamlint.app.cli import run

    run(["scan", "--usage", trail])
    printed = capsys.readouterr().out
    assert "no usage data" in printed
    assert "unused" not in printed


@pytest.mark.parametrize(("name", "text"), [("main.tf", CI_HCL), ("ci.yaml", CI_YAML)])
def test_without_a_profile_nothing_is_said_of_use(
    project: Path, scan: Scan, name: str, text: str
) -> None:
    (project / name).write_text(text)
    finding = found(scan(), "IAM101")[0]
    assert finding["evidence"] is None
    assert finding["replacement"] is None
    assert "usage" not in finding["message"]
