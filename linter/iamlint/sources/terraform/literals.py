"""Where a literal stands in the syntax: the list item or map entry that it is the value of."""

from __future__ import annotations

import msgspec

from iamlint.sources.terraform import ast
from iamlint.text import Place, SourceText, Span


class Item(msgspec.Struct, frozen=True):
    """An element of a list or an entry of an object (`keyed`), with the collection around it."""

    item: Place
    container: Place
    keyed: bool


def item_around(body: ast.Node, place: Place) -> Item | None:
    """The innermost list item or object entry whose value is exactly what stands at a place."""
    start, end = place.span
    found: Item | None = None
    node: ast.Node | None = body
    while node is not None:
        following: ast.Node | None = None
        for child in ast.children(node):
            if child.start <= start and end <= child.end:
                following = child
                break
        if isinstance(node, ast.TupleExpr) and following is not None:
            if place.span in (_inner(following).span, following.span):
                found = Item(
                    Place(place.source, following.span), Place(place.source, node.span), False
                )
        elif (
            isinstance(node, ast.ObjectExpr)
            and isinstance(following, ast.ObjectItem)
            and place.span in (_inner(following.value).span, following.value.span)
        ):
            found = Item(Place(place.source, following.span), Place(place.source, node.span), True)
        node = following
    return found


def _inner(node: ast.Node) -> ast.Node:
    while isinstance(node, ast.Parens):
        node = node.expr
    return node


def references_to_local(
    bodies: list[tuple[SourceText, ast.Body]], name: str, but: Place
) -> list[Place]:
    """Where a module mentions `local.<name>`, except within one place."""
    found: list[Place] = []
    for source, body in bodies:
        if f"local.{name}" not in source.text:
            continue
        for node in ast.walk(body):
            if (
                isinstance(node, ast.GetAttr)
                and node.name == name
                and isinstance(node.target, ast.Variable)
                and node.target.name == "local"
            ):
                place = Place(source, node.span)
                if not within(place, but.source, but.span):
                    found.append(place)
    return found


def within(place: Place, source: SourceText, span: Span) -> bool:
    """True if a place lies in a span of a text."""
    return place.source is source and span.start <= place.span.start <= place.span.end <= span.end
