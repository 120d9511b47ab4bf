"""Edits of policies written as JSON: in a JSON template or document, or as text inside a string."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from iamlint.fix import layout
from iamlint.fix.json_scan import Member, items, members, skip
from iamlint.fix.language import (
    OPPOSITE,
    CannotEdit,
    Shown,
    StatementChange,
    Value,
    refuse_given,
    same,
)
from iamlint.iam.encode import statement_json
from iamlint.text import Edit, SourceText, Span
from iamlint.tree import Text

Quote = Callable[[str | Text], str]
"""A string as JSON text: `"…"`, or an object such as `{"Fn::Sub": "…"}` for one with holes."""


def quoted(string: str) -> str:
    """A string without holes as JSON; non-ASCII characters stay."""
    return json.dumps(string, ensure_ascii=False)


def sub(string: str | Text) -> str:
    """A string of a CloudFormation template in JSON; one with holes under `Fn::Sub`."""
    if isinstance(string, str):
        return quoted(string)
    alone = lone(string)
    if alone is not None and "." in alone:
        name, _, attribute = alone.partition(".")
        return f'{{ "Fn::GetAtt": [{quoted(name)}, {quoted(attribute)}] }}'
    if alone is not None:
        return f'{{ "Ref": {quoted(alone)} }}'
    return f'{{ "Fn::Sub": {quoted(sub_body(string))} }}'


def lone(text: Text) -> str | None:
    """The name of the hole that is the whole of a string, if it has one that is short."""
    if len(text.parts) != 1 or isinstance(text.parts[0], str):
        return None
    return text.parts[0].name


def sub_body(text: Text) -> str:
    """What `Fn::Sub` takes: `${Name}` for holes, `${!` for a literal `${`."""
    return "".join(
        part.replace("${", "${!") if isinstance(part, str) else f"${{{part.name}}}"
        for part in text.parts
    )


def template(text: str | Text) -> str:
    """A JSON string inside an HCL template: `${…}` for holes, `$${` for a literal `${`."""
    parts = (text,) if isinstance(text, str) else text.parts
    body = "".join(
        quoted(part)[1:-1].replace("${", "$${").replace("%{", "%%{")
        if isinstance(part, str)
        else f"${{{part.name}}}"
        for part in parts
    )
    return f'"{body}"'


def sub_template(text: str | Text) -> str:
    """A JSON string inside the text of an `Fn::Sub`."""
    parts = (text,) if isinstance(text, str) else text.parts
    body = "".join(
        quoted(part)[1:-1].replace("${", "${!") if isinstance(part, str) else f"${{{part.name}}}"
        for part in parts
    )
    return f'"{body}"'


def statement_edits(
    source: SourceText,
    spans: Sequence[Span],
    changes: Sequence[StatementChange],
    quote: Quote,
) -> list[Edit]:
    """Edit statements that are JSON objects; `spans` are those of all statements of the policy.

    Members that stay equal keep their text; at least one statement must be left.
    """
    text = source.text
    step = layout.unit(text)
    found: list[Edit] = []
    gone: set[int] = set()
    ordered = sorted(set(spans))
    for change in changes:
        span = change.statement.place.span
        if change.statement.place.source is not source or span not in ordered:
            raise CannotEdit("a statement is written elsewhere")
        if not change.new:
            gone.add(ordered.index(span))
            continue
        found += _in_place(source, span, change, quote, step)
        found += _more(source, span, change.new[1:], quote, step)
    if len(gone) == len(ordered):
        raise CannotEdit("no statement would be left")
    found += [Edit(span, "") for span in layout.without_items(text, ordered, gone)]
    return found


def _in_place(
    source: SourceText, span: Span, change: StatementChange, quote: Quote, step: str
) -> list[Edit]:
    text, new, old = source.text, change.new[0], statement_json(change.statement)
    written = {member.key: member for member in members(text, span)}
    if len(written) != len(members(text, span)):
        raise CannotEdit("a statement has a key twice")
    found: list[Edit] = []
    last = max((member.value.end for member in written.values()), default=span.start + 1)
    for key, value in new.items():
        member = written.get(key)
        opposite = written.get(OPPOSITE.get(key, ""))
        if member is None and opposite is not None and opposite.key not in new:
            found.append(Edit(opposite.key_span, quoted(key)))
            member = opposite
        elif member is not None and same(old.get(key), value):
            continue
        if member is not None:
            shown = change.shown(member.key)
            found.append(
                Edit(member.value, member_value(source, member, value, quote, step, shown))
            )
            continue
        lead = _lead(text, written.values(), span)
        rendered = render(value, quote, source.newline + lead.lstrip("\r\n"), step)
        before = "," if written else ""
        found.append(Edit(Span(last, last), f"{before}{lead or ' '}{quoted(key)}: {rendered}"))
    kept = set(new) | {OPPOSITE.get(key, "") for key in new}
    if any(key not in kept for key in written):
        raise CannotEdit("an element of a statement would fall away")
    return found


def member_value(
    source: SourceText,
    member: Member,
    value: Value,
    quote: Quote,
    step: str,
    shown: Shown,
) -> str:
    """The text of a member's new value, in the style of the old."""
    text, span = source.text, member.value
    lead = source.newline + layout.indent(text, member.key_span.start)
    if text[span.start] == "[" and isinstance(value, (str, Text)):
        value = [value]
    if text[span.start] == "[" and isinstance(value, list):
        return _list(source, span, value, quote, lead, step, shown)
    column = span.start - layout.line_start(text, span.start)
    # Text on one line, as it stands inside a string, stays on it.
    over_lines = None if "\n" in text else False
    return render(value, quote, lead, step, column=column, over_lines=over_lines)


def _list(
    source: SourceText,
    span: Span,
    value: Sequence[Value],
    quote: Quote,
    lead: str,
    step: str,
    shown: Shown,
) -> str:
    """A list over as many lines as the old one, unless it has grown too long for one.

    Items that stay keep their text; `shown` tells what they stand for.
    """
    text = source.text
    old = items(text, span)
    written = {shown.at(item): text[item.start : item.end] for item in old}
    over_lines = "\n" in text[span.start : span.end]
    inside = lead + step
    parts = [
        written.get(str(each)) or render(each, quote, inside if over_lines else lead, step)
        for each in value
    ]
    if not over_lines:
        gap = ", " if len(old) < 2 or text[old[0].end : old[1].start] != "," else ","
        line = "[" + gap.join(parts) + "]"
        column = span.start - layout.line_start(text, span.start)
        if column + len(line) <= layout.WIDTH or "\n" not in text:
            return line
        return "[" + inside + ("," + inside).join(parts) + lead + "]"
    inner = text[span.start + 1 : old[0].start] if old else inside
    between = text[old[0].end : old[1].start] if len(old) > 1 else "," + inner
    last = text[old[-1].end : span.end - 1] if old else lead
    return "[" + inner + between.join(parts) + last + "]"


def _more(
    source: SourceText, span: Span, new: Sequence[dict[str, Value]], quote: Quote, step: str
) -> list[Edit]:
    """Statements after one that stays; a lone object becomes a list."""
    if not new:
        return []
    text = source.text
    wide = "\n" in text[span.start : span.end]
    own_line = layout.begins_line(text, span.start)
    lead = source.newline + layout.indent(text, span.start)
    gap = lead if own_line else " "
    if not own_line and wide:
        lead = source.newline + layout.indent(text, span.end - 1)
    rendered = [
        render(each, quote, lead, step, over_lines=wide or None if wide else False) for each in new
    ]
    following = skip(text, span.end)
    in_list = text[following : following + 1] in (",", "]")
    added = "".join(f",{gap}{each}" for each in rendered)
    if in_list:
        return [Edit(Span(span.end, span.end), added)]
    return [
        Edit(Span(span.start, span.start), "["),
        Edit(Span(span.end, span.end), added + "]"),
    ]


def _lead(text: str, written: object, span: Span) -> str:
    """The break and blanks before a new member; `""` in an object on one line."""
    body = text[span.start : span.end]
    if "\n" not in body:
        return ""
    first = skip(text, span.start + 1)
    return text[span.start + 1 : first] if layout.begins_line(text, first) else ""


def render(
    value: Value,
    quote: Quote,
    lead: str,
    step: str,
    *,
    column: int = 0,
    over_lines: bool | None = None,
) -> str:
    """JSON text; `lead` is the line break with the indentation of the line it starts on.

    `over_lines` False keeps all on one line; None puts short lists on one line only where they
    hold a single item.
    """
    if isinstance(value, (str, Text)):
        refuse_given(value)
        return quote(value)
    if isinstance(value, dict):
        if over_lines is False:
            inside = ", ".join(
                f"{quoted(key)}: {render(each, quote, lead, step, over_lines=False)}"
                for key, each in value.items()
            )
            return f"{{{inside}}}"
        inner = lead + step
        body = ("," + inner).join(
            f"{quoted(key)}: {render(each, quote, inner, step)}" for key, each in value.items()
        )
        return "{" + inner + body + lead + "}"
    if isinstance(value, list):
        if over_lines is False:
            return (
                "["
                + ", ".join(render(each, quote, lead, step, over_lines=False) for each in value)
                + "]"
            )
        inner = lead + step
        body = ("," + inner).join(render(each, quote, inner, step) for each in value)
        return "[" + inner + body + lead + "]"
    del column
    return json.dumps(value)
