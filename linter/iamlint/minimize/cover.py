"""What the evidence covers: whether the absence of an action in it means anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from iamlint.usage.profile import Coverage

_EVENT_SOURCES: dict[str, tuple[str, ...]] = {
    "cloudwatch": ("monitoring.amazonaws.com",),
    "states": ("states.amazonaws.com",),
    "appconfig": ("appconfig.amazonaws.com", "appconfigdata.amazonaws.com"),
    "mobiletargeting": ("pinpoint.amazonaws.com",),
    "s3": ("s3.amazonaws.com",),
    "s3-object-lambda": ("s3-object-lambda.amazonaws.com", "s3.amazonaws.com"),
    "s3express": ("s3express.amazonaws.com",),
}
"""Event sources by service prefix where they are not `<prefix>.amazonaws.com`."""

LEFT_OUT_BY_CHOICE = frozenset({"kms", "rds-data"})
"""Services whose management events a trail may exclude (CloudTrail User Guide,
logging-management-events-with-cloudtrail: filter management events)."""


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """The coverage of all sources of a profile, taken together.

    `since` and `until` are days, inclusive, `days` their number.  `read` and `write` say whether
    management events of that kind were held, `data` the event sources with data events.
    """

    since: str
    until: str
    days: int
    read: bool
    write: bool
    data: frozenset[str]
    regions: tuple[str, ...]
    accounts: tuple[str, ...]
    failed: int

    def holds_data_events(self, service: str) -> bool:
        """True if data events of a service were among the evidence."""
        sources = _EVENT_SOURCES.get(service, (f"{service}.amazonaws.com",))
        return any(source in self.data for source in sources)


def cover(coverage: Sequence[Coverage] | Coverage) -> Cover:
    """Take the coverage of several sources together."""
    each = (coverage,) if isinstance(coverage, Coverage) else tuple(coverage)
    since = min((one.since for one in each if one.since), default="")
    until = max((one.until for one in each if one.until), default="")
    return Cover(
        since=since,
        until=until,
        days=_days(since, until),
        read=any("read" in one.categories.management for one in each),
        write=any("write" in one.categories.management for one in each),
        data=frozenset(source.lower() for one in each for source in one.categories.data),
        regions=tuple(sorted({region for one in each for region in one.regions})),
        accounts=tuple(sorted({account for one in each for account in one.accounts})),
        failed=sum(one.files_failed for one in each),
    )


def services_of(event_source: str) -> tuple[str, ...]:
    """The service prefixes whose calls may come from an event source."""
    named = tuple(prefix for prefix, sources in _EVENT_SOURCES.items() if event_source in sources)
    return (*named, event_source.partition(".")[0])


def _days(since: str, until: str) -> int:
    try:
        return (date.fromisoformat(until[:10]) - date.fromisoformat(since[:10])).days + 1
    except ValueError:
        return 0
