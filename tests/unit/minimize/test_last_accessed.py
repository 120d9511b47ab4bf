"""IAM's last accessed information beside a trail: what it rules out, and what it asks to keep."""

from __future__ import annotations

from iamlint.finding import Replacement
from iamlint.usage.profile import LAST_ACCESSED, PossibleUse, PrincipalUsage, ServiceUse

from .conftest import allow, attachment, grants, inline, replaced, use

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
INSTANCES = {"ec2:DescribeInstances": use(9, "*")}


def told(tried: dict[str, str] | None = None, **services: str) -> PrincipalUsage:
    """Use of ec2 alone in the trail; IAM tells the last day of these services, and these actions."""
    return PrincipalUsage(
        actions=INSTANCES,
        services={
            name: ServiceUse(last=last, since="2025-10-01") for name, last in services.items()
        },
        possible={
            name: PossibleUse(n=1, last=last, by=[LAST_ACCESSED])
            for name, last in (tried or {}).items()
        },
    )


def administrator(usage: PrincipalUsage) -> Replacement:
    return replaced(attachment(ADMIN), usage)


def test_data_planes_that_iam_saw_used_stay_even_of_a_wildcard_over_everything() -> None:
    without = administrator(told())
    assert "s3:GetObject" not in grants(without)
    assert "s3" in without.why_not_safe
    kept = administrator(told(s3="2026-10-30"))
    assert grants(kept)["s3:GetObject"] == ["*"]
    assert "s3:DeleteBucket" not in grants(kept)  # recorded, and not seen


def test_a_service_without_use_falls_away_without_doubt() -> None:
    everything = dict.fromkeys(
        ("cloudwatch", "dynamodb", "kinesis", "lambda", "s3", "sns", "sqs", "xray"), ""
    )
    found = administrator(told(None, **everything))
    assert not any(name.startswith("s3:") for name in grants(found))
    assert "dynamodb" not in found.why_not_safe
    named = replaced(inline(allow(["s3:GetObject", "ec2:DescribeInstances"])), told(s3=""))
    assert grants(named) == {"ec2:DescribeInstances": ["*"]}
    assert named.why_not_safe == ""


def test_actions_tried_before_the_evidence_begins_stay() -> None:
    usage = told({"iam:ListUsers": "2025-11-09"}, iam="2025-11-09")
    found = replaced(inline(allow(["iam:List*", "ec2:DescribeInstances"])), usage)
    assert set(grants(found)) == {"iam:ListUsers", "ec2:DescribeInstances"}
    assert found.why_not_safe == ""


def test_earlier_use_of_which_the_action_is_not_told_is_a_doubt() -> None:
    found = replaced(inline(allow(["iam:List*", "ec2:DescribeInstances"])), told(iam="2025-11-09"))
    assert set(grants(found)) == {"ec2:DescribeInstances"}
    assert "IAM saw iam used on 2025-11-09, before the evidence begins" in found.why_not_safe
