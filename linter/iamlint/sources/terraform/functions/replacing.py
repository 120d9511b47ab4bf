"""`replace` in strings that are not wholly known, and in JSON whose elements keep their places."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from iamlint.sources.terraform.values import Encoded, Maybe
from iamlint.tree import Either, Entry, Hole, ListNode, MapNode, Node, Scalar, Text

_STRUCTURE = frozenset('"{}[]:,\\\n\t ')


def in_text(text: Text, old: str, new: Text) -> Text | None:
    """The literal pieces replaced, each hole become the hole of what `replace` makes of it.

    None where a match could begin in a literal and end in a hole.
    """
    parts: list[str | Hole] = []
    for index, part in enumerate(text.parts):
        if isinstance(part, Hole):
            name = f'replace({part.name}, "{old}", "{new}")'
            safe = part.specific and not any(
                isinstance(piece, str) and "*" in piece for piece in new.parts
            )
            parts.append(Hole(name, "name" if safe else "unknown", part.scope))
            continue
        before = index > 0
        after = index + 1 < len(text.parts)
        for size in range(1, len(old)):
            if after and part.endswith(old[:size]):
                return None
            if before and part.startswith(old[size:]):
                return None
        parts += _pieces(part, old, new)
    return Text.of(*parts)


def _pieces(part: str, old: str, new: Text) -> list[str | Hole]:
    found: list[str | Hole] = []
    for index, piece in enumerate(part.split(old)):
        if index:
            found += new.parts
        found.append(piece)
    return found


def in_json(encoded: Encoded, old: str, new: Text) -> Encoded | None:
    """The JSON with a word replaced in all its strings; None where structure would change.

    A placeholder like `_BUCKET_` is thought not to occur in what a hole stands for.
    """
    pieces = [old, *(part for part in new.parts if isinstance(part, str))]
    if not old or any(_STRUCTURE.intersection(piece) - {":"} for piece in pieces):
        return None
    if ":" in old or any(old in word for word in ("true", "false", "null")) or old.isdigit():
        return None

    def change(text: Text) -> Text:
        parts: list[str | Hole] = []
        for part in text.parts:
            parts += _pieces(part, old, new) if isinstance(part, str) else [part]
        return Text.of(*parts)

    content = _mapped(encoded.content, old, change)
    return Encoded(
        place=encoded.place, content=content, form=encoded.form, possible=encoded.possible
    )


def _mapped(node: Node, old: str, change: Callable[[Text], Text]) -> Node:
    """The tree with all its strings changed; what does not change stays the same object."""
    if isinstance(node, Scalar):
        if node.text is None or old not in str(node.value):
            return node
        text = change(node.text)
        literal = text.literal
        return Scalar(
            place=node.place,
            possible=node.possible,
            value=text if literal is None else literal,
            style=node.style,
        )
    if isinstance(node, ListNode):
        items = tuple(_mapped(item, old, change) for item in node.items)
        return msgspec.structs.replace(node, items=items)
    if isinstance(node, MapNode):
        entries = tuple(_entry(entry, old, change) for entry in node.entries)
        return msgspec.structs.replace(node, entries=entries)
    if isinstance(node, Either):
        branches = tuple(_mapped(branch, old, change) for branch in node.branches)
        return msgspec.structs.replace(node, branches=branches)
    if isinstance(node, Maybe):
        return msgspec.structs.replace(node, value=_mapped(node.value, old, change))
    return node


def _entry(entry: Entry, old: str, change: Callable[[Text], Text]) -> Entry:
    key = _mapped(entry.key, old, change)
    assert isinstance(key, Scalar)
    return Entry(key, _mapped(entry.value, old, change))
