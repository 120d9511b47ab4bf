"""The pieces of a template put together: common indent, neighbouring literals, directives."""

from __future__ import annotations

from typing import Union

import msgspec

from iamlint.sources.terraform.ast import (
    Expr,
    ForDirective,
    IfDirective,
    Interpolation,
    Part,
    TemplateLiteral,
)
from iamlint.sources.terraform.scanner import MAX_DEPTH, HclSyntaxError, Scanner
from iamlint.sources.terraform.strings import (
    SPACES,
)


class Directive(msgspec.Struct, gc=False):
    """One `%{…}` sequence before it is joined with its counterpart."""

    start: int
    end: int
    keyword: str
    key: str | None
    value: str
    expr: Expr | None
    strip_left: bool
    strip_right: bool


Piece = Union[TemplateLiteral, Interpolation, Directive]


class Open(msgspec.Struct, gc=False):
    """A directive that waits for its end; `then` is set once `else` was seen."""

    directive: Directive
    then: tuple[Part, ...] | None
    outer: list[Part]


class TemplateParts(Scanner):
    """Joins pieces to parts."""

    __slots__ = ()

    def assemble(self, pieces: list[Piece]) -> tuple[Part, ...]:
        """Join directives with their ends and drop literal pieces that became empty."""
        parts: list[Part] = []
        stack: list[Open] = []
        for piece in pieces:
            if isinstance(piece, TemplateLiteral):
                if piece.value:
                    parts.append(piece)
            elif isinstance(piece, Interpolation):
                parts.append(piece)
            elif piece.keyword in ("if", "for"):
                if len(stack) >= MAX_DEPTH:
                    raise self.error_deep(piece.start)
                stack.append(Open(piece, None, parts))
                parts = []
            else:
                parts = self._close(piece, parts, stack)
        if stack:
            opened = stack[-1].directive
            raise self.error(
                opened.start,
                opened.end,
                "Unexpected end of template",
                f"The {opened.keyword} directive is missing its corresponding "
                f"end{opened.keyword} directive.",
            )
        return tuple(parts)

    def _close(self, piece: Directive, parts: list[Part], stack: list[Open]) -> list[Part]:
        opened = stack[-1] if stack else None
        wanted = opened.directive.keyword if opened else ""
        if (
            opened is not None
            and piece.keyword == "else"
            and wanted == "if"
            and opened.then is None
        ):
            opened.then = tuple(parts)
            return []
        if opened is None or piece.keyword != "end" + wanted:
            detail = "The control directives within this template are unbalanced."
            if piece.keyword == "else" and wanted == "if":
                detail = "Already in the else clause of this if directive."
            raise self.error(
                piece.start, piece.end, f"Unexpected {piece.keyword} directive", detail
            )
        stack.pop()
        begun = opened.directive
        assert begun.expr is not None
        if wanted == "if":
            then, otherwise = (
                (tuple(parts), ()) if opened.then is None else (opened.then, tuple(parts))
            )
            joined: Part = IfDirective(begun.start, piece.end, begun.expr, then, otherwise)
        else:
            joined = ForDirective(
                begun.start, piece.end, begun.key, begun.value, begun.expr, tuple(parts)
            )
        opened.outer.append(joined)
        return opened.outer

    def error_deep(self, at: int) -> HclSyntaxError:
        return self.error(
            at,
            at + 1,
            "Expression nested too deeply",
            f"iamlint reads up to {MAX_DEPTH} levels of brackets, blocks and templates.",
        )


def dedent(pieces: list[Piece]) -> None:
    """Take the common indent off the lines, as `<<-` asks; blank lines do not count and stay."""
    least: int | None = None
    fresh = True
    lines: list[TemplateLiteral] = []
    for piece in pieces:
        literal = piece if isinstance(piece, TemplateLiteral) else None
        if fresh:
            fresh = False
            indent: int | None = 0
            if literal is not None:
                kept = literal.value.lstrip(SPACES)
                if not kept and literal.value.endswith("\n"):
                    indent = None
                else:
                    indent = len(literal.value) - len(kept)
                    lines.append(literal)
            if indent is not None:
                least = indent if least is None else min(least, indent)
        if literal is not None and literal.value.endswith("\n"):
            fresh = True
    for line in lines:
        line.value = line.value[least:]
        line.start += least or 0


def meld(pieces: list[Piece]) -> list[Piece]:
    """Make one literal piece of neighbouring ones."""
    melded: list[Piece] = []
    run: list[TemplateLiteral] = []

    def finish() -> None:
        if run:
            value = "".join(piece.value for piece in run)
            melded.append(TemplateLiteral(run[0].start, run[-1].end, value))
            run.clear()

    for piece in pieces:
        if isinstance(piece, TemplateLiteral):
            if not piece.value:
                continue
            if run and run[-1].end != piece.start:
                finish()
            run.append(piece)
        else:
            finish()
            melded.append(piece)
    finish()
    return melded
