"""The value of a property that holds a policy: a map, or JSON text in one of its guises."""

from __future__ import annotations

import re

from msgspec.structs import replace

from iamlint.sources.cloudformation.alternatives import joined, one_of
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.strings import substitute
from iamlint.sources.cloudformation.template import string
from iamlint.sources.document.document import DocumentError
from iamlint.sources.document.embedded import Table, offset_table, parse_embedded
from iamlint.sources.site import Form
from iamlint.text import Place
from iamlint.tree import (
    Either,
    Entry,
    Hole,
    ListNode,
    MapNode,
    Node,
    Scalar,
    Text,
    Unknown,
)

_VARIABLE = re.compile(r"\$\{([^{}!][^{}]*)\}")


def policy_value(resolver: Resolver, raw: Node) -> tuple[Node | None, Form]:
    """The tree of a policy property with its functions resolved, and how it is written.

    The tree is None where `AWS::NoValue` takes the property away.  JSON text that can't be
    parsed gives an Unknown that says so.
    """
    substituted = _json_in_sub(resolver, raw)
    if substituted is not None:
        return substituted, "text"
    found: list[Node] = []
    form: Form = "value"
    for branch, reason in resolver.branches(raw):
        inner = _json_in_sub(resolver, branch)
        value = inner if inner is not None else resolver.resolve(branch)
        if value is None:
            continue
        parsed = inner if inner is not None else parse_text(value, branch)
        if parsed is not value or inner is not None:
            form = "text"
        both = joined(reason, parsed.possible)
        found.append(parsed if both == parsed.possible else replace(parsed, possible=both))
    if not found:
        return None, form
    return one_of(raw.place, found, "Fn::If"), form


def parse_text(value: Node, raw: Node) -> Node:
    """JSON text as its tree; any other value as it is."""
    if isinstance(value, Either):
        branches = tuple(parse_text(branch, branch) for branch in value.branches)
        return value if branches == value.branches else replace(value, branches=branches)
    text = value.text if isinstance(value, Scalar) else None
    if not isinstance(value, Scalar) or text is None or not text.parts:
        return value
    if not (isinstance(text.parts[0], str) and text.parts[0].lstrip()[:1] == "{"):
        return value
    place = value.place
    # Only a string that is written as it stands can be traced character by character.
    table = offset_table(value) if value.value == getattr(raw, "value", None) else None
    return _parsed(text, place, table)


def _parsed(text: Text, place: Place, table: Table | None) -> Node:
    try:
        return parse_embedded(text, place, table)
    except DocumentError as error:
        line, column = place.source.position(error.offset)
        reason = f"its JSON text can't be read: {error.message} (line {line}, column {column})"
        return Unknown(place=place, reason=reason, hole=Hole("…"))


def _json_in_sub(resolver: Resolver, raw: Node) -> Node | None:
    """The tree of `Fn::Sub` over JSON text; None for anything else.

    The text is parsed before its variables are filled in, so that each node keeps its place.
    """
    if not isinstance(raw, MapNode) or len(raw.entries) != 1:
        return None
    if raw.entries[0].key.value != "Fn::Sub":
        return None
    argument = raw.entries[0].value
    template: Node = argument
    variables: dict[str, Node] = {}
    if isinstance(argument, ListNode) and len(argument.items) == 2:
        template = argument.items[0]
        if isinstance(argument.items[1], MapNode):
            variables = {
                str(entry.key.value): resolver.value(entry.value)
                for entry in argument.items[1].entries
            }
    text = string(template)
    if text is None or not isinstance(template, Scalar) or text.lstrip()[:1] != "{":
        return None
    table = offset_table(template)
    parts: list[str | Hole] = []
    offsets: list[int] = []
    at = 0
    for match in _VARIABLE.finditer(text):
        parts += (text[at : match.start()], Hole(match.group(1)))
        if table is not None:
            offsets += (*table[at : match.start()], table[match.start()])
        at = match.end()
    parts.append(text[at:])
    if table is not None:
        offsets += table[at:]
    tree = _parsed(Text.of(*parts), template.place, offsets if table is not None else None)
    return _filled(resolver, tree, variables)


def _filled(resolver: Resolver, node: Node, variables: dict[str, Node]) -> Node:
    """The parsed tree with the variables of `Fn::Sub` in its strings resolved."""
    if isinstance(node, MapNode):
        entries = []
        for entry in node.entries:
            key = _filled(resolver, entry.key, variables)
            inner = _filled(resolver, entry.value, variables)
            entries.append(Entry(key if isinstance(key, Scalar) else entry.key, inner))
        return replace(node, entries=tuple(entries))
    if isinstance(node, ListNode):
        items = tuple(_filled(resolver, item, variables) for item in node.items)
        return replace(node, items=items)
    if isinstance(node, Unknown) and node.hole.name != "…":
        reason = f"`${{{node.hole.name}}}` stands for more than a string"
        return replace(node, reason=reason, hole=resolver.hole(node.hole.name))
    if not isinstance(node, Scalar):
        return node
    value = node.value
    if isinstance(value, str) and "${!" in value:
        return replace(node, value=value.replace("${!", "${"))
    if isinstance(value, Text):
        return substitute(resolver, node, value, variables)
    return node
