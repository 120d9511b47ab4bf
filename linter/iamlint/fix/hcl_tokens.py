"""Tokens of HCL text as `terraform fmt` sees them: what the layout of a file is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iamlint.sources.terraform.scanner import NAME

IDENT, NUMBER, NEWLINE, COMMENT = "ident", "number", "newline", "comment"
OPEN_QUOTE, CLOSE_QUOTE, LITERAL = "open-quote", "close-quote", "literal"
OPEN_HEREDOC, CLOSE_HEREDOC = "open-heredoc", "close-heredoc"
SEQUENCE, SEQUENCE_END = "sequence", "sequence-end"

_normal = re.compile(
    rf"""(?P<blank>[ \t]+)
    |(?P<newline>\r?\n)
    |(?P<comment>(?:\#|//)[^\n]*(?:\n|\Z)|/\*.*?\*/)
    |(?P<heredoc><<-?{NAME}\r?\n)
    |(?P<ident>{NAME})
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    |(?P<quote>")
    |(?P<end>~?\}})
    |(?P<sign>\.\.\.|::|=>|==|!=|<=|>=|&&|\|\||.)""",
    re.VERBOSE | re.DOTALL,
).match
_quoted = re.compile(
    r"""[^"\\$%]*(?:(?:\\.|\$\$\{|%%\{|\$(?!\{)|%(?!\{))[^"\\$%]*)*""", re.DOTALL
).match
_line = re.compile(r"""[^$%\n]*(?:(?:\$\$\{|%%\{|\$(?!\{)|%(?!\{))[^$%\n]*)*\n?""").match


class Token:
    """A piece of text with the blanks before it; `kind` of punctuation is the text itself."""

    __slots__ = ("blanks", "kind", "text")

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text
        self.blanks = 0


def tokens(text: str) -> list[Token]:
    """The tokens of text that is HCL; blanks are left out and `Token.blanks` is 0."""
    return list(_Lexer(text).normal(nested=False))


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def normal(self, *, nested: bool) -> Iterator[Token]:
        """Tokens up to the end of the text or, `nested`, of the `${` sequence."""
        depth = 0
        while self.at < len(self.text):
            match = _normal(self.text, self.at)
            assert match is not None
            kind, written = match.lastgroup, match.group()
            self.at = match.end()
            if kind == "blank":
                continue
            if kind == "quote":
                yield Token(OPEN_QUOTE, written)
                yield from self._template(None)
            elif kind == "heredoc":
                yield Token(OPEN_HEREDOC, written)
                yield from self._template(written[2:].lstrip("-").rstrip("\r\n"))
            elif kind == "end":
                if nested and depth == 0:
                    yield Token(SEQUENCE_END, written)
                    return
                depth -= 1
                yield from (Token(letter, letter) for letter in written)
            elif kind == "sign":
                depth += written == "{"
                yield Token(written, written)
            else:
                yield Token(str(kind), written)

    def _template(self, marker: str | None) -> Iterator[Token]:
        """The inside of a quoted string, or of the heredoc with this marker, and its end."""
        fresh = marker is not None
        while self.at < len(self.text):
            if fresh and marker is not None:
                end = self.text.find("\n", self.at)
                line = self.text[self.at : end if end >= 0 else len(self.text)]
                if line.strip() == marker:
                    kept = line.rstrip("\r")
                    yield Token(CLOSE_HEREDOC, kept)
                    self.at += len(kept)
                    return
            match = (_quoted if marker is None else _line)(self.text, self.at)
            assert match is not None
            if match.end() > self.at:
                yield Token(LITERAL, match.group())
            fresh = match.group().endswith("\n")
            self.at = match.end()
            if marker is None and self.text.startswith('"', self.at):
                self.at += 1
                yield Token(CLOSE_QUOTE, '"')
                return
            if not fresh and self.at < len(self.text):
                opening = self.text[self.at : self.at + 2]
                if self.text.startswith("~", self.at + 2):
                    opening += "~"
                self.at += len(opening)
                yield Token(SEQUENCE, opening)
                yield from self.normal(nested=True)
