"""A replacement's policy with its holes back, and what changes statement by statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from iamlint.finding import Replacement
from iamlint.fix.language import Given, StatementChange, Value
from iamlint.iam.encode import statement_json
from iamlint.iam.policy import Element, Policy, Statement
from iamlint.tree import Hole, Text

_HOLE = re.compile(r"‹[^›]*›")


def changes(
    policy: Policy, replacement: Replacement, own: Mapping[str, Text] | None = None
) -> tuple[StatementChange, ...]:
    """The statements that the replacement leaves out or writes otherwise, in source order.

    `own` are references to resources of the project for ARNs of theirs.
    """
    document = replacement.policy
    written: dict[int, list[dict[str, Any]]] = {}
    if document is not None:
        for origin, statement in zip(replacement.origins, document["Statement"], strict=True):
            written.setdefault(origin, []).append(statement)
    found: list[StatementChange] = []
    for index, statement in enumerate(policy.statements):
        new = written.get(index, [])
        if new == [statement_json(statement)]:
            continue
        known: dict[str, Value | Hole] = {**(own or {}), **_known(statement)}
        found.append(
            StatementChange(index, statement, tuple(_with_holes(each, known) for each in new))
        )
    return tuple(found)


def whole(
    policy: Policy, document: Mapping[str, Any], own: Mapping[str, Text] | None = None
) -> dict[str, Value]:
    """A document with the holes of the policy that it was cut from; `own` as in `changes`."""
    known: dict[str, Value | Hole] = {**(own or {})}
    for statement in policy.statements:
        known.update(_known(statement))
    return _with_holes(document, known)


def _with_holes(data: Mapping[str, Any], known: Mapping[str, Value | Hole]) -> dict[str, Value]:
    return {key: _value(value, known) for key, value in data.items()}


def _value(data: Any, known: Mapping[str, Value | Hole]) -> Value:
    if isinstance(data, dict):
        return _with_holes(data, known)
    if isinstance(data, list):
        return [_value(each, known) for each in data]
    if isinstance(data, str):
        given = known.get(data)
        if isinstance(given, (Given, Text)):
            return given
        return _text(data, known) if "‹" in data else data
    value: Value = data
    return value


def _text(text: str, known: Mapping[str, Value | Hole]) -> Value:
    parts: list[str | Hole] = []
    at = 0
    for match in _HOLE.finditer(text):
        hole = known.get(match[0])
        if isinstance(hole, Hole):
            parts += (text[at : match.start()], hole)
            at = match.end()
    if not at:
        return text
    parts.append(text[at:])
    return Text.of(*parts)


def _known(statement: Statement) -> dict[str, Value | Hole]:
    """What a string of JSON may stand for: `‹name›` for a hole, a whole string that is given."""
    found: dict[str, Value | Hole] = {}
    for element in _elements(statement):
        found.update((str(hole), hole) for hole in element.text.holes)
        if element.possible is not None:
            found[str(element)] = Given(str(element))
    return found


def _elements(statement: Statement) -> Iterator[Element]:
    if statement.sid is not None:
        yield statement.sid
    yield from (*statement.actions, *statement.resources)
    for principal in statement.principals:
        yield principal.element
    for condition in statement.conditions:
        yield from (condition.operator, condition.key, *condition.values)
