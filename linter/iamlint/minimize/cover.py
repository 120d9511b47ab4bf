"""What the evidence covers, summed up over its sources: the window, and what of it failed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from iamlint.usage.observe import Observation, observe, window_days
from iamlint.usage.profile import Coverage, PrincipalUsage


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """The coverage of all sources of a profile, taken together.

    `since` and `until` are days, inclusive, `days` their number.  `management` is True if some
    source holds both read and write management events.  `failed` counts files that could not be
    read.  `silent` keeps what `silence` found.
    """

    entries: tuple[Coverage, ...]
    since: str
    until: str
    days: int
    management: bool
    failed: int
    silent: dict[str, Observation]


_NOBODY = PrincipalUsage()
_KNOWN: dict[tuple[int, ...], Cover] = {}
_COVERS = 16
"""How many covers are kept: a run has one, and all principals share it."""


def cover(coverage: Sequence[Coverage] | Coverage) -> Cover:
    """Take the coverage of several sources together."""
    each = (coverage,) if isinstance(coverage, Coverage) else tuple(coverage)
    key = tuple(map(id, each))
    known = _KNOWN.get(key)
    if known is None:
        if len(_KNOWN) >= _COVERS:
            _KNOWN.clear()
        known = _KNOWN[key] = _summed(each)
    return known


def silence(action: str, cover: Cover) -> Observation:
    """What it means that an action was not seen, whoever did not use it."""
    known = cover.silent.get(action)
    if known is None:
        known = cover.silent[action] = observe(action, _NOBODY, cover.entries)
    return known


def _summed(each: tuple[Coverage, ...]) -> Cover:
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
        silent={},
    )
