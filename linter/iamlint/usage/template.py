"""The general way to the resources of a call: ARNs in it, and the catalogue's templates filled from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from iamlint.iam import arn as arns
from iamlint.iam.catalog import Action, ResourceType
from iamlint.usage.event import decode_object
from iamlint.usage.resource import Call, flatten, is_arn, usable


def from_catalogue(action: Action, call: Call) -> list[str]:
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
