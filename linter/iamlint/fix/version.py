"""Another version of a policy document: where it is written, or before what it is written first."""

from __future__ import annotations

from iamlint.fix import hcl_removal, hcl_text, json_edit, layout
from iamlint.fix.hcl_file import HclFile
from iamlint.fix.json_scan import members, skip
from iamlint.fix.language import CannotEdit
from iamlint.fix.yaml_file import YamlFile
from iamlint.fix.yaml_text import string
from iamlint.fix.yaml_values import replace_value
from iamlint.sources.terraform.ast import Attribute, Block, Identifier, ObjectExpr, TemplateExpr
from iamlint.text import Edit, SourceText, Span
from iamlint.tree import MapNode

KEY = "Version"


def in_json(source: SourceText, document: Span, version: str) -> list[Edit]:
    """In JSON, be it inside a string."""
    text = source.text
    start = skip(text, document.start)
    end = document.end - (
        len(text[start : document.end]) - len(text[start : document.end].rstrip())
    )
    span = Span(start, end)
    written = members(text, span)
    value = json_edit.quoted(version)
    for member in written:
        if member.key == KEY:
            return [Edit(member.value, value)]
    if not written:
        raise CannotEdit("the document is empty")
    at = written[0].key_span.start
    return [Edit(Span(at, at), f'"{KEY}": {value},{_gap(source, at)}')]


def in_yaml(file: YamlFile, document: Span, version: str) -> list[Edit]:
    """In YAML."""
    node = file.map_at(document).node
    assert isinstance(node, MapNode)
    for entry in node.entries:
        if entry.key.value == KEY:
            return replace_value(file, entry, version, flow=node.flow)
    if not node.entries:
        raise CannotEdit("the document is empty")
    at = node.entries[0].key.place.span.start
    value = string(version, "double", flow=node.flow)
    if node.flow:
        return [Edit(Span(at, at), f"{KEY}: {value}, ")]
    gap = file.source.newline + " " * file.column(at)
    return [Edit(Span(at, at), f"{KEY}: {value}{gap}")]


def in_hcl(file: HclFile, document: Span, version: str) -> list[Edit]:
    """In an object under `jsonencode`, or an `aws_iam_policy_document`."""
    value = hcl_text.string(version)
    block = file.nodes.get((Block, document))
    if isinstance(block, Block):
        attribute = block.body.attributes.get("version")
        if not isinstance(attribute, Attribute):
            raise CannotEdit("the block has no `version`")
        return [Edit(attribute.expr.span, value)]
    node = file.nodes.get((ObjectExpr, document))
    if not isinstance(node, ObjectExpr) or not node.items:
        raise CannotEdit("the document is not written as an object")
    for item in node.items:
        if _named(item.key):
            return [Edit(item.value.span, value)]
    first = node.items[0]
    quoted = isinstance(first.key, TemplateExpr)
    sign = file.text[first.key.end : first.value.start] if quoted else " = "
    entry = f'"{KEY}"{sign}{value}' if quoted else f"{KEY}{sign}{value}"
    comma = "," if hcl_removal.has_comma(file.text, first.end) else ""
    if layout.begins_line(file.text, first.start):
        entry += comma + _gap(file.source, first.start)
    else:
        entry += ", "
    added = Edit(Span(first.start, first.start), entry)
    return [file.rewritten(node.span, [added])]


def _named(key: object) -> bool:
    if isinstance(key, Identifier):
        return key.name == KEY
    return isinstance(key, TemplateExpr) and key.literal == KEY


def _gap(source: SourceText, at: int) -> str:
    """What stands between a new first entry and the one before which it is written."""
    if not layout.begins_line(source.text, at):
        return " "
    return source.newline + layout.indent(source.text, at)
