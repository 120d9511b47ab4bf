"""What calls needed, worked out once for all that are alike: by their sort, and what of a request matters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, Union

import msgspec

from iamlint.iam import catalog
from iamlint.usage import event as events
from iamlint.usage.derive import Derived, asks_request, derive, may_pass_role
from iamlint.usage.event import NO_RAW, Record
from iamlint.usage.mapping import Mapping, map_event
from iamlint.usage.services import HANDLED, READS


class Answer:
    """A Derived, compared by identity: equal ones are one object of a `Deriver`."""

    __slots__ = ("derived",)

    def __init__(self, derived: Derived) -> None:
        self.derived = derived


_HEADER = b"mz-"


class Reader(NamedTuple):
    """Takes the parameters `p0`, `p1`… that matter out of a service's requests.

    `usual` reads those without headers, a few fields in a fraction of the time, where `rare`
    reads all.  A request that lacks `p0` is none for it, unless `any_first`.
    """

    usual: Callable[[bytes], Any]
    rare: Callable[[bytes], Any] | None
    names_bucket: bool
    any_first: bool


class Sort:
    """What all records of one source, name, region, account and category have in common.

    `answer` is what each of them says where the request does not matter, None for an event that
    is not mapped; `open` is True where the request matters, and `reader` takes the parts of it
    that do, if these are known.  `known` is a `Deriver`'s memory of the answers, `different` the
    number of whole requests in it.  Compared by identity, for speed.
    """

    __slots__ = (
        "account",
        "answer",
        "different",
        "ignored",
        "known",
        "mapping",
        "name",
        "open",
        "passes",
        "reader",
        "region",
        "source",
    )

    def __init__(self, record: Record, account: str) -> None:
        self.source, self.name = record.eventSource, record.eventName
        self.region, self.account = record.awsRegion or "", account
        self.ignored = "" if events.is_call(record) else "no API call"
        of = _of_event(self.source, self.name)
        self.mapping, self.passes, self.answer = of.mapping, of.passes, of.answer
        self.open = not self.ignored and of.open
        self.reader = of.reader
        self.known: dict[Any, Answer] = {}
        self.different = 0


class _OfEvent(NamedTuple):
    """What is the same for an event in all regions and accounts."""

    mapping: Mapping
    passes: bool
    open: bool
    reader: Reader | None
    answer: Answer | None


@lru_cache(maxsize=20_000)
def _of_event(source: str, name: str) -> _OfEvent:
    mapping = map_event(source, name)
    passes = may_pass_role(mapping)
    if mapping.unmapped:
        return _OfEvent(mapping, passes, False, None, None)
    if asks_request(mapping):
        return _OfEvent(mapping, passes, True, _reader(mapping), None)
    needed = tuple((name, ("*",)) for name in mapping.required)
    return _OfEvent(mapping, passes, False, None, Answer(Derived(needed, mapping.optional)))


_NUL = b"\0"
_FEW = 50
"""Different requests of a sort up to which whole ones are looked up: that costs a third of reading parts."""


class Deriver:
    """Answers for calls, remembered by what they depend on; `limit` bounds what is remembered."""

    def __init__(self, limit: int = 100_000) -> None:
        self._limit = limit
        self._count = 0
        self._sorts: list[Sort] = []
        self._equal: dict[Derived, Answer] = {}

    def answer(self, sort: Sort, record: Record) -> Answer:
        """What a call of an open sort needed."""
        reader = sort.reader
        if reader is not None and sort.different > _FEW:
            found = self._by_parts(sort, reader, record)
            if found is not None:
                return found
        # No JSON has a NUL in it, so two texts joined by one are as good as a pair, and faster.
        key = _NUL.join((record.requestParameters, record.resources))
        known = sort.known.get(key)
        if known is None:
            if reader is not None and sort.different <= _FEW:
                sort.different += 1
                known = self._by_parts(sort, reader, record)
            if known is None:
                return self._remember(key, sort, record)
            self._keep(key, sort, known)
        return known

    def _by_parts(self, sort: Sort, reader: Reader, record: Record) -> Answer | None:
        """From the few parameters that matter; None where that is not sure."""
        raw = bytes(record.requestParameters)
        if sort.passes and b":role/" in raw:
            return None
        resources = b"" if record.resources is NO_RAW else bytes(record.resources)
        if reader.names_bucket:
            # An S3 call names its bucket; its resources add nothing but access points.
            if b"AccessPoint" in resources:
                return None
            resources = b""
        try:
            read = reader.usual
            # An escaped name may be a header's.
            if reader.rare is not None and (_HEADER in raw or b"\\" in raw):
                read = reader.rare
            parts = read(raw)
            if parts is None or (parts.p0 is None and not reader.any_first):
                return None
            key = (parts, resources) if resources else parts
            known = sort.known.get(key)
        except (TypeError, *events.DECODE_ERRORS):
            # A part that is a list or map has no hash: such calls are told by their whole request.
            return None
        if known is None:
            known = self._remember(key, sort, record)
            if any(arns is None for _, arns in known.derived.needed):
                # Not the rule's answer, so more of the request may have had a say.
                del sort.known[key]
        return known

    def _remember(self, key: Any, sort: Sort, record: Record) -> Answer:
        found = derive(sort.mapping, record, sort.account)
        known = self._equal.get(found)
        if known is None:
            known = self._equal[found] = Answer(found)
        self._keep(key, sort, known)
        return known

    def _keep(self, key: Any, sort: Sort, known: Answer) -> None:
        if self._count > self._limit:
            for each in self._sorts:
                each.known.clear()
                each.different = 0
            self._sorts.clear()
            self._equal.clear()
            self._count = 0
        if not sort.known:
            self._sorts.append(sort)
        sort.known[key] = known
        self._count += 1


@cache
def _parameters_of(prefix: str) -> Reader | None:
    """What takes the parameters out of a request which its service's rule looks at."""
    names = READS.get(prefix)
    if names is None:
        return None
    plain = tuple(name for name in names if _HEADER.decode() not in name)
    return Reader(
        usual=_fields(prefix, plain),
        rare=_fields(prefix, names) if plain != names else None,
        names_bucket=prefix == "s3",
        any_first=prefix == "kms",
    )


def _fields(prefix: str, names: Sequence[str]) -> Callable[[bytes], Any]:
    shape = msgspec.defstruct(
        f"Request_{prefix}",
        [(f"p{at}", Any, None) for at in range(len(names))],
        rename={f"p{at}": name for at, name in enumerate(names)},
        frozen=True,
        gc=False,
    )
    return msgspec.json.Decoder(Union[shape, None]).decode


@lru_cache(maxsize=20_000)
def _reader(mapping: Mapping) -> Reader | None:
    """As `_parameters_of`, where nothing but the rule has a say."""
    if any(name.partition(":")[0] != mapping.prefix for name in mapping.required):
        return None
    if mapping.asks_request and mapping.prefix not in ("s3", "sts"):
        return None
    handled = HANDLED.get(mapping.prefix, frozenset())
    for name in mapping.required:
        action = catalog.action(name)
        if action is None or not {kind.name for kind in action.resource_types} <= handled:
            return None
    return _parameters_of(mapping.prefix)
