"""Tuples, objects and `for` expressions."""

from __future__ import annotations

import re

from iamlint.sources.terraform.ast import (
    Expr,
    ForExpr,
    Identifier,
    Literal,
    ObjectExpr,
    ObjectItem,
    TemplateExpr,
    TemplateLiteral,
    TupleExpr,
    Variable,
)
from iamlint.sources.terraform.simple_values import (
    ASCII_NAME,
    KEYWORDS,
    SIMPLE,
    simple,
)
from iamlint.sources.terraform.traversal_syntax import Traversals

_tuple_item = re.compile(rf"[ \t\r\n]*{SIMPLE}[ \t\r\n]*(?:,|(?=\]))").match
_object_item = re.compile(
    rf'[ \t\r\n]*(?:({ASCII_NAME})|"([^"\\$%\r\n\0]*)")[ \t]*[=:][ \t]*{SIMPLE}[ \t\r]*(?:,|(?=[\n}}]))'
).match
_object_key = re.compile(rf"({ASCII_NAME})[ \t]*[=:](?![=>])[ \t]*").match


class Collections(Traversals):
    """The terms in square brackets and braces."""

    __slots__ = ()

    def _tuple(self, start: int, nl: bool, depth: int) -> Expr:
        text = self.text
        at = self.skip(start + 1, True)
        if text.startswith("for", at) and self.name(at) == "for":
            return self._for(start, at + 3, "]", depth)
        items: list[Expr] = []
        while True:
            match = _tuple_item(text, at)
            if match is not None:
                items.append(simple(match, 1))
                at = match.end()
                continue
            at = self.skip(at, True)
            if text[at] == "]":
                return TupleExpr(start, at + 1, tuple(items))
            item = self.expr(at, True, depth + 1)
            items.append(item)
            at = self.skip(item.end, True)
            if text[at] == ",":
                at += 1
            elif text[at] != "]":
                self.unterminated(at, start, "tuple constructor expression", "bracket")
                raise self.error_at(
                    at,
                    "Missing item separator",
                    "Expected a comma to mark the beginning of the next item.",
                )

    def _object(self, start: int, nl: bool, depth: int) -> Expr:
        text = self.text
        at = self.skip(start + 1, True)
        if text.startswith("for", at) and self.name(at) == "for":
            return self._for(start, at + 3, "}", depth)
        items: list[ObjectItem] = []
        while True:
            match = _object_item(text, at)
            if match is not None:
                items.append(_simple_item(match))
                at = match.end()
                continue
            at = self.skip(at, True)
            if text[at] == "}":
                return ObjectExpr(start, at + 1, tuple(items))
            item = self._object_entry(at, start, depth)
            items.append(item)
            at = self.skip(item.end, False)
            if text[at] == ",":
                at += 1
            elif text[at] not in "\n}":
                self.unterminated(at, start, "object constructor expression", "brace")
                raise self.error_at(
                    at,
                    "Missing attribute separator",
                    "Expected a newline or comma to mark the beginning of the next attribute.",
                )

    def _object_entry(self, at: int, start: int, depth: int) -> ObjectItem:
        text = self.text
        match = _object_key(text, at)
        if match is not None:
            key: Expr = Identifier(at, match.end(1), match[1])
            value = self.expr(match.end(), False, depth + 1)
            return ObjectItem(at, value.end, key, value)
        if at >= self.limit:
            self.unterminated(at, start, "object constructor expression", "brace")
        key = self.expr(at, False, depth + 1)
        if isinstance(key, Variable) or (
            isinstance(key, Literal) and text[key.start : key.end] in KEYWORDS
        ):
            key = Identifier(key.start, key.end, text[key.start : key.end])
        at = self.skip(key.end, False)
        if text[at] not in "=:" or text.startswith("=>", at):
            self.unterminated(at, start, "object constructor expression", "brace")
            if text[at] in "\n,":
                raise self.error(
                    key.start,
                    key.end,
                    "Missing attribute value",
                    'Expected an attribute value, introduced by an equals sign ("=").',
                )
            raise self.error_at(
                at,
                "Missing key/value separator",
                'Expected an equals sign ("=") to mark the beginning of the attribute value.',
            )
        value = self.expr(at + 1, False, depth + 1)
        return ObjectItem(key.start, value.end, key, value)

    def _for(self, start: int, at: int, closing: str, depth: int) -> Expr:
        text, summary = self.text, "Invalid 'for' expression"
        key_name, value_name, at = self.loop_names(at, "expression")
        collection = self.expr(at, True, depth + 1)
        at = self.skip(collection.end, True)
        if text[at] != ":":
            self.unterminated(at, start, "'for' expression", "bracket")
            raise self.error_at(
                at, summary, "For expression requires a colon after the collection expression."
            )
        key: Expr | None = None
        value = self.expr(at + 1, True, depth + 1)
        at = self.skip(value.end, True)
        if text.startswith("=>", at):
            if closing == "]":
                raise self.error(
                    at, at + 2, summary, "Key expression is not valid when building a tuple."
                )
            key = value
            value = self.expr(at + 2, True, depth + 1)
            at = self.skip(value.end, True)
        elif closing == "}":
            self.unterminated(at, start, "'for' expression", "brace")
            raise self.error_at(at, summary, "Key expression is required when building an object.")
        group = text.startswith("...", at)
        if group:
            if closing == "]":
                raise self.error(
                    at,
                    at + 3,
                    summary,
                    "Grouping ellipsis (...) cannot be used when building a tuple.",
                )
            at = self.skip(at + 3, True)
        condition: Expr | None = None
        if text.startswith("if", at) and self.name(at) == "if":
            condition = self.expr(at + 2, True, depth + 1)
            at = self.skip(condition.end, True)
        if text[at] != closing:
            self.unterminated(
                at, start, "'for' expression", "bracket" if closing == "]" else "brace"
            )
            raise self.error_at(
                at, summary, "Extra characters after the end of the 'for' expression."
            )
        return ForExpr(
            start, at + 1, key_name, value_name, collection, key, value, condition, group
        )


def _simple_item(match: re.Match[str]) -> ObjectItem:
    key_start, key_end = match.span(1)
    value = simple(match, 3)
    if key_start >= 0:
        return ObjectItem(key_start, value.end, Identifier(key_start, key_end, match[1]), value)
    key_start, key_end = match.span(2)
    parts = (TemplateLiteral(key_start, key_end, match[2]),) if key_end > key_start else ()
    key = TemplateExpr(key_start - 1, key_end + 1, parts)
    return ObjectItem(key.start, value.end, key, value)
