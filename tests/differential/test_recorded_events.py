"""The observability classes against real CloudTrail records that others have published."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from iamlint.iam import catalog, events

RECORDS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "cloudtrail"


@pytest.fixture(scope="module")
def seen() -> Counter[tuple[str, str]]:
    """How often each action was recorded as `Management` or `Data`."""
    if not RECORDS.is_dir():
        pytest.skip("the published records are not beside this checkout")
    sources = events.event_sources()
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted(RECORDS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            host = event["eventSource"].removesuffix(".amazonaws.com")
            prefix = sources.get(host, host)
            category = event.get("eventCategory")
            action = catalog.action(f"{prefix}:{event['eventName']}")
            names = (
                [action.name] if action else events.operation_actions(prefix, event["eventName"])
            )
            for name in names or ():
                found[(name, str(category))] += 1
    return found


def test_the_records_were_read(seen: Counter[tuple[str, str]]) -> None:
    assert sum(seen.values()) > 2_500


@pytest.mark.parametrize(
    ("category", "forbidden"), [("Data", "management"), ("Management", "data")]
)
def test_no_record_contradicts_a_class(
    seen: Counter[tuple[str, str]], category: str, forbidden: str
) -> None:
    wrong = []
    for name, recorded in seen:
        known = catalog.action(name)
        if recorded == category and known is not None and known.observability == forbidden:
            wrong.append(name)
    assert wrong == []


def test_no_recorded_action_is_called_never_logged(seen: Counter[tuple[str, str]]) -> None:
    names = {name for name, _ in seen}
    classes = {name: known.observability for name in names if (known := catalog.action(name))}
    assert [name for name, kind in classes.items() if kind == "never-logged"] == []
