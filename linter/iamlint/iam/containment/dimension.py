"""One dimension (actions or resources) of a branch: strings all positives take in, few negatives do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Union

import msgspec

from iamlint.iam.containment.inclusion import disjoint, inside
from iamlint.iam.containment.rules import EVERYTHING
from iamlint.iam.containment.search import Budget, Word, words
from iamlint.iam.glob import Automaton, Tokens, has_letters


class Against(msgspec.Struct, frozen=True):
    """What a statement that must not apply says in this dimension.

    `patterns` are those of its element, or of its Not-form if `negated`.  `fatal` means that
    nothing else can keep the statement from applying.
    """

    number: int
    patterns: tuple[Tokens, ...]
    negated: bool
    fatal: bool


Domain = Callable[[Sequence[Tokens]], Sequence[Union[Tokens, None]]]
"""The forms that strings of the dimension have where they are in some globs; None for any form.

It is asked anew for each set of globs, since a letter in one of them may be what `?` in a form
would not match.
"""


class Point(msgspec.Struct, frozen=True):
    """A string of the dimension and the numbers of the statements that apply to it.

    `machine` is the automaton by which fresh characters in `word` may be spelled.  `loose`
    points come from taking letters for any string and may not exist.
    """

    word: Word
    applying: frozenset[int]
    machine: Automaton
    loose: bool = False


class Machines:
    """Automata of statements' patterns, remembered by the patterns."""

    def __init__(self) -> None:
        self._known: dict[tuple[tuple[Tokens, ...], ...], Automaton] = {}

    def of(self, groups: tuple[tuple[Tokens, ...], ...]) -> Automaton:
        found = self._known.get(groups)
        if found is None:
            found = Automaton(tokens for group in groups for tokens in group)
            self._known[groups] = found
        return found


def points(
    picks: Sequence[Tokens],
    forbidden: Sequence[Tokens],
    against: Sequence[Against],
    domain: Domain,
    machines: Machines,
    budget: Budget,
    *,
    colons: bool = False,
    formed: bool = False,
) -> Iterator[Point]:
    """Strings in all `picks`, in one form of `domain` and in none of `forbidden`.

    With `formed`, the domain says more of the strings than that they are ARNs, so that letters of
    even one pick may have to be what a form asks for.

    Of all sets of statements that apply to such a string, the smallest are among those given.
    """
    always: set[int] = set()
    direct: list[Against] = []
    negated: list[Against] = []
    for other in against:
        if not other.negated:
            near = tuple(
                tokens
                for tokens in other.patterns
                if not any(disjoint(pick, tokens) for pick in picks)
            )
            if not near:
                continue
            if any(inside(pick, tokens) for pick in picks for tokens in near):
                if other.fatal:
                    return
                always.add(other.number)
            else:
                direct.append(msgspec.structs.replace(other, patterns=near))
            continue
        if any(inside(pick, tokens) for pick in picks for tokens in other.patterns):
            continue
        near = tuple(
            tokens for tokens in other.patterns if not any(disjoint(pick, tokens) for pick in picks)
        )
        if near:
            negated.append(msgspec.structs.replace(other, patterns=near))
        elif other.fatal:
            return
        else:
            always.add(other.number)
    groups = (tuple(forbidden), *(other.patterns for other in direct))
    machine = machines.of(groups)
    owners: list[int | None] = [None] * len(forbidden)
    hard = 0
    for other in direct:
        for _ in other.patterns:
            if other.fatal:
                hard |= machine.finals[len(owners)]
            owners.append(other.number)
    for final in machine.finals[: len(forbidden)]:
        hard |= final

    def along(positives: tuple[Tokens, ...], applying: set[int], *, wide: bool) -> Iterator[Point]:
        for shape in domain(positives):
            globs = positives if shape is None else [*positives, shape]
            found = words(globs, machine, budget, hard=hard, colons=colons, wide=wide)
            for word, accepted in found:
                hit = {
                    owner
                    for owner, final in zip(owners, machine.finals, strict=True)
                    if owner is not None and accepted & final
                }
                yield Point(word, frozenset(applying | hit), machine, wide)

    plain = tuple(dict.fromkeys(picks))
    for extra, applying in _escapes(negated, plain, always, budget):
        globs = tuple(dict.fromkeys((*plain, *extra)))
        yield from along(globs, applying, wide=False)
        if (formed or sum(glob != EVERYTHING for glob in globs) > 1) and any(
            has_letters(tokens) for tokens in globs
        ):
            yield from along(globs, applying, wide=True)


def _escapes(
    negated: Sequence[Against],
    picks: tuple[Tokens, ...],
    always: set[int],
    budget: Budget,
    at: int = 0,
    extra: tuple[Tokens, ...] = (),
) -> Iterator[tuple[tuple[Tokens, ...], set[int]]]:
    """Each way to keep Not-forms from applying: by being one of what they exclude, or not at all."""
    budget.spend()
    if at == len(negated):
        yield extra, always
        return
    other = negated[at]
    if not other.fatal:
        yield from _escapes(negated, picks, always | {other.number}, budget, at + 1, extra)
    for tokens in other.patterns:
        if any(disjoint(tokens, chosen) for chosen in extra):
            continue
        more = extra if tokens in extra else (*extra, tokens)
        yield from _escapes(negated, picks, always, budget, at + 1, more)
