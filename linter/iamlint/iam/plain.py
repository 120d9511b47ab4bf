"""Plain JSON data -> tree nodes over the document pretty-printed, so that it can be shown."""

from __future__ import annotations

import json
from json.encoder import encode_basestring

from iamlint.text import Place, SourceText, Span
from iamlint.tree import Entry, Hole, ListNode, MapNode, Node, Scalar, Unknown

_DEEPEST = 60


class _Pairs(list[tuple[str, object]]):
    """A JSON object as its pairs, duplicates included."""


def plain_tree(document: object, name: str) -> Node:
    """The nodes of a document given as JSON text or as plain data.

    Every node's place is its span in the text with two blanks of indentation, under the path
    `name`.  Text that is no JSON, and what is nested deeper than 60 levels, becomes Unknown.
    """
    source = SourceText(name, "")
    if isinstance(document, str):
        text, document = document, None
        try:
            document = json.loads(text, object_pairs_hook=_Pairs)
        except (ValueError, RecursionError) as error:
            reason = "it is nested too deeply"
            if isinstance(error, json.JSONDecodeError):
                reason = f"it is no JSON: {error.msg} in line {error.lineno}"
            elif isinstance(error, ValueError):
                reason = "it is no JSON"
            source.text = text
            return _unknown(Place(source, Span(0, len(text))), reason)
    writer = _Writer(source)
    node = writer.node(document, 0)
    source.text = "".join(writer.pieces)
    return node


def _unknown(place: Place, reason: str) -> Unknown:
    return Unknown(place=place, reason=reason, hole=Hole("unknown"))


class _Writer:
    """Writes JSON and builds the nodes of what it writes in one pass."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.pieces: list[str] = []
        self.at = 0

    def write(self, text: str) -> None:
        self.pieces.append(text)
        self.at += len(text)

    def place(self, start: int) -> Place:
        return Place(self.source, Span(start, self.at))

    def node(self, value: object, depth: int) -> Node:
        start = self.at
        if depth > _DEEPEST:
            self.write("…")
            return _unknown(self.place(start), "it is nested too deeply")
        if isinstance(value, (dict, _Pairs)):
            return self._map(list(value.items()) if isinstance(value, dict) else value, depth)
        if isinstance(value, (list, tuple)):
            return self._list(list(value), depth)
        return self.scalar(value)

    def scalar(self, value: object) -> Node:
        start = self.at
        if isinstance(value, str):
            self.write(encode_basestring(value))
            return Scalar(place=self.place(start), value=value, style="json")
        if value is None or isinstance(value, (bool, int, float)):
            try:
                self.write(json.dumps(value))
            except ValueError:  # an integer of more digits than Python converts
                self.write("…")
                return _unknown(self.place(start), "the number is too long")
            return Scalar(place=self.place(start), value=value, style="json")
        self.write("…")
        return _unknown(self.place(start), f"a {type(value).__name__} is no JSON value")

    def _map(self, pairs: list[tuple[str, object]], depth: int) -> Node:
        start = self.at
        if not pairs:
            self.write("{}")
            return MapNode(place=self.place(start), entries=(), flow=True)
        indent = "\n" + "  " * (depth + 1)
        found: list[Entry] = []
        self.write("{")
        for index, (key, value) in enumerate(pairs):
            self.write(indent if index == 0 else "," + indent)
            written = self.scalar(key if isinstance(key, str) else str(key))
            self.write(": ")
            assert isinstance(written, Scalar)
            found.append(Entry(written, self.node(value, depth + 1)))
        self.write("\n" + "  " * depth + "}")
        return MapNode(place=self.place(start), entries=tuple(found), flow=True)

    def _list(self, values: list[object], depth: int) -> Node:
        start = self.at
        if not values:
            self.write("[]")
            return ListNode(place=self.place(start), items=(), flow=True)
        indent = "\n" + "  " * (depth + 1)
        found: list[Node] = []
        self.write("[")
        for index, value in enumerate(values):
            self.write(indent if index == 0 else "," + indent)
            found.append(self.node(value, depth + 1))
        self.write("\n" + "  " * depth + "]")
        return ListNode(place=self.place(start), items=tuple(found), flow=True)
