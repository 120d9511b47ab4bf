"""Source frames for HTML: the lines of a finding, with what is meant marked in them."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint import escape
from iamlint.finding import Finding
from iamlint.rule.secrets import concealed
from iamlint.text import Place, SourceText

MAX_LINES = 12
MAX_LINE = 400
CONTEXT = 1


def frame(finding: Finding) -> Iterator[str]:
    """A block for each file that a finding and its labels stand in, its own first."""
    files: dict[str, list[tuple[Place, str]]] = {finding.place.path: [(finding.place, "")]}
    for label in finding.labels:
        if label.place.source.text:
            files.setdefault(label.place.path, []).append((label.place, label.message))
    for path, places in files.items():
        if path != finding.place.path:
            start = places[0][0].start
            yield f'<p class="dim"><code>{escape.html(f"{path}:{start.line}")}</code></p>'
        yield f"<pre>{''.join(_lines(places))}</pre>"


def _lines(places: list[tuple[Place, str]]) -> Iterator[str]:
    """The numbered lines around places of one file; left out ones are shown by a dot line."""
    source = places[0][0].source
    marks: dict[int, list[tuple[int, int, bool]]] = {}
    said: dict[int, list[str]] = {}
    shown: set[int] = set()
    for index, (place, message) in enumerate(places):
        first, last = place.start, place.end
        end = min(last.line, first.line + MAX_LINES - 1)
        shown.update(range(max(1, first.line - CONTEXT), min(end + CONTEXT, source.line_count) + 1))
        for line in range(first.line, end + 1):
            text = concealed(source.line(line))
            begin = first.column - 1 if line == first.line else len(text) - len(text.lstrip())
            stop = last.column - 1 if line == last.line else len(text)
            if begin < stop:
                marks.setdefault(line, []).append((begin, stop, index == 0))
        if message:
            said.setdefault(end, []).append(message)
    gutter = len(str(max(shown)))
    before = 0
    for line in sorted(shown):
        if before and line > before + 1:
            yield f"<b>{'.' * gutter}</b>\n"
        before = line
        yield f"<b>{line:>{gutter}}</b>  {_marked(source, line, marks.get(line, []))}"
        yield from (f"  <i>{escape.html(message)}</i>" for message in said.get(line, ()))
        yield "\n"


def _marked(source: SourceText, number: int, marks: list[tuple[int, int, bool]]) -> str:
    """A line with its marks; of overlapping ones the first to begin wins."""
    text = concealed(source.line(number))
    pieces, at = [], 0
    for begin, stop, primary in sorted(marks, key=lambda mark: (mark[0], not mark[2])):
        begin, stop = max(begin, at), min(stop, len(text), max(begin, at) + MAX_LINE)
        if begin >= stop:
            continue
        pieces.append(_clipped(text[at:begin]))
        kind = "" if primary else ' class="label"'
        pieces.append(f"<mark{kind}>{escape.html(text[begin:stop])}</mark>")
        at = stop
    pieces.append(_clipped(text[at:]))
    return "".join(pieces)


def _clipped(text: str) -> str:
    """Text between marks; the middle of a very long one is left out."""
    if len(text) > MAX_LINE:
        text = f"{text[: MAX_LINE // 2]} … {text[-MAX_LINE // 2 :]}"
    return escape.html(text)
