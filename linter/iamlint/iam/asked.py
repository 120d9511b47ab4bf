"""Which of the actions that the known paths are made of policies are about at all: a cheap first look."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from iamlint.iam import grants, pattern
from iamlint.iam.escalation_paths import PATHS
from iamlint.iam.policy import Policy, Statement
from iamlint.tree import Text

ASKED: tuple[str, ...] = tuple(sorted({action for path in PATHS for action in path.actions}))
"""The actions that are ever asked about."""

_ALL = frozenset(ASKED)
_BY_LOWER = {action.lower(): action for action in ASKED}
_SERVICES = frozenset(action.partition(":")[0] for action in _BY_LOWER)


def may(policies: Iterable[Policy]) -> frozenset[str]:
    """The asked actions that policies may allow, less those that they always deny."""
    found: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    for policy in policies:
        for statement in policy.statements:
            if statement.effect == "Deny":
                if grants.unconditional(statement):
                    gone = gone | named(statement, surely=True)
            else:
                found = found | named(statement, surely=False)
    return found - gone


def named(statement: Statement, *, surely: bool) -> frozenset[str]:
    """The asked actions that a statement is about for sure, or may be about."""
    least = surely is not statement.not_action
    mine = [
        _asked_in(element.text, least)
        for element in statement.actions
        if element.possible is None or not least
    ]
    found = mine[0] if len(mine) == 1 else frozenset[str]().union(*mine)
    if statement.not_action:
        return frozenset() if "Action" in statement.open and surely else _ALL - found
    if "Action" in statement.open and not surely:
        return _ALL
    return found


@lru_cache(maxsize=16384)
def _asked_in(text: Text, surely: bool) -> frozenset[str]:
    """The asked actions that a pattern matches; with `surely` off, those that it may match."""
    literal = text.literal
    if literal is not None:
        low = literal.lower()
        service = low.partition(":")[0]
        if "*" not in low and "?" not in low:
            return frozenset([_BY_LOWER[low]]) if low in _BY_LOWER else frozenset()
        if service not in _SERVICES and "*" not in service and "?" not in service:
            return frozenset()
        return frozenset(a for a in ASKED if pattern.matches(literal, a, ignore_case=True))
    answers = {a: pattern.text_matches(text, Text.of(a), ignore_case=True) for a in ASKED}
    return frozenset(a for a, holds in answers.items() if holds or (holds is None and not surely))
