"""A list expression of HCL with other elements: what stays keeps its text and comments."""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.fix import hcl_removal, hcl_text, layout
from iamlint.fix.language import CannotEdit, Shown, Value
from iamlint.sources.terraform.ast import (
    Expr,
    Interpolation,
    TemplateExpr,
    TemplateLiteral,
    TupleExpr,
)
from iamlint.text import Edit, SourceText, Span, apply_edits


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
    """Elements that fall away go with their lines; new ones stand where the first of them was."""
    text, newline = source.text, source.newline
    inner = layout.indent(text, old.items[0].start)
    lines = "".join(
        f"{inner}{hcl_text.render(value, inner, newline)},{newline}"
        for key, value in wanted.items()
        if key not in names
    )
    gone = {index for index, name in enumerate(names) if name not in wanted}
    if len(gone) == len(names):
        closing = layout.indent(text, old.end - 1)
        return f"[{newline}{lines}{closing}]"
    edits = hcl_removal.without_items(text, [item.span for item in old.items], gone)
    if edits and lines:
        edits[0] = Edit(edits[0].span, lines)
    elif lines:
        last = old.items[-1].end
        after = hcl_removal.line_after(text, last)
        if after is None or after > old.end:
            raise CannotEdit("the list ends on the line of its last element")
        if not hcl_removal.has_comma(text, last):
            edits.append(Edit(Span(last, last), ","))
        edits.append(Edit(Span(after, after), lines))
    moved = [
        Edit(Span(each.span.start - old.start, each.span.end - old.start), each.replacement)
        for each in edits
    ]
    return apply_edits(text[old.start : old.end], moved)


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
