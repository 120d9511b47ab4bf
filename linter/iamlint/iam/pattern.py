"""Wildcard algebra: match, within and overlap, for strings and for strings with holes.

In these patterns `*` matches any run of characters and `?` any one, `:` and `/` included.
Nothing here uses `re`: cost grows with the product of the lengths in machine words, for any
pattern.  Answers about strings with holes are three-valued: None means that it hangs on a hole.
"""

from __future__ import annotations

from iamlint.iam.glob import (
    Automaton,
    Letter,
    Symbol,
    Tokens,
    Wild,
    automaton,
    fold,
    fold_tokens,
    has_letters,
    string_tokens,
    text_tokens,
)
from iamlint.tree import Text

_MOST_SETS = 512


def matches(pattern: str, string: str, *, ignore_case: bool = False) -> bool:
    """True if the glob matches the string, whose own `*` and `?` are plain characters."""
    if ignore_case:
        pattern, string = fold(pattern), fold(string)
    if "?" in pattern:
        machine = automaton(string_tokens(pattern))
        return bool(machine.run(string) & machine.final)
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == string
    last = rest.pop()
    if len(string) < len(first) + len(last):
        return False
    if not (string.startswith(first) and string.endswith(last)):
        return False
    at, end = len(first), len(string) - len(last)
    for piece in rest:
        at = string.find(piece, at, end)
        if at == -1:
            return False
        at += len(piece)
    return True


def within(a: str, b: str, *, ignore_case: bool = False) -> bool:
    """True if every string that glob `a` matches is matched by glob `b`.

    Exact, but for globs with hundreds of `?` set against one another: there it may answer False
    where True is right.
    """
    if ignore_case:
        a, b = fold(a), fold(b)
    if b == "*" or a == b:
        return True
    if "*" not in a and "?" not in a:
        return matches(b, a)
    return included(string_tokens(a), automaton(string_tokens(b)))


def overlaps(a: str, b: str, *, ignore_case: bool = False) -> bool:
    """True if some string is matched by both globs."""
    if ignore_case:
        a, b = fold(a), fold(b)
    if "*" not in a and "?" not in a:
        return matches(b, a)
    return meets(string_tokens(a), automaton(string_tokens(b)))


def text_matches(
    pattern: Text, string: Text, *, ignore_case: bool = False, variables: bool = False
) -> bool | None:
    """`matches` where either side may have holes and the pattern policy variables."""
    return tokens_within(
        text_tokens(string, wildcards=False),
        text_tokens(pattern, variables=variables),
        ignore_case=ignore_case,
    )


def text_within(
    a: Text, b: Text, *, ignore_case: bool = False, variables: bool = False
) -> bool | None:
    """`within` where both may have holes and policy variables.

    True: for all their values.  False: for none.  A hole of a known kind is one fixed string
    without wildcards; a hole of kind `unknown` may hold wildcards.  Equal holes have equal values.
    """
    return tokens_within(
        text_tokens(a, variables=variables),
        text_tokens(b, variables=variables),
        ignore_case=ignore_case,
    )


def text_overlaps(
    a: Text, b: Text, *, ignore_case: bool = False, variables: bool = False
) -> bool | None:
    """`overlaps` where both may have holes and policy variables."""
    return tokens_overlap(
        text_tokens(a, variables=variables),
        text_tokens(b, variables=variables),
        ignore_case=ignore_case,
    )


def tokens_overlap(a: Tokens, b: Tokens, *, ignore_case: bool = False) -> bool | None:
    """`text_overlaps` on tokens."""
    if ignore_case:
        a, b = fold_tokens(a), fold_tokens(b)
    if meets(a, automaton(b)):
        return True
    if not (has_letters(a) or has_letters(b)):
        return False
    return None if _may_meet(a, _Loose(b)) else False


def tokens_within(a: Tokens, b: Tokens, *, ignore_case: bool = False) -> bool | None:
    """`text_within` on tokens."""
    if ignore_case:
        a, b = fold_tokens(a), fold_tokens(b)
    if included(a, automaton(b)):
        return True
    if not (has_letters(a) or has_letters(b)):
        return False
    return None if _may_include(a, _Loose(b)) else False


def included(a: Tokens, machine: Automaton) -> bool:
    """True if all that `a` matches is matched by the automaton's globs, taken one by one.

    Letters stand for themselves on both sides, which makes True hold for all their values.  A
    wildcard of `a` is tried with fresh characters alone: whatever these pass, all others pass,
    but for `:`, which wildcards within segments do not match.
    """
    sets = {machine.start}
    segments = machine.segment_any | machine.segment_star
    for token in a:
        if token is Wild.STAR or token is Wild.SEGMENT_STAR:
            grown: set[int] = set()
            todo = list(sets)
            while todo:
                state = todo.pop()
                if state not in grown:
                    grown.add(state)
                    todo.append(machine.fresh(state))
                    if segments and token is Wild.STAR:
                        todo.append(machine.step(state, ":"))
            sets = _smallest(grown)
        elif token is Wild.ANY or token is Wild.SEGMENT_ANY:
            after = {machine.fresh(state) for state in sets}
            if segments and token is Wild.ANY:
                after |= {machine.step(state, ":") for state in sets}
            sets = after
        else:
            sets = {machine.step(state, token) for state in sets}
        if 0 in sets or len(sets) > _MOST_SETS:
            return False
    return all(state & machine.final for state in sets)


def meets(a: Tokens, machine: Automaton) -> bool:
    """True if some string with letters is matched by `a` and by one of the automaton's globs."""
    state = machine.start
    everything = (1 << machine.width) - 1
    for token in a:
        if token is Wild.STAR:
            # All later positions of the automaton's single glob can be reached by some string.
            state = everything & -(state & -state)
        elif token is Wild.ANY:
            named = sum(mask for symbol, mask in machine.literal.items() if isinstance(symbol, str))
            move = machine.any | machine.segment_any | named
            stay = machine.star | machine.segment_star
            state = machine.close(((state & move) << 1) | (state & stay))
        elif isinstance(token, Wild):
            raise ValueError("overlap is not defined for wildcards within segments")
        else:
            state = machine.step(state, token)
        if not state:
            return False
    return bool(state & machine.final)


def _smallest(states: set[int]) -> set[int]:
    """The states that hold no other: what those accept, all accept."""
    if len(states) == 1:
        return states
    kept: list[int] = []
    for state in sorted(states, key=int.bit_count if hasattr(int, "bit_count") else _bits):
        if not any(small & state == small for small in kept):
            kept.append(state)
    return set(kept)


def _bits(state: int) -> int:
    return bin(state).count("1")


_DIGITS = frozenset("0123456789")
_LABEL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_ALPHABET: dict[str, frozenset[str] | None] = {
    "account": _DIGITS,
    "region": _LABEL,
    "partition": _LABEL,
    "resource": None,
    "name": None,
    "variable": None,
    "unknown": None,
}
"""The characters that a letter's value may hold; None for any."""

_ACCOUNT_LENGTH = 12


class _Loose:
    """A glob in which each letter may be any value of its kind: what it rejects, all reject."""

    def __init__(self, tokens: Tokens) -> None:
        self.literal: dict[str, int] = {}
        self.any = self.star = self.open = 0
        self.letters: list[tuple[frozenset[str] | None, int]] = []
        self.skip = 0
        bit = 1
        for token in tokens:
            if token is Wild.STAR:
                self.star |= bit
                self.skip |= bit
            elif token is Wild.ANY:
                self.any |= bit
            elif isinstance(token, Letter):
                self.letters.append((_ALPHABET[token.kind], bit))
                self.skip |= bit
                if token.kind == "unknown":
                    self.open |= bit
            elif isinstance(token, Wild):
                raise ValueError("holes are not weighed within segments")
            else:
                self.literal[token] = self.literal.get(token, 0) | bit
            bit <<= 1
        self.final = bit
        self.start = self.close(1)

    def close(self, state: int) -> int:
        more = state | ((state & self.skip) << 1)
        while more != state:
            state, more = more, more | ((more & self.skip) << 1)
        return state

    def step(self, state: int, character: str) -> int:
        stay = self.star
        for alphabet, bit in self.letters:
            if alphabet is None or character in alphabet:
                stay |= bit
        move = self.any | self.literal.get(character, 0)
        return self.close(((state & move) << 1) | (state & stay))

    def fresh(self, state: int) -> int:
        """After a character chosen when all values are fixed: only wildcards can match it."""
        return self.close(((state & self.any) << 1) | (state & (self.star | self.open)))

    def one_of(self, state: int, alphabet: frozenset[str] | None) -> int:
        """After some character of an alphabet (None: of any)."""
        move = self.any
        for character, mask in self.literal.items():
            if alphabet is None or character in alphabet:
                move |= mask
        stay = self.star
        for other, bit in self.letters:
            if alphabet is None or other is None or alphabet & other:
                stay |= bit
        return self.close(((state & move) << 1) | (state & stay))

    def some_of(self, state: int, kind: str) -> int:
        """After some value of a letter's kind."""
        alphabet = _ALPHABET[kind]
        if kind == "account":
            for _ in range(_ACCOUNT_LENGTH):
                state = self.one_of(state, alphabet)
            return state
        while (more := state | self.one_of(state, alphabet)) != state:
            state = more
        return state


def _may_include(a: Tokens, loose: _Loose) -> bool:
    """False only if, whatever the letters' values, `a` has a string that the glob rejects."""
    sets = {loose.start}
    for token in a:
        if token is Wild.STAR:
            grown: set[int] = set()
            for state in sets:
                while state not in grown:
                    grown.add(state)
                    state = loose.fresh(state)
            sets = _smallest(grown)
            if len(sets) > _MOST_SETS:
                return True
        else:
            sets = {_advance(loose, state, token) for state in sets}
        if 0 in sets:
            return False
    return all(state & loose.final for state in sets)


def _advance(loose: _Loose, state: int, token: Symbol | Wild) -> int:
    if isinstance(token, Letter):
        return loose.some_of(state, token.kind)
    return loose.fresh(state) if isinstance(token, Wild) else loose.step(state, token)


def _may_meet(a: Tokens, loose: _Loose) -> bool:
    """False only if, whatever the letters' values, no string is matched by both."""
    state = loose.start
    for token in a:
        if token is Wild.STAR:
            state = loose.some_of(state, "unknown")
        elif token is Wild.ANY:
            state = loose.one_of(state, None)
        else:
            state = _advance(loose, state, token)
        if not state:
            return False
    return bool(state & loose.final)
