"""Differences that hold whatever the values of holes are.

A candidate holds holes as letters.  It is steady if each statement that must apply does so for
all their values and each that must not does so for none.  Fresh characters may be chosen so that
they are in no hole's value: a value is given first, the request made for it after.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from iamlint.iam.containment.branch import Candidate
from iamlint.iam.containment.contexts import Values, holds_if_absent
from iamlint.iam.containment.rules import Atom, Rule
from iamlint.iam.containment.search import Word
from iamlint.iam.containment.values import pattern_of, point_matches
from iamlint.iam.glob import AnyCase, CasedToken, CasedTokens, Letter, Symbol, Wild
from iamlint.iam.matching import Reading, read_tokens

Tri = Literal[True, False, None]

_SHORT = ("account", "region", "partition")
_WIDER: dict[CasedToken, CasedToken] = {
    Wild.SEGMENT_STAR: Wild.STAR,
    Wild.SEGMENT_ANY: Wild.ANY,
}
_STARS = (Wild.STAR, Wild.SEGMENT_STAR)


def steady(candidate: Candidate, reading: Reading) -> bool:
    """True only if the candidate shows a difference for every value of the holes."""
    return all(_applies(rule, candidate, reading) is True for rule in candidate.positives) and all(
        _applies(rule, candidate, reading) is False for rule in candidate.negatives
    )


def _applies(rule: Rule, candidate: Candidate, reading: Reading) -> Tri:
    """True for all values of the holes, False for none, None where it hangs on them."""
    if rule.inexact or candidate.loose:
        return None
    resources = [read_tokens(tokens, reading) for tokens in rule.resources]
    return _all(
        [
            _turned(_any([holds(t, candidate.action.word) for t in rule.actions]), rule.not_action),
            _turned(
                _any([holds(t, candidate.resource.word) for t in resources]), rule.not_resource
            ),
            *(_condition(atom, candidate.context) for atom in rule.atoms),
        ]
    )


def _condition(atom: Atom, context: dict[str, Values]) -> Tri:
    if atom.key not in context:
        return None
    values = context[atom.key]
    kind = atom.kind
    if values is None:
        return holds_if_absent(atom)
    if kind.family == "null":
        return "false" in {point.lower() for point in atom.points}
    each = [_turned(_value(atom, word), kind.negated) for word in values]
    if kind.quantifier is None and len(each) != 1:
        return None
    return _all(each) if kind.quantifier == "all" else _any(each)


def _value(atom: Atom, word: Word) -> Tri:
    if atom.kind.family == "arn" and any(isinstance(symbol, Letter) for symbol in word):
        return None  # wildcards of its segments do not match all that a hole may be
    if atom.kind.family in ("string", "arn"):
        return _any([holds(pattern_of(atom, tokens), word) for tokens in atom.patterns])
    plain = [symbol for symbol in word if isinstance(symbol, str)]
    return point_matches(atom, "".join(plain)) if len(plain) == len(word) else None


def holds(tokens: CasedTokens, word: Word) -> Tri:
    """Whether a glob matches a word: for all values of the letters in both, for none, or for some."""
    if _runs(tokens, word, always=True):
        return True
    if any(isinstance(token, Letter) and token.kind not in _SHORT for token in tokens):
        # The letter may hold colons, so that a wildcard after it stands in the last segment.
        tokens = tuple(_WIDER.get(token, token) for token in tokens)
    rest_of_glob, rest_of_word = _less_common(tokens, word)
    return None if _runs(rest_of_glob, rest_of_word, always=False) else False


def _less_common(tokens: CasedTokens, word: Word) -> tuple[CasedTokens, Word]:
    """Both without the beginning and the end that are the same, whatever the letters' values."""
    at, most = 0, min(len(tokens), len(word))
    while at < most and _fixed(tokens[at]) and tokens[at] == word[at]:
        at += 1
    end = 0
    while end < most - at and _fixed(tokens[-1 - end]) and tokens[-1 - end] == word[-1 - end]:
        end += 1
    return tokens[at : len(tokens) - end], word[at : len(word) - end]


def _fixed(token: CasedToken) -> bool:
    return isinstance(token, str) or (isinstance(token, Letter) and token.kind != "unknown")


def _runs(tokens: CasedTokens, word: Word, *, always: bool) -> bool:
    """Whether a glob matches a word for all values of the letters (or may for some)."""
    end = len(tokens)
    state = _skip({0}, tokens, always)
    for symbol in word:
        if isinstance(symbol, Letter) and not always:
            # Any string at all: as many steps as there are tokens.
            reached = set(state)
            frontier = state
            while frontier:
                moved = _some_steps(frontier, tokens, symbol) - reached
                frontier = _skip(moved, tokens, always) - reached
                reached |= frontier
            state = reached
        else:
            state = _skip(_steps(state, tokens, symbol, always), tokens, always)
        if not state:
            return False
    return end in state


def _skip(state: set[int], tokens: CasedTokens, always: bool) -> set[int]:
    found = set(state)
    todo = list(state)
    while todo:
        at = todo.pop()
        if at < len(tokens) and at + 1 not in found:
            token = tokens[at]
            if token in _STARS or (isinstance(token, Letter) and not always):
                found.add(at + 1)
                todo.append(at + 1)
    return found


def _steps(state: set[int], tokens: CasedTokens, symbol: Symbol | None, always: bool) -> set[int]:
    """The positions after one character, one fresh character (None), or one whole letter."""
    found: set[int] = set()
    for at in state:
        if at == len(tokens):
            continue
        token = tokens[at]
        if token in _STARS:
            colons = symbol == ":" or (isinstance(symbol, Letter) and symbol.kind not in _SHORT)
            if token is Wild.STAR or not colons:
                found.add(at)
        elif token in (Wild.ANY, Wild.SEGMENT_ANY):
            if not isinstance(symbol, Letter) and (token is Wild.ANY or symbol != ":"):
                found.add(at + 1)
        elif isinstance(token, AnyCase):
            if symbol in (token.lower, token.upper):
                found.add(at + 1)
        elif isinstance(token, Letter) and not always:
            if _may_hold(token, symbol):
                found.add(at)
        elif token == symbol and _fixed(token):
            found.add(at + 1)
    return found


def _may_hold(letter: Letter, symbol: Symbol | None) -> bool:
    """Whether a hole's value may have a character in it; not a fresh one, unless it is a wildcard."""
    if symbol is None:
        return letter.kind in ("unknown", "variable")
    return letter.kind not in _SHORT or (isinstance(symbol, str) and symbol not in ":/")


def _some_steps(state: set[int], tokens: CasedTokens, letter: Letter) -> set[int]:
    """The positions after one character that the letter's value may begin or go on with."""
    found: set[int] = set()
    for at in state:
        if at == len(tokens):
            continue
        token = tokens[at]
        if token in _STARS or isinstance(token, Letter):
            found.add(at)
        elif letter.kind in _SHORT and isinstance(token, str) and token in ":/":
            continue
        else:
            found.add(at + 1)
    return found


def _any(each: Sequence[Tri]) -> Tri:
    if any(holds is True for holds in each):
        return True
    return None if any(holds is None for holds in each) else False


def _all(each: Sequence[Tri]) -> Tri:
    if any(holds is False for holds in each):
        return False
    return None if any(holds is None for holds in each) else True


def _turned(holds: Tri, negated: bool) -> Tri:
    return holds if holds is None or not negated else not holds
