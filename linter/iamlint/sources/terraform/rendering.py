"""Values as JSON text, as plain data, and as nodes of the common tree."""

from __future__ import annotations

import json

from iamlint.sources.terraform.elements import entries, key_order, set_of
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Maybe,
    Reference,
    because,
    exact,
    kind_name,
    string_of,
    text_of,
)
from iamlint.text import Place
from iamlint.tree import Either, Entry, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

MAX_TEXT = 5_000_000


def json_text(node: Node) -> Text:
    """The value as `jsonencode` writes it, with holes for what is unknown; Fail if too long."""
    parts: list[str | Hole] = []
    _json(node, parts)
    if sum(len(part) for part in parts if isinstance(part, str)) > MAX_TEXT:
        raise Fail("the JSON text is too long")
    return Text.of(*parts)


def _json_string(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    for sign, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        quoted = quoted.replace(sign, escaped)
    return quoted.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x7f", "\x7f")


def _json(node: Node, parts: list[str | Hole]) -> None:
    if isinstance(node, Scalar):
        value = node.value
        if value is None:
            parts.append("null")
        elif isinstance(value, Text):
            parts.append('"')
            parts += (_json_string(p)[1:-1] if isinstance(p, str) else p for p in value.parts)
            parts.append('"')
        else:
            parts.append(_json_string(value) if isinstance(value, str) else string_of(value))
    elif isinstance(node, ListNode):
        parts.append("[")
        for index, item in enumerate(node.items):
            if index:
                parts.append(",")
            _json(item, parts)
        if node.open:
            parts.append(Hole("…"))
        parts.append("]")
    elif isinstance(node, MapNode):
        parts.append("{")
        for index, entry in enumerate(sorted(entries(node)[0], key=key_order)):
            if index:
                parts.append(",")
            _json(entry.key, parts)
            parts.append(":")
            _json(entry.value, parts)
        if node.open:
            parts.append(Hole("…"))
        parts.append("}")
    elif isinstance(node, Encoded):
        _json(Scalar(place=node.place, value=text_of(node)), parts)
    elif isinstance(node, Maybe):
        _json(node.value, parts)
    elif isinstance(node, Unknown):
        parts.append(node.hole)
    elif isinstance(node, Either):
        parts.append(Hole(f"{node.condition} ? … : …"))
    elif isinstance(node, Reference):
        parts.append(Hole(node.expression, "unknown", node.scope))


def from_plain(data: object, place: Place, possible: str | None = None) -> Node:
    """Plain Python data as a value, all of it at one place."""
    if isinstance(data, dict):
        return MapNode(
            place=place,
            possible=possible,
            entries=tuple(
                Entry(Scalar(place=place, value=str(key)), from_plain(value, place, possible))
                for key, value in data.items()
            ),
        )
    if isinstance(data, (set, frozenset)):
        return set_of(
            place, [from_plain(item, place, possible) for item in data], possible=possible
        )
    if isinstance(data, (list, tuple)):
        return ListNode(
            place=place,
            possible=possible,
            items=tuple(from_plain(item, place, possible) for item in data),
        )
    if isinstance(data, (str, int, float)) or data is None:
        return Scalar(place=place, possible=possible, value=data)
    raise TypeError(f"no value: {data!r}")


def to_plain(node: Node) -> object:
    """A wholly known value as plain Python data; Fail where something is unknown."""
    if isinstance(node, Scalar) and not isinstance(node.value, Text):
        return node.value
    if isinstance(node, Encoded):
        literal = text_of(node).literal
        if literal is not None:
            return literal
    if isinstance(node, ListNode) and exact(node):
        return [to_plain(item) for item in node.items]
    if isinstance(node, MapNode) and exact(node):
        return {str(entry.key.value): to_plain(entry.value) for entry in entries(node)[0]}
    raise Fail(f"{kind_name(node)} that is not wholly known")


def finish(node: Node) -> Node:
    """The value as nodes of the common tree alone, for readers of policies."""
    if isinstance(node, Scalar):
        return node
    if isinstance(node, ListNode):
        return ListNode(
            place=node.place,
            possible=node.possible,
            items=tuple(finish(item) for item in node.items),
            open=node.open,
            flow=node.flow,
        )
    if isinstance(node, MapNode):
        # A null attribute is an absent one for AWS, but null in JSON is not: it stays.
        return MapNode(
            place=node.place,
            possible=node.possible,
            entries=tuple(Entry(entry.key, finish(entry.value)) for entry in node.entries),
            open=node.open,
            flow=node.flow,
        )
    if isinstance(node, Maybe):
        return because(finish(node.value), node.possible)
    if isinstance(node, Either):
        return Either(
            place=node.place,
            possible=node.possible,
            branches=tuple(finish(branch) for branch in node.branches),
            condition=node.condition,
        )
    if isinstance(node, Encoded):
        text = text_of(node)
        literal = text.literal
        return Scalar(
            place=node.place, possible=node.possible, value=text if literal is None else literal
        )
    if isinstance(node, Reference):
        return Unknown(
            place=node.place,
            possible=node.possible,
            reason=f"`{node.expression}` is an object that only the deployment knows",
            hole=Hole(node.expression, "unknown", node.scope),
        )
    if isinstance(node, Unknown) and node.hole.specific:
        return Scalar(place=node.place, possible=node.possible, value=Text((node.hole,)))
    return node
