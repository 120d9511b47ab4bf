"""Lists with other elements: layout and comments of what stays are kept."""

from __future__ import annotations

import pytest

from iamlint.fix.hcl_list import edited_list
from iamlint.sources.terraform import parser
from iamlint.sources.terraform.ast import TupleExpr
from iamlint.text import SourceText


@pytest.mark.parametrize(
    ("before", "values", "after"),
    [
        ('["a", "b"]', ["a"], '["a"]'),
        ('["a", "b"]', ["b", "c"], '["b", "c"]'),
        ('["a"]', ["a", "b", "c"], '[\n  "a",\n  "b",\n  "c",\n]'),
        ('[var.x, "b"]', ["‹var.x›"], "[var.x]"),
        ('["${var.x}/*", "b"]', ["‹var.x›/*"], '["${var.x}/*"]'),
        ('["a", /* why */ "b"]', ["b"], '["b"]'),
        ('["a", /* why */ "b"]', ["b", "c"], '["b", "c"]'),
        ('["a", "b" /* why */, "c"]', ["a", "b", "d"], '["a", "b", "d"]'),
        ('[ # all\n  "a", "b",\n  "c", # why\n]', ["a", "c", "d"], '[ # all\n  "a", "c", "d", # why\n]'),
        ('[\n  "a", # of a\n  "b",\n]', ["a"], '[\n  "a", # of a\n]'),
        ('[\n  "a", # of a\n  "b"\n]', ["a", "b", "c"], '[\n  "a", # of a\n  "b",\n  "c",\n]'),
        ('[\n  "a", # of a\n  "b" # of b\n]', ["b", "c"], '[\n  "c",\n  "b" # of b\n]'),
        ('[\n  "a",\n  "b"]', ["a", "c"], '["a", "c"]'),
        ('[\n  "a",\n  "b",\n]', ["c"], '[\n  "c",\n]'),
    ],
)  # fmt: skip
def test_edited_list(before: str, values: list[str], after: str) -> None:
    source = SourceText("main.tf", f"x = {before}\n")
    old = parser.parse(source).body.attributes["x"].expr
    assert isinstance(old, TupleExpr)
    assert edited_list(source, old, list(values), "") == after
