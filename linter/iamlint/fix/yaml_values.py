"""YAML values written anew: scalars, lists and maps in the style of what they replace."""

from __future__ import annotations

import re
from collections.abc import Sequence

from iamlint.fix import layout
from iamlint.fix.language import CannotEdit, Shown, Value
from iamlint.fix.yaml_file import YamlFile
from iamlint.fix.yaml_nodes import names, over_lines, style_of
from iamlint.fix.yaml_text import in_flow, quoted, string
from iamlint.text import Edit, Span
from iamlint.tree import Entry, ListNode, MapNode, Style, Text


def replace_value(
    file: YamlFile, entry: Entry, value: Value, *, flow: bool, shown: Shown | None = None
) -> list[Edit]:
    """Write another value under a key, in the style of the old one.

    `shown` tells what the items of an old list stand for, where reading them does not.
    """
    old = entry.value
    if file.document.is_shared(old.place.span):
        raise CannotEdit("the text is used by an alias too")
    column = file.column(entry.key.place.span.start)
    style = style_of(old)
    if isinstance(old, ListNode) and isinstance(value, (str, Text)):
        value = [value]
    if isinstance(old, ListNode) and isinstance(value, list):
        if old.flow:
            line = _flow_list(file, old, value, shown)
            width = file.column(old.place.span.start) + len(line)
            if flow or width <= layout.WIDTH:
                return [Edit(old.place.span, line)]
        elif old.items:
            return [_block_list(file, old, value, shown)]
    elif isinstance(value, (str, Text)) and not over_lines(old):
        return [Edit(old.place.span, string(value, style, flow=flow))]
    elif flow:
        return [Edit(old.place.span, in_flow(value, style))]
    colon = file.text.index(":", entry.key.place.span.end) + 1
    if colon > old.place.span.start:
        raise CannotEdit("a value is not written after its key")
    return [
        Edit(Span(colon, old.place.span.end), ""),
        Edit(file.line_end(old.place.span.end), file.layout.after_key(value, column, style)),
    ]


def add_entries(file: YamlFile, node: MapNode, added: Sequence[tuple[str, Value]]) -> Edit:
    """Write entries after the last of a map."""
    last = node.entries[-1].value.place.span.end
    if node.flow:
        text = "".join(f", {quoted(key, flow=True)}: {in_flow(value)}" for key, value in added)
        return Edit(Span(last, last), text)
    column = file.column(node.entries[0].key.place.span.start)
    text = "".join(
        file.source.newline + " " * column + file.layout.entry(key, value, column)
        for key, value in added
    )
    return Edit(file.line_end(last), text)


def _flow_list(file: YamlFile, old: ListNode, values: Sequence[Value], shown: Shown | None) -> str:
    known = names(old, shown)
    written = {name: item.place.text for name, item in zip(known, old.items, strict=True)}
    style = style_of(old)
    parts = [
        written.get(str(value)) or string_or_flow(value, style) for value in values
    ]  # fmt: skip
    start, end = old.place.span
    padded = file.text[start + 1 : start + 2] == " " and file.text[end - 2 : end - 1] == " "
    inner = ", ".join(parts)
    return f"[ {inner} ]" if padded else f"[{inner}]"


def _block_list(
    file: YamlFile, old: ListNode, values: Sequence[Value], shown: Shown | None
) -> Edit:
    """The list line by line: items that stay keep their lines, comments stay."""
    first = old.items[0].place.span.start
    start = layout.line_start(file.text, first)
    lead = file.text[start:first]
    if not re.fullmatch(r"[ ]*-[ ]+", lead):
        raise CannotEdit("a list begins on the line of something else")
    wanted = {str(str(value)): value for value in values}
    style = style_of(old)
    lines: list[str] = []
    at, new_written = start, False
    known = names(old, shown)
    new = [value for name, value in wanted.items() if name not in known]

    def write_new() -> None:
        for value in new:
            lines.append(lead + string_or_flow(value, style, flow=False))

    for name, item in zip(known, old.items, strict=True):
        end = file.line_end(item.place.span.end).start
        own = layout.line_start(file.text, item.place.span.start)
        comments = file.text[at:own]
        if comments:
            lines.append(comments.rstrip("\r\n"))
        if name in wanted:
            lines.append(file.text[own:end])
        elif not new_written:
            write_new()
            new_written = True
        at = file.text.find("\n", end) + 1 or len(file.text)
        last = end
    if not new_written:
        write_new()
    return Edit(Span(start, last), file.source.newline.join(lines))


def string_or_flow(value: Value, style: Style, *, flow: bool = True) -> str:
    """A list item as text."""
    return string(value, style, flow=flow) if isinstance(value, (str, Text)) else in_flow(value)
