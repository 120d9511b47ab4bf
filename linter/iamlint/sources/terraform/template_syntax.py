"""Templates: quoted strings, heredocs and bare template text, with `${…}` and `%{…}` sequences.

The order of work is HCL's own: pieces are collected, `~` markers trim the literal pieces beside
them, `<<-` takes the common indent away, and then directives are put together.
"""

from __future__ import annotations

import re

from iamlint.sources.terraform.ast import (
    Expr,
    Heredoc,
    Interpolation,
    Part,
    TemplateExpr,
    TemplateLiteral,
)
from iamlint.sources.terraform.scanner import MAX_DEPTH, NAME
from iamlint.sources.terraform.strings import (
    SPACES,
    BadEscape,
    decode_plain,
    decode_quoted,
    offset_in,
)
from iamlint.sources.terraform.template_parts import Directive, Piece, TemplateParts, dedent, meld
from iamlint.text import Span

_plain_string = re.compile(r'"([^"\\$%\n\r\0]*)"').match
_quoted_run = re.compile(
    r"""[^"\\$%\n\r\0]*(?:(?:\\[^\n\r\0]|\$\$\{|%%\{|\$(?!\{)|%(?!\{))[^"\\$%\n\r\0]*)*"""
).match
_line_run = re.compile(r"""[^$%\n\0]*(?:(?:\$\$\{|%%\{|\$(?!\{)|%(?!\{))[^$%\n\0]*)*\n?""").match
_heredoc_open = re.compile(rf"<<(-?)({NAME})\r?\n").match


class Templates(TemplateParts):
    """The template half of the expression grammar."""

    __slots__ = ()

    def expr(self, at: int, nl: bool, depth: int) -> Expr:
        raise NotImplementedError

    def quoted(self, at: int, depth: int) -> TemplateExpr:
        """The quoted string that begins at an offset."""
        plain = _plain_string(self.text, at)
        if plain is not None:
            end = plain.end()
            if end - at == 2:
                return TemplateExpr(at, end, ())
            return TemplateExpr(at, end, (TemplateLiteral(at + 1, end - 1, plain[1]),))
        start, at, text = at, at + 1, self.text
        pieces: list[Piece] = []
        while True:
            end = _quoted_run(text, at).end()  # type: ignore[union-attr]
            if end > at:
                self._literal(pieces, at, end, quoted=True)
            at, first = end, text[end]
            if first == '"':
                break
            if at >= self.limit:
                raise self.error(
                    start,
                    start + 1,
                    "Unterminated template string",
                    "No closing marker was found for the string.",
                    unclosed=True,
                )
            if first in "\n\r\\":
                raise self.error(
                    start,
                    at,
                    "Invalid multi-line string",
                    "Quoted strings may not be split over multiple lines. To produce a multi-line "
                    "string, either use the \\n escape to represent a newline character or use "
                    'the "heredoc" multi-line template syntax.',
                )
            if first == "\0":
                raise self.error_at(at, "Invalid character", "")
            at = self._sequence(pieces, at, depth)
        return TemplateExpr(start, at + 1, self.assemble(pieces))

    def heredoc(self, at: int, depth: int) -> Heredoc:
        """The heredoc whose `<<` is at an offset."""
        text, start = self.text, at
        opening = _heredoc_open(text, at)
        if opening is None:
            raise self.error(
                at,
                self.line_end(at),
                "Invalid expression",
                "Expected the start of an expression, but found an invalid expression token. "
                "A heredoc begins with `<<` or `<<-` and a marker that ends the line.",
            )
        flush, marker, at = bool(opening[1]), opening[2], opening.end()
        body_start = at
        closing = re.compile(rf"^[^\S\n]*{marker}[^\S\n]*$", re.MULTILINE)
        closed = closing.search(text, at)
        pieces: list[Piece] = []
        if (
            closed is not None
            and not flush
            and text.find("${", at, closed.start()) < 0
            and text.find("%{", at, closed.start()) < 0
        ):
            body_end = closed.start()
            if body_end > at:
                pieces.append(TemplateLiteral(at, body_end, text[at:body_end]))
        else:
            body_end = self._lines(pieces, at, depth, closing)
            if body_end >= self.limit:
                raise self.error(
                    start,
                    opening.end(2),
                    "Unterminated template string",
                    f"No closing marker `{marker}` was found for the heredoc; it must stand on a "
                    "line of its own that ends with a line break.",
                    unclosed=True,
                )
            if flush:
                dedent(pieces)
            else:
                pieces = meld(pieces)
        end = text.index(marker, body_end) + len(marker)
        self.heredocs.append(Span(start, end))
        return Heredoc(start, end, self.assemble(pieces), marker, flush, body_start, body_end)

    def bare(self, at: int, depth: int) -> tuple[Part, ...]:
        """All text from an offset on as a template, as `templatefile` reads it."""
        pieces: list[Piece] = []
        end = self._lines(pieces, at, depth, None)
        if end < self.limit:
            raise self.error_at(end, "Invalid character", "")
        return self.assemble(meld(pieces))

    def _lines(
        self, pieces: list[Piece], at: int, depth: int, closing: re.Pattern[str] | None
    ) -> int:
        """Collect pieces line by line up to the closing line, or to the end of the text."""
        text, fresh = self.text, True
        while at < self.limit:
            if fresh and closing is not None and closing.match(text, at):
                return at
            end = _line_run(text, at).end()  # type: ignore[union-attr]
            if end > at:
                self._literal(pieces, at, end, quoted=False)
            fresh = text[end - 1] == "\n" and end > at
            at = end
            if text[at] == "\0":
                if at < self.limit:
                    raise self.error_at(at, "Invalid character", "")
            elif not fresh:
                at = self._sequence(pieces, at, depth)
        return at

    def _literal(self, pieces: list[Piece], start: int, end: int, *, quoted: bool) -> None:
        raw = self.text[start:end]
        try:
            value = decode_quoted(raw) if quoted else decode_plain(raw)
        except BadEscape as problem:
            raise self.error(
                start + problem.start,
                start + problem.end,
                "Invalid escape sequence",
                problem.detail,
            ) from None
        piece = TemplateLiteral(start, end, value)
        if pieces and not isinstance(pieces[-1], TemplateLiteral) and pieces[-1].strip_right:
            kept = value.lstrip(SPACES)
            piece.start = offset_in(self.text, piece, len(value) - len(kept))
            piece.value = kept
        pieces.append(piece)

    def _sequence(self, pieces: list[Piece], at: int, depth: int) -> int:
        """Read the `${…}` or `%{…}` at an offset; answers where it ends."""
        if depth >= MAX_DEPTH:
            raise self.error_deep(at)
        text, start = self.text, at
        at += 2
        strip_left = text[at] == "~"
        if strip_left:
            at += 1
            if pieces and isinstance(pieces[-1], TemplateLiteral):
                last = pieces[-1]
                kept = last.value.rstrip(SPACES)
                if len(kept) < len(last.value):
                    last.end = offset_in(text, last, len(kept))
                    last.value = kept
        if text[start] == "$":
            expr = self.expr(at, True, depth + 1)
            at = self.skip(expr.end, True)
            strip_right, at = self._sequence_end(start, at, "interpolation")
            pieces.append(Interpolation(start, at, expr, strip_left, strip_right))
            return at
        at = self.skip(at, True)
        keyword = self.name(at)
        if keyword not in ("if", "for", "else", "endif", "endfor"):
            raise self.error(
                at,
                at + max(1, len(keyword)),
                "Invalid template control keyword",
                f"`{keyword}` is not a valid template control keyword."
                if keyword
                else "A template directive keyword is required at the beginning of a directive.",
            )
        at += len(keyword)
        key, value, condition = None, "", None
        if keyword == "if":
            condition = self.expr(at, True, depth + 1)
            at = condition.end
        elif keyword == "for":
            key, value, at = self.loop_names(at, "directive")
            condition = self.expr(at, True, depth + 1)
            at = condition.end
        at = self.skip(at, True)
        strip_right, at = self._sequence_end(start, at, "directive")
        pieces.append(Directive(start, at, keyword, key, value, condition, strip_left, strip_right))
        return at

    def loop_names(self, at: int, kind: str) -> tuple[str | None, str, int]:
        """`k, v in` after `for`: the names, and where the collection begins."""
        summary = f"Invalid 'for' {kind}"
        at = self.skip(at, True)
        first = self.name(at)
        if not first:
            raise self.error_at(at, summary, f"For {kind} requires variable name after 'for'.")
        at = self.skip(at + len(first), True)
        second = ""
        if self.text[at] == ",":
            at = self.skip(at + 1, True)
            second = self.name(at)
            if not second:
                raise self.error_at(
                    at, summary, f"For {kind} requires value variable name after comma."
                )
            at = self.skip(at + len(second), True)
        if self.name(at) != "in":
            raise self.error_at(at, summary, f"For {kind} requires 'in' keyword after names.")
        return (first, second, at + 2) if second else (None, first, at + 2)

    def _sequence_end(self, start: int, at: int, kind: str) -> tuple[bool, int]:
        text = self.text
        if text[at] == "}":
            return False, at + 1
        if text[at] == "~" and text[at + 1] == "}":
            return True, at + 2
        if at >= self.limit:
            raise self.error(
                start,
                start + 2,
                f"Unclosed template {kind} sequence",
                f"There is no closing brace for this {kind} sequence before the end of the file. "
                "This might be caused by incorrect nesting inside the given expression.",
                unclosed=True,
            )
        escape = "$${" if kind == "interpolation" else "%%{"
        raise self.error_at(
            at,
            "Extra characters after interpolation expression"
            if kind == "interpolation"
            else "Extra characters in template directive",
            f"Expected a closing brace to end the {kind}, but found extra characters. If this is "
            f'an embedded sequence for another language, escape it by starting with "{escape}" '
            f'instead of just "{escape[1:]}".',
        )
