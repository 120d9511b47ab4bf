"""Templates whose resources are only marked out: the body of each is read when it is asked for.

A template that is not laid out as most are answers None, and is read as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Literal, Union

from iamlint.sources.cloudformation.properties import listed
from iamlint.sources.cloudformation.template import Resource, Template, resource_of
from iamlint.sources.document.document import Document, DocumentError
from iamlint.sources.document.json_parts import JsonParts
from iamlint.sources.document.yaml_parts import Chunk, body_type, chunks, entries
from iamlint.sources.document.yaml_reader import is_valid_yaml, read_yaml_part
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Entry, Hole, MapNode, Node, Scalar, Unknown

_ESCAPED = re.compile(r"\\[xuU]")

_WORTH = 0.5

_Declared = list[tuple[Scalar, Union[Resource, Node]]]
_Sections = dict[str, Callable[[], Node]]


def skim(source: SourceText) -> Template | None:
    """The template of a file; None if it is not a plain one, or none at all, or broken."""
    sections: _Sections = {}
    declared: _Declared = []
    language: Literal["json", "yaml"]
    try:
        if source.text.lstrip(" \t\r\n")[:1] == "{":
            language = "json"
            complete = _json(source, sections, declared)
        else:
            language = "yaml"
            complete = _yaml(source, sections, declared)
    except DocumentError:
        return None
    if not complete or not _is_template(sections, declared):
        return None

    @cache
    def section(name: str) -> Node | None:
        read = sections.get(name)
        return read() if read is not None else None

    return Template(Document(source=source, language=language, roots=()), section, declared)


def _is_template(sections: _Sections, declared: _Declared) -> bool:
    if "Resources" not in sections:
        return False
    if "AWSTemplateFormatVersion" in sections or "Transform" in sections:
        return True
    return any(isinstance(each, Resource) and "::" in each.type for _, each in declared)


def _json(source: SourceText, sections: _Sections, declared: _Declared) -> bool:
    parts = JsonParts(source)
    for key, span, _ in parts.members():
        name = str(key.value)
        if name in sections:
            return False
        sections[name] = partial(parts.node, span.start, 1)
        if name != "Resources":
            continue
        for inner, place, data in parts.members_at(span.start):
            kind = data.get("Type") if isinstance(data, dict) else None
            node = partial(parts.node, place.start, 2)
            if isinstance(kind, str):
                declared.append((inner, _resource(inner, kind, node, place)))
            else:
                declared.append((inner, node()))
    return True


def _yaml(source: SourceText, sections: _Sections, declared: _Declared) -> bool:
    text = source.text
    found = chunks(text)
    if found is None or len({chunk.name for chunk in found}) < len(found):
        return False
    kinds: list[tuple[Chunk, str | None]] = []
    for chunk in found:
        if chunk.name == "Resources":
            inner = entries(text, chunk) if chunk.alone else None
            if inner is None:
                return False
            kinds = [(each, body_type(text, each)) for each in inner]
    if not _pays(text, kinds):
        return False
    for chunk in found:
        sections[chunk.name] = partial(_value, source, chunk)
        if chunk.name != "Resources" and not is_valid_yaml(source.slice(chunk.span)):
            return False
    return all(_entry(source, chunk, kind, declared) for chunk, kind in kinds)


def _pays(text: str, kinds: list[tuple[Chunk, str | None]]) -> bool:
    """True if enough of a template may never be asked for: what is, is gone over twice."""
    left = sum(
        chunk.span.end - chunk.span.start
        for chunk, kind in kinds
        if kind is not None and not listed(kind)
    )
    return left > len(text) * _WORTH


def _entry(source: SourceText, chunk: Chunk, kind: str | None, declared: _Declared) -> bool:
    """Take in an entry of `Resources`; False if it is not one."""
    if kind is None or listed(kind):
        # What is asked for anyway need not be gone over twice.
        entry = _only_entry(source, chunk)
        if entry is None:
            return False
        declared.append((entry.key, _typed(entry)))
        return True
    if not is_valid_yaml(source.slice(chunk.span)):
        return False
    key = Scalar(place=Place(source, chunk.key), value=chunk.name, style="plain")
    node = partial(_value, source, chunk)
    declared.append((key, _resource(key, kind, node, chunk.span)))
    return True


def _value(source: SourceText, chunk: Chunk) -> Node:
    """The value of an entry that was found valid."""
    entry = _only_entry(source, chunk)
    if entry is not None:
        return entry.value
    return Unknown(place=Place(source, chunk.key), reason="it can't be read", hole=Hole(chunk.name))


def _only_entry(source: SourceText, chunk: Chunk) -> Entry | None:
    node = read_yaml_part(source, chunk.span)
    if not isinstance(node, MapNode) or len(node.entries) != 1:
        return None
    return node.entries[0]


def _typed(entry: Entry) -> Resource | Node:
    return resource_of(str(entry.key.value), entry.key.place, entry.value) or entry.value


def _resource(key: Scalar, kind: str, node: Callable[[], Node], span: Span) -> Resource:
    def body() -> MapNode:
        found = node()
        return found if isinstance(found, MapNode) else MapNode(place=key.place, entries=())

    raw = None if escaped(key.place.source) else span
    return Resource(str(key.value), kind, key.place, body, raw)


@lru_cache(maxsize=1)
def escaped(source: SourceText) -> bool:
    """True if characters of a text may be written as their numbers."""
    return _ESCAPED.search(source.text) is not None
