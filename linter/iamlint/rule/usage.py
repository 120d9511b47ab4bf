"""What may be known of an owner's use: no profile, no data for it, or a bound principal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Union

import msgspec

from iamlint.usage.profile import Coverage, PrincipalUsage


class NoProfile(msgspec.Struct, frozen=True):
    """The run was given no usage profile, so nothing is said about use."""


class NoUsageData(msgspec.Struct, frozen=True):
    """A profile was given, but it knows no principal that is this owner.

    This is no evidence of disuse by itself.  `reason` says what was looked for.  `silent_days`
    is how long the evidence covers the very account of the principal, by both kinds of
    management events, without a call of it; 0 where that cannot be said.
    """

    reason: str
    silent_days: int = 0


class Bound(msgspec.Struct, frozen=True):
    """The use of the principals that are this owner, taken together.

    `principals` are their ARNs; `how` says how they were found (`by name`, `by configuration`,
    `inferred from the name prefix`); `inferred` is True where that is a pattern match rather than
    an identity.  `coverage` is the profile's, for all who ask whether absence means anything.
    `days` is the length of the covered window.
    """

    principals: tuple[str, ...]
    usage: PrincipalUsage
    coverage: tuple[Coverage, ...]
    how: str
    inferred: bool = False
    days: int = 0


Usage = Union[NoProfile, NoUsageData, Bound]


def together(parts: Sequence[tuple[str, Usage]]) -> Usage:
    """The use of several owners as one; if one is without data, the answer says which.

    `parts` are addresses with what is known of them.
    """
    if len(parts) == 1:
        return parts[0][1]
    bound: list[Bound] = []
    for address, usage in parts:
        if isinstance(usage, NoProfile):
            return usage
        if isinstance(usage, NoUsageData):
            return NoUsageData(f"`{address}`: {usage.reason}")
        bound.append(usage)
    from iamlint.usage.merge import merge_usages

    return Bound(
        principals=tuple(dict.fromkeys(arn for b in bound for arn in b.principals)),
        usage=merge_usages([b.usage for b in bound]),
        coverage=bound[0].coverage,
        how=", ".join(dict.fromkeys(b.how for b in bound)),
        inferred=any(b.inferred for b in bound),
        days=min(b.days for b in bound),
    )
