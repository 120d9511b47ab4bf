"""What untrusted text can and cannot do in each kind of output."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamlint import escape


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b]8;;http://evil\x07x", "\\u{1b}]8;;http://evil\\u{7}x"),
        ("a\tb\nc", "a    b\\u{a}c"),
        ("user\u202etxt", "user\\u{202e}txt"),
        ("zero\u200bwidth\ufeff", "zero\\u{200b}width\\u{feff}"),
        ("\x9b31m", "\\u{9b}31m"),
        ("‹var.x› é 🔒", "‹var.x› é 🔒"),
        ("\ud800", "\\u{d800}"),
    ],
)
def test_terminal(text: str, shown: str) -> None:
    assert escape.terminal(text) == shown


@given(st.text())
def test_terminal_output_has_no_control_sign_and_encodes(text: str) -> None:
    shown = escape.terminal(text)
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in shown)
    shown.encode("utf-8")


@given(st.text())
def test_commands_stay_on_one_line(text: str) -> None:
    assert "\n" not in escape.command(text)
    assert not set("\r\n:,") & set(escape.command_property(text))


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_html_says_what_the_text_says(text: str) -> None:
    assert html.unescape(escape.html(text)) == text
    assert not set("<>\"'") & set(escape.html(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("s3:*", "`s3:*`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("", "`  `"),
        ("x``y```z", "````x``y```z````"),
    ],
)
def test_markdown_code_spans_close_where_they_should(text: str, shown: str) -> None:
    assert escape.markdown_code(text) == shown


def test_markdown_prose_has_no_markup_and_no_mention() -> None:
    assert escape.markdown("**x** <img> @all [a](b)") == (
        "\\*\\*x\\*\\* &lt;img\\> &#64;all \\[a\\]\\(b\\)"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`aws_x.y` may *all*", "`aws_x.y` may \\*all\\*"),
        ("odd ` one", "odd \\` one"),
        ("`a` and ` b", "`a` and \\` b"),
        ("`<img>`", "`<img>`"),
        ("``", "`  `"),
    ],
)
def test_messages_keep_their_code_spans(text: str, shown: str) -> None:
    assert escape.markdown_message(text) == shown


def test_width_counts_cells() -> None:
    assert [escape.width(text) for text in ("abc", "a\tb", "日本", "e\u0301", "\x1b")] == [
        3,
        6,
        4,
        1,
        6,
    ]
