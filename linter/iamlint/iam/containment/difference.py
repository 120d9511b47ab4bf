"""A difference under all readings, first in the open world, then among what the catalogue knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from iamlint.iam.containment.engine import Verdict, reads_differently, search
from iamlint.iam.containment.inclusion import READINGS
from iamlint.iam.containment.rules import Rules
from iamlint.iam.containment.witness import Sides

World = Literal["open", "catalogue"]


class Difference(msgspec.Struct, frozen=True):
    """A verdict, the reading of wildcards under which it holds (`any`: all), and its world."""

    verdict: Verdict
    reading: str
    world: World


def difference(
    after: Sequence[Rules],
    before: Sequence[Rules],
    sides: Sides,
    world: World,
    states: int,
    *,
    principal: str | None = None,
    signed: bool = True,
) -> Difference:
    """Compare two sides, each a list of layers that must all allow.

    A proof holds in the open world.  A counterexample must hold in the wanted one: without one
    among the catalogue's actions and resources, the answer is undetermined.
    """
    limited = world == "catalogue"

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
        )

    verdict = look("whole", known=False)
    if verdict.contained is False and limited:
        known = look("whole", known=True)
        if known.contained:
            assert verdict.replay is not None
            request = verdict.replay.request
            reason = (
                "catalogue: no known action or resource makes a difference, but one like "
                f"`{request.action}` on `{request.resource}` would"
            )
            known = msgspec.structs.replace(known, contained=None, reason=reason)
            return Difference(known, "whole", "open")
        verdict = known
    reading = "whole"
    if verdict.contained is not None:
        if reads_differently([*after, *before]):
            for other in READINGS[1:]:
                again = look(other, known=limited and verdict.contained is False)
                if again.contained is not verdict.contained:
                    reason = "reading-colon: it depends on whether a wildcard in an ARN matches `:`"
                    return Difference(
                        Verdict(contained=None, reason=reason, branches=verdict.branches),
                        "whole",
                        "open",
                    )
        reading = "any"
    return Difference(
        verdict, reading, "catalogue" if limited and verdict.contained is False else "open"
    )
