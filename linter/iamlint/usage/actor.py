"""What one principal did, as it is summed up: counters that end as a PrincipalUsage."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from iamlint.usage.incarnation import is_unique_id, newest
from iamlint.usage.profile import (
    MAX_DAYS,
    ActionUse,
    DeniedUse,
    EarlierUse,
    PossibleUse,
    PrincipalUsage,
)

MAX_RESOURCES = 200
"""ARNs kept for one action of one principal; beyond them the list is cut and says so."""


class Use(Struct):
    """Calls of one action by one principal."""

    n: int = 0
    first: str = "9999-99-99"
    last: str = ""
    complete: bool = True
    without_mfa: int = 0
    regions: set[str] = msgspec.field(default_factory=set)
    accounts: set[str] = msgspec.field(default_factory=set)
    resources: set[str] = msgspec.field(default_factory=set)
    via: set[str] = msgspec.field(default_factory=set)

    def count(self, n: int, first: str, last: str) -> None:
        self.n += n
        self.first = min(self.first, first)
        self.last = max(self.last, last)

    def touch(self, arns: Iterable[str] | None) -> None:
        if arns is None:
            self.complete = False
            return
        self.resources.update(arns)
        if len(self.resources) > MAX_RESOURCES:
            self.resources = set(sorted(self.resources)[:MAX_RESOURCES])
            self.complete = False


class Possible(Struct):
    n: int = 0
    last: str = ""
    by: set[str] = msgspec.field(default_factory=set)


class Actor(Struct):
    """All that one principal did, as far as it had one unique id.

    `first` and `last` are days; `days` are those with calls, if `days_told`.
    """

    kind: str
    path_known: bool = False
    first: str = "9999-99-99"
    last: str = ""
    days: set[str] = msgspec.field(default_factory=set)
    days_told: bool = True
    ids: set[str] = msgspec.field(default_factory=set)
    used: dict[str, Use] = msgspec.field(default_factory=dict)
    denied: dict[str, Use] = msgspec.field(default_factory=dict)
    possible: dict[str, Possible] = msgspec.field(default_factory=dict)
    unmapped: dict[tuple[str, str], int] = msgspec.field(default_factory=dict)


def merge_actor(mine: Actor, theirs: Actor) -> None:
    """Add what another tally knows of the same principal."""
    mine.ids |= theirs.ids
    mine.days |= theirs.days
    mine.days_told &= theirs.days_told
    mine.first, mine.last = min(mine.first, theirs.first), max(mine.last, theirs.last)
    mine.path_known |= theirs.path_known
    for uses, others in ((mine.used, theirs.used), (mine.denied, theirs.denied)):
        for name, other in others.items():
            use = uses.setdefault(name, Use())
            use.count(other.n, other.first, other.last)
            use.complete &= other.complete
            use.without_mfa += other.without_mfa
            use.touch(other.resources)
            use.regions |= other.regions
            use.accounts |= other.accounts
            use.via |= other.via
    for name, extra in theirs.possible.items():
        possible = mine.possible.setdefault(name, Possible())
        possible.n += extra.n
        possible.last = max(possible.last, extra.last)
        possible.by |= extra.by
    for key, count in theirs.unmapped.items():
        mine.unmapped[key] = mine.unmapped.get(key, 0) + count


def usage_of_all(actors: Iterable[Actor]) -> PrincipalUsage:
    """The use of all that had one ARN: the present one's, with what earlier ones used told apart."""
    counted: list[Actor] = []
    separate: dict[str, Actor] = {}
    for actor in actors:
        unique = next(filter(is_unique_id, actor.ids), "")
        if unique:
            separate[unique] = actor
        else:
            counted.append(actor)
    now = newest({unique: (actor.first, actor.last) for unique, actor in separate.items()})
    earlier: dict[str, EarlierUse] = {}
    for unique, actor in separate.items():
        if now is None or unique == now:
            counted.append(actor)
            continue
        earlier[unique] = EarlierUse(
            first=actor.first,
            last=actor.last,
            actions={name: use.last for name, use in sorted(actor.used.items())},
        )
    whole = counted[0]
    if len(counted) > 1:
        whole = Actor(whole.kind)
        for actor in counted:
            merge_actor(whole, actor)
    usage = usage_of(whole)
    usage.earlier = dict(sorted(earlier.items()))
    return usage


def usage_of(actor: Actor) -> PrincipalUsage:
    """The actor as a profile shows it.

    An action that other calls may have needed besides was used on resources that are not known.
    """
    return PrincipalUsage(
        ids=sorted(actor.ids),
        kind=actor.kind,
        first=actor.first if actor.last else "",
        last=actor.last,
        days=sorted(actor.days)[:MAX_DAYS] if actor.days_told else msgspec.UNSET,
        path_known=actor.path_known,
        actions={
            name: ActionUse(
                n=use.n,
                first=use.first,
                last=use.last,
                regions=sorted(use.regions),
                accounts=sorted(use.accounts),
                resources=sorted(use.resources),
                resources_complete=use.complete and name not in actor.possible,
                via=sorted(use.via),
                src=["cloudtrail"],
                without_mfa=use.without_mfa or msgspec.UNSET,
            )
            for name, use in sorted(actor.used.items())
        },
        possible={
            name: PossibleUse(n=extra.n, last=extra.last, by=sorted(extra.by))
            for name, extra in sorted(actor.possible.items())
            if name not in actor.used
        },
        denied={
            name: DeniedUse(n=use.n, last=use.last, resources=sorted(use.resources))
            for name, use in sorted(actor.denied.items())
        },
        unmapped=[(*key, count) for key, count in sorted(actor.unmapped.items())],
    )
