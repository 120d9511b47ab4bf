"""A difference under all readings, in the open world or among what the catalogue knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from iamlint.iam import catalog
from iamlint.iam.containment.engine import Verdict, reads_differently, search
from iamlint.iam.containment.inclusion import READINGS
from iamlint.iam.containment.known import exists
from iamlint.iam.containment.rules import Rules
from iamlint.iam.containment.witness import Sides

World = Literal["open", "catalogue"]
Witnesses = Literal["known", "any", "none"]


class Difference(msgspec.Struct, frozen=True):
    """A verdict, the reading of wildcards under which it holds (`any`: all), and its world.

    `unlisted` says of a difference that none was found among what the catalogue lists.
    """

    verdict: Verdict
    reading: str
    world: World
    unlisted: bool = False


def difference(
    after: Sequence[Rules],
    before: Sequence[Rules],
    sides: Sides,
    world: World,
    witnesses: Witnesses,
    states: int,
    *,
    principal: str | None = None,
    signed: bool = True,
) -> Difference:
    """Compare two sides, each a list of layers that must all allow.

    A proof in the open world is a proof among what the catalogue knows; where there is none,
    and `world` is the catalogue, one is sought there.  A counterexample is of a known action on
    a resource of a known form if there is one, unless `witnesses` says that any will do, or none:
    then what is not proven is left undetermined, which is found out much sooner.
    """
    limited = witnesses == "known" or world == "catalogue"

    def look(reading: Literal["whole", "segment", "trailing"], *, known: bool) -> Verdict:
        return search(
            after,
            before,
            sides,
            reading=reading,
            states=states,
            known=known,
            principal=principal,
            signed=signed,
            show=witnesses != "none",
        )

    verdict = look("whole", known=False)
    proven: World = "open"
    within_catalogue = unlisted = False
    if limited and verdict.given and _known(verdict):
        proven = "catalogue"
    elif (verdict.contained is False and limited) or (
        verdict.contained is None and world == "catalogue"
    ):
        known = look("whole", known=True)
        if known.contained is not False and verdict.contained is False and world == "open":
            unlisted = True
        else:
            verdict, proven, within_catalogue = known, "catalogue", True
    elif limited and (verdict.reason or "").startswith("hole: "):
        # Resources of known forms leave a hole less room to be what makes the difference.
        known = look("whole", known=True)
        if known.contained is False:
            verdict, proven, within_catalogue = known, "catalogue", True
    if verdict.contained is None:
        return Difference(verdict, "whole", world)
    if reads_differently([*after, *before]):
        for other in READINGS[1:]:
            again = look(other, known=within_catalogue)
            if again.contained is None and again.reason and verdict.contained:
                return Difference(again, "whole", world)
            if again.contained is not verdict.contained:
                reason = "reading-colon: it depends on whether a wildcard in an ARN matches `:`"
                open_ = Verdict(contained=None, reason=reason, branches=verdict.branches)
                return Difference(open_, "whole", world)
    return Difference(verdict, "any", proven, unlisted)


def _known(verdict: Verdict) -> bool:
    """True if the request of a verdict is one of a known action on a resource of a known form."""
    assert verdict.replay is not None
    request = verdict.replay.request
    return catalog.action(request.action) is not None and exists(request.action, request.resource)
