"""The wildcard algebra agrees with brute force over all short strings."""

from __future__ import annotations

import re
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.iam.pattern import (
    matches,
    overlaps,
    text_matches,
    text_overlaps,
    text_within,
    within,
)
from iamlint.tree import Hole, Text

ALPHABET = "abx"
WORDS = ["".join(word) for size in range(7) for word in product(ALPHABET, repeat=size)]
globs = st.text("ab*?", max_size=4)
HOLES = (Hole("h", "name"), Hole("k", "name"), Hole("u", "unknown"))


def regex(glob: str) -> re.Pattern[str]:
    body = "".join({"*": ".*", "?": "."}.get(c) or re.escape(c) for c in glob)
    return re.compile(body + r"\Z", re.DOTALL)


def language(glob: str) -> set[str]:
    pattern = regex(glob)
    return {word for word in WORDS if pattern.match(word)}


@settings(max_examples=150, deadline=None)
@given(st.text("aB*?:/", max_size=8), st.text("abB:/*?", max_size=10))
def test_matches_agrees_with_a_regex(glob: str, word: str) -> None:
    assert matches(glob, word) == bool(regex(glob).match(word))
    folded = re.compile(regex(glob).pattern, re.DOTALL | re.IGNORECASE)
    assert matches(glob, word, ignore_case=True) == bool(folded.match(word))


@settings(max_examples=250, deadline=None)
@given(globs, globs)
def test_within_is_inclusion_of_languages(a: str, b: str) -> None:
    assert within(a, b) == (language(a) <= language(b))


@settings(max_examples=250, deadline=None)
@given(globs, globs)
def test_overlap_is_a_common_string(a: str, b: str) -> None:
    assert overlaps(a, b) == bool(language(a) & language(b))


@settings(max_examples=100, deadline=None)
@given(globs, globs, globs)
def test_within_is_an_order_and_overlap_is_symmetric(a: str, b: str, c: str) -> None:
    assert within(a, a)
    assert within(a, "*")
    if within(a, b) and within(b, c):
        assert within(a, c)
    assert overlaps(a, b) == overlaps(b, a)
    if within(a, b):
        assert overlaps(a, b)


parts = st.lists(
    st.one_of(st.sampled_from(["a", "b", "*", "?"]), st.sampled_from(HOLES)), max_size=3
)
texts = parts.map(lambda pieces: Text.of(*pieces))
VALUES = ("a", "b", "ab", "x")


def filled(text: Text, values: dict[Hole, str]) -> str:
    return "".join(part if isinstance(part, str) else values[part] for part in text.parts)


def assignments() -> list[dict[Hole, str]]:
    unknown = (*VALUES, "*", "a*", "?")
    return [
        {HOLES[0]: h, HOLES[1]: k, HOLES[2]: u} for h in VALUES for k in VALUES for u in unknown
    ]


@settings(max_examples=150, deadline=None)
@given(texts, texts)
def test_answers_about_holes_hold_for_all_their_values(a: Text, b: Text) -> None:
    inside, common = text_within(a, b), text_overlaps(a, b)
    for values in assignments():
        left, right = filled(a, values), filled(b, values)
        if inside is not None:
            assert within(left, right) == inside, (left, right)
        if common is not None:
            assert overlaps(left, right) == common, (left, right)


@settings(max_examples=150, deadline=None)
@given(texts, st.text("ab", max_size=4))
def test_matching_with_holes_holds_for_all_their_values(pattern: Text, word: str) -> None:
    answer = text_matches(pattern, Text.of(word))
    if answer is not None:
        assert all(matches(filled(pattern, v), word) == answer for v in assignments())
