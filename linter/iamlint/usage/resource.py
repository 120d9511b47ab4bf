"""Which resources a call was authorized on, as ARNs that a policy can name.

Sources, in this order: the rule of the service (`resource_rules`), `resources[]` of the record,
ARNs among the request parameters, the catalogue's ARN templates filled from request parameters,
ARNs of what a Create call answered.  Nothing is guessed: if one of the resource types that the
action always needs is not found, the answer is None, and the action's resource grant stays as it is.

The ARNs are as fine as policies are, not as calls are: an S3 object is `bucket/*`, a log stream
its group.  A name with a wildcard in it (a call may hold any text) gives no ARN.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw

from iamlint.iam import arn as arns
from iamlint.iam.catalog import Action, ResourceType
from iamlint.usage.event import NO_RAW, Resource, decode_object

MAX_ARNS = 100
"""ARNs that one call may give for one action; more is no list to put into a policy."""


class Call(msgspec.Struct, frozen=True):
    """What a record tells of the resources of one call.

    `service` is the IAM prefix of the event source and `operation` the API operation: they
    differ from the action's where a call needs actions of other services.
    """

    service: str
    operation: str
    region: str
    account: str
    parameters: Mapping[str, Any]
    resources: Sequence[Resource] = ()
    response: Raw = NO_RAW

    @property
    def partition(self) -> str:
        return partition_of(self.region)

    def arn(
        self, service: str, resource: str, *, region: bool = True, account: str | None = None
    ) -> str:
        """An ARN in this call's partition, region and account."""
        owner = self.account if account is None else account
        return f"arn:{self.partition}:{service}:{self.region if region else ''}:{owner}:{resource}"

    def text(self, *names: str) -> str | None:
        """The first of these parameters that is a usable string."""
        for name in names:
            value = self.parameters.get(name)
            if isinstance(value, str) and usable(value):
                return value
        return None

    def texts(self, *names: str) -> list[str] | None:
        """All strings in these parameters (strings or lists of them); None if one is not usable."""
        found: list[str] = []
        for name in names:
            value = self.parameters.get(name)
            for item in value if isinstance(value, list) else [value]:
                if item is None:
                    continue
                if not isinstance(item, str) or not usable(item):
                    return None
                found.append(item)
        return found


_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
)


@cache
def partition_of(region: str) -> str:
    """The partition of a region (AWS General Reference, ARNs and partitions)."""
    return next((name for head, name in _PARTITIONS if region.startswith(head)), "aws")


_USABLE = re.compile(r"[\w+=,.@:/\-#$\[\]()!'~ ]{1,1500}\Z", re.A)


def usable(value: str) -> bool:
    """False for text that must not enter a policy: wildcards, policy variables, odd characters."""
    return bool(_USABLE.match(value)) and "${" not in value and value == value.strip()


def resources_of(action: Action, call: Call) -> tuple[str, ...] | None:
    """The ARNs that `action` was authorized on in this call, sorted; None if they are not known.

    `("*",)` for an action that accepts nothing else.
    """
    if not action.resource_level:
        return ("*",)
    from iamlint.usage.resource_rules import rule_for

    rule = rule_for(action.prefix)
    found = rule(action, call) if rule is not None else ()
    if found is None:
        return None
    if not found and action.prefix == call.service:
        found = _from_catalogue(action, call)
    if not found or len(found) > MAX_ARNS:
        return None
    return tuple(sorted(set(found)))


def _from_catalogue(action: Action, call: Call) -> list[str]:
    """ARNs of every resource type that the call touched, [] if one that it must have is not found."""
    types = action.resource_types
    flat = flatten(call.parameters)
    found: dict[str, list[str]] = {}
    for arn in [*_record_arns(call), *_parameter_arns(flat)]:
        kind = _type_of(arn, types)
        if kind is not None:
            found.setdefault(kind.name, []).append(arn)
    for kind in types:
        if kind.name not in found:
            filled = _fill(kind, action, call, flat, alone=len(types) == 1)
            if filled:
                found[kind.name] = filled
    if not found and len(types) == 1:
        found = _created(types, action, call)
    for kind in types:
        if kind.name in found:
            continue
        if kind.required or _mentioned(kind, flat):
            return []
    return [arn for kind in found.values() for arn in kind]


def flatten(value: object, limit: int = 2000) -> dict[str, list[str]]:
    """Lower-case parameter names, at any depth, with the strings and numbers given for them."""
    flat: dict[str, list[str]] = {}
    stack: list[tuple[str, object]] = [("", value)]
    while stack and limit:
        name, item = stack.pop()
        limit -= 1
        if isinstance(item, Mapping):
            stack += [(str(key).lower(), inner) for key, inner in reversed(list(item.items()))]
        elif isinstance(item, list):
            stack += [(name, inner) for inner in reversed(item)]
        elif isinstance(item, str | int) and not isinstance(item, bool):
            flat.setdefault(name, []).append(str(item))
    return flat


def names_in(value: object, limit: int = 2000) -> set[str]:
    """The lower-case names of all parameters that hold something, at any depth."""
    names: set[str] = set()
    stack = [value]
    while stack and limit:
        item = stack.pop()
        limit -= 1
        if isinstance(item, Mapping):
            for name, inner in item.items():
                if inner not in (None, "", False) and inner != {} and inner != []:
                    names.add(str(name).lower())
                    stack.append(inner)
        elif isinstance(item, list):
            stack += item
    return names


def is_arn(value: str) -> bool:
    return value.startswith("arn:") and value.count(":") >= 5 and usable(value)


def _record_arns(call: Call) -> Iterable[str]:
    return (item.ARN for item in call.resources if item.ARN and is_arn(item.ARN))


def _parameter_arns(flat: Mapping[str, list[str]]) -> Iterable[str]:
    return (value for values in flat.values() for value in values if is_arn(value))


def _type_of(arn: str, types: Sequence[ResourceType]) -> ResourceType | None:
    """The type with the most specific template that the ARN has the form of."""
    best: tuple[tuple[int, int], ResourceType] | None = None
    for kind in types:
        for template in kind.arns:
            if arns.match(template, arn) is not None:
                weight = arns.specificity(template)
                if best is None or weight > best[0]:
                    best = (weight, kind)
    return best[1] if best else None


_GIVEN = frozenset({"partition", "region", "account", "accountid"})


def _fill(
    kind: ResourceType,
    action: Action,
    call: Call,
    flat: Mapping[str, list[str]],
    *,
    alone: bool,
) -> list[str]:
    """The type's ARNs with its variables taken from request parameters of a like name."""
    if not kind.arns:
        return []
    template = kind.arns[0]
    own = [name for name in arns.variables(template) if name.lower() not in _GIVEN]
    if not own and not (alone or kind.required):
        return []
    values: dict[str, list[str]] = {}
    for name in own:
        given = _values(name, kind, action, flat, alone=alone, single=len(own) == 1)
        if given is None or (len(given) > 1 and len(own) > 1):
            return []
        if given:
            values[name] = given
        elif not (alone or kind.required):
            return []
    if own and not values:
        return []
    # What the request does not tell of a resource that it names otherwise (the id of a named
    # stack) may be anything.
    values = {name: values.get(name, ["*"]) for name in own}
    if not call.account or not call.region:
        return []
    fixed = {
        "Partition": call.partition,
        "Region": call.region,
        "Account": call.account,
        "AccountId": call.account,
    }
    filled = [
        arns.fill(
            template,
            {**fixed, **{name: values[name][min(at, len(values[name]) - 1)] for name in own}},
        )
        for at in range(max(map(len, values.values()), default=1))
    ]
    return [arn for arn in filled if arn is not None]


_ENDS = ("name", "id", "identifier", "")


def _values(
    variable: str,
    kind: ResourceType,
    action: Action,
    flat: Mapping[str, list[str]],
    *,
    alone: bool,
    single: bool,
) -> list[str] | None:
    """What the request gives for a template's variable: [] if nothing, None if it is not usable.

    `alone`: the action has no other resource type; `single`: the template no other variable.
    """
    plain = variable.lower().replace("withpath", "")
    stem = re.sub(r"(?:name|identifier|id)+\Z", "", plain)
    noun = re.sub(r"[^a-z0-9]", "", kind.name.lower())
    # `ResourceId` stands in the templates of many types: it says nothing of which one is meant.
    if stem == "resource" and not alone:
        return []
    stems = [stem] if stem else []
    if single:
        stems.append(noun)
    names = [plain] if stem else []
    # Where a template has a name and an id, the one does not stand for the other.
    by_name = plain.endswith("name") and not single
    by_id = plain.endswith(("id", "identifier")) and not single
    ends = ("name", "") if by_name else ("id", "identifier") if by_id else _ENDS
    names += [one + end for one in stems for end in ends]
    names += [name + "s" for name in names]
    if alone and single and noun in action.name.lower():
        # `name` in GetDocument is the document's, in an action on documents alone.
        names += ["name", "id", "identifier"]
    for name in names:
        given = flat.get(name)
        if given:
            good = all(usable(item) and not item.startswith("arn:") for item in given)
            return given if good else None
    return []


def _mentioned(kind: ResourceType, flat: Mapping[str, list[str]]) -> bool:
    """True if a parameter's name speaks of an optional type that no ARN was found for."""
    noun = re.sub(r"[^a-z0-9]", "", kind.name.lower())
    return len(noun) > 2 and any(noun in name for name in flat)


_MAKERS = (
    "Create",
    "Allocate",
    "Run",
    "Register",
    "Import",
    "Start",
    "Copy",
    "Publish",
    "Put",
    "Submit",
)


def _created(types: Sequence[ResourceType], action: Action, call: Call) -> dict[str, list[str]]:
    """What a Create call made: its ARN with each part that the request did not choose as `*`.

    The next call makes another one, so what the service chose (an id) is no part of the grant.
    """
    if not action.name.partition(":")[2].startswith(_MAKERS):
        return {}
    chosen = {value for values in flatten(call.parameters).values() for value in values}
    for arn in _parameter_arns(flatten(decode_object(call.response))):
        kind = _type_of(arn, types)
        if kind is None:
            continue
        template = next(t for t in kind.arns if arns.match(t, arn) is not None)
        values = arns.match(template, arn) or {}
        kept = {
            name: value if name.lower() in _GIVEN or value in chosen else "*"
            for name, value in values.items()
        }
        made = arns.fill(template, kept)
        if made is not None:
            return {kind.name: [made]}
    return {}
