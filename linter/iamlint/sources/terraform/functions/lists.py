"""Functions of lists; elements keep their places and their doubts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iamlint.sources.terraform.elements import elements, entries, same
from iamlint.sources.terraform.functions.call import MAX_RESULT, Call, Function
from iamlint.sources.terraform.values import (
    Fail,
    Failed,
    Maybe,
    Reference,
    SetNode,
    bool_of,
    certain_part,
    exact,
    is_null,
    maybe,
    number_of,
    reason_of,
    text_of,
    whole_of,
    wholly_known,
)
from iamlint.tree import Either, ListNode, MapNode, Node, Scalar, Unknown


def listed(
    call: Call, items: list[Node], more: str | None, possible: str | None = None
) -> ListNode:
    if len(items) > MAX_RESULT:
        raise Fail(f"the result of `{call.name}` is too long")
    return ListNode(place=call.place, items=tuple(items), open=more, possible=possible)


def concat(call: Call) -> Node:
    call.need(1, -1)
    items: list[Node] = []
    more: str | None = None
    for arg in call.args:
        found, reason = elements(ordered(call, arg))
        items += found
        more = more or reason
    return listed(call, items, more)


def ordered(call: Call, arg: Node) -> Node:
    """Refuse a set where only a list will do."""
    if isinstance(arg, SetNode):
        raise Fail(f"`{call.name}` needs a list, a set has no order")
    return arg


def flatten(call: Call) -> Node:
    call.need(1)
    items: list[Node] = []
    reasons: list[str] = []
    found, more = elements(call.args[0])
    if more:
        reasons.append(more)
    stack = list(reversed(found))
    while stack:
        item = stack.pop()
        inner = item.value if isinstance(item, Maybe) else item
        if isinstance(inner, ListNode) or (
            isinstance(inner, Either)
            and any(isinstance(branch, ListNode) for branch in inner.branches)
        ):
            below, reason = elements(item)
            stack += reversed(below)
            if reason:
                reasons.append(reason)
        elif isinstance(inner, Unknown) and not isinstance(inner, Failed):
            # It may be one element or a list of any length.
            reasons.append(inner.reason)
        else:
            items.append(item)
        if len(items) > MAX_RESULT:
            raise Fail("the result of `flatten` is too long")
    return listed(call, items, reasons[0] if reasons else None)


def distinct(call: Call) -> Node:
    call.need(1)
    found, more = elements(call.args[0])
    seen: set[object] = set()
    items: list[Node] = []
    for item in found:
        inner = item.value if isinstance(item, Maybe) else item
        if isinstance(inner, Scalar):
            mark = (type(inner.value), inner.value)
            if mark in seen:
                continue
            seen.add(mark)
        elif any(same(inner, other) for other in items):
            continue
        items.append(item)
    return listed(call, items, more)


def compact(call: Call) -> Node:
    """`compact`: strings that are neither null nor empty; an undecided one is a possible one."""
    call.need(1)
    found, more = elements(call.args[0])
    items: list[Node] = []
    for item in found:
        inner = item.value if isinstance(item, Maybe) else item
        if isinstance(inner, Either):
            for branch in inner.branches:
                if not _blank(branch):
                    items.append(maybe(branch, branch.possible or f"if {inner.condition}"))
        elif not _blank(inner):
            items.append(item)
    return listed(call, items, more)


def _blank(node: Node) -> bool:
    return is_null(node) or (isinstance(node, Scalar) and node.value == "")


def element(call: Call) -> Node:
    call.need(2)
    found, more = elements(ordered(call, call.args[0]))
    if not exact(call.args[0]) or not wholly_known(call.args[1]):
        return call.unknown(more or "which element is taken is not known")
    if not found:
        raise Fail("`element` of an empty list")
    return found[whole_of(call.args[1]) % len(found)]


def index(call: Call) -> Node:
    call.need(2)
    if not wholly_known(call.args[0]) or not wholly_known(call.args[1]):
        return call.unknown("an argument of `index` is unknown")
    for at, item in enumerate(elements(call.args[0])[0]):
        if same(item, call.args[1]):
            return call.result(at)
    raise Fail("`index`: no such element")


def contains(call: Call) -> Node:
    call.need(2)
    found, more = elements(call.args[0])
    sought = call.args[1]
    undecided = more is not None or not wholly_known(sought)
    for item in found:
        if isinstance(item, Maybe) or not wholly_known(item):
            undecided = True
        elif same(item, sought):
            return call.result(True)
    if undecided:
        return call.unknown("whether the list contains it is not known")
    return call.result(False)


def length(call: Call) -> Node:
    call.need(1)
    arg = call.args[0]
    if isinstance(arg, (ListNode, MapNode)):
        if not exact(arg):
            return call.unknown(arg.open or "how many elements there are is not known")
        if isinstance(arg, ListNode):
            return call.result(len(arg.items))
        return call.result(len(entries(arg)[0]))
    if isinstance(arg, Unknown):
        return call.unknown(arg.reason)
    if is_null(arg) or isinstance(arg, Reference):
        raise Fail("`length` needs a string, a list or a map")
    if isinstance(arg, Scalar) and arg.text is None:
        raise Fail("`length` needs a string, a list or a map")
    literal = text_of(arg).literal
    return call.unknown("the string is not known") if literal is None else call.result(len(literal))


def slice_(call: Call) -> Node:
    call.need(3)
    found, more = elements(ordered(call, call.args[0]))
    if not exact(call.args[0]) or not all(map(wholly_known, call.args[1:])):
        return listed(call, [maybe(item, "if it is in the slice") for item in found], more)
    start, end = whole_of(call.args[1]), whole_of(call.args[2])
    if not 0 <= start <= end <= len(found):
        raise Fail("`slice` reaches beyond the list")
    return listed(call, found[start:end], None)


def reverse(call: Call) -> Node:
    call.need(1)
    found, more = elements(call.args[0])
    return listed(call, found[::-1], more)


def sort(call: Call) -> Node:
    call.need(1)
    found, more = elements(call.args[0])

    def order(item: Node) -> tuple[bool, str]:
        text = text_of(certain_part(item))
        return (text.literal is None, str(text))

    return listed(call, sorted(found, key=order), more)


def chunk_list(call: Call) -> Node:
    call.need(2)
    found, more = elements(call.args[0])
    if not wholly_known(call.args[1]):
        return call.unknown("the size of the chunks is not known")
    size = whole_of(call.args[1])
    if size < 0:
        raise Fail("the size of the chunks must not be negative")
    chunks = [found[at : at + size] for at in range(0, len(found), size)] if size else [found]
    return listed(
        call, [ListNode(place=call.place, items=tuple(chunk)) for chunk in chunks if chunk], more
    )


def one(call: Call) -> Node:
    call.need(1)
    found, more = elements(call.args[0])
    if more is not None:
        return found[0] if found else call.unknown(more)
    if len(found) == 1:
        if isinstance(found[0], Maybe):
            why = found[0].possible or ""
            return Either(
                place=call.place,
                branches=(certain_part(found[0]), Scalar(place=call.place, value=None)),
                condition=why.removeprefix("if "),
            )
        return found[0]
    if not found:
        return Scalar(place=call.place, value=None, possible=reason_of(*call.args))
    if any(isinstance(item, Maybe) for item in found):
        return Either(
            place=call.place,
            branches=tuple(map(certain_part, found)),
            condition="it is the one",
        )
    raise Fail("`one` needs a list of at most one element")


def range_(call: Call) -> Node:
    call.need(1, 3)
    if not all(map(wholly_known, call.args)):
        return ListNode(place=call.place, items=(), open="the limits of `range` are not known")
    numbers = [number_of(arg) for arg in call.args]
    start, limit = (0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    step = numbers[2] if len(numbers) == 3 else (1 if start <= limit else -1)
    if step == 0 or (limit - start) * step < 0:
        raise Fail("the step of `range` leads away from its limit")
    count = (limit - start) / step
    if count > 1024:  # Terraform's own limit
        raise Fail("more than 1024 values of `range`")
    made: list[object] = []
    value = start
    while (value < limit) if step > 0 else (value > limit):
        made.append(value)
        value += step
    return call.result(made)


def match_keys(call: Call) -> Node:
    call.need(3)
    if not all(wholly_known(arg) for arg in call.args[1:]):
        return call.unknown("an argument of `matchkeys` is unknown")
    found, names, sought = (elements(arg)[0] for arg in call.args)
    if len(found) != len(names):
        raise Fail("the lists of `matchkeys` differ in length")
    kept = [
        value
        for value, name in zip(found, names, strict=True)
        if any(same(name, other) for other in sought)
    ]
    return listed(call, kept, None)


def _all_or_any(wanted: bool) -> Function:
    def function(call: Call) -> Node:
        call.need(1)
        found, more = elements(call.args[0])
        undecided = more is not None
        for item in found:
            if isinstance(item, Maybe) or not wholly_known(item):
                undecided = True
            elif is_null(item):
                if not wanted:
                    continue
                return call.result(False)
            elif bool_of(item) is not wanted:
                return call.result(not wanted)
        if undecided:
            return call.unknown("an element is not known")
        return call.result(wanted)

    return function


def list_(call: Call) -> Node:
    """`list(a, b)`, of Terraform before 0.15."""
    return listed(call, list(call.args), None)


NODES: dict[str, Function] = {
    "concat": concat,
    "flatten": flatten,
    "distinct": distinct,
    "compact": compact,
    "element": element,
    "index": index,
    "contains": contains,
    "length": length,
    "slice": slice_,
    "reverse": reverse,
    "sort": sort,
    "chunklist": chunk_list,
    "one": one,
    "range": range_,
    "matchkeys": match_keys,
    "alltrue": _all_or_any(True),
    "anytrue": _all_or_any(False),
    "list": list_,
}


PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {}
