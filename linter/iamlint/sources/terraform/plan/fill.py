"""A policy as a plan knows it, with the places of the source that makes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from iamlint.iam.encode import to_json
from iamlint.iam.policy import Condition, Element, Policy, Principal, Statement
from iamlint.text import Place
from iamlint.tree import Hole, Text


def wholly_known(policy: Policy | None) -> bool:
    """True if nothing in the policy is a hole, possible or open."""
    return (
        policy is not None
        and policy.open is None
        and all(each.complete for each in policy.statements)
        and all(not element.text.holes and element.possible is None for element in _all(policy))
    )


def certain(policy: Policy | None) -> bool:
    """As `wholly_known`, where holes for one specific thing may be: they are right as they are."""
    return (
        policy is not None
        and policy.open is None
        and all(each.complete for each in policy.statements)
        and all(
            element.possible is None and all(hole.specific for hole in element.text.holes)
            for element in _all(policy)
        )
    )


def agree(source: Policy, planned: Policy) -> bool:
    """True if the planned policy can be what the source makes, holes filled."""
    found = located(source, planned, source.place)
    return found is not None


def located(source: Policy, planned: Policy, otherwise: Place) -> Policy | None:
    """The planned policy with places of the source; None if the source can't make it.

    What the source has for certain must be in the plan; what it holds possible need not.
    """
    left = list(source.statements)
    made: list[Statement] = []
    for number, statement in enumerate(planned.statements):
        order = sorted(range(len(left)), key=lambda at: abs(at - number))
        found = next(
            (
                (at, match)
                for at in order
                if (match := _statement(left[at], statement, otherwise)) is not None
            ),
            None,
        )
        if found is None:
            if source.open is None:
                return None
            made.append(moved(statement, otherwise))
            continue
        del left[found[0]]
        made.append(found[1])
    if any(statement.possible is None for statement in left):
        return None
    return msgspec.structs.replace(
        planned,
        place=source.place,
        statements=tuple(made),
        id=None if planned.id is None else _at(planned.id, otherwise),
    )


def relocated(planned: Policy, place: Place) -> Policy:
    """The policy with all of it at one place."""
    return msgspec.structs.replace(
        planned,
        place=place,
        statements=tuple(moved(statement, place) for statement in planned.statements),
        id=None if planned.id is None else _at(planned.id, place),
    )


def moved(statement: Statement, place: Place) -> Statement:
    """The statement with all of it at one place."""
    return msgspec.structs.replace(
        statement,
        place=place,
        node=None,
        sid=None if statement.sid is None else _at(statement.sid, place),
        effect_place=place,
        actions=tuple(_at(each, place) for each in statement.actions),
        resources=tuple(_at(each, place) for each in statement.resources),
        principals=tuple(Principal(p.kind, _at(p.element, place)) for p in statement.principals),
        conditions=tuple(
            msgspec.structs.replace(
                each,
                operator=_at(each.operator, place),
                key=_at(each.key, place),
                values=tuple(_at(value, place) for value in each.values),
            )
            for each in statement.conditions
        ),
    )


def content(policy: Policy) -> str:
    """What a policy says, whatever the order of its elements."""
    return json.dumps(_even(to_json(policy)), sort_keys=True)


def _even(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _even(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted((_even(each) for each in value), key=str)
    return [str(value)]


def _statement(source: Statement, planned: Statement, place: Place) -> Statement | None:
    """One statement at the places of another; None if it can't be the same."""
    if source.effect is not None and source.effect != planned.effect:
        return None
    flags = ("not_action", "not_resource", "not_principal")
    if any(getattr(source, flag) != getattr(planned, flag) for flag in flags):
        return None
    # A Sid grants nothing; it only tells statements apart.
    sid, theirs = source.sid, planned.sid
    if sid is not None and theirs is not None and not could_be(sid.text, theirs.text):
        return None
    where = source.place
    actions = _elements(source.actions, planned.actions, source.open.get("Action"), where)
    resources = _elements(source.resources, planned.resources, source.open.get("Resource"), where)
    principals = _principals(source, planned)
    conditions = _conditions(source, planned)
    if actions is None or resources is None or principals is None or conditions is None:
        return None
    return msgspec.structs.replace(
        planned,
        place=source.place,
        node=None,
        sid=planned.sid
        if planned.sid is None or source.sid is None
        else _at(planned.sid, source.sid.place),
        effect_place=source.effect_place or source.place,
        actions=actions,
        resources=resources,
        principals=principals,
        conditions=conditions,
    )


def _elements(
    source: Sequence[Element], planned: Sequence[Element], more: str | None, where: Place
) -> tuple[Element, ...] | None:
    """The planned strings, each at the place of the source's that it can be."""
    left = list(source)
    made: list[Element | None] = [None] * len(planned)
    for exactly in (True, False):
        for number, element in enumerate(planned):
            if made[number] is not None:
                continue
            for at, other in enumerate(left):
                fits = other.text == element.text
                if fits if exactly else could_be(other.text, element.text):
                    made[number] = _at(element, other.place)
                    # What stands for several (a list that is not known) may serve again.
                    if not _whole_hole(other.text) or more is None:
                        del left[at]
                    break
    if any(element is None for element in made) and more is None:
        return None
    for other in left:
        # What is not there as itself may be the same as another: AWS and Terraform keep sets.
        twin = _whole_hole(other.text) or any(could_be(other.text, each.text) for each in planned)
        if other.possible is None and not twin:
            return None
    return tuple(element or _at(planned[number], where) for number, element in enumerate(made))


def _principals(source: Statement, planned: Statement) -> tuple[Principal, ...] | None:
    made: list[Principal] = []
    kinds = dict.fromkeys(p.kind for p in (*source.principals, *planned.principals))
    more = source.open.get("Principal")
    for kind in kinds:
        theirs = [p.element for p in planned.principals if p.kind == kind]
        ours = [p.element for p in source.principals if p.kind == kind]
        found = _elements(ours, theirs, more, source.place)
        if found is None:
            return None
        made += [Principal(kind, element) for element in found]
    return tuple(made)


def _conditions(source: Statement, planned: Statement) -> tuple[Condition, ...] | None:
    made: list[Condition] = []
    left = list(source.conditions)
    more = source.open.get("Condition")
    for each in planned.conditions:
        match: Condition | None = None
        for other in left:
            if not (
                could_be(other.operator.text, each.operator.text)
                and could_be(other.key.text, each.key.text)
            ):
                continue
            values = _elements(other.values, each.values, other.open or more, other.key.place)
            if values is not None:
                match = msgspec.structs.replace(
                    each,
                    operator=_at(each.operator, other.operator.place),
                    key=_at(each.key, other.key.place),
                    values=values,
                )
                left.remove(other)
                break
        if match is None:
            if more is None:
                return None
            moved_there = moved(msgspec.structs.replace(planned, conditions=(each,)), source.place)
            match = moved_there.conditions[0]
        made.append(match)
    return None if left and more is None else tuple(made)


def could_be(text: Text, literal: Text) -> bool:
    """True if the holes of a text can be filled so that it is the other; linear time."""
    whole = literal.literal
    if whole is None:
        return text == literal
    known = text.literal
    if known is not None:
        return known == whole
    parts = text.parts
    if isinstance(parts[0], str):
        if not whole.startswith(parts[0]):
            return False
        whole, parts = whole[len(parts[0]) :], parts[1:]
    if parts and isinstance(parts[-1], str):
        if not whole.endswith(parts[-1]):
            return False
        whole, parts = whole[: len(whole) - len(parts[-1])], parts[:-1]
    at = 0
    for part in parts:
        if isinstance(part, str):
            found = whole.find(part, at)
            if found == -1:
                return False
            at = found + len(part)
    return True


def _whole_hole(text: Text) -> bool:
    return len(text.parts) == 1 and isinstance(text.parts[0], Hole)


def _at(element: Element, place: Place) -> Element:
    return Element(element.text, place, element.possible)


def _all(policy: Policy) -> Iterable[Element]:
    for statement in policy.statements:
        yield from statement.actions
        yield from statement.resources
        yield from (principal.element for principal in statement.principals)
        for condition in statement.conditions:
            yield condition.key
            yield from condition.values
