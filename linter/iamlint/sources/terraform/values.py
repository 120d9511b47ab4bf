"""The evaluator's values: nodes of the common tree, and the few that only Terraform needs.

Errors are values too (`Failed`), so that one bad element costs that element and `try` can tell
an error from an unknown.  `finish` turns a value into nodes that every layer knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol, Union

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
        from iamlint.sources.terraform.rendering import json_text

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
