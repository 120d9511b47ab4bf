"""The read-only sister of an AWS managed policy."""

from __future__ import annotations

from iamlint.rule import Context


def narrower(name: str, ctx: Context) -> str | None:
    """The ReadOnlyAccess policy of the same service, else the ViewOnlyAccess one, else None."""
    stem = name
    for ending in (
        "_FullAccess_v2",
        "FullAccess_v2",
        "_FullAccess",
        "FullAccess",
        "ReadWrite",
        "PowerUser",
    ):
        if name.endswith(ending):
            stem = name[: -len(ending)]
            break
    for ending in (
        "ReadOnlyAccess",
        "_ReadOnlyAccess",
        "ReadOnly",
        "ReadOnlyAccess_v2",
        "ViewOnlyAccess",
        "ReadAccess",
    ):
        candidate = stem + ending
        if candidate != name and ctx.managed_policy(candidate) is not None:
            return candidate
    return None
