"""What is HCL and what is not, and where and how it is said, over a table of small texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iamlint.sources.terraform import parser
from iamlint.text import SourceText

TABLE = Path(__file__).parents[4] / "fixtures" / "terraform" / "syntax" / "snippets.jsonl"
ROWS = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: repr(row["hcl"])[:60])
def test_verdict(row: dict[str, str]) -> None:
    file = parser.parse(SourceText("main.tf", row["hcl"]))
    first = file.errors[0] if file.errors else None
    at = "{}:{}".format(*file.source.position(first.start)) if first else None
    assert (first.summary if first else None, at) == (row.get("error"), row.get("at"))


@pytest.mark.parametrize(
    ("hcl", "detail"),
    [
        ("a = 'x'", 'Single quotes are not valid. Use double quotes (") to enclose strings.'),
        ("a = b & c", "There is no operator `&`; the logical operators are `&&` and `||`."),
        ("a = \u200b1", "The character `U+200B` is not used within the language."),
        ('a = "\\d"', "The symbol `d` is not a valid escape sequence selector."),
        (
            "b {\n a = 1\n a = 2\n}",
            "The argument `a` was already set. Each argument may be set only once.",
        ),
    ],
)
def test_details_name_the_culprit(hcl: str, detail: str) -> None:
    (problem,) = parser.parse(SourceText("main.tf", hcl)).errors
    assert problem.detail == detail
