"""Policies of one source: what is only possible in both of them is there in both or in neither.

A replacement is made from the policy that it replaces, so a statement that is there only
``if `var.audit` holds`` need not be proven to be there for what was cut from it.  Whether it is
there becomes a condition on a key of ours, which the search weighs like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from iamlint.iam.containment.compiling import compile_rules
from iamlint.iam.containment.rules import PRIVATE, Rules
from iamlint.iam.policy import Condition, Element, Policy, Statement
from iamlint.text import Place
from iamlint.tree import Hole, Text

_Guard = tuple[Place, str]
"""Where a statement stands, and why it is only possible."""


def compile_likened(
    new: Sequence[Policy], old: Sequence[Policy], *, shared: bool
) -> tuple[Rules, Rules]:
    """The rules of two policies of which the new one was made from the old one's text.

    Statements of one place that are possible for one reason are there together; strings that are
    possible for one reason have one value, whatever it is.  With `shared`, statements that are
    not wholly known and stand on both sides as they are make no difference, whatever they mean;
    where further layers limit the sides, they may.
    """
    before, after = list(_statements(old)), list(_statements(new))
    guards = _guards(before)
    both = [
        statement
        for statement in after
        if shared
        and _is_open(statement, guards)
        and before.count(statement) == after.count(statement)
    ]
    most = compile_rules([_guarded(policy, guards, both) for policy in new], most=True)
    least = compile_rules([_guarded(policy, guards, both) for policy in old], most=False)
    # What they surely deny still limits other new statements, what they surely allow bounds them.
    most.denies += compile_rules([_only(policy, both) for policy in new], most=True).denies
    least.allows += compile_rules([_only(policy, both) for policy in old], most=False).allows
    most.lossy = most.lossy or bool(both)
    for rules, statements in ((most, after), (least, before)):
        why = next((each.possible for each in statements if each.possible is not None), None)
        if why is not None:
            rules.inexact = rules.inexact or f"a statement applies only {why}"
    return most, least


def _statements(policies: Sequence[Policy]) -> Iterator[Statement]:
    return (_bare(statement) for policy in policies for statement in policy.statements)


def _bare(statement: Statement) -> Statement:
    return msgspec.structs.replace(statement, node=None)


def _guards(statements: Sequence[Statement]) -> dict[_Guard, Condition]:
    """A condition for each place and reason; none for those that several statements have.

    These may be instances of one block, of which one is there and another is not.
    """
    often: dict[_Guard, int] = {}
    for statement in statements:
        if statement.possible is not None:
            guard = (statement.place, statement.possible)
            often[guard] = often.get(guard, 0) + 1
    return {
        guard: _condition(number, guard[0])
        for number, (guard, times) in enumerate(often.items())
        if times == 1
    }


def _condition(number: int, place: Place) -> Condition:
    def element(text: str) -> Element:
        return Element(Text.of(text), place)

    return Condition(element("Bool"), element(f"{PRIVATE}{number}"), (element("true"),))


def _is_open(statement: Statement, guards: dict[_Guard, Condition]) -> bool:
    """True if a statement may mean what no condition or hole says."""
    return (
        bool(statement.open)
        or (statement.possible is not None and (statement.place, statement.possible) not in guards)
        or statement.effect is None
        or any(each.element.possible is not None for each in statement.principals)
        or any(
            condition.open is not None
            or condition.operator.possible is not None
            or any(value.possible is not None for value in condition.values)
            for condition in statement.conditions
        )
    )


def _guarded(
    policy: Policy, guards: dict[_Guard, Condition], without: Sequence[Statement]
) -> Policy:
    kept: list[Statement] = []
    for statement in policy.statements:
        if _bare(statement) in without:
            continue
        possible = statement.possible
        guard = guards.get((statement.place, possible)) if possible is not None else None
        conditions = statement.conditions
        if guard is not None:
            # Last, so that an example of what is not granted rather fails by another condition.
            possible, conditions = None, (*conditions, guard)
        kept.append(
            msgspec.structs.replace(
                statement,
                possible=possible,
                conditions=conditions,
                actions=tuple(map(_as_hole, statement.actions)),
                resources=tuple(map(_as_hole, statement.resources)),
            )
        )
    return msgspec.structs.replace(policy, statements=tuple(kept))


def _only(policy: Policy, statements: Sequence[Statement]) -> Policy:
    kept = tuple(each for each in policy.statements if _bare(each) in statements)
    return msgspec.structs.replace(policy, statements=kept)


def _as_hole(element: Element) -> Element:
    """A string that is only possible as an unknown: equal ones are equal, no more.

    What comes from a parameter stays as it is written, so its value is the same on both sides.
    """
    if element.possible is None:
        return element
    where = f"{element.place.path}:{element.place.span.start}"
    hole = Hole(str(element), "unknown", f"{element.possible} at {where}")
    return msgspec.structs.replace(element, text=Text.of(hole), possible=None)
