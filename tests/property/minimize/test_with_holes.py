"""Random policies with holes, conditions, NotAction, Deny and a boundary, for values of the holes.

Whatever the holes stand for: a replacement grants nothing new, and what was used stays allowed.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.finding import Replacement
from iamlint.iam.decide import PolicySet, Request, decide
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Element, Policy
from iamlint.minimize import Options, outcome
from iamlint.minimize.replay import calls
from iamlint.sources.site import PolicySite, Project
from iamlint.tree import Hole, HoleKind, Text
from iamlint.usage.profile import PrincipalUsage

from .test_replacements import (
    CONDITIONS,
    CONTEXTS,
    OWNER,
    PATTERNS,
    PLACE,
    REQUESTED,
    RESOURCES,
    SEEN,
    A,
    coverage,
    listed,
    usages,
)

KINDS: dict[str, HoleKind] = {
    "partition": "partition",
    "region": "region",
    "account": "account",
    "bucket": "name",
    "queue": "resource",
}
VALUES: list[dict[str, str]] = [
    {
        "partition": "aws",
        "region": "eu-west-1",
        "account": A,
        "bucket": "media",
        "queue": f"arn:aws:sqs:eu-west-1:{A}:mail",
    },
    {
        "partition": "aws",
        "region": "us-east-1",
        "account": "444455556666",
        "bucket": "logs",
        "queue": f"arn:aws:sqs:us-east-1:{A}:other",
    },
]
WITH_HOLES = [
    "arn:‹partition›:s3:::media/*",
    "arn:‹partition›:s3:::‹bucket›",
    "arn:aws:s3:::‹bucket›/*",
    f"arn:aws:sqs:‹region›:{A}:*",
    "arn:‹partition›:sqs:‹region›:‹account›:jobs-*",
    "‹queue›",
    "arn:‹partition›:logs:*:‹account›:log-group:*",
    "arn:aws:iam::‹account›:role/*",
    *RESOURCES,
]
BOUNDARIES = [
    None,
    [{"Effect": "Allow", "Action": ["s3:*", "sqs:*", "logs:*"], "Resource": "*"}],
    [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::logs*"},
    ],
]
_HOLE = re.compile(r"‹(\w+)›")


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))
    }
    named = draw(st.integers(0, 9)) > 0
    statement["Action" if named else "NotAction"] = draw(listed(PATTERNS))
    narrow = draw(st.integers(0, 9)) > 0
    statement["Resource" if narrow else "NotResource"] = draw(
        listed(WITH_HOLES if narrow else [each for each in WITH_HOLES if each != "*"])
    )
    condition = draw(st.sampled_from(CONDITIONS))
    return {**statement, "Condition": condition} if condition else statement


def symbolic(document: dict[str, Any]) -> Policy:
    """The policy with `‹name›` read as holes."""
    policy = from_json(document, "main.tf", "identity")

    def element(each: Element) -> Element:
        parts: list[str | Hole] = []
        for at, part in enumerate(_HOLE.split(str(each))):
            parts.append(Hole(part, KINDS[part]) if at % 2 else part)
        return msgspec.structs.replace(each, text=Text.of(*parts))

    return msgspec.structs.replace(
        policy,
        statements=tuple(
            msgspec.structs.replace(each, resources=tuple(map(element, each.resources)))
            for each in policy.statements
        ),
    )


def concrete(document: dict[str, Any], values: dict[str, str]) -> Policy:
    """The policy as it is deployed where the holes have these values."""
    encoded = msgspec.json.encode(document).decode()
    filled = _HOLE.sub(lambda match: values[match[1]], encoded)
    return from_json(msgspec.json.decode(filled), "deployed", "identity")


def proposed(
    document: dict[str, Any], usage: PrincipalUsage, data: bool, options: Options
) -> Replacement | None:
    site = PolicySite(
        kind="identity",
        form="value",
        language="hcl",
        address="a",
        key="k",
        resource_type="aws_iam_role_policy",
        argument="policy",
        place=PLACE,
        block=PLACE,
        owners=("o",),
        policy=symbolic(document),
    )
    project = Project(sites=[site], owners={"o": OWNER})
    found = outcome(site, project, usage, coverage(data), options)
    return found if isinstance(found, Replacement) else None


def allows(policies: list[Policy], boundary: Any, call: tuple[str, str], context: Any) -> bool:
    limit = (
        None
        if boundary is None
        else (from_json({"Version": "2012-10-17", "Statement": boundary}, "boundary"),)
    )
    request = Request(
        principal=f"arn:aws:iam::{A}:user/ada",
        action=call[0],
        resource=call[1],
        context=context,
        complete_context=True,
        resource_account=A,
    )
    return decide(request, PolicySet(identity=policies, boundary=limit)).effect == "allow"


def of_service(action: str) -> list[str]:
    """The resources that calls of an action may ask for."""
    service = action.partition(":")[0]
    return [each for each in REQUESTED if each == "*" or each.split(":")[2] == service]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(statements(), min_size=1, max_size=3),
    usages(),
    st.booleans(),
    st.sampled_from(BOUNDARIES),
    st.sampled_from([Options(), Options(group="wildcard"), Options(granularity="action")]),
)
def test_for_all_values_of_the_holes(
    written: list[dict[str, Any]],
    usage: PrincipalUsage,
    data: bool,
    boundary: Any,
    options: Options,
) -> None:
    document = {"Version": "2012-10-17", "Statement": written}
    found = proposed(document, usage, data, options)
    if found is None:
        return
    assert found.proof.contained is not False
    assert found.proof.sufficient is not False
    for values in VALUES:
        old = [concrete(document, values)]
        new = [] if found.policy is None else [concrete(found.policy, values)]
        for context in CONTEXTS:
            for action in SEEN:
                for resource in of_service(action):
                    call = (action, resource)
                    if allows(new, boundary, call, context):
                        assert allows(old, boundary, call, context), call
            for each in calls(usage):
                call = (each.action, each.resource)
                if allows(old, boundary, call, context):
                    assert allows(new, boundary, call, context), (call, found.policy)
