"""Edits of statements written as YAML: those that stay equal keep their text."""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.fix import layout
from iamlint.fix.language import OPPOSITE, CannotEdit, StatementChange, Value, same
from iamlint.fix.yaml_file import YamlFile
from iamlint.fix.yaml_nodes import Spot
from iamlint.fix.yaml_text import in_flow
from iamlint.fix.yaml_values import add_entries, replace_value
from iamlint.iam.encode import statement_json
from iamlint.text import Edit, Span, apply_edits
from iamlint.tree import ListNode, MapNode


def statements(file: YamlFile, changes: Sequence[StatementChange]) -> list[Edit]:
    """Edit statements; those that stay equal keep their text."""
    found: list[Edit] = []
    gone: dict[int, tuple[ListNode, set[int]]] = {}
    for change in changes:
        if change.statement.place.source is not file.source:
            raise CannotEdit("a statement is written in another file")
        spot = file.map_at(change.statement.place.span)
        if not change.new:
            if not isinstance(spot.above, ListNode):
                raise CannotEdit("no statement would be left")
            items = gone.setdefault(id(spot.above), (spot.above, set()))[1]
            items.add(spot.above.items.index(spot.node))
            continue
        here = _in_place(file, spot, change)
        found += _with_more(file, spot, here, change.new[1:])
    for container, indexes in gone.values():
        if len(indexes) == len(container.items):
            raise CannotEdit("no statement would be left")
        found += file.without_items(container, indexes)
    return found


def _in_place(file: YamlFile, spot: Spot, change: StatementChange) -> list[Edit]:
    node, new = spot.node, change.new[0]
    assert isinstance(node, MapNode)
    old = statement_json(change.statement)
    written = {str(entry.key.value): entry for entry in node.entries}
    if len(written) != len(node.entries):
        raise CannotEdit("a statement has a key twice or is merged from elsewhere")
    found: list[Edit] = []
    added: list[tuple[str, Value]] = []
    for key, value in new.items():
        entry = written.get(key)
        opposite = written.get(OPPOSITE.get(key, ""))
        if entry is None and opposite is not None and str(opposite.key.value) not in new:
            found.append(Edit(opposite.key.place.span, key))
            entry = opposite
        elif entry is not None and same(old.get(key), value):
            continue
        if entry is None:
            added.append((key, value))
        else:
            shown = change.shown(str(entry.key.value))
            found += replace_value(file, entry, value, flow=node.flow, shown=shown)
    kept = set(new) | {OPPOSITE.get(key, "") for key in new}
    if any(key not in kept for key in written):
        raise CannotEdit("an element of a statement would fall away")
    if added:
        found.append(add_entries(file, node, added))
    return found


def _with_more(
    file: YamlFile, spot: Spot, here: list[Edit], new: Sequence[dict[str, Value]]
) -> list[Edit]:
    """The edits of a statement, and statements after it."""
    if not new:
        return here
    node, container = spot.node, spot.above
    assert isinstance(node, MapNode)
    end = node.place.span.end
    if isinstance(container, ListNode) and container.flow:
        text = "".join(", " + in_flow(each) for each in new)
        return [*here, Edit(Span(end, end), text)]
    if node.flow:
        raise CannotEdit("a statement in flow style stands alone in a block")
    values: list[Value] = list(new)
    if isinstance(container, ListNode):
        gap, column = file.dash_of(node)
        lines = "".join(
            file.source.newline + " " * column + file.layout.item(each, column, gap=gap)
            for each in values
        )
        return [*here, Edit(file.line_end(end), lines)]
    return [_wrapped(file, spot, here, values)]


def _wrapped(file: YamlFile, spot: Spot, here: list[Edit], new: list[Value]) -> Edit:
    """A lone statement becomes a list of several."""
    assert spot.entry is not None
    start = layout.line_start(file.text, spot.node.place.span.start)
    if not layout.begins_line(file.text, spot.node.place.span.start):
        raise CannotEdit("a lone statement begins on the line of its key")
    end = file.line_end(spot.node.place.span.end).start
    moved = [
        Edit(Span(edit.span.start - start, edit.span.end - start), edit.replacement)
        for edit in here
    ]
    column = file.column(spot.entry.key.place.span.start) + file.layout.dash
    old = file.column(spot.node.place.span.start)
    lines = apply_edits(file.text[start:end], moved).split("\n")
    shifted = [" " * (column + 2) + line[old:] if line.strip() else line for line in lines]
    shifted[0] = " " * column + "- " + lines[0][old:]
    return Edit(Span(start, end), "\n".join(shifted) + file.layout.items(new, column))
