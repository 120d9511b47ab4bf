"""Offsets, lines and columns, edits and diffs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamlint.text import (
    Edit,
    OverlappingEdits,
    Place,
    Position,
    SourceText,
    Span,
    apply_edits,
    unified_diff,
)


def test_positions_count_code_points_and_start_at_one() -> None:
    source = SourceText("a.tf", "ab\n🔒é\r\n\nend")
    assert [source.position(offset) for offset in (0, 2, 3, 5, 7, 8, 11, 99)] == [
        (1, 1),
        (1, 3),
        (2, 1),
        (2, 3),
        (3, 1),
        (4, 1),
        (4, 4),
        (4, 4),
    ]
    assert [source.line(number) for number in (1, 2, 3, 4, 5)] == ["ab", "🔒é", "", "end", ""]


def test_a_place_tells_its_text_and_ends_exclusively() -> None:
    place = Place(SourceText("x.json", '{"Action": "s3:*"}'), Span(11, 17))
    assert place.text == '"s3:*"'
    assert (place.start, place.end) == (Position(1, 12), Position(1, 18))


@given(st.text(alphabet="a\n\r\u2028é", max_size=60))
def test_every_offset_lies_on_the_line_that_position_gives(text: str) -> None:
    source = SourceText("t", text)
    lines = text.split("\n")
    for offset in range(len(text) + 1):
        line, column = source.position(offset)
        before = sum(len(part) + 1 for part in lines[: line - 1])
        assert before + column - 1 == offset


def test_edits_apply_in_any_order_and_equal_ones_once() -> None:
    edits = [
        Edit(Span(4, 5), "E"),
        Edit(Span(0, 1), "A"),
        Edit(Span(0, 1), "A"),
        Edit(Span(2, 2), "+"),
    ]
    assert apply_edits("abcde", edits) == "Ab+cdE"


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(OverlappingEdits):
        apply_edits("abcdef", [Edit(Span(0, 3), "x"), Edit(Span(2, 4), "y")])


def test_a_diff_keeps_carriage_returns_and_says_nothing_of_equal_texts() -> None:
    assert unified_diff("a", "x\n", "x\n") == ""
    assert unified_diff("m.tf", "one\r\ntwo\r\n", "one\r\n2\r\n") == (
        "--- a/m.tf\n+++ b/m.tf\n@@ -1,2 +1,2 @@\n one\r\n-two\r\n+2\r\n"
    )


def test_a_diff_of_a_file_without_final_newline_says_so() -> None:
    assert unified_diff("a", "x", "y") == (
        "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n"
        "+y\n\\ No newline at end of file\n"
    )
