"""Inclusion of one resource or action pattern in another, under every reading of wildcards."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from iamlint.iam.containment.rules import EVERYTHING, Rule, service_of
from iamlint.iam.glob import Tokens, Wild, automaton, colons_of, literal_of, whole
from iamlint.iam.matching import Reading, read_tokens
from iamlint.iam.pattern import included, tokens_overlap

READINGS: tuple[Reading, ...] = ("whole", "segment", "trailing")


@lru_cache(maxsize=65536)
def inside(a: Tokens, b: Tokens) -> bool:
    """True if all of glob `a` is in glob `b`; letters stand for themselves."""
    return b == EVERYTHING or a == b or included(a, automaton(b))


@lru_cache(maxsize=65536)
def inside_any_reading(a: Tokens, b: Tokens) -> bool:
    """True if resource pattern `a` is in `b` however far wildcards reach across `:`."""
    if b == EVERYTHING or a == b:
        return True
    if not included(a, automaton(b)):
        return False
    if not early_wildcard(b):
        # Then only `a` reads narrower elsewhere than as a whole string.
        return True
    return all(
        included(read_tokens(a, reading), automaton(read_tokens(b, reading)))
        for reading in READINGS[1:]
    )


@lru_cache(maxsize=65536)
def disjoint(a: Tokens, b: Tokens) -> bool:
    """True if no string is in both, whatever the values of letters in them.

    Wildcards are taken to reach over `:`, which makes True hold for all readings.
    """
    if literal_of(a) is not None and literal_of(b) is not None:
        return a != b
    return tokens_overlap(whole(a), whole(b)) is False


@lru_cache(maxsize=65536)
def early_wildcard(tokens: Tokens) -> bool:
    """True if a wildcard stands before the fifth colon, so that readings of it may differ."""
    if tokens == EVERYTHING:
        return False
    colons = 0
    for token in tokens:
        if colons >= 5:
            return False
        colons += colons_of(token)
        if isinstance(token, Wild):
            return True
    return colons < 5 and bool(tokens)


def covers(outer: Rule, inner: Rule) -> bool:
    """True if a rule takes in all requests of another, dimension by dimension.

    False says nothing.
    """
    return (
        implied(outer, inner) and _actions_inside(inner, outer) and resources_inside(inner, outer)
    )


def implied(outer: Rule, inner: Rule) -> bool:
    """True if `outer` asks no more of principal and context than `inner` does.

    Each condition of `outer` must be one of `inner`, or a looser form of one of them.
    """
    if outer.who is not None and (inner.who is None or not inner.who.within(outer.who)):
        return False
    if outer.limits <= inner.limits:
        return True
    for atom in outer.atoms:
        if atom.text in inner.limits:
            continue
        kind, key, patterns, points = atom.text
        if not any(
            (kind, key) == (other.kind, other.key)
            and kind.family != "null"
            and (
                other.text[2] >= patterns and other.text[3] >= points
                if kind.negated
                else other.text[2] <= patterns and other.text[3] <= points
            )
            for other in inner.atoms
        ):
            return False
    return True


def action_inside(action: Tokens, rule: Rule) -> bool:
    """True if a rule's Action or NotAction takes in all of an action pattern."""
    near = rule.actions_of(service_of(action))
    if rule.not_action:
        return all(disjoint(action, other) for other in near)
    return action in near or any(inside(action, other) for other in near)


def _actions_inside(inner: Rule, outer: Rule) -> bool:
    if not outer.not_action and EVERYTHING in outer.actions:
        return True
    if not inner.not_action:
        return all(action_inside(action, outer) for action in inner.actions)
    if not outer.not_action:
        return False
    return all(
        any(inside(excluded, other) for other in inner.actions_of(service_of(excluded)))
        for excluded in outer.actions
    )


def _each_inside(inner: Sequence[Tokens], outer: Sequence[Tokens]) -> bool:
    """True if each pattern lies in one of the others; most often it is one of them."""
    same = frozenset(outer)
    # A pattern without a wildcard takes in itself alone.
    wide = [each for each in outer if literal_of(each) is None]
    return all(a in same or any(inside_any_reading(a, b) for b in wide) for a in inner)


def resources_inside(inner: Rule, outer: Rule) -> bool:
    if outer.everywhere:
        return True
    if not outer.not_resource:
        if inner.not_resource:
            return False
        return _each_inside(inner.resources, outer.resources)
    if inner.not_resource:
        return _each_inside(outer.resources, inner.resources)
    return all(disjoint(a, b) for a in inner.resources for b in outer.resources)
