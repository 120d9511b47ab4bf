"""Policies with what one principal is put in: its name for `${aws:username}`, values for holes.

What only the deployment knows but is one concrete thing (an account, a region, the ARN of a
role of the project) gets a value that is the same wherever it is meant; the rest stays a hole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from iamlint.iam.policy import Condition, Element, Policy, Statement
from iamlint.tree import Hole, Text

Fill = Callable[[Hole, bool], "str | None"]
"""The value of a hole, which is the whole of its text or not; None if it has none."""


def settled(policy: Policy, fill: Fill, variables: Mapping[str, str]) -> Policy:
    """A policy with holes filled and policy variables replaced; places stay where they are.

    `variables` are keys in lower case.  A policy of the old version has no variables.
    """
    known = variables if policy.version == "2012-10-17" else {}
    changed = [_statement(statement, fill, known) for statement in policy.statements]
    if all(new is old for new, old in zip(changed, policy.statements, strict=True)):
        return policy
    return msgspec.structs.replace(policy, statements=tuple(changed))


def filled(text: Text, fill: Fill) -> Text:
    """A text with the holes filled that have a value."""
    if not text.holes:
        return text
    whole = len(text.parts) == 1
    return Text.of(
        *(part if isinstance(part, str) else (fill(part, whole) or part) for part in text.parts)
    )


T = TypeVar("T", Element, Condition)


def _statement(statement: Statement, fill: Fill, variables: Mapping[str, str]) -> Statement:
    def element(old: Element, known: Mapping[str, str]) -> Element:
        text = filled(old.text, fill)
        if known and "${" in str(text):
            text = Text.of(*(_replaced(p, known) if isinstance(p, str) else p for p in text.parts))
        return old if text is old.text else msgspec.structs.replace(old, text=text)

    def condition(old: Condition) -> Condition:
        values = _all(old.values, lambda value: element(value, variables))
        return old if values is old.values else msgspec.structs.replace(old, values=values)

    resources = _all(statement.resources, lambda each: element(each, variables))
    conditions = _all(statement.conditions, condition)
    same = resources is statement.resources and conditions is statement.conditions
    if same:
        return statement
    return msgspec.structs.replace(statement, resources=resources, conditions=conditions)


def _all(items: Sequence[T], change: Callable[[T], T]) -> tuple[T, ...]:
    changed = tuple(map(change, items))
    same = isinstance(items, tuple) and all(a is b for a, b in zip(changed, items, strict=True))
    return items if same and isinstance(items, tuple) else changed


def _replaced(text: str, known: Mapping[str, str]) -> str:
    pieces: list[str] = []
    rest = text
    while "${" in rest:
        before, _, rest = rest.partition("${")
        name, closing, rest = rest.partition("}")
        value = known.get(name.partition(",")[0].strip().lower())
        pieces += (before, value if value is not None else f"${{{name}{closing}")
    return "".join([*pieces, rest])
