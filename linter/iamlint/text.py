"""Source text, spans in it, and edits of it: the one place that knows lines, columns and diffs.

Offsets count code points of the decoded text, never bytes.  Lines and columns are 1-based and a
span's end is exclusive, as in the JSON report.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

import msgspec


class Span(NamedTuple):
    """A half-open range of code-point offsets in one source text."""

    start: int
    end: int


class Position(NamedTuple):
    """A 1-based line and column; the column counts code points."""

    line: int
    column: int


class SourceText:
    """The text of one file, with its display path.

    The byte order mark is not part of `text`: `bom` tells whether to write one back.  Line
    breaks are kept as they are in the file, so offsets stay true for edits.
    """

    __slots__ = ("_line_starts", "bom", "path", "text")

    def __init__(self, path: str, text: str, *, bom: bool = False) -> None:
        self.path = path
        self.text = text
        self.bom = bom
        self._line_starts: list[int] | None = None

    def __repr__(self) -> str:
        return f"SourceText({self.path!r}, {len(self.text)} characters)"

    def position(self, offset: int) -> Position:
        """The line and column of an offset; an offset past the end is the end."""
        starts = self._starts()
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def offset(self, line: int, column: int = 1) -> int:
        """The offset of a 1-based line and column, kept within the text."""
        starts = self._starts()
        if line > len(starts):
            return len(self.text)
        return max(0, min(starts[max(1, line) - 1] + column - 1, len(self.text)))

    def line(self, number: int) -> str:
        """The text of a 1-based line, without its line break; `""` past the last line."""
        starts = self._starts()
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def slice(self, span: Span) -> str:
        """The text that a span covers."""
        return self.text[span.start : span.end]

    @property
    def newline(self) -> str:
        """The line break to write into this file: that of its first line, else LF."""
        first = self.text.find("\n")
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    @property
    def line_count(self) -> int:
        return len(self._starts())

    def _starts(self) -> list[int]:
        if self._line_starts is None:
            starts, at = [0], self.text.find("\n")
            while at != -1:
                starts.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._line_starts = starts
        return self._line_starts


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where something stands: a source text and a span of it."""

    source: SourceText
    span: Span

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def start(self) -> Position:
        return self.source.position(self.span.start)

    @property
    def end(self) -> Position:
        return self.source.position(self.span.end)

    @property
    def text(self) -> str:
        return self.source.slice(self.span)


class Edit(msgspec.Struct, frozen=True):
    """Replace what a span covers; an empty span inserts."""

    span: Span
    replacement: str


class OverlappingEdits(ValueError):
    """Two edits touch the same text, so neither order of applying them is right."""


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits, given in any order, to the text that their spans refer to.

    Identical edits count once.  Raises OverlappingEdits where two different ones overlap.
    """
    ordered = sorted({(edit.span, edit.replacement) for edit in edits})
    pieces: list[str] = []
    at = 0
    for span, replacement in ordered:
        if span.start < at:
            raise OverlappingEdits(f"two edits overlap at offset {span.start}")
        pieces += (text[at : span.start], replacement)
        at = span.end
    pieces.append(text[at:])
    return "".join(pieces)


def unified_diff(path: str, before: str, after: str, *, context: int = 3) -> str:
    """A unified diff of one file, as `git apply` reads it; `""` when nothing changed."""
    import difflib

    def lines(text: str) -> list[str]:
        # Only LF ends a line of a diff: str.splitlines() knows more, and would break on them.
        pieces = [line + "\n" for line in text.split("\n")]
        pieces[-1] = pieces[-1][:-1]
        return pieces if pieces[-1] else pieces[:-1]

    out = []
    for line in difflib.unified_diff(
        lines(before), lines(after), f"a/{path}", f"b/{path}", n=context
    ):
        out.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(out)
