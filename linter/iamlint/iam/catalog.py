"""The catalogue of IAM actions: names and levels at once, the rest by service when asked.

`data/actions.txt` holds one line per service, its fields divided by tabs: prefix, title, start and
length of its packed details in `data/actions.bin`, one letter per action for access level, for
observability and for resource-level support (`r`, `-`; as `R`, `=` if a call may pass a role), the service names that stand in its ARNs, and the
action names in order of their lower-case spelling.  Details are zlib-packed JSON.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from typing import Literal, cast

import msgspec

from iamlint import data

Level = Literal["List", "Read", "Write", "Permissions management", "Tagging"]
Observability = Literal["management", "data", "permission-only", "never-logged", "unknown"]
"""What CloudTrail shows of an action's use.

`management`: management events, which trails record unless told otherwise.  `data`: data events,
which trails record only where told to.  `permission-only`: no operation of a public API has this
name, so its use is part of other calls or of a connection (iam:PassRole, kafka-cluster:Connect).
`never-logged`: an operation that CloudTrail does not record (logs:PutLogEvents).  `unknown`:
iamlint does not know.  Only of `management`, and of `data` where such events were recorded, does
absence mean anything.
"""

_LEVELS: dict[str, Level] = {
    "L": "List",
    "R": "Read",
    "W": "Write",
    "P": "Permissions management",
    "T": "Tagging",
}
_CLASSES: dict[str, Observability] = {
    "m": "management",
    "d": "data",
    "p": "permission-only",
    "n": "never-logged",
    "u": "unknown",
}


class ResourceType(msgspec.Struct, frozen=True):
    """A resource type of a service; `arns` are templates.

    `required` is meant for one action: a call always names such a resource.
    """

    prefix: str
    name: str
    arns: tuple[str, ...]
    required: bool = False
    condition_keys: tuple[str, ...] = ()


class Action(msgspec.Struct, frozen=True):
    """An IAM action; `name` as AWS spells it, with its prefix (`s3:GetObject`)."""

    name: str
    level: Level
    observability: Observability
    resource_level: bool
    """False if the action accepts only `Resource: "*"`."""
    takes_role: bool = False
    """True if a call may be given a role or instance profile, so that it needs iam:PassRole too."""

    @property
    def prefix(self) -> str:
        return self.name.partition(":")[0]

    @property
    def resource_types(self) -> tuple[ResourceType, ...]:
        """Required types first; empty if the action has no resource-level support."""
        return _detail(self.name)[0]

    @property
    def condition_keys(self) -> tuple[str, ...]:
        """The service's own and tag keys that may be in a request; global keys are not listed."""
        return _detail(self.name)[1]

    @property
    def dependent_actions(self) -> tuple[str, ...]:
        """Actions that some calls of this one need besides (AWS documentation, July 2026)."""
        return _detail(self.name)[2]


class Service:
    """A service: `actions` are full names (`s3:GetObject`) in order of lower-case spelling."""

    __slots__ = (
        "_classes",
        "_flags",
        "_levels",
        "_lower",
        "_slice",
        "actions",
        "prefix",
        "title",
    )

    def __init__(self, fields: list[str]) -> None:
        self.prefix, self.title, start, length, self._levels, self._classes = fields[:6]
        self._flags = fields[6]
        self._slice = (int(start), int(length))
        head = self.prefix + ":"
        names = fields[8]
        self.actions: tuple[str, ...] = tuple([head + name for name in names.split(" ")])
        self._lower = names.lower().split(" ")

    def __repr__(self) -> str:
        return f"Service({self.prefix!r}, {len(self.actions)} actions)"

    def action(self, name: str) -> Action | None:
        """An action by its name without prefix, in any case."""
        at = self.position(name.lower())
        if at is None:
            return None
        return Action(
            self.actions[at],
            _LEVELS[self._levels[at]],
            _CLASSES[self._classes[at]],
            self._flags[at] in "rR",
            self._flags[at] in "R=",
        )

    def position(self, lower: str) -> int | None:
        """The index of a lower-case name in `actions`."""
        at = bisect_left(self._lower, lower)
        return at if at < len(self._lower) and self._lower[at] == lower else None

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The full names that a pattern without prefix covers, in any case."""
        pattern = pattern.lower()
        stem = _stem(pattern)
        if stem == pattern:
            at = self.position(pattern)
            return () if at is None else (self.actions[at],)
        low = bisect_left(self._lower, stem)
        high = bisect_left(self._lower, stem + "\U0010ffff") if stem else len(self._lower)
        rest = pattern[len(stem) :]
        if not rest.strip("*"):
            return self.actions[low:high]
        from iamlint.iam.pattern import matches

        # Most names lack one of the literal pieces, which is cheaper to see than to match.
        pieces = [piece for piece in rest.replace("?", "*").split("*") if piece]
        shortest = len(pattern) - pattern.count("*")
        return tuple(
            self.actions[at]
            for at in range(low, high)
            if len(self._lower[at]) >= shortest
            and all(piece in self._lower[at] for piece in pieces)
            and matches(pattern, self._lower[at])
        )

    @property
    def resource_types(self) -> tuple[ResourceType, ...]:
        """All resource types of the service."""
        keys, types, _ = _details(self.prefix)
        return tuple(
            ResourceType(self.prefix, name, arns, False, tuple(keys[key][0] for key in own))
            for name, arns, own in types
        )

    @property
    def condition_keys(self) -> dict[str, str]:
        """The service's condition keys with their types (`String`, `ARN`, `Bool`, …; may be `""`)."""
        return dict(_details(self.prefix)[0])

    def details(self) -> bytes:
        """The packed details."""
        return data.read_slice("actions.bin", *self._slice)


def data_date() -> str:
    """The day of the catalogue's source, as `2026-10-27`."""
    return _file()[0].split("\t")[1]


def services() -> tuple[str, ...]:
    """All prefixes, sorted."""
    return tuple(_lines())


@cache
def service(prefix: str) -> Service | None:
    """A service by its prefix, in any case."""
    line = _lines().get(prefix) or _lines().get(prefix.lower())
    return None if line is None else Service(line.split("\t"))


def action(name: str) -> Action | None:
    """An action by its full name, in any case; None if the catalogue has none."""
    prefix, colon, rest = name.partition(":")
    found = service(prefix) if colon and "*" not in prefix else None
    return None if found is None else found.action(rest)


@cache
def every_action() -> tuple[str, ...]:
    """All actions of all services."""
    names: list[str] = []
    for prefix in _lines():
        names += cast(Service, service(prefix)).actions
    return tuple(names)


def expand(pattern: str) -> tuple[str, ...]:
    """The actions that a pattern covers, in AWS's spelling; empty if there are none.

    `*` and `?` are wildcards, case does not matter.  Answers are in the order of `services()`.
    """
    prefix, colon, name = pattern.partition(":")
    if not colon:
        # AWS accepts no other action without a service prefix.
        return every_action() if pattern and not pattern.strip("*") else ()
    if ":" in name:
        return ()
    if "*" not in prefix and "?" not in prefix:
        found = service(prefix)
        return () if found is None else found.expand(name)
    if not prefix.strip("*") and not name.strip("*") and name:
        return every_action()
    from iamlint.iam.pattern import matches

    names: list[str] = []
    for known in _lines():
        if matches(prefix.lower(), known):
            names += cast(Service, service(known)).expand(name)
    return tuple(names)


def matching(pattern: str) -> bool:
    """True if a pattern covers any action of the catalogue."""
    return bool(expand(pattern))


def requires_all_resources(name: str) -> bool | None:
    """True if an action accepts only `Resource: "*"`; None if the catalogue does not know it."""
    found = action(name)
    return None if found is None else not found.resource_level


def resource_types_for(arn: str, prefix: str | None = None) -> tuple[ResourceType, ...]:
    """The resource types that a concrete ARN may be of, the most specific first.

    Looks into the services whose ARNs bear this ARN's service name, or into `prefix` alone.
    """
    from iamlint.iam.arn import match, specificity, split

    parts = split(arn)
    if parts is None:
        return ()
    prefixes = (prefix,) if prefix is not None else services_of_arn(parts.service)
    found = []
    for known in prefixes:
        holder = service(known)
        for kind in holder.resource_types if holder else ():
            fits = [template for template in kind.arns if match(template, arn) is not None]
            if fits:
                best = max(map(specificity, fits))
                found.append((best, known == parts.service, kind))
    found.sort(key=lambda item: (item[0], item[1]), reverse=True)
    return tuple(kind for _, _, kind in found)


def services_of_arn(name: str) -> tuple[str, ...]:
    """The prefixes of services whose resources have this name in the third part of their ARN."""
    return _arn_services().get(name, ())


def suggest(name: str, limit: int = 3) -> tuple[str, ...]:
    """Actions that someone who wrote `name` may have meant, the likeliest first."""
    from difflib import get_close_matches

    prefix, _, rest = name.partition(":")
    found = service(prefix)
    if found is None:
        prefixes = get_close_matches(prefix.lower(), _lines(), limit, 0.6)
        elsewhere = [known + ":" + rest for known in prefixes]
        same = [hit.name for hit in map(action, elsewhere) if hit is not None]
        return tuple(same[:limit])
    lower = {full.lower(): full for full in found.actions}
    close = get_close_matches(f"{prefix}:{rest}".lower(), lower, limit, 0.75)
    return tuple(lower[key] for key in close)


def _stem(pattern: str) -> str:
    """What stands before the first wildcard."""
    ends = [at for at in (pattern.find("*"), pattern.find("?")) if at != -1]
    return pattern[: min(ends)] if ends else pattern


@cache
def _file() -> tuple[str, dict[str, str]]:
    header, *lines = data.read_text("actions.txt").splitlines()
    return header, {line[: line.index("\t")]: line for line in lines}


def _lines() -> dict[str, str]:
    return _file()[1]


@cache
def _arn_services() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for prefix, line in _lines().items():
        for name in line.split("\t")[7].split():
            found[name] = (*found.get(name, ()), prefix)
    return found


_Keys = tuple[tuple[str, str], ...]
_Types = tuple[tuple[str, tuple[str, ...], tuple[int, ...]], ...]
_Uses = tuple[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[str, ...]], ...]


@cache
def _details(prefix: str) -> tuple[_Keys, _Types, _Uses]:
    import zlib

    found = cast(Service, service(prefix))
    return msgspec.json.decode(zlib.decompress(found.details()), type=tuple[_Keys, _Types, _Uses])


@cache
def _detail(name: str) -> tuple[tuple[ResourceType, ...], tuple[str, ...], tuple[str, ...]]:
    prefix, _, rest = name.partition(":")
    at = cast(Service, service(prefix)).position(rest.lower())
    assert at is not None, name
    keys, types, uses = _details(prefix)
    required, optional, own, dependents = uses[at]
    kinds = []
    for index, must in [(index, True) for index in required] + [
        (index, False) for index in optional
    ]:
        kind, arns, carried = types[index]
        kinds.append(ResourceType(prefix, kind, arns, must, tuple(keys[key][0] for key in carried)))
    return tuple(kinds), tuple(keys[key][0] for key in own), dependents
