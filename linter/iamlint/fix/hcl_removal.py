"""Taking elements and blocks out of HCL text, with their separators, lines and comments.

A comment at the end of a line goes with what stands on the line.  Comment lines directly above
go with what they stand above, unless they head a group of one-line elements of which some stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from iamlint.fix import layout
from iamlint.text import Edit, Span

_COMMENT = r"(?:(?:#|//)[^\r\n]*|/\*(?:(?!\*/)[^\r\n])*\*/)"
_tail = re.compile(rf"[ \t]*,?[ \t]*(?:{_COMMENT}[ \t]*)?(?=\r?\n|\Z)").match
_comma = re.compile(r"[ \t]*,").match
_comment_line = re.compile(rf"[ \t]*{_COMMENT}[ \t]*\r?\n").fullmatch
_blanks = re.compile(r"\s*").match


def without_items(text: str, items: Sequence[Span], gone: set[int]) -> list[Edit]:
    """Edits that take some elements out of a list or entries out of an object; some must stay.

    `items` are the spans of all of them in source order.
    """
    found: list[Edit] = []
    for first, last in layout.runs(items, gone):
        start, end = items[first].start, items[last].end
        tail = _tail(text, end)
        following = items[last + 1] if last + 1 < len(items) else None
        if layout.begins_line(text, start) and tail is not None:
            stop = _next_line(text, tail.end())
            begin = layout.line_start(text, start)
            if not _heads_more(text, items[first], items[last], following):
                begin = comments_above(text, begin)
            found.append(Edit(_with_blank(text, begin, stop), ""))
        elif following is not None:
            found.append(Edit(Span(start, following.start), ""))
        elif first > 0:
            comma = _comma(text, end)
            after = comma.end() if comma else end
            before = items[first - 1].end
            kept = _comma(text, before)
            # The element before keeps its own comma if the last one had one.
            if comma and kept:
                before = kept.end()
            found.append(Edit(Span(before, after), ""))
    return found


def without_blocks(text: str, blocks: Sequence[Span]) -> list[Edit] | None:
    """Edits that take blocks out with their lines; None if one shares a line with other code."""
    lines: list[Span] = []
    for block in sorted(blocks):
        start = layout.line_start(text, block.start)
        tail = _tail(text, block.end)
        if text[start : block.start].strip() or tail is None:
            return None
        begin = comments_above(text, start)
        if begin == 0 and start > 0:
            begin = start  # what heads the file is not the block's
        stop = _next_line(text, tail.end())
        if lines and not text[lines[-1].end : begin].strip():
            lines[-1] = Span(lines[-1].start, stop)
        else:
            lines.append(Span(begin, stop))
    return [Edit(_with_blank(text, *span), "") for span in lines]


def comments_above(text: str, line: int) -> int:
    """Where the comment lines directly above a line begin; the line itself if there are none."""
    while line > 0:
        above = layout.line_start(text, line - 1)
        if _comment_line(text[above:line]) is None:
            break
        line = above
    return line


def has_comma(text: str, end: int) -> bool:
    """True if a comma follows an element on its line."""
    return _comma(text, end) is not None


def tail_end(text: str, end: int) -> int:
    """Where the line of an element ends, its comma and comment being all that follows there."""
    tail = _tail(text, end)
    return end if tail is None else tail.end()


def line_after(text: str, end: int) -> int | None:
    """Where the line after an element begins, its comma and comment being on its own line."""
    tail = _tail(text, end)
    return None if tail is None else _next_line(text, tail.end())


def _next_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _heads_more(text: str, first: Span, last: Span, following: Span | None) -> bool:
    """True if a comment above these one-line elements heads the next one as well."""
    if following is None or "\n" in text[first.start : last.end].strip():
        return False
    between = text[_next_line(text, last.end) : following.start]
    return not between.strip() and "\n" not in between


def _with_blank(text: str, begin: int, stop: int) -> Span:
    """A removal of lines that leaves no two blank lines in a row, and none beside a bracket."""
    above = len(text[:begin].rstrip())
    below = _blanks(text, stop).end()  # type: ignore[union-attr]
    gap_above = text.count("\n", above, begin) > 1
    gap_below = "\n" in text[stop:below]
    if text[below : below + 1] in ("", "]", "}", ")"):
        if gap_above:
            begin = _next_line(text, above)
    elif gap_below and (gap_above or text[above - 1 : above] in ("", "[", "{", "(")):
        stop = layout.line_start(text, below)
    return Span(begin, stop)
