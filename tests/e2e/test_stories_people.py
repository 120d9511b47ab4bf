"""The stories about people: who only reads, who may come without MFA, and who comes from outside.

In Terraform and in CloudFormation, from the command line; what `--fix` leaves has nothing more to
be said of, and in Terraform it is what a real `terraform` would plan.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.differential.terraform.conftest import stubbed_terraform as stubbed_terraform

from .conftest import Scan, apply, contents, covered, fixed, found
from .test_stories import terraform_accepts

PEOPLE = """\
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:user/ann" }
      Action    = "sts:AssumeRole"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
"""
AUDITOR_HCL = f"""\
data "aws_caller_identity" "current" {{}}

resource "aws_iam_role" "auditor" {{
  name = "auditor"

{PEOPLE}}}

resource "aws_iam_role_policy_attachment" "auditor" {{
  role       = aws_iam_role.auditor.name
  policy_arn = "arn:aws:iam::aws:policy/POLICY" # for now
}}
"""
AUDITOR_YAML = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Auditor:
    Type: AWS::IAM::Role
    Properties:
      RoleName: auditor
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Sub arn:aws:iam::${AWS::AccountId}:user/ann
            Action: sts:AssumeRole
            Condition:
              Bool:
                aws:MultiFactorAuthPresent: "true"
      ManagedPolicyArns:
        - !Sub arn:${AWS::Partition}:iam::aws:policy/POLICY # for now
"""
AUDITOR = [("main.tf", AUDITOR_HCL), ("auditor.yaml", AUDITOR_YAML)]


def seen(folder: Path, *actions: str) -> str:
    """A profile in which the auditor used these actions."""
    use = {
        "n": 9,
        "first": "2026-05-02",
        "last": "2026-10-30",
        "regions": ["eu-west-1"],
        "accounts": ["111122223333"],
        "resources_complete": False,
    }
    coverage = {
        "source": "cloudtrail",
        "accounts": ["111122223333"],
        "regions": ["eu-west-1", "us-east-1"],
        "from": "2026-05-01",
        "to": "2026-11-01",
        "events": 1000,
        "categories": {
            "management": ["read", "write"],
        },
    }
    role = {
        "kind": "role",
        "first": "2026-05-01",
        "last": "2026-10-31",
        "actions": dict.fromkeys(actions, use),
    }
    profile = {
        "version": 1,
        "tool": "iamlint",
        "coverage": [coverage],
        "principals": {"arn:aws:iam::111122223333:role/auditor": role},
    }
    path = folder.parent / "usage.json"
    path.write_text(json.dumps(profile))
    return str(path)


@pytest.mark.parametrize(("name", "text"), AUDITOR)
def test_read_only_access_is_enough(
    project: Path, scan: Scan, name: str, text: str, stubbed_terraform: Any
) -> None:
    (project / name).write_text(text.replace("POLICY", "IAMFullAccess"))
    usage = seen(project, "iam:ListRoles", "iam:GetRole")
    report = scan("--usage", usage)
    (finding,) = found(report, "IAM103")
    assert "IAMFullAccess" in covered(finding, project)
    assert finding["replacement"]["applicability"] == "safe"
    fixed(scan, finding["replacement"]["edit"], project, "--usage", usage)
    after = (project / name).read_text()
    assert after == text.replace("POLICY", "IAMReadOnlyAccess")
    if name.endswith(".tf"):
        terraform_accepts(project)
        plan = json.dumps(stubbed_terraform.plan(project)["planned_values"])
        assert "policy/IAMReadOnlyAccess" in plan


@pytest.mark.parametrize(("name", "text"), AUDITOR)
@pytest.mark.parametrize(
    ("actions", "instead"),
    [
        (("ec2:DescribeInstances", "rds:DescribeDBInstances"), "job-function/ViewOnlyAccess"),
        (("ec2:DescribeInstances", "iam:GetRolePolicy"), "ReadOnlyAccess"),
    ],
)
def test_an_administrator_who_only_looks(
    project: Path, scan: Scan, name: str, text: str, actions: tuple[str, ...], instead: str
) -> None:
    before = text.replace("POLICY", "AdministratorAccess")
    (project / name).write_text(before)
    usage = seen(project, *actions)
    (finding,) = found(scan("--usage", usage), "IAM101")
    # That nobody wrote data would not have shown, so a human must say yes to it.
    assert finding["replacement"]["applicability"] == "unsafe"
    assert scan("--usage", usage, "--fix")["exit"] == 1
    assert (project / name).read_text() == before
    report = scan("--usage", usage, "--fix=all")
    assert (found(report, "IAM101", "IAM502"), report["exit"]) == ([], report["exit"])
    assert (project / name).read_text() == text.replace("POLICY", instead)


def test_a_machine_gets_what_it_reads(project: Path, scan: Scan) -> None:
    trust = 'Principal = { Service = "ec2.amazonaws.com" }\n      Action    = "sts:AssumeRole"'
    head, _, rest = AUDITOR_HCL.partition("Principal =")
    text = head + trust + rest.partition('"true" } }')[2]
    (project / "main.tf").write_text(text.replace("POLICY", "IAMFullAccess"))
    usage = seen(project, "iam:ListRoles")
    (finding,) = found(scan("--usage", usage), "IAM103")
    assert "IAMReadOnlyAccess" not in finding["replacement"]["edit"]
    assert '"iam:ListRoles"' in finding["replacement"]["edit"]
    fixed(scan, finding["replacement"]["edit"], project, "--usage", usage)


GAP = [
    (
        name,
        text.replace("Bool ", "BoolIfExists ")
        .replace("Bool:", "BoolIfExists:")
        .replace("POLICY", "IAMReadOnlyAccess"),
    )
    for name, text in AUDITOR
]


@pytest.mark.parametrize(("name", "text"), GAP)
def test_a_condition_on_mfa_that_keys_get_around(
    project: Path, scan: Scan, name: str, text: str, stubbed_terraform: Any
) -> None:
    (project / name).write_text(text)
    (finding,) = found(scan())
    assert finding["rule"] == "IAM203"
    assert covered(finding, project) == "BoolIfExists"
    assert finding["replacement"]["applicability"] == "safe"
    fixed(scan, finding["replacement"]["edit"], project)
    assert (project / name).read_text() == text.replace("BoolIfExists", "Bool")
    if name.endswith(".tf"):
        terraform_accepts(project)
        (role,) = (
            change["change"]["after"]
            for change in stubbed_terraform.plan(project)["resource_changes"]
            if change["type"] == "aws_iam_role"
        )
        (statement,) = json.loads(role["assume_role_policy"])["Statement"]
        assert statement["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


WITHOUT_HCL = """\
resource "aws_iam_user" "ann" {
  name = "ann"
}

resource "aws_iam_role" "admin" {
  name = "admin"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = aws_iam_user.ann.arn }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "admin" {
  role       = aws_iam_role.admin.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess" # iamlint: ignore[IAM101] because this is the break-glass role
}
"""


CONSOLE_HCL = """\
resource "aws_iam_user_login_profile" "ann" {
  user                    = aws_iam_user.ann.name
  password_reset_required = true
}
"""


def test_an_administrator_without_mfa(project: Path, scan: Scan, stubbed_terraform: Any) -> None:
    (project / "main.tf").write_text(WITHOUT_HCL)
    (project / "console.tf").write_text(CONSOLE_HCL)
    (finding,) = found(scan(), "IAM202")
    assert finding["severity"] == "high"
    assert finding["replacement"]["applicability"] == "safe"
    apply(finding["replacement"]["edit"], project)
    by_git = contents(project)
    (project / "main.tf").write_text(WITHOUT_HCL)
    assert found(scan("--fix"), "IAM202", "IAM203") == []
    assert contents(project) == by_git
    terraform_accepts(project)
    (project / "console.tf").unlink()  # the stub knows no login profiles
    plan = stubbed_terraform.plan(project, known=True)
    (role,) = (
        change["change"]["after"]
        for change in plan["resource_changes"]
        if change["type"] == "aws_iam_role"
    )
    (statement,) = json.loads(role["assume_role_policy"])["Statement"]
    assert statement["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


OUTSIDE = [
    (
        "main.tf",
        """\
resource "aws_s3_bucket_policy" "reports" {
  bucket = "acme-reports"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::999988887777:role/reader" }
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::acme-reports/*"
    }]
  })
}
""",
    ),
    (
        "reports.yaml",
        """\
Resources:
  Reports:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: acme-reports
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: arn:aws:iam::999988887777:role/reader
            Action: s3:GetObject
            Resource: arn:aws:s3:::acme-reports/*
""",
    ),
]


@pytest.mark.parametrize(("name", "text"), OUTSIDE)
def test_access_from_outside_is_told_and_left_to_a_human(
    project: Path, scan: Scan, name: str, text: str
) -> None:
    """Whether it is meant no log can tell: nothing is written, and what is meant is configured."""
    (project / name).write_text(text)
    own = ("--account", "111122223333")
    report = scan(*own, "--fix=all")
    (finding,) = found(report, "IAM302")
    assert "999988887777:role/reader" in covered(finding, project)
    assert finding["replacement"] is None
    assert (project / name).read_text() == text
    (project / ".iamlint.toml").write_text('trusted-accounts = ["999988887777"]\n')
    assert found(scan(*own)) == []
