"""One value for a condition key that some conditions accept and others reject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product
from typing import Literal, Union

from iamlint.iam.condition import arn_pattern
from iamlint.iam.containment.rules import Atom
from iamlint.iam.containment.search import Budget, Word, words
from iamlint.iam.glob import (
    Automaton,
    CasedTokens,
    Letter,
    Tokens,
    Wild,
    any_case,
    has_letters,
)
from iamlint.iam.operators import binary, compare, moment, network, number

Wanted = tuple[Atom, bool]
"""A condition and whether its positive form must match the value."""

Found = Union[Word, Literal["maybe"], None]
"""A value, None if there is none, or `maybe` where that was not decided."""

_NOT_EMPTY: Tokens = (Wild.ANY, Wild.STAR)


def pattern_of(atom: Atom, tokens: Tokens) -> CasedTokens:
    """The glob of strings that match one value of a string or ARN condition."""
    if atom.kind.family == "arn":
        return tokens if tokens == (Wild.STAR,) else arn_pattern(tokens)
    return any_case(tokens) if atom.kind.ignore_case else tokens


def find_value(wanted: Sequence[Wanted], budget: Budget) -> Found:
    """A value that matches just the conditions that it must match.

    Exact for conditions of one kind (strings and ARNs, or points on a line); for a mixture a
    value that is found is right, but none being found means `maybe`.
    """
    strings = [(atom, sign) for atom, sign in wanted if atom.kind.family in ("string", "arn")]
    others = [(atom, sign) for atom, sign in wanted if atom.kind.family not in ("string", "arn")]
    if not others:
        return _string(strings, budget)
    for candidate in _points(others):
        budget.spend()
        if all(point_matches(atom, candidate) == sign for atom, sign in others):
            word: Word = tuple(candidate)
            if all(string_matches(atom, word) == sign for atom, sign in strings):
                return word
    if not strings:
        return None
    for word in _string_candidates(strings, budget):
        plain = _plain(word)
        if plain is not None and all(point_matches(a, plain) == sign for a, sign in others):
            return word
    return "maybe"


def string_matches(atom: Atom, word: Word) -> bool:
    """Whether a word matches a value of a string or ARN condition, letters standing for themselves."""
    machine = Automaton(pattern_of(atom, tokens) for tokens in atom.patterns)
    state = machine.start
    for symbol in word:
        state = machine.fresh(state) if symbol is None else machine.step(state, symbol)
    return bool(state & machine.final)


def _string(wanted: Sequence[Wanted], budget: Budget) -> Found:
    for word in _string_candidates(wanted, budget):
        return word
    if any(
        has_letters(tokens) for atom, sign in wanted if sign for tokens in atom.patterns
    ) and _overlapping(wanted, budget):
        return "maybe"
    return None


def _string_candidates(wanted: Sequence[Wanted], budget: Budget) -> Iterator[Word]:
    avoided = tuple(
        pattern_of(atom, tokens) for atom, sign in wanted if not sign for tokens in atom.patterns
    )
    for picked in _picks(wanted, budget):
        # A letter is not empty, and `?` would not match it.
        shape = () if any(has_letters(tokens) for tokens in picked) else (_NOT_EMPTY,)
        word = _first_word((*picked, *shape), avoided, budget)
        if word is not None:
            yield word
    if all(string_matches(atom, ()) == sign for atom, sign in wanted):
        yield ()


_first_words: dict[
    tuple[tuple[CasedTokens, ...], tuple[CasedTokens, ...]], tuple[Word | None, int]
] = {}
_MANY = 20_000


def _first_word(
    positives: tuple[CasedTokens, ...], avoided: tuple[CasedTokens, ...], budget: Budget
) -> Word | None:
    """The shortest word that lies in all positives and in none of the others, None without one.

    One policy is asked about time and again, and the ties between keys are the same for all: what
    was found is kept, with its cost, so that a bound is reached no later for that.
    """
    key = positives, avoided
    known = _first_words.get(key)
    if known is not None:
        budget.spend(known[1])
        return known[0]
    before = budget.left
    machine = Automaton(avoided)
    found = words(positives, machine, budget, hard=machine.final, colons=True)
    word = next((word for word, _ in found), None)
    if len(_first_words) >= _MANY:
        _first_words.clear()
    _first_words[key] = word, before - budget.left
    return word


def _overlapping(wanted: Sequence[Wanted], budget: Budget) -> bool:
    """True if there may be a value once letters are taken for any string."""
    avoided = [
        pattern_of(atom, tokens) for atom, sign in wanted if not sign for tokens in atom.patterns
    ]
    machine = Automaton(avoided)
    for picked in _picks(wanted, budget):
        if sum(tokens != (Wild.STAR,) for tokens in picked) < 2:
            continue  # one pattern's letters have nothing to be equal to
        for _ in words(picked, machine, budget, hard=machine.final, colons=True, wide=True):
            return True
    return False


def _picks(wanted: Sequence[Wanted], budget: Budget) -> Iterator[tuple[CasedTokens, ...]]:
    """One pattern of each condition that must match; impossible pairs are passed over early."""
    choices = [
        [pattern_of(atom, tokens) for tokens in atom.patterns] for atom, sign in wanted if sign
    ]
    choices.sort(key=len)
    if len(choices) == 2 and all(_literals(options) for options in choices):
        common = set(choices[0]) & set(choices[1])
        yield from ((tokens,) for tokens in choices[0] if tokens in common)
        if not any(has_letters(tokens) for options in choices for tokens in options):
            return
    for picked in product(*choices):
        budget.spend()
        yield tuple(dict.fromkeys(picked))


def _literals(options: Sequence[CasedTokens]) -> bool:
    return all(all(isinstance(token, (str, Letter)) for token in tokens) for tokens in options)


def _plain(word: Word) -> str | None:
    if all(isinstance(symbol, str) for symbol in word):
        return "".join(symbol for symbol in word if isinstance(symbol, str))
    return None


def point_matches(atom: Atom, value: str) -> bool:
    """Whether a value matches one of a condition's points."""
    kind = atom.kind
    if kind.family == "bool":
        return any(value == point.lower() for point in atom.points)
    if kind.family in ("numeric", "date"):
        read = number if kind.family == "numeric" else moment
        left = read(value)
        if left is None:
            return False
        bounds = (read(point) for point in atom.points)
        return any(bound is not None and compare(kind.comparison, left, bound) for bound in bounds)
    if kind.family == "ip":
        address = network(value)
        blocks = (network(point) for point in atom.points)
        return address is not None and any(
            block is not None
            and block[0] == address[0]
            and block[1] <= address[1]
            and address[2] <= block[2]
            for block in blocks
        )
    if kind.family == "binary":
        decoded = binary(value)
        return any(
            value == p or (decoded is not None and decoded == binary(p)) for p in atom.points
        )
    return any(value == point for point in atom.points)


def _points(wanted: Sequence[Wanted]) -> Iterator[str]:
    """Values of which one fits if any does: bounds, and one point between each two."""
    families = {atom.kind.family for atom, _ in wanted}
    if "bool" in families:
        yield from ("true", "false")
    if "numeric" in families:
        yield from map(_shown, _between(number(p) for a, _ in wanted for p in a.points))
    if "date" in families:
        yield from map(_date_shown, _between(moment(p) for a, _ in wanted for p in a.points))
    if "ip" in families:
        yield from _addresses(p for a, _ in wanted if a.kind.family == "ip" for p in a.points)
    if "binary" in families:
        yield from (p for a, _ in wanted if a.kind.family == "binary" for p in a.points)
        yield from ("eHl6", "eHl6eA==")


def _between(bounds: Iterator[Decimal | None]) -> Iterator[Decimal]:
    known = sorted({bound for bound in bounds if bound is not None})
    if not known:
        yield Decimal(0)
        return
    yield known[-1] + 1
    yield known[0] - 1
    for low, high in zip(known, [*known[1:], known[-1]], strict=True):
        yield low
        yield (low + high) / 2


def _shown(value: Decimal) -> str:
    return str(value)


def _date_shown(value: Decimal) -> str:
    """ISO 8601 for whole seconds of usual years, else the epoch number."""
    if value == value.to_integral_value() and 0 <= value < 4102444800:
        from datetime import datetime, timezone

        return datetime.fromtimestamp(int(value), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


def _addresses(blocks: Iterator[str]) -> Iterator[str]:
    import ipaddress

    yield "192.0.2.77"
    yield "2001:db8::77"
    for text in blocks:
        block = network(text)
        if block is None:
            continue
        version, first, last = block
        limit = (1 << (32 if version == 4 else 128)) - 1
        build = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
        for address in (first, last, first - 1, last + 1):
            if 0 <= address <= limit:
                yield str(build(address))
