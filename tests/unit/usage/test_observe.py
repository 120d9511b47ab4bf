"""Absence is evidence only where a call would have shown."""

from __future__ import annotations

from typing import Any

import pytest

from iamlint.usage.observe import Observation, observe, window_days
from iamlint.usage.profile import (
    ActionUse,
    Categories,
    Coverage,
    EarlierUse,
    PossibleUse,
    PrincipalUsage,
)

FULL = Categories(
    management=["read", "write"],
    data=["s3.amazonaws.com"],
    data_access={"s3.amazonaws.com": ["read", "write"]},
    services=["kms.amazonaws.com", "s3.amazonaws.com"],
)


def covered(categories: Categories = FULL, **more: Any) -> Coverage:
    fields: dict[str, Any] = {
        "source": "cloudtrail",
        "accounts": ["111122223333"],
        "regions": ["eu-west-1", "us-east-1"],
        "since": "2026-10-01",
        "until": "2026-10-31",
        "events": 100,
    }
    return Coverage(categories=categories, **{**fields, **more})


def ask(
    action: str,
    usage: PrincipalUsage | None = None,
    coverage: Coverage | None = None,
    account: str | None = None,
) -> Observation:
    entries = [coverage or covered()]
    return observe(action, usage or PrincipalUsage(), entries, account=account)


def test_used() -> None:
    use = ActionUse(n=1, first="2026-10-01", last="2026-10-01")
    found = ask("logs:CreateLogGroup", PrincipalUsage(actions={"logs:CreateLogGroup": use}))
    assert (found.state, found.reason, found.use) == ("used", "observed once", use)


def test_recorded_and_not_used() -> None:
    found = ask("logs:DeleteLogGroup")
    assert (found.state, found.cause) == ("absent", "")
    assert found.reason == "recorded, and not used from 2026-10-01 to 2026-10-31"


@pytest.mark.parametrize(
    ("action", "cause", "reason"),
    [
        ("logs:PutLogEvents", "never-logged", "CloudTrail does not record it"),
        (
            "lambda:InvokeFunction",
            "no-data-events",
            "data events of lambda are not in this trail",
        ),
        (
            "sts:TagSession",
            "permission-only",
            "it is no API call, so CloudTrail has no event of it",
        ),
        ("no:SuchAction", "unknown-action", "the catalogue does not know it"),
    ],
)
def test_not_observable(action: str, cause: str, reason: str) -> None:
    found = ask(action)
    assert (found.state, found.cause, found.reason) == ("not-observable", cause, reason)


def test_data_events_that_the_trail_has() -> None:
    found = ask("s3:DeleteObject")
    assert found.state == "absent"
    assert found.caveat == "a trail may record data events of some resources only"


def test_a_trail_of_written_data_only_says_nothing_of_reads() -> None:
    categories = Categories(
        management=["read", "write"],
        data=["s3.amazonaws.com"],
        data_access={"s3.amazonaws.com": ["write"]},
    )
    found = ask("s3:GetObject", coverage=covered(categories))
    assert found.reason == "read data events of s3 are not in this trail"
    assert ask("s3:DeleteObject", coverage=covered(categories)).state == "absent"


def test_a_trail_of_writes_only_says_nothing_of_reads() -> None:
    coverage = covered(Categories(management=["write"]))
    assert ask("logs:DescribeLogGroups", coverage=coverage).cause == "no-management-events"
    assert ask("logs:DeleteLogGroup", coverage=coverage).state == "absent"
    # By level a write, by event a read.
    assert ask("sts:AssumeRole", coverage=coverage).cause == "no-management-events"


def test_services_that_a_trail_may_leave_out() -> None:
    without = Categories(management=["read", "write"], services=["s3.amazonaws.com"])
    assert ask("kms:Decrypt").state == "absent"
    assert ask("kms:Decrypt", coverage=covered(without)).cause == "service-excluded"


def test_global_services_record_in_one_region() -> None:
    assert ask("iam:CreateRole").state == "absent"
    elsewhere = covered(regions=["eu-west-1"])
    assert ask("iam:CreateRole", coverage=elsewhere).cause == "global-region"


def test_a_trail_of_another_account() -> None:
    assert ask("logs:DeleteLogGroup", account="444455556666").cause == "account"
    assert ask("logs:DeleteLogGroup", account="111122223333").state == "absent"


def test_evidence_of_a_test_run_has_no_silence() -> None:
    found = ask("logs:DeleteLogGroup", coverage=covered(positive_only=True))
    assert found.cause == "no-coverage"
    assert observe("logs:DeleteLogGroup", PrincipalUsage(), []).cause == "no-coverage"


def test_calls_that_are_not_mapped_keep_their_service() -> None:
    usage = PrincipalUsage(unmapped=[("logs.amazonaws.com", "NewThing", 3)])
    found = ask("logs:DeleteLogGroup", usage)
    assert found.cause == "unmapped-calls"
    assert found.reason == "observed calls of `NewThing` could not be mapped to an action"
    assert ask("s3:DeleteBucket", usage).state == "absent"


def test_what_observed_calls_may_have_needed() -> None:
    extra = PossibleUse(n=1, last="2026-10-02", by=["dynamodb:TransactWriteItems"])
    found = ask("dynamodb:PutItem", PrincipalUsage(possible={"dynamodb:PutItem": extra}))
    assert found.cause == "needed-by-observed-call"
    assert found.reason == "observed calls of `dynamodb:TransactWriteItems` may need it"


def test_passing_roles_shows_in_the_calls_that_pass_them() -> None:
    found = ask("iam:PassRole")
    assert (found.state, found.reason) == (
        "absent",
        "no call passed a role from 2026-10-01 to 2026-10-31",
    )


def test_case_does_not_matter() -> None:
    assert ask("LOGS:deleteloggroup").state == "absent"


def test_days_of_a_window() -> None:
    assert window_days([covered()]) == 31
    assert window_days([]) == 0
    assert window_days([covered(), covered(since="2026-09-30", until="2026-10-02")]) == 32


def test_what_an_earlier_role_of_the_name_used_is_told() -> None:
    before = EarlierUse(
        first="2026-10-01", last="2026-10-19", actions={"sqs:CreateQueue": "2026-10-09"}
    )
    usage = PrincipalUsage(
        ids=["AROANEW"], first="2026-10-20", last="2026-10-31", earlier={"AROAOLD": before}
    )
    found = observe("sqs:CreateQueue", usage, [covered()])
    assert found.state == "absent"
    assert found.reason.startswith("recorded, and not used from 2026-10-20 to ")
    assert found.caveat == (
        "one made earlier under the same name used it, the last time on 2026-10-09"
    )
    assert observe("sqs:DeleteQueue", usage, [covered()]).caveat == ""
    days = window_days([covered()])
    assert window_days([covered()], usage) == days - 19
    assert window_days([covered()], PrincipalUsage(first="2026-10-20")) == days
