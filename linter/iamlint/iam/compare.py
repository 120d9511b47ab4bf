"""Is all that one set of policies allows allowed by another: proof, counterexample or undetermined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from iamlint.iam.containment.rules import Rules, compile_rules
from iamlint.iam.containment.statementwise import proves
from iamlint.iam.decide import PolicySet, Request
from iamlint.iam.matching import Reading
from iamlint.iam.policy import Policy, Statement

if TYPE_CHECKING:
    from iamlint.iam.containment.witness import Sides

STATES = 400_000
"""How many states a comparison may look at before it is undetermined."""

READINGS: tuple[Reading, ...] = ("whole", "segment", "trailing")

World = Literal["open", "catalogue"]
"""What a proof holds for: any action and resource that may ever exist, or the catalogue's."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the new policies grant nothing beyond the old.

    `contained` True is a proof, for any action and any resource (`world` is `open`).  False comes
    with a `witness` of a known action that was replayed through `decide`: the new policies allow
    it and the old do not; `granted_by` is the statement that grants it, `lost_deny` the old Deny
    that is missing.  None is undetermined, and `reason` begins with one of these words:

    * `open`: a policy may hold more than could be read
    * `possible`: what could only be read as possible makes the difference
    * `hole`: the value of a hole makes the difference
    * `reading-colon`: it depends on how far a wildcard reaches across `:` in an ARN
    * `variable-polarity`, `key-correlation`, `condition-mixture`: a candidate was found that
      contradicts itself, and none that does not
    * `catalogue`: no known action or resource makes a difference, but future ones may
    * `state-cap`: the comparison is too large
    """

    contained: bool | None
    witness: Request | None = None
    granted_by: Statement | None = None
    lost_deny: Statement | None = None
    reason: str | None = None
    reading: str = "whole"
    world: World = "open"
    branches: int = 0


def within(
    new: Sequence[Policy],
    old: Sequence[Policy],
    *,
    new_limits: Sequence[Sequence[Policy]] = (),
    old_limits: Sequence[Sequence[Policy]] = (),
    world: World = "catalogue",
    states: int = STATES,
) -> Answer:
    """Is every request that `new` allows allowed by `old`?

    The limits are further layers that must all allow: a boundary, or one for each level of SCPs.
    `world` says where a witness must come from: with `open`, any action and resource will do.
    """
    after = [compile_rules(layer, most=True) for layer in (new, *new_limits)]
    before = [compile_rules(layer, most=False) for layer in (old, *old_limits)]
    blocked = next((layer.blocked for layer in (*after, *before) if layer.blocked), None)
    if blocked is not None:
        return Answer(contained=None, reason=f"open: {blocked}")
    if len(after) == len(before) == 1 and proves(after[0], before[0]):
        return Answer(contained=True, reading="any")
    from iamlint.iam.containment.witness import Sides

    sides = Sides(PolicySet(identity=new, scp=new_limits), PolicySet(identity=old, scp=old_limits))
    return _searched(after, before, sides, world, states)


def _searched(
    after: Sequence[Rules], before: Sequence[Rules], sides: Sides, world: World, states: int
) -> Answer:
    from iamlint.iam.containment import engine

    def look(reading: Reading, *, known: bool) -> engine.Verdict:
        return engine.search(after, before, sides, reading=reading, states=states, known=known)

    verdict = look("whole", known=False)
    reading = "whole"
    limited = world == "catalogue"
    if verdict.contained is False and limited:
        known = look("whole", known=True)
        if known.contained:
            assert verdict.replay is not None
            return Answer(
                contained=None,
                reason="catalogue: no known action or resource makes a difference, but one like "
                f"`{verdict.replay.request.action}` on `{verdict.replay.request.resource}` would",
                branches=known.branches,
            )
        verdict = known
    if engine.reads_differently([*after, *before]):
        for other in READINGS[1:]:
            again = look(other, known=limited and verdict.contained is False)
            if again.contained is not verdict.contained:
                return Answer(
                    contained=None,
                    reason="reading-colon: it depends on whether a wildcard in an ARN matches `:`",
                    branches=verdict.branches,
                )
        reading = "any"
    request = verdict.replay.request if verdict.replay is not None else None
    return Answer(
        contained=verdict.contained,
        witness=request,
        granted_by=verdict.granted_by.statement if verdict.granted_by is not None else None,
        lost_deny=verdict.lost_deny.statement if verdict.lost_deny is not None else None,
        reason=verdict.reason,
        reading=reading,
        world="catalogue" if limited and verdict.contained is False else "open",
        branches=verdict.branches,
    )
