"""Functions about types and errors: `try`, `can`, `tostring`, `sensitive` and their like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iamlint.sources.terraform.elements import elements, set_of
from iamlint.sources.terraform.functions.call import MAX_BRANCHES, Call, Function
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Maybe,
    Reference,
    SetNode,
    because,
    bool_of,
    exact,
    failures,
    is_null,
    known,
    maybe,
    number_of,
    text_of,
)
from iamlint.tree import Either, Entry, ListNode, MapNode, Node, Scalar, Text, Unknown


def attempt(call: Call) -> Node:
    """`try`: the first argument without an error.  An unknown one may fail: both stay possible."""
    call.need(1, -1)
    branches: list[Node] = []
    for arg in call.args:
        if isinstance(arg, Either):
            good = tuple(branch for branch in arg.branches if not any(failures(branch)))
            if not good:
                continue
            if len(good) < len(arg.branches):
                branches += [because(branch, f"if {arg.condition}") for branch in good]
                continue
        if any(failures(arg)):
            continue
        if isinstance(arg, Unknown) and len(branches) < MAX_BRANCHES and not arg.hole.specific:
            branches.append(arg)
            continue
        if not branches:
            return arg
        branches.append(arg)
        break
    if not branches:
        last = call.args[-1]
        return next(failures(last), call.failed("no argument of `try` has a value"))
    if len(branches) == 1:
        return branches[0]
    condition = f"{call.args[0].hole.name} is known" if isinstance(call.args[0], Unknown) else "it"
    return Either(
        place=call.place,
        branches=tuple(because(branch, f"if {condition}") for branch in branches),
        condition=condition,
    )


def can(call: Call) -> Node:
    """`can`: false for an error, true for what is known, else unknown."""
    call.need(1)
    arg = call.args[0]
    if any(failures(arg)):
        return call.result(False)
    if isinstance(arg, (Unknown, Either)):
        return call.unknown("whether it has a value is not known")
    return call.result(True)


def same(call: Call) -> Node:
    call.need(1)
    return call.args[0]


def to_string(call: Call) -> Node:
    call.need(1)
    arg = call.args[0]
    if is_null(arg) or isinstance(arg, (Unknown, Encoded)):
        return arg
    if isinstance(arg, Scalar):
        if isinstance(arg.value, (str, Text)):
            return arg
        return Scalar(place=arg.place, value=text_of(arg).literal, possible=arg.possible)
    raise Fail("only a string, number or boolean can become a string")


def to_number(call: Call) -> Node:
    call.need(1)
    arg = call.args[0]
    if is_null(arg) or isinstance(arg, Unknown) or not known(arg):
        return arg if not isinstance(arg, (ListNode, MapNode)) else call.failed("not a number")
    return Scalar(place=arg.place, value=number_of(arg), possible=arg.possible)


def to_bool(call: Call) -> Node:
    call.need(1)
    arg = call.args[0]
    if is_null(arg) or isinstance(arg, Unknown) or not known(arg):
        return arg if not isinstance(arg, (ListNode, MapNode)) else call.failed("not a boolean")
    return Scalar(place=arg.place, value=bool_of(arg), possible=arg.possible)


def _primitive(items: list[Node]) -> list[Node]:
    """Elements of one list have one type: numbers and booleans among strings become strings."""
    kinds = set()
    for item in items:
        inner = item.value if isinstance(item, Maybe) else item
        if isinstance(inner, Scalar) and inner.value is not None:
            if isinstance(inner.value, bool):
                kinds.add("bool")
            else:
                kinds.add("number" if isinstance(inner.value, (int, float)) else "string")
    if len(kinds) < 2 or "string" not in kinds:
        return items
    return [_stringified(item) for item in items]


def _stringified(item: Node) -> Node:
    inner = item.value if isinstance(item, Maybe) else item
    if isinstance(inner, Scalar) and isinstance(inner.value, (bool, int, float)):
        changed = Scalar(place=inner.place, value=text_of(inner).literal, possible=inner.possible)
        return maybe(changed, item.possible or "") if isinstance(item, Maybe) else changed
    return item


def to_list(call: Call) -> Node:
    call.need(1)
    arg = call.args[0]
    if is_null(arg):
        return arg
    if isinstance(arg, (MapNode, Reference)):
        raise Fail("a map can't become a list")
    items, more = elements(arg)
    return ListNode(
        place=arg.place, items=tuple(_primitive(items)), open=more, possible=arg.possible
    )


def to_set(call: Call) -> Node:
    call.need(1)
    arg = call.args[0]
    if is_null(arg):
        return arg
    if isinstance(arg, (MapNode, Reference)):
        raise Fail("a map can't become a set")
    items, more = elements(arg)
    return set_of(arg.place, _primitive(items), more=more, possible=arg.possible)


def to_map(call: Call) -> Node:
    call.need(1)
    arg = call.args[0]
    if is_null(arg) or isinstance(arg, Unknown):
        return arg
    if not isinstance(arg, MapNode):
        raise Fail("only an object can become a map")
    values = _primitive([entry.value for entry in arg.entries])
    return MapNode(
        place=arg.place,
        possible=arg.possible,
        open=arg.open,
        entries=tuple(
            Entry(entry.key, value) for entry, value in zip(arg.entries, values, strict=True)
        ),
    )


def is_sensitive(call: Call) -> Node:
    call.need(1)
    return call.unknown("whether a value is sensitive is not followed")


def coalesce(call: Call) -> Node:
    """`coalesce`: the first argument that is neither null nor an empty string."""
    call.need(1, -1)
    found: list[Node] = []
    for arg in call.args:
        options = arg.branches if isinstance(arg, Either) else (arg,)
        given = [option for option in options if not _is_empty(option)]
        found += given
        if len(given) == len(options) and not any(map(_may_be_empty, given)):
            break
        if len(found) >= MAX_BRANCHES:
            break
    if not found:
        raise Fail("all arguments of `coalesce` are null or empty")
    if len(found) == 1:
        return found[0]
    why = "it is the first with a value"
    return Either(
        place=call.place,
        branches=tuple(because(branch, f"if {why}") for branch in found),
        condition=why,
    )


def _is_empty(node: Node) -> bool:
    return is_null(node) or (isinstance(node, Scalar) and node.value == "")


def _may_be_empty(node: Node) -> bool:
    if isinstance(node, Unknown):
        return not node.hole.specific
    return (
        isinstance(node, Scalar)
        and isinstance(node.value, Text)
        and all(not isinstance(part, str) and not part.specific for part in node.value.parts)
    )


def coalesce_list(call: Call) -> Node:
    """`coalescelist`: the first list that is not empty."""
    call.need(1, -1)
    for arg in call.args:
        if is_null(arg):
            continue
        if isinstance(arg, SetNode):
            raise Fail("`coalescelist` needs lists, a set is none")
        items, more = elements(arg)
        if not exact(arg) and (more or any(isinstance(item, Maybe) for item in items)):
            return call.unknown("which list is the first with elements is not known")
        if items:
            return arg
    raise Fail("all lists of `coalescelist` are empty")


NODES: dict[str, Function] = {
    "try": attempt,
    "can": can,
    "sensitive": same,
    "nonsensitive": same,
    "ephemeralasnull": same,
    "issensitive": is_sensitive,
    "tostring": to_string,
    "tonumber": to_number,
    "tobool": to_bool,
    "tolist": to_list,
    "toset": to_set,
    "tomap": to_map,
    "coalesce": coalesce,
    "coalescelist": coalesce_list,
}

PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {}
