"""What the evidence covers, summed up over its sources: the window, and what of it failed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from iamlint.usage.observe import window_days
from iamlint.usage.profile import Coverage


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """The coverage of all sources of a profile, taken together.

    `since` and `until` are days, inclusive, `days` their number.  `management` is True if some
    source holds both read and write management events.  `failed` counts files that could not be
    read.
    """

    entries: tuple[Coverage, ...]
    since: str
    until: str
    days: int
    management: bool
    failed: int


def cover(coverage: Sequence[Coverage] | Coverage) -> Cover:
    """Take the coverage of several sources together."""
    each = (coverage,) if isinstance(coverage, Coverage) else tuple(coverage)
    return Cover(
        entries=each,
        since=min((one.since for one in each if one.since), default=""),
        until=max((one.until for one in each if one.until), default=""),
        days=window_days(each),
        management=any(
            {"read", "write"} <= set(one.categories.management) and not one.positive_only
            for one in each
        ),
        failed=sum(one.files_failed for one in each),
    )
