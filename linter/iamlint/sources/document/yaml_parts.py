"""The entries of a block mapping in YAML, marked out by their lines.

What the marks say is true if each piece is a document by itself: then no quotes and no brackets
are open where one ends.  Text with anchors, aliases or several documents is not marked out.
"""

from __future__ import annotations

import re
from functools import cache

import msgspec

from iamlint.sources.document.document import MAX_DEPTH
from iamlint.text import Span

_ANCHOR = re.compile(r"[&*][\w-]")
_BEFORE_ANCHOR = frozenset(" \t\r\n[{,")
_LINE_BREAKS = ("\x85", "\u2028", "\u2029")
_HEAD = re.compile(r"(?:[ \t]*(?:#.*)?\r?\n)*(?:---[ ]*(?:#.*)?\r?\n(?:[ \t]*(?:#.*)?\r?\n)*)?")
_KEY = re.compile(r"([A-Za-z]\w*):(?:[ ]*(?:#.*)?$|[ \t\r])", re.MULTILINE)
_ALONE = re.compile(r"[ ]*(?:#.*)?\r?\n")
_BLANK = re.compile(r"(?:[ ]*(?:#.*)?\r?\n)*")
_INDENT = re.compile(r"[ ]*")
_BODY_KEY = re.compile(r"[A-Za-z]+:(?:\s|$)")
_TYPE = re.compile(r"""Type:[ ]+(["']?)([\w:.@-]+)\1[ ]*(?:#.*)?\r?$""", re.MULTILINE)
_DEEP = " " * 60


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """An entry of a block mapping with the lines up to the next one.

    `key` is where its key stands, `alone` tells that nothing but a comment follows on that line.
    """

    name: str
    key: Span
    span: Span
    alone: bool


@cache
def _lines(indent: int) -> re.Pattern[str]:
    """The breaks before lines that begin in a column, comments and blank ones left out."""
    return re.compile(rf"\n{' ' * indent}(?=[^\s#])")


@cache
def _shallower(indent: int) -> re.Pattern[str]:
    """The lines that begin before a column and are not blank, nor comments, nor keys of the root."""
    return re.compile(rf"\n {{1,{max(1, indent - 1)}}}(?=[^\s#])")


def chunks(text: str) -> list[Chunk] | None:
    """The entries of the mapping that a text is; None if it may be anything else."""
    if any(mark in text for mark in _LINE_BREAKS) or text.count("\r") != text.count("\r\n"):
        return None
    if any(
        match.start() == 0 or text[match.start() - 1] in _BEFORE_ANCHOR
        for match in _ANCHOR.finditer(text)
    ):
        return None
    head = _HEAD.match(text)
    assert head is not None
    return _cut(text, head.end(), len(text), 0)


def entries(text: str, parent: Chunk) -> list[Chunk] | None:
    """The entries of the mapping below a key that stands alone; None if it is no such mapping."""
    start = text.find("\n", parent.key.end) + 1
    at = first_indent(text, start, parent.span.end)
    if at is None:
        return []
    indent = at
    column = parent.key.start - (text.rfind("\n", 0, parent.key.start) + 1)
    if indent <= column or (
        indent > 1 and _shallower(indent).search(text, start - 1, parent.span.end)
    ):
        return None
    return _cut(text, _after_blank(text, start), parent.span.end, indent)


def body_type(text: str, chunk: Chunk) -> str | None:
    """The `Type` in the mapping below a key, if it can be told without reading all of it."""
    if not chunk.alone:
        return None
    start, end = text.find("\n", chunk.key.end) + 1, chunk.span.end
    indent = first_indent(text, start, end)
    column = chunk.key.start - (text.rfind("\n", 0, chunk.key.start) + 1)
    if indent is None or indent <= column:
        return None
    if (indent > 1 and text.find(_DEEP, start, end) != -1) or _may_be_deep(text, start, end):
        return None
    found: list[str] = []
    for line in _lines(indent).finditer(text, start - 1, end):
        at = line.end()
        if not _BODY_KEY.match(text, at, end):
            return None
        if text.startswith("Type:", at):
            typed = _TYPE.match(text, at, end)
            if typed is None:
                return None
            found.append(typed.group(2))
    return found[0] if len(found) == 1 else None


def first_indent(text: str, start: int, end: int) -> int | None:
    """The column of the first line between two offsets that is neither blank nor a comment."""
    at = _after_blank(text, start)
    match = _INDENT.match(text, at)
    assert match is not None
    return match.end() - at if match.end() < end else None


def _after_blank(text: str, start: int) -> int:
    match = _BLANK.match(text, start)
    assert match is not None
    return match.end()


def _cut(text: str, start: int, end: int, indent: int) -> list[Chunk] | None:
    """The entries whose keys stand in a column; None if a line there is no entry."""
    found: list[tuple[str, int, int, bool]] = []
    places = [line.end() for line in _lines(indent).finditer(text, max(0, start - 1), end)]
    if start == 0:
        places.insert(0, 0)
    for at in places:
        key = _KEY.match(text, at, end)
        if key is None:
            return None
        alone = _ALONE.match(text, key.end(1) + 1) is not None
        found.append((key.group(1), at, at - indent, alone))
    if not found or found[0][2] != start:
        return None
    ends = [each[2] for each in found[1:]] + [end]
    return [
        Chunk(name, Span(at, at + len(name)), Span(first, last), alone)
        for (name, at, first, alone), last in zip(found, ends, strict=True)
    ]


def _may_be_deep(text: str, start: int, end: int) -> bool:
    """False if what stands between two offsets is certainly not nested too deep."""
    openers = sum(text.count(mark, start, end) for mark in ("[", "{", "- "))
    return openers > MAX_DEPTH - len(_DEEP) - 2
