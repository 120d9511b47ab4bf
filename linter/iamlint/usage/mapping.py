"""From an event's source and name to the IAM actions that the call needed, in layers.

1. the rows of `exceptions.json`, written by hand, each with its AWS page;
2. the action of that name in the catalogue, then the name without API date and version
   (`CreateFunction20150331`);
3. API Gateway, whose actions are HTTP verbs;
4. the generated table of operations that are not named like their action;
5. else the event is unmapped, which keeps every grant of its service: never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from iamlint.iam import catalog, events

_DATE_SUFFIX = re.compile(r"(?<=[A-Za-z])20\d{2}_?\d{2}_?\d{2}(?:v\d+)?\Z")


Told = tuple[tuple[str, tuple[str, ...]], ...]
"""Actions, each with the request parameters that tell of it (`*tag`: any with `tag` in its name)."""

_TAGGING: dict[str, tuple[str, ...]] = {
    "ec2:CreateTags": ("*tag", "*launchtemplate"),
    "elasticloadbalancing:AddTags": ("*tag",),
    "rds:AddTagsToResource": ("*tag",),
}
"""Actions that calls which make something need besides, but only to give it tags.

AWSEC2/latest/UserGuide/supported-iam-actions-tagging ("only evaluated if tags are specified in the
request"; a launch template may have some), elasticloadbalancing/latest/userguide/
tagging-resources-during-creation, AmazonRDS/latest/UserGuide/
security_iam_id-based-policy-examples-grant-permissions-tags-on-create.
"""


class Mapping(msgspec.Struct, frozen=True):
    """The actions that a call needs.

    `required` were needed by every such call; `optional` by some, which the event does not tell.
    The others hang on the parameters of the request: `when` one is given, the action was needed;
    `may`: only then it may have been; `unless`: only otherwise it may have been.  With none of
    all, `reason` says why: no permission is needed, or the event is not known (`unmapped`).
    `prefix` is the IAM prefix of the service, "" if not even that is known.
    """

    prefix: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    when: Told = ()
    may: Told = ()
    unless: Told = ()
    reason: str = ""
    unmapped: bool = False

    @property
    def asks_request(self) -> bool:
        """True if parameters have a say."""
        return bool(self.when or self.may or self.unless)

    def needed(self, given: Collection[str]) -> tuple[str, ...]:
        """The actions that a call needed for certain; `given` are its parameters' lower-case names."""
        if not self.when:
            return self.required
        return self.required + tuple(
            action
            for action, names in self.when
            if action not in self.required and _any(names, given)
        )

    def possible(self, given: Collection[str]) -> tuple[str, ...]:
        """The actions that a call may have needed besides."""
        if not self.may and not self.unless:
            return self.optional
        return (
            *self.optional,
            *(action for action, names in self.may if _any(names, given)),
            *(action for action, names in self.unless if not _any(names, given)),
        )


def _any(names: tuple[str, ...], given: Collection[str]) -> bool:
    return any(
        # CloudTrail leaves out the parameters of very large requests.
        not given or any(name[1:] in each for each in given)
        if name.startswith("*")
        else name.lower() in given
        for name in names
    )


class Row(msgspec.Struct, frozen=True):
    """One row of `exceptions.json`."""

    event: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    source: str
    when: dict[str, tuple[str, ...]] = {}
    may: dict[str, tuple[str, ...]] = {}
    unless: dict[str, tuple[str, ...]] = {}
    reason: str = ""


class _Table(msgspec.Struct, frozen=True):
    rows: tuple[Row, ...]


@lru_cache(maxsize=20_000)
def map_event(source: str, name: str) -> Mapping:
    """The actions behind `eventSource` and `eventName`."""
    prefix = service_prefix(source)
    if prefix is None:
        return Mapping("", reason=f"`{source}` is no known service", unmapped=True)
    names = [name]
    if catalog.action(f"{prefix}:{name}") is None:
        stripped = _DATE_SUFFIX.sub("", name)
        names += [stripped] if stripped != name else []
    for candidate in names:
        found = _exception(prefix, candidate) or _by_name(prefix, candidate)
        if found is not None:
            return found
    for candidate in names:
        found = _by_verb(prefix, candidate) or _by_operation(prefix, candidate)
        if found is not None:
            return found
    return Mapping(prefix, reason=f"no action of `{prefix}` is known for it", unmapped=True)


def service_prefix(source: str) -> str | None:
    """The IAM prefix of an event source (`monitoring.amazonaws.com` -> `cloudwatch`), None if unknown."""
    host = source.lower()
    for domain in (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".amazon.com"):
        if host.endswith(domain):
            host = host[: -len(domain)]
            break
    prefix = events.event_sources().get(host, host)
    found = catalog.service(prefix)
    return found.prefix if found is not None else None


def exception_rows() -> tuple[Row, ...]:
    """The hand-written rows, for tests and documentation."""
    return _load().rows


def _exception(prefix: str, name: str) -> Mapping | None:
    row = _exceptions().get(f"{prefix}:{name}".lower())
    if row is None:
        return None
    found = _mapping(prefix, row.required, row.optional, row.reason)
    told = {*row.when, *row.may, *row.unless}
    return msgspec.structs.replace(
        found,
        optional=tuple(name for name in found.optional if name not in told),
        when=tuple(row.when.items()),
        may=(*row.may.items(), *(each for each in found.may if each[0] not in told)),
        unless=tuple(row.unless.items()),
    )


def _by_name(prefix: str, name: str) -> Mapping | None:
    action = catalog.action(f"{prefix}:{name}")
    return None if action is None else _mapping(prefix, (action.name,))


def _by_verb(prefix: str, name: str) -> Mapping | None:
    verb = events.api_gateway_verb(name) if prefix == "apigateway" else None
    action = catalog.action(f"{prefix}:{verb}") if verb else None
    return None if action is None else _mapping(prefix, (action.name,))


def _by_operation(prefix: str, name: str) -> Mapping | None:
    actions = events.operation_actions(prefix, name)
    if not actions:
        return None
    # The table does not tell what every call needs from what some do.
    return _mapping(prefix, actions if len(actions) == 1 else (), actions)


def _mapping(
    prefix: str, required: tuple[str, ...], optional: tuple[str, ...] = (), reason: str = ""
) -> Mapping:
    more = set(optional)
    for name in required:
        action = catalog.action(name)
        if action is not None:
            more.update(action.dependent_actions)
    known = {action.name for action in map(catalog.action, more) if action is not None}
    known -= set(required)
    tagging = tuple(
        (name, _TAGGING[name]) for name in sorted(known - set(optional)) if name in _TAGGING
    )
    known -= {name for name, _ in tagging}
    return Mapping(prefix, required, tuple(sorted(known)), may=tagging, reason=reason)


@cache
def _exceptions() -> dict[str, Row]:
    return {row.event.lower(): row for row in _load().rows}


@cache
def _load() -> _Table:
    content = Path(__file__).with_name("exceptions.json").read_bytes()
    return msgspec.json.decode(content, type=_Table)
