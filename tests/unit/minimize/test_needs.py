"""Which granted actions are needed, and the reason in words."""

from __future__ import annotations

from typing import Any

import pytest

from iamlint.minimize.cover import cover
from iamlint.minimize.needs import Needs
from iamlint.usage.profile import Categories, PossibleUse, PrincipalUsage

from .conftest import WITH_S3_DATA, allow, coverage, inline, replaced, use


def judged(name: str, grip: Any = "service", **more: Any) -> tuple[str, str]:
    """Ground and reason for one action; `usage`, `kinds`, `unobservable`, rest for the coverage."""
    usage = more.pop("usage", {})
    usage = usage if isinstance(usage, PrincipalUsage) else PrincipalUsage(actions=usage)
    kinds = more.pop("kinds", ("role",))
    unobservable = more.pop("unobservable", "keep")
    needs = Needs(usage, cover([coverage(**more)]), kinds, unobservable)
    verdict = needs.judge({name: grip})[name]
    return verdict.ground, verdict.reason


@pytest.mark.parametrize(
    ("name", "more", "ground", "words"),
    [
        ("s3:GetObject", {"usage": {"s3:GetObject": use(14)}}, "observed", "observed 14 times, last on 2026-11-01"),
        ("s3:GetObject", {"usage": {"s3:GetObject": use(1)}}, "observed", "observed once"),
        ("s3:GetObject", {}, "unobservable", "data events of s3 are not in this trail"),
        ("s3:GetObject", {"categories": WITH_S3_DATA}, "unused", "not used from 2026-08-01"),
        ("logs:PutLogEvents", {}, "unobservable", "CloudTrail does not record it"),
        ("logs:DeleteLogGroup", {}, "unused", "not used from 2026-08-01 to 2026-11-01"),
        ("logs:DeleteLogGroup", {"categories": Categories(management=["read"])}, "unobservable", "write management events"),
        ("logs:DescribeLogGroups", {"categories": Categories(management=["write"])}, "unobservable", "read management events"),
        ("kms:Decrypt", {"categories": Categories(management=["read", "write"])}, "unobservable", "kms"),
        ("iam:PassRole", {}, "unused", "no call passed a role"),
        ("codecommit:GitPull", {}, "unobservable", "no call of its own"),
    ],
)  # fmt: skip
def test_grounds(name: str, more: dict[str, Any], ground: str, words: str) -> None:
    found, reason = judged(name, **more)
    assert found == ground
    assert words in reason


def test_a_wildcard_over_everything_names_no_service() -> None:
    assert judged("dynamodb:GetItem", "whole")[0] == "no-use-of-service"
    seen = {"dynamodb:DescribeTable": use()}
    assert judged("dynamodb:GetItem", "whole", usage=seen)[0] == "unobservable"
    assert judged("dynamodb:GetItem", "service")[0] == "unobservable"


def test_calls_without_a_known_action_keep_their_service() -> None:
    usage = PrincipalUsage(unmapped=[("logs.amazonaws.com", "NewCall", 2)])
    ground, reason = judged("logs:DeleteLogGroup", "whole", usage=usage)
    assert ground == "unmapped"
    assert "NewCall" in reason
    assert judged("ec2:DescribeInstances", usage=usage)[0] == "unused"


def test_what_a_seen_call_may_need_is_kept() -> None:
    usage = PrincipalUsage(
        actions={"s3:PutObject": use()},
        possible={"s3:PutObjectTagging": PossibleUse(n=1, last="2026-10-01", by=["s3:PutObject"])},
    )
    assert judged("s3:PutObjectTagging", "whole", usage=usage)[0] == "dependency"


@pytest.mark.parametrize(
    ("name", "seen", "ground"),
    [
        ("logs:Unmask", "logs:DescribeLogGroups", "no-trigger"),
        ("logs:Unmask", "logs:GetLogEvents", "dependency"),
        ("logs:CreateLogDelivery", "ssm:GetParameter", "no-trigger"),
        ("logs:CreateLogDelivery", "states:CreateStateMachine", "dependency"),
        ("sts:TagSession", "s3:ListAllMyBuckets", "no-trigger"),
        ("sts:TagSession", "sts:AssumeRole", "dependency"),
        ("ec2:InjectApiError", "ec2:RunInstances", "no-trigger"),
        ("s3:ReplicateObject", "s3:GetObject", "no-trigger"),
    ],
)
def test_actions_without_a_call_follow_the_calls_they_serve(
    name: str, seen: str, ground: str
) -> None:
    found = judged(name, usage={seen: use()}, categories=WITH_S3_DATA)
    assert found[0] == ground


def test_replication_shows_in_calls_that_s3_makes() -> None:
    seen = {"s3:GetObject": use(via=["s3.amazonaws.com"])}
    assert judged("s3:ReplicateObject", usage=seen, categories=WITH_S3_DATA)[0] == "dependency"


def test_bearer_tokens_are_of_users() -> None:
    assert judged("logs:CallWithBearerToken", kinds=("role",))[0] == "no-trigger"
    assert judged("logs:CallWithBearerToken", kinds=("user",))[0] == "unobservable"


def test_unlisted_management_calls_need_more_than_a_wildcard() -> None:
    assert judged("logs:CreateScheduledQuery", "service")[0] == "unlisted"
    assert judged("logs:CreateScheduledQuery", "action")[0] == "unobservable"
    assert (
        judged("logs:CreateScheduledQuery", "whole", usage={"logs:DescribeLogGroups": use()})[0]
        == "unclear"
    )


def test_dropping_what_cannot_be_seen_is_a_request() -> None:
    ground, reason = judged("s3:GetObject", unobservable="drop")
    assert ground == "no-trigger"
    assert "on request" in reason


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"days": ["2026-08-03", "2026-09-03", "2026-10-03"]}, "it was seen on 3 days of 93 only"),
        ({"days": ["2026-08-03"]}, "it was seen on one day of 93 only"),
        ({"days": ["2026-08-03", "2026-08-10", "2026-08-17", "2026-08-24"]}, ""),
        ({}, ""),  # the source does not tell
        ({"first": "2026-10-20"}, "it was first seen on 2026-10-20, 13 days before the end"),
        ({"first": "2026-08-20"}, ""),
    ],
)
def test_little_seen_of_a_principal_is_a_doubt(more: dict[str, Any], words: str) -> None:
    usage = PrincipalUsage(actions={"ec2:DescribeInstances": use(9, "*")}, **more)
    site = inline(allow(["ec2:DescribeInstances", "ec2:RunInstances"]))
    found = replaced(site, usage)
    assert words in found.why_not_safe
    assert bool(found.why_not_safe) is bool(words)
