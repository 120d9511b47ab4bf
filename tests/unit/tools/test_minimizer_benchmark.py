"""The promises of a replacement marked safe, held to workloads whose true need is known."""

from __future__ import annotations

import random
import sys
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks._minimizer.judge import Judge  # noqa: E402
from benchmarks._minimizer.machines import MACHINES  # noqa: E402
from benchmarks._minimizer.model import Auth, Workload  # noqa: E402
from benchmarks._minimizer.people import people  # noqa: E402
from benchmarks._minimizer.privilege import Inventory  # noqa: E402
from benchmarks._minimizer.study import ALL, ORIGINAL, SAFE, Outcome, Setting, Study  # noqa: E402

from iamlint.iam import catalog  # noqa: E402
from iamlint.iam.decode import from_json  # noqa: E402

CUT = date(2026, 6, 25)
WITH_DATA, WITHOUT = Setting(35, True), Setting(35, False)


def workloads() -> list[Workload]:
    """One of each archetype, the quick ones."""
    wanted = {
        "shop-api",
        "etl-nightly",
        "month-close",
        "compliance-audit",
        "ci-deploy",
        "sre-oncall",
    }
    return [each for each in (*(make() for make in MACHINES), *people(7)) if each.role in wanted]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    found = Outcome()
    study = Study(workloads(), CUT, 1, tmp_path_factory.mktemp("bench"), 35)
    study.run((WITH_DATA, WITHOUT), (14,), found)
    return found


@pytest.mark.parametrize("setting", [WITH_DATA, WITHOUT])
def test_safe_replacements_allow_all_that_was_seen(outcome: Outcome, setting: Setting) -> None:
    made = outcome.made[setting]
    assert made.safe > made.sites / 2
    assert made.proven == made.replaced
    assert made.safe_denied == 0
    for method in (SAFE, ALL):
        assert outcome.total(setting, 14, method).trained == 0


@pytest.mark.parametrize("setting", [WITH_DATA, WITHOUT])
def test_no_later_call_is_denied_whose_need_was_shown(outcome: Outcome, setting: Setting) -> None:
    for method in (SAFE, ALL):
        score = outcome.total(setting, 14, method)
        assert score.shown > 500
        assert [each for each in score.examples if each.startswith("shown")] == []
    # What the trail does not record is kept where a replacement is called safe.
    safe = outcome.total(setting, 14, SAFE)
    assert safe.hidden > 50
    assert [each for each in safe.examples if each.startswith("hidden")] == []


def test_other_ways_deny_what_iamlint_keeps(outcome: Outcome) -> None:
    # Else the benchmark would not tell anything.
    assert outcome.total(WITHOUT, 14, ORIGINAL).broken == 0
    for method in ("action-level, management", "exact replay"):
        assert outcome.total(WITHOUT, 14, method).broken > 100
    original = outcome.total(WITH_DATA, 14, ORIGINAL)
    assert outcome.total(WITH_DATA, 14, ALL).pairs < original.pairs / 20


def test_privilege_counted_by_sets_is_what_single_decisions_say() -> None:
    policy = from_json(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
                {"Effect": "Allow", "NotAction": "s3:Put*", "NotResource": "arn:aws:s3:::other-1"},
                {"Effect": "Allow", "Action": "s3:Put*", "Resource": "arn:aws:s3:::other-?/*"},
                {"Effect": "Deny", "Action": "s3:Delete*", "NotResource": "arn:aws:s3:::other-2"},
            ],
        },
        "sample",
    )
    inventory = Inventory([("s3:GetObject", "arn:aws:s3:::mine/key")])
    granted = inventory.granted([policy])
    judge = Judge("arn:aws:iam::111122223333:role/r", [policy])
    rng = random.Random(1)
    for prefix in ("s3", "sqs", "ec2"):
        for action in rng.sample(catalog.expand(f"{prefix}:*"), 20):
            for resource in inventory.resources(action):
                counted = resource in granted.get(action, ())
                assert counted == judge.allows(Auth(action, resource)), (action, resource)
