"""Functions of sets; elements keep their places and their doubts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from iamlint.sources.terraform.elements import elements, same, set_of
from iamlint.sources.terraform.functions.call import MAX_RESULT, Call, Function
from iamlint.sources.terraform.functions.lists import listed
from iamlint.sources.terraform.values import (
    Fail,
    Maybe,
    certain_part,
    exact,
    maybe,
    wholly_known,
)
from iamlint.tree import ListNode, Node


def set_product(call: Call) -> Node:
    call.need(2, -1)
    columns: list[list[Node]] = []
    more: str | None = None
    size = 1
    for arg in call.args:
        found, reason = elements(arg)
        more = more or reason
        size *= len(found)
        if size > MAX_RESULT:
            raise Fail("the result of `setproduct` is too long")
        columns.append(found)
    rows: list[Node] = []
    for row in product(*columns):
        item: Node = ListNode(place=call.place, items=tuple(map(certain_part, row)))
        why = next((cell.possible for cell in row if isinstance(cell, Maybe)), None)
        rows.append(maybe(item, why) if why else item)
    return listed(call, rows, more)


def set_union(call: Call) -> Node:
    call.need(1, -1)
    items: list[Node] = []
    more: str | None = None
    for arg in call.args:
        found, reason = elements(arg)
        items += found
        more = more or reason
    return set_of(call.place, items, more=more)


def set_intersection(call: Call) -> Node:
    call.need(1, -1)
    first, more = elements(call.args[0])
    kept = first
    for arg in call.args[1:]:
        found, reason = elements(arg)
        sure = exact(arg) and all(map(wholly_known, found))
        result: list[Node] = []
        for item in kept:
            if any(same(certain_part(item), certain_part(other)) for other in found):
                result.append(item)
            elif not sure or not wholly_known(certain_part(item)):
                result.append(maybe(item, "if it is in both sets"))
        kept = result
        more = more and reason
    return set_of(call.place, kept, more=more)


def set_subtract(call: Call) -> Node:
    call.need(2)
    found, more = elements(call.args[0])
    taken, reason = elements(call.args[1])
    sure = reason is None and all(wholly_known(item) for item in taken)
    items: list[Node] = []
    for item in found:
        if any(same(item, other) for other in taken if not isinstance(other, Maybe)):
            continue
        items.append(item if sure else maybe(item, reason or "if it is not taken out"))
    return set_of(call.place, items, more=more)


NODES: dict[str, Function] = {
    "setproduct": set_product,
    "setunion": set_union,
    "setintersection": set_intersection,
    "setsubtract": set_subtract,
}


PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {}
