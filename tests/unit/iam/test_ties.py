"""Keys that are tied to one another: no proof hangs on, and no example is, what cannot occur."""

from __future__ import annotations

from typing import Any

import pytest

from iamlint.iam.compare import Answer, within
from iamlint.iam.condition import Context
from iamlint.iam.contradiction import contradiction
from iamlint.iam.decode import from_json

MINE, OTHER = "111122223333", "444455556666"


def compare(new: dict[str, Any], old: dict[str, Any], resource: str = "*") -> Answer:
    """One statement under other conditions, as an identity policy."""
    sides = [
        from_json(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Action": "dynamodb:GetItem",
                    "Resource": resource,
                    "Condition": condition,
                },
            },
            name,
        )
        for name, condition in (("new.json", new), ("old.json", old))
    ]
    return within(sides[:1], sides[1:])


def present(key: str) -> dict[str, Any]:
    return {"Null": {key: "false"}}


ROLES = "arn:aws:iam::111122223333:role/*"


@pytest.mark.parametrize(
    ("new", "old"),
    [
        # An age is that of an MFA.
        (
            {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
            {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        ),
        (present("aws:MultiFactorAuthAge"), present("aws:MultiFactorAuthPresent")),
        # A service in the chain calls for the principal.
        (
            {"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}},
            {"BoolIfExists": {"aws:ViaAWSService": "true"}},
        ),
        ({"StringEquals": {"aws:CalledViaFirst": "a.amazonaws.com"}}, present("aws:CalledViaLast")),
        # An endpoint hides the address.
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, {"Null": {"aws:SourceIp": "true"}}),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, {"Null": {"aws:SourceVpc": "true"}}),
        # Accounts and the ARNs in them.
        (
            {"ArnLike": {"aws:PrincipalArn": ROLES}},
            {"StringEquals": {"aws:PrincipalAccount": MINE}},
        ),
        (
            {"StringEquals": {"aws:PrincipalAccount": MINE}},
            {"ArnLike": {"aws:PrincipalArn": f"arn:*:*::{MINE}:*"}},
        ),
        (
            {"StringEquals": {"aws:PrincipalAccount": MINE}},
            {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/x"}},
        ),
        ({"ArnLike": {"aws:PrincipalArn": ROLES}}, {"Null": {"aws:username": "true"}}),
        (
            {"StringEquals": {"aws:PrincipalType": "User"}},
            {"ArnLike": {"aws:PrincipalArn": "arn:aws*:iam::*:user/*"}},
        ),
        (
            {
                "ArnLike": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{MINE}:t"},
                "StringLike": {"aws:SourceAccount": "*"},
            },
            {"StringEquals": {"aws:SourceAccount": MINE}},
        ),
        # The organization and the path in it.
        (
            {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
            {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}},
        ),
        (
            {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-1/ou-1/*"}},
            {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        ),
        # Only services have a service's name.
        (
            {"StringEquals": {"aws:PrincipalServiceName": "sns.amazonaws.com"}},
            {"Bool": {"aws:PrincipalIsAWSService": "true"}},
        ),
    ],
)
def test_ties_that_aws_documents_prove(new: dict[str, Any], old: dict[str, Any]) -> None:
    assert compare(new, old).contained is True


def test_the_arn_of_a_resource_tells_its_account() -> None:
    owned = {"StringEquals": {"aws:ResourceAccount": MINE}}
    table = "arn:aws:dynamodb:us-east-1:{}:table/t"
    there = present("aws:ResourceAccount")
    assert compare(there, owned, table.format(MINE)).contained is True
    answer = compare(there, owned, table.format(OTHER))
    assert answer.contained is False
    assert answer.witness is not None
    assert answer.witness.context == {"aws:ResourceAccount": OTHER}
    anywhere = compare(there, owned, table.format("*"))
    assert anywhere.witness is not None
    account = anywhere.witness.context["aws:ResourceAccount"]
    assert account != MINE
    assert anywhere.witness.resource == table.format(account)


@pytest.mark.parametrize("accounts", [(MINE, OTHER), (OTHER, MINE)])
def test_each_account_of_the_resources_is_looked_at(accounts: tuple[str, str]) -> None:
    """Resources that the same statements are about differ by the account that owns them."""
    resources = [f"arn:aws:dynamodb:us-east-1:{each}:table/t" for each in accounts]
    condition = {"StringEquals": {"aws:ResourceAccount": OTHER}}
    statement = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": resources}
    sides = [
        from_json({"Version": "2012-10-17", "Statement": [each]}, "p")
        for each in (
            {**statement, "Condition": condition},
            {**statement, "Resource": resources, "Action": "dynamodb:GetItem"},
        )
    ]
    answer = within(sides[:1], sides[1:])
    assert answer.contained is False
    assert answer.witness is not None
    assert f":{OTHER}:" in answer.witness.resource


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, present("aws:MultiFactorAuthAge")),
        # A policy variable may stand for the account or the name.
        (
            {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/x*"}},
            present("aws:PrincipalTag/a"),
        ),
        (
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/${aws:PrincipalTag/team}"}},
            present("aws:PrincipalTag/a"),
        ),
        (
            {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/x*"}},
            present("aws:PrincipalTag/a"),
        ),
        ({"Bool": {"aws:ViaAWSService": "true"}}, present("aws:CalledVia")),
        ({"Null": {"aws:SourceIp": "true"}}, present("aws:SourceVpce")),
        (
            {"StringEquals": {"aws:PrincipalAccount": MINE}},
            {"ArnLike": {"aws:PrincipalArn": ROLES}},
        ),
        (
            {"StringLike": {"aws:PrincipalAccount": "*"}},
            {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{MINE}:*"}},
        ),
        (
            {"StringLike": {"aws:PrincipalArn": "*"}},
            {"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{MINE}:role/admin"}},
        ),
        (
            {"StringEquals": {"aws:RequestTag/team": "a"}},
            {
                "StringEquals": {"aws:RequestTag/team": "a"},
                "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]},
            },
        ),
    ],
)
def test_examples_keep_to_the_ties(new: dict[str, Any], old: dict[str, Any]) -> None:
    answer = compare(new, old)
    assert answer.contained is False
    assert answer.witness is not None
    context = answer.witness.context
    assert not contradiction(context)
    arn = context.get("aws:PrincipalArn")
    if isinstance(arn, str):
        assert arn.startswith("arn:aws:iam::")
        assert answer.witness.principal == arn
    tags = context.get("aws:TagKeys")
    if tags is not None:
        assert "team" in tags


@pytest.mark.parametrize("count", [5, 300])
def test_many_accounts_cost_no_more_than_they_tell(count: int) -> None:
    """An ARN of a federated user is in none of these patterns; beyond a few accounts it stays open."""
    accounts = [f"{100_000_000_000 + number}" for number in range(count)]
    answer = compare(
        {"StringEquals": {"aws:PrincipalAccount": accounts}},
        {"ArnLike": {"aws:PrincipalArn": [f"arn:aws:iam::{each}:*" for each in accounts]}},
    )
    assert answer.contained is (False if count < 10 else None)
    if answer.witness is not None:
        assert ":federated-user/" in answer.witness.principal


@pytest.mark.parametrize(
    ("new", "old"),
    [
        # Where AWS may make an exception there is neither proof nor example.
        (present("aws:SourceArn"), {"StringEquals": {"aws:PrincipalServiceName": "x"}}),
        (present("aws:SourceAccount"), {"Bool": {"aws:PrincipalIsAWSService": "true"}}),
        (
            {"Null": {"aws:RequestTag/x": "false"}},
            {"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": "x"}},
        ),
        (
            {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
            {"Bool": {"aws:ViaAWSService": "true"}},
        ),
        (
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}},
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:*:*:*:*"}, "Bool": {"aws:PrincipalIsAWSService": "false"}},
        ),
    ],
)  # fmt: skip
def test_ties_that_may_have_exceptions_leave_it_open(
    new: dict[str, Any], old: dict[str, Any]
) -> None:
    answer = compare(new, old)
    assert answer.contained is None
    assert (answer.reason or "").startswith("key-correlation: ")


@pytest.mark.parametrize(
    "context",
    [
        {"aws:MultiFactorAuthAge": "10", "aws:MultiFactorAuthPresent": "false"},
        {"aws:MultiFactorAuthAge": "10", "aws:MultiFactorAuthPresent": None},
        {"aws:SourceIp": "192.0.2.1", "aws:SourceVpce": "vpce-1"},
        {"aws:PrincipalArn": "x"},
        {"aws:PrincipalArn": f"arn:aws:iam::{MINE}:role/x", "aws:PrincipalAccount": OTHER},
        {"aws:PrincipalArn": f"arn:aws:iam::{MINE}:role/x", "aws:username": "x"},
        {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{MINE}:t", "aws:SourceAccount": OTHER},
        {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalOrgPaths": ["o-zzzzzzzzzz/r-1/"]},
        {"aws:RequestTag/x": "1", "aws:TagKeys": ["y"]},
        {"aws:CurrentTime": "2026-01-01T00:00:00Z", "aws:EpochTime": "0"},
        {"aws:CurrentTime": "2026-01-01T00:00:00Z", "aws:TokenIssueTime": "2026-01-02T00:00:00Z"},
        {"aws:ResourceTag/x": "1", "ec2:ResourceTag/x": "2"},
    ],
)
def test_contexts_that_do_not_occur(context: dict[str, Any]) -> None:
    assert contradiction(context)
    for key in context:
        rest = {other: value for other, value in context.items() if other != key}
        assert not contradiction(rest) or key == "aws:username", rest


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"aws:MultiFactorAuthAge": "10"},
        {"aws:MultiFactorAuthAge": "10", "aws:MultiFactorAuthPresent": "true"},
        {"aws:SourceArn": "arn:aws:s3:::bucket", "aws:SourceAccount": MINE},
        {"aws:SourceVpce": "vpce-1", "aws:SourceVpc": "vpc-1", "aws:SourceIp": None},
        {"aws:TagKeys": ["Team"], "aws:RequestTag/team": "x"},
        {"aws:PrincipalArn": f"arn:aws-cn:iam::{MINE}:user/a/b", "aws:username": "b"},
        {"aws:CurrentTime": "2026-01-01T00:00:00Z", "aws:EpochTime": "1767225600"},
        {"s3:ResourceAccount": "1", "aws:TagKeys": ["${x}", "*"], "aws:RequestTag/*": "1"},
    ],
)
def test_contexts_that_occur(context: dict[str, Any]) -> None:
    assert not contradiction(context)
    assert Context(context) is not None
