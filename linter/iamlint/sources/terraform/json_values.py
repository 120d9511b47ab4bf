"""JSON text to expressions: strings are templates, spans point into the JSON text."""

from __future__ import annotations

import re
from collections.abc import Callable

from iamlint.sources.terraform.ast import (
    Expr,
    Heredoc,
    Literal,
    Node,
    ObjectExpr,
    ObjectItem,
    Part,
    SyntaxProblem,
    TemplateExpr,
    TemplateLiteral,
    TupleExpr,
    walk,
)
from iamlint.sources.terraform.parser import parse_template
from iamlint.sources.terraform.scanner import MAX_DEPTH, HclSyntaxError
from iamlint.sources.terraform.simple_values import KEYWORDS, number_value
from iamlint.sources.terraform.strings import decode_json, units
from iamlint.text import SourceText

_blank = re.compile(r"[ \t\r\n]*").match
_string = re.compile(
    r'"([^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*)*)"'
).match
_scalar = re.compile(
    r"(true|false|null)(?![\w])|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
).match


class JsonReader:
    """Strict JSON to expressions; broken templates are collected, broken JSON is raised."""

    __slots__ = ("problems", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[SyntaxProblem] = []

    def document(self) -> Expr:
        at = self._blank(1 if self.text.startswith("\ufeff") else 0)
        if self.text[at : at + 1] not in ("{", "["):
            raise self._error(
                at, "Invalid JSON", "A JSON document must be an object or an array of objects."
            )
        root = self._value(at, 0)
        at = self._blank(root.end)
        if at < len(self.text):
            raise self._error(
                at,
                "Extraneous data after JSON value",
                "Extra characters appear after the JSON value.",
            )
        return root

    def _value(self, at: int, depth: int) -> Expr:
        first = self.text[at : at + 1]
        if depth > MAX_DEPTH:
            raise self._error(
                at,
                "Expression nested too deeply",
                f"iamlint reads up to {MAX_DEPTH} levels of objects and arrays.",
            )
        if first == '"':
            return self._template(at)
        if first == "{":
            return self._object(at, depth)
        if first == "[":
            return self._array(at, depth)
        match = _scalar(self.text, at)
        if match is None:
            raise self._error(at, "Invalid JSON value", "A JSON value is expected here.")
        word = match.group()
        if word in KEYWORDS:
            return Literal(at, match.end(), KEYWORDS[word])
        sign, digits = (-1, word[1:]) if word[0] == "-" else (1, word)
        return Literal(at, match.end(), sign * number_value(digits))

    def _object(self, start: int, depth: int) -> Expr:
        items: list[ObjectItem] = []
        at = self._blank(start + 1)
        while self.text[at : at + 1] != "}" or items:
            if self.text[at : at + 1] != '"':
                raise self._error(
                    at, "Invalid JSON object", "A property name in double quotes is expected here."
                )
            key = self._template(at)
            at = self._blank(key.end)
            if self.text[at : at + 1] != ":":
                raise self._error(
                    at, "Missing property value", "A colon must separate the name from its value."
                )
            value = self._value(self._blank(at + 1), depth + 1)
            items.append(ObjectItem(key.start, value.end, key, value))
            at = self._blank(value.end)
            if self.text[at : at + 1] == "}":
                break
            at = self._comma(at, start, "object", "}")
        return ObjectExpr(start, at + 1, tuple(items))

    def _array(self, start: int, depth: int) -> Expr:
        items: list[Expr] = []
        at = self._blank(start + 1)
        while self.text[at : at + 1] != "]" or items:
            item = self._value(at, depth + 1)
            items.append(item)
            at = self._blank(item.end)
            if self.text[at : at + 1] == "]":
                break
            at = self._comma(at, start, "array", "]")
        return TupleExpr(start, at + 1, tuple(items))

    def _comma(self, at: int, start: int, what: str, closing: str) -> int:
        if at >= len(self.text):
            raise self._error(
                start, f"Unclosed {what}", f"There is no `{closing}` before the end of the file."
            )
        if self.text[at] != ",":
            raise self._error(
                at, "Missing comma", f"A comma or `{closing}` is expected after this value."
            )
        after = self._blank(at + 1)
        if self.text[after : after + 1] == closing:
            raise self._error(
                at, "Trailing comma", f"JSON does not permit a trailing comma in an {what}."
            )
        return after

    def _template(self, at: int) -> TemplateExpr:
        match = _string(self.text, at)
        if match is None:
            raise self._error(
                at,
                "Invalid JSON string",
                "This string is not closed on its line or holds an invalid escape sequence.",
            )
        raw, start, end = match[1], at + 1, match.end() - 1
        value = decode_json(raw)
        if not value:
            return TemplateExpr(at, end + 1, ())
        if "${" not in value and "%{" not in value:
            return TemplateExpr(at, end + 1, (TemplateLiteral(start, end, value),))
        places = list(units(raw, "json"))
        moves = (
            (lambda offset: start + offset, lambda offset: start + offset)
            if len(value) == len(raw)
            else (
                lambda offset: start + places[offset][0] if offset < len(places) else end,
                lambda offset: start + places[offset - 1][1] if offset else start,
            )
        )
        try:
            template = parse_template(SourceText("", value))
        except HclSyntaxError as error:
            problem = error.problem
            first, last = moves[0](problem.start), moves[1](problem.end)
            self.problems.append(SyntaxProblem(first, last, problem.summary, problem.detail))
            return TemplateExpr(at, end + 1, (TemplateLiteral(start, end, value),))
        parts: tuple[Part, ...] = template.parts
        for part in parts:
            for node in walk(part):
                _move(node, *moves)
        return TemplateExpr(at, end + 1, parts)

    def _blank(self, at: int) -> int:
        return _blank(self.text, at).end()  # type: ignore[union-attr]

    def _error(self, at: int, summary: str, detail: str) -> HclSyntaxError:
        at = min(at, len(self.text))
        return HclSyntaxError(SyntaxProblem(at, min(at + 1, len(self.text)), summary, detail))


def _move(node: Node, start: Callable[[int], int], end: Callable[[int], int]) -> None:
    """Let the offsets of a node, which count the decoded string, count the source text."""
    node.start, node.end = start(node.start), end(node.end)
    if isinstance(node, Heredoc):
        node.body_start, node.body_end = start(node.body_start), start(node.body_end)
