"""How `aws_iam_policy_document` merges: what it keeps of a document, and which Sids are one."""

from __future__ import annotations

import msgspec

from iamlint.sources.terraform.values import string_of
from iamlint.tree import Either, Entry, Hole, MapNode, Node, Scalar, Text, Unknown

REPLACED = "if no other statement of its Sid replaces it"
ANY = Text((Hole("…"),))
"""A Sid of which nothing is known."""

DOCUMENT = ("Version", "Id", "Statement")


_STATEMENT = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")  # fmt: skip


def canonical(tree: MapNode, names: tuple[str, ...]) -> MapNode:
    """A merged document's object as the provider reads it: Go's JSON reader ignores the case of
    keys and drops those that it does not know."""
    known = {name.lower(): name for name in names}
    made: list[Entry] = []
    for entry in tree.entries:
        key = entry.key.value
        if not isinstance(key, str):
            made.append(entry)
        elif key.lower() in known:
            name = known[key.lower()]
            named = entry.key if name == key else Scalar(place=entry.key.place, value=name)
            made.append(Entry(named, entry.value))
    return MapNode(place=tree.place, entries=tuple(made), open=tree.open, possible=tree.possible)


def rendered_again(statement: Node) -> Node:
    """A statement of a merged document as the provider renders it again.

    It keeps condition values that are strings, booleans or lists; a number is lost, and with it
    its condition.
    """
    if not isinstance(statement, MapNode):
        return statement
    statement = canonical(statement, _STATEMENT)
    entries = tuple(
        Entry(entry.key, _without_numbers(entry.value)) if entry.key.value == "Condition" else entry
        for entry in statement.entries
    )
    return MapNode(
        place=statement.place, entries=entries, open=statement.open, possible=statement.possible
    )


def _without_numbers(conditions: Node) -> Node:
    if not isinstance(conditions, MapNode):
        return conditions
    operators: list[Entry] = []
    for operator in conditions.entries:
        if not isinstance(operator.value, MapNode):
            operators.append(operator)
            continue
        kept = tuple(entry for entry in operator.value.entries if not _is_number(entry.value))
        if kept or operator.value.open:
            value = MapNode(
                place=operator.value.place,
                entries=kept,
                open=operator.value.open,
                possible=operator.value.possible,
            )
            operators.append(Entry(operator.key, value))
    return MapNode(
        place=conditions.place,
        entries=tuple(operators),
        open=conditions.open,
        possible=conditions.possible,
    )


def _is_number(node: Node) -> bool:
    return (
        isinstance(node, Scalar)
        and isinstance(node.value, (int, float))
        and not isinstance(node.value, bool)
    )


def labels(statement: Node) -> tuple[Text, ...]:
    """What a statement's Sid may be; empty if it has none."""
    sid = statement.get("Sid") if isinstance(statement, MapNode) else None
    if isinstance(statement, Unknown):
        return (ANY,)
    return tuple(_labels(sid)) if sid is not None else ()


def _labels(sid: Node) -> list[Text]:
    if isinstance(sid, Either):
        return [text for branch in sid.branches for text in _labels(branch)]
    if isinstance(sid, Scalar):
        return [sid.text] if sid.text is not None and sid.text.literal != "" else []
    return [ANY]


def may_be(one: Text, other: Text) -> bool:
    """True if two Sids may be the same: for certain only where both are literal."""
    if one.literal is not None and other.literal is not None:
        return one.literal == other.literal
    first, second = one.parts[0], other.parts[0]
    if isinstance(first, str) and isinstance(second, str):
        return first.startswith(second) or second.startswith(first)
    return True


def as_string(node: Node) -> Node:
    """A value as the string argument that takes it converts it."""
    if isinstance(node, Either):
        branches = tuple(as_string(branch) for branch in node.branches)
        return msgspec.structs.replace(node, branches=branches)
    if isinstance(node, Scalar) and isinstance(node.value, (bool, int, float)):
        return msgspec.structs.replace(node, value=string_of(node.value))
    return node
