"""The second opinion: text that our parser rejects goes to python-hcl2 before it is called unreadable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamlint.sources.terraform.ast import (
    Comment,
    File,
    SyntaxProblem,
)
from iamlint.sources.terraform.body_syntax import body_of
from iamlint.sources.terraform.scanner import HclSyntaxError

if TYPE_CHECKING:
    pass

from iamlint.sources.terraform.lark_tree import Refused, Stretch

MAX_TEXT = 100_000
"""So many characters of a file python-hcl2 may be given: it reads some 200,000 a second."""

NOTE = "terraform will reject it; python-hcl2 could read it, and what it read is judged"


def reread(file: File) -> File:
    """Give what was lost of a file to python-hcl2; what it can read becomes part of the body.

    The problem stays in `errors`, with a note and without a loss.  A file without losses comes
    back as it is.
    """
    left = MAX_TEXT
    items = list(file.body.items)
    comments = list(file.comments)
    errors: list[SyntaxProblem] = []
    for problem in file.errors:
        lost = problem.lost
        adapter = None
        if lost is not None and lost.end - lost.start <= left:
            left -= lost.end - lost.start
            adapter = read_stretch(file.source.text, lost.start, lost.end)
        if adapter is None:
            errors.append(problem)
            continue
        items += adapter.items
        comments += adapter.comments
        errors.append(
            SyntaxProblem(problem.start, problem.end, problem.summary, problem.detail, note=NOTE)
        )
    if len(items) == len(file.body.items):
        return file
    items.sort(key=lambda item: item.start)
    comments = sorted({comment.start: comment for comment in comments}.values(), key=_start)
    body = body_of(file.body.start, file.body.end, items)
    return File(file.source, body, tuple(comments), tuple(errors))


def _start(comment: Comment) -> int:
    return comment.start


def read_stretch(text: str, start: int, end: int) -> Stretch | None:
    """What python-hcl2 makes of a stretch of text, offsets counting all of it; None if nothing."""
    import hcl2
    from lark.exceptions import LarkError

    try:
        tree = hcl2.parses_to_tree(text[start:end] + "\n")
        adapter = Stretch(text, start, end)
        adapter.items = adapter.body(tree.children[0], 0)
    except (LarkError, HclSyntaxError, Refused, RecursionError, ValueError, IndexError):
        return None
    for token in tree.scan_values(lambda value: getattr(value, "type", "") == "NL_OR_COMMENT"):
        adapter.comment(token)
    return adapter if adapter.items else None
