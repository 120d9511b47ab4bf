"""A template inside a template: the `TemplateBody` of a stack set or stack."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from iamlint.sources.cloudformation.template import Resource, Template, is_template, load, string
from iamlint.sources.document.document import Document
from iamlint.sources.document.embedded import offset_table
from iamlint.sources.document.parse import parse
from iamlint.sources.site import Unreadable
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Entry, ListNode, MapNode, Node, Scalar, Unknown


def inner_template(template: Template, resource: Resource, body: Node) -> Template | str:
    """The template that a property holds, as a map or as a text; a string says why there is none."""
    scope = f"{template.scope}#{resource.logical_id}.TemplateBody"
    outer = template.document
    if isinstance(body, MapNode) and is_template(body):
        return load(outer, body, scope, inside=True)
    while isinstance(body, MapNode) and len(body.entries) == 1:
        # What no variable is filled in is the text as it stands.
        text = string(body.entries[0].value)
        if body.entries[0].key.value != "Fn::Sub" or text is None or "${" in text:
            break
        body = body.entries[0].value
    text = string(body)
    if text is None or not isinstance(body, Scalar):
        return "the template in `TemplateBody` is known to the deployment only"
    table = offset_table(body)
    source = SourceText(outer.source.path, text)
    document = parse(source)
    if isinstance(document, Unreadable):
        return (
            f"the template in `TemplateBody` can't be read: {_fault(document, source, body, table)}"
        )
    mover = _Mover(body.place, table)
    for root in document.roots:
        if isinstance(root, MapNode) and is_template(root):
            tree = mover.node(root)
            assert isinstance(tree, MapNode)
            moved = Document(
                source=outer.source,
                language=document.language,
                roots=(tree,),
                shared=tuple(mover.place(span).span for span in document.shared),
            )
            return load(moved, tree, scope, inside=True)
    return "the text in `TemplateBody` is no template"


def _fault(fault: Unreadable, source: SourceText, body: Scalar, table: Sequence[int] | None) -> str:
    if table is None or fault.line is None:
        return fault.reason
    offset = table[min(source.offset(fault.line, fault.column or 1), len(table) - 1)]
    line, column = body.place.source.position(offset)
    return f"{fault.reason} (line {line}, column {column})"


class _Mover:
    """Gives the nodes of a text the places where their characters stand in the outer source."""

    def __init__(self, outer: Place, table: Sequence[int] | None) -> None:
        self.outer = outer
        self.table = table

    def place(self, span: Span) -> Place:
        if self.table is None:
            return self.outer
        start, end = self.table[span.start], self.table[span.end]
        return Place(self.outer.source, Span(start, max(start, end)))

    def node(self, node: Node) -> Node:
        place = self.place(node.place.span)
        if isinstance(node, ListNode):
            return replace(node, place=place, items=tuple(map(self.node, node.items)))
        if isinstance(node, MapNode):
            return replace(node, place=place, entries=tuple(map(self._entry, node.entries)))
        if isinstance(node, Scalar):
            return self._scalar(node)
        assert isinstance(node, Unknown)
        return replace(node, place=place)

    def _entry(self, entry: Entry) -> Entry:
        return Entry(self._scalar(entry.key), self.node(entry.value))

    def _scalar(self, scalar: Scalar) -> Scalar:
        place = self.place(scalar.place.span)
        # What the outer text indents or escapes is not written as its style says.
        style = scalar.style if place.text == scalar.place.text else ""
        return replace(scalar, place=place, style=style)
