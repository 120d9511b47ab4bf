"""Statements with one thing written otherwise: what corrections of policies are made of."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from iamlint.iam.policy import Condition, Element, Principal, Statement
from iamlint.text import Place
from iamlint.tree import Text


def with_operator(statement: Statement, condition: Condition, operator: str) -> Statement:
    """The statement with another operator in one of its conditions."""
    old = condition.operator
    new = msgspec.structs.replace(
        condition, operator=msgspec.structs.replace(old, text=Text.of(operator))
    )
    return msgspec.structs.replace(
        statement,
        conditions=tuple(new if each is condition else each for each in statement.conditions),
    )


def with_condition(statement: Statement, operator: str, key: str, *values: str | Text) -> Statement:
    """The statement under one more condition."""

    def element(text: str | Text) -> Element:
        return _element(text, statement.place)

    added = Condition(element(operator), element(key), tuple(map(element, values)))
    return msgspec.structs.replace(statement, conditions=(*statement.conditions, added))


def with_action(statement: Statement, action: Element, name: str) -> Statement:
    """The statement with another name for one of its actions; without it where it has that, too."""
    if any((each.literal or "").lower() == name.lower() for each in statement.actions):
        return without(statement, [action])
    new = msgspec.structs.replace(action, text=Text.of(name))
    return msgspec.structs.replace(
        statement, actions=tuple(new if each is action else each for each in statement.actions)
    )


def without(statement: Statement, elements: Sequence[Element]) -> Statement:
    """The statement without some of its actions and resources."""
    gone = {id(each) for each in elements}
    return msgspec.structs.replace(
        statement,
        actions=tuple(each for each in statement.actions if id(each) not in gone),
        resources=tuple(each for each in statement.resources if id(each) not in gone),
    )


def on_all(statement: Statement, actions: Sequence[Element]) -> Statement:
    """The statement for some of its actions alone, on `*`."""
    return msgspec.structs.replace(
        statement, actions=tuple(actions), resources=(_element("*", statement.place),)
    )


def with_principals(statement: Statement, principals: Sequence[Principal]) -> Statement:
    """The statement for some of its principals."""
    return msgspec.structs.replace(statement, principals=tuple(principals))


def without_sid(statement: Statement) -> Statement:
    """The statement without its Sid, for one that stands beside the one that keeps it."""
    return msgspec.structs.replace(statement, sid=None)


def _element(text: str | Text, place: Place) -> Element:
    return Element(Text.of(text) if isinstance(text, str) else text, place)
