"""The functions that make strings: `Fn::Sub`, `Fn::Join`, `Fn::Split`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from iamlint.sources.cloudformation.alternatives import lift, scalar, text_of
from iamlint.sources.cloudformation.attributes import (
    attribute_of,
    reference,
    resource_of,
    spelled_out,
)
from iamlint.sources.cloudformation.parameters import in_a_string
from iamlint.sources.cloudformation.template import string
from iamlint.tree import Hole, ListNode, MapNode, Node, Text, Unknown

if TYPE_CHECKING:
    from iamlint.sources.cloudformation.resolver import Resolver

MAX_TEXT = 65_536
"""A string longer than this is not built; no policy and no name may be as long."""

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


def sub(resolver: Resolver, argument: Node, call: MapNode) -> Node:
    variables: dict[str, Node] = {}
    template = argument
    if isinstance(argument, ListNode) and len(argument.items) == 2:
        template = argument.items[0]
        if isinstance(argument.items[1], MapNode):
            variables = {
                str(entry.key.value): resolver.value(entry.value)
                for entry in argument.items[1].entries
            }
    text = string(template)
    if text is None:
        return resolver.unknown(call, "`Fn::Sub` of what is no string", "Fn::Sub")
    pieces: list[Node] = []
    at = 0
    for match in _VARIABLE.finditer(text):
        pieces.append(scalar(template.place, Text.of(text[at : match.start()])))
        pieces.append(_variable(resolver, match.group(1).strip(), variables, template))
        at = match.end()
    pieces.append(scalar(template.place, Text.of(text[at:])))
    return _concatenated(resolver, template, pieces, "")


def substitute(resolver: Resolver, node: Node, text: Text, variables: dict[str, Node]) -> Node:
    """A string whose holes are the names of variables of `Fn::Sub`, with their values."""
    pieces = [
        _variable(resolver, part.name.strip(), variables, node)
        if isinstance(part, Hole)
        else scalar(node.place, Text.of(part.replace("${!", "${")))
        for part in text.parts
    ]
    return _concatenated(resolver, node, pieces, "")


def _variable(resolver: Resolver, name: str, variables: dict[str, Node], node: Node) -> Node:
    place = node.place
    if name.startswith("!"):
        return scalar(place, Text.of("${" + name[1:] + "}"))
    if name in variables:
        return variables[name]
    if name in resolver.loop:
        return scalar(place, resolver.loop[name])
    pseudo = resolver.pseudo(name)
    if pseudo is not None:
        return scalar(place, pseudo)
    if name in resolver.template.parameters:
        return in_a_string(resolver.template, name, resolver.parameter(name))
    resource = resource_of(resolver, name)
    if resource is not None:
        return scalar(place, reference(resolver, resource))
    first, dot, rest = name.partition(".")
    if dot:
        return attribute_of(resolver, first, rest, place)
    return scalar(place, Text((resolver.hole(name),)))


def _concatenated(resolver: Resolver, node: Node, pieces: Sequence[Node], between: str) -> Node:
    """The pieces as one string, with the place of `node`."""

    def concatenate(chosen: Sequence[Node]) -> Node:
        parts: list[str | Hole] = []
        length = 0
        for number, piece in enumerate(chosen):
            text = text_of(piece)
            if text is None:
                return resolver.unknown(node, "a string is made of what is no string", "…")
            parts += (between, *text.parts) if number else text.parts
            length += sum(map(_length, text.parts))
            if length > MAX_TEXT:
                return resolver.unknown(node, "a string gets too long", "…")
        return scalar(node.place, Text.of(*parts))

    return lift(node.place, pieces, concatenate, "…")


def _length(part: str | Hole) -> int:
    return len(part) if isinstance(part, str) else 1


def join(resolver: Resolver, argument: Node, call: MapNode) -> Node:
    if not isinstance(argument, ListNode) or len(argument.items) != 2:
        return resolver.unknown(call, "`Fn::Join` needs a delimiter and a list", "Fn::Join")
    between = string(argument.items[0])
    if between is None:
        return resolver.unknown(call, "the delimiter of `Fn::Join` is not known", "Fn::Join")
    raw = argument.items[1]
    if isinstance(raw, ListNode):
        pieces = [_piece(resolver, item) for item in raw.items]
        return _concatenated(resolver, call, [item for item in pieces if item is not None], between)

    def joined_list(chosen: Sequence[Node]) -> Node:
        if isinstance(chosen[0], ListNode) and not chosen[0].open:
            return _concatenated(resolver, call, chosen[0].items, between)
        if isinstance(chosen[0], Unknown):
            return scalar(call.place, Text((chosen[0].hole,)))
        return resolver.unknown(call, "`Fn::Join` of what is no list", "Fn::Join")

    return lift(call.place, [resolver.value(raw)], joined_list, "Fn::Join")


def _piece(resolver: Resolver, raw: Node) -> Node | None:
    """An item of a joined list; a parameter is seen as a piece of a string."""
    if isinstance(raw, MapNode) and len(raw.entries) == 1 and raw.entries[0].key.value == "Ref":
        name = string(raw.entries[0].value) or ""
        if name in resolver.template.parameters and name not in resolver.loop:
            return in_a_string(resolver.template, name, resolver.parameter(name))
    return resolver.resolve(raw)


def split(resolver: Resolver, argument: Node, call: MapNode) -> Node:
    if not isinstance(argument, ListNode) or len(argument.items) != 2:
        return resolver.unknown(call, "`Fn::Split` needs a delimiter and a string", "Fn::Split")
    delimiter = string(argument.items[0])

    def parts(chosen: Sequence[Node]) -> Node:
        found = text_of(chosen[0])
        text = spelled_out(resolver, found) if found is not None else None
        named = text != found
        # An unknown value may hold delimiters of its own, an ARN certainly does.
        if (
            text is None
            or not delimiter
            or not all(_whole(hole, delimiter, named) for hole in text.holes)
        ):
            return resolver.unknown(call, "`Fn::Split` of a string that is not known", "Fn::Split")
        pieces: list[list[str | Hole]] = [[]]
        for part in text.parts:
            if isinstance(part, Hole):
                pieces[-1].append(part)
                continue
            first, *rest = part.split(delimiter)
            pieces[-1].append(first)
            pieces += [[piece] for piece in rest]
        items = tuple(scalar(chosen[0].place, Text.of(*piece)) for piece in pieces)
        return ListNode(place=call.place, items=items)

    return lift(call.place, [resolver.value(argument.items[1])], parts, "Fn::Split")


def _whole(hole: Hole, delimiter: str, named: bool) -> bool:
    """True if what a hole stands for can't hold the delimiter.

    `named` tells that it is the name in an ARN of a known form: such names hold no colon.
    """
    if hole.name.startswith("AWS::StackId["):
        return not delimiter.isalnum()
    if hole.kind == "account" or hole.kind == "partition" or hole.kind == "region":
        return not set(delimiter) <= set("-0123456789abcdefghijklmnopqrstuvwxyz")
    if hole.kind != "name" or not named:
        return False
    return delimiter == ":" or (delimiter == "/" and hole.name == "AWS::StackName")
