"""The search over all branches: does one side allow what the other does not?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import msgspec

from iamlint.iam.containment.branch import Branches, Candidate
from iamlint.iam.containment.inclusion import early_wildcard
from iamlint.iam.containment.instance import instance
from iamlint.iam.containment.known import excluded, exists
from iamlint.iam.containment.rules import EVERYTHING, Rule, Rules
from iamlint.iam.containment.search import Budget, TooManyStates
from iamlint.iam.containment.statementwise import bites, ungranted
from iamlint.iam.containment.steady import steady
from iamlint.iam.containment.witness import Replay, Sides, replay
from iamlint.iam.glob import Letter, Tokens
from iamlint.iam.matching import Reading

_TRIES = 24


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one search found: contained, a difference that replays, or a reason for neither."""

    contained: bool | None
    replay: Replay | None = None
    granted_by: Rule | None = None
    lost_deny: Rule | None = None
    given: dict[str, str] = {}
    reason: str | None = None
    branches: int = 0


class Branch(msgspec.Struct, frozen=True):
    """One way to differ: `positives` apply, `negatives` do not; `actions` are the first's."""

    positives: tuple[Rule, ...]
    negatives: tuple[Rule, ...]
    actions: tuple[Tokens, ...]
    deny: Rule | None = None


def branches(new: Sequence[Rules], old: Sequence[Rules], budget: Budget) -> Iterator[Branch]:
    """The branches that are not closed by comparing statement with statement.

    Each side is a list of layers (identity policies, boundary, levels of SCPs); all layers must
    allow, and a Deny in any of them denies.
    """
    new_denies = tuple(deny for layer in new for deny in layer.denies)
    kept = {deny.identity for deny in new_denies}
    old_denies = [deny for layer in old for deny in layer.denies if deny.identity not in kept]
    same = [{rule.identity for rule in layer.allows} for layer in old]
    for positives in product(*(layer.allows for layer in new)):
        first = positives[0]
        for layer, identities in zip(old, same, strict=True):
            if any(rule.identity in identities for rule in positives):
                continue
            budget.spend(1 + len(layer.allows) // 4)
            if any(not ungranted(rule, layer.allows) for rule in positives[1:]):
                continue
            left = ungranted(first, layer.allows)
            if left:
                yield Branch(positives, (*layer.allows, *new_denies), left)
    for positives in product(*(layer.allows for layer in new)):
        actions = (EVERYTHING,) if positives[0].not_action else positives[0].actions
        for deny in old_denies:
            budget.spend(1 + len(new_denies) // 4)
            if all(bites(deny, rule, new_denies) for rule in positives):
                yield Branch((*positives, deny), new_denies, actions, deny)


def search(
    new: Sequence[Rules],
    old: Sequence[Rules],
    sides: Sides,
    *,
    reading: Reading,
    states: int,
    known: bool = False,
    principal: str | None = None,
    signed: bool = True,
    show: bool = True,
) -> Verdict:
    """Look for a request that the new side allows and the old side does not, under one reading.

    `known` limits it to the catalogue, `principal` to one principal; `signed` requests have the
    keys that all of these have.  Without `show` the first difference that is not ruled out ends
    the search, undetermined.
    """
    budget = Budget(states)
    solver = Branches(reading, budget, signed=signed, known=known)
    doubts: list[str] = []
    count = 0
    holed = _has_holes([*new, *old]) and not any(layer.lossy for layer in (*new, *old))
    try:
        for branch in branches(new, old, budget):
            count += 1
            found_here = solver.candidates(branch.positives, branch.negatives, branch.actions)
            for tries, candidate in enumerate(found_here, 1):
                if not show:
                    reason = "unasked: a difference is not ruled out, and none was to be shown"
                    return Verdict(contained=None, reason=reason, branches=count)
                found = replay(candidate, sides, reading, principal)
                if (
                    known
                    and found is not None
                    and not exists(found.request.action, found.request.resource)
                ):
                    if not _excluded(candidate, found):
                        doubts.append(
                            _doubt(candidate, found, new, old)
                            if candidate.loose
                            else "catalogue: a resource of this form may not exist"
                        )
                    continue
                if found is not None and found.shows_difference:
                    return Verdict(
                        contained=False,
                        replay=found,
                        granted_by=branch.positives[0],
                        lost_deny=branch.deny,
                        branches=count,
                    )
                if holed and steady(candidate, reading):
                    shown = instance(candidate, sides, reading, principal, known=known)
                    if shown is not None:
                        return Verdict(
                            contained=False,
                            replay=shown.replay,
                            granted_by=branch.positives[0],
                            lost_deny=branch.deny,
                            given=shown.values,
                            branches=count,
                        )
                doubts.append(_doubt(candidate, found, new, old))
                if tries >= _TRIES:
                    break
    except (TooManyStates, RecursionError):
        # The search goes one level deeper for each statement that it must keep from applying.
        return Verdict(
            contained=None,
            reason=f"state-cap: the comparison has more than {states} states",
            branches=count,
        )
    if solver.contexts.unsure:
        doubts.append("condition-mixture: a key is compared in ways that were not weighed together")
    if doubts:
        return Verdict(contained=None, reason=doubts[0], branches=count)
    return Verdict(contained=True, branches=count)


def _excluded(candidate: Candidate, found: Replay) -> bool:
    letters = any(isinstance(symbol, Letter) for symbol in candidate.resource.word)
    return excluded(found.request.action, found.request.resource, letters=letters)


def _doubt(
    candidate: Candidate, found: Replay | None, new: Sequence[Rules], old: Sequence[Rules]
) -> str:
    """Why a candidate that does not replay leaves the question open, by a machine-readable word."""
    if candidate.unlikely:
        return "key-correlation: it needs keys together that, by AWS's pages, no request holds so"
    rules = (*candidate.positives, *candidate.negatives)
    letters = {letter for rule in rules for letter in _letters(rule)}
    holes = sorted(letter.name for letter in letters if letter.kind != "variable")
    if holes and (found is None or None in (found.new.allowed, found.old.allowed)):
        return f"hole: it depends on `{holes[0]}`"
    for layer in (*new, *old):
        if layer.inexact is not None:
            return f"possible: {layer.inexact}"
    if any(letter.kind == "variable" for letter in letters):
        return "variable-polarity: it depends on the value of a policy variable"
    return "key-correlation: a candidate request contradicts itself"


def _has_holes(layers: Sequence[Rules]) -> bool:
    return any(
        letter.kind != "variable"
        for layer in layers
        for rule in (*layer.allows, *layer.denies)
        for letter in _letters(rule)
    )


def _letters(rule: Rule) -> Iterator[Letter]:
    patterns = [*rule.actions, *rule.resources]
    for atom in rule.atoms:
        patterns += atom.patterns
    for tokens in patterns:
        for token in tokens:
            if isinstance(token, Letter):
                yield token


def reads_differently(layers: Sequence[Rules]) -> bool:
    """True if some resource pattern means something else under another reading of wildcards."""
    return any(
        early_wildcard(tokens)
        for layer in layers
        for rule in (*layer.allows, *layer.denies)
        for tokens in rule.resources
    )
