"""Random policies and uses: a replacement grants nothing new, keeps what was used, and is final."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.finding import Replacement
from iamlint.iam.decide import PolicySet, Request, decide
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Policy
from iamlint.minimize import Refused, outcome
from iamlint.minimize.replay import calls
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.text import Place, SourceText, Span
from iamlint.usage.profile import ActionUse, Categories, Coverage, PrincipalUsage

A = "111122223333"
PLACE = Place(SourceText("main.tf", "x" * 40), Span(0, 10))
OWNER = Owner(
    key="o", address="aws_iam_role.o", kind="role", language="hcl", place=PLACE, block=PLACE,
    reference="aws_iam_role.o.name",
)  # fmt: skip

SEEN = {
    "s3:GetObject": ("arn:aws:s3:::media/a/1.jpg", "arn:aws:s3:::logs/2026/x"),
    "s3:PutObject": ("arn:aws:s3:::media/b",),
    "s3:GetBucketLocation": ("arn:aws:s3:::media", "arn:aws:s3:::logs"),
    "sqs:CreateQueue": (
        f"arn:aws:sqs:eu-west-1:{A}:jobs-7f3a9c12",
        f"arn:aws:sqs:eu-west-1:{A}:mail",
    ),
    "sqs:SendMessage": (f"arn:aws:sqs:eu-west-1:{A}:mail",),
    "ec2:DescribeInstances": ("*",),
    "ec2:StopInstances": (f"arn:aws:ec2:eu-west-1:{A}:instance/i-0a1b2c3d4e5f60718",),
    "logs:CreateLogStream": (f"arn:aws:logs:eu-west-1:{A}:log-group:/app:*",),
    "logs:DescribeLogGroups": ("*",),
    "iam:PassRole": (f"arn:aws:iam::{A}:role/jobs",),
    "lambda:CreateFunction": (f"arn:aws:lambda:eu-west-1:{A}:function:f",),
}
UNSEEN = (
    "s3:DeleteBucket",
    "sqs:DeleteQueue",
    "ec2:RunInstances",
    "logs:PutLogEvents",
    "iam:CreateUser",
    "dynamodb:GetItem",
    "logs:DeleteLogGroup",
)
ACTIONS = [*SEEN, *UNSEEN]
PATTERNS = [
    *ACTIONS,
    "*",
    "s3:*",
    "s3:Get*",
    "sqs:*",
    "ec2:*",
    "ec2:Describe*",
    "logs:*",
    "iam:*",
    "S3:getobject",
    "lambda:*",
    "nosuch:Thing",
]
RESOURCES = [
    "*", "arn:aws:s3:::*", "arn:aws:s3:::media/*", "arn:aws:s3:::media", "arn:aws:s3:::med*/a/*",
    f"arn:aws:sqs:*:{A}:*", f"arn:aws:sqs:eu-west-1:{A}:jobs-*", f"arn:aws:logs:*:{A}:log-group:*",
    f"arn:aws:iam::{A}:role/*", "arn:aws:s3:::home/${aws:username}/*", "arn:aws:*:*:*:*",
]  # fmt: skip
CONDITIONS: list[dict[str, Any]] = [
    {},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
]
CONTEXTS: list[dict[str, Any]] = [
    {"aws:MultiFactorAuthPresent": None, "aws:RequestedRegion": "us-east-1"},
    {"aws:MultiFactorAuthPresent": "true", "aws:RequestedRegion": "eu-west-1"},
]
REQUESTED = sorted({arn for arns in SEEN.values() for arn in arns} | {
    f"arn:aws:logs:eu-west-1:{A}:log-group:/app:log-stream:",
    f"arn:aws:logs:eu-west-1:{A}:log-group::log-stream:",
    f"arn:aws:sqs:eu-west-1:{A}:jobs-other", "arn:aws:s3:::other/x",
})  # fmt: skip


def listed(values: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))
    }
    if draw(st.integers(0, 9)) == 0:
        statement["NotAction"] = draw(listed(PATTERNS[len(ACTIONS) + 1 :]))
    else:
        statement["Action"] = draw(listed(PATTERNS))
    key = "NotResource" if draw(st.integers(0, 9)) == 0 else "Resource"
    statement[key] = draw(listed(RESOURCES[1:] if key == "NotResource" else RESOURCES))
    condition = draw(st.sampled_from(CONDITIONS))
    if condition:
        statement["Condition"] = condition
    return statement


@st.composite
def usages(draw: st.DrawFn) -> PrincipalUsage:
    actions = {}
    for name in draw(st.lists(st.sampled_from(sorted(SEEN)), max_size=6, unique=True)):
        arns = draw(st.lists(st.sampled_from(SEEN[name]), min_size=1, max_size=2, unique=True))
        actions[name] = ActionUse(
            n=draw(st.integers(1, 9)), first="2026-08-01", last="2026-11-01",
            regions=["eu-west-1"], accounts=[A], resources=arns,
            resources_complete=draw(st.booleans()) or arns == ["*"],
        )  # fmt: skip
    return PrincipalUsage(actions=actions)


def coverage(data: bool) -> list[Coverage]:
    categories = Categories(management=["read", "write"])
    if data:
        categories = Categories(
            management=["read", "write"], data=["s3.amazonaws.com"],
            data_access={"s3.amazonaws.com": ["read", "write"]},
        )  # fmt: skip
    return [Coverage(source="cloudtrail", accounts=[A], regions=["eu-west-1", "us-east-1"], since="2026-08-01", until="2026-11-01", events=9, categories=categories)]  # fmt: skip


def proposed(document: dict[str, Any], usage: PrincipalUsage, data: bool) -> Replacement | Refused:
    site = PolicySite(
        kind="identity", form="value", language="hcl", address="a", key="k",
        resource_type="aws_iam_role_policy", argument="policy", place=PLACE, block=PLACE,
        owners=("o",), policy=from_json(document, "k", "identity"),
    )  # fmt: skip
    return outcome(site, Project(sites=[site], owners={"o": OWNER}), usage, coverage(data))


def effect(policy: Policy, action: str, resource: str, context: dict[str, Any]) -> str:
    request = Request(
        principal=f"arn:aws:iam::{A}:user/ada", action=action, resource=resource,
        context=context, complete_context=True, resource_account=A,
    )  # fmt: skip
    return decide(request, PolicySet(identity=(policy,))).effect


@settings(max_examples=60, deadline=None)
@given(st.lists(statements(), min_size=1, max_size=3), usages(), st.booleans())
def test_nothing_new_nothing_lost_and_final(
    written: list[dict[str, Any]], usage: PrincipalUsage, data: bool
) -> None:
    document = {"Version": "2012-10-17", "Statement": written}
    found = proposed(document, usage, data)
    if isinstance(found, Refused):
        return
    old = from_json(document, "old", "identity")
    new = from_json(found.policy, "new", "identity") if found.policy else None
    assert found.proof.contained is not False
    assert found.proof.sufficient is True
    for action in ACTIONS:
        for resource in REQUESTED:
            for context in CONTEXTS:
                if new is not None and effect(new, action, resource, context) == "allow":
                    assert effect(old, action, resource, context) == "allow", (action, resource)
    for call in calls(usage):
        for context in CONTEXTS:
            if effect(old, call.action, call.resource, context) == "allow":
                assert new is not None
                assert effect(new, call.action, call.resource, context) == "allow", call
    denies = [each for each in written if each["Effect"] == "Deny"]
    assert [
        each
        for each in (found.policy or {"Statement": []})["Statement"]
        if each["Effect"] == "Deny"
    ] == (denies if found.policy else [])
    if found.policy is not None:
        again = proposed(found.policy, usage, data)
        assert isinstance(again, Refused) or again.policy == found.policy, "a second run goes on"
