"""Summing records up: from a stream of CloudTrail records to principals, actions and coverage.

`Tally.add` is the hot loop: what it knows of an event's sort, caller and request it keeps, so
that each is worked out once.  Tallies of several files or processes add up with `merge`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from iamlint.usage import event as events
from iamlint.usage.actor import Actor, merge_actor, usage_of_all
from iamlint.usage.call import Answer, Deriver, Sort
from iamlint.usage.derive import Derived
from iamlint.usage.event import Identity, Record
from iamlint.usage.group import Group, Sum, Who
from iamlint.usage.principal import caller
from iamlint.usage.profile import Coverage, PrincipalUsage
from iamlint.usage.recent import Recent
from iamlint.usage.seen import Seen

_MEMO = 100_000
_SORT = 8
"""The first so many parts of a group's key tell its sort; then come the error and the caller."""

_ACCOUNT = 3
_NOBODY = Identity()


class Tally:
    """The sum so far.

    `since` and `until` are days (inclusive, "" for no bound): records outside are not counted.
    """

    def __init__(self, since: str = "", until: str = "") -> None:
        self.since, self.until = since, until
        self.seen = Seen()
        self.actors: dict[tuple[str, str], Actor] = {}
        """By ARN and unique id ("" if not told)."""
        self._groups: dict[tuple[Any, ...], Group] = {}
        self._sums = 0
        self._texts: dict[Any, Any] = {}
        self._sorts: dict[tuple[Any, ...], Sort] = {}
        self._spare: dict[tuple[Any, ...], Sort] = {}
        self._callers: dict[tuple[Any, ...], Who] = {}
        self._deriver = Deriver(_MEMO)
        self._days: dict[str, bool] = {}
        self._recent = Recent()

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
        days = [record.eventTime[:10] for record in records]
        if not all(map(self._days.get, set(days))):
            records = [record for record in records if self._is_inside(record)]
            days = [record.eventTime[:10] for record in records]
        new, again = self._recent.divide(records)
        if new is records:
            self._count(records, days)
        else:
            # Even a call seen before: should two ids be mistaken for one, no evidence is lost.
            for part, known in ((new, False), (again, True)):
                self._count(part, [record.eventTime[:10] for record in part], known)
        if self._sums > _MEMO:
            self.settle()

    def recall(self, records: Iterable[Record]) -> None:
        """Take these events for counted elsewhere: they are not counted here."""
        self._recent.recall(records)

    def _is_inside(self, record: Record) -> bool:
        """Whether a record is in the window; one without a day is rejected."""
        day = record.eventTime[:10]
        wanted = self._days.get(day)
        if wanted is None:
            wanted = self._wanted(day)
        if wanted is None:
            self.seen.rejected += 1
        return bool(wanted)

    def _count(self, records: Sequence[Record], days: Sequence[str], again: bool = False) -> None:
        """Put records of the window into groups of equal calls; `again`: only what is in none yet."""
        groups = self._groups
        answer = self._deriver.answer
        if not again:
            self.seen.events += len(records)
        for record, day in zip(records, days, strict=True):
            identity = record.userIdentity or _NOBODY
            via = identity.invokedBy
            context = identity.sessionContext
            issuer = attributes = None
            if context is not None:
                issuer, attributes = context.sessionIssuer, context.attributes
            mfa = attributes.mfaAuthenticated if attributes is not None else context is None
            # All that tells groups apart, in one key: making several costs as much as all else.
            if issuer is not None and issuer.arn:
                key: tuple[Any, ...] = (
                    record.eventSource,
                    record.eventName,
                    record.awsRegion,
                    record.recipientAccountId or identity.accountId,
                    record.readOnly,
                    record.managementEvent,
                    record.eventCategory,
                    record.eventType,
                    record.errorCode,
                    via,
                    issuer.arn,
                    issuer.principalId,
                    mfa,
                )
            else:
                key = (
                    record.eventSource,
                    record.eventName,
                    record.awsRegion,
                    record.recipientAccountId or identity.accountId,
                    record.readOnly,
                    record.managementEvent,
                    record.eventCategory,
                    record.eventType,
                    record.errorCode,
                    via,
                    identity.arn,
                    identity.principalId,
                    mfa,
                    identity.type,
                    identity.accountId,
                )
            group = groups.get(key)
            if group is None:
                group = self._group(key, record, identity)
            if group.ignored:
                if not again:
                    self._ignore(group, record, 1, day)
                continue
            said = answer(group.sort, record) if group.open else group.answer
            counted = group.sums.get(said)
            if counted is None:
                group.sums[said] = Sum(1, day, day)
                group.days.add(day)
                self._sums += 1
            elif not again:
                counted.n += 1
                if day < counted.first:
                    counted.first = day
                    group.days.add(day)
                elif day > counted.last:
                    counted.last = day
                    group.days.add(day)

    def _group(self, key: tuple[Any, ...], record: Record, identity: Identity) -> Group:
        """The group of a record whose key is in none."""
        denied = events.outcome(record.errorCode, record.errorMessage) == "denied"
        if record.errorCode is not None and not events.is_clear(record.errorCode):
            # Its message has a say, so the key is not all that tells.
            key = (*key, denied)
            group = self._groups.get(key)
            if group is not None:
                return group
        sort = self._sort(key[:_SORT], record)
        who = self._who(key[_SORT + 1 :], record)
        if len(self._groups) > _MEMO:
            self.settle()
        # The same few texts in all keys: to compare with them, they need not be fetched anew.
        key = tuple([self._texts.setdefault(part, part) for part in key])
        group = self._groups[key] = Group(who, sort, denied, identity.invokedBy)
        return group

    def _ignore(self, group: Group, record: Record, n: int, day: str) -> None:
        self.seen.ignore(group.ignored, n)
        if group.who.caller.kind == "root":
            self.seen.root(record, group.sort.account, n, day)

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
        self.seen.days_told = False
        self.seen.cover(record, sort.account)
        identity = record.userIdentity or _NOBODY
        who = Who(caller(identity), events.lacks_mfa(identity))
        group = Group(who, sort, denied, identity.invokedBy)
        if group.ignored:
            self._ignore(group, record, n, last)
            return
        group.sums[Answer(derived) if derived is not None else None] = Sum(n, first, last)
        group.add_to(self.actors)
        self.actors[who.caller.arn, who.caller.id].days_told = False

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
            self.seen.days.add(day)
        return inside

    def _sort(self, key: tuple[Any, ...], record: Record) -> Sort:
        sort = self._sorts.get(key)
        if sort is None:
            account = key[_ACCOUNT]
            self.seen.cover(record, account)
            sort = self._spare.get(key) or Sort(record, account or "")
            if len(self._sorts) > _MEMO:
                self._sorts.clear()
            self._sorts[key] = sort
        return sort

    def _who(self, key: tuple[Any, ...], record: Record) -> Who:
        who = self._callers.get(key)
        if who is None:
            if len(self._callers) > _MEMO:
                self._callers.clear()
            identity = record.userIdentity or _NOBODY
            who = self._callers[key] = Who(caller(identity), events.lacks_mfa(identity))
        return who

    def settle(self) -> None:
        """Sum the groups of equal calls up into actors; keeps memory flat."""
        for group in self._groups.values():
            if group.sums:
                group.add_to(self.actors)
        self._groups.clear()
        self._texts.clear()
        self._sums = 0

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
