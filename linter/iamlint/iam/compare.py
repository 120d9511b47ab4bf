"""Is all that one set of policies allows allowed by another: proof, counterexample or undetermined."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from iamlint.iam.containment.rules import compile_rules
from iamlint.iam.containment.statementwise import proves
from iamlint.iam.decide import Request
from iamlint.iam.policy import Policy, Statement


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the new policies grant nothing beyond the old.

    `contained` True is a proof.  False comes with a `witness` that was replayed through `decide`:
    the new policies allow it and the old do not; `granted_by` is the statement that grants it.
    None is undetermined, and `reason` begins with a machine-readable word.
    """

    contained: bool | None
    witness: Request | None = None
    granted_by: Statement | None = None
    reason: str | None = None


def within(new: Sequence[Policy], old: Sequence[Policy]) -> Answer:
    """Is every request that `new` allows allowed by `old`?"""
    after, before = compile_rules(new, most=True), compile_rules(old, most=False)
    if after.blocked or before.blocked:
        return Answer(contained=None, reason=f"open: {after.blocked or before.blocked}")
    if proves(after, before):
        return Answer(contained=True)
    return Answer(contained=None, reason="not-proven: no statement-wise proof was found")
