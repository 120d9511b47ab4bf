"""The layout of HCL as `terraform fmt` has it: indentation, blanks between tokens, columns.

The rules are those of the formatter in HashiCorp's hclwrite, which terraform runs: only blanks
change, never a token or a line.  So a file that was in that layout can be kept in it by an edit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from iamlint.fix.hcl_tokens import (
    CLOSE_HEREDOC,
    CLOSE_QUOTE,
    COMMENT,
    IDENT,
    LITERAL,
    NEWLINE,
    NUMBER,
    OPEN_HEREDOC,
    OPEN_QUOTE,
    SEQUENCE,
    SEQUENCE_END,
    Token,
    tokens,
)

_OPENING = frozenset({"{", "[", "(", SEQUENCE})
_CLOSING = frozenset({"}", "]", ")", SEQUENCE_END})
_NO_BLANK_AFTER = frozenset({LITERAL, OPEN_QUOTE, OPEN_HEREDOC})
_NO_BLANK_BEFORE = frozenset({LITERAL, CLOSE_QUOTE, CLOSE_HEREDOC})
# A minus after one of these is a sign, not an operator.
_BEFORE_SIGN = frozenset("([{=:,?+*/%-<>!") | {"==", "!=", "<=", ">=", "&&", "||"}
_NOTHING = Token("nothing", "")


class _Line:
    """One line in its cells: what is assigned to, the assignment, the comment at the end."""

    __slots__ = ("assign", "comment", "lead")

    def __init__(self, lead: list[Token]) -> None:
        self.lead = lead
        self.assign: list[Token] = []
        self.comment: list[Token] = []
        if len(lead) > 1 and lead[-1].kind == COMMENT:
            self.comment = [lead.pop()]
        for index, token in enumerate(lead):
            if index > 0 and token.kind == "=":
                if sum(map(_bracket, lead[index:])) == 0:
                    self.assign = lead[index:]
                    del lead[index:]
                break


def formatted(text: str) -> str:
    """HCL text that parses without an error, in the layout of `terraform fmt`."""
    every = tokens(text)
    lines = _lines(every)
    _indent(lines)
    for line in lines:
        _space(line.lead)
        if line.assign:
            line.assign[0].blanks = 1
            _space(line.assign)
    _columns(lines)
    written = "".join(" " * token.blanks + token.text for token in every)
    last = text.rpartition("\n")[2]
    return written if last.strip() else written + last


@lru_cache(maxsize=64)
def kept(before: str, after: str) -> str:
    """An edited text, in the layout of `terraform fmt` if the text was so before.

    It is asked for when an edit is verified, tried with others, and written.
    """
    if not _is_formatted(before):
        return after
    start, end = _window(before, after)
    return after[:start] + formatted(after[start:end]) + after[end:]


def _window(before: str, after: str) -> tuple[int, int]:
    """The top-level blocks of the edited text that differ from a text in layout, by offsets.

    Blocks are laid out each for itself, and in such a text only the end of one stands as `}` on
    a line of its own, but for what heredocs and comments hold: with these it is the whole text.
    """
    if "<<" in before or "<<" in after or "/*" in after:
        return 0, len(after)
    first = _common(before, after)
    last = len(after) - _common(before[first:][::-1], after[first:][::-1])
    start = after.rfind(_END, 0, first) + len(_END)
    end = after.find(_END, last)
    return (start if start >= len(_END) else 0), (len(after) if end < 0 else end + len(_END))


_END = "\n}\n"


def _common(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@lru_cache(maxsize=64)
def _is_formatted(text: str) -> bool:
    """One file is asked about for each of its edits."""
    return formatted(text) == text


def _lines(every: Sequence[Token]) -> list[_Line]:
    lines: list[_Line] = []
    current: list[Token] = []
    for token in every:
        current.append(token)
        if token.kind == NEWLINE or (token.kind == COMMENT and token.text.endswith("\n")):
            lines.append(_Line(current))
            current = []
    lines.append(_Line(current))
    return lines


def _bracket(token: Token) -> int:
    return 1 if token.kind in _OPENING else -1 if token.kind in _CLOSING else 0


def _indent(lines: Sequence[_Line]) -> None:
    """Two blanks for each line, not bracket, that is still open."""
    open_: list[int] = []
    for line in lines:
        if not line.lead:
            continue
        if line.lead[0].kind == NEWLINE:
            line.lead[0].blanks = 0
            continue
        net = 0
        for cell in (line.lead, line.assign):
            for token in cell:
                net += _bracket(token)
                if token.kind == OPEN_HEREDOC:
                    break
        if net > 0:
            line.lead[0].blanks = 2 * len(open_)
            open_.append(net)
            continue
        closed = -net
        while closed > 0 and open_:
            if closed >= open_[-1]:
                closed -= open_.pop()
            else:
                open_[-1] -= closed
                closed = 0
        line.lead[0].blanks = 2 * len(open_)


def _space(cell: Sequence[Token]) -> None:
    before = _NOTHING
    for subject, after in pairwise(cell):
        after.blanks = 1 if _blank_between(before, subject, after) else 0
        before = subject


def _blank_between(before: Token, subject: Token, after: Token) -> bool:
    """True if there is a blank between two tokens, the one before them being given too."""
    this, following = subject.kind, after.kind
    if following == NEWLINE:
        return False
    if this == IDENT and following in ("(", "::"):
        return False
    if (this == "::" and following == IDENT) or "." in (this, following):
        return False
    if following in (",", "..."):
        return False
    if this == ",":
        return True
    if this in _NO_BLANK_AFTER or following in _NO_BLANK_BEFORE:
        return False
    if this == IDENT and subject.text == "in" and before.kind == IDENT:
        return True
    if following == "[" and (this in (IDENT, NUMBER) or this in _CLOSING):
        return False
    if this == "!":
        return False
    if this == "-":
        return before is not _NOTHING and before.kind not in _BEFORE_SIGN
    if this == "{" or following == "}":
        return not (this == "{" and following == "}")
    if (this == SEQUENCE and following == "{") or (this == "}" and following == SEQUENCE_END):
        return True
    if this == SEQUENCE_END and following == SEQUENCE:
        return False
    return this not in _OPENING and following not in _CLOSING


def _columns(lines: Sequence[_Line]) -> None:
    """Bring the assignments of neighbouring lines into one column, then their comments."""
    chain: list[_Line] = []
    for line in [*lines, None]:
        if line is not None and line.assign:
            chain.append(line)
            continue
        width = max((_width(each.lead) for each in chain), default=0)
        for each in chain:
            each.assign[0].blanks = width - _width(each.lead) + 1
        chain = []
    for line in [*lines, None]:
        if line is not None and line.comment:
            chain.append(line)
            continue
        width = max((_width(each.lead) + _width(each.assign) for each in chain), default=0)
        for each in chain:
            each.comment[0].blanks = width - _width(each.lead) - _width(each.assign) + 1
        chain = []


def _width(cell: Sequence[Token]) -> int:
    return sum(token.blanks + _characters(token.text) for token in cell)


def _characters(text: str) -> int:
    """How many characters a reader sees: marks belong to the letter before them."""
    if text.isascii():
        return len(text)
    return sum(1 for letter in text if unicodedata.category(letter) not in ("Mn", "Me", "Cf"))
