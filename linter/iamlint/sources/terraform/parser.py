"""Terraform's native syntax to a syntax tree: attributes, blocks, and going on after an error.

A block that is broken costs that block: it is reported, and reading goes on at the next block
that begins in the first column.
"""

from __future__ import annotations

import re

from iamlint.sources.terraform.ast import (
    Attribute,
    Block,
    Expr,
    File,
    SyntaxProblem,
    TemplateExpr,
)
from iamlint.sources.terraform.body_syntax import Bodies, body_of
from iamlint.sources.terraform.scanner import NAME, HclSyntaxError
from iamlint.text import SourceText, Span

MAX_ERRORS = 100
"""After so many broken blocks the rest of a file is given up."""

# Compiled when a file is broken, which few are.
_BLOCK = rf'(?:[ \t]+(?:"[^"\n]*"|{NAME}))*[ \t]*\{{'
_NEXT_BLOCK = rf"^{NAME}{_BLOCK}"
_NEXT_ITEM = rf"^{NAME}(?:[ \t]*=|{_BLOCK})"
_HEADER = r"[^\n{=]{1,200}"


def parse(source: SourceText) -> File:
    """Parse one file; never raises.

    What could not be read is in `errors`, each with the text that was lost; the body has
    everything else.
    """
    parser = Parser(source.text)
    items = parser.file()
    body = body_of(0, len(source.text), items)
    return File(source, body, tuple(parser.comments), tuple(parser.errors))


def parse_expression(source: SourceText, start: int = 0, end: int | None = None) -> Expr:
    """Parse a part of a text as one expression, line breaks being blanks; raises HclSyntaxError."""
    parser = Parser(source.text if end is None else source.text[:end])
    try:
        node = parser.expr(start, True, 0)
        parser.check_height(node)
    except RecursionError:
        raise parser.error_deep(start) from None
    at = parser.skip(node.end, True)
    if at < parser.limit:
        raise parser.error_at(
            at,
            "Extra characters after expression",
            "An expression was successfully parsed, but extra characters were found after it.",
        )
    return node


def parse_template(source: SourceText, start: int = 0, end: int | None = None) -> TemplateExpr:
    """Parse a part of a text as a bare template, as `templatefile` does; raises HclSyntaxError."""
    parser = Parser(source.text if end is None else source.text[:end])
    try:
        node = TemplateExpr(start, parser.limit, parser.bare(start, 0))
        parser.check_height(node)
    except RecursionError:
        raise parser.error_deep(start) from None
    return node


class Parser(Bodies):
    """The whole file, with recovery."""

    __slots__ = ("errors",)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.errors: list[SyntaxProblem] = []

    def file(self) -> list[Attribute | Block]:
        items: list[Attribute | Block] = []
        at = 1 if self.text.startswith("\ufeff") else 0
        budget = 1_000_000 + 16 * self.limit
        while True:
            self.item_start = at
            try:
                self.items(items, at, 0, top=True)
                return items
            except HclSyntaxError as error:
                problem, unclosed = error.problem, error.unclosed
            except RecursionError:
                problem, unclosed = self.error_deep(self.item_start).problem, False
            budget -= self.limit - self.item_start if unclosed else problem.end - self.item_start
            at = self._resync(items, problem, unclosed, budget)
            if at < 0:
                return items

    def _resync(
        self, items: list[Attribute | Block], problem: SyntaxProblem, unclosed: bool, budget: int
    ) -> int:
        """Record the problem and what was lost; answers where to go on, -1 for nowhere."""
        begun = self.item_start
        if self.text[begun] == "}":
            begun = self._drop_closed_early(items, begun)
        block, item = (re.compile(each, re.MULTILINE) for each in (_NEXT_BLOCK, _NEXT_ITEM))
        pattern = block
        if not unclosed and item.match(self.text, begun) and not block.match(self.text, begun):
            pattern = item
        at = self.item_start + 1
        if not unclosed:  # the header of the next block may be what did not fit
            at = max(at, self.text.rfind("\n", 0, problem.start) + 1)
        following = self._next(pattern, at)
        given_up = following >= 0 and (budget < 0 or len(self.errors) + 1 >= MAX_ERRORS)
        if given_up:
            following = -1
        lost = Span(begun, following if following >= 0 else self.limit)
        header = re.compile(_HEADER).match(self.text, begun, self.limit)
        detail = problem.detail
        if given_up:
            detail += " There are too many errors in this file; the rest of it was not read."
        self.errors.append(
            SyntaxProblem(
                problem.start,
                problem.end,
                problem.summary,
                detail,
                Span(
                    lost.start,
                    lost.start + len(self.text[lost.start : lost.end].rstrip(" \t\r\n")),
                ),
                header.group().strip() if header else "",
            )
        )
        if following >= 0:
            while self.comments and self.comments[-1].start >= following:
                self.comments.pop()
            self.comments_end = self.comments[-1].end if self.comments else 0
            while self.heredocs and self.heredocs[-1].start >= following:
                self.heredocs.pop()
        self.links = 0
        return following

    def _next(self, pattern: re.Pattern[str], at: int) -> int:
        """Where the next item begins in the first column, outside of heredocs that were read."""
        while True:
            match = pattern.search(self.text, at)
            if match is None:
                return -1
            inside = [span for span in self.heredocs if span.start <= match.start() < span.end]
            if not inside:
                return match.start()
            at = inside[-1].end

    def _drop_closed_early(self, items: list[Attribute | Block], at: int) -> int:
        """A stray `}` means that a block ended too early: take back what cannot be trusted.

        That is every indented item just before, and the block that they must have been part of.
        """
        start = at
        while items:
            item = items[-1]
            indented = self.text[item.start - 1] not in "\n\0" if item.start else False
            if not indented and not isinstance(item, Block):
                break
            items.pop()
            start = item.start
            if not indented:
                break
        return start
