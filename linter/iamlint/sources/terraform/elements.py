"""The elements of lists, sets and maps, in Terraform's order and with their doubts."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Failed,
    Maybe,
    Reference,
    SetNode,
    because,
    certain_part,
    exact,
    is_null,
    kind_name,
    known,
    maybe,
    text_of,
)
from iamlint.text import Place
from iamlint.tree import Either, Entry, ListNode, MapNode, Node, Scalar, Unknown


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
            if isinstance(branch, Failed):
                reason = reason or branch.reason
                continue
            if is_null(branch):
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
            if isinstance(branch, Failed):
                reason = reason or branch.reason
                continue
            if is_null(branch):
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
