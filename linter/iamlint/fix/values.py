"""A replacement's policy with its holes back, and what changes statement by statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from iamlint.finding import Replacement
from iamlint.fix.language import StatementChange, Value
from iamlint.iam.encode import statement_json
from iamlint.iam.policy import Policy, Statement
from iamlint.tree import Hole, Text

_HOLE = re.compile(r"‹[^›]*›")


def changes(policy: Policy, replacement: Replacement) -> tuple[StatementChange, ...]:
    """The statements that the replacement leaves out or writes otherwise, in source order."""
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
        holes = _holes_of(statement)
        found.append(
            StatementChange(index, statement, tuple(_with_holes(each, holes) for each in new))
        )
    return tuple(found)


def whole(policy: Policy, document: Mapping[str, Any]) -> dict[str, Value]:
    """A document with the holes of the policy that it was cut from."""
    holes: dict[str, Hole] = {}
    for statement in policy.statements:
        holes.update(_holes_of(statement))
    return _with_holes(document, holes)


def _with_holes(data: Mapping[str, Any], holes: Mapping[str, Hole]) -> dict[str, Value]:
    return {key: _value(value, holes) for key, value in data.items()}


def _value(data: Any, holes: Mapping[str, Hole]) -> Value:
    if isinstance(data, dict):
        return _with_holes(data, holes)
    if isinstance(data, list):
        return [_value(each, holes) for each in data]
    if isinstance(data, str) and "‹" in data and holes:
        return _text(data, holes)
    value: Value = data
    return value


def _text(text: str, holes: Mapping[str, Hole]) -> Value:
    parts: list[str | Hole] = []
    at = 0
    for match in _HOLE.finditer(text):
        hole = holes.get(match[0])
        if hole is not None:
            parts += (text[at : match.start()], hole)
            at = match.end()
    if not at:
        return text
    parts.append(text[at:])
    return Text.of(*parts)


def _holes_of(statement: Statement) -> dict[str, Hole]:
    return {str(hole): hole for text in _texts(statement) for hole in text.holes}


def _texts(statement: Statement) -> Iterator[Text]:
    if statement.sid is not None:
        yield statement.sid.text
    for element in (*statement.actions, *statement.resources):
        yield element.text
    for principal in statement.principals:
        yield principal.element.text
    for condition in statement.conditions:
        yield condition.operator.text
        yield condition.key.text
        for value in condition.values:
            yield value.text
