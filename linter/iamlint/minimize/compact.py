"""Fewer characters where a quota asks for them: wildcards that take in nothing more."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from iamlint.iam import catalog, pattern
from iamlint.iam.policy import Element, Policy
from iamlint.minimize import draft
from iamlint.minimize.quota import minified_size
from iamlint.tree import Text


def fitted(
    original: Policy, pieces: list[draft.Piece], quota: int
) -> tuple[list[draft.Piece], bool]:
    """The pieces within the quota if wildcards can do it, and whether any were put in.

    A wildcard is put in only where each known action that it takes in is kept anyway, and where
    the original had a wildcard around it: so it grants nothing that the original did not, today
    or later.
    """
    if minified_size(draft.document(original, pieces)) <= quota:
        return pieces, False
    compacted = [piece if piece.unchanged else _compacted(piece, original) for piece in pieces]
    changed = compacted != pieces
    return (compacted, True) if changed else (pieces, False)


def _compacted(piece: draft.Piece, original: Policy) -> draft.Piece:
    source = original.statements[piece.origin]
    if source.not_action:
        around: list[str] = []
    else:
        around = [each.literal for each in source.actions if each.literal is not None]
    literal = [each.literal for each in piece.statement.actions if each.literal is not None]
    symbolic = [each for each in piece.statement.actions if each.literal is None]
    shorter = compact(literal, around)
    place = piece.statement.place
    actions = (*(Element(Text.of(each), place) for each in shorter), *symbolic)
    return msgspec.structs.replace(
        piece, statement=msgspec.structs.replace(piece.statement, actions=actions)
    )


def compact(actions: Sequence[str], around: Sequence[str]) -> list[str]:
    """The same known actions in fewer characters; each wildcard lies within one of `around`."""
    left = set(actions)
    found: list[str] = []
    wide = [each for each in around if "*" in each]
    by_service: dict[str, set[str]] = {}
    for action in actions:
        if "*" not in action and "?" not in action:
            by_service.setdefault(action.partition(":")[0], set()).add(action)
    for service, names in sorted(by_service.items()):
        own = [each for each in wide if each.partition(":")[0].lower() in (service, "*")]
        for candidate in _candidates(names) if own else ():
            taken = set(catalog.expand(candidate))
            if len(taken & left) < 2 or not taken <= names:
                continue
            if any(pattern.within(candidate, each, ignore_case=True) for each in own):
                left -= taken
                found.append(candidate)
    return sorted([*left, *found], key=str.lower)


def _candidates(names: set[str]) -> list[str]:
    """Prefixes at word boundaries, shortest first: `s3:*`, `s3:Get*`, `s3:GetObject*`."""
    found: set[str] = set()
    for name in names:
        service, _, action = name.partition(":")
        ends = [index for index, letter in enumerate(action) if letter.isupper() and index]
        found.update(f"{service}:{action[:end]}*" for end in ends)
    return sorted(found, key=lambda each: (len(each), each))
