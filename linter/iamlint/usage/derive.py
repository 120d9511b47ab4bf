"""What a call needed: actions with the ARNs that it was authorized on, from its record."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from iamlint.iam import catalog
from iamlint.usage import event as events
from iamlint.usage.event import NO_RAW, Record, Resource, decode_object
from iamlint.usage.mapping import Mapping
from iamlint.usage.resource import Call, flatten, is_arn, names_in, resources_of


class Derived(NamedTuple):
    """What one kind of call says: each needed action with its ARNs (None: not known)."""

    needed: tuple[tuple[str, tuple[str, ...] | None], ...]
    possible: tuple[str, ...]


_action = cache(catalog.action)


def derive(mapping: Mapping, record: Record, account: str) -> Derived:
    """The actions that a record's call needed, each with the ARNs it was authorized on."""
    parameters = decode_object(record.requestParameters)
    resources: Sequence[Resource] = ()
    if record.resources is not NO_RAW:
        try:
            resources = events.decode_resources(record.resources) or ()
        except events.DECODE_ERRORS:
            resources = ()
    call = Call(
        mapping.prefix,
        record.eventName,
        record.awsRegion or "",
        account,
        parameters,
        resources,
        record.responseElements,
    )
    given = names_in(parameters) if mapping.asks_request else ()
    needed: list[tuple[str, tuple[str, ...] | None]] = []
    for name in mapping.needed(given):
        action = _action(name)
        if action is not None:
            needed.append((name, resources_of(action, call)))
    possible = list(mapping.possible(given))
    if may_pass_role(mapping):
        roles = _passed_roles(call) if b":role/" in bytes(record.requestParameters) else ()
        if roles and "iam:PassRole" in possible:
            possible.remove("iam:PassRole")
            needed.append(("iam:PassRole", roles))
        elif roles or ("iam:PassRole" not in possible and _names_role(mapping, parameters)):
            possible.append("iam:PassRole")
    return Derived(tuple(needed), tuple(possible))


def _names_role(mapping: Mapping, parameters: dict[str, Any]) -> bool:
    """True if a call that takes a role, in botocore's model of it, got one by its name."""
    if "iam:PassRole" in dict(mapping.may):
        return False
    actions = map(_action, mapping.required)
    if not any(action is not None and action.takes_role for action in actions):
        return False
    return any("role" in name or "instanceprofile" in name for name in names_in(parameters))


def _passed_roles(call: Call) -> tuple[str, ...]:
    """The roles whose ARNs stand in the request of a call that may pass a role."""
    found = {
        value
        for values in flatten(call.parameters).values()
        for value in values
        if ":role/" in value and is_arn(value) and value.split(":", 5)[2] == "iam"
    }
    return tuple(sorted(found))


@lru_cache(maxsize=20_000)
def asks_request(mapping: Mapping) -> bool:
    """True if the request tells more of a call's needs than the event's name."""
    if mapping.asks_request or may_pass_role(mapping):
        return True
    known = map(catalog.action, mapping.required)
    return any(action is None or action.resource_level for action in known)


@lru_cache(maxsize=20_000)
def may_pass_role(mapping: Mapping) -> bool:
    """True if a role in the request may be passed: IAM's and STS's own calls only name it.

    AWS's list of calls that pass roles is not complete, so any call that does more than read may.
    """
    if any("iam:PassRole" in names for names in (mapping.optional, dict(mapping.may))):
        return True
    known = map(catalog.action, mapping.required)
    return mapping.prefix not in ("sts", "iam") and any(
        action is not None and action.level not in ("List", "Read") for action in known
    )
