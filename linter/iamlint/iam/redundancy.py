"""What a policy says twice: statements and elements that others of the same policy cover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from iamlint.iam import pattern
from iamlint.iam.containment.inclusion import covers, inside_any_reading
from iamlint.iam.containment.rules import Rule, compile_rules
from iamlint.iam.glob import text_tokens
from iamlint.iam.policy import Element, Policy, Statement

MAX_STATEMENTS = 300
"""How many statements of a policy are compared with one another."""


class Repeated(msgspec.Struct, frozen=True):
    """A statement, and the one that takes in all that it says."""

    statement: Statement
    by: Statement


class Idle(msgspec.Struct, frozen=True):
    """An action or resource, and the other one of its statement that takes it in."""

    kind: Literal["action", "resource"]
    element: Element
    by: Element


def statements(policy: Policy) -> tuple[Repeated, ...]:
    """The statements that another of the same effect covers; of equals the later one."""
    found: list[Repeated] = []
    certain = [s for s in policy.statements if s.complete][:MAX_STATEMENTS]
    for effect in ("Allow", "Deny"):
        rules = _rules([s for s in certain if s.effect == effect], policy)
        gone: set[int] = set()
        for number, inner in enumerate(rules):
            for other, outer in enumerate(rules):
                if other == number or other in gone or not covers(outer, inner):
                    continue
                if other > number and covers(inner, outer):
                    continue  # they say the same: the later one goes
                gone.add(number)
                found.append(Repeated(inner.statement, outer.statement))
                break
    return tuple(found)


def _rules(certain: Sequence[Statement], policy: Policy) -> list[Rule]:
    if len(certain) < 2:
        return []
    alone = msgspec.structs.replace(policy, statements=tuple(certain), open=None)
    compiled = compile_rules([alone], most=True)
    return [] if compiled.inexact else [*compiled.allows, *compiled.denies]


def elements(statement: Statement) -> tuple[Idle, ...]:
    """The actions and resources that another pattern of the same element takes in."""
    if statement.effect is None:
        return ()
    found: list[Idle] = []
    if "Action" not in statement.open:
        found += _idle("action", statement.actions)
    if "Resource" not in statement.open:
        found += _idle("resource", statement.resources)
    return tuple(found)


def _idle(kind: Literal["action", "resource"], listed: Sequence[Element]) -> list[Idle]:
    known = [e for e in listed if e.possible is None]
    wide = [e for e in known if _has_wildcard(e)]
    found: list[Idle] = []
    seen: dict[str, Element] = {}
    for element in known:
        text = str(element).lower() if kind == "action" else str(element)
        first = seen.setdefault(text, element)
        if first is not element:
            if first.place != element.place:
                found.append(Idle(kind, element, first))
            continue
        for other in wide:
            if other is not element and _within(kind, element, other):
                if _within(kind, other, element) and known.index(other) > known.index(element):
                    continue
                found.append(Idle(kind, element, other))
                break
    return found


def _has_wildcard(element: Element) -> bool:
    return any("*" in part or "?" in part for part in element.text.parts if isinstance(part, str))


def _within(kind: str, inner: Element, outer: Element) -> bool:
    if kind == "action":
        mine, other = inner.literal, outer.literal
        if mine is None or other is None:
            return False
        return other == "*" or pattern.within(mine, other, ignore_case=True)
    if inner.literal is None and outer.literal is None and str(inner) == str(outer):
        return True
    return inside_any_reading(text_tokens(inner.text), text_tokens(outer.text))
