"""Policies with values in place of their holes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from iamlint.iam.policy import Condition, Element, Policy, Statement
from iamlint.tree import Hole, Text

Values = Mapping[Hole, str]


def filled(policy: Policy, values: Values) -> Policy:
    """The policy with those of its holes that have a value filled in; a value is text as written."""
    if not values:
        return policy
    return msgspec.structs.replace(
        policy, statements=tuple(_statement(each, values) for each in policy.statements)
    )


def holes_of(policy: Policy) -> Iterator[Hole]:
    """The holes of a policy's statements, each as often as it stands there."""
    for statement in policy.statements:
        principals = (each.element for each in statement.principals)
        for element in (*statement.actions, *statement.resources, *principals):
            yield from element.text.holes
        for condition in statement.conditions:
            for element in (condition.operator, condition.key, *condition.values):
                yield from element.text.holes


def _statement(statement: Statement, values: Values) -> Statement:
    return msgspec.structs.replace(
        statement,
        actions=tuple(_element(each, values) for each in statement.actions),
        resources=tuple(_element(each, values) for each in statement.resources),
        principals=tuple(
            msgspec.structs.replace(each, element=_element(each.element, values))
            for each in statement.principals
        ),
        conditions=tuple(_condition(each, values) for each in statement.conditions),
    )


def _condition(condition: Condition, values: Values) -> Condition:
    return msgspec.structs.replace(
        condition,
        operator=_element(condition.operator, values),
        key=_element(condition.key, values),
        values=tuple(_element(each, values) for each in condition.values),
    )


def _element(element: Element, values: Values) -> Element:
    if not element.text.holes:
        return element
    parts = (
        values.get(part, part) if isinstance(part, Hole) else part for part in element.text.parts
    )
    return msgspec.structs.replace(element, text=Text.of(*parts))
