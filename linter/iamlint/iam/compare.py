"""Is all that one set of policies allows allowed by another: proof, counterexample or undetermined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from iamlint.iam.containment.compiling import compile_rules
from iamlint.iam.containment.statementwise import proves
from iamlint.iam.decide import Request
from iamlint.iam.policy import Policy, Statement

if TYPE_CHECKING:
    from iamlint.iam.containment.difference import Difference

World = Literal["open", "catalogue"]
"""What a proof holds for: any action and resource that may ever exist, or today's catalogue."""

Witnesses = Literal["known", "any", "none"]
"""Whether a counterexample of a known action on a resource of a known form is to be looked for.

With `none` no counterexample is: what is not proven is undetermined, `unasked`, and sooner."""

STATES = 400_000
"""How many states a comparison may look at before it is undetermined."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the new policies grant nothing beyond the old.

    `contained` True is a proof, of the strength that `world` tells: `open` for any action and any
    resource, `catalogue` for the actions and the forms of resources that the catalogue knows
    (and nothing is said of later ones).  False comes with a `witness` that was
    replayed through `decide`: the new policies allow it and the old do not; `granted_by` is the
    statement that grants it, `lost_deny` the old Deny that is missing; where holes take part, it is
    so for all their values with which such a resource exists, and the witness is made for those
    in `given`, by how a hole is shown.  The witness is of a known action on a resource of a form
    that it takes, unless it is `unlisted`: then no such request makes a difference, as far as could
    be found, but others do, which AWS may have added since the catalogue was made or may add.
    None is undetermined, and `reason` begins with one of these words:

    * `open`: a policy may hold more than could be read
    * `delegation`: the old policy grants it to an account, the new one to a principal itself
    * `possible`: what could only be read as possible makes the difference
    * `hole`: the value of a hole makes the difference, or may
    * `reading-colon`: it depends on how far a wildcard reaches across `:` in an ARN
    * `variable-polarity`, `key-correlation`, `condition-mixture`: a candidate was found that
      contradicts itself, and none that does not
    * `catalogue`: a known action makes a difference on a resource that may not exist
    * `state-cap`: the comparison is too large
    * `unasked`: a difference is not ruled out, and `witnesses` said to show none
    """

    contained: bool | None
    witness: Request | None = None
    granted_by: Statement | None = None
    lost_deny: Statement | None = None
    given: dict[str, str] = {}
    unlisted: bool = False
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
    world: World = "open",
    witnesses: Witnesses = "known",
    states: int = STATES,
    same_source: bool = False,
) -> Answer:
    """Is every request that `new` allows allowed by `old`?

    The limits are further layers that must all allow: a boundary, or one for each level of SCPs.
    `world` is the strength that is asked for: with `catalogue`, differences that only future
    actions and resources would make do not count.  An answer may be stronger than asked for.
    Policies that name principals (resource-based and trust policies) are compared by what they
    say themselves, whatever identity policies there are.
    With `same_source`, the new policies were made from the text of the old ones and take their
    place: what is only possible in both, at one place and for one reason, is there in both or in
    neither, with one value.  Else what is only possible never proves anything.
    """
    if same_source:
        from iamlint.iam.containment.same_source import compile_likened

        likened = compile_likened(new, old, shared=not new_limits and not old_limits)
        after, before = [likened[0]], [likened[1]]
    else:
        after, before = [compile_rules(new, most=True)], [compile_rules(old, most=False)]
    after += (compile_rules(layer, most=True) for layer in new_limits)
    before += (compile_rules(layer, most=False) for layer in old_limits)
    blocked = next((layer.blocked for layer in (*after, *before) if layer.blocked), None)
    if blocked is not None:
        return Answer(contained=None, reason=f"open: {blocked}", world=world)
    if len(after) == len(before) == 1 and proves(after[0], before[0]):
        return Answer(contained=True, reading="any")
    from iamlint.iam.containment.difference import difference
    from iamlint.iam.containment.own_form import own_form
    from iamlint.iam.containment.witness import sides_of

    strange = own_form(
        [policy for layer in (new, *new_limits) for policy in layer],
        [policy for layer in (old, *old_limits) for policy in layer],
    )
    if strange is not None:
        reason = f"open: the resource `{strange}` is no ARN but a form of its service's own"
        return Answer(contained=None, reason=reason, world=world)
    sides = sides_of(new, old, new_limits, old_limits)
    if any(rule.who is not None for rule in (*after[0].allows, *before[0].allows)):
        from iamlint.iam.containment.resource_based import difference_for_all

        return _answer(difference_for_all(after[0], before[0], sides, world, witnesses, states))
    return _answer(difference(after, before, sides, world, witnesses, states))


def shows_difference(
    request: Request,
    new: Sequence[Policy],
    old: Sequence[Policy],
    *,
    new_limits: Sequence[Sequence[Policy]] = (),
    old_limits: Sequence[Sequence[Policy]] = (),
) -> bool:
    """True if `decide` says that the new policies allow a request and the old ones do not."""
    from iamlint.iam.containment.witness import judge, sides_of

    return judge(request, sides_of(new, old, new_limits, old_limits)).shows_difference


def _answer(found: Difference) -> Answer:
    verdict = found.verdict
    return Answer(
        contained=verdict.contained,
        witness=verdict.replay.request if verdict.replay is not None else None,
        granted_by=verdict.granted_by.statement if verdict.granted_by is not None else None,
        lost_deny=verdict.lost_deny.statement if verdict.lost_deny is not None else None,
        given=verdict.given,
        unlisted=found.unlisted,
        reason=verdict.reason,
        reading=found.reading,
        world=found.world,
        branches=verdict.branches,
    )
