"""Strings that lie in all of some globs and in as few as possible of others.

Every wildcard of the globs that must match is tried with fresh characters alone: a character
that no pattern names is matched by wildcards only, so whatever other string one might put there,
the fresh one is in no more of the globs to be avoided.  That keeps the search small and exact.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Optional

from iamlint.iam.glob import AnyCase, Automaton, CasedToken, CasedTokens, Letter, Symbol, Wild

Word = tuple[Symbol | None, ...]
"""A string of characters and letters; None stands for a fresh character."""


class TooManyStates(Exception):
    """The comparison grew beyond its bound."""


class Budget:
    """Bounds the work of one comparison in states, so that its answer does not hang on the machine."""

    __slots__ = ("left",)

    def __init__(self, states: int) -> None:
        self.left = states

    def spend(self, states: int = 1) -> None:
        self.left -= states
        if self.left < 0:
            raise TooManyStates


_Node = tuple[tuple[int, ...], int, Optional["_Link"]]
_Link = tuple[Optional["_Link"], Symbol | None]

_STARS = (Wild.STAR, Wild.SEGMENT_STAR)


def words(
    positives: Sequence[CasedTokens],
    machine: Automaton,
    budget: Budget,
    *,
    hard: int = 0,
    colons: bool = False,
    wide: bool = False,
) -> Iterator[tuple[Word, int]]:
    """Words in all positives, shortest first, each with the accepting bits of the machine.

    Of two words that end alike, only one with the fewest accepting globs is sure to come.
    Globs whose accepting bit is in `hard` must not match.  With `colons`, wildcards are also
    tried with `:`, which wildcards within segments do not match.  With `wide`, letters in the
    positives may be any string, for letters of different positives may have one value.
    """
    globs = [tokens for tokens in positives if tokens != (Wild.STAR,)] or [(Wild.STAR,)]
    dead = hard | _absorbing(machine, hard)
    ends = tuple(len(tokens) for tokens in globs)
    seen: dict[tuple[int, ...], list[int]] = {}
    todo: deque[_Node] = deque()

    def visit(at: tuple[int, ...], state: int, link: _Link | None, *, free: bool) -> None:
        known = seen.setdefault(at, [])
        for other in known:
            if other & state == other:
                return
        known[:] = [other for other in known if other & state != state]
        known.append(state)
        if free:
            todo.appendleft((at, state, link))
        else:
            todo.append((at, state, link))

    if machine.start & (dead & ~hard):
        return
    visit((0,) * len(globs), machine.start, None, free=False)
    while todo:
        at, state, link = todo.popleft()
        if state not in seen[at]:
            continue
        budget.spend()
        if at == ends:
            accepted = state & machine.final
            if not accepted & hard:
                yield _word(link), accepted
            continue
        tokens = [
            glob[index] if index < end else None
            for glob, index, end in zip(globs, at, ends, strict=True)
        ]
        for number, token in enumerate(tokens):
            if token in _STARS or (wide and isinstance(token, Letter)):
                skipped = (*at[:number], at[number] + 1, *at[number + 1 :])
                visit(skipped, state, link, free=True)
        if None in tokens:
            continue
        for symbol in _choices(tokens, colons=colons, wide=wide):
            after = machine.fresh(state) if symbol is None else machine.step(state, symbol)
            if after & dead & ~hard:
                continue
            moved = tuple(
                index if token in _STARS or (wide and isinstance(token, Letter)) else index + 1
                for index, token in zip(at, tokens, strict=True)
            )
            visit(moved, after, (link, symbol), free=False)


def _absorbing(machine: Automaton, hard: int) -> int:
    """The positions from which a hard glob accepts whatever follows: a last `*`."""
    found = 0
    for final in machine.finals:
        if final & hard and (final >> 1) & machine.star:
            found |= final >> 1
    return found


def _choices(
    tokens: Sequence[CasedToken | None], *, colons: bool, wide: bool
) -> Sequence[Symbol | None]:
    """The symbols worth trying where the positives stand at these tokens."""
    wanted: set[Symbol] | None = None
    no_colon = no_letter = False
    for token in tokens:
        if isinstance(token, Wild):
            if token in (Wild.SEGMENT_ANY, Wild.SEGMENT_STAR):
                no_colon = True
            if token in (Wild.ANY, Wild.SEGMENT_ANY):
                no_letter = True
        elif isinstance(token, Letter) and wide:
            continue
        elif isinstance(token, AnyCase):
            pair: set[Symbol] = {token.lower, token.upper}
            wanted = pair if wanted is None else wanted & pair
        elif token is not None:
            wanted = {token} if wanted is None else wanted & {token}
    if wanted is None:
        return (None, ":") if colons and not no_colon else (None,)
    return sorted(
        (
            symbol
            for symbol in wanted
            if not (symbol == ":" and no_colon) and not (isinstance(symbol, Letter) and no_letter)
        ),
        key=_lower_first,
    )


def _lower_first(symbol: Symbol) -> tuple[bool, str]:
    return isinstance(symbol, str) and symbol.isupper(), str(symbol)


def _word(link: _Link | None) -> Word:
    found: list[Symbol | None] = []
    while link is not None:
        link, symbol = link
        found.append(symbol)
    return tuple(reversed(found))


PREFERRED = "xyzwvqkjabcdefghilmnoprstu0123456789XYZ-_"
OTHER = "\u2022"
"""What a fresh character is spelled as, the first that nothing names."""


def spelled(word: Word, machine: Automaton, letters: dict[Letter, str]) -> str:
    """The word as a string: fresh characters chosen where no glob goes on with them."""
    found: list[str] = []
    state = machine.start
    for symbol in word:
        if symbol is None:
            after = machine.fresh(state)
            character = next((c for c in PREFERRED if machine.step(state, c) == after), OTHER)
            found.append(character)
            state = after
        else:
            found.append(letters.get(symbol, "") if isinstance(symbol, Letter) else symbol)
            state = machine.step(state, symbol)
    return "".join(found)
