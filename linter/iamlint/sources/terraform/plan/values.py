"""What a plan says of one value: known, unknown until it is applied, or sensitive."""

from __future__ import annotations

from itertools import zip_longest

import msgspec

from iamlint.sources.terraform.references import hole_kind
from iamlint.tree import Entry, Hole, ListNode, MapNode, Node, Scalar, Unknown

UNKNOWN = "the plan does not know it before it is applied"
SENSITIVE = "it is marked as sensitive"


class Naming(msgspec.Struct, frozen=True):
    """How the holes of one resource are called: after its expression, in its module's scope."""

    expression: str
    scope: str

    def hole(self, path: str) -> Hole:
        name = f"{self.expression}.{path}"
        last = path.rpartition(".")[2]
        return Hole(name, hole_kind(last) if "." not in path else "unknown", self.scope)


def combined(
    value: Node | None,
    unknown: Node | None,
    sensitive: Node | None,
    naming: Naming,
    path: str = "",
) -> Node | None:
    """The value with holes for what is unknown or sensitive; None if it is nowhere.

    `unknown` and `sensitive` are `after_unknown` and `after_sensitive`: `true` marks the whole
    value, else they have the value's shape as far as there is something to mark.  What they mark
    counts before what is written, so a plan that contradicts itself gives a hole.
    """
    if _marks(unknown):
        assert unknown is not None
        return Unknown(place=unknown.place, reason=UNKNOWN, hole=naming.hole(path))
    if _marks(sensitive):
        if value is None or (isinstance(value, Scalar) and value.value is None):
            return value
        return Unknown(place=value.place, reason=SENSITIVE, hole=naming.hole(path))
    if isinstance(unknown, (ListNode, MapNode)) and not isinstance(value, (ListNode, MapNode)):
        # Only what is unknown in it is told: a list or map of which nothing is known.
        if not _any_mark(unknown):
            return value
        if value is None or (isinstance(value, Scalar) and value.value is None):
            value = msgspec.structs.replace(
                unknown, **({"items": ()} if isinstance(unknown, ListNode) else {"entries": ()})
            )
    if isinstance(value, MapNode):
        return _map(value, unknown, sensitive, naming, path)
    if isinstance(value, ListNode):
        return _list(value, unknown, sensitive, naming, path)
    return value


def _map(
    value: MapNode,
    unknown: Node | None,
    sensitive: Node | None,
    naming: Naming,
    path: str,
) -> MapNode:
    unknowns = _entries(unknown)
    marks = _entries(sensitive)
    made: list[Entry] = []
    for entry in value.entries:
        name = str(entry.key.value)
        other = unknowns.pop(name, None)
        mark = marks.get(name)
        found = combined(
            entry.value,
            other.value if other else None,
            mark.value if mark else None,
            naming,
            f"{path}.{name}" if path else name,
        )
        if found is not None:
            made.append(Entry(entry.key, found))
    for name, other in unknowns.items():
        if _any_mark(other.value):
            below = f"{path}.{name}" if path else name
            found = combined(None, other.value, None, naming, below)
            if found is not None:
                made.append(Entry(other.key, found))
    return MapNode(place=value.place, entries=tuple(made), flow=True)


def _list(
    value: ListNode,
    unknown: Node | None,
    sensitive: Node | None,
    naming: Naming,
    path: str,
) -> ListNode:
    unknowns = unknown.items if isinstance(unknown, ListNode) else ()
    marks = sensitive.items if isinstance(sensitive, ListNode) else ()
    made: list[Node] = []
    for index, (item, other) in enumerate(zip_longest(value.items, unknowns)):
        mark = marks[index] if index < len(marks) else None
        found = combined(item, other, mark, naming, f"{path}[{index}]")
        if found is not None and not (item is None and not _any_mark(other)):
            made.append(found)
    return ListNode(place=value.place, items=tuple(made), flow=True)


def _entries(node: Node | None) -> dict[str, Entry]:
    if not isinstance(node, MapNode):
        return {}
    return {str(entry.key.value): entry for entry in node.entries}


def _marks(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.value is True


def _any_mark(node: Node | None) -> bool:
    """True if anything in it is marked."""
    if isinstance(node, ListNode):
        return any(map(_any_mark, node.items))
    if isinstance(node, MapNode):
        return any(_any_mark(entry.value) for entry in node.entries)
    return _marks(node)
