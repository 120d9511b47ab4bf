"""Policy strings as tokens, and a bit-parallel automaton that holds any number of them.

A glob's automaton is a Python int with one bit a position (Shift-And): each step is a handful of
integer operations whatever the pattern, so no pattern makes it slow.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Union

import msgspec

from iamlint.tree import Hole, Text


class Wild(enum.Enum):
    """A wildcard; the SEGMENT forms do not match `:`."""

    STAR = "*"
    ANY = "?"
    SEGMENT_STAR = "*:"
    SEGMENT_ANY = "?:"


class Letter(msgspec.Struct, frozen=True):
    """An unknown value that stands in a string as if it were one private letter.

    `kind` is that of a hole, or `variable` for a policy variable; `scope` is the hole's.  Equal
    letters have one value.  `*` matches a letter, `?` does not, for its value may be longer.
    """

    name: str
    kind: str
    scope: str = ""


class AnyCase(msgspec.Struct, frozen=True):
    """An ASCII letter in either case."""

    lower: str
    upper: str


Symbol = Union[str, Letter]
Token = Union[str, Letter, Wild]
Tokens = tuple[Token, ...]
CasedToken = Union[Token, AnyCase]
CasedTokens = tuple[CasedToken, ...]

_FOLD = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_ESCAPES = ("*", "?", "$")


def fold(text: str) -> str:
    """ASCII letters in lower case; AWS folds no others, and lengths must not change."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


@lru_cache(maxsize=16384)
def string_tokens(pattern: str, wildcards: bool = True, variables: bool = False) -> Tokens:
    """The tokens of a literal pattern, in a normal form.

    With `variables`, `${key}` and `${key, 'default'}` become letters named by the folded key,
    and `${*}`, `${?}`, `${$}` the character.  Runs of wildcards are brought into the order
    `??…*`, so that equal globs have equal tokens and two stars never meet.
    """
    return _normal(_scan(pattern, wildcards, variables))


def text_tokens(text: Text, *, wildcards: bool = True, variables: bool = False) -> Tokens:
    """The tokens of a string with holes; a hole becomes a letter.

    The hole of a whole ARN is known to begin with `arn:`, which stays visible to patterns.
    """
    literal = text.literal
    if literal is not None:
        return string_tokens(literal, wildcards, variables)
    found: list[Token] = []
    for part in text.parts:
        if isinstance(part, Hole):
            if part.kind == "resource":
                found += "arn:"
            found.append(Letter(part.name, part.kind, part.scope))
        else:
            found += _scan(part, wildcards, variables)
    return _normal(found)


@lru_cache(maxsize=16384)
def fold_tokens(tokens: Tokens) -> Tokens:
    """The tokens with ASCII letters in lower case."""
    return tuple(fold(token) if isinstance(token, str) else token for token in tokens)


def any_case(tokens: Tokens) -> CasedTokens:
    """The tokens with ASCII letters in either case."""
    return tuple(
        AnyCase(fold(token), token.upper())
        if isinstance(token, str) and token.isascii() and token.isalpha()
        else token
        for token in tokens
    )


def colons_of(token: Token) -> int:
    """How many colons a token has at least: the hole of an ARN, after `arn:`, has four."""
    if isinstance(token, Letter):
        return 4 if token.kind == "resource" else 0
    return int(token == ":")


def by_segment(tokens: Tokens) -> Tokens:
    """The tokens with the wildcards of the first five ARN segments kept from matching `:`."""
    found: list[Token] = []
    colons = 0
    for token in tokens:
        colons += colons_of(token)
        if colons < 5 and token is Wild.STAR:
            token = Wild.SEGMENT_STAR
        elif colons < 5 and token is Wild.ANY:
            token = Wild.SEGMENT_ANY
        found.append(token)
    return tuple(found)


def whole(tokens: Tokens) -> Tokens:
    """The tokens with the wildcards of segments reaching over `:` again."""
    return tuple(
        Wild.STAR
        if token is Wild.SEGMENT_STAR
        else Wild.ANY
        if token is Wild.SEGMENT_ANY
        else token
        for token in tokens
    )


def has_letters(tokens: CasedTokens) -> bool:
    return any(isinstance(token, Letter) for token in tokens)


def variable_names(tokens: Tokens) -> set[str]:
    """The folded keys of the policy variables among the tokens."""
    return {
        token.name for token in tokens if isinstance(token, Letter) and token.kind == "variable"
    }


def literal_of(tokens: Tokens) -> str | None:
    """The one string that the tokens match, or None."""
    if all(isinstance(token, str) for token in tokens):
        return "".join(token for token in tokens if isinstance(token, str))
    return None


def _scan(pattern: str, wildcards: bool, variables: bool) -> list[Token]:
    found: list[Token] = []
    at, end = 0, len(pattern)
    while at < end:
        character = pattern[at]
        if variables and character == "$" and pattern.startswith("${", at):
            close = pattern.find("}", at)
            if close == -1:
                variables = False  # no further `}` follows, so no further variable does
            else:
                name = pattern[at + 2 : close]
                if name in _ESCAPES:
                    found.append(name)
                else:
                    found.append(variable_letter(name))
                at = close + 1
                continue
        if wildcards and character == "*":
            found.append(Wild.STAR)
        elif wildcards and character == "?":
            found.append(Wild.ANY)
        else:
            found.append(character)
        at += 1
    return found


def variable_letter(inner: str) -> Letter:
    """The letter of `key` or `key, 'default'`, as written between the braces.

    The default is part of the name: two defaults of one key are two values.
    """
    key, comma, default = inner.partition(",")
    return Letter(fold(key.strip()) + (comma + default.strip() if comma else ""), "variable")


def _normal(tokens: Sequence[Token]) -> Tokens:
    found: list[Token] = []
    star = False
    for token in tokens:
        if token is Wild.STAR:
            star = True
        elif token is Wild.ANY:
            found.append(token)
        else:
            if star:
                found.append(Wild.STAR)
                star = False
            found.append(token)
    if star:
        found.append(Wild.STAR)
    return tuple(found)


class Automaton:
    """All of some globs at once: a state is an int with a bit for each live position.

    `fresh` stands for a character that no pattern names: only wildcards match it.
    """

    __slots__ = (
        "_all_stars",
        "any",
        "final",
        "finals",
        "literal",
        "segment_any",
        "segment_star",
        "star",
        "start",
        "width",
    )

    def __init__(self, patterns: Iterable[CasedTokens]) -> None:
        self.literal: dict[Symbol, int] = {}
        self.any = self.star = self.segment_any = self.segment_star = 0
        self.start = 0
        finals: list[int] = []
        at = 0
        for tokens in patterns:
            self.start |= 1 << at
            for token in tokens:
                bit = 1 << at
                if token is Wild.STAR:
                    self.star |= bit
                elif token is Wild.ANY:
                    self.any |= bit
                elif token is Wild.SEGMENT_STAR:
                    self.segment_star |= bit
                elif token is Wild.SEGMENT_ANY:
                    self.segment_any |= bit
                elif isinstance(token, AnyCase):
                    self.literal[token.lower] = self.literal.get(token.lower, 0) | bit
                    self.literal[token.upper] = self.literal.get(token.upper, 0) | bit
                else:
                    self.literal[token] = self.literal.get(token, 0) | bit
                at += 1
            finals.append(1 << at)
            at += 1
        self.finals = tuple(finals)
        self.final = sum(finals)
        self.width = at
        self._all_stars = self.star | self.segment_star
        self.start = self.close(self.start)

    def close(self, state: int) -> int:
        """The state with all positions that skipping stars leads to."""
        more = state | ((state & self._all_stars) << 1)
        while more != state:
            state, more = more, more | ((more & self._all_stars) << 1)
        return state

    def step(self, state: int, symbol: Symbol) -> int:
        """The state after one more character or letter."""
        move = self.literal.get(symbol, 0)
        stay = self.star
        if isinstance(symbol, Letter):
            stay |= self.segment_star
        else:
            move |= self.any
            if symbol != ":":
                move |= self.segment_any
                stay |= self.segment_star
        return self.close(((state & move) << 1) | (state & stay))

    def fresh(self, state: int) -> int:
        """The state after a character that no pattern names."""
        return self.close(
            ((state & (self.any | self.segment_any)) << 1) | (state & self._all_stars)
        )

    def run(self, symbols: Iterable[Symbol]) -> int:
        state = self.start
        for symbol in symbols:
            state = self.step(state, symbol)
            if not state:
                break
        return state

    def accepted(self, state: int) -> frozenset[int]:
        """The indices of the patterns that match what was read."""
        hit = state & self.final
        if not hit:
            return frozenset()
        return frozenset(index for index, final in enumerate(self.finals) if hit & final)


@lru_cache(maxsize=4096)
def automaton(tokens: Tokens) -> Automaton:
    """The automaton of one glob."""
    return Automaton((tokens,))
