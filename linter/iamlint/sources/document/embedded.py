"""JSON that stands inside a string of another file, with places in that file.

A policy may be written as JSON text in a quoted string, a block scalar or a heredoc.  Its nodes
get the places where their characters stand in the outer source, as far as that can be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from iamlint.sources.document.document import DocumentError
from iamlint.sources.document.json_reader import HOLE_BASE, scan
from iamlint.text import Place, Span
from iamlint.tree import Hole, Node, Scalar, Text

Table = Sequence[int]
"""For each character of the inner text its offset in the outer source, then that of the end."""

_BLANKS = r"[ \t\r\n]+"
_PIECES = {
    "json": re.compile(r"\\u[0-9A-Fa-f]{4}|\\.|.", re.DOTALL),
    "double": re.compile(
        r"\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
        rf"|\\\r?\n[ \t]*|\\.|{_BLANKS}|."
    ),
    "single": re.compile(rf"''|{_BLANKS}|."),
    "plain": re.compile(rf"{_BLANKS}|."),
}
_BLOCK_HEADER = re.compile(r"[|>]([0-9+-]*)[ \t]*(?:#[^\r\n]*)?\r?\n")


def parse_embedded(text: Text | str, outer: Place, table: Table | None) -> Node:
    """The tree of JSON text that stands at `outer`.

    `table` has one offset for each character of the text, where a hole counts as one character,
    and one more for its end; None where the characters can't be traced: then all nodes have the
    place of the whole.  A hole inside a JSON string becomes part of that string, a hole in place
    of a value becomes Unknown.  Raises DocumentError, whose offset counts in the outer source.
    """
    parts = (text,) if isinstance(text, str) else text.parts
    holes = tuple(part for part in parts if isinstance(part, Hole))
    numbers = iter(range(len(holes)))
    inner = "".join(
        part if isinstance(part, str) else chr(HOLE_BASE + next(numbers)) for part in parts
    )
    source, whole = outer.source, outer.span
    literals = (part for part in parts if isinstance(part, str))
    if holes and any(ord(char) >= HOLE_BASE for literal in literals for char in literal):
        raise DocumentError("private-use characters in the text", whole.start)

    def locate(start: int, end: int) -> Place:
        if table is None or end >= len(table) or start >= end:
            return outer
        return Place(source, Span(table[start], max(table[end], table[start])))

    try:
        return scan(inner, locate, holes)
    except DocumentError as error:
        offset = table[min(error.offset, len(table) - 1)] if table else whole.start
        message = error.message
        for number, hole in enumerate(holes):
            message = message.replace(chr(HOLE_BASE + number), f"‹{hole.name}›")
        raise DocumentError(message, offset) from None


def offset_table(scalar: Scalar) -> Table | None:
    """Where each character of a string scalar stands in its source; None if it can't be told.

    Works for JSON strings, YAML quoted and plain scalars, also over several lines, and `|` block
    scalars.  Folded block scalars are not traced.
    """
    value = scalar.value
    if not isinstance(value, str):
        return None
    if scalar.style == "literal":
        return _block_table(scalar, value)
    start, end = scalar.place.span
    raw = scalar.place.text
    if scalar.style in ("json", "double", "single"):
        raw, start, end = raw[1:-1], start + 1, end - 1
    if raw == value:
        return range(start, end + 1)
    pattern = _PIECES.get(scalar.style)
    return None if pattern is None else _by_pieces(pattern.finditer(raw), start, len(value))


def _by_pieces(pieces: Iterable[re.Match[str]], start: int, length: int) -> Table | None:
    """Offsets where each piece of the source gives one character, or as many as a fold gives."""
    table: list[int] = []
    end = start
    for match in pieces:
        piece, at = match.group(), start + match.start()
        breaks = piece.count("\n")
        if breaks:
            # One break folds to a blank, more of them to one break less, an escaped one to nothing.
            table += [at] * (0 if piece[0] == "\\" else max(1, breaks - 1))
        elif piece[0] in " \t":
            table += range(at, at + len(piece))
        else:
            table.append(at)
        end = start + match.end()
    table.append(end)
    # A pair of surrogates is two pieces and one character: not traced.
    return table if len(table) == length + 1 else None


def _block_table(scalar: Scalar, value: str) -> Table | None:
    """Offsets in a `|` block scalar: each line of the value is a line of the source, indented."""
    source = scalar.place.source.text
    header = _BLOCK_HEADER.match(source, scalar.place.span.start)
    if header is None:
        return None
    indent: int | None = None
    table: list[int] = []
    at = header.end()
    for line in value.split("\n"):
        stop = source.find("\n", at)
        stop = len(source) if stop == -1 else stop
        raw = source[at:stop].rstrip("\r")
        if line and indent is None:
            indent = len(raw) - len(line)
        shift = len(raw) - len(line) if line else 0
        if line and (shift != indent or raw[shift:] != line):
            return None
        table.extend(range(at + shift, at + shift + len(line)))
        table.append(at + len(raw))
        at = stop + 1
    return table[: len(value) + 1] if len(table) >= len(value) + 1 else None
