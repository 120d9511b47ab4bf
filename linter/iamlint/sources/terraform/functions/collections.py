"""Functions of lists, sets and maps; elements keep their places and their doubts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from iamlint.sources.terraform.functions.call import MAX_RESULT, Call, Function
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Failed,
    Maybe,
    Reference,
    SetNode,
    because,
    bool_of,
    certain_part,
    elements,
    entries,
    exact,
    is_null,
    iteration,
    key_order,
    maybe,
    number_of,
    reason_of,
    same,
    set_of,
    text_of,
    whole_of,
    wholly_known,
)
from iamlint.tree import Either, Entry, ListNode, MapNode, Node, Scalar, Text, Unknown


def _list(call: Call, items: list[Node], more: str | None, possible: str | None = None) -> ListNode:
    if len(items) > MAX_RESULT:
        raise Fail(f"the result of `{call.name}` is too long")
    return ListNode(place=call.place, items=tuple(items), open=more, possible=possible)


def concat(call: Call) -> Node:
    call.need(1, -1)
    items: list[Node] = []
    more: str | None = None
    for arg in call.args:
        found, reason = elements(_ordered(call, arg))
        items += found
        more = more or reason
    return _list(call, items, more)


def _ordered(call: Call, arg: Node) -> Node:
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
    return _list(call, items, reasons[0] if reasons else None)


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
    return _list(call, items, more)


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
    return _list(call, items, more)


def _blank(node: Node) -> bool:
    return is_null(node) or (isinstance(node, Scalar) and node.value == "")


def merge(call: Call) -> Node:
    """`merge`: later entries replace earlier ones, possible ones stand beside them."""
    call.need(0, -1)
    found: dict[object, Entry] = {}
    more: str | None = None
    for arg in call.args:
        if is_null(arg):
            continue
        if isinstance(arg, Reference):
            return call.unknown(f"`{arg.expression}` is known to the deployment alone")
        some, reason = entries(arg)
        more = more or reason
        for entry in some:
            key = entry.key.value
            if isinstance(entry.value, Maybe) and key in found:
                old = found[key].value
                held = old.branches if isinstance(old, Either) else (old,)
                found[key] = Entry(
                    entry.key,
                    Either(
                        place=call.place,
                        branches=(*held, certain_part(entry.value)),
                        condition=entry.value.possible or "",
                    ),
                )
            else:
                found[key] = entry
    return MapNode(place=call.place, entries=tuple(found.values()), open=more)


def keys(call: Call) -> Node:
    call.need(1)
    found, more = entries(call.args[0])
    items: list[Node] = []
    for entry in sorted(found, key=key_order):
        key = because(entry.key, entry.value.possible)
        items.append(maybe(key, key.possible or "") if isinstance(entry.value, Maybe) else key)
    return _list(call, items, more)


def values(call: Call) -> Node:
    call.need(1)
    found, more = entries(call.args[0])
    return _list(call, [entry.value for entry in sorted(found, key=key_order)], more)


def lookup(call: Call) -> Node:
    call.need(2, 3)
    where, key = call.args[0], text_of(call.args[1]).literal
    default = call.args[2] if len(call.args) == 3 else None
    if isinstance(where, Reference) and key is not None:
        return where.attribute(key, call.place)
    found, more = entries(where)
    if key is None:
        return _any_of(call, [entry.value for entry in found], more, default)
    for entry in found:
        if entry.key.value == key:
            if isinstance(entry.value, Maybe) and default is not None:
                return Either(
                    place=call.place,
                    branches=(certain_part(entry.value), default),
                    condition=entry.value.possible or "",
                )
            return certain_part(entry.value)
    if more is not None:
        return call.unknown(more)
    if default is None:
        raise Fail(f"there is no key `{key[:60]}` in the map")
    return default


def _any_of(call: Call, choices: list[Node], more: str | None, default: Node | None) -> Node:
    """One of some values, by a key that is not known."""
    options = [certain_part(choice) for choice in choices]
    if default is not None:
        options.append(default)
    if more is not None or not options or len(options) > 8:
        return call.unknown(more or "the key is not known")
    why = f"`{call.expression[:60]}` is this"
    return Either(
        place=call.place,
        branches=tuple(because(option, f"if {why}") for option in options),
        condition=why,
    )


def element(call: Call) -> Node:
    call.need(2)
    found, more = elements(_ordered(call, call.args[0]))
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
    found, more = elements(_ordered(call, call.args[0]))
    if not exact(call.args[0]) or not all(map(wholly_known, call.args[1:])):
        return _list(call, [maybe(item, "if it is in the slice") for item in found], more)
    start, end = whole_of(call.args[1]), whole_of(call.args[2])
    if not 0 <= start <= end <= len(found):
        raise Fail("`slice` reaches beyond the list")
    return _list(call, found[start:end], None)


def reverse(call: Call) -> Node:
    call.need(1)
    found, more = elements(call.args[0])
    return _list(call, found[::-1], more)


def sort(call: Call) -> Node:
    call.need(1)
    found, more = elements(call.args[0])

    def order(item: Node) -> tuple[bool, str]:
        text = text_of(certain_part(item))
        return (text.literal is None, str(text))

    return _list(call, sorted(found, key=order), more)


def zipmap(call: Call) -> Node:
    call.need(2)
    names, more_names = elements(call.args[0])
    found, more_values = elements(_ordered(call, call.args[1]))
    if more_names is None and more_values is None and len(names) != len(found):
        raise Fail("the lists of `zipmap` differ in length")
    made = []
    for name, value in zip(names, found, strict=False):
        key = certain_part(name)
        text = text_of(key)
        literal = text.literal
        made.append(
            Entry(
                Scalar(place=key.place, value=text if literal is None else literal),
                maybe(value, name.possible or "") if isinstance(name, Maybe) else value,
            )
        )
    return MapNode(place=call.place, entries=tuple(made), open=more_names or more_values)


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
    return _list(call, rows, more)


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


def chunk_list(call: Call) -> Node:
    call.need(2)
    found, more = elements(call.args[0])
    if not wholly_known(call.args[1]):
        return call.unknown("the size of the chunks is not known")
    size = whole_of(call.args[1])
    if size < 0:
        raise Fail("the size of the chunks must not be negative")
    chunks = [found[at : at + size] for at in range(0, len(found), size)] if size else [found]
    return _list(
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


def transpose(call: Call) -> Node:
    call.need(1)
    found, more = entries(call.args[0])
    turned: dict[str, list[Node]] = {}
    for entry in sorted(found, key=key_order):
        for item in elements(entry.value)[0]:
            name = text_of(certain_part(item)).literal
            if name is None:
                return call.unknown("a value of `transpose` is not known")
            turned.setdefault(name, []).append(entry.key)
    return MapNode(
        place=call.place,
        open=more,
        entries=tuple(
            Entry(
                Scalar(place=call.place, value=name), ListNode(place=call.place, items=tuple(items))
            )
            for name, items in sorted(turned.items())
        ),
    )


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
    return _list(call, kept, None)


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


def default_values(call: Call) -> Node:
    """`defaults` of the optional-attributes experiment: gone from Terraform since 1.3."""
    return call.failed("`defaults` is no function any more")


def map_(call: Call) -> Node:
    """`map("k", v, …)`, of Terraform before 0.15."""
    made = []
    if len(call.args) % 2:
        raise Fail("`map` needs keys and values")
    for key, value in zip(call.args[::2], call.args[1::2], strict=True):
        made.append(Entry(Scalar(place=key.place, value=text_of(key).literal or ""), value))
    return MapNode(place=call.place, entries=tuple(made))


def list_(call: Call) -> Node:
    """`list(a, b)`, of Terraform before 0.15."""
    return _list(call, list(call.args), None)


NODES: dict[str, Function] = {
    "concat": concat,
    "flatten": flatten,
    "distinct": distinct,
    "compact": compact,
    "merge": merge,
    "keys": keys,
    "values": values,
    "lookup": lookup,
    "element": element,
    "index": index,
    "contains": contains,
    "length": length,
    "slice": slice_,
    "reverse": reverse,
    "sort": sort,
    "zipmap": zipmap,
    "setproduct": set_product,
    "setunion": set_union,
    "setintersection": set_intersection,
    "setsubtract": set_subtract,
    "chunklist": chunk_list,
    "one": one,
    "range": range_,
    "transpose": transpose,
    "matchkeys": match_keys,
    "alltrue": _all_or_any(True),
    "anytrue": _all_or_any(False),
    "defaults": default_values,
    "map": map_,
    "list": list_,
}

PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {}

__all__ = ["NODES", "PLAIN", "Encoded", "Text", "iteration"]
