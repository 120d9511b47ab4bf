"""A policy document out of whatever an argument's value is: encoded, JSON text, or neither."""

from __future__ import annotations

from iamlint.sources.site import Form
from iamlint.sources.terraform.rendering import finish
from iamlint.sources.terraform.templates import Template
from iamlint.sources.terraform.values import (
    Encoded,
    Maybe,
    Reference,
    because,
    because_deep,
    is_null,
    kind_name,
)
from iamlint.tree import Either, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown


def document_of(node: Node) -> tuple[Node, Form] | None:
    """The policy tree that a value holds, and how it is written; None if there is none (null).

    What can't be read becomes Unknown, with the reason; never raises but for RecursionError.
    """
    if isinstance(node, Maybe):
        node = because(node.value, node.possible)
    if is_null(node) or (isinstance(node, Scalar) and node.value == ""):
        return None
    if isinstance(node, Encoded):
        if isinstance(node.content, Encoded):  # encoded twice: AWS would refuse the string
            return finish(node.content.content), node.content.form
        if isinstance(node.content, Scalar) and node.content.text is not None:
            inner = document_of(node.content)
            if inner is not None:
                return inner
        return because_deep(finish(node.content), node.possible), node.form
    if isinstance(node, Either):
        found = [document_of(branch) for branch in node.branches]
        kept = [
            because(pair[0], branch.possible)
            for pair, branch in zip(found, node.branches, strict=True)
            if pair is not None
        ]
        if not kept:
            return None
        form: Form = next(pair[1] for pair in found if pair is not None)
        if len(kept) == 1:
            return kept[0], form
        return Either(place=node.place, branches=tuple(kept), condition=node.condition), form
    if isinstance(node, Scalar) and node.text is not None:
        return _parsed(node, node.text), "text"
    if isinstance(node, (Unknown, Reference)):
        return finish(node), "value"
    if isinstance(node, (MapNode, ListNode)):
        # A document where a string is wanted: Terraform refuses it, its author meant jsonencode.
        return finish(node), "value"
    return (
        Unknown(
            place=node.place, reason=f"{kind_name(node)} is no policy document", hole=Hole("…")
        ),
        "value",
    )


def _parsed(node: Scalar, text: Text) -> Node:
    """JSON text as a tree, with places in the source where it was written there."""
    first = text.parts[0] if text.parts else ""
    if isinstance(first, Hole):
        return Unknown(
            place=node.place,
            reason=f"`{first.name}` is not known",
            hole=Hole(str(text), "unknown", first.scope),
            possible=node.possible,
        )
    # Imported here: most policies are no JSON text.
    from iamlint.sources.document.document import DocumentError
    from iamlint.sources.document.embedded import Table, offset_table, parse_embedded

    table: Table | None = None
    if isinstance(node, Template):
        table = node.table()
    elif node.style == "json":
        table = offset_table(node)
    elif node.value == node.place.text:
        table = range(node.place.span.start, node.place.span.end + 1)
    try:
        tree = parse_embedded(text, node.place, table)
    except DocumentError as error:
        line = node.place.source.position(error.offset).line
        return Unknown(
            place=node.place,
            reason=f"it is no JSON: {error.message} (line {line})",
            hole=Hole("…"),
            possible=node.possible,
        )
    return because_deep(tree, node.possible)


def decoded(node: Scalar) -> Node | None:
    """The tree of JSON text for `jsondecode`; None if it is none."""
    if node.text is None:
        return None
    tree = _parsed(node, node.text)
    return None if isinstance(tree, Unknown) else tree
