"""Our trees, spans and comments against python-hcl2's over the Terraform files of the fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamlint.sources.terraform import parser, second_reader
from iamlint.text import SourceText

ROOT = Path(__file__).parents[3]
FILES = sorted(
    path
    for path in (ROOT / "fixtures").rglob("*.tf")
    if "hostile" not in path.parts and path.name != "broken.tf" and path.stat().st_size < 20_000
)
# Valid HCL that python-hcl2 8.1.4 cannot read: `core::f()`, strip markers in interpolations, non-ASCII names,
# blanks after a heredoc's marker.
BEYOND = {
    ("expressions.tf", "a15"),
    ("expressions.tf", "a28"),
    ("expressions.tf", "größe"),
    ("heredocs.tf", "tabs"),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_same_tree(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    file = parser.parse(SourceText(path.name, text))
    for number, item in enumerate(file.body.items):
        following = file.body.items[number + 1 :]
        end = following[0].start if following else len(text)
        theirs = second_reader.read_stretch(text, item.start, end)
        name = getattr(item, "name", "")
        if theirs is None:
            assert (path.name, name) in BEYOND
            continue
        assert (path.name, name) not in BEYOND
        assert repr(theirs.items) == repr([item])
        # A comment before an operator is a part of python-hcl2's token for the operator.
        inside = {
            comment.span for comment in file.comments if item.start < comment.start < item.end
        }
        assert {comment.span for comment in theirs.comments if comment.start < item.end} <= inside
