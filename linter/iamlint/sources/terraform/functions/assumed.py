"""OpenTofu's functions that state what is so: the value that they are given, or an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iamlint.sources.terraform.elements import same
from iamlint.sources.terraform.functions.call import Call, Function
from iamlint.sources.terraform.values import Fail, is_null, wholly_known
from iamlint.tree import ListNode, MapNode, Node


def _given(call: Call) -> Node:
    """The first argument; the limits that follow can only make the run fail."""
    call.need(2, 3)
    return call.args[0]


def not_null(call: Call) -> Node:
    """`assumenotnull`."""
    call.need(1)
    if is_null(call.args[0]):
        raise Fail("the value is null")
    return call.args[0]


def equal(call: Call) -> Node:
    """`assumeequal`: the second argument, which the first must be equal to."""
    call.need(2)
    actual, expected = call.args
    if wholly_known(actual) and wholly_known(expected) and not same(actual, expected):
        raise Fail("the value is not the expected one")
    return expected


def length(call: Call) -> Node:
    """`assumelistlength` and its kin: the collection, if it is as long as it says."""
    value = _given(call)
    if isinstance(value, (ListNode, MapNode)) and value.open is None:
        from iamlint.sources.terraform.values import number_of

        size = len(value.items if isinstance(value, ListNode) else value.entries)
        limits = [number_of(arg) for arg in call.args[1:] if wholly_known(arg)]
        low = limits[0] if limits and not call.name.endswith("max") else 0
        high = limits[-1] if limits and not call.name.endswith("min") else size
        if not low <= size <= high:
            raise Fail(f"a length of {size} is not as stated")
    return value


def prefix(call: Call) -> Node:
    """`assumestringprefix`."""
    from iamlint.sources.terraform.values import text_of

    value = _given(call)
    start = text_of(call.args[1]).literal
    if wholly_known(value) and start is not None:
        literal = text_of(value).literal
        if literal is not None and not literal.startswith(start):
            raise Fail("the string does not begin as stated")
    return value


NODES: dict[str, Function] = {
    "assumenotnull": not_null,
    "assumeequal": equal,
    "assumestringprefix": prefix,
    **{f"assume{kind}length{end}": length for kind in ("list", "set", "map") for end in ("", "min", "max")},
}  # fmt: skip

PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {}
