"""The unified diff of a replacement as changes of whole lines, for tools that apply edits."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_NO_LINE_BREAK = "\\ No newline at end of file"


class Change(msgspec.Struct, frozen=True):
    """Lines of a file and what to put in their place.

    `line` is the 1-based first line, `count` how many lines go: 0 inserts before the line.
    `text` is what comes, with its line breaks; without one at the end only where the file is to
    end so.
    """

    path: str
    line: int
    count: int
    text: str


def changes(diff: str) -> Iterator[Change]:
    """The changes of a diff that `text.unified_diff` made, in order, context left out."""
    path = ""
    lines = iter(_lines(diff))
    for line in lines:
        if line.startswith("+++ b/"):
            path = line[len("+++ b/") :].rstrip("\n")
        elif hunk := _HUNK.match(line):
            old, new = (1 if each is None else int(each) for each in hunk.group(2, 3))
            # An empty side is named by the line before it.
            start = int(hunk[1]) + (old == 0)
            yield from _hunk(path, start, old, new, lines)


def _lines(diff: str) -> list[str]:
    """The lines of a diff, each with the line break that it has in its file."""
    lines: list[str] = []
    for line in diff.split("\n"):
        if line == _NO_LINE_BREAK:
            lines[-1] = lines[-1].removesuffix("\n")
        else:
            lines.append(f"{line}\n")
    return lines


def _hunk(path: str, line: int, old: int, new: int, lines: Iterator[str]) -> Iterator[Change]:
    """The runs of changed lines of a hunk that has `old` lines before and `new` after."""
    first, text = line, ""
    while old or new:
        each = next(lines)
        sign, content = each[:1], each[1:]
        if sign == "-":
            old, line = old - 1, line + 1
        elif sign == "+":
            new, text = new - 1, text + content
        else:
            if line > first or text:
                yield Change(path, first, line - first, text)
            old, new, line = old - 1, new - 1, line + 1
            first, text = line, ""
    if line > first or text:
        yield Change(path, first, line - first, text)
