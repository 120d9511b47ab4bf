"""A template or policy document whose text is edited, in YAML or JSON, and what edits of it share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from iamlint.fix import json_edit, layout
from iamlint.fix.language import CannotEdit, FileEdit, Value
from iamlint.fix.yaml_file import YamlFile
from iamlint.fix.yaml_nodes import Spot
from iamlint.sources.document.document import Document
from iamlint.sources.document.parse import parse
from iamlint.sources.site import Unreadable
from iamlint.text import Edit, SourceText, Span
from iamlint.tree import ListNode, MapNode, Node, Text

_NAMED = ("Resources", "Parameters")


class TemplateFile:
    """One template with its tree."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        document = parse(source)
        if isinstance(document, Unreadable):
            raise CannotEdit(document.reason)
        self.document: Document = document
        self.file = YamlFile(document)

    @property
    def is_json(self) -> bool:
        return self.document.language == "json"

    def checked(self, value: Value) -> None:
        """Raise CannotEdit for a hole that the template has no name for."""
        for text in _texts(value):
            for hole in text.holes:
                root = hole.name.partition(".")[0]
                if not hole.name.startswith("AWS::") and root not in self._names():
                    raise CannotEdit(f"`{hole.name}` has no name in the template")

    def _names(self) -> set[str]:
        found: set[str] = set()
        for root in self.document.roots:
            for section in _NAMED:
                node = root.get(section) if isinstance(root, MapNode) else None
                if isinstance(node, MapNode):
                    found.update(node.keys())
        return found

    def json(self, value: Value, at: int) -> str:
        """JSON text of a value whose line is that of an offset."""
        text = self.source.text
        lead = self.source.newline + layout.indent(text, at)
        over = None if layout.begins_line(text, at) else False
        return json_edit.render(value, json_edit.sub, lead, layout.unit(text), over_lines=over)

    def without(self, container: Spot, gone: int) -> list[Edit]:
        """Take an item out of a list that is the value of a property, with the property if it was the last."""
        node = container.node
        assert isinstance(node, ListNode)
        if len(node.items) == 1:
            return self.without_property(container)
        return self.without_item(node, gone)

    def without_item(self, node: ListNode, gone: int) -> list[Edit]:
        """Take an item out of a list of several."""
        if not self.is_json:
            return self.file.without_items(node, {gone})
        return deleted(self.source, node.items, {gone})

    def without_property(self, container: Spot) -> list[Edit]:
        """Take a property away whose value is the spot's node."""
        entry = container.entry
        if entry is None or not isinstance(container.above, MapNode):
            raise CannotEdit("it is not written as a property")
        entries = container.above.entries
        if len(entries) == 1:
            raise CannotEdit("nothing would be left of what holds it")
        if self.is_json or container.above.flow:
            spans = [Span(e.key.place.span.start, e.value.place.span.end) for e in entries]
            gone = {entries.index(entry)}
            return [Edit(span, "") for span in layout.without_items(self.source.text, spans, gone)]
        return [self.file.without_entry(entry)]

    def of(self, edits: Sequence[Edit]) -> list[FileEdit]:
        return [FileEdit(self.source, edit) for edit in edits]


def deleted(source: SourceText, items: Sequence[Node], gone: set[int]) -> list[Edit]:
    """Edits that take items out of a list between commas."""
    spans = [item.place.span for item in items]
    return [Edit(span, "") for span in layout.without_items(source.text, spans, gone)]


def _texts(value: Value) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
