"""What a policy says twice: statements and elements that others of the same policy cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from iamlint.iam import operators, pattern
from iamlint.iam.containment.compiling import compile_rules
from iamlint.iam.containment.inclusion import covers, inside_any_reading
from iamlint.iam.containment.rules import Rule
from iamlint.iam.glob import text_tokens
from iamlint.iam.policy import Condition, Element, Policy, Statement

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


def numbers(condition: Condition) -> Iterator[tuple[Element, Element]]:
    """Values of a comparison of numbers or dates that another value takes in, each with that one."""
    operator = operators.operator(condition.operator.literal or "")
    if operator is None or operator.comparison in ("equals", "like") or operator.negated:
        return
    read = operators.number if operator.family == "numeric" else operators.moment
    amounts = [(value, read(value.literal or "")) for value in condition.values]
    known = [(value, amount) for value, amount in amounts if amount is not None]
    if len(known) < 2:
        return
    larger = operator.comparison.startswith("less")
    widest = (max if larger else min)(known, key=lambda each: each[1])
    for value, _ in known:
        if value is not widest[0]:
            yield value, widest[0]


def sessions(statement: Statement) -> Iterator[tuple[Element, Element]]:
    """Principals that are a session of a role which is named beside them, each with the role."""
    roles = {
        (parts[4], parts[5].removeprefix("role/").rpartition("/")[2]): principal.element
        for principal in statement.principals
        if len(parts := (principal.element.literal or "").split(":", 5)) == 6
        and parts[5].startswith("role/")
    }
    for principal in statement.principals if not statement.not_principal else ():
        parts = (principal.element.literal or "").split(":", 5)
        if len(parts) == 6 and parts[5].startswith("assumed-role/"):
            role = roles.get((parts[4], parts[5].split("/")[1]))
            if role is not None:
                yield principal.element, role
