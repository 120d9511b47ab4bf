"""The lowest layer of the HCL parser: blanks, comments, names, and how an error is raised.

There is no token list.  Every method takes an offset and answers with a node whose `end` is
where reading goes on; `nl` tells whether a line break is a blank there, as it is inside brackets.
"""

from __future__ import annotations

import re
from typing import Literal

from iamlint.sources.terraform.ast import Comment, SyntaxProblem
from iamlint.text import Span

MAX_DEPTH = 100
"""How deep brackets, templates and blocks may nest."""

MAX_HEIGHT = 250
"""How high the tree of one expression may be, chains of operators and of `.name` included.

Few expressions come near it, so it is checked only where `links`, the count of chain links since
the expression began, or the depth of the nesting says that it might be passed.
"""

MARK_RANGES = "\u0300-\u036f\u203f\u2040"
NAME = rf"[^\W\d](?:[\w\-{MARK_RANGES}]*)"

_name = re.compile(NAME).match
_blank = re.compile(r"[ \t\r]*").match
_blank_or_break = re.compile(r"[ \t\r\n]*").match


class HclSyntaxError(ValueError):
    """HCL text that is not HCL; `problem` says what and where."""

    def __init__(self, problem: SyntaxProblem, *, unclosed: bool = False) -> None:
        super().__init__(f"{problem.summary}: {problem.detail}")
        self.problem = problem
        self.unclosed = unclosed


class Scanner:
    """Text with a NUL after its end, so that looking one character ahead is always possible."""

    __slots__ = ("comments", "comments_end", "heredocs", "limit", "links", "text")

    def __init__(self, text: str) -> None:
        self.limit = len(text)
        self.text = text + "\0"
        self.comments: list[Comment] = []
        self.comments_end = 0
        self.heredocs: list[Span] = []
        self.links = 0

    def skip(self, at: int, nl: bool) -> int:
        """The offset of the next character that is no blank and in no comment."""
        text = self.text
        blank = _blank_or_break if nl else _blank
        while True:
            at = blank(text, at).end()  # type: ignore[union-attr]
            first = text[at]
            if first == "#":
                at = self._line_comment(at, "#")
            elif first == "/":
                second = text[at + 1]
                if second == "/":
                    at = self._line_comment(at, "//")
                elif second == "*":
                    end = text.find("*/", at + 2)
                    if end < 0:
                        raise self.error(
                            at,
                            at + 2,
                            "Unterminated comment",
                            "There is no closing marker (*/) for this comment before the end of the file.",
                            unclosed=True,
                        )
                    if at >= self.comments_end:
                        self.comments.append(Comment(at, end + 2, "/*"))
                        self.comments_end = end + 2
                    at = end + 2
                else:
                    return at
            else:
                return at

    def _line_comment(self, at: int, kind: Literal["#", "//"]) -> int:
        end = self.text.find("\n", at)
        if end < 0:
            end = self.limit
        if at >= self.comments_end:
            last = end - 1 if self.text[end - 1] == "\r" else end
            self.comments.append(Comment(at, last, kind))
            self.comments_end = end
        return end

    def name(self, at: int) -> str:
        """The identifier at an offset, `""` if there is none."""
        match = _name(self.text, at)
        if match is None:
            return ""
        name = match.group()
        if not name.isascii() and not name.replace("-", "_").isidentifier():
            return ""
        return name

    def line_end(self, at: int) -> int:
        """The offset of the line break that ends the line, or of the end of the text."""
        end = self.text.find("\n", at)
        return self.limit if end < 0 else end

    def at_end(self, at: int) -> bool:
        return at >= self.limit

    def error(
        self, start: int, end: int, summary: str, detail: str, *, unclosed: bool = False
    ) -> HclSyntaxError:
        """The error to raise; `unclosed` says that reading ran to the end of the text."""
        start = min(start, self.limit)
        end = max(start, min(end, self.limit))
        return HclSyntaxError(SyntaxProblem(start, end, summary, detail), unclosed=unclosed)

    def error_at(self, at: int, summary: str, detail: str) -> HclSyntaxError:
        """The error to raise for the one character at an offset, if the character is allowed.

        A character that HCL does not know is the better explanation, so it goes first.
        """
        if at < self.limit:
            character = self.text[at]
            known = character in _KNOWN or self.name(at)
            if character in "'`":
                kind = "Single quotes" if character == "'" else "Backticks"
                detail = f'{kind} are not valid. Use double quotes (") to enclose strings.'
                return self.error(at, at + 1, "Invalid character", detail)
            if character in "&|":
                return self.error(
                    at,
                    at + 1,
                    "Unsupported operator",
                    f"There is no operator `{character}`; the logical operators are `&&` and `||`.",
                )
            if not known:
                shown = character if character.isprintable() else f"U+{ord(character):04X}"
                return self.error(
                    at,
                    at + 1,
                    "Invalid character",
                    f"The character `{shown}` is not used within the language.",
                )
        return self.error(at, at + 1, summary, detail)


_KNOWN = frozenset("\"{}[]()<>=!+-*/%&|?:.,~#\n\r \t0123456789'`")
