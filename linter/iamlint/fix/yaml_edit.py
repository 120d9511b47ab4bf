"""Edits of policies written as YAML: statements, lists of strings, entries of maps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from iamlint.fix import layout
from iamlint.fix.language import CannotEdit, Shown, StatementChange, Value
from iamlint.fix.yaml_text import Layout, in_flow, string
from iamlint.iam.encode import statement_json
from iamlint.sources.document.document import Document
from iamlint.text import Edit, SourceText, Span, apply_edits
from iamlint.tree import Entry, ListNode, MapNode, Node, Scalar, Style, Text

_OPPOSITE = {"Action": "NotAction", "Resource": "NotResource"}
_SUB = re.compile(r"\$\{(!?)([^}]*)\}")


class Spot(msgspec.Struct, frozen=True):
    """A node and what holds it: the list, or the map and its entry."""

    node: Node
    above: Node | None = None
    entry: Entry | None = None


class YamlFile:
    """A YAML file as it is written, with edits of it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.source: SourceText = document.source
        self.text = document.source.text
        self._spots: dict[tuple[type, Span], Spot] = {}
        for root in document.roots:
            for spot in _walk(Spot(root)):
                self._spots.setdefault((type(spot.node), spot.node.place.span), spot)
        step = len(layout.unit(self.text)) if "\t" not in layout.unit(self.text) else 2
        self.layout = Layout(step, self._dash(step), self.source.newline)

    def spots(self) -> Iterator[Spot]:
        """All nodes with what holds them."""
        return iter(self._spots.values())

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
        if self.document.is_shared(spot.node.place.span):
            raise CannotEdit("the text is used by an alias too")
        return spot

    def column(self, at: int) -> int:
        return at - layout.line_start(self.text, at)

    # Statements

    def statements(self, changes: Sequence[StatementChange]) -> list[Edit]:
        """Edit statements; those that stay equal keep their text."""
        found: list[Edit] = []
        gone: dict[int, tuple[ListNode, set[int]]] = {}
        for change in changes:
            if change.statement.place.source is not self.source:
                raise CannotEdit("a statement is written in another file")
            spot = self.map_at(change.statement.place.span)
            if not change.new:
                if not isinstance(spot.above, ListNode):
                    raise CannotEdit("no statement would be left")
                items = gone.setdefault(id(spot.above), (spot.above, set()))[1]
                items.add(spot.above.items.index(spot.node))
                continue
            here = self._in_place(spot, change)
            found += self._with_more(spot, here, change.new[1:])
        for container, indexes in gone.values():
            if len(indexes) == len(container.items):
                raise CannotEdit("no statement would be left")
            found += self.without_items(container, indexes)
        return found

    def _in_place(self, spot: Spot, change: StatementChange) -> list[Edit]:
        node, new = spot.node, change.new[0]
        assert isinstance(node, MapNode)
        old = statement_json(change.statement)
        written = {str(entry.key.value): entry for entry in node.entries}
        if len(written) != len(node.entries):
            raise CannotEdit("a statement has a key twice or is merged from elsewhere")
        found: list[Edit] = []
        added: list[tuple[str, Value]] = []
        for key, value in new.items():
            entry = written.get(key)
            opposite = written.get(_OPPOSITE.get(key, ""))
            if entry is None and opposite is not None and str(opposite.key.value) not in new:
                found.append(Edit(opposite.key.place.span, key))
                entry = opposite
            elif entry is not None and _same(old.get(key), value):
                continue
            if entry is None:
                added.append((key, value))
            else:
                shown = change.shown(str(entry.key.value))
                found += self.replace_value(entry, value, flow=node.flow, shown=shown)
        kept = set(new) | {_OPPOSITE.get(key, "") for key in new}
        if any(key not in kept for key in written):
            raise CannotEdit("an element of a statement would fall away")
        if added:
            found.append(self.add_entries(node, added))
        return found

    def _with_more(
        self, spot: Spot, here: list[Edit], new: Sequence[dict[str, Value]]
    ) -> list[Edit]:
        """The edits of a statement, and statements after it."""
        if not new:
            return here
        node, container = spot.node, spot.above
        assert isinstance(node, MapNode)
        end = node.place.span.end
        if isinstance(container, ListNode) and container.flow:
            text = "".join(", " + in_flow(each) for each in new)
            return [*here, Edit(Span(end, end), text)]
        if node.flow:
            raise CannotEdit("a statement in flow style stands alone in a block")
        values: list[Value] = list(new)
        if isinstance(container, ListNode):
            gap, column = self._dash_of(node)
            lines = "".join(
                self.source.newline + " " * column + self.layout.item(each, column, gap=gap)
                for each in values
            )
            return [*here, Edit(self._line_end(end), lines)]
        return [self._wrapped(spot, here, values)]

    def _wrapped(self, spot: Spot, here: list[Edit], new: list[Value]) -> Edit:
        """A lone statement becomes a list of several."""
        assert spot.entry is not None
        start = layout.line_start(self.text, spot.node.place.span.start)
        if not layout.begins_line(self.text, spot.node.place.span.start):
            raise CannotEdit("a lone statement begins on the line of its key")
        end = self._line_end(spot.node.place.span.end).start
        moved = [
            Edit(Span(edit.span.start - start, edit.span.end - start), edit.replacement)
            for edit in here
        ]
        column = self.column(spot.entry.key.place.span.start) + self.layout.dash
        old = self.column(spot.node.place.span.start)
        lines = apply_edits(self.text[start:end], moved).split("\n")
        shifted = [" " * (column + 2) + line[old:] if line.strip() else line for line in lines]
        shifted[0] = " " * column + "- " + lines[0][old:]
        return Edit(Span(start, end), "\n".join(shifted) + self.layout.items(new, column))

    # Values and entries

    def replace_value(
        self, entry: Entry, value: Value, *, flow: bool, shown: Shown | None = None
    ) -> list[Edit]:
        """Write another value under a key, in the style of the old one.

        `shown` tells what the items of an old list stand for, where reading them does not.
        """
        old = entry.value
        if self.document.is_shared(old.place.span):
            raise CannotEdit("the text is used by an alias too")
        column = self.column(entry.key.place.span.start)
        style = _style(old)
        if isinstance(old, ListNode) and isinstance(value, (str, Text)):
            value = [value]
        if isinstance(old, ListNode) and isinstance(value, list):
            if old.flow:
                line = self._flow_list(old, value, shown)
                width = self.column(old.place.span.start) + len(line)
                if flow or width <= layout.WIDTH:
                    return [Edit(old.place.span, line)]
            elif old.items:
                return [self._block_list(old, value, shown)]
        elif isinstance(value, (str, Text)) and not _block_scalar(old):
            return [Edit(old.place.span, string(value, style, flow=flow))]
        elif flow:
            return [Edit(old.place.span, in_flow(value, style))]
        colon = self.text.index(":", entry.key.place.span.end) + 1
        if colon > old.place.span.start:
            raise CannotEdit("a value is not written after its key")
        return [
            Edit(Span(colon, old.place.span.end), ""),
            Edit(self._line_end(old.place.span.end), self.layout.after_key(value, column, style)),
        ]

    def add_entries(self, node: MapNode, added: Sequence[tuple[str, Value]]) -> Edit:
        """Write entries after the last of a map."""
        last = node.entries[-1].value.place.span.end
        if node.flow:
            text = "".join(f", {key}: {in_flow(value)}" for key, value in added)
            return Edit(Span(last, last), text)
        column = self.column(node.entries[0].key.place.span.start)
        text = "".join(
            self.source.newline + " " * column + self.layout.entry(key, value, column)
            for key, value in added
        )
        return Edit(self._line_end(last), text)

    def _flow_list(self, old: ListNode, values: Sequence[Value], shown: Shown | None) -> str:
        names = _names(old, shown)
        written = {name: item.place.text for name, item in zip(names, old.items, strict=True)}
        style = _style(old)
        parts = [
            written.get(_shown(value)) or string_or_flow(value, style) for value in values
        ]  # fmt: skip
        start, end = old.place.span
        padded = self.text[start + 1 : start + 2] == " " and self.text[end - 2 : end - 1] == " "
        inner = ", ".join(parts)
        return f"[ {inner} ]" if padded else f"[{inner}]"

    def _block_list(self, old: ListNode, values: Sequence[Value], shown: Shown | None) -> Edit:
        """The list line by line: items that stay keep their lines, comments stay."""
        first = old.items[0].place.span.start
        start = layout.line_start(self.text, first)
        lead = self.text[start:first]
        if not re.fullmatch(r"[ ]*-[ ]+", lead):
            raise CannotEdit("a list begins on the line of something else")
        wanted = {str(_shown(value)): value for value in values}
        style = _style(old)
        lines: list[str] = []
        at, new_written = start, False
        names = _names(old, shown)
        new = [value for name, value in wanted.items() if name not in names]

        def write_new() -> None:
            for value in new:
                lines.append(lead + string_or_flow(value, style, flow=False))

        for name, item in zip(names, old.items, strict=True):
            end = self._line_end(item.place.span.end).start
            own = layout.line_start(self.text, item.place.span.start)
            comments = self.text[at:own]
            if comments:
                lines.append(comments.rstrip("\r\n"))
            if name in wanted:
                lines.append(self.text[own:end])
            elif not new_written:
                write_new()
                new_written = True
            at = self.text.find("\n", end) + 1 or len(self.text)
            last = end
        if not new_written:
            write_new()
        return Edit(Span(start, last), self.source.newline.join(lines))

    def without_items(self, container: ListNode, gone: set[int]) -> list[Edit]:
        """Take items out of a list; some must stay."""
        spans = [item.place.span for item in container.items]
        if container.flow:
            return [Edit(span, "") for span in layout.without_items(self.text, spans, gone)]
        found: list[Edit] = []
        for index in gone:
            start = layout.line_start(self.text, self._dash_at(spans[index].start))
            if not re.fullmatch(r"[ ]*", self.text[start : self._dash_at(spans[index].start)]):
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

    def after_line(self, at: int) -> Span:
        """The end of the line of an offset, to insert after."""
        return self._line_end(at)

    def _line_end(self, at: int) -> Span:
        end = layout.line_end(self.text, at)
        rest = self.text[at:end]
        if rest.strip() and not rest.lstrip().startswith("#"):
            raise CannotEdit("something else follows on the line")
        return Span(end, end)

    def _whole_lines(self, start: int, end: int) -> Span:
        stop = self._line_end(end).start
        following = self.text.find("\n", stop) + 1
        if following:
            return Span(start, following)
        return Span(max(0, start - len(self.source.newline)), len(self.text))

    def _dash_at(self, start: int) -> int:
        at = self.text.rfind("-", 0, start)
        if at == -1 or self.text[at + 1 : start].strip():
            raise CannotEdit("an item has no dash of its own")
        return at

    def _dash_of(self, node: MapNode) -> tuple[str, int]:
        """The dash and blanks before an item's first key, and the dash's column."""
        start = node.place.span.start
        dash = self._dash_at(start)
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
                dash = self._dash_at(node.items[0].place.span.start)
            except CannotEdit:
                continue
            seen[self.column(dash) - self.column(entry.key.place.span.start)] += 1
        common = [width for width, _ in seen.most_common() if 0 <= width <= 8]
        return common[0] if common else step


def string_or_flow(value: Value, style: Style, *, flow: bool = True) -> str:
    """A list item as text."""
    return string(value, style, flow=flow) if isinstance(value, (str, Text)) else in_flow(value)


def _walk(spot: Spot) -> Iterator[Spot]:
    stack = [spot]
    while stack:
        spot = stack.pop()
        yield spot
        if isinstance(spot.node, ListNode):
            stack += [Spot(item, spot.node) for item in spot.node.items]
        elif isinstance(spot.node, MapNode):
            stack += [Spot(entry.value, spot.node, entry) for entry in spot.node.entries]


def _style(node: Node) -> Style:
    """The quotes of a scalar, or those that most items of a list have."""
    scalars = list(_scalars(node))
    styles = Counter(scalar.style for scalar in scalars if isinstance(scalar.value, (str, Text)))
    common = styles.most_common(1)
    return common[0][0] if common and common[0][0] in ("single", "double") else ""


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, MapNode):
        for entry in node.entries:
            yield from _scalars(entry.value)


def _block_scalar(node: Node) -> bool:
    return any(scalar.style in ("literal", "folded") for scalar in _scalars(node)) or (
        "\n" in node.place.text
    )


def _names(old: ListNode, shown: Shown | None) -> list[str | None]:
    """What each item of a list stands for."""
    return [
        (shown.at(item.place.span) if shown is not None else None) or _written(item)
        for item in old.items
    ]


def _written(item: Node) -> str | None:
    """A list item as it is shown, holes as `‹name›`; None if that takes more than reading."""
    if isinstance(item, Scalar):
        return item.value if isinstance(item.value, str) else None
    if isinstance(item, MapNode) and len(item.entries) == 1:
        entry = item.entries[0]
        if entry.key.value == "Fn::Sub" and isinstance(entry.value, Scalar):
            body = entry.value.value
            if isinstance(body, str):
                return _SUB.sub(
                    lambda match: f"${{{match[2]}}}" if match[1] else f"‹{match[2].strip()}›", body
                )
    return None


def _shown(value: object) -> str:
    return str(value)


def _same(old: object, new: Value) -> bool:
    return _plain(old) == _plain(new)


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, list):
        plain = [_plain(each) for each in value]
        return plain[0] if len(plain) == 1 else plain
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value
