"""Whether an Allow grants anything at all, and if it does not, what keeps it from doing so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from iamlint.iam import grants, operators
from iamlint.iam.policy import Condition, Policy, Statement

STATES = 40_000
"""How many states the search for an allowed request may look at; beyond it nothing is said."""


class Void(msgspec.Struct, frozen=True):
    """Why a statement grants nothing, by proof.

    `conditions`: no request meets them all; `deny`: Deny statements take everything away, `deny`
    is the one that does so alone, None if it takes several; `boundary`: the limits leave nothing.
    """

    why: Literal["conditions", "deny", "boundary"]
    deny: Statement | None = None


def void(
    statement: Statement,
    policy: Policy,
    others: Sequence[Policy] = (),
    limits: Sequence[Sequence[Policy]] = (),
) -> Void | None:
    """Why an Allow statement of a policy grants nothing; None if it may grant something.

    `others` are further policies of the same principals, of which the Deny statements count.
    Only complete statements are judged, and only where something stands against them.
    """
    if statement.effect != "Allow" or not statement.complete or not statement.actions:
        return None
    contradicts = _may_contradict(statement)
    denies = [(whose, deny) for whose in (policy, *others) for deny in _against(statement, whose)]
    if not (contradicts or denies or limits):
        return None
    alone = msgspec.structs.replace(policy, statements=(statement,), open=None)
    bare = msgspec.structs.replace(statement, conditions=())
    if _nothing([msgspec.structs.replace(alone, statements=(bare,))]):
        return None  # it names nothing that is known to exist, or in a form of its own
    if _nothing([alone]):
        return Void("conditions") if contradicts else None
    for whose, deny in denies:
        if _nothing([alone, msgspec.structs.replace(whose, statements=(deny,), open=None)]):
            return Void("deny", deny)
    together = [msgspec.structs.replace(w, statements=(d,), open=None) for w, d in denies]
    if len(denies) > 1 and _nothing([alone, *together]):
        return Void("deny")
    if limits and _nothing([alone, *together], limits):
        return Void("boundary")
    return None


def _nothing(policies: Sequence[Policy], limits: Sequence[Sequence[Policy]] = ()) -> bool:
    """True if it is proven that the policies allow no request."""
    from iamlint.iam.compare import within

    asked = within(policies, [], new_limits=limits, states=STATES, witnesses="none")
    return asked.contained is True


def _against(statement: Statement, policy: Policy) -> Iterator[Statement]:
    """The complete Deny statements of a policy that are about all the actions of a statement."""
    names = grants.actions(statement)
    for deny in policy.denies():
        if deny.complete and names and names & grants.actions(deny):
            yield deny


def _may_contradict(statement: Statement) -> bool:
    """True if two positive conditions are on one key, or one has no values at all."""
    seen: set[str] = set()
    for condition in statement.conditions:
        key = (condition.key.literal or "").lower()
        if not condition.values or key in seen:
            return True
        if _is_positive(condition):
            seen.add(key)
    return False


def _is_positive(condition: Condition) -> bool:
    operator = operators.operator(condition.operator.literal or "")
    return operator is not None and not operator.negated
