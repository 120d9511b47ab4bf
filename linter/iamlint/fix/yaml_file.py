"""A YAML file as it is written: its nodes by place, its layout, and taking parts away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from iamlint.fix import layout
from iamlint.fix.language import CannotEdit
from iamlint.fix.yaml_nodes import Spot, walk
from iamlint.fix.yaml_text import Layout
from iamlint.sources.document.document import Document
from iamlint.text import Edit, SourceText, Span
from iamlint.tree import Entry, ListNode, MapNode, Node


class YamlFile:
    """A YAML file as it is written, with edits of it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.source: SourceText = document.source
        self.text = document.source.text
        self._spots: dict[tuple[type, Span], Spot] = {}
        for root in document.roots:
            for spot in walk(Spot(root)):
                self._spots.setdefault((type(spot.node), spot.node.place.span), spot)
        step = len(layout.unit(self.text)) if "\t" not in layout.unit(self.text) else 2
        self.layout = Layout(step, self._dash(step), self.source.newline)

    def spots(self) -> Iterator[Spot]:
        """All nodes with what holds them."""
        return iter(self._spots.values())

    def spot(self, node: Node) -> Spot | None:
        """What holds a list or map."""
        return self._spots.get((type(node), node.place.span))

    def map_at(self, span: Span) -> Spot:
        """The map that a span covers.  Raises CannotEdit if there is none of its own."""
        spot = self._spots.get((MapNode, span))
        if spot is None:
            raise CannotEdit("it is not written as a mapping of its own")
        return self.unshared(spot)

    def list_with(self, item: Span) -> tuple[Spot, int]:
        """The list that holds an item with this span, and the item's index."""
        for spot in self._spots.values():
            if isinstance(spot.node, ListNode):
                for index, each in enumerate(spot.node.items):
                    if each.place.span == item:
                        return self.unshared(spot), index
        raise CannotEdit("the item is not written in a list of its own")

    def unshared(self, spot: Spot) -> Spot:
        """The spot, unless an alias repeats it."""
        if self.document.is_shared(spot.node.place.span):
            raise CannotEdit("the text is used by an alias too")
        return spot

    def column(self, at: int) -> int:
        """How far an offset stands from the beginning of its line."""
        return at - layout.line_start(self.text, at)

    # Removal

    def without_items(self, container: ListNode, gone: set[int]) -> list[Edit]:
        """Take items out of a list; some must stay."""
        spans = [item.place.span for item in container.items]
        if container.flow:
            return [Edit(span, "") for span in layout.without_items(self.text, spans, gone)]
        found: list[Edit] = []
        for index in gone:
            start = layout.line_start(self.text, self.dash_at(spans[index].start))
            if not re.fullmatch(r"[ ]*", self.text[start : self.dash_at(spans[index].start)]):
                raise CannotEdit("a list begins on the line of something else")
            found.append(Edit(self._whole_lines(start, spans[index].end), ""))
        return found

    def without_entry(self, entry: Entry) -> Edit:
        """Take an entry of a block map away with its lines."""
        start = entry.key.place.span.start
        if not layout.begins_line(self.text, start):
            raise CannotEdit("an entry does not begin its line")
        return Edit(
            self._whole_lines(layout.line_start(self.text, start), entry.value.place.span.end), ""
        )

    # Places

    def line_end(self, at: int) -> Span:
        """The end of the line of an offset, where only a comment may follow."""
        end = layout.line_end(self.text, at)
        rest = self.text[at:end]
        if rest.strip() and not rest.lstrip().startswith("#"):
            raise CannotEdit("something else follows on the line")
        return Span(end, end)

    def _whole_lines(self, start: int, end: int) -> Span:
        stop = self.line_end(end).start
        following = self.text.find("\n", stop) + 1
        if following:
            return Span(start, following)
        return Span(max(0, start - len(self.source.newline)), len(self.text))

    def dash_at(self, start: int) -> int:
        """The offset of the dash before an item."""
        at = self.text.rfind("-", 0, start)
        if at == -1 or self.text[at + 1 : start].strip():
            raise CannotEdit("an item has no dash of its own")
        return at

    def dash_of(self, node: MapNode) -> tuple[str, int]:
        """The dash and blanks before an item's first key, and the dash's column."""
        start = node.place.span.start
        dash = self.dash_at(start)
        gap = self.text[dash:start]
        return (gap if "\n" not in gap else "- "), self.column(dash)

    def _dash(self, step: int) -> int:
        """How far the file's list items stand from their key."""
        seen: Counter[int] = Counter()
        for spot in self._spots.values():
            node, entry = spot.node, spot.entry
            if not isinstance(node, ListNode) or node.flow or not node.items or entry is None:
                continue
            try:
                dash = self.dash_at(node.items[0].place.span.start)
            except CannotEdit:
                continue
            seen[self.column(dash) - self.column(entry.key.place.span.start)] += 1
        common = [width for width, _ in seen.most_common() if 0 <= width <= 8]
        return common[0] if common else step
