"""Whether a request's context holds together what no request does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from iamlint.iam.condition import Context, ContextValue, condition_holds
from iamlint.iam.glob import fold
from iamlint.iam.operators import moment
from iamlint.iam.ties import is_tied, ties


def contradiction(context: Mapping[str, ContextValue]) -> bool:
    """True if a context breaks a tie, certain or not; nothing is assumed of keys not in it."""
    held = Context(context)
    values = frozenset(
        text
        for value in context.values()
        for text in ((value,) if isinstance(value, str) else value or ())
    )
    keys = frozenset(map(fold, context))
    for tie in ties(keys, values) if any(map(is_tied, keys)) else ():
        if all(condition_holds(each, held, True).holds for each in tie.never):
            return True
    return _two_moments(held) or _two_tags(held, keys)


def _two_moments(context: Context) -> bool:
    """The time of the request is one, and temporary credentials were not issued after it."""
    times = [_moment(context, key) for key in ("aws:CurrentTime", "aws:EpochTime")]
    now = {time for time in times if time is not None}
    issued = _moment(context, "aws:TokenIssueTime")
    return len(now) > 1 or (issued is not None and any(issued > time for time in now))


def _moment(context: Context, key: str) -> Decimal | None:
    held = context.get(key)
    return moment(held[0]) if isinstance(held, tuple) and len(held) == 1 else None


def _two_tags(context: Context, keys: Iterable[str]) -> bool:
    """A tag of the resource has one value, by its service's key (`ec2:ResourceTag/x`) or AWS's."""
    for key in keys:
        service, mark, tag = key.partition(":resourcetag/")
        if mark and service != "aws":
            here, there = context.get(key), context.get(f"aws:resourcetag/{tag}")
            if isinstance(here, tuple) and isinstance(there, tuple) and here != there:
                return True
    return False
