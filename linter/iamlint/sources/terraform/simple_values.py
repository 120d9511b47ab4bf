"""Values that one pattern can recognise: plain strings, words, references and whole numbers."""

from __future__ import annotations

import re

from iamlint.sources.terraform.ast import (
    Expr,
    GetAttr,
    Literal,
    TemplateExpr,
    TemplateLiteral,
    Variable,
)

# The look-ahead keeps a pattern from trying every way to cut a name in two.
ASCII_NAME = "[A-Za-z_][A-Za-z0-9_-]*(?![A-Za-z0-9_-])"
# A value that needs no general parsing, if what must follow it does follow.
SIMPLE = rf'(?:"([^"\\$%\r\n\0]*)"|({ASCII_NAME})((?:\.{ASCII_NAME}){{0,30}})|([0-9]{{1,15}}))'

match_number = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?").match

KEYWORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def number_value(digits: str) -> int | float:
    """The value of a number literal: exact if it is a whole number, else the nearest float."""
    if digits.isdecimal() and len(digits) <= 4000:
        return int(digits)
    return float(digits)


def simple(match: re.Match[str], group: int) -> Expr:
    """The node of what `SIMPLE` matched, whose first group has the given number."""
    start, end = match.span(group)
    if start >= 0:
        if start == end:
            return TemplateExpr(start - 1, end + 1, ())
        return TemplateExpr(start - 1, end + 1, (TemplateLiteral(start, end, match[group]),))
    start, end = match.span(group + 1)
    if start >= 0:
        root = match[group + 1]
        node: Expr = (
            Literal(start, end, KEYWORDS[root]) if root in KEYWORDS else Variable(start, end, root)
        )
        path = match[group + 2]
        if path:
            for name in path[1:].split("."):
                end += 1 + len(name)
                node = GetAttr(start, end, node, name)
        return node
    start, end = match.span(group + 3)
    return Literal(start, end, int(match[group + 3]))
