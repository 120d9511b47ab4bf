"""Which lines edits touch, so that those that would meet are kept apart."""

from __future__ import annotations

from collections.abc import Iterable

from iamlint.fix.language import FileEdit


class Lines:
    """Ranges of lines by path, each with the line before and after what is edited."""

    def __init__(self) -> None:
        self._ranges: dict[str, list[tuple[int, int]]] = {}

    @classmethod
    def of(cls, edits: Iterable[FileEdit]) -> Lines:
        """The lines that edits touch."""
        found = cls()
        for each in edits:
            first = each.source.position(each.edit.span.start).line - 1
            last = each.source.position(each.edit.span.end).line + 1
            found._ranges.setdefault(each.source.path, []).append((first, last))
        return found

    def meet(self, other: Lines) -> bool:
        """True if both touch a line, or neighbouring ones."""
        return any(
            first <= other_last and other_first <= last
            for path, ranges in other._ranges.items()
            for first, last in ranges
            for other_first, other_last in self._ranges.get(path, ())
        )

    def add(self, other: Lines) -> None:
        """Take in what others touch."""
        for path, ranges in other._ranges.items():
            self._ranges.setdefault(path, []).extend(ranges)
