"""What goes with an element or a block that is taken out of HCL, and what stays."""

from __future__ import annotations

import pytest

from iamlint.fix import hcl_removal
from iamlint.sources.terraform import parser
from iamlint.sources.terraform.ast import Block, ObjectExpr, TupleExpr
from iamlint.text import SourceText, apply_edits


def without(text: str, gone: set[int]) -> str:
    file = parser.parse(SourceText("main.tf", text))
    assert not file.errors
    container = file.body.attributes["x"].expr
    assert isinstance(container, TupleExpr | ObjectExpr)
    spans = [item.span for item in container.items]
    return apply_edits(text, hcl_removal.without_items(text, spans, gone))


@pytest.mark.parametrize(
    ("before", "gone", "after"),
    [
        ("x = [a, b, c]\n", {0}, "x = [b, c]\n"),
        ("x = [a, b, c]\n", {1}, "x = [a, c]\n"),
        ("x = [a, b, c]\n", {2}, "x = [a, b]\n"),
        ("x = [a, b, c]\n", {1, 2}, "x = [a]\n"),
        ("x = [a, b, ]\n", {1}, "x = [a, ]\n"),
        ("x = [a, /* c */ b]\n", {1}, "x = [a]\n"),
        ("x = { a = 1, b = 2 }\n", {0}, "x = { b = 2 }\n"),
        ("x = { a = 1, b = 2 }\n", {1}, "x = { a = 1 }\n"),
        ("x = [\n  a, # of a\n  b, # of b\n]\n", {0}, "x = [\n  b, # of b\n]\n"),
        ("x = [\n  a, # of a\n  b  # of b\n]\n", {1}, "x = [\n  a, # of a\n]\n"),
        ("x = [\n  a, /* of a */\n  b,\n]\n", {0}, "x = [\n  b,\n]\n"),
        ("x = {\n  a = 1 # of a\n  b = 2\n}\n", {0}, "x = {\n  b = 2\n}\n"),
        # A comment above goes with its element.
        ("x = [\n  # of a\n  a,\n  # of b\n  b,\n]\n", {1}, "x = [\n  # of a\n  a,\n]\n"),
        ("x = [\n  # of a\n  // more\n  a,\n\n  b,\n]\n", {0}, "x = [\n  b,\n]\n"),
        # A heading stays while an element of its group does.
        ("x = [\n  # two\n  a,\n  b,\n  # one\n  c,\n]\n", {0}, "x = [\n  # two\n  b,\n  # one\n  c,\n]\n"),
        ("x = [\n  # two\n  a,\n  b,\n  # one\n  c,\n]\n", {0, 1}, "x = [\n  # one\n  c,\n]\n"),
        # Blank lines do not pile up.
        ("x = [\n  a,\n\n  b,\n\n  c,\n]\n", {1}, "x = [\n  a,\n\n  c,\n]\n"),
        ("x = [\n  a,\n\n  b,\n]\n", {1}, "x = [\n  a,\n]\n"),
        ("x = [{\n  a = 1\n}, {\n  b = 1\n}]\n", {0}, "x = [{\n  b = 1\n}]\n"),
        ("x = [{\n  a = 1\n}, {\n  b = 1\n}]\n", {1}, "x = [{\n  a = 1\n}]\n"),
        ("x = [\r\n  a, # of a\r\n  b,\r\n]\r\n", {0}, "x = [\r\n  b,\r\n]\r\n"),
    ],
)  # fmt: skip
def test_elements(before: str, gone: set[int], after: str) -> None:
    assert without(before, gone) == after


@pytest.mark.parametrize(
    ("before", "gone", "after"),
    [
        ("a {}\n\nb {}\n\nc {}\n", {0}, "b {}\n\nc {}\n"),
        ("a {}\n\nb {}\n\nc {}\n", {1}, "a {}\n\nc {}\n"),
        ("a {}\n\nb {}\n\nc {}\n", {2}, "a {}\n\nb {}\n"),
        ("a {}\n\nb {}\n\nc {}\n", {1, 2}, "a {}\n"),
        ("a {}\nb {}\nc {}\n", {1}, "a {}\nc {}\n"),
        ("a {}\n\n# of b\n// more\nb {} # end\n\nc {}\n", {1}, "a {}\n\nc {}\n"),
        ("a {}\n\n# apart\n\nb {}\n", {1}, "a {}\n\n# apart\n"),
        ("# licence\na {}\n\nb {}\n", {0}, "# licence\n\nb {}\n"),
        ("a {}", {0}, ""),
    ],
)
def test_blocks(before: str, gone: set[int], after: str) -> None:
    blocks = parser.parse(SourceText("main.tf", before)).body.blocks
    edits = hcl_removal.without_blocks(before, [blocks[index].span for index in gone])
    assert edits is not None
    assert apply_edits(before, edits) == after


def test_the_last_nested_block_leaves_no_gap() -> None:
    text = "d {\n  s {\n    a = 1\n  }\n\n  # of t\n  t {\n    a = 2\n  } # end\n}\n"
    (outer,) = parser.parse(SourceText("main.tf", text)).body.blocks
    inner: Block = outer.body.blocks[1]
    edits = hcl_removal.without_blocks(text, [inner.span])
    assert edits is not None
    assert apply_edits(text, edits) == "d {\n  s {\n    a = 1\n  }\n}\n"
