"""What a principal can do, with Deny, limits and conditions counted."""

from __future__ import annotations

from typing import Any

from iamlint.iam import managed
from iamlint.iam.decode import from_json
from iamlint.iam.effective import Effective
from iamlint.iam.policy import Policy


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> Policy:
    return from_json({"Version": "2012-10-17", "Statement": list(statements)}, "policy.json")


def test_a_deny_takes_away() -> None:
    denied = {**allow("iam:PassRole"), "Effect": "Deny"}
    effective = Effective([policy(allow("iam:*"), denied)])
    assert effective.access("iam:PassRole").allowed is False
    user = effective.access("IAM:getuser")
    assert (user.action, user.allowed, user.everywhere) == ("iam:GetUser", True, True)
    assert effective.administrator is False


def test_a_deny_on_some_resources_leaves_the_others() -> None:
    denied = {**allow("s3:*", "arn:aws:s3:::a/*"), "Effect": "Deny"}
    access = Effective([policy(allow("s3:GetObject"), denied)]).access("s3:GetObject")
    assert access.allowed is True
    assert access.everywhere is False
    assert access.example is not None
    assert not access.example.resource.startswith("arn:aws:s3:::a/")


def test_only_resources_that_the_action_acts_on_count() -> None:
    effective = Effective([policy(allow("s3:*", "arn:aws:s3:::b/*"))])
    assert effective.access("s3:GetObject").allowed is True
    assert effective.access("s3:ListBucket").allowed is False
    assert "s3:PutObject" in effective.actions("s3")
    assert "s3:ListBucket" not in effective.actions("s3")


def test_limits_are_intersected() -> None:
    boundary = policy(allow("s3:Get*", "arn:aws:s3:::x/*"))
    effective = Effective([policy(allow("s3:*"))], [[boundary]])
    access = effective.access("s3:GetObject")
    assert access.allowed is True
    assert access.example is not None
    assert access.example.resource.startswith("arn:aws:s3:::x/")
    assert effective.access("s3:PutObject").allowed is False


def test_conditions_are_named() -> None:
    limited = allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    effective = Effective([policy(limited)])
    access = effective.access("ec2:RunInstances")
    (grant,) = access.grants
    assert [str(condition.key) for condition in grant.conditions] == ["aws:MultiFactorAuthPresent"]
    assert access.example is not None
    assert access.example.context == {"aws:MultiFactorAuthPresent": "true"}
    assert access.everywhere is False
    assert effective.administrator is False


def test_administrators() -> None:
    assert Effective([policy(allow("*"))]).administrator is True
    halves = policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, allow("iam:*"))
    assert Effective([halves]).administrator is True
    power = managed.lookup("PowerUserAccess")
    assert power is not None
    effective = Effective([power.policy])
    assert effective.administrator is False
    assert effective.access("iam:CreateUser").allowed is False
    assert effective.access("ec2:RunInstances").everywhere is True
