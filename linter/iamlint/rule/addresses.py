"""What arguments of network resources say: flags, ranges of addresses, and what is not known of them."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from iamlint.sources.resources import below
from iamlint.tree import Hole, MapNode, Node, Scalar, Unknown


def doubt(possible: str | None) -> str:
    """Why something is only possible, as a note; empty for what is certain."""
    return f"only {possible}" if possible else ""


def truth(node: Node) -> bool:
    """True for a literal true, also as a string or CloudFormation's ENABLED."""
    return isinstance(node, Scalar) and (
        node.value is True or node.value in ("true", "True", "ENABLED")
    )


def falsehood(node: Node) -> bool:
    """True for a literal false, also as a string or CloudFormation's DISABLED."""
    return isinstance(node, Scalar) and (
        node.value is False or node.value in ("false", "False", "DISABLED")
    )


def maps(node: Node) -> Iterator[tuple[MapNode, str | None]]:
    """The maps in a list of them, with what they hang on."""
    for leaf in below(node):
        if isinstance(leaf, MapNode):
            yield leaf, leaf.possible


def entries(node: MapNode) -> Iterator[tuple[str, Node]]:
    for entry in node.entries:
        if isinstance(entry.key.value, str):
            yield entry.key.value, entry.value


def is_world(node: Node) -> bool:
    """True for a range that is all of the internet, or half of it as it is written to get around a check."""
    text = literal(node)
    if text is None or "/" not in text:
        return False
    try:
        return ip_network(text, strict=False).prefixlen <= 1
    except ValueError:
        return False


def asked_for(node: Node) -> str | None:
    """Why a range is not known that somebody passes in: a variable, a parameter; None for others.

    The ranges of networks that are declared or looked up are their own, and not the internet.
    """
    text = literal(node)
    if text is not None:
        usable = text.count(".") == 3 or ":" in text
        return None if usable or not node.possible else f"`{text}`, {node.possible}, is no range"
    hole = node.hole if isinstance(node, Unknown) else None
    if isinstance(node, Scalar) and node.text is not None and len(node.text.parts) == 1:
        part = node.text.parts[0]
        hole = part if isinstance(part, Hole) else None
    if hole is None:
        return None
    if isinstance(node, Unknown) and hole.name == "…":
        return node.reason
    passed = hole.name.startswith(("var.", "each.")) or "." not in hole.name
    return f"`{hole.name}`" if passed else None


def literal(node: Node) -> str | None:
    if not isinstance(node, Scalar) or node.value is None:
        return None
    if isinstance(node.value, (str, int)):
        return str(node.value)
    return node.text.literal if node.text is not None else str(node.value)


def name_of(node: Node) -> str:
    return (
        node.hole.name
        if isinstance(node, Unknown)
        else str(getattr(node, "value", "…")).strip("‹›")
    )
