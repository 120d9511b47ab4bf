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
    assert effective.everything is False


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
    assert effective.everything is False


def test_everything() -> None:
    assert Effective([policy(allow("*"))]).everything is True
    halves = policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, allow("iam:*"))
    assert Effective([halves]).everything is True
    power = managed.lookup("PowerUserAccess")
    assert power is not None
    effective = Effective([power.policy])
    assert effective.everything is False
    assert effective.access("iam:CreateUser").allowed is False
    assert effective.access("ec2:RunInstances").everywhere is True


def test_on_which_resources_and_under_which_conditions() -> None:
    tagged = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    effective = Effective(
        [
            policy(allow("ec2:StopInstances", "arn:aws:ec2:*:*:instance/*", Condition=tagged)),
            policy(
                allow("ec2:*", ["arn:aws:ec2:us-east-1:*:instance/*", "arn:aws:s3:::b"]),
                {**allow("ec2:StopInstances"), "Effect": "Deny", "Condition": tagged},
            ),
        ]
    )
    access = effective.access("ec2:StopInstances")
    # The first statement is taken away wholly by the Deny, so only the second one allows it.
    assert access.allowed is True
    assert access.on() == ("arn:aws:ec2:us-east-1:*:instance/*",)  # no bucket is stopped
    assert access.unconditional
    assert access.everywhere is False
    assert effective.access("ec2:TerminateInstances").on() == access.on()
    left_out = {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::x/*"}
    assert Effective([policy(left_out)]).access("s3:GetObject").on() == ("*",)


def test_what_is_not_wholly_known_is_not_denied() -> None:
    open_ = from_json({"Version": "2012-10-17", "Statement": 1}, "policy.json")
    access = Effective([open_]).access("s3:GetObject")
    assert (access.allowed, access.everywhere, access.on()) == (None, None, ())
