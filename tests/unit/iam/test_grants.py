"""What statements grant in the end, and how wide that is."""

from __future__ import annotations

from typing import Any

import pytest

from iamlint.iam import grants, mfa, narrowing, quotas
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Element, Policy, Statement
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Hole, Text


def policy(*statements: dict[str, Any], kind: str = "identity") -> Policy:
    return from_json({"Version": "2012-10-17", "Statement": list(statements)}, "test", kind)


def statement(**elements: Any) -> Statement:
    return policy({"Effect": "Allow", "Resource": "*", **elements}).statements[0]


def element(*parts: str | Hole) -> Element:
    return Element(Text.of(*parts), Place(SourceText("test", ""), Span(0, 0)))


@pytest.mark.parametrize("text", ["*", "**", "*:*", "*:**", "**:*"])
def test_every_action(text: str) -> None:
    assert grants.takes_every_action(element(text))
    assert grants.whole_service(element(text)) is None


@pytest.mark.parametrize("text", ["s3:*", "*:Get*", "?*:Get", "iam:*", "*a", ""])
def test_not_every_action(text: str) -> None:
    assert not grants.takes_every_action(element(text))


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("s3:*", "s3"),
        ("S3:**", "s3"),
        ("s3:Get*", None),
        ("s3", None),
        ("s3:*Get", None),
        ("s*:*", None),
    ],
)
def test_whole_service(text: str, service: str | None) -> None:
    assert grants.whole_service(element(text)) == service


def test_not_action_is_what_is_left() -> None:
    left = grants.actions(statement(NotAction=["s3:*", "EC2:run*"]))
    assert "s3:GetObject" not in left
    assert "ec2:RunInstances" not in left
    assert {"ec2:StartInstances", "iam:PassRole"} <= left


def test_of_a_not_action_with_holes_nothing_is_known() -> None:
    made = statement(NotAction="s3:*")
    import msgspec

    holed = msgspec.structs.replace(made, actions=(element(Hole("var.x"), ":*"),))
    assert grants.actions(holed) == frozenset()


@pytest.mark.parametrize("text", ["*", "**", "arn:aws:*", "arn:*:*:*:*:*", "arn:aws:*:*:*:*"])
def test_every_resource(text: str) -> None:
    assert grants.every_resource(text)


@pytest.mark.parametrize("text", ["arn:aws:s3:::*", "arn:aws:*:eu-west-1:*:*", "?", "b*"])
def test_not_every_resource(text: str) -> None:
    assert not grants.every_resource(text)


@pytest.mark.parametrize(
    ("text", "action", "expected"),
    [
        ("arn:aws:s3:::*", "s3:GetObject", True),
        ("arn:aws:s3:::*/*", "s3:GetObject", True),
        ("arn:aws:s3:::logs-*", "s3:GetObject", False),
        ("arn:aws:s3:::*-logs/*", "s3:GetObject", False),
        ("arn:aws:sqs:*:*:*", "sqs:SendMessage", True),
        ("arn:aws:sqs:eu-west-1:*:*", "sqs:SendMessage", False),
        ("arn:aws:dynamodb:*:*:table/*", "dynamodb:PutItem", True),
        ("arn:aws:ec2:*:*:subnet/*", "ec2:RunInstances", False),
        ("arn:aws:s3:::*", "ec2:DescribeInstances", False),
        ("*", "ec2:DescribeInstances", True),
    ],
)
def test_all_of_type(text: str, action: str, expected: bool) -> None:
    assert grants.all_of_type(text, action) is expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("*",), True),
        (("arn:aws:iam::111122223333:role/*",), True),
        (("arn:aws:iam::*:role/*",), True),
        (("arn:aws:iam::", Hole("AWS::AccountId", "account"), ":role/*"), True),
        (("arn:aws:iam::", Hole("var.account"), ":role/*"), False),
        (("arn:aws:iam::*:role/app-*",), False),
        (("arn:aws:iam::*:user/*",), False),
        (("role/*",), False),
    ],
)
def test_every_role(parts: tuple[str | Hole, ...], expected: bool) -> None:
    assert grants.every_role(element(*parts)) is expected


def test_denied_counts_only_what_is_always_denied() -> None:
    made = policy(
        {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"},
        {
            "Effect": "Deny",
            "Action": "s3:PutObject",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )
    assert grants.denied([made]) == {"s3:DeleteBucket"}


def test_administrator_and_power_user() -> None:
    everything = grants.actions(statement(Action="*"))
    without_iam = everything - grants.actions(statement(Action="iam:*"))
    assert grants.administrator(everything)
    assert not grants.power_user(everything)
    assert grants.power_user(without_iam)
    assert not grants.administrator(without_iam)
    assert not grants.administrator(grants.actions(statement(Action="iam:*")))


@pytest.mark.parametrize(
    ("condition", "about"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-x"}}, ["organization"]),
        ({"StringEquals": {"AWS:ResourceTag/Team": "a"}}, ["resource"]),
        ({"StringEquals": {"ec2:ResourceTag/Team": "a"}}, ["resource"]),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-x/*"}}, ["organization"]),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, ["mfa"]),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, ["network"]),
        ({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/0"]}}, []),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-x"}}, []),
        ({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-x"}}, []),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-x"}}, []),
        ({"StringLike": {"aws:PrincipalOrgID": "*"}}, []),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}}, []),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}, ["principal"]),
        ({"Null": {"aws:PrincipalOrgID": "false"}}, []),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, []),
    ],
)
def test_narrowings(condition: dict[str, Any], about: list[str]) -> None:
    made = statement(Action="s3:*", Condition=condition)
    assert [found.about for found in narrowing.narrowings(made)] == about


OPEN = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}


@pytest.mark.parametrize(
    ("deny", "key"),
    [
        (
            {"Action": "s3:*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-x"}}},
            "aws:principalorgid",
        ),
        (
            {
                "Action": "*",
                "Condition": {"NotIpAddressIfExists": {"aws:SourceIp": "192.0.2.0/24"}},
            },
            "aws:sourceip",
        ),
        (
            {
                "Action": "s3:PutObject",
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-x"}},
            },
            None,
        ),
        ({"Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, None),
        (
            {
                "NotAction": "s3:Put*",
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-x"}},
            },
            None,
        ),
    ],
)
def test_a_deny_beside_it_keeps_unknown_callers_out(deny: dict[str, Any], key: str | None) -> None:
    made = policy(
        OPEN, {"Effect": "Deny", "Principal": "*", "Resource": "*", **deny}, kind="resource"
    )
    assert narrowing.known_callers(made, made.statements[0]) == key


PRESENT, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"


@pytest.mark.parametrize(
    ("condition", "absent", "false", "true"),
    [
        ({"Bool": {PRESENT: "true"}}, False, False, True),
        ({"BoolIfExists": {PRESENT: "true"}}, True, False, True),
        ({"Null": {PRESENT: "false"}}, False, True, True),
        ({"Null": {PRESENT: True}}, True, False, False),
        ({"Bool": {PRESENT: False}}, False, True, False),
        ({"BoolIfExists": {PRESENT: "false"}}, True, True, False),
        ({"NumericLessThan": {AGE: "3600"}}, False, False, None),
        ({"NumericGreaterThanIfExists": {AGE: "3600"}}, True, True, None),
        ({"Bool": {PRESENT: "true"}, "NumericLessThan": {AGE: "3600"}}, False, False, None),
    ],
)
def test_mfa_conditions_on_the_three_callers(
    condition: dict[str, Any], absent: bool, false: bool, true: bool | None
) -> None:
    """The table of the IAM User Guide's page on MFA-protected API access, tried row by row."""
    made = statement(Action="*", Condition=condition)
    assert mfa.reached(made) == {"absent": absent, "false": false, "true": true}


@pytest.mark.parametrize(
    ("conditions", "refuses"),
    [
        ([{"BoolIfExists": {PRESENT: "false"}}], True),
        ([{"Bool": {PRESENT: "false"}}], False),
        ([{"Bool": {PRESENT: "false"}}, {"Null": {PRESENT: "true"}}], True),
        ([{"BoolIfExists": {PRESENT: "false", "aws:ViaAWSService": "false"}}], True),
        (
            [
                {
                    "BoolIfExists": {PRESENT: "false"},
                    "StringEquals": {"aws:RequestedRegion": "eu-west-1"},
                }
            ],
            False,
        ),
    ],
)
def test_deny_statements_that_refuse(conditions: list[dict[str, Any]], refuses: bool) -> None:
    made = policy(
        *(
            {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": each}
            for each in conditions
        )
    )
    assert mfa.refuses([made]) is refuses


def test_least_size_counts_no_hole_and_nothing_twice() -> None:
    made = policy({"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObject"], "Resource": "*"})
    shortest = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
    assert quotas.least_size(made) == len(shortest)
