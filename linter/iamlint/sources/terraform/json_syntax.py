"""Terraform's JSON syntax (`.tf.json`) to the same syntax tree as the native one.

Strings are templates, as Terraform reads them; spans point into the JSON text.  Which property
of a resource is a nested block only its schema knows, so bodies below the top level keep all
properties as attributes, and `blocks` gives them as blocks to who asks for them by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from iamlint.sources.terraform.ast import (
    Attribute,
    Block,
    Body,
    Comment,
    Expr,
    File,
    Heredoc,
    Label,
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
from iamlint.sources.terraform.expression_syntax import KEYWORDS, number_value
from iamlint.sources.terraform.parser import body_of, parse_template
from iamlint.sources.terraform.scanner import MAX_DEPTH, HclSyntaxError
from iamlint.sources.terraform.strings import decode_json, units
from iamlint.text import SourceText, Span

# How many labels each block type at the top of a file has.
_LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "variable": 1,
    "output": 1,
    "module": 1,
    "provider": 1,
    "check": 1,
    "locals": 0,
    "terraform": 0,
    "moved": 0,
    "removed": 0,
    "import": 0,
}
# Terraform takes the strings of these as they are, so a broken template in one is no error.
_PLAIN = frozenset({"variable", "terraform", "moved", "removed"})

_blank = re.compile(r"[ \t\r\n]*").match
_string = re.compile(
    r'"([^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*)*)"'
).match
_scalar = re.compile(
    r"(true|false|null)(?![\w])|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
).match


def parse(source: SourceText) -> File:
    """Parse one `.tf.json` file; never raises.

    Broken JSON costs the file, a broken template in a string costs the block that it is in.
    """
    reader = _Reader(source.text)
    try:
        root = reader.document()
    except HclSyntaxError as error:
        lost = Span(0, len(source.text))
        problem = error.problem
        costly = SyntaxProblem(problem.start, problem.end, problem.summary, problem.detail, lost)
        return File(source, Body(0, len(source.text), (), {}, (), True), (), (costly,))
    items: list[Attribute | Block] = []
    comments: list[Comment] = []
    for item in _properties((root,), comments):
        name = _name(item)
        count = _LABELS.get(name)
        if count is None:
            items.append(_attribute(item))
        else:
            items.extend(_blocks(name, item, count, comments))
    errors = reader.problems
    if errors:
        items, errors = _without_broken(items, errors)
    comments.sort(key=lambda comment: comment.start)
    body = body_of(root.start, root.end, items, json=True)
    return File(source, body, tuple(comments), tuple(errors))


def blocks(body: Body, type_: str, labels: int = 0) -> tuple[Block, ...]:
    """The nested blocks of one type, in source order, whichever syntax the body is written in.

    `labels` is the number of labels that such a block has (1 for `dynamic`, else mostly 0).
    """
    if not body.json:
        return tuple(block for block in body.blocks if block.type == type_)
    found: list[Block] = []
    for attribute in body.items:
        if isinstance(attribute, Block):
            if attribute.type == type_:
                found.append(attribute)
        elif attribute.name == type_:
            key = Label(attribute.start, attribute.name_end, type_)
            found.extend(_nest(type_, key, attribute.expr, labels, (), []))
    return tuple(found)


# ---- Structure -----------------------------------------------------------------------------


def _name(item: ObjectItem) -> str:
    key = item.key
    assert isinstance(key, TemplateExpr)
    return key.literal or ""


def _properties(values: Iterable[Expr], comments: list[Comment]) -> Iterable[ObjectItem]:
    """The properties of an object, or of all objects of an array; `"//"` becomes a comment."""
    for value in values:
        if isinstance(value, TupleExpr):
            yield from _properties(value.items, comments)
        elif isinstance(value, ObjectExpr):
            for item in value.items:
                if _name(item) == "//":
                    comments.append(Comment(item.start, item.end, "//"))
                else:
                    yield item


def _blocks(
    type_: str, item: ObjectItem, count: int, comments: list[Comment]
) -> Iterable[Attribute | Block]:
    key = Label(item.key.start, item.key.end, type_)
    return _nest(type_, key, item.value, count, (), comments)


def _nest(
    type_: str,
    key: Label,
    value: Expr,
    count: int,
    labels: tuple[Label, ...],
    comments: list[Comment],
) -> Iterable[Block]:
    if count > 0:
        for item in _properties((value,), comments):
            label = Label(item.key.start, item.key.end, _name(item))
            yield from _nest(type_, key, item.value, count - 1, (*labels, label), comments)
        return
    for leaf in value.items if isinstance(value, TupleExpr) else (value,):
        if isinstance(leaf, ObjectExpr):
            attributes = tuple(_attribute(item) for item in _properties((leaf,), comments))
            body = body_of(leaf.start + 1, leaf.end - 1, attributes, json=True)
            start, header_end = (
                (labels[-1].start, labels[-1].end) if labels else (key.start, key.end)
            )
            yield Block(start, leaf.end, type_, labels, header_end, body)


def _attribute(item: ObjectItem) -> Attribute:
    return Attribute(item.start, item.end, _name(item), item.key.end, item.value)


def _without_broken(
    items: list[Attribute | Block], problems: list[SyntaxProblem]
) -> tuple[list[Attribute | Block], list[SyntaxProblem]]:
    """Leave out the blocks that a problem lies in, and say of each problem what it cost."""
    kept: list[Attribute | Block] = []
    lost: dict[int, tuple[Span, str]] = {}
    for item in items:
        inside = [
            number
            for number, problem in enumerate(problems)
            if item.start <= problem.start < item.end
        ]
        if not inside or (isinstance(item, Block) and item.type in _PLAIN):
            kept.append(item)
        else:
            header = (
                " ".join([item.type, *(f'"{label.value}"' for label in item.labels)])
                if isinstance(item, Block)
                else item.name
            )
            lost.update((number, (Span(item.start, item.end), header)) for number in inside)
    return kept, [
        SyntaxProblem(
            problems[number].start,
            problems[number].end,
            problems[number].summary,
            problems[number].detail,
            span,
            header,
        )
        for number, (span, header) in sorted(lost.items())
    ]


# ---- JSON ----------------------------------------------------------------------------------


class _Reader:
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
