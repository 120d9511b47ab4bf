"""The evaluator's values: nodes of the common tree, and the few that only Terraform needs.

Errors are values too (`Failed`), so that one bad element costs that element and `try` can tell
an error from an unknown.  `finish` turns a value into nodes that every layer knows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any, Protocol, Union

import msgspec

from iamlint.sources.site import Form
from iamlint.text import Place
from iamlint.tree import Either, Entry, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

Plain = Union[str, int, float, bool, None]


class SetNode(ListNode, frozen=True, kw_only=True):
    """A set: sorted and without duplicates as far as its elements are known."""


class Encoded(Node, frozen=True, kw_only=True):
    """A string that encodes `content`: by `jsonencode`, as JSON text, or as a policy document.

    `text` is the string itself where it was written out, else None (then it is made on demand).
    `form` says how the content is written, see site.Form.
    """

    content: Node
    form: Form
    text: Text | None = None


class Maybe(Node, frozen=True, kw_only=True):
    """An element that may not be there; `possible` (never None) says when it is."""

    value: Node


class Failed(Unknown, frozen=True, kw_only=True):
    """The value of an expression that Terraform would refuse."""


class Target(Protocol):
    """What a reference leads to: a resource, a data source or a module call."""

    def attribute(self, name: str, place: Place) -> Node:
        """The value of one attribute, seen from a place."""


class Reference(Node, frozen=True, kw_only=True):
    """One instance of a resource, data source or module: an object whose attributes are lazy.

    `expression` names it as its author would (`aws_iam_role.ci["a"]`).
    """

    target: Target
    expression: str
    scope: str = ""

    def attribute(self, name: str, place: Place) -> Node:
        return because(self.target.attribute(name, place), self.possible)


class Fail(Exception):
    """Raised by functions and operators for what Terraform would refuse; becomes `Failed`."""


# --- scalars ---------------------------------------------------------------------------------


def format_number(number: int | float) -> str:
    """A number as Terraform writes it into a string: no exponent, no trailing zeros."""
    if isinstance(number, float):
        if number.is_integer():
            return str(int(number))
        return format(Decimal(repr(number)), "f")
    return str(number)


def string_of(value: Plain) -> str:
    """A known primitive converted to a string; Fail for null."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise Fail("a null value where a string is needed")
    return format_number(value)


def known(node: Node) -> bool:
    """True if the node is a primitive whose value is wholly known."""
    return isinstance(node, Scalar) and not isinstance(node.value, Text)


def text_of(node: Node) -> Text:
    """The value converted to a string, with holes; Fail where Terraform could not convert it."""
    if isinstance(node, Scalar):
        value = node.value
        if isinstance(value, Text):
            return value
        return Text.of(string_of(value))
    if isinstance(node, Encoded):
        return node.text if node.text is not None else json_text(node.content)
    if isinstance(node, Unknown):
        return Text((node.hole,))
    if isinstance(node, Maybe):
        return text_of(node.value)
    if isinstance(node, Either):
        return Text((Hole(f"{node.condition} ? … : …"),))
    if isinstance(node, Reference):
        raise Fail(f"`{node.expression}` is an object, not a string")
    raise Fail(f"{kind_name(node)} where a string is needed")


def number_of(node: Node) -> int | float:
    """A known number; Fail for anything that is none (strings of digits count)."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        return parse_number(value)
    raise Fail(f"{kind_name(node)} where a number is needed")


def whole_of(node: Node) -> int:
    """A known whole number; Fail for anything else."""
    number = number_of(node)
    if isinstance(number, float):
        raise Fail(f"{format_number(number)} where a whole number is needed")
    return number


def parse_number(text: str) -> int | float:
    """A number written in a string as Terraform reads it."""
    try:
        return int(text) if "_" not in text and text == text.strip() else _no_number(text)
    except ValueError:
        pass
    if not text[-1:].isdigit() or text != text.strip() or "_" in text:
        return _no_number(text)
    try:
        number = float(text)
    except ValueError:
        return _no_number(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _no_number(text: str) -> int:
    raise Fail(f"`{text}` is no number")


def bool_of(node: Node) -> bool:
    """A known boolean; Fail for anything that is none (`"true"` and `"false"` count)."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise Fail(f"{kind_name(node)} where a boolean is needed")


def is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def kind_name(node: Node) -> str:
    """What the value is, in the words of a message."""
    if isinstance(node, Scalar):
        if node.value is None:
            return "null"
        if isinstance(node.value, bool):
            return "a boolean"
        return "a number" if isinstance(node.value, (int, float)) else "a string"
    if isinstance(node, Encoded):
        return "a string"
    if isinstance(node, SetNode):
        return "a set"
    if isinstance(node, ListNode):
        return "a list"
    if isinstance(node, MapNode):
        return "a map"
    if isinstance(node, Reference):
        return "an object"
    return "an unknown value"


# --- certainty -------------------------------------------------------------------------------


def reason_of(*nodes: Node) -> str | None:
    """Why a value made of these is only possible: the first reason there is."""
    for node in nodes:
        if node.possible is not None:
            return node.possible
    return None


def because(node: Node, reason: str | None) -> Node:
    """The node, itself marked as possible for a reason (its own reason goes first)."""
    if reason is None or node.possible is not None:
        return node
    changed: Node = msgspec.structs.replace(node, possible=reason)
    return changed


def because_deep(node: Node, reason: str | None) -> Node:
    """The node and all that is in it, marked as possible for a reason."""
    if reason is None:
        return node
    if isinstance(node, ListNode):
        node = msgspec.structs.replace(
            node, items=tuple(because_deep(item, reason) for item in node.items)
        )
    elif isinstance(node, MapNode):
        node = msgspec.structs.replace(
            node,
            entries=tuple(
                Entry(entry.key, because_deep(entry.value, reason)) for entry in node.entries
            ),
        )
    elif isinstance(node, Encoded):
        node = msgspec.structs.replace(node, content=because_deep(node.content, reason))
    elif isinstance(node, Either):
        node = msgspec.structs.replace(
            node, branches=tuple(because_deep(branch, reason) for branch in node.branches)
        )
    return because(node, reason)


def maybe(node: Node, reason: str) -> Node:
    """An element that is there only for a reason."""
    if isinstance(node, Maybe):
        return node
    return Maybe(place=node.place, value=node, possible=node.possible or reason)


def certain_part(node: Node) -> Node:
    """The element without its doubt about being there; the value keeps the reason."""
    return because(node.value, node.possible) if isinstance(node, Maybe) else node


def exact(node: Node) -> bool:
    """True if it is known exactly which elements a collection has."""
    if isinstance(node, ListNode):
        return node.open is None and not any(isinstance(item, Maybe) for item in node.items)
    if isinstance(node, MapNode):
        return node.open is None and not any(
            isinstance(entry.value, Maybe) or not isinstance(entry.key.value, str)
            for entry in node.entries
        )
    return False


def failures(node: Node) -> Iterator[Failed]:
    """The errors anywhere in a value."""
    if isinstance(node, Failed):
        yield node
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from failures(item)
    elif isinstance(node, MapNode):
        for entry in node.entries:
            yield from failures(entry.value)
    elif isinstance(node, Encoded):
        yield from failures(node.content)
    elif isinstance(node, Maybe):
        yield from failures(node.value)


def wholly_known(node: Node) -> bool:
    """True if nothing in the value is unknown, open or undecided."""
    if isinstance(node, Scalar):
        return not isinstance(node.value, Text)
    if isinstance(node, ListNode):
        return node.open is None and all(wholly_known(item) for item in node.items)
    if isinstance(node, MapNode):
        return node.open is None and all(
            wholly_known(entry.key) and wholly_known(entry.value) for entry in node.entries
        )
    if isinstance(node, Encoded):
        return wholly_known(node.content)
    return False


# --- collections -----------------------------------------------------------------------------


def elements(node: Node) -> tuple[list[Node], str | None]:
    """The elements of a list, set or tuple, and why there may be more.

    An Either gives the elements of all its branches as Maybe; an unknown gives none, open.
    Fail for what is no sequence.
    """
    if isinstance(node, ListNode):
        items = list(node.items)
        if node.possible is not None:
            items = [because(item, node.possible) for item in items]
        return items, node.open
    if isinstance(node, Maybe):
        items, more = elements(node.value)
        return [maybe(item, node.possible or "") for item in items], more
    if isinstance(node, Either):
        found: list[Node] = []
        reason = None
        for branch in node.branches:
            if isinstance(branch, Failed) or is_null(branch):
                continue
            items, more = elements(branch)
            found += [maybe(item, branch.possible or f"if {node.condition}") for item in items]
            reason = reason or more
        return found, reason
    if isinstance(node, Failed):
        raise Fail(node.reason)
    if isinstance(node, Unknown):
        return [], node.reason
    raise Fail(f"{kind_name(node)} where a list is needed")


def entries(node: Node) -> tuple[list[Entry], str | None]:
    """The entries of a map or object, the last of equal keys only, and why there may be more."""
    if isinstance(node, MapNode):
        last: dict[object, Entry] = {}
        for entry in node.entries:
            key = entry.key.value
            # A possible entry does not replace a certain one of the same key: both may hold.
            if isinstance(entry.value, Maybe) and key in last:
                last[key, len(last)] = entry
            else:
                last[key] = entry
        found = list(last.values())
        if node.possible is not None:
            found = [Entry(entry.key, because(entry.value, node.possible)) for entry in found]
        return found, node.open
    if isinstance(node, Maybe):
        found, more = entries(node.value)
        return [Entry(entry.key, maybe(entry.value, node.possible or "")) for entry in found], more
    if isinstance(node, Either):
        found, reason = [], None
        for branch in node.branches:
            if isinstance(branch, Failed) or is_null(branch):
                continue
            some, more = entries(branch)
            why = branch.possible or f"if {node.condition}"
            found += [Entry(entry.key, maybe(entry.value, why)) for entry in some]
            reason = reason or more
        return found, reason
    if isinstance(node, Failed):
        raise Fail(node.reason)
    if isinstance(node, Unknown):
        return [], node.reason
    raise Fail(f"{kind_name(node)} where a map is needed")


def key_order(entry: Entry) -> tuple[bool, str]:
    """The sort key of map entries: known keys by their text, others last."""
    value = entry.key.value
    return (not isinstance(value, str), str(value))


def iteration(node: Node) -> tuple[list[tuple[Node, Node]], str | None]:
    """Keys and values in the order in which `for` and `for_each` visit them."""
    probe = node
    while isinstance(probe, (Maybe, Either)):
        if isinstance(probe, Maybe):
            probe = probe.value
        else:
            branches = [b for b in probe.branches if not isinstance(b, Failed) and not is_null(b)]
            if not branches:
                return [], None
            probe = next((b for b in branches if not isinstance(b, Unknown)), branches[0])
    if isinstance(probe, MapNode):
        found, more = entries(node)
        return [(entry.key, entry.value) for entry in sorted(found, key=key_order)], more
    items, more = elements(node)
    if isinstance(probe, SetNode):
        return [(certain_part(item), item) for item in items], more
    return [(Scalar(place=item.place, value=index), item) for index, item in enumerate(items)], more


def set_of(
    place: Place, items: Iterable[Node], *, more: str | None = None, possible: str | None = None
) -> SetNode:
    """A set: known duplicates removed, known elements sorted as Terraform sorts them."""
    seen: set[object] = set()
    sortable: list[tuple[tuple[int, Any], Node]] = []
    rest: list[Node] = []
    for item in items:
        inner = item.value if isinstance(item, Maybe) else item
        if isinstance(inner, Scalar):
            mark = (type(inner.value).__name__, inner.value)
            if mark in seen:
                continue
            seen.add(mark)
            if known(inner):
                value = inner.value
                rank = 0 if isinstance(value, bool) else 1 if isinstance(value, (int, float)) else 2
                sortable.append(((rank, value), item))
                continue
        elif any(same(inner, other) for other in rest if not isinstance(other, Maybe)):
            continue
        rest.append(item)
    with suppress(TypeError):  # nulls among them
        sortable.sort(key=lambda pair: pair[0])
    return SetNode(
        place=place,
        items=(*(item for _, item in sortable), *rest),
        open=more,
        possible=possible,
    )


def same(one: Node, other: Node) -> bool:
    """True if two values are known to be equal; places and certainty do not count."""
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        if isinstance(one.value, bool) or isinstance(other.value, bool):
            return one.value is other.value
        return one.value == other.value
    if isinstance(one, ListNode) and isinstance(other, ListNode):
        return (
            exact(one)
            and exact(other)
            and len(one.items) == len(other.items)
            and all(map(same, one.items, other.items))
        )
    if isinstance(one, MapNode) and isinstance(other, MapNode):
        if not exact(one) or not exact(other):
            return False
        left = {entry.key.value: entry.value for entry in one.entries}
        right = {entry.key.value: entry.value for entry in other.entries}
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(one, Encoded) and isinstance(other, Encoded):
        return text_of(one) == text_of(other)
    if isinstance(one, Reference) and isinstance(other, Reference):
        return one.expression == other.expression and one.scope == other.scope
    return False


# --- JSON and plain data ---------------------------------------------------------------------


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
