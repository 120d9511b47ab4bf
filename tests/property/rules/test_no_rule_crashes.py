"""Whatever a policy holds, no rule crashes, and findings stand inside the text they are about."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.engine.registry import load
from iamlint.engine.runner import check
from iamlint.iam.decode import read_json
from iamlint.rule import Settings
from iamlint.sources.site import Owner, PolicySite, Project, SiteKind
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Hole, Text
from iamlint_rules.usage.demo import profile

RULES = load().rules

ACTIONS = st.sampled_from(
    [
        "*",
        "*:*",
        "s3:*",
        "S3:Get*",
        "iam:PassRole",
        "sts:AssumeRole",
        "sts:AssumeRoleWithWebIdentity",
        "iam:*",
        "kms:Decrypt",
        "nosuch:Thing",
        "s3",
        ":",
        "",
        "s3:",
        "*:",
        "?",
        "ec2:Describe?",
        "é:ü",
        "a:b:c",
    ]
)
RESOURCES = st.sampled_from(
    [
        "*",
        "**",
        "arn:aws:s3:::*",
        "arn:aws:s3:::a/*",
        "arn:aws:iam::111122223333:role/*",
        "arn:",
        "arn:aws",
        "arn:*",
        "arn:aws:s3:::${aws:username}",
        "${",
        "$",
        "",
        "a b",
        "arn:aws:iam::é:role/x",
        "arn::::::",
        "?",
    ]
)
PRINCIPALS = st.sampled_from(
    [
        "*",
        "111122223333",
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::111122223333:user/a",
        "",
        "x",
        "*a",
        "ec2.amazonaws.com",
        "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
    ]
)
KEYS = st.sampled_from(
    [
        "aws:MultiFactorAuthPresent",
        "aws:MultiFactorAuthAge",
        "aws:PrincipalOrgID",
        "aws:SourceIp",
        "sts:ExternalId",
        "token.actions.githubusercontent.com:sub",
        "iam:PassedToService",
        "s3:prefix",
        "nope",
        "",
        "a:b:c",
        "aws:x/y",
    ]
)
OPERATORS = st.sampled_from(
    [
        "Bool",
        "BoolIfExists",
        "Null",
        "StringLike",
        "StringEquals",
        "ForAllValues:StringEquals",
        "IpAddress",
        "NumericLessThan",
        "ArnLike",
        "nonsense",
        "",
        ":",
        "ForAnyValue:StringLikeIfExists",
    ]
)
VALUES = st.sampled_from(
    ["true", "false", "*", "", "repo:*", "repo:a/b:*", "0.0.0.0/0", "1", True, 3, None]
)
ODD = st.sampled_from([None, 1, {}, [], "x", [[]], {"a": 1}])


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.lists(values, max_size=3), ODD)


STATEMENT = st.fixed_dictionaries(
    {},
    optional={
        "Sid": st.one_of(st.sampled_from(["A", "a-b", ""]), ODD),
        "Effect": st.sampled_from(["Allow", "Allow", "Allow", "Deny", "allow", None]),
        "Action": some(ACTIONS),
        "NotAction": some(ACTIONS),
        "Resource": some(RESOURCES),
        "NotResource": some(RESOURCES),
        "Principal": st.one_of(
            st.just("*"),
            ODD,
            st.dictionaries(
                st.sampled_from(["AWS", "Service", "Federated", "CanonicalUser"]),
                some(PRINCIPALS),
                max_size=2,
            ),
        ),
        "Condition": st.one_of(
            ODD,
            st.dictionaries(OPERATORS, st.dictionaries(KEYS, some(VALUES), max_size=2), max_size=2),
        ),
    },
)
DOCUMENT = st.fixed_dictionaries(
    {"Statement": st.one_of(st.lists(STATEMENT, max_size=4), STATEMENT, ODD)},
    optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17", "x", None])},
)

KINDS: list[tuple[SiteKind, str]] = [
    ("identity", "AWS::IAM::Role"),
    ("identity", "aws_iam_policy"),
    ("trust", "AWS::IAM::Role"),
    ("resource", "AWS::S3::BucketPolicy"),
    ("resource", "aws_lambda_permission"),
    ("boundary", "AWS::IAM::Role"),
    ("scp", "aws_organizations_policy"),
]
ARNS = st.sampled_from(
    [
        Text(("arn:aws:iam::aws:policy/AdministratorAccess",)),
        Text(("arn:aws:iam::aws:policy/NoSuchPolicyAtAll",)),
        Text(("arn:", Hole("p", "partition"), ":iam::aws:policy/AmazonS3FullAccess")),
        Text((Hole("var.arn"),)),
        Text(()),
        Text(("x",)),
    ]
)


def project(documents: list[tuple[int, Any]], arns: list[Text]) -> Project:
    """A role with these policies, of the kinds that the numbers choose, and these attachments."""
    source = SourceText("app.yaml", "Role")
    place = Place(source, Span(0, 4))
    owner = Owner(
        key="app.yaml#Role",
        address="Role",
        kind="role",
        language="yaml",
        place=place,
        block=place,
        reference="Role",
        name=Text(("app",)),
    )
    made = Project(owners={owner.key: owner}, files=1)
    for number, (kind, document) in enumerate(documents):
        policy, problems = read_json(document, f"{number}.json", KINDS[kind][0])
        made.sites.append(
            PolicySite(
                kind=KINDS[kind][0],
                form="value",
                language="json",
                address="Role",
                key=f"app.yaml#Role.{number}",
                resource_type=KINDS[kind][1],
                argument="Policy",
                place=policy.place if policy else place,
                block=place,
                owners=(owner.key,),
                policy=policy,
                problems=problems,
            )
        )
    for number, arn in enumerate(arns):
        made.sites.append(
            PolicySite(
                kind="managed-attachment",
                form="attachment",
                language="yaml",
                address="Role",
                key=f"app.yaml#Role.arn{number}",
                resource_type="AWS::IAM::Role",
                argument="ManagedPolicyArns",
                place=place,
                block=place,
                owners=(owner.key,),
                arn=arn,
            )
        )
    return made


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(KINDS) - 1), DOCUMENT), max_size=3),
    st.lists(ARNS, max_size=2),
    st.booleans(),
    st.sampled_from([None, "111122223333", "999988887777"]),
)
def test_no_rule_crashes(
    documents: list[tuple[int, Any]], arns: list[Text], used: bool, account: str | None
) -> None:
    import msgspec

    from iamlint.usage.profile import UsageProfile

    usage = msgspec.convert(profile("app", {"s3:GetObject": 3, "iam:PassRole": 1}), UsageProfile)
    outcome = check(
        project(documents, arns), RULES, usage if used else None, Settings(account=account)
    )
    assert outcome.faults == 0, [f.message for f in outcome.findings if f.rule == "IAM904"]
    for finding in outcome.findings:
        span = finding.place.span
        assert 0 <= span.start <= span.end <= len(finding.place.source.text)
        assert finding.message == finding.message.strip()
        assert not finding.message.endswith(".")
    prints = [finding.fingerprint for finding in outcome.findings]
    assert len(set(prints)) == len(prints)
