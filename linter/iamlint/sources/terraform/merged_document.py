"""What the provider keeps of a document that `aws_iam_policy_document` merges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamlint.tree import Entry, MapNode, Node, Scalar

if TYPE_CHECKING:
    pass


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
