"""How a file is laid out: indentation of lines, its unit, and lists with their separators."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from iamlint.text import Span

WIDTH = 100
"""A list stays on one line up to this many columns."""

_INDENT = re.compile(r"^([ \t]+)\S", re.MULTILINE)


def line_start(text: str, at: int) -> int:
    """The offset at which the line of an offset begins."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """The offset of the line break that ends the line of an offset, `\\r` before it included."""
    end = text.find("\n", at)
    if end == -1:
        return len(text)
    return end - 1 if end > at and text[end - 1] == "\r" else end


def indent(text: str, at: int) -> str:
    """The blanks that the line of an offset begins with."""
    start = line_start(text, at)
    end = start
    while end < len(text) and text[end] in " \t":
        end += 1
    return text[start:end]


def begins_line(text: str, at: int) -> bool:
    """True if nothing but blanks stands before an offset on its line."""
    return not text[line_start(text, at) : at].strip()


def unit(text: str, default: str = "  ") -> str:
    """What one level of indentation is in a file: the commonest step between its lines."""
    steps: Counter[str] = Counter()
    before = ""
    for match in _INDENT.finditer(text):
        now = match[1]
        if now.startswith(before) and len(now) > len(before):
            steps[now[len(before) :]] += 1
        before = now
    common = steps.most_common(1)
    return common[0][0] if common else default


def runs(spans: Sequence[Span], gone: set[int]) -> list[tuple[int, int]]:
    """The removed items as runs of neighbours: first and last index, inclusive."""
    found: list[tuple[int, int]] = []
    for index in range(len(spans)):
        if index not in gone:
            continue
        if found and found[-1][1] == index - 1:
            found[-1] = (found[-1][0], index)
        else:
            found.append((index, index))
    return found


def without_items(text: str, spans: Sequence[Span], gone: set[int]) -> list[Span]:
    """What to delete so that some items of a comma-separated list fall away; some must stay.

    With an item goes its comma and, where it has its line for itself, the line.
    """
    found: list[Span] = []
    for first, last in runs(spans, gone):
        if last + 1 < len(spans):
            start, end = spans[first].start, spans[last + 1].start
            if begins_line(text, start) and begins_line(text, end):
                start, end = line_start(text, start), line_start(text, end)
                end = _comments_start(text, start, end, spans[last].end)
            found.append(Span(start, end))
        else:
            found.append(Span(spans[first - 1].end, spans[last].end))
    return found


def _comments_start(text: str, start: int, end: int, after: int) -> int:
    """Where the line after a removed item begins: comments on lines of their own stay."""
    following = text.find("\n", after) + 1
    return following if start < following <= end else end
