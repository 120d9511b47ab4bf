"""A broken block costs that block and is reported; its neighbours are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamlint.sources.terraform import parser
from iamlint.sources.terraform.ast import File
from iamlint.text import SourceText

BROKEN = Path(__file__).parents[4] / "fixtures" / "terraform" / "syntax" / "broken.tf"
BEFORE = 'resource "t" "before" {\n  a = 1\n}\n\n'
AFTER = '\n\nresource "t" "after" {\n  b = 2\n}\n'


def parse(text: str) -> File:
    return parser.parse(SourceText("main.tf", text))


def names(file: File) -> list[str]:
    return [block.labels[-1].value for block in file.body.blocks]


def test_every_good_block_of_a_broken_file_is_read() -> None:
    file = parse(BROKEN.read_text(encoding="utf-8"))
    assert names(file) == ["good_1", "good_2", "good_3", "good_4", "good_5"]
    found = [
        (
            problem.lost_header.split('"')[3],
            problem.summary,
            file.source.position(problem.start).line,
        )
        for problem in file.errors
    ]
    assert found == [
        ("missing_comma", "Missing item separator", 7),
        ("open_string", "Invalid multi-line string", 17),
        ("open_brace", "Unclosed configuration block", 29),
        ("closed_early", "Argument or block definition required", 37),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        'resource "t" "x" {\n  a = [1\n}',
        'resource "t" "x" {\n  a = (1\n}',
        'resource "t" "x" {\n  a = "\n}',
        'resource "t" "x" {\n  a = "${b"\n}',
        'resource "t" "x" {\n  a = f(\n}',
        'resource "t" "x" {\n  a = 1 2\n}',
        'resource "t" "x" {\n  b {\n  a = 1\n}',
        'resource "t" "x" {\n  a = {\n}',
        'resource "t" "x" {\n  a = <<EOT\n}',
        'resource "t" "x" {\n  a = "%{ if x }"\n}',
        'resource "t" "x" {\n  /* a\n}',
        'resource "t" "x" {',
        'resource "t" "x"\n{\n}',
        "a b c",
        "}",
        "]",
        "\x00",
        "'",
    ],
)
def test_the_loss_is_the_broken_block(broken: str) -> None:
    text = BEFORE + broken + AFTER
    file = parse(text)
    assert names(file)[-1] == "after"
    assert len(file.errors) == 1
    lost = file.errors[0].lost
    assert lost is not None
    if broken != "}":
        assert names(file) == ["before", "after"]
        assert text[lost.start : lost.end] == broken


def test_a_stray_brace_takes_back_the_block_that_it_may_belong_to() -> None:
    file = parse('resource "t" "x" {\n  }\n  policy = "p"\n}\nresource "t" "y" {}\n')
    assert names(file) == ["y"]
    assert not file.body.attributes
    assert file.errors[0].lost_header == 'resource "t" "x"'


def test_a_whole_block_is_not_hidden_in_another_one() -> None:
    text = 'resource "t" "x" {\n  a = {\n    b = 1\n}\nresource "t" "y" {\n}\n}\n'
    file = parse(text)
    assert "y" not in [
        block.labels[-1].value for item in file.body.blocks for block in item.body.blocks
    ]
    assert file.errors[0].summary == "Unclosed configuration block"
    assert "line 1" in file.errors[0].detail


def test_what_looks_like_a_block_in_a_heredoc_is_text() -> None:
    file = parse(
        'resource "t" "x" {\n  a = <<E\nresource "t" "no" {\n}\nE\n  b = [1 2]\n}\nlocals {\n}\n'
    )
    assert [block.type for block in file.body.blocks] == ["locals"]


def test_a_file_of_values_goes_on_at_the_next_value() -> None:
    file = parse('a = 1\nb = [1 2]\nc = 3\nd = "\ne = 5\n')
    assert list(file.body.attributes) == ["a", "c", "e"]
    assert [problem.lost_header for problem in file.errors] == ["b", "d"]


def test_a_repeated_top_level_argument_is_found_after_recovery() -> None:
    file = parse("a = 1\nb = ]\na = 2\n")
    assert [problem.summary for problem in file.errors] == [
        "Invalid expression",
        "Attribute redefined",
    ]


def test_comments_are_kept_once_and_in_order_across_recovery() -> None:
    text = '# 1\nresource "t" "x" {\n  # 2\n  a = {\n# 3\nresource "t" "y" {\n  # 4\n}\n# 5\n'
    file = parse(text)
    found = [text[comment.start : comment.end] for comment in file.comments]
    assert found == sorted(set(found))
    assert {"# 1", "# 4", "# 5"} <= set(found)


def test_too_many_errors_end_the_reading_with_a_word_about_it() -> None:
    file = parse("a = ]\n" * 1000)
    assert len(file.errors) == parser.MAX_ERRORS
    assert "the rest of it was not read" in file.errors[-1].detail
    assert file.errors[-1].lost is not None
    assert file.errors[-1].lost.end == len(file.source.text) - 1
