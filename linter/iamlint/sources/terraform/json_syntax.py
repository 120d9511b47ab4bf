"""Terraform's JSON syntax (`.tf.json`) to the same syntax tree as the native one.

Strings are templates, as Terraform reads them; spans point into the JSON text.  Which property
of a resource is a nested block only its schema knows, so bodies below the top level keep all
properties as attributes, and `blocks` gives them as blocks to who asks for them by name.
"""

from __future__ import annotations

from collections.abc import Iterable

from iamlint.sources.terraform.ast import (
    Attribute,
    Block,
    Body,
    Comment,
    Expr,
    File,
    Label,
    ObjectExpr,
    ObjectItem,
    SyntaxProblem,
    TemplateExpr,
    TupleExpr,
)
from iamlint.sources.terraform.body_syntax import body_of
from iamlint.sources.terraform.json_values import JsonReader
from iamlint.sources.terraform.scanner import HclSyntaxError
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


def parse(source: SourceText) -> File:
    """Parse one `.tf.json` file; never raises.

    Broken JSON costs the file, a broken template in a string costs the block that it is in.
    """
    reader = JsonReader(source.text)
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
            found.extend(_nest(type_, attribute.expr, labels, (), []))
    return tuple(found)


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
    return _nest(type_, item.value, count, (), comments)


def _nest(
    type_: str,
    value: Expr,
    count: int,
    labels: tuple[Label, ...],
    comments: list[Comment],
) -> Iterable[Block]:
    if count > 0:
        for item in _properties((value,), comments):
            label = Label(item.key.start, item.key.end, _name(item))
            yield from _nest(type_, item.value, count - 1, (*labels, label), comments)
        return
    for leaf in value.items if isinstance(value, TupleExpr) else (value,):
        if isinstance(leaf, ObjectExpr):
            attributes = tuple(_attribute(item) for item in _properties((leaf,), comments))
            body = body_of(leaf.start + 1, leaf.end - 1, attributes, json=True)
            # Without a label a block begins at its own brace: of several in an array each has
            # a span of its own.
            start, header_end = (
                (labels[-1].start, labels[-1].end) if labels else (leaf.start, leaf.start + 1)
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
