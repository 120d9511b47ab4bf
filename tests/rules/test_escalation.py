"""IAM401 and IAM402 on whole projects: every path in both languages, and very many roles."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from iamlint.iam.escalation_paths import PATHS, Path
from iamlint.rule import Example
from iamlint.testing import findings
from iamlint_rules.escalation.privilege_escalation import PrivilegeEscalation
from iamlint_rules.escalation.role_chain_to_admin import RoleChainToAdmin

RULES = [PrivilegeEscalation(), RoleChainToAdmin()]


def policy(path: Path, *more: dict[str, Any]) -> str:
    allow = {"Effect": "Allow", "Action": list(path.actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow, *more]})


def kind(path: Path) -> str:
    return "role" if path.subject == "self" and path.kind == "role" else "user"


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def terraform(path: Path, *more: dict[str, Any]) -> Example:
    who = kind(path)
    trust = f"\n  assume_role_policy = jsonencode({TRUST})" if who == "role" else ""
    text = f"""
resource "aws_iam_{who}" "me" {{
  name = "me"{trust}
}}
resource "aws_iam_policy" "mine" {{
  name   = "mine"
  policy = jsonencode({policy(path, *more)})
}}
resource "aws_iam_{who}_policy_attachment" "mine" {{
  {who}      = aws_iam_{who}.me.name
  policy_arn = aws_iam_policy.mine.arn
}}
"""
    return Example(kind="tricky", language="terraform", written=text)


def cloudformation(path: Path, *more: dict[str, Any]) -> Example:
    who = kind(path)
    me: dict[str, Any] = {
        "Type": f"AWS::IAM::{who.title()}",
        "Properties": {"ManagedPolicyArns": [{"Ref": "Mine"}]},
    }
    if who == "role":
        me["Properties"]["AssumeRolePolicyDocument"] = json.loads(TRUST)
    mine = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": json.loads(policy(path, *more))},
    }
    text = json.dumps({"Resources": {"Me": me, "Mine": mine}}, indent=1)
    return Example(kind="tricky", language="cloudformation", written=text)


def told(example: Example) -> list[str]:
    """The paths that are told or counted, for a project with one principal."""
    found = findings(RULES, example)
    assert len(found) <= 1
    return [note for finding in found for note in finding.notes]


TOLD = [path for path in PATHS if path.id != "sts-001"]
"""Of sts:AssumeRole on every role IAM115 speaks."""


@pytest.mark.parametrize("form", [terraform, cloudformation])
@pytest.mark.parametrize("path", TOLD, ids=[path.id for path in TOLD])
def test_every_path_is_one_finding(path: Path, form: Any) -> None:
    notes = " ".join(told(form(path)))
    assert path.id in notes or not path.listed
    deny = {"Effect": "Deny", "Action": path.actions[-1], "Resource": "*"}
    assert path.id not in " ".join(told(form(path, deny)))


@pytest.mark.parametrize("form", [terraform, cloudformation])
def test_an_administrator_is_no_finding(form: Any) -> None:
    path = PATHS[0]
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert told(form(path, everything)) == []


def test_a_boundary_is_no_policy_that_somebody_holds() -> None:
    text = """
    resource "aws_iam_policy" "boundary" {
      name = "boundary"
      policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = ["iam:CreateRole", "iam:PutRolePolicy"], Resource = "arn:aws:iam::*:role/app-*" }]
      })
    }
    resource "aws_iam_user" "bob" {
      name                 = "bob"
      permissions_boundary = aws_iam_policy.boundary.arn
    }
    """
    assert findings(RULES, Example(kind="tricky", language="terraform", written=text)) == ()


def crowd(statements: list[dict[str, Any]], number: int) -> str:
    """A template with one administrator and very many roles of the same statements, each its own."""
    trust = json.loads(TRUST)
    trust["Statement"][0]["Principal"] = {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}
    resources: dict[str, Any] = {
        "Admin": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": f"role-{number}",
                "AssumeRolePolicyDocument": trust,
                "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
            },
        }
    }
    for n in range(number):
        text = json.dumps(statements).replace("NEXT", f"role-{n + 1}").replace("SELF", f"role-{n}")
        resources[f"Role{n}"] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": f"role-{n}",
                "AssumeRolePolicyDocument": trust,
                "Policies": [
                    {
                        "PolicyName": "p",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": json.loads(text),
                        },
                    }
                ],
            },
        }
    return json.dumps({"Resources": resources})


CROWDS: dict[str, list[dict[str, Any]]] = {
    "a chain from one to the next": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/NEXT"}
    ],
    "everyone may assume everyone": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/*"}
    ],
    "policies that are all different": [
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole", "lambda:*", "ecs:*", "ec2:*"],
            "Resource": ["*", "arn:aws:iam::*:role/NEXT"],
        },
        {"Effect": "Deny", "Action": "*", "NotResource": ["*", "arn:aws:iam::*:role/NEXT"]},
        {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:iam::*:role/NEXT"},
    ],
    "passing with conditions and Deny": [
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole", "lambda:*", "ecs:*", "ec2:*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/role": "SELF"}},
        },
        {"Effect": "Deny", "Action": "iam:PassRole", "NotResource": "arn:aws:iam::*:role/NEXT"},
    ],
}


@pytest.mark.parametrize("statements", CROWDS.values(), ids=CROWDS)
def test_very_many_roles_are_bounded(statements: list[dict[str, Any]]) -> None:
    """A tenth of what is promised (5,000 roles in 10 s of CPU), to keep the suite fast."""
    text = crowd(statements, 500)
    example = Example(kind="tricky", language="cloudformation", written=text)
    began = time.process_time()
    findings(RULES, example)
    assert time.process_time() - began < 8


def test_what_was_not_followed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from iamlint.iam.reach import Solved

    start = Solved.__init__
    monkeypatch.setattr(Solved, "__init__", lambda self: start(self, 5))
    text = crowd(CROWDS["passing with conditions and Deny"], 20)
    found = findings(RULES, Example(kind="tricky", language="cloudformation", written=text))
    assert [(str(f.severity), "not every path" in f.message) for f in found] == [("info", True)]
