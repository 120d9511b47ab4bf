"""Summing records up: from a stream of CloudTrail records to principals, actions and coverage.

`Tally.add` is the hot loop; what it knows of an event's name, identity and parameters it keeps,
so that each is worked out once.  Tallies of several files or processes add up with `merge`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from iamlint.iam import catalog
from iamlint.usage import event as events
from iamlint.usage.event import Record
from iamlint.usage.mapping import Mapping, map_event
from iamlint.usage.principal import POLICY_HOLDERS, Caller, caller
from iamlint.usage.profile import (
    ActionUse,
    Categories,
    Coverage,
    DeniedUse,
    PossibleUse,
    PrincipalUsage,
)
from iamlint.usage.resource import Call, flatten, is_arn, resources_of

MAX_RESOURCES = 200
"""ARNs kept for one action of one principal; beyond them the list is cut and says so."""

_MEMO = 100_000


class Derived(NamedTuple):
    """What one kind of call says: each needed action with its ARNs (None: not known)."""

    needed: tuple[tuple[str, tuple[str, ...] | None], ...]
    possible: tuple[str, ...]


class Use(Struct):
    """Calls of one action by one principal."""

    n: int = 0
    first: str = "9999-99-99"
    last: str = ""
    complete: bool = True
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
    """All that one principal did."""

    kind: str
    path_known: bool = False
    ids: set[str] = msgspec.field(default_factory=set)
    used: dict[str, Use] = msgspec.field(default_factory=dict)
    denied: dict[str, Use] = msgspec.field(default_factory=dict)
    possible: dict[str, Possible] = msgspec.field(default_factory=dict)
    unmapped: dict[tuple[str, str], int] = msgspec.field(default_factory=dict)


class Seen(Struct):
    """What the records covered."""

    events: int = 0
    rejected: int = 0
    files: int = 0
    files_failed: int = 0
    first: str = "9999-99-99"
    last: str = ""
    accounts: set[str] = msgspec.field(default_factory=set)
    regions: set[str] = msgspec.field(default_factory=set)
    management: set[str] = msgspec.field(default_factory=set)
    services: set[str] = msgspec.field(default_factory=set)
    data: dict[str, set[str]] = msgspec.field(default_factory=dict)
    ignored: dict[str, int] = msgspec.field(default_factory=dict)


class Tally:
    """The sum so far.

    `since` and `until` are days (inclusive, "" for no bound): records outside are not counted.
    """

    def __init__(self, since: str = "", until: str = "") -> None:
        self.since, self.until = since, until
        self.seen = Seen()
        self.actors: dict[str, Actor] = {}
        self._groups: dict[tuple[Any, ...], list[Any]] = {}
        self._callers: dict[tuple[Any, ...], Caller] = {}
        self._derived: dict[tuple[Any, ...], Derived] = {}
        self._marks: set[tuple[Any, ...]] = set()
        self._days: dict[str, bool] = {}
        self._recent: tuple[set[int], set[int]] = (set(), set())

    def add(self, records: Iterable[Record]) -> None:
        """Count records.  A record without a day is rejected; one seen already is skipped."""
        seen, groups, days, marks = self.seen, self._groups, self._days, self._marks
        recent, older = self._recent
        for record in records:
            day = record.eventTime[:10]
            wanted = days.get(day)
            if wanted is None:
                if events.day(day) is None:
                    seen.rejected += 1
                    continue
                wanted = days[day] = (not self.since or day >= self.since) and (
                    not self.until or day <= self.until
                )
            if not wanted:
                continue
            identifier = record.sharedEventID or record.eventID
            if identifier is not None:
                mark = hash(identifier)
                if mark in recent or mark in older:
                    continue
                recent.add(mark)
                if len(recent) > 250_000:
                    self._recent = recent, older = set(), recent
            seen.events += 1
            where = (
                record.eventSource,
                record.eventName,
                record.awsRegion,
                record.recipientAccountId,
                record.readOnly,
                record.managementEvent,
                record.eventCategory,
                record.eventType,
            )
            if where not in marks:
                marks.add(where)
                self._cover(record)
            if day < seen.first:
                seen.first = day
            if day > seen.last:
                seen.last = day
            who = self._caller(record)
            if who.kind not in POLICY_HOLDERS or not events.is_call(record):
                reason = f"caller: {who.kind}" if events.is_call(record) else "no API call"
                seen.ignored[reason] = seen.ignored.get(reason, 0) + 1
                continue
            identity = record.userIdentity
            key = (
                who,
                record.eventSource,
                record.eventName,
                events.outcome(record.errorCode, record.errorMessage)
                if record.errorCode
                else "used",
                record.awsRegion,
                record.recipientAccountId,
                identity.invokedBy if identity is not None else None,
                self._derive(record),
            )
            group = groups.get(key)
            if group is None:
                groups[key] = [1, day, day]
            else:
                group[0] += 1
                if day < group[1]:
                    group[1] = day
                elif day > group[2]:
                    group[2] = day
        if len(groups) > _MEMO:
            self.settle()

    def settle(self) -> None:
        """Sum the groups of equal calls up into actors; keeps memory flat."""
        for key, (n, first, last) in self._groups.items():
            self._settle(*key, n=n, first=first, last=last)
        self._groups.clear()

    def _settle(
        self,
        who: Caller,
        source: str,
        name: str,
        outcome: str,
        region: str | None,
        account: str | None,
        via: str | None,
        derived: Derived | None,
        *,
        n: int,
        first: str,
        last: str,
    ) -> None:
        actor = self.actors.get(who.arn)
        if actor is None:
            actor = self.actors[who.arn] = Actor(who.kind)
        actor.path_known |= who.path_known
        if who.id:
            actor.ids.add(who.id)
        if derived is None and outcome == "denied":
            return
        if derived is None:
            actor.unmapped[source, name] = actor.unmapped.get((source, name), 0) + n
            return
        uses = actor.denied if outcome == "denied" else actor.used
        for action, arns in derived.needed:
            use = uses.setdefault(action, Use())
            use.count(n, first, last)
            use.touch(arns)
            if region:
                use.regions.add(region)
            if account:
                use.accounts.add(account)
            if via:
                use.via.add(via)
        if outcome == "denied":
            return
        by = [action for action, _ in derived.needed] or [f"{source.partition('.')[0]}:{name}"]
        for action in derived.possible:
            possible = actor.possible.setdefault(action, Possible())
            possible.n += n
            possible.last = max(possible.last, last)
            possible.by.update(by)

    def _cover(self, record: Record) -> None:
        seen = self.seen
        if record.awsRegion:
            seen.regions.add(record.awsRegion)
        if record.recipientAccountId:
            seen.accounts.add(record.recipientAccountId)
        elif record.userIdentity is not None and record.userIdentity.accountId:
            seen.accounts.add(record.userIdentity.accountId)
        read = events.is_read(record)
        access = () if read is None else ("read" if read else "write",)
        if events.is_data(record):
            seen.data.setdefault(record.eventSource, set()).update(access)
        elif events.is_call(record):
            seen.services.add(record.eventSource)
            seen.management.update(access)

    def _caller(self, record: Record) -> Caller:
        identity = record.userIdentity
        if identity is None:
            return caller(None)
        context = identity.sessionContext
        issuer = context.sessionIssuer if context is not None else None
        if issuer is not None and issuer.arn:
            key: tuple[Any, ...] = (issuer.arn, issuer.principalId)
        else:
            key = (
                identity.arn,
                identity.principalId,
                identity.type,
                identity.accountId,
                identity.invokedBy,
            )
        known = self._callers.get(key)
        if known is None:
            if len(self._callers) > _MEMO:
                self._callers.clear()
            known = self._callers[key] = caller(identity)
        return known

    def _derive(self, record: Record) -> Derived | None:
        """What the call needed; None if the event is not mapped."""
        mapping = map_event(record.eventSource, record.eventName)
        if mapping.unmapped:
            return None
        account = record.recipientAccountId
        if account is None and record.userIdentity is not None:
            account = record.userIdentity.accountId
        key = (
            record.eventSource,
            record.eventName,
            record.awsRegion,
            account,
            bytes(record.requestParameters),
            bytes(record.resources),
        )
        known = self._derived.get(key)
        if known is None:
            if len(self._derived) > _MEMO:
                self._derived.clear()
            known = self._derived[key] = derive(mapping, record, account or "")
        return known

    def merge(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.settle()
        other.settle()
        mine, theirs = self.seen, other.seen
        for name in ("events", "rejected", "files", "files_failed"):
            setattr(mine, name, getattr(mine, name) + getattr(theirs, name))
        mine.first, mine.last = min(mine.first, theirs.first), max(mine.last, theirs.last)
        for name in ("accounts", "regions", "management", "services"):
            getattr(mine, name).update(getattr(theirs, name))
        for source, access in theirs.data.items():
            mine.data.setdefault(source, set()).update(access)
        for reason, count in theirs.ignored.items():
            mine.ignored[reason] = mine.ignored.get(reason, 0) + count
        for arn, actor in other.actors.items():
            known = self.actors.get(arn)
            if known is None:
                self.actors[arn] = actor
            else:
                _merge_actor(known, actor)

    def principals(self) -> dict[str, PrincipalUsage]:
        """The profile's principals.  A role seen with and without its path is one."""
        self.settle()
        for arn in [arn for arn, actor in self.actors.items() if not actor.path_known]:
            whole = [
                other
                for other, actor in self.actors.items()
                if actor.path_known and _same_name(other, arn)
            ]
            if len(whole) == 1:
                _merge_actor(self.actors[whole[0]], self.actors.pop(arn))
        return {arn: _usage(actor) for arn, actor in sorted(self.actors.items())}

    def coverage(self, source: str) -> Coverage:
        """What was covered, as the profile tells it."""
        seen = self.seen
        return Coverage(
            source=source,
            accounts=sorted(seen.accounts),
            regions=sorted(seen.regions),
            since=max(seen.first, self.since) if seen.last else "",
            until=seen.last,
            categories=Categories(
                management=sorted(seen.management),
                data=sorted(seen.data),
                data_access={name: sorted(access) for name, access in sorted(seen.data.items())},
                services=sorted(seen.services),
            ),
            events=seen.events,
            rejected=seen.rejected,
            files=seen.files,
            files_failed=seen.files_failed,
            ignored=dict(sorted(seen.ignored.items())),
        )


def derive(mapping: Mapping, record: Record, account: str) -> Derived:
    """The actions that a record's call needed, each with the ARNs it was authorized on."""
    parameters = _object(record.requestParameters)
    try:
        resources = events.decode_resources(record.resources) or []
    except events.DECODE_ERRORS:
        resources = []
    call = Call(
        mapping.prefix,
        record.eventName,
        record.awsRegion or "",
        account,
        parameters,
        resources,
        _object(record.responseElements),
    )
    needed: list[tuple[str, tuple[str, ...] | None]] = []
    possible = list(mapping.optional)
    given = [name for name, values in flatten(parameters).items() if any(values)]
    for name in mapping.needed(given):
        action = catalog.action(name)
        if action is not None:
            needed.append((name, resources_of(action, call)))
    roles = _passed_roles(call) if mapping.prefix not in ("sts", "iam") else ()
    if "iam:PassRole" in possible and roles:
        possible.remove("iam:PassRole")
        needed.append(("iam:PassRole", roles))
    elif roles and "iam:PassRole" not in possible:
        # AWS's list of calls that pass roles is not complete.
        possible.append("iam:PassRole")
    return Derived(tuple(needed), tuple(possible))


def _passed_roles(call: Call) -> tuple[str, ...]:
    """The roles whose ARNs stand in the request of a call that may pass a role."""
    flat = flatten(call.parameters)
    return tuple(
        sorted(
            {
                value
                for values in flat.values()
                for value in values
                if is_arn(value)
                and value.split(":", 5)[2] == "iam"
                and value.split(":", 5)[5].startswith("role/")
            }
        )
    )


def _object(raw: msgspec.Raw) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(raw)
    except events.DECODE_ERRORS:
        return {}
    return value if isinstance(value, dict) else {}


def _same_name(whole: str, pathless: str) -> bool:
    """True if two role ARNs are of one account and name; names are unique whatever the path."""
    return (
        whole.split("/", 1)[0] == pathless.split("/", 1)[0]
        and whole.rsplit("/", 1)[-1] == pathless.rsplit("/", 1)[-1]
    )


def _merge_actor(mine: Actor, theirs: Actor) -> None:
    mine.ids |= theirs.ids
    mine.path_known |= theirs.path_known
    for uses, others in ((mine.used, theirs.used), (mine.denied, theirs.denied)):
        for name, other in others.items():
            use = uses.setdefault(name, Use())
            use.count(other.n, other.first, other.last)
            use.complete &= other.complete
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


def _usage(actor: Actor) -> PrincipalUsage:
    return PrincipalUsage(
        ids=sorted(actor.ids),
        kind=actor.kind,
        path_known=actor.path_known,
        actions={
            name: ActionUse(
                n=use.n,
                first=use.first,
                last=use.last,
                regions=sorted(use.regions),
                accounts=sorted(use.accounts),
                resources=sorted(use.resources),
                resources_complete=use.complete,
                via=sorted(use.via),
                src=["cloudtrail"],
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
