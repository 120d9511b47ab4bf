"""The read-only sisters of an AWS managed policy."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context

FULL = (
    "_FullAccess_v2",
    "FullAccess_v2",
    "_FullAccess",
    "FullAccess",
    "ReadWriteAccess",
    "ReadWrite",
    "PowerUserAccess",
    "PowerUser",
)
READING = (
    "ReadOnlyAccess",
    "_ReadOnlyAccess",
    "ReadOnlyAccess_v2",
    "ReadOnly",
    "PullOnly",
    "ReadAccess",
    "ViewOnlyAccess",
)


def readers(name: str, ctx: Context) -> Iterator[str]:
    """The policies of the same service that only read: ReadOnlyAccess first, ViewOnlyAccess last."""
    stem = next((name[: -len(end)] for end in FULL if name.endswith(end)), name)
    for ending in READING:
        candidate = stem + ending
        if candidate != name and ctx.managed_policy(candidate) is not None:
            yield candidate


def narrower(name: str, ctx: Context) -> str | None:
    """The first of them, if there is any."""
    return next(readers(name, ctx), None)
