"""What a document reader answers: the trees of one file, or the place where it breaks."""

from __future__ import annotations

from typing import Literal

import msgspec

from iamlint.text import SourceText, Span
from iamlint.tree import Node

MAX_DEPTH = 200
"""Lists and maps may be nested this deep; AWS's own limits are far below."""


class DocumentError(ValueError):
    """A document that can't be read: `message` is lower case, `offset` a place in its text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The trees of one file.

    JSON has exactly one root, YAML one for each document of the stream that is not empty.
    `shared` are the spans of anchored YAML nodes that an alias repeats: text in them serves more
    than one place.
    """

    source: SourceText
    language: Literal["yaml", "json"]
    roots: tuple[Node, ...]
    shared: tuple[Span, ...] = ()

    def is_shared(self, span: Span) -> bool:
        """True if the span lies in, or holds, a node that is used more than once."""
        return any(other.start < span.end and span.start < other.end for other in self.shared)
