"""GitHub's line hash, against values that github/codeql-action publishes for its own."""

from __future__ import annotations

import pytest

from iamlint.report.linehash import line_hashes

GREETINGS = (
    "e9496ae3ebfced30 fb7c023a8b9ccb3f ce8ba1a563dcdaca e20e36e16fcb0cc8 "
    "b3edc88f2938467e c8e28b0b4002a3a0 c129715d7a2bc9a3"
)


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ("", "c129715d7a2bc9a3"),
        (" a\nb\n  \t\tc\n d", "271789c17abda88f 54703d4cd895b18 180aee12dab6264 a23a3dc5e078b07b"),
        (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", GREETINGS),
        (" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", GREETINGS),
        (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", GREETINGS),
        (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", GREETINGS),
    ],
)
def test_published_hashes(text: str, hashes: str) -> None:
    assert line_hashes(text) == [f"{value}:1" for value in hashes.split()]


def test_equal_lines_are_numbered() -> None:
    hashes = line_hashes("Lorem ipsum dolor sit amet.\n" * 10)
    assert hashes[:6] == [f"a7f2ff13bc495cf2:{number}" for number in range(1, 7)]
    assert hashes[6:] == [
        f"{value}:1"
        for value in [
            "a7f2ff1481e87703",
            "a9cf91f7bbf1862b",
            "55ec222b86bcae53",
            "cc97dc7b1d7d8f7b",
            "c129715d7a2bc9a3",
        ]
    ]
