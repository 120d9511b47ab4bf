"""Where in a statement new access stands: at the actions or the resources that came."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from iamlint.iam import grants, pattern
from iamlint.iam.policy import Condition, Element, Policy, Statement
from iamlint.text import Place


class Pointed(msgspec.Struct, frozen=True):
    """The place of what is new in a statement, further places of it, and the actions that are new by name."""

    place: Place
    more: tuple[Place, ...] = ()
    actions: tuple[str, ...] = ()


def pointed(doc: Policy, statement: Statement, old: Sequence[Policy]) -> Pointed:
    """What a statement has that the old policies had not: actions, else resources, else all of it."""
    alone = msgspec.structs.replace(doc, statements=(statement,))
    before = grants.allowed(old)
    new = sorted(grants.allowed([alone]) - before)
    if new:
        elements = [] if statement.not_action else _matching(statement.actions, new)
        return _at(statement, statement.actions, elements, tuple(new))
    if statement.not_resource:
        return Pointed(statement.place)
    others = [other for policy in old for other in policy.allows()]
    had = {str(each) for other in others for each in other.resources}
    came = [each for each in statement.resources if str(each) not in had]
    if came:
        return _at(statement, statement.resources, came, ())
    conditions = {_said(each) for other in others for each in other.conditions}
    keys = [each.key for each in statement.conditions if _said(each) not in conditions]
    every = [*(each.key for each in statement.conditions), *statement.actions]
    return _at(statement, every, keys, ())


def _said(condition: Condition) -> tuple[str, str, tuple[str, ...]]:
    values = tuple(sorted(str(value) for value in condition.values))
    return str(condition.operator), str(condition.key), values


def _matching(actions: Sequence[Element], names: Sequence[str]) -> list[Element]:
    return [
        each
        for each in actions
        if any(pattern.matches(str(each).lower(), name.lower()) for name in names)
    ]


def _at(
    statement: Statement, all_: Sequence[Element], new: Sequence[Element], actions: tuple[str, ...]
) -> Pointed:
    """The new elements, if they are some of all and stand in the statement; else the statement."""
    places = list(dict.fromkeys(each.place for each in new))
    inside = all(
        each.path == statement.place.path
        and statement.place.span.start <= each.span.start
        and each.span.end <= statement.place.span.end
        for each in places
    )
    if not places or len(new) == len(all_) or not inside:
        return Pointed(statement.place, actions=actions)
    return Pointed(places[0], tuple(places[1:]), actions)
