"""Summing records up: from a stream of CloudTrail records to principals, actions and coverage.

`Tally.add` is the hot loop; what it knows of an event's name, identity and parameters it keeps,
so that each is worked out once.  Tallies of several files or processes add up with `merge`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple, Union

import msgspec
from msgspec import Raw, Struct

from iamlint.iam import catalog
from iamlint.usage import event as events
from iamlint.usage.event import NO_RAW, Record
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
from iamlint.usage.resource_rules import HANDLED, READS

MAX_RESOURCES = 200
"""ARNs kept for one action of one principal; beyond them the list is cut and says so."""

_MEMO = 100_000
_RECENT = 250_000
"""Events remembered, for those that several trails delivered; twice as many at most."""


class Derived(NamedTuple):
    """What one kind of call says: each needed action with its ARNs (None: not known)."""

    needed: tuple[tuple[str, tuple[str, ...] | None], ...]
    possible: tuple[str, ...]


class Sort:
    """What all records of one source, name, region, account and category have in common.

    `derived` is what each of them says where the request does not matter; `open` is True where
    it does.  Compared by identity, for speed: the hot loop looks each up once.
    """

    __slots__ = (
        "account",
        "derived",
        "ignored",
        "mapping",
        "name",
        "open",
        "read",
        "region",
        "source",
    )

    def __init__(self, record: Record, account: str) -> None:
        self.source, self.name = record.eventSource, record.eventName
        self.region, self.account = record.awsRegion or "", account
        self.ignored = "" if events.is_call(record) else "no API call"
        self.mapping = map_event(self.source, self.name)
        self.open = not self.ignored and not self.mapping.unmapped and _asks_request(self.mapping)
        self.read = _reader(self.mapping) if self.open else None
        self.derived: Derived | None = None
        if not self.open and not self.mapping.unmapped:
            needed = tuple((name, ("*",)) for name in self.mapping.required)
            self.derived = Derived(needed, self.mapping.optional)


def _asks_request(mapping: Mapping) -> bool:
    """True if the request tells more of a call's needs than the event's name."""
    if mapping.when or _may_pass_role(mapping):
        return True
    known = map(catalog.action, mapping.required)
    return any(action is None or action.resource_level for action in known)


@cache
def _may_pass_role(mapping: Mapping) -> bool:
    """True if a role in the request may be passed: IAM's and STS's own calls only name it.

    AWS's list of calls that pass roles is not complete, so any call that does more than read may.
    """
    if "iam:PassRole" in mapping.optional:
        return True
    known = map(catalog.action, mapping.required)
    return mapping.prefix not in ("sts", "iam") and any(
        action is not None and action.level not in ("List", "Read") for action in known
    )


@cache
def _parameters_of(prefix: str) -> Callable[[Raw], tuple[bytes, ...]] | None:
    """A function that takes the parameters out of a request which its service's rule looks at."""
    names = READS.get(prefix)
    if names is None:
        return None
    fields = [(f"p{at}", Raw, NO_RAW) for at in range(len(names))]
    shape = msgspec.defstruct(
        f"Request_{prefix}",
        fields,
        rename={f"p{at}": name for at, name in enumerate(names)},
        gc=False,
    )
    decode = msgspec.json.Decoder(Union[shape, None]).decode
    astuple = msgspec.structs.astuple

    def read(raw: Raw) -> tuple[bytes, ...]:
        request = decode(raw)
        return tuple(map(bytes, astuple(request))) if request is not None else ()

    return read


def _reader(mapping: Mapping) -> Callable[[Raw], tuple[bytes, ...]] | None:
    """As `_parameters_of`, where nothing but the rule has a say."""
    if any(name.partition(":")[0] != mapping.prefix for name in mapping.required):
        return None
    if mapping.when and mapping.prefix != "s3":
        return None
    handled = HANDLED.get(mapping.prefix, frozenset())
    for name in mapping.required:
        action = catalog.action(name)
        if action is None or not {kind.name for kind in action.resource_types} <= handled:
            return None
    return _parameters_of(mapping.prefix)


class Who:
    """A caller, compared by identity."""

    __slots__ = ("caller", "ignored")

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.ignored = "" if caller.kind in POLICY_HOLDERS else f"caller: {caller.kind}"


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
        self._sorts: dict[tuple[Any, ...], Sort] = {}
        self._callers: dict[tuple[Any, ...], Who] = {}
        self._derived: dict[tuple[Any, ...], Derived] = {}
        self._equal: dict[Derived, Derived] = {}
        self._days: dict[str, bool] = {}
        self._recent: tuple[set[int], set[int]] = (set(), set())

    def add(self, records: Iterable[Record]) -> None:
        """Count records.  A record without a day is rejected; one seen already is skipped."""
        seen, groups, days, sorts = self.seen, self._groups, self._days, self._sorts
        recent, older = self._recent
        for record in records:
            day = record.eventTime[:10]
            wanted = days.get(day)
            if wanted is None:
                wanted = self._wanted(day)
                if wanted is None:
                    seen.rejected += 1
                    continue
            if not wanted:
                continue
            identifier = record.sharedEventID or record.eventID
            if identifier is not None:
                mark = hash(identifier)
                if mark in recent or mark in older:
                    continue
                recent.add(mark)
                if len(recent) > _RECENT:
                    self._recent = recent, older = set(), recent
            seen.events += 1
            key = (
                record.eventSource,
                record.eventName,
                record.awsRegion,
                record.recipientAccountId,
                record.readOnly,
                record.managementEvent,
                record.eventCategory,
                record.eventType,
            )
            sort = sorts.get(key)
            if sort is None:
                sort = self._sort(key, record)
            if day < seen.first:
                seen.first = day
            if day > seen.last:
                seen.last = day
            who = self._who(record)
            ignored = sort.ignored or who.ignored
            if ignored:
                seen.ignored[ignored] = seen.ignored.get(ignored, 0) + 1
                continue
            identity = record.userIdentity
            group = (
                who,
                sort,
                record.errorCode is not None
                and events.outcome(record.errorCode, record.errorMessage) == "denied",
                identity.invokedBy if identity is not None else None,
                self._derive(sort, record) if sort.open else sort.derived,
            )
            counted = groups.get(group)
            if counted is None:
                groups[group] = [1, day, day]
            else:
                counted[0] += 1
                if day < counted[1]:
                    counted[1] = day
                elif day > counted[2]:
                    counted[2] = day
        if len(groups) > _MEMO:
            self.settle()

    def _wanted(self, day: str) -> bool | None:
        """Whether a day is in the window; None if it is none."""
        if events.day(day) is None:
            return None
        if len(self._days) > _MEMO:
            self._days.clear()
        inside = (not self.since or day >= self.since) and (not self.until or day <= self.until)
        self._days[day] = inside
        return inside

    def _sort(self, key: tuple[Any, ...], record: Record) -> Sort:
        account = record.recipientAccountId
        if account is None and record.userIdentity is not None:
            account = record.userIdentity.accountId
        sort = Sort(record, account or "")
        self._cover(record, account)
        if record.recipientAccountId is not None:
            # Without one, the account is the caller's and so not the same for all.
            if len(self._sorts) > _MEMO:
                self._sorts.clear()
            self._sorts[key] = sort
        return sort

    def settle(self) -> None:
        """Sum the groups of equal calls up into actors; keeps memory flat."""
        for (who, sort, denied, via, derived), (n, first, last) in self._groups.items():
            self._settle(who.caller, sort, denied, via, derived, n=n, first=first, last=last)
        self._groups.clear()

    def _settle(
        self,
        who: Caller,
        sort: Sort,
        denied: bool,
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
        if derived is None:
            if not denied:
                key = (sort.source, sort.name)
                actor.unmapped[key] = actor.unmapped.get(key, 0) + n
            return
        uses = actor.denied if denied else actor.used
        for action, arns in derived.needed:
            use = uses.setdefault(action, Use())
            use.count(n, first, last)
            use.touch(arns)
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
            possible = actor.possible.setdefault(action, Possible())
            possible.n += n
            possible.last = max(possible.last, last)
            possible.by.update(by)

    def _cover(self, record: Record, account: str | None) -> None:
        seen = self.seen
        if record.awsRegion:
            seen.regions.add(record.awsRegion)
        if account:
            seen.accounts.add(account)
        read = events.is_read(record)
        access = () if read is None else ("read" if read else "write",)
        if events.is_data(record):
            seen.data.setdefault(record.eventSource, set()).update(access)
        elif events.is_call(record):
            seen.services.add(record.eventSource)
            seen.management.update(access)

    def _who(self, record: Record) -> Who:
        identity = record.userIdentity
        context = identity.sessionContext if identity is not None else None
        issuer = context.sessionIssuer if context is not None else None
        key: tuple[Any, ...]
        if issuer is not None and issuer.arn:
            key = (issuer.arn, issuer.principalId)
        elif identity is not None:
            key = (
                identity.arn,
                identity.principalId,
                identity.type,
                identity.accountId,
                identity.invokedBy,
            )
        else:
            key = ()
        known = self._callers.get(key)
        if known is None:
            if len(self._callers) > _MEMO:
                self._callers.clear()
            known = self._callers[key] = Who(caller(identity))
        return known

    def _derive(self, sort: Sort, record: Record) -> Derived:
        """What the call needed; equal answers are one object."""
        raw = record.requestParameters
        if sort.read is not None:
            known = self._derive_from_parts(sort, record)
            if known is not None:
                return known
        key = (sort, bytes(raw), bytes(record.resources))
        known = self._derived.get(key)
        return known if known is not None else self._derive_anew(key, sort, record)

    def _derive_from_parts(self, sort: Sort, record: Record) -> Derived | None:
        """The same from the few parameters that matter; None where that is not sure."""
        raw = bytes(record.requestParameters)
        if sort.read is None or (b":role/" in raw and _may_pass_role(sort.mapping)):
            return None
        resources = bytes(record.resources)
        if sort.mapping.prefix == "s3":
            # An S3 call names its bucket; its resources add nothing but access points.
            if b"AccessPoint" in resources:
                return None
            resources = b""
        try:
            parts = sort.read(record.requestParameters)
        except events.DECODE_ERRORS:
            return None
        if not parts or parts[0] == b"null":
            return None
        key = (sort, parts, resources)
        known = self._derived.get(key)
        if known is None:
            known = self._derive_anew(key, sort, record)
            if any(arns is None for _, arns in known.needed):
                # Not the rule's answer, so more of the request may have had a say.
                del self._derived[key]
        return known

    def _derive_anew(self, key: tuple[Any, ...], sort: Sort, record: Record) -> Derived:
        if len(self._derived) > _MEMO:
            self._derived.clear()
            self._equal.clear()
        found = derive(sort.mapping, record, sort.account)
        known = self._derived[key] = self._equal.setdefault(found, found)
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
    names = mapping.required
    if mapping.when:
        names = mapping.needed(
            [name for name, values in flatten(parameters).items() if any(values)]
        )
    needed: list[tuple[str, tuple[str, ...] | None]] = []
    for name in names:
        action = catalog.action(name)
        if action is not None:
            needed.append((name, resources_of(action, call)))
    possible = list(mapping.optional)
    if b":role/" in bytes(record.requestParameters) and _may_pass_role(mapping):
        roles = _passed_roles(call)
        if roles and "iam:PassRole" in possible:
            possible.remove("iam:PassRole")
            needed.append(("iam:PassRole", roles))
        elif roles:
            possible.append("iam:PassRole")
    return Derived(tuple(needed), tuple(possible))


def _passed_roles(call: Call) -> tuple[str, ...]:
    """The roles whose ARNs stand in the request of a call that may pass a role."""
    found = {
        value
        for values in flatten(call.parameters).values()
        for value in values
        if ":role/" in value and is_arn(value) and value.split(":", 5)[2] == "iam"
    }
    return tuple(sorted(found))


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
