"""Summing records up: from a stream of CloudTrail records to principals, actions and coverage.

`Tally.add` is the hot loop: what it knows of an event's sort, caller and request it keeps, so
that each is worked out once.  Tallies of several files or processes add up with `merge`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iamlint.usage import event as events
from iamlint.usage.actor import Actor, Possible, Use, merge_actor, usage_of_all
from iamlint.usage.call import Answer, Derived, Deriver, Sort
from iamlint.usage.event import Record
from iamlint.usage.principal import POLICY_HOLDERS, Caller, caller
from iamlint.usage.profile import Coverage, PrincipalUsage
from iamlint.usage.seen import Seen

_MEMO = 100_000
_RECENT = 250_000
"""Events remembered, for those that several trails delivered; twice as many at most."""


class Who:
    """A caller with or without MFA, compared by identity."""

    __slots__ = ("caller", "ignored", "lacks_mfa")

    def __init__(self, caller: Caller, lacks_mfa: bool = False) -> None:
        self.caller = caller
        self.lacks_mfa = lacks_mfa
        self.ignored = "" if caller.kind in POLICY_HOLDERS else f"caller: {caller.kind}"


class Tally:
    """The sum so far.

    `since` and `until` are days (inclusive, "" for no bound): records outside are not counted.
    """

    def __init__(self, since: str = "", until: str = "") -> None:
        self.since, self.until = since, until
        self.seen = Seen()
        self.actors: dict[tuple[str, str], Actor] = {}
        """By ARN and unique id ("" if not told)."""
        self._groups: dict[tuple[Any, ...], list[Any]] = {}
        self._sorts: dict[tuple[Any, ...], Sort] = {}
        self._spare: dict[tuple[Any, ...], Sort] = {}
        self._callers: dict[tuple[Any, ...], Who] = {}
        self._deriver = Deriver(_MEMO)
        self._days: dict[str, bool] = {}
        self._recent: tuple[set[int], set[int]] = (set(), set())

    def successor(self) -> Tally:
        """An empty tally of the same window that knows what this one has worked out."""
        made = Tally(self.since, self.until)
        made._deriver, made._callers = self._deriver, self._callers
        # What a sort covers counts anew, so they come in one by one.
        made._spare = {**self._spare, **self._sorts} if len(self._spare) < _MEMO else self._sorts
        return made

    def __getstate__(self) -> tuple[str, str, Seen, dict[tuple[str, str], Actor]]:
        """What goes from process to process: the sums, not what helped to make them."""
        self.settle()
        return (self.since, self.until, self.seen, self.actors)

    def __setstate__(self, state: tuple[str, str, Seen, dict[tuple[str, str], Actor]]) -> None:
        since, until, seen, actors = state
        self.__init__(since, until)  # type: ignore[misc]
        self.seen, self.actors = seen, actors

    def add(self, records: Sequence[Record]) -> None:
        """Count records.  A record without a day is rejected; one seen already counts no more."""
        days = {record.eventTime[:10] for record in records}
        if not all(map(self._days.get, days)):
            records = [record for record in records if self._is_inside(record)]
        recent, older = self._recent
        marks = [hash(record.sharedEventID or record.eventID) for record in records]
        fresh = set(marks)
        if len(fresh) == len(marks) and recent.isdisjoint(fresh) and older.isdisjoint(fresh):
            recent |= fresh
            if len(recent) > _RECENT:
                self._recent = set(), recent
            self._count(records)
        else:
            records, again = self._divide(records)
            self._count(records)
            # Even a call seen before: should two ids be mistaken for one, no evidence is lost.
            self._count(again, again=True)
        if len(self._groups) > _MEMO:
            self.settle()

    def _is_inside(self, record: Record) -> bool:
        """Whether a record is in the window; one without a day is rejected."""
        day = record.eventTime[:10]
        wanted = self._days.get(day)
        if wanted is None:
            wanted = self._wanted(day)
        if wanted is None:
            self.seen.rejected += 1
        return bool(wanted)

    def _divide(self, records: Sequence[Record]) -> tuple[list[Record], list[Record]]:
        """The records that are new, and those whose event was counted already."""
        recent, older = self._recent
        new: list[Record] = []
        again: list[Record] = []
        for record in records:
            identifier = record.sharedEventID or record.eventID
            mark = hash(identifier)
            if identifier is not None and (mark in recent or mark in older):
                again.append(record)
                continue
            new.append(record)
            if identifier is not None:
                recent.add(mark)
                if len(recent) > _RECENT:
                    self._recent = recent, older = set(), recent
        return new, again

    def _count(self, records: Sequence[Record], again: bool = False) -> None:
        """Put records of the window into groups of equal calls; `again`: only what is in none yet."""
        groups, sorts, callers = self._groups, self._sorts, self._callers
        answer = self._deriver.answer
        if not again:
            self.seen.events += len(records)
        for record in records:
            sort_key = (
                record.eventSource,
                record.eventName,
                record.awsRegion,
                record.recipientAccountId,
                record.readOnly,
                record.managementEvent,
                record.eventCategory,
                record.eventType,
            )
            sort = sorts.get(sort_key)
            if sort is None:
                sort = self._sort(sort_key, record)
            identity = record.userIdentity
            via = None
            who_key: tuple[Any, ...] = ()
            if identity is not None:
                via = identity.invokedBy
                context = identity.sessionContext
                issuer = attributes = None
                if context is not None:
                    issuer, attributes = context.sessionIssuer, context.attributes
                mfa = attributes.mfaAuthenticated if attributes is not None else context is None
                if issuer is not None and issuer.arn:
                    who_key = (issuer.arn, issuer.principalId, mfa, via is None)
                else:
                    who_key = (
                        identity.arn,
                        identity.principalId,
                        identity.type,
                        identity.accountId,
                        via,
                        mfa,
                    )
            who = callers.get(who_key)
            if who is None:
                who = self._who(who_key, record)
            if sort.ignored or who.ignored:
                if not again:
                    self.seen.ignore(sort.ignored or who.ignored, 1)
                    if who.caller.kind == "root":
                        self.seen.root(record, sort.account, 1, record.eventTime[:10])
                continue
            denied = (
                record.errorCode is not None
                and events.outcome(record.errorCode, record.errorMessage) == "denied"
            )
            said = answer(sort, record) if sort.open else sort.answer
            day = record.eventTime[:10]
            group = (who, sort, denied, via, said)
            counted = groups.get(group)
            if counted is None:
                groups[group] = [1, day, day]
            elif not again:
                counted[0] += 1
                if day < counted[1]:
                    counted[1] = day
                elif day > counted[2]:
                    counted[2] = day

    def add_counted(
        self,
        record: Record,
        sort: Sort,
        derived: Derived | None,
        *,
        denied: bool,
        n: int,
        first: str,
        last: str,
    ) -> None:
        """Count `n` calls that are as this record, from the day `first` to `last`."""
        for day in (first, last):
            if not self._wanted(day):
                return
        self.seen.events += n
        self.seen.cover(record, sort.account)
        who = caller(record.userIdentity)
        reason = sort.ignored or Who(who).ignored
        if reason:
            self.seen.ignore(reason, n)
            if who.kind == "root":
                self.seen.root(record, sort.account, n, last)
            return
        via = record.userIdentity.invokedBy if record.userIdentity is not None else None
        said = Answer(derived) if derived is not None else None
        lacks = record.userIdentity is not None and events.lacks_mfa(record.userIdentity)
        self._settle(Who(who, lacks), sort, denied, via, said, n, first, last)

    def _wanted(self, day: str) -> bool | None:
        """Whether a day is in the window; None if it is none."""
        if events.day(day) is None:
            return None
        if len(self._days) > _MEMO:
            self._days.clear()
        inside = (not self.since or day >= self.since) and (not self.until or day <= self.until)
        self._days[day] = inside
        if inside:
            self.seen.first, self.seen.last = min(self.seen.first, day), max(self.seen.last, day)
        return inside

    def _sort(self, key: tuple[Any, ...], record: Record) -> Sort:
        account = record.recipientAccountId
        if account is None and record.userIdentity is not None:
            account = record.userIdentity.accountId
        self.seen.cover(record, account)
        sort = self._spare.get(key) or Sort(record, account or "")
        if record.recipientAccountId is not None:
            # Without one, the account is the caller's and so not the same for all.
            if len(self._sorts) > _MEMO:
                self._sorts.clear()
            self._sorts[key] = sort
        return sort

    def _who(self, key: tuple[Any, ...], record: Record) -> Who:
        if len(self._callers) > _MEMO:
            self._callers.clear()
        identity = record.userIdentity
        lacks = identity is not None and events.lacks_mfa(identity)
        who = self._callers[key] = Who(caller(identity), lacks)
        return who

    def settle(self) -> None:
        """Sum the groups of equal calls up into actors; keeps memory flat."""
        for (who, sort, denied, via, said), (n, first, last) in self._groups.items():
            self._settle(who, sort, denied, via, said, n, first, last)
        self._groups.clear()

    def _settle(
        self,
        seen_as: Who,
        sort: Sort,
        denied: bool,
        via: str | None,
        said: Answer | None,
        n: int,
        first: str,
        last: str,
    ) -> None:
        who = seen_as.caller
        actor = self.actors.get((who.arn, who.id))
        if actor is None:
            actor = self.actors[who.arn, who.id] = Actor(who.kind)
        actor.path_known |= who.path_known
        actor.first, actor.last = min(actor.first, first), max(actor.last, last)
        if who.id:
            actor.ids.add(who.id)
        if said is None:
            if not denied:
                key = (sort.source, sort.name)
                actor.unmapped[key] = actor.unmapped.get(key, 0) + n
            return
        derived = said.derived
        uses = actor.denied if denied else actor.used
        for action, arns in derived.needed:
            use = uses.get(action)
            if use is None:
                use = uses[action] = Use()
            use.count(n, first, last)
            use.touch(arns)
            if seen_as.lacks_mfa:
                use.without_mfa += n
            if sort.region:
                use.regions.add(sort.region)
            if sort.account:
                use.accounts.add(sort.account)
            if via:
                use.via.add(via)
        if denied:
            return
        by = [action for action, _ in derived.needed] or [f"{sort.mapping.prefix}:{sort.name}"]
        for action in derived.possible:
            possible = actor.possible.get(action)
            if possible is None:
                possible = actor.possible[action] = Possible()
            possible.n += n
            possible.last = max(possible.last, last)
            possible.by.update(by)

    def merge(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.settle()
        other.settle()
        self.seen.merge(other.seen)
        for key, actor in other.actors.items():
            known = self.actors.get(key)
            if known is None:
                self.actors[key] = actor
            else:
                merge_actor(known, actor)

    def principals(self) -> dict[str, PrincipalUsage]:
        """The profile's principals.  A role seen with and without its path is one."""
        self.settle()
        whole: dict[tuple[str, str], set[str]] = {}
        for (arn, _), actor in self.actors.items():
            if actor.path_known:
                whole.setdefault(_name_of(arn), set()).add(arn)
        for arn, unique in [key for key, actor in self.actors.items() if not actor.path_known]:
            same = whole.get(_name_of(arn), set())
            if len(same) == 1:
                actor = self.actors.pop((arn, unique))
                known = self.actors.setdefault((next(iter(same)), unique), actor)
                if known is not actor:
                    merge_actor(known, actor)
                known.path_known = True
        found: dict[str, list[Actor]] = {}
        for (arn, _), actor in sorted(self.actors.items()):
            found.setdefault(arn, []).append(actor)
        return {arn: usage_of_all(actors) for arn, actors in found.items()}

    def coverage(self, source: str) -> Coverage:
        """What was covered, as the profile tells it."""
        return self.seen.coverage(source, self.since)


def _name_of(arn: str) -> tuple[str, str]:
    """Account and name of a role: names are unique whatever the path."""
    return arn.split("/", 1)[0], arn.rsplit("/", 1)[-1]
