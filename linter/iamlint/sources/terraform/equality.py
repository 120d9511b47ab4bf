"""`==` on values that may be unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamlint.sources.terraform.elements import same
from iamlint.sources.terraform.values import (
    Encoded,
    Maybe,
    Reference,
    exact,
    is_null,
    text_of,
    wholly_known,
)
from iamlint.tree import (
    ListNode,
    MapNode,
    Node,
    Scalar,
    Text,
    Unknown,
)

if TYPE_CHECKING:
    pass


def equality(left: Node, right: Node) -> bool | None:
    """`left == right`: None where it is not known."""
    if wholly_known(left) and wholly_known(right):
        if isinstance(left, Encoded) or isinstance(right, Encoded):
            return (
                text_of(left) == text_of(right)
                if not is_null(left) and not is_null(right)
                else False
            )
        return same(left, right)
    if is_null(left) or is_null(right):
        other = right if is_null(left) else left
        if isinstance(other, (ListNode, MapNode, Encoded, Reference)):
            return False
        if isinstance(other, Scalar) and isinstance(other.value, Text) and _filled(other.value):
            return False
        if isinstance(other, Unknown) and other.hole.specific:
            return False
        return None
    one, two = _text(left), _text(right)
    if one is not None and two is not None:
        if one == two:
            return True
        if "" in (one.literal, two.literal):
            other_text = two if one.literal == "" else one
            if _filled(other_text):
                return False
        head, other_head = one.parts[:1], two.parts[:1]
        if head and other_head and isinstance(head[0], str) and isinstance(other_head[0], str):
            size = min(len(head[0]), len(other_head[0]))
            if head[0][:size] != other_head[0][:size]:
                return False
    for one_side, other_side in ((left, right), (right, left)):
        if isinstance(one_side, (ListNode, MapNode)) and isinstance(other_side, Scalar):
            return False
        if (
            isinstance(one_side, ListNode)
            and isinstance(other_side, ListNode)
            and exact(other_side)
            and not other_side.items
            and any(not isinstance(item, Maybe) for item in one_side.items)
        ):
            return False
    return None


def _filled(text: Text) -> bool:
    """True if a text with holes can't be empty."""
    return any(isinstance(part, str) or part.specific for part in text.parts)


def _text(node: Node) -> Text | None:
    return node.text if isinstance(node, Scalar) else None
