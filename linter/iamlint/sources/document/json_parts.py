"""The members of a JSON object, marked out by the standard library's scanner.

It goes over values at the speed of C; a tree with places is made only of those that are asked for.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import Any, NamedTuple

from iamlint.sources.document.document import MAX_DEPTH, DocumentError
from iamlint.sources.document.json_reader import Scanner
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Node, Scalar


class Member(NamedTuple):
    """A member of an object: its key, where its value stands, and the value as plain data."""

    key: Scalar
    span: Span
    data: Any


class JsonParts:
    """The objects of one JSON text."""

    def __init__(self, source: SourceText) -> None:
        self.text = source.text

        def locate(start: int, end: int) -> Place:
            return Place(source, Span(start, end))

        self._scanner = Scanner(source.text, locate, ())
        self._over = json.JSONDecoder(parse_constant=_refuse).raw_decode

    def members(self) -> Iterator[Member]:
        """The members of the object that is the whole text; raises DocumentError if it is none."""
        end = yield from self._object(self._scanner.skip(0))
        if self._scanner.skip(end) != len(self.text):
            raise DocumentError("expected the end of the text after the value", end)

    def members_at(self, start: int) -> Iterator[Member]:
        """The members of the object that begins at an offset; raises DocumentError if none does."""
        yield from self._object(start)

    def node(self, start: int, depth: int) -> Node:
        """The tree of the value that begins at an offset, so deep in the document."""
        return self._scanner.value(start, depth)[0]

    def _object(self, at: int) -> Generator[Member, None, int]:
        text, skip = self.text, self._scanner.skip
        if text[at : at + 1] != "{":
            raise DocumentError("expected an object", at)
        at = skip(at + 1)
        if text[at : at + 1] == "}":
            return at + 1
        while True:
            if text[at : at + 1] != '"':
                raise DocumentError("expected a key in double quotes", at)
            key, at = self._scanner.string(at)
            at = skip(at)
            if text[at : at + 1] != ":":
                raise DocumentError("expected `:` after the key", at)
            start = skip(at + 1)
            try:
                data, end = self._over(text, start)
            except (ValueError, RecursionError) as error:
                raise DocumentError("a value can't be read", start) from error
            if _deeper(text, start, end) and _depth(data) > MAX_DEPTH - 2:
                raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", start)
            yield Member(key, Span(start, end), data)
            at = skip(end)
            mark = text[at : at + 1]
            at = skip(at + 1)
            if mark == "}":
                return at
            if mark != ",":
                raise DocumentError("expected `,` or `}`", at)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _deeper(text: str, start: int, end: int) -> bool:
    """False if a value is certainly nested no deeper than is allowed."""
    return text.count("{", start, end) + text.count("[", start, end) > MAX_DEPTH - 2


def _depth(data: object) -> int:
    """How deep lists and objects are nested."""
    depth, level = 0, [data] if isinstance(data, (dict, list)) else []
    while level:
        depth += 1
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, (dict, list))
        ]
    return depth
