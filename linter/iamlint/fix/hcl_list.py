"""A list expression of HCL with other elements: what stays keeps its text and comments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from iamlint.fix import hcl_text, layout
from iamlint.fix.language import Shown, Value
from iamlint.sources.terraform.ast import (
    Expr,
    Interpolation,
    TemplateExpr,
    TemplateLiteral,
    TupleExpr,
)
from iamlint.text import SourceText

_TRAIL = re.compile(r"[ \t]*,?[ \t]*(?:(?:#|//)[^\r\n]*|/\*[^*\r\n]*\*/[ \t]*)?")


def edited_list(
    source: SourceText,
    old: TupleExpr,
    values: Sequence[Value],
    indent: str,
    strings: Shown | None = None,
) -> str:
    """The list's new text; `indent` is that of the line on which it begins.

    `strings` tells what the old elements stand for, where reading them does not.

    A list over several lines stays one, with a line for each element.  One on a single line
    stays there if it has room, else its elements go below one another.
    """
    text, newline = source.text, source.newline
    names = [
        (strings.at(item.span) if strings is not None else None) or shown(source, item)
        for item in old.items
    ]
    written = dict(zip(names, old.items, strict=True))
    wanted = {str(value): value for value in values}
    lines = "\n" in text[old.start : old.end] and all(
        layout.begins_line(text, item.start) for item in old.items
    )
    if not lines:
        parts = [
            text[written[key].start : written[key].end]
            if key in written
            else hcl_text.render(value, indent, newline)
            for key, value in wanted.items()
        ]
        line = "[" + ", ".join(parts) + "]"
        column = old.start - layout.line_start(text, old.start)
        if len(parts) == 1 or (column + len(line) <= 80 and len(parts) <= 2):
            return line
        inner = indent + hcl_text.STEP
        return "[" + "".join(f"{newline}{inner}{part}," for part in parts) + newline + indent + "]"
    return _over_lines(source, old, wanted, names)


def _over_lines(
    source: SourceText, old: TupleExpr, wanted: dict[str, Value], names: list[str | None]
) -> str:
    text, newline = source.text, source.newline
    inner = layout.indent(text, old.items[0].start)
    new = [value for key, value in wanted.items() if key not in names]
    pieces: list[str] = []
    at, placed = old.start + 1, False

    def put(value: Value) -> None:
        pieces.append(f"{newline}{inner}{hcl_text.render(value, inner, newline)},")

    for name, item in zip(names, old.items, strict=True):
        trail = _TRAIL.match(text, item.end)
        end = trail.end() if trail else item.end
        lead = text[at : item.start]
        if name in wanted:
            after = text[item.end : end]
            if "," not in after.partition("#")[0].partition("//")[0]:
                after = "," + after
            pieces.append(lead + text[item.start : item.end] + after)
        else:
            comments = lead.rstrip(" \t").rstrip("\n").rstrip("\r")
            if comments.strip():
                pieces.append(comments)
            if not placed:
                placed = True
                for value in new:
                    put(value)
        at = end
    if not placed:
        for value in new:
            put(value)
    return "[" + "".join(pieces) + text[at : old.end]


def shown(source: SourceText, item: Expr) -> str | None:
    """A string expression as it is shown, interpolations as `‹expression›`; None for others."""
    if not isinstance(item, TemplateExpr):
        return f"‹{source.text[item.start : item.end]}›"
    found = ""
    for part in item.parts:
        if isinstance(part, TemplateLiteral):
            found += part.value
        elif isinstance(part, Interpolation):
            found += f"‹{source.text[part.expr.start : part.expr.end]}›"
        else:
            return None
    return found
