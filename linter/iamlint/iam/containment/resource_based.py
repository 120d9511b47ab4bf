"""The comparison of policies that name principals, principal by principal."""

from __future__ import annotations

import msgspec

from iamlint.iam.containment.difference import Difference, World, difference
from iamlint.iam.containment.engine import Verdict
from iamlint.iam.containment.principals import has_unknown_principals, narrow, representatives
from iamlint.iam.containment.rules import Rules
from iamlint.iam.containment.statementwise import proves
from iamlint.iam.containment.witness import Sides


def difference_for_all(
    after: Rules,
    before: Rules,
    sides: Sides,
    world: World,
    states: int,
) -> Difference:
    """Compare what two sets of resource-based policies say of every principal.

    The first principal that the new side serves and the old does not is the answer.
    """
    rules = (*after.allows, *after.denies, *before.allows, *before.denies)
    doubt: Difference | None = None
    branches = 0
    for each in representatives(rules):
        strict = narrow(after, before, each, strict=True)
        if proves(strict.new, strict.old):
            continue
        found = _one(strict.new, strict.old, sides, world, states, each.principal, each.signed)
        if not found.verdict.contained and strict.delegated:
            loose = narrow(after, before, each, strict=False)
            if proves(loose.new, loose.old):
                again = Difference(Verdict(contained=True), "any", "open")
            else:
                again = _one(
                    loose.new, loose.old, sides, world, states, each.principal, each.signed
                )
            if again.verdict.contained:
                reason = (
                    "delegation: the old policy leaves it to the identity policies of an account, "
                    f"the new one grants it to `{each.principal}` itself"
                )
                again = msgspec.structs.replace(
                    again, verdict=Verdict(contained=None, reason=reason)
                )
            found = again
        branches += found.verdict.branches
        if found.verdict.contained is False:
            return found
        if found.verdict.contained is None:
            doubt = doubt or found
    if doubt is not None:
        return doubt
    if has_unknown_principals(rules):
        reason = "hole: a principal is not known"
        return Difference(Verdict(contained=None, reason=reason), "whole", "open")
    return Difference(Verdict(contained=True, branches=branches), "any", "open")


def _one(
    after: Rules,
    before: Rules,
    sides: Sides,
    world: World,
    states: int,
    principal: str,
    signed: bool,
) -> Difference:
    return difference([after], [before], sides, world, states, principal=principal, signed=signed)
