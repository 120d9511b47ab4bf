"""Hostile text costs bounded time, never an exception, and is said to be unreadable."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from iamlint.sources.terraform import json_syntax, parser, syntax
from iamlint.sources.terraform.ast import File
from iamlint.text import SourceText

MANY = 100_000
LINE = "x" * 1_000_000


def cpu(read: Callable[[SourceText], File], text: str, name: str = "main.tf") -> tuple[File, float]:
    before = time.process_time()
    file = read(SourceText(name, text))
    return file, time.process_time() - before


@pytest.mark.parametrize(
    "opening",
    [
        "[",
        "{a=",
        "(",
        "f(",
        '"${',
        "b {\n",
        "a[",
        "-",
        "!",
        "[for a in ",
        "a ? ",
        "<<E\n${",
        "%{if ",
    ],
)
def test_a_hundred_thousand_levels(opening: str) -> None:
    prefix = "" if opening == "b {\n" else "x = "
    file, seconds = cpu(parser.parse, prefix + opening * MANY)
    assert file.errors
    assert file.body.items == ()
    assert seconds < 3


@pytest.mark.parametrize("link", [".a", "[0]", "[*]", ".*", " + 1", " && b", " == c", ".0"])
def test_a_hundred_thousand_links(link: str) -> None:
    file, seconds = cpu(parser.parse, "x = a" + link * MANY + "\ny = 1\n")
    assert [problem.summary for problem in file.errors]
    assert list(file.body.attributes) == ["y"]
    assert seconds < 5


def test_long_but_flat_is_fine() -> None:
    items = ", ".join(['"a"', "b.c", "1", "f(d)"] * 5_000)
    file, seconds = cpu(
        parser.parse, f"x = [{items}]\ny = {{ {items.replace(', ', ' = 1, ')} = 1 }}\n"
    )
    assert not file.errors
    assert len(file.body.attributes["x"].expr.items) == 20_000  # type: ignore[union-attr]
    assert seconds < 3


@pytest.mark.parametrize(
    "text",
    [
        f'a = "{LINE}"\n',
        f'a = "{LINE}',
        f"a = <<E\n{LINE}\nE\n",
        f"a = <<E\n{LINE}\n",
        f"a = <<-E\n{' ' * 1_000_000}x\n y\nE\n",
        f"# {LINE}",
        f"/* {LINE}",
        f"{LINE} = 1",
        f"{LINE} {{",
        f'b "{LINE}" {{\n}}\n',
        "a = " + "9" * 1_000_000,
        "a = 1e" + "9" * 1_000_000,
        "a = 0." + "9" * 1_000_000,
        'a = "' + "\\\\" * 500_000 + '"',
        'a = "' + "$" * 1_000_000,
        'a = "' + "$${" * 300_000 + '"',
        'a = "' + "%%{" * 300_000,
        'a = "' + "\\" * 1_000_001,
        "a = <<E\n" + "E E\n" * 250_000,
        "a = <<E\n" + " " * 1_000_000 + "\n",
        "a = <<E\n" + "$" * 1_000_000 + "\nE\n",
        "a " * 500_000,
        "a" * 100_000 + " ]",
        "a" * 100_000 + ".",
        "x = [" + "a" * 100_000 + " ]]",
        "x = {" + "a" * 100_000 + " ]",
        "x = { b = " + "a." * 100_000 + "}",
        "a-" * 50_000 + '"',
        "a = 1\n" + "a" * 100_000 + " ]\n",
        'a "b" ' * 160_000,
        " " * 1_000_000,
        "\n" * 1_000_000,
        "\r" * 1_000_000,
        "\t\r\n" * 300_000 + "=",
        "}\n" * 300_000,
        "a = ]\n" * 150_000,
        "a {\n" * 200_000,
        'resource "a" "b" {\n' * 50_000,
        "a = <<E\nb {\n" * 60_000,
        "/*\na {\n" * 100_000,
        "x = 1\n" * 100_000,
        "a = " + "b ? c : " * 100_000,
        "a = f" + "::f" * 300_000,
        "#\n" * 300_000,
        "/**/" * 200_000,
        "a = 1 /**/" * 50_000,
    ],
    ids=lambda text: repr(text[:24]),
)
def test_a_million_characters(text: str) -> None:
    _, seconds = cpu(parser.parse, text)
    assert seconds < 8


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00 = 1", "a = 1\x00", 'a = "\x00"', "# \x00\na = 1\n", "\x00" * 1000]
)
def test_nul(text: str) -> None:
    file = parser.parse(SourceText("main.tf", text))
    assert bool(file.errors) != text.startswith("#")


@pytest.mark.parametrize(
    "text", ["\ud800", "a = \ud800", '"\udfff"', "\ufffe\uffff", "\U0010ffff = 1", "\u202e = 1"]
)
def test_odd_characters(text: str) -> None:
    assert parser.parse(SourceText("main.tf", text)).errors


def test_the_second_reader_has_a_budget() -> None:
    text = 'resource "a" "b" {\n  c = 1\n  c = 2\n}\n' * 20_000
    file, seconds = cpu(syntax.read, text)
    assert file.errors
    assert seconds < 20


@pytest.mark.parametrize("opening", ["[", '{"a":', '"${', '{"resource":['])
def test_json_depth(opening: str) -> None:
    file, seconds = cpu(json_syntax.parse, opening * MANY, "main.tf.json")
    assert file.errors
    assert seconds < 3


def test_json_expression_depth() -> None:
    file, seconds = cpu(
        json_syntax.parse, '{"locals": {"a": "${' + "[" * MANY + '"}}', "main.tf.json"
    )
    assert [problem.summary for problem in file.errors] == ["Expression nested too deeply"]
    assert seconds < 3


def test_a_small_stack_is_enough() -> None:
    """What the depth limit lets through is parsed within half of the usual recursion limit."""
    import sys

    text = (
        "x = "
        + "[" * 90
        + '"${' * 0
        + "1"
        + "]" * 90
        + "\ny = "
        + '"${' * 90
        + "a"
        + '}"' * 90
        + "\n"
    )
    frame, used = sys._getframe(), 0
    while frame.f_back is not None:
        frame, used = frame.f_back, used + 1
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(used + 600)
    try:
        assert not parser.parse(SourceText("main.tf", text)).errors
    finally:
        sys.setrecursionlimit(limit)
