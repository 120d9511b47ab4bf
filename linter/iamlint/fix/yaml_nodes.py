"""YAML nodes as they are written: what holds them, their quotes, and what list items stand for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import msgspec

from iamlint.fix.language import Shown
from iamlint.tree import Entry, ListNode, MapNode, Node, Scalar, Style, Text

_SUB = re.compile(r"\$\{(!?)([^}]*)\}")


class Spot(msgspec.Struct, frozen=True):
    """A node and what holds it: the list, or the map and its entry."""

    node: Node
    above: Node | None = None
    entry: Entry | None = None


def walk(spot: Spot) -> Iterator[Spot]:
    stack = [spot]
    while stack:
        spot = stack.pop()
        yield spot
        if isinstance(spot.node, ListNode):
            stack += [Spot(item, spot.node) for item in spot.node.items]
        elif isinstance(spot.node, MapNode):
            stack += [Spot(entry.value, spot.node, entry) for entry in spot.node.entries]


def style_of(node: Node) -> Style:
    """The quotes of a scalar, or those that most items of a list have."""
    found = list(scalars(node))
    styles = Counter(scalar.style for scalar in found if isinstance(scalar.value, (str, Text)))
    common = styles.most_common(1)
    return common[0][0] if common and common[0][0] in ("single", "double") else ""


def scalars(node: Node) -> Iterator[Scalar]:
    """All scalars of a node, in source order."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from scalars(item)
    elif isinstance(node, MapNode):
        for entry in node.entries:
            yield from scalars(entry.value)


def over_lines(node: Node) -> bool:
    return any(scalar.style in ("literal", "folded") for scalar in scalars(node)) or (
        "\n" in node.place.text
    )


def names(old: ListNode, shown: Shown | None) -> list[str | None]:
    """What each item of a list stands for."""
    return [
        (shown.at(item.place.span) if shown is not None else None) or written(item)
        for item in old.items
    ]


def written(item: Node) -> str | None:
    """A list item as it is shown, holes as `‹name›`; None if that takes more than reading."""
    if isinstance(item, Scalar):
        return item.value if isinstance(item.value, str) else None
    if isinstance(item, MapNode) and len(item.entries) == 1:
        entry = item.entries[0]
        if entry.key.value == "Fn::Sub" and isinstance(entry.value, Scalar):
            body = entry.value.value
            if isinstance(body, str):
                return _SUB.sub(
                    lambda match: f"${{{match[2]}}}" if match[1] else f"‹{match[2].strip()}›", body
                )
    return None
