"""`Fn::ForEach` of AWS::LanguageExtensions: one entry of a map for each item of a collection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iamlint.sources.cloudformation.alternatives import text_of
from iamlint.sources.cloudformation.template import string
from iamlint.tree import Hole, ListNode, MapNode, Node, Text

if TYPE_CHECKING:
    from iamlint.sources.cloudformation.resolver import Resolver

MAX_TURNS = 100
"""A loop over more than this is not unrolled."""

MAX_ALL_TURNS = 1000
"""All loops of a template together; CloudFormation allows a template 500 resources."""


def expand(resolver: Resolver, loop: Node) -> Iterator[tuple[dict[str, Text], str, Node | None]]:
    """What a loop adds: the identifiers' values, the key as written, and the raw value.

    A collection that is not known gives one turn whose identifier is a hole.  A loop that can't
    be read at all gives one turn without a value, whose key is the reason.
    """
    parts = loop.items if isinstance(loop, ListNode) else ()
    name = string(parts[0]) if len(parts) == 3 else None
    if name is None or not isinstance(parts[2], MapNode):
        yield {}, "`Fn::ForEach` needs an identifier, a collection and a body", None
        return
    values: list[Text] = []
    collection = resolver.value(parts[1])
    if isinstance(collection, ListNode) and not collection.open and not collection.possible:
        texts = [text_of(item) for item in collection.items]
        values = [text for text in texts if text is not None]
        if len(values) != len(texts) or len(values) > MAX_TURNS:
            values = []
    if not values:
        values = [Text((resolver.hole(name, "name"),))]
    for value in values:
        resolver.turns += 1
        if resolver.turns > MAX_ALL_TURNS:
            yield {}, f"`Fn::ForEach` gives more than {MAX_ALL_TURNS} entries", None
            return
        bound = {**resolver.loop, name: value}
        for entry in parts[2].entries:
            key = str(entry.key.value)
            if key.startswith("Fn::ForEach"):
                with resolver.looping(bound):
                    yield from expand(resolver, entry.value)
            else:
                yield bound, key, entry.value


def fill(text: str, names: dict[str, Text]) -> Text:
    """A key of a loop with `${X}` and `&{X}` filled in."""
    filled = Text.of(text)
    for name, value in names.items():
        for mark in (f"${{{name}}}", f"&{{{name}}}"):
            parts: list[str | Hole] = []
            for part in filled.parts:
                if isinstance(part, str) and mark in part:
                    first, *rest = part.split(mark)
                    parts.append(first)
                    for piece in rest:
                        parts += (*value.parts, piece)
                else:
                    parts.append(part)
            filled = Text.of(*parts)
    return filled
