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
    kept = [item for name, item in zip(names, old.items, strict=True) if name in wanted]
    if not lines and kept and _has_comments(text, old):
        return _among_comments(source, old, wanted, names, indent)
    if not lines or text[layout.line_start(text, old.end - 1) : old.end - 1].strip():
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


def _has_comments(text: str, old: TupleExpr) -> bool:
    """True if there is more than commas and blanks between the elements."""
    at, between = old.start + 1, ""
    for item in old.items:
        between += text[at : item.start]
        at = item.end
    return bool((between + text[at : old.end - 1]).replace(",", "").strip())


def _among_comments(
    source: SourceText,
    old: TupleExpr,
    wanted: dict[str, Value],
    names: list[str | None],
    indent: str,
) -> str:
    """A list that shares lines with comments: what falls away is cut out, new elements come last."""
    gone = {index for index, name in enumerate(names) if name not in wanted}
    edits = hcl_removal.without_items(source.text, [item.span for item in old.items], gone)
    new = [
        hcl_text.render(value, indent, source.newline)
        for key, value in wanted.items()
        if key not in names
    ]
    last = max(index for index in range(len(names)) if index not in gone)
    end = old.items[last].end
    edits.append(Edit(Span(end, end), "".join(f", {each}" for each in new)))
    return _edited(source.text, old, edits)


def _edited(text: str, old: TupleExpr, edits: Sequence[Edit]) -> str:
    moved = [
        Edit(Span(each.span.start - old.start, each.span.end - old.start), each.replacement)
        for each in edits
    ]
    return apply_edits(text[old.start : old.end], moved)


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
    return _edited(text, old, edits)


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
