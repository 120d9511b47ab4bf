"""Functions of maps; entries keep their places and their doubts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iamlint.sources.terraform.elements import elements, entries, key_order
from iamlint.sources.terraform.functions.call import Call, Function
from iamlint.sources.terraform.functions.lists import listed, ordered
from iamlint.sources.terraform.values import (
    Fail,
    Maybe,
    Reference,
    because,
    certain_part,
    is_null,
    maybe,
    text_of,
)
from iamlint.tree import Either, Entry, ListNode, MapNode, Node, Scalar


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
    return listed(call, items, more)


def values(call: Call) -> Node:
    call.need(1)
    found, more = entries(call.args[0])
    return listed(call, [entry.value for entry in sorted(found, key=key_order)], more)


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


def zipmap(call: Call) -> Node:
    call.need(2)
    names, more_names = elements(call.args[0])
    found, more_values = elements(ordered(call, call.args[1]))
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


def map_(call: Call) -> Node:
    """`map("k", v, …)`, of Terraform before 0.15."""
    made = []
    if len(call.args) % 2:
        raise Fail("`map` needs keys and values")
    for key, value in zip(call.args[::2], call.args[1::2], strict=True):
        made.append(Entry(Scalar(place=key.place, value=text_of(key).literal or ""), value))
    return MapNode(place=call.place, entries=tuple(made))


NODES: dict[str, Function] = {
    "merge": merge,
    "keys": keys,
    "values": values,
    "lookup": lookup,
    "zipmap": zipmap,
    "transpose": transpose,
    "map": map_,
}


PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {}
