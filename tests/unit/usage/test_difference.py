"""What changed in use, and the part of a profile that a repository keeps."""

from __future__ import annotations

from datetime import date

import pytest

from iamlint.usage.build import since_day
from iamlint.usage.difference import Difference, difference, restrict
from iamlint.usage.profile import ActionUse, PrincipalUsage, UsageProfile


def profile(**actions: list[str]) -> UsageProfile:
    uses = {
        "s3:" + name: ActionUse(n=1, first="2026-10-01", last="2026-10-02", resources=resources)
        for name, resources in actions.items()
    }
    return UsageProfile(principals={"r": PrincipalUsage(actions=uses)})


def test_changes() -> None:
    before = profile(GetObject=["a"], PutObject=["a"], ListBucket=["a"])
    after = profile(GetObject=["a", "b"], ListBucket=["a"], DeleteObject=["c"])
    assert difference(before, after) == [
        Difference(
            principal="r",
            action="s3:DeleteObject",
            change="new",
            resources=("c",),
            last="2026-10-02",
        ),
        Difference(
            principal="r",
            action="s3:GetObject",
            change="new-resources",
            resources=("b",),
            last="2026-10-02",
        ),
        Difference(principal="r", action="s3:PutObject", change="gone", last="2026-10-02"),
    ]
    assert difference(before, before) == []


def test_the_part_of_a_repository() -> None:
    whole = UsageProfile(principals={"a": PrincipalUsage(), "b": PrincipalUsage()})
    assert list(restrict(whole, {"b", "c"}).principals) == ["b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-08-01", "2026-08-01"),
        ("90d", "2026-08-23"),
        ("2w", "2026-11-07"),
        ("1y", "2025-11-21"),
    ],
)
def test_since(text: str, expected: str) -> None:
    assert since_day(text, date(2026, 11, 21)) == expected


def test_since_when() -> None:
    with pytest.raises(ValueError, match="`soon` is neither a day"):
        since_day("soon", date(2026, 11, 21))
