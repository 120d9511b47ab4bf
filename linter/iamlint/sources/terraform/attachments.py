"""Managed policies that are attached: which string attaches, and what to take away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from iamlint.sources.site import Attachment
from iamlint.sources.terraform import ast
from iamlint.sources.terraform.instance import Instance
from iamlint.sources.terraform.literals import item_around, references_to_local, within
from iamlint.sources.terraform.values import Maybe, Reference, because, is_null
from iamlint.text import Place
from iamlint.tree import Either, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown


class Attaching(msgspec.Struct, frozen=True):
    """One managed policy that an argument attaches."""

    node: Node
    arn: Text
    place: Place
    possible: str | None


class Missing(msgspec.Struct, frozen=True):
    """A part of an argument that could not be evaluated."""

    place: Place
    reason: str


def attached(value: Node) -> Iterator[Attaching | Missing]:
    """Each policy that a value names: one ARN, or a list, set or map of them."""
    if isinstance(value, Maybe):
        value = because(value.value, value.possible)
    if is_null(value):
        return
    if isinstance(value, Either):
        for branch in value.branches:
            for found in attached(branch):
                if isinstance(found, Attaching) and found.possible is None:
                    reason = branch.possible or f"if `{value.condition}`"
                    found = msgspec.structs.replace(found, possible=reason)
                yield found
    elif isinstance(value, ListNode):
        for item in value.items:
            yield from attached(item)
        if value.open is not None:
            yield Missing(value.place, value.open)
    elif isinstance(value, MapNode):
        for entry in value.entries:
            yield from attached(entry.value)
        if value.open is not None:
            yield Missing(value.place, value.open)
    elif isinstance(value, Scalar) and value.text is not None:
        text = value.text
        if text.literal == "":
            return
        first = text.parts[0]
        if len(text.parts) == 1 and isinstance(first, Hole) and not first.specific:
            yield Missing(value.place, f"`{first.name}` is not known")
            return
        yield Attaching(value, text, value.place, value.possible)
    elif isinstance(value, Unknown):
        if value.hole.kind == "resource":
            yield Attaching(value, Text((value.hole,)), value.place, value.possible)
        else:
            yield Missing(value.place, value.reason)
    elif isinstance(value, Reference):
        yield Missing(value.place, f"`{value.expression}` is an object, not an ARN")
    else:
        yield Missing(value.place, "it is no policy ARN")


def describe(instance: Instance, argument: str, found: Attaching) -> Attachment:
    """How the string attaches, for the rewriter."""
    block = Place(instance.declared.source, instance.declared.block.span)
    written = instance.declared.get(argument.split(".")[-1].split("[")[0])
    place = found.place

    def attachment(
        form: Literal["attribute", "list-item", "map-item"],
        item: Place,
        container: Place | None = None,
        shared: str | None = None,
    ) -> Attachment:
        return Attachment(form=form, item=item, block=block, container=container, shared=shared)

    inside = written is not None and within(place, written.source, written.attribute.span)
    if written is not None and inside:
        around = None if place.span == written.expr.span else item_around(written.expr, place)
        if around is not None:
            return attachment("list-item", around.item, around.container)
        return attachment("attribute", Place(written.source, written.expr.span))
    anchor = place
    each = instance.names.get("each")
    looped = isinstance(each, MapNode)
    if isinstance(each, MapNode):
        element = each.get("value")
        if element is not None and element.place.source is place.source:
            span = element.place.span
            if span.start <= place.span.start and place.span.end <= span.end:
                anchor = element.place
    body = instance.module.body_of(anchor.source)
    if body is not None and (around := item_around(body, anchor)) is not None:
        shared = _shared(instance, body, around.container)
        form: Literal["list-item", "map-item"] = "map-item" if looped else "list-item"
        return attachment(form, around.item, around.container, shared)
    if written is not None:
        return attachment("attribute", Place(written.source, written.expr.span))
    return attachment("attribute", place, None, "it is written elsewhere")


def looped_place(instance: Instance, argument: str, found: Attaching) -> Place:
    """The string that attaches: of a template over `each`, the element that `for_each` gives it."""
    written = instance.declared.get(argument.split(".")[-1].split("[")[0])
    each = instance.names.get("each")
    if written is None or not isinstance(each, MapNode):
        return found.place
    if not within(found.place, written.source, written.attribute.span):
        return found.place
    for node in ast.walk(written.expr):
        if (
            isinstance(node, ast.GetAttr)
            and isinstance(node.target, ast.Variable)
            and node.target.name == "each"
        ):
            element = each.get(node.name)
            if isinstance(element, Scalar) and element.place.span != found.place.span:
                return element.place
    return found.place


def _shared(instance: Instance, body: ast.Body, container: Place) -> str | None:
    """Who else uses the local value that a collection stands in; None if nobody."""
    for block in body.blocks:
        if block.type == "variable" and block.start <= container.span.start < block.end:
            return (
                f"it is the default of variable `{block.labels[0].value}`" if block.labels else None
            )
        if block.type != "locals" or not block.start <= container.span.start < block.end:
            continue
        for name, attribute in block.body.attributes.items():
            if attribute.start <= container.span.start < attribute.end:
                own = Place(instance.declared.source, instance.declared.block.span)
                uses = references_to_local(instance.module.folder.bodies, name, own)
                if not uses:
                    return None
                first = uses[0]
                return f"`local.{name}` is also used at {first.path}:{first.start.line}"
    return None
