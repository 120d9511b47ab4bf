"""Calls that are alike: of one caller, one sort and one outcome, counted together until they are summed up."""

from __future__ import annotations

from iamlint.usage.actor import Actor, Possible, Use
from iamlint.usage.call import Answer, Sort
from iamlint.usage.principal import POLICY_HOLDERS, Caller


class Who:
    """A caller with or without MFA."""

    __slots__ = ("caller", "ignored", "lacks_mfa")

    def __init__(self, caller: Caller, lacks_mfa: bool = False) -> None:
        self.caller = caller
        self.lacks_mfa = lacks_mfa
        self.ignored = "" if caller.kind in POLICY_HOLDERS else f"caller: {caller.kind}"


class Sum:
    """How many calls, and the days of the first and last."""

    __slots__ = ("first", "last", "n")

    def __init__(self, n: int, first: str, last: str) -> None:
        self.n, self.first, self.last = n, first, last


class Group:
    """The calls of one caller and sort that ended alike, through the same service (`via`).

    `sums` has them by what their requests say, None for events that are not mapped.  `days` are
    those of them that were noticed, all if records come in order.  `ignored`
    is why they are nobody's use, "" if they are.
    """

    __slots__ = ("answer", "days", "denied", "ignored", "open", "sort", "sums", "via", "who")

    def __init__(self, who: Who, sort: Sort, denied: bool, via: str | None) -> None:
        self.who, self.sort, self.denied, self.via = who, sort, denied, via
        self.ignored = sort.ignored or who.ignored
        self.open, self.answer = sort.open, sort.answer
        self.sums: dict[Answer | None, Sum] = {}
        self.days: set[str] = set()

    def add_to(self, actors: dict[tuple[str, str], Actor]) -> None:
        """Sum the calls up into their actor."""
        who = self.who.caller
        actor = actors.get((who.arn, who.id))
        if actor is None:
            actor = actors[who.arn, who.id] = Actor(who.kind)
        actor.path_known |= who.path_known
        if who.id:
            actor.ids.add(who.id)
        actor.days |= self.days
        for said, seen in self.sums.items():
            if seen.first < actor.first:
                actor.first = seen.first
            if seen.last > actor.last:
                actor.last = seen.last
            if said is not None:
                self._add_answer(actor, said, seen)
            elif not self.denied:
                key = (self.sort.source, self.sort.name)
                actor.unmapped[key] = actor.unmapped.get(key, 0) + seen.n

    def _add_answer(self, actor: Actor, said: Answer, seen: Sum) -> None:
        uses = actor.denied if self.denied else actor.used
        sort, derived = self.sort, said.derived
        for action, arns in derived.needed:
            use = uses.get(action)
            if use is None:
                use = uses[action] = Use()
            use.count(seen.n, seen.first, seen.last)
            use.touch(arns)
            if self.who.lacks_mfa:
                use.without_mfa += seen.n
            if sort.region:
                use.regions.add(sort.region)
            if sort.account:
                use.accounts.add(sort.account)
            if self.via:
                use.via.add(self.via)
        if self.denied or not derived.possible:
            return
        by = [action for action, _ in derived.needed] or [f"{sort.mapping.prefix}:{sort.name}"]
        for action in derived.possible:
            possible = actor.possible.get(action)
            if possible is None:
                possible = actor.possible[action] = Possible()
            possible.n += seen.n
            if seen.last > possible.last:
                possible.last = seen.last
            possible.by.update(by)
