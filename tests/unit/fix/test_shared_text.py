"""One text that serves several principals: written only where the use of all agrees to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iamlint.engine import registry, runner
from iamlint.finding import Replacement
from iamlint.fix.plan import plan
from iamlint.rule import Settings
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions
from iamlint.usage.profile import PrincipalUsage, UsageProfile

from .conftest import ACCOUNT, COVERAGE, used

RULES = tuple(rule for rule in registry.load().rules if rule.code in ("IAM103", "IAM106"))


def role(label: str, name: str, loop: str = "") -> str:
    return f"""
resource "aws_iam_role" "{label}" {{
  {loop}
  name               = {name}
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [] }})
}}
"""


TWO = role("app", "each.key", 'for_each = toset(["one-app", "two-app"])')
INLINE = """
resource "aws_iam_role_policy" "app" {
  for_each = aws_iam_role.app
  role     = each.value.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sns:*", Resource = "*" }]
  })
}
"""
ATTACHED = """
resource "aws_iam_role_policy_attachment" "app" {
  for_each   = aws_iam_role.app
  role       = each.value.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSNSFullAccess"
}
"""
DOCUMENT = """
data "aws_iam_policy_document" "both" {
  statement {
    actions   = ["sns:*"]
    resources = ["*"]
  }
}
resource "aws_iam_role_policy" "one" {
  role   = ROLE1
  policy = data.aws_iam_policy_document.both.json
}
resource "aws_iam_role_policy" "two" {
  role   = ROLE2
  policy = data.aws_iam_policy_document.both.json
}
"""
APART = role("one", '"one-app"') + role("two", '"two-app"')
MODULE = (
    """
variable "name" {}
"""
    + role("app", "var.name")
    + INLINE.replace("for_each = aws_iam_role.app", "").replace(
        "each.value.name", "aws_iam_role.app.name"
    )
)
CALLS = """
module "one" {
  source = "./app"
  name   = "one-app"
}
module "two" {
  source = "./app"
  name   = "two-app"
}
"""

VARYING = 'variable "topic" {}\n' + MODULE.replace('Resource = "*"', "Resource = var.topic")
VARYING_CALLS = CALLS.replace(
    '"one-app"', f'"one-app"\n  topic  = "arn:aws:sns:eu-west-1:{ACCOUNT}:one"'
).replace('"two-app"', f'"two-app"\n  topic  = "arn:aws:sns:eu-west-1:{ACCOUNT}:two"')
ATTACHING = (
    """
variable "name" {}
"""
    + role("app", "var.name")
    + ATTACHED.replace("for_each   = aws_iam_role.app", "").replace(
        "each.value.name", "aws_iam_role.app.name"
    )
)
FILE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sns:*", "Resource": "${topic}"}],
    },
    indent=2,
)
TEMPLATED = (
    VARYING.partition("  policy =")[0]
    + """\
  policy = templatefile("${path.module}/policy.json", { topic = var.topic })
}
"""
)

ONE = used(sns_CreateTopic=f"arn:aws:sns:eu-west-1:{ACCOUNT}:one")
OTHER = used(sns_DeleteTopic=f"arn:aws:sns:eu-west-1:{ACCOUNT}:two")


def proposed(
    folder: Path, files: dict[str, str], uses: dict[str, PrincipalUsage]
) -> list[Replacement]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    sandbox = Sandbox(folder, cwd=folder)
    project = read(sorted(files), sandbox, ReadOptions())
    profile = UsageProfile(
        coverage=[COVERAGE],
        principals={f"arn:aws:iam::{ACCOUNT}:role/{name}": use for name, use in uses.items()},
    )
    findings = runner.check(project, RULES, profile, Settings()).findings
    planned = plan(findings, project, sandbox, ReadOptions())
    return [each.finding.replacement for each in planned if each.finding.replacement]


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": TWO + INLINE},
        {"main.tf": TWO + ATTACHED},
        {
            "main.tf": APART
            + DOCUMENT.replace("ROLE1", "aws_iam_role.one.name").replace(
                "ROLE2", "aws_iam_role.two.name"
            )
        },
        {"main.tf": CALLS, "app/main.tf": MODULE},
        {"main.tf": VARYING_CALLS, "app/main.tf": VARYING},
        {"main.tf": VARYING_CALLS, "app/main.tf": TEMPLATED, "app/policy.json": FILE},
        {"main.tf": CALLS, "app/main.tf": ATTACHING},
        {
            "a/main.tf": CALLS.partition('module "two"')[0].replace("./app", "../app"),
            "b/main.tf": 'module "two"'
            + CALLS.partition('module "two"')[2].replace("./app", "../app"),
            "app/main.tf": ATTACHING,
        },
    ],
    ids=[
        "for_each",
        "for_each attachment",
        "document",
        "module",
        "module with other values",
        "file with other values",
        "attachment of a module",
        "attachment of a module of two roots",
    ],
)
def test_what_any_of_them_used_stays(tmp_path: Path, files: dict[str, str]) -> None:
    found, *same = proposed(tmp_path, files, {"one-app": ONE, "two-app": OTHER})
    assert all(each.edit == found.edit for each in same)
    assert found.applicability == "safe", found.why_not_safe
    assert "sns:CreateTopic" in found.edit
    assert "sns:DeleteTopic" in found.edit
    assert "sns:SetTopicAttributes" not in found.edit.replace("-", "")


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        (
            DOCUMENT.replace("ROLE1", "aws_iam_role.one.name").replace(
                "ROLE2", "aws_iam_role.two.name"
            ),
            {"one-app": ONE},
        ),
        (
            DOCUMENT.replace("ROLE1", "aws_iam_role.one.name").replace("ROLE2", '"elsewhere"'),
            {"one-app": ONE, "two-app": OTHER},
        ),
        (
            'locals { all = { a = aws_iam_role.one.name, b = "elsewhere" } }\n'
            + INLINE.replace("aws_iam_role.app", "local.all").replace(
                "each.value.name", "each.value"
            ),
            {"one-app": ONE, "two-app": OTHER},
        ),
        (
            DOCUMENT.replace("ROLE1", "aws_iam_role.one.name").partition(
                'resource "aws_iam_role_policy" "two"'
            )[0]
            + """
resource "aws_iam_policy" "limit" {
  policy = data.aws_iam_policy_document.both.json
}
resource "aws_iam_role" "limited" {
  name                 = "limited"
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [] })
  permissions_boundary = aws_iam_policy.limit.arn
}
""",
            {"one-app": ONE, "two-app": OTHER, "limited": ONE},
        ),
    ],
    ids=["one is unknown", "one is not declared", "one of a loop is not declared", "a boundary"],
)
def test_who_else_it_serves_is_not_known(
    tmp_path: Path, text: str, uses: dict[str, PrincipalUsage]
) -> None:
    for found in proposed(tmp_path, {"main.tf": APART + text}, uses):
        assert found.applicability == "display", found.edit
        assert "no edit: " in found.why_not_safe
