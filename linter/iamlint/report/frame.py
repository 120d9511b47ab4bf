"""Source frames: the lines around places, with carets under what is meant."""

from __future__ import annotations

from iamlint import escape
from iamlint.report.style import Style
from iamlint.rule.secrets import concealed
from iamlint.text import Place

MAX_SPAN_LINES = 4
MAX_LINE = 160


def frame(places: list[tuple[Place, str]], style: Style) -> list[str]:
    """The frame of one file's places, the first being the primary one.

    `places` pairs each place with the label under it (`""` for none); all lie in one file.
    Lines of a span beyond the first few are left out and said so.
    """
    source = places[0][0].source
    marks: dict[int, list[tuple[int, int, str, bool]]] = {}
    for index, (place, label) in enumerate(places):
        start, end = place.start, place.end
        last = min(end.line, start.line + MAX_SPAN_LINES - 1)
        for line in range(start.line, last + 1):
            text = concealed(source.line(line))
            begin = start.column - 1 if line == start.line else len(text) - len(text.lstrip())
            stop = end.column - 1 if line == end.line else len(text.rstrip())
            if line == end.line and line > start.line and stop <= begin:
                continue
            marks.setdefault(line, []).append(
                (begin, max(stop, begin + 1), label if line == last else "", index == 0)
            )
    gutter = len(str(max(marks, default=1)))
    bar = style("blue", "|")
    out = [f"{' ' * gutter} {bar}"]
    previous = None
    for line in sorted(marks):
        if previous is not None and line > previous + 1:
            out.append(style("blue", "." * gutter))
        previous = line
        text, offset = _clip(concealed(source.line(line)), marks[line][0][0])
        number = style("blue", f"{line:>{gutter}}")
        out.append(f"{number} {bar} {escape.terminal(text)}".rstrip())
        for begin, stop, label, primary in marks[line]:
            out.append(
                f"{' ' * gutter} {bar} {_underline(text, begin - offset, stop - offset, label, primary, style)}"
            )
    cut = [place for place, _ in places if place.end.line - place.start.line >= MAX_SPAN_LINES]
    if cut:
        more = cut[0].end.line - cut[0].start.line + 1 - MAX_SPAN_LINES
        out.append(f"{' ' * gutter} {bar} {style('dim', f'({more} more lines)')}")
    return out


def _clip(text: str, mark: int) -> tuple[str, int]:
    """A window of a long line that shows the mark, and where the window begins."""
    if len(text) <= MAX_LINE:
        return text, 0
    begin = max(0, min(mark - 20, len(text) - MAX_LINE))
    return text[begin : begin + MAX_LINE], begin


def _underline(text: str, begin: int, stop: int, label: str, primary: bool, style: Style) -> str:
    begin = max(0, min(begin, len(text)))
    stop = max(begin, min(stop, len(text)))
    sign = "^" if primary else "-"
    carets = sign * max(1, escape.width(text[begin:stop]))
    color = "red" if primary else "cyan"
    shown = f"{carets} {escape.terminal(label)}".rstrip()
    return " " * escape.width(text[:begin]) + style(color, shown)
