"""The statements of an `aws_iam_policy_document`: blocks to what the provider renders of them."""

from __future__ import annotations

from collections.abc import Callable

from iamlint.sources.terraform.blocks import Nested, nested
from iamlint.sources.terraform.elements import elements
from iamlint.sources.terraform.merged_document import as_string
from iamlint.sources.terraform.rendering import finish
from iamlint.sources.terraform.values import (
    Fail,
    Failed,
    because,
    certain_part,
    is_null,
    text_of,
)
from iamlint.text import Place, Span
from iamlint.tree import Either, Entry, ListNode, MapNode, Node, Scalar, Text

_ARGUMENTS = {
    "Sid": "sid", "Effect": "effect", "Action": "actions", "NotAction": "not_actions",
    "Resource": "resources", "NotResource": "not_resources",
}  # fmt: skip


def rendered(block: Nested) -> Node:
    """One `statement` block as the provider renders it."""
    made: list[Entry] = []

    def put(name: str, value: Node | None, place: Place | None = None) -> None:
        if value is not None:
            made.append(Entry(_key(block, name), value))

    sid = block.get("sid")
    if sid is not None and not (isinstance(sid, Scalar) and sid.value == ""):
        put("Sid", as_string(finish(sid)))
    effect = block.get("effect")
    start = block.place.span.start
    here = Place(block.place.source, Span(start, start))
    put("Effect", Scalar(place=here, value="Allow") if effect is None else finish(effect))
    put("Action", _list(block, "actions"))
    put("NotAction", _list(block, "not_actions"))
    put("Resource", _list(block, "resources", variables=True))
    put("NotResource", _list(block, "not_resources", variables=True))
    put("Principal", _principals(block, "principals"))
    put("NotPrincipal", _principals(block, "not_principals"))
    put("Condition", _conditions(block))
    return MapNode(place=block.place, entries=tuple(made), possible=block.possible)


def _key(block: Nested, name: str) -> Scalar:
    """The key of an element, placed at the argument that makes it."""
    argument = _ARGUMENTS.get(name)
    found = block.declared.get(argument) if argument else None
    if found is not None:
        return Scalar(place=Place(found.source, found.attribute.name_span), value=name)
    start = block.place.span.start
    return Scalar(place=Place(block.place.source, Span(start, start)), value=name)


def _list(block: Nested, argument: str, *, variables: bool = False) -> Node | None:
    value = block.get(argument)
    if value is None:
        return None
    made = _strings(value, variables=variables, ordered=False)
    if isinstance(made, ListNode) and not made.items and made.open is None:
        return None
    return made


def _strings(value: Node, *, variables: bool, ordered: bool) -> Node:
    """A list of strings as the provider renders it."""
    if isinstance(value, Failed):
        return value
    try:
        items, more = elements(value)
    except Fail:
        if not isinstance(value, Scalar):
            return finish(value)
        items, more = [value], None
    made = []
    for item in items:
        node = because(finish(certain_part(item)), item.possible)
        if is_null(node):
            continue
        made.append(_with_variables(node) if variables else node)
    if len(made) == 1 and more is None and not isinstance(made[0], Either):
        return made[0]
    if not ordered and all(isinstance(node, Scalar) and node.possible is None for node in made):
        made.sort(key=_text_key, reverse=True)
    return ListNode(place=value.place, items=tuple(made), open=more)


def _principals(block: Nested, kind: str) -> Node | None:
    by_type: dict[str, list[Node]] = {}
    keys: dict[str, Scalar] = {}
    more: str | None = None
    place = block.place
    for inner in nested(block.declared, block.context, kind):
        who, names = inner.get("type"), inner.get("identifiers")
        more = more or inner.open
        if who is None or names is None:
            continue
        place = inner.place
        name = text_of(finish(who)).literal
        if name is None:
            more = more or "the type of a principal is not known"
            continue
        value = _strings(names, variables=True, ordered=False)
        if name == "*" and isinstance(value, Scalar) and value.value == "*":
            return value
        keys.setdefault(name, Scalar(place=who.place, value=name))
        found = value.items if isinstance(value, ListNode) else (value,)
        if isinstance(value, ListNode):
            more = more or value.open
        by_type.setdefault(name, []).extend(because(node, inner.possible) for node in found)
    if not by_type and more is None:
        return None
    entries = tuple(
        Entry(
            keys[name],
            nodes[0]
            if len(nodes) == 1 and not isinstance(nodes[0], Either)
            else ListNode(place=nodes[0].place if nodes else place, items=tuple(nodes)),
        )
        for name, nodes in by_type.items()
    )
    return MapNode(place=place, entries=entries, open=more)


def _conditions(block: Nested) -> Node | None:
    made: dict[str, dict[str, list[Node]]] = {}
    keys: dict[str, Scalar] = {}
    more: str | None = None
    open_values: dict[tuple[str, str], str] = {}
    places: dict[str, Place] = {}
    possible: dict[str, str | None] = {}
    for inner in nested(block.declared, block.context, "condition"):
        test, variable, values = (inner.get(n) for n in ("test", "variable", "values"))
        more = more or inner.open
        if test is None or variable is None:
            more = more or "a condition lacks its test or variable"
            continue
        operator, text = text_of(finish(test)).literal, text_of(finish(variable))
        if operator is None:
            more = more or "the test of a condition is not known"
            continue
        key = str(text)
        named = Scalar(place=variable.place, value=text if text.holes else key)
        keys.setdefault(operator, Scalar(place=test.place, value=operator))
        keys.setdefault(f"{operator} {key}", named)
        places.setdefault(operator, inner.place)
        place = values.place if values is not None else inner.place
        value = (
            _strings(values, variables=True, ordered=True)
            if values is not None
            else ListNode(place=place, items=())
        )
        if isinstance(value, ListNode) and value.open:
            open_values[operator, key] = value.open
        found = value.items if isinstance(value, ListNode) else (value,)
        slot = made.setdefault(operator, {}).setdefault(key, [])
        slot.extend(found)
        if inner.possible is not None:
            # A condition that may not be there limits nothing for certain.
            possible[operator] = inner.possible
            more = more or inner.possible
        places.setdefault(f"{operator} {key}", place)
    if not made:
        if more is None:
            return None
        return MapNode(place=block.place, entries=(), open=more)
    operators = []
    for operator, by_key in made.items():
        entries = []
        for key, nodes in by_key.items():
            reason = open_values.get((operator, key))
            value = (
                nodes[0]
                if len(nodes) == 1 and reason is None and not isinstance(nodes[0], Either)
                else ListNode(place=places[f"{operator} {key}"], items=tuple(nodes), open=reason)
            )
            entries.append(Entry(keys[f"{operator} {key}"], value))
        operators.append(
            Entry(
                keys[operator],
                MapNode(
                    place=places[operator],
                    entries=tuple(entries),
                    possible=possible.get(operator),
                ),
            )
        )
    return MapNode(place=block.place, entries=tuple(operators), open=more)


def _text_key(node: Node) -> str:
    return str(node.value) if isinstance(node, Scalar) else ""


def _with_variables(node: Node) -> Node:
    """`&{aws:username}` as `${aws:username}`."""
    return _mapped(node, lambda text: text.replace("&{", "${"))


def _mapped(node: Node, change: Callable[[str], str]) -> Node:
    if isinstance(node, Either):
        return Either(
            place=node.place,
            possible=node.possible,
            branches=tuple(_mapped(branch, change) for branch in node.branches),
            condition=node.condition,
        )
    if not isinstance(node, Scalar) or node.text is None or "&{" not in str(node.value):
        return node
    text = Text.of(*(change(p) if isinstance(p, str) else p for p in node.text.parts))
    literal = text.literal
    return Scalar(
        place=node.place,
        possible=node.possible,
        value=text if literal is None else literal,
        style=node.style,
    )
