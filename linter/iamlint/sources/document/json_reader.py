"""Strict JSON (RFC 8259) into a tree with exact places, duplicate keys kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from iamlint.sources.document.document import MAX_DEPTH, Document, DocumentError
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Entry, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})?')
_WORDS = {"true": True, "false": False, "null": None}

HOLE_BASE = 0xF0000
"""A hole in the text that is scanned is the character of this number plus the hole's index."""

Locate = Callable[[int, int], Place]


def read_json(source: SourceText) -> Document:
    """The tree of a JSON file; raises DocumentError with the offset of the first fault."""

    def locate(start: int, end: int) -> Place:
        return Place(source, Span(start, end))

    return Document(source=source, language="json", roots=(scan(source.text, locate),))


def scan(text: str, locate: Locate, holes: Sequence[Hole] = ()) -> Node:
    """The tree of a JSON text whose nodes get their places from `locate(start, end)`.

    With `holes`, the character `chr(HOLE_BASE + i)` stands for `holes[i]`: inside a string it
    becomes part of a Text, in place of a value it becomes an Unknown.
    """
    return Scanner(text, locate, holes).document()


class Scanner:
    __slots__ = ("holes", "locate", "text")

    def __init__(self, text: str, locate: Locate, holes: Sequence[Hole]) -> None:
        self.text = text
        self.locate = locate
        self.holes = holes

    def document(self) -> Node:
        at = self.skip(0)
        if at == len(self.text):
            raise DocumentError("expected a value, found the end of the text", at)
        node, at = self.value(at, 0)
        at = self.skip(at)
        if at != len(self.text):
            raise DocumentError("expected the end of the text after the value", at)
        return node

    def skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def value(self, at: int, depth: int) -> tuple[Node, int]:
        char = self.text[at : at + 1]
        if char == '"':
            return self.string(at)
        if char == "{":
            return self.object(at, depth + 1)
        if char == "[":
            return self.array(at, depth + 1)
        if char and self.holes and (hole := self.hole(char)):
            place = self.locate(at, at + 1)
            return Unknown(place=place, reason=f"`{hole.name}` is not known", hole=hole), at + 1
        return self.atom(at)

    def object(self, at: int, depth: int) -> tuple[Node, int]:
        start = self.enter(at, depth)
        entries: list[Entry] = []
        at = self.skip(at + 1)
        if self.text[at : at + 1] == "}":
            return MapNode(place=self.locate(start, at + 1), entries=(), flow=True), at + 1
        while True:
            if self.text[at : at + 1] != '"':
                raise DocumentError(f"expected a key in double quotes, {self.found(at)}", at)
            key, at = self.string(at)
            at = self.skip(at)
            if self.text[at : at + 1] != ":":
                raise DocumentError(f"expected `:` after the key, {self.found(at)}", at)
            value, at = self.value(self.skip(at + 1), depth)
            entries.append(Entry(key, value))
            at = self.skip(at)
            char = self.text[at : at + 1]
            at += 1
            if char == "}":
                place = self.locate(start, at)
                return MapNode(place=place, entries=tuple(entries), flow=True), at
            if char != ",":
                raise DocumentError(f"expected `,` or `}}`, {self.found(at - 1)}", at - 1)
            at = self.skip(at)

    def array(self, at: int, depth: int) -> tuple[Node, int]:
        start = self.enter(at, depth)
        items: list[Node] = []
        at = self.skip(at + 1)
        if self.text[at : at + 1] == "]":
            return ListNode(place=self.locate(start, at + 1), items=(), flow=True), at + 1
        while True:
            item, at = self.value(at, depth)
            items.append(item)
            at = self.skip(at)
            char = self.text[at : at + 1]
            at += 1
            if char == "]":
                return ListNode(place=self.locate(start, at), items=tuple(items), flow=True), at
            if char != ",":
                raise DocumentError(f"expected `,` or `]`, {self.found(at - 1)}", at - 1)
            at = self.skip(at)

    def enter(self, at: int, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", at)
        return at

    def string(self, at: int) -> tuple[Scalar, int]:
        match = _STRING.match(self.text, at)
        if match is None:
            raise self.bad_string(at)
        end = match.end()
        literal = self.text[at + 1 : end - 1]
        if "\\" in literal:
            literal = self.unescape(match.group(), at)
        value = self.with_holes(literal) if self.holes else literal
        return Scalar(place=self.locate(at, end), value=value, style="json"), end

    def unescape(self, raw: str, at: int) -> str:
        try:
            value: str = json.loads(raw)
        except ValueError:
            for match in _ESCAPE.finditer(raw):
                if len(match.group()) == 1:
                    message = f"no such escape: `{raw[match.start() : match.start() + 2]}`"
                    raise DocumentError(message, at + match.start()) from None
            raise self.bad_string(at) from None
        if any("\ud800" <= char <= "\udfff" for char in value):
            # A lone surrogate is no text and can't be written out again.
            value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value

    def bad_string(self, at: int) -> DocumentError:
        for index in range(at + 1, len(self.text)):
            if self.text[index] < " ":
                what = "a line break" if self.text[index] in "\r\n" else "a control character"
                return DocumentError(f"{what} in a string", index)
        return DocumentError("a string is not closed", at)

    def with_holes(self, value: str) -> str | Text:
        parts: list[str | Hole] = []
        start = 0
        for index, char in enumerate(value):
            if hole := self.hole(char):
                parts += (value[start:index], hole)
                start = index + 1
        return Text.of(*parts, value[start:]) if parts else value

    def hole(self, char: str) -> Hole | None:
        index = ord(char) - HOLE_BASE
        return self.holes[index] if 0 <= index < len(self.holes) else None

    def atom(self, at: int) -> tuple[Node, int]:
        value: int | float | bool | None
        for word, value in _WORDS.items():
            if self.text.startswith(word, at):
                return self.scalar(value, at, at + len(word))
        match = _NUMBER.match(self.text, at)
        if match is None:
            raise DocumentError(f"expected a value, {self.found(at)}", at)
        try:
            value = float(match.group()) if match.group(1) or match.group(2) else int(match.group())
        except ValueError:  # Python's own limit on the digits of an integer
            raise DocumentError("a number has too many digits", at) from None
        return self.scalar(value, at, match.end())

    def scalar(self, value: float | bool | None, at: int, end: int) -> tuple[Node, int]:
        return Scalar(place=self.locate(at, end), value=value, style="json"), end

    def found(self, at: int) -> str:
        char = self.text[at : at + 1]
        return f"found `{char}`" if char else "found the end of the text"
