"""No request as AWS makes them refutes a proof in which keys are tied to one another."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from iamlint.iam.compare import shows_difference, within
from iamlint.iam.contradiction import contradiction
from iamlint.iam.decide import PolicySet, Request, decide
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Policy

ACCOUNTS = ["111122223333", "444455556666", "777788889999"]
ORGANIZATIONS = {
    "111122223333": "o-a1b2c3d4e5",
    "444455556666": "o-zzzzzzzzzz",
    "777788889999": None,
}


def calls(source: Random) -> tuple[str, str, dict[str, Any]]:
    """Principal, resource and whole context of a request, as a model of AWS makes it."""
    account = source.choice(ACCOUNTS)
    owner = source.choice(ACCOUNTS)
    kind = source.choice(["user", "role", "service"])
    context: dict[str, Any] = {"aws:ResourceAccount": owner}
    principal = f"arn:aws:iam::{account}:{kind}/x"
    if kind == "service":
        name = source.choice(["sns.amazonaws.com", "s3.amazonaws.com"])
        principal = f"Service:{name}"
        context |= {
            "aws:PrincipalIsAWSService": "true",
            "aws:PrincipalServiceName": name,
            "aws:PrincipalServiceNamesList": [name],
            "aws:ViaAWSService": "false",
        }
        if source.random() < 0.7:
            bare = source.random() < 0.3
            context["aws:SourceArn"] = (
                "arn:aws:s3:::b" if bare else f"arn:aws:sns:eu-west-1:{account}:t"
            )
            context["aws:SourceAccount"] = account
            if ORGANIZATIONS[account]:
                context["aws:SourceOrgID"] = ORGANIZATIONS[account]
                context["aws:SourceOrgPaths"] = [f"{ORGANIZATIONS[account]}/r-1/ou-1/"]
        return principal, owner, context
    context |= {
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalArn": principal,
        "aws:PrincipalAccount": account,
        "aws:PrincipalType": "User" if kind == "user" else "AssumedRole",
    }
    if kind == "user":
        context["aws:username"] = "x"
    if ORGANIZATIONS[account]:
        context["aws:PrincipalOrgID"] = ORGANIZATIONS[account]
        context["aws:PrincipalOrgPaths"] = [f"{ORGANIZATIONS[account]}/r-1/ou-1/"]
    mfa = source.choice(["none", "unused", "used"])
    if mfa != "none":
        context["aws:MultiFactorAuthPresent"] = "true" if mfa == "used" else "false"
    if mfa == "used":
        context["aws:MultiFactorAuthAge"] = str(source.choice([10, 5000]))
    chain = source.sample(
        ["athena.amazonaws.com", "kms.amazonaws.com"], source.choice([0, 0, 1, 2])
    )
    context["aws:ViaAWSService"] = "true" if chain else "false"
    if chain:
        context |= {
            "aws:CalledVia": chain,
            "aws:CalledViaFirst": chain[0],
            "aws:CalledViaLast": chain[-1],
        }
    elif source.random() < 0.5:
        context |= {
            "aws:SourceVpc": "vpc-1",
            "aws:SourceVpce": "vpce-1",
            "aws:VpcSourceIp": "10.0.0.1",
        }
    else:
        context["aws:SourceIp"] = source.choice(["192.0.2.1", "198.51.100.1"])
    tags = source.sample(["team", "env"], source.choice([0, 1, 2]))
    if tags:
        context["aws:TagKeys"] = tags
        context |= {f"aws:RequestTag/{tag}": source.choice(["a", "b"]) for tag in tags}
    return principal, owner, context


def condition(source: Random) -> dict[str, dict[str, Any]]:
    """A condition on keys that are tied, with values that requests have."""
    found: dict[str, dict[str, Any]] = {}
    for _ in range(source.choice([1, 1, 2])):
        _, _, context = calls(source)
        key = source.choice(sorted(context))
        value = context[key]
        shape = source.choice(["null", "equal", "not", "exists"])
        if shape == "null":
            operator, wanted = "Null", source.choice(["true", "false"])
        elif key == "aws:MultiFactorAuthAge":
            operator, wanted = "NumericLessThan", "3600"
        elif key.endswith(("SourceIp",)):
            operator, wanted = "IpAddress" if shape == "equal" else "NotIpAddress", value
        elif value in ("true", "false"):
            operator, wanted = "Bool" if shape == "equal" else "BoolIfExists", value
        elif isinstance(value, list):
            each = source.choice(["ForAnyValue:", "ForAllValues:"])
            like = [one[:14] + "*" for one in value] if key.endswith("Paths") else value
            operator = each + ("StringLike" if shape == "equal" else "StringNotLike")
            wanted = like
        elif key.endswith("Arn"):
            wanted = source.choice([value, value.rpartition(":")[0] + ":*"])
            operator = {"equal": "ArnLike", "not": "ArnNotLike"}.get(shape, "ArnLikeIfExists")
        else:
            wanted = value
            operator = {"equal": "StringEquals", "not": "StringNotEquals"}.get(
                shape, "StringEqualsIfExists"
            )
        found.setdefault(operator, {})[key] = wanted
    return found


RESOURCE = "arn:aws:dynamodb:us-east-1:{}:table/t"


def statements_of(source: Random, *, named: bool) -> list[dict[str, Any]]:
    statements = []
    for index in range(source.choice([1, 1, 2])):
        statement: dict[str, Any] = {
            "Effect": "Deny" if index and source.random() < 0.5 else "Allow",
            "Action": "dynamodb:GetItem",
            "Resource": [
                RESOURCE.format(each)
                for each in source.sample(["*", *ACCOUNTS], source.choice([1, 1, 2]))
            ],
            "Condition": condition(source),
        }
        if named:
            statement["Principal"] = source.choice(["*", {"Service": "sns.amazonaws.com"}])
        statements.append(statement)
    return statements


def policy(statements: list[dict[str, Any]], name: str, *, named: bool) -> Policy:
    kind = "resource" if named else "identity"
    return from_json({"Version": "2012-10-17", "Statement": statements}, name, kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(12))
def test_no_request_of_the_model_refutes_an_answer(seed: int) -> None:
    source = Random(seed)
    named = seed % 3 == 2
    seen = {True: 0, False: 0, None: 0}
    for _ in range(25 if named else 60):
        before = statements_of(source, named=named)
        after = statements_of(source, named=named)
        if source.random() < 0.3:
            # The same Allow statements under conditions that may imply those of before.
            limits = [each for each in before if each["Effect"] == "Allow"]
            after = [{**each, "Condition": condition(source)} for each in limits]
        new, old = policy(after, "new.json", named=named), policy(before, "old.json", named=named)
        answer = within([new], [old])
        seen[answer.contained] += 1
        if answer.contained is False:
            assert answer.witness is not None
            assert not contradiction(answer.witness.context)
            assert shows_difference(answer.witness, [new], [old])
        for _ in range(40 if answer.contained else 0):
            principal, owner, context = calls(source)
            if (principal.startswith("Service:")) and not named:
                continue
            request = Request(
                principal,
                "dynamodb:GetItem",
                RESOURCE.format(owner),
                context,
                complete_context=True,
            )
            sides = [_says(each, request, named=named) for each in (new, old)]
            assert sides != [True, False], (new, old, request)
    assert seen[True] >= 1, seen
    assert seen[False] >= 3, seen


DELEGATES = from_json(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": ACCOUNTS},
            "Action": "*",
            "Resource": "*",
        },
    },
    "delegates",
    "resource",
)
ALL = from_json(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
    "all",
)


def _says(policy: Policy, request: Request, *, named: bool) -> bool | None:
    """What a policy says by itself: the other side, if one is asked at all, allows everything."""
    if named:
        return decide(request, PolicySet(identity=[ALL], trust=[policy])).allowed
    return decide(request, PolicySet(identity=[policy], resource=[DELEGATES])).allowed
