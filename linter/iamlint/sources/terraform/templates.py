"""The value of a template: its pieces joined, with a trace from each character to the source."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Union

import msgspec

from iamlint.sources.terraform import ast
from iamlint.sources.terraform.elements import iteration
from iamlint.sources.terraform.strings import (
    BadEscape,
    decode_plain,
    decode_quoted,
    offset_in,
    units,
)
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Failed,
    Maybe,
    because,
    bool_of,
    certain_part,
    is_null,
    known,
    text_of,
)
from iamlint.text import Place, SourceText
from iamlint.tree import Either, Hole, Node, Scalar, Text

if TYPE_CHECKING:
    from iamlint.sources.terraform.expressions import Context

MAX_BRANCHES = 8
MAX_LENGTH = 2_000_000


class Piece(msgspec.Struct, frozen=True, eq=False):
    """A stretch of a template's value: a literal of the source, or what an interpolation gave."""

    part: ast.TemplateLiteral | None
    start: int
    text: Text


class Template(Scalar, frozen=True, kw_only=True):
    """A string that may hold JSON, with the pieces that it was made of."""

    pieces: tuple[Piece, ...]

    def table(self) -> Sequence[int]:
        """For each character of the value (a hole is one) its offset, then that of the end."""
        source = self.place.source
        offsets: list[int] = []
        for piece in self.pieces:
            if piece.part is not None:
                value = piece.part.value
                if piece.part.end - piece.part.start == len(value):
                    offsets.extend(range(piece.part.start, piece.part.end))
                else:
                    offsets.extend(_traced(source, piece.part))
            else:
                for part in piece.text.parts:
                    offsets.extend([piece.start] * (len(part) if isinstance(part, str) else 1))
        offsets.append(self.place.span.end)
        return offsets


def _traced(source: SourceText, part: ast.TemplateLiteral) -> list[int]:
    """Offsets of a literal with escapes, dedent or strip markers in it."""
    raw = source.text[part.start : part.end]
    for kind, decode in (("quoted", decode_quoted), ("plain", decode_plain)):
        try:
            if decode(raw) == part.value:
                return [part.start + start for start, _ in units(raw, kind)]
        except BadEscape:
            continue
    if len(part.value) > 2000:  # one by one is quadratic
        return [part.start] * len(part.value)
    return [offset_in(source.text, part, index) for index in range(len(part.value))]


Pieces = list[Union[Piece, tuple[Node, int]]]


def render_parts(context: Context, parts: tuple[ast.Part, ...], place: Place) -> Node:
    """The string that template parts make; an undecided piece gives one string for each branch."""
    pieces: Pieces = []
    doubts: list[str] = []
    try:
        _collect(context, parts, pieces, doubts)
    except Fail as error:
        return Failed(place=place, reason=str(error), hole=Hole("…"))
    choices: list[list[Node]] = []
    conditions: list[str] = []
    size = 1
    for piece in pieces:
        if isinstance(piece, tuple):
            node = piece[0]
            if isinstance(node, Failed):
                return node
            if isinstance(node, Either):
                size *= len(node.branches)
                conditions.append(node.condition)
                choices.append(list(node.branches))
    if not choices:
        return _joined(context, pieces, [], place, doubts)
    if size > MAX_BRANCHES:
        return _joined(context, pieces, None, place, doubts)
    branches = [
        _joined(context, pieces, list(combination), place, doubts)
        for combination in product(*choices)
    ]
    good = tuple(branch for branch in branches if not isinstance(branch, Failed))
    if not good:
        return branches[0]
    if len(good) == 1:
        return good[0]
    return Either(place=place, branches=good, condition=" and ".join(dict.fromkeys(conditions)))


def _joined(
    context: Context, pieces: Pieces, chosen: list[Node] | None, place: Place, doubts: list[str]
) -> Node:
    """One string; `chosen` are the branches of the undecided pieces, None to leave holes."""
    parts: list[str | Hole] = []
    traced: list[Piece] = []
    possible = doubts[0] if doubts else None
    branch_doubt: str | None = None
    taken = iter(chosen or ())
    for piece in pieces:
        if isinstance(piece, Piece):
            parts += piece.text.parts
            traced.append(piece)
            continue
        node, start = piece
        if isinstance(node, Either) and chosen is not None:
            node = next(taken)
            branch_doubt = branch_doubt or node.possible
        possible = possible or node.possible
        try:
            text = text_of(certain_part(node))
        except Fail as error:
            return Failed(place=place, reason=str(error), hole=Hole("…"))
        parts += text.parts
        traced.append(Piece(None, start, text))
    text = Text.of(*parts)
    literal = text.literal
    value = text if literal is None else literal
    possible = branch_doubt or possible
    first = text.parts[0] if text.parts else ""
    if isinstance(first, str) and first.lstrip()[:1] in ("{", "[") and len(first) < MAX_LENGTH:
        return Template(
            place=place, value=value, possible=possible, pieces=tuple(traced), style="hcl"
        )
    return Scalar(place=place, value=value, possible=possible, style="hcl")


def _collect(
    context: Context, parts: tuple[ast.Part, ...], pieces: Pieces, doubts: list[str]
) -> None:
    """The pieces of the parts, directives carried out."""
    session = context.module.session
    for part in parts:
        session.steps -= 1
        if session.steps < 0:
            raise Fail("the evaluation takes too many steps")
        if isinstance(part, ast.TemplateLiteral):
            session.characters -= len(part.value)
            if session.characters < 0:
                raise Fail("the evaluation makes too long strings")
            pieces.append(Piece(part, part.start, Text.of(part.value)))
        elif isinstance(part, ast.Interpolation):
            node = context.eval(part.expr)
            if isinstance(node, Maybe):
                node = because(node.value, node.possible)
            if is_null(node):
                raise Fail(f"`{context.written(part.expr)}` is null in a template")
            if isinstance(node, (Scalar, Encoded)):
                session.characters -= (
                    len(node.value)
                    if (isinstance(node, Scalar) and isinstance(node.value, str))
                    else 8
                )
                if session.characters < 0:
                    raise Fail("the evaluation makes too long strings")
            pieces.append((node, part.start))
        elif isinstance(part, ast.IfDirective):
            condition = context.eval(part.condition)
            if known(condition):
                if condition.possible:
                    doubts.append(condition.possible)
                chosen = part.then if bool_of(condition) else part.otherwise
                _collect(context, chosen, pieces, doubts)
            elif isinstance(condition, Failed):
                raise Fail(condition.reason)
            else:
                pieces.append((_branches(context, part), part.start))
        else:
            _loop(context, part, pieces, doubts)


def _branches(context: Context, part: ast.IfDirective) -> Node:
    place = context.place(part)
    written = context.written(part.condition)
    return Either(
        place=place,
        branches=(
            because(render_parts(context, part.then, place), f"if `{written}`"),
            because(render_parts(context, part.otherwise, place), f"unless `{written}`"),
        ),
        condition=written,
    )


def _loop(context: Context, part: ast.ForDirective, pieces: Pieces, doubts: list[str]) -> None:
    collection = context.eval(part.collection)
    pairs, more = iteration(collection)
    for key, value in pairs:
        if isinstance(value, Maybe):
            more = value.possible
        names = {part.value: certain_part(value)}
        if part.key is not None:
            names[part.key] = key
        _collect(context.with_names(names), part.body, pieces, doubts)
    if more is not None:
        hole = Hole(f"%{{ for … in {context.written(part.collection)} }}", "unknown")
        pieces.append(Piece(None, part.start, Text((hole,))))
