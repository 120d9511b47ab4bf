"""Each intrinsic function as a function from its argument to a value.

Source: AWS CloudFormation User Guide, "Intrinsic function reference".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from iamlint.sources.cloudformation.alternatives import (
    alternatives,
    lift,
    one_of,
    scalar,
    text_of,
    with_reason,
)
from iamlint.sources.cloudformation.attributes import attribute_of, reference, resource_of
from iamlint.sources.cloudformation.strings import join, split, sub
from iamlint.sources.cloudformation.template import string
from iamlint.tree import (
    ListNode,
    MapNode,
    Node,
    Scalar,
    Text,
    Unknown,
    plain,
)

if TYPE_CHECKING:
    from iamlint.sources.cloudformation.resolver import Resolver

Function = Callable[["Resolver", Node, MapNode], "Node | None"]
"""Takes the resolver, the raw argument and the whole call; None means no value."""


def ref(resolver: Resolver, argument: Node, call: MapNode) -> Node | None:
    written = string(argument)
    name = resolver.named(written) if written is not None else None
    if name is None:
        named = text_of(resolver.value(argument))  # allowed by AWS::LanguageExtensions
        name = named.literal if named is not None else None
        if name is None:
            return resolver.unknown(call, "`Ref` of a name that is not known", "Ref")
    if name == "AWS::NoValue":
        return None
    if name == "AWS::NotificationARNs":
        return resolver.unknown(call, f"`{name}` is known to the deployment only", name)
    if name in resolver.loop:
        return scalar(call.place, resolver.loop[name])
    pseudo = resolver.pseudo(name)
    if pseudo is not None:
        return scalar(call.place, pseudo)
    if name in resolver.template.parameters:
        value = resolver.parameter(name)
        # What has no value is written where it is asked for.
        nowhere = isinstance(value, Unknown) or isinstance(getattr(value, "value", None), Text)
        return replace(value, place=call.place) if nowhere else value
    resource = resource_of(resolver, name)
    if resource is not None:
        return scalar(call.place, reference(resolver, resource))
    maker = resource_of(resolver, name.partition(".")[0])
    if maker is not None and name.endswith((".Alias", ".Version")):
        # SAM's way to name the alias and version that it makes for a function.
        return scalar(call.place, Text((resolver.hole(name, "resource"),)))
    reason = f"`{name}` is neither a parameter nor a resource of this template"
    return resolver.unknown(call, reason, name)


def get_att(resolver: Resolver, argument: Node, call: MapNode) -> Node:
    if isinstance(argument, ListNode) and len(argument.items) >= 2:
        texts = [text_of(resolver.value(item)) for item in argument.items]
        pieces = [text.literal if text is not None else None for text in texts]
        if None in pieces:
            return resolver.unknown(call, "`Fn::GetAtt` of a name that is not known", "Fn::GetAtt")
        name, attribute_name = str(pieces[0]), ".".join(map(str, pieces[1:]))
    else:
        name, _, attribute_name = (resolver.named(string(argument) or "") or "").partition(".")
    return attribute_of(resolver, name, attribute_name, call.place)


def select(resolver: Resolver, argument: Node, call: MapNode) -> Node | None:
    if not isinstance(argument, ListNode) or len(argument.items) != 2:
        return resolver.unknown(call, "`Fn::Select` needs an index and a list", "Fn::Select")

    def selected(chosen: Sequence[Node]) -> Node:
        index_text, items = text_of(chosen[0]), chosen[1]
        literal = index_text.literal if index_text is not None else None
        if literal is None or not literal.isascii() or not literal.isdigit():
            return resolver.unknown(call, "the index of `Fn::Select` is not known", "Fn::Select")
        if not isinstance(items, ListNode) or items.open:
            reason = items.reason if isinstance(items, Unknown) else "its list is not known"
            return resolver.unknown(call, f"`Fn::Select`: {reason}", "Fn::Select")
        if len(literal) > 9 or int(literal) >= len(items.items):
            return resolver.unknown(call, "the index of `Fn::Select` is out of range", "Fn::Select")
        return items.items[int(literal)]

    values = [resolver.value(item) for item in argument.items]
    return lift(call.place, values, selected, "Fn::Select")


def find_in_map(resolver: Resolver, argument: Node, call: MapNode) -> Node | None:
    items = argument.items if isinstance(argument, ListNode) else ()
    if len(items) not in (3, 4):
        return resolver.unknown(call, "`Fn::FindInMap` needs a map and two keys", "Fn::FindInMap")
    default: Node | None = None
    if len(items) == 4 and isinstance(items[3], MapNode):
        default = items[3].get("DefaultValue")
    names = [_literal(resolver.value(item)) for item in items[:3]]
    if names[0] is None:
        return resolver.unknown(call, "the map of `Fn::FindInMap` is not known", "Fn::FindInMap")
    mapping = resolver.template.mappings.get(names[0][0][0])
    if mapping is None:
        return resolver.unknown(call, f"there is no mapping `{names[0][0][0]}`", "Fn::FindInMap")
    found: list[Node] = []
    for first, why_first in names[1] or _keys(mapping):
        inner = mapping.get(first)
        if not isinstance(inner, MapNode):
            continue
        for second, why_second in names[2] or _keys(inner):
            value = inner.get(second)
            if value is not None:
                reasons = [why for why in (why_first, why_second) if why]
                found.append(with_reason(value, " and ".join(reasons) or None))
    if default is not None and (not found or None in names):
        value = resolver.resolve(default)
        if value is None:
            return None
        found.append(with_reason(value, "by default of `Fn::FindInMap`" if found else None))
    if not found:
        return resolver.unknown(call, "`Fn::FindInMap` finds no such key", "Fn::FindInMap")
    return one_of(call.place, _distinct(found), f"{names[0][0][0]}")


def _literal(node: Node) -> list[tuple[str, str | None]] | None:
    """The literal values of a node with reasons; None if any of them is not known."""
    found: list[tuple[str, str | None]] = []
    for value, reason in alternatives(node):
        text = text_of(value)
        if text is None or text.literal is None:
            return None
        found.append((text.literal, reason))
    return found


def _keys(mapping: MapNode) -> list[tuple[str, str | None]]:
    """All keys of a mapping: what a key that is not known may be."""
    return [(key, f"for the key `{key}`") for key in dict.fromkeys(mapping.keys())]


def _distinct(found: list[Node]) -> list[Node]:
    """One of equal values; if there is but one value, it is certain whatever the key."""
    by_value: dict[str, Node] = {}
    for node in found:
        by_value.setdefault(json.dumps(plain(node), sort_keys=True, default=str), node)
    if len(by_value) == 1 and len(found) > 1:
        return [replace(found[0], possible=None)]
    return list(by_value.values())


def choose(resolver: Resolver, argument: Node, call: MapNode) -> Node | None:
    arguments = resolver.if_arguments(call)
    if arguments is None:
        return resolver.unknown(call, "`Fn::If` needs a condition and two values", "Fn::If")
    return resolver.choice(call, *arguments)


def import_value(resolver: Resolver, argument: Node, call: MapNode) -> Node:
    names = alternatives(resolver.value(argument))
    text = text_of(names[0][0]) if len(names) == 1 else None
    if text is not None and resolver.stacks is not None:
        exported = resolver.stacks.exports.value(resolver, text, call.place)
        if exported is not None:
            return with_reason(exported, names[0][1])
    return scalar(call.place, Text((resolver.hole(f"Fn::ImportValue {text or '…'}"),)))


def length(resolver: Resolver, argument: Node, call: MapNode) -> Node:
    value = resolver.value(argument)
    if isinstance(value, ListNode) and not value.open and not value.possible:
        return Scalar(place=call.place, value=len(value.items))
    return resolver.unknown(call, "`Fn::Length` of a list that is not known", "Fn::Length")


def to_json_string(resolver: Resolver, argument: Node, call: MapNode) -> Node:
    """The value itself: what reads policies takes a tree as well as its JSON text."""
    return resolver.value(argument)


def base64(resolver: Resolver, argument: Node, call: MapNode) -> Node:
    return resolver.unknown(call, "`Fn::Base64` is not evaluated", "Fn::Base64")


def transform(resolver: Resolver, argument: Node, call: MapNode) -> Node:
    name = string(argument.get("Name")) if isinstance(argument, MapNode) else None
    shown = f"`Fn::Transform` of `{name}`" if name else "`Fn::Transform`"
    return resolver.unknown(call, f"{shown} is known to the deployment only", "Fn::Transform")


def availability_zones(resolver: Resolver, argument: Node, call: MapNode) -> Node:
    return resolver.unknown(call, "`Fn::GetAZs` is known to the deployment only", "Fn::GetAZs")


def unsupported(resolver: Resolver, argument: Node, call: MapNode) -> Node:
    name = str(call.entries[0].key.value)
    return resolver.unknown(call, f"`{name}` is not evaluated", name)


FUNCTIONS: dict[str, Function] = {
    "Ref": ref,
    "Fn::GetAtt": get_att,
    "Fn::Sub": sub,
    "Fn::Join": join,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::FindInMap": find_in_map,
    "Fn::If": choose,
    "Fn::ImportValue": import_value,
    "Fn::Length": length,
    "Fn::ToJsonString": to_json_string,
    "Fn::Base64": base64,
    "Fn::Transform": transform,
    "Fn::GetAZs": availability_zones,
}
