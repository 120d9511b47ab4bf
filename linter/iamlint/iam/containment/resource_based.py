"""The comparison of policies that name principals, principal by principal."""

from __future__ import annotations

from iamlint.iam.containment.difference import Difference, Witnesses, World, difference
from iamlint.iam.containment.engine import Verdict
from iamlint.iam.containment.principals import (
    Narrowed,
    Representative,
    has_unknown_principals,
    narrow,
    representatives,
)
from iamlint.iam.containment.rules import Rules
from iamlint.iam.containment.statementwise import proves
from iamlint.iam.containment.witness import Sides


def difference_for_all(
    after: Rules,
    before: Rules,
    sides: Sides,
    world: World,
    witnesses: Witnesses,
    states: int,
) -> Difference:
    """Compare what two sets of resource-based policies say of every principal.

    The first principal that the new side serves and the old does not is the answer, of those for
    whom the catalogue lists what makes a difference if there are any.
    """
    rules = (*after.allows, *after.denies, *before.allows, *before.denies)
    proven: World = "open"
    doubt: Difference | None = None
    unlisted: Difference | None = None
    branches = 0

    def ask(sides_for_one: Narrowed, each: Representative) -> Difference:
        return difference(
            [sides_for_one.new],
            [sides_for_one.old],
            sides,
            world,
            witnesses,
            states,
            principal=each.principal,
            signed=each.signed,
        )

    for each in representatives(rules):
        strict = narrow(after, before, each, strict=True)
        if proves(strict.new, strict.old):
            continue
        found = ask(strict, each)
        if not found.verdict.contained and strict.delegated:
            loose = narrow(after, before, each, strict=False)
            if proves(loose.new, loose.old):
                again = Difference(Verdict(contained=True), "any", "open")
            else:
                again = ask(loose, each)
            if again.verdict.contained:
                reason = (
                    "delegation: the old policy leaves it to the identity policies of an account, "
                    f"the new one grants it to `{each.principal}` itself"
                )
                again = Difference(Verdict(contained=None, reason=reason), again.reading, world)
            found = again
        if witnesses == "none" and not found.verdict.contained:
            return found
        branches += found.verdict.branches
        if found.verdict.contained is False:
            if not found.unlisted:
                return found
            unlisted = unlisted or found
        if found.verdict.contained is None:
            doubt = doubt or found
        elif found.world == "catalogue":
            proven = "catalogue"
    if unlisted is not None:
        return unlisted
    if doubt is not None:
        return doubt
    if has_unknown_principals(rules):
        reason = "hole: a principal is not known"
        return Difference(Verdict(contained=None, reason=reason), "whole", world)
    return Difference(Verdict(contained=True, branches=branches), "any", proven)
