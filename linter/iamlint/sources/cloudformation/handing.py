"""A value as it is seen from another template: its reasons, holes and place told in its terms."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from iamlint.sources.cloudformation.alternatives import text_of
from iamlint.sources.cloudformation.parameters import is_list
from iamlint.text import Place
from iamlint.tree import Either, Hole, HoleKind, ListNode, Node, Scalar, Text, Unknown

_SHARED = ("account", "region", "partition")
_QUOTED = re.compile(r"`[^`]*`(?! of `)")


def handed(
    node: Node, place: Place, origin: str, target: str | None, whole: Callable[[Hole], Hole]
) -> Node:
    """A value of the template `origin` for use in `target`, all of it at `place`.

    Stacks of one account and region have one hole for these: those of the origin become the
    target's own, unless the target is None.  A string that is nothing but one other hole becomes
    what `whole` makes of it.
    """

    def text(value: Text) -> Text:
        if len(value.parts) == 1 and isinstance(value.parts[0], Hole):
            hole = value.parts[0]
            shared = target is not None and _shared(hole)
            return Text((_rescoped(hole, target) if shared else whole(hole),))
        return Text.of(
            *(_rescoped(part, target) if isinstance(part, Hole) else part for part in value.parts)
        )

    def turned(each: Node) -> Node:
        reason = _reason(each.possible, origin)
        if isinstance(each, Scalar):
            found = text_of(each)
            return replace(_scalar(text(found), place) if found else _null(place), possible=reason)
        if isinstance(each, ListNode):
            items = tuple(turned(item) for item in each.items)
            return ListNode(place=place, items=items, open=each.open, possible=reason)
        if isinstance(each, Either):
            branches = tuple(turned(branch) for branch in each.branches)
            return replace(each, place=place, branches=branches, possible=reason)
        if isinstance(each, Unknown):
            return replace(each, place=place, possible=reason, hole=whole(each.hole))
        return Unknown(
            place=place, possible=reason, reason="it is no string", hole=whole(Hole("…"))
        )

    return turned(node)


def typed(node: Node, kind: str) -> Node:
    """A value as the parameter of a type takes it: what is for a list is cut at its commas."""
    if not is_list(kind) or isinstance(node, (ListNode, Unknown)):
        return node
    if isinstance(node, Either):
        return replace(node, branches=tuple(typed(branch, kind) for branch in node.branches))
    if not isinstance(node, Scalar):
        return node
    text = node.text or Text.of("" if node.value is None else str(node.value))
    if not all(hole.specific for hole in text.holes):
        reason = "a list is made of what is not known"
        return Unknown(place=node.place, possible=node.possible, reason=reason, hole=text.holes[0])
    pieces: list[Text] = [Text(())]
    for part in text.parts:
        first, *rest = part.split(",") if isinstance(part, str) else (part,)
        pieces[-1] = Text.of(*pieces[-1].parts, first)
        pieces += [Text.of(piece) for piece in rest]
    items = tuple(_scalar(piece, node.place) for piece in pieces)
    return ListNode(place=node.place, items=items, possible=node.possible)


def joined_kind(kinds: list[HoleKind]) -> HoleKind:
    """What is known of a hole that stands for one of several."""
    if len(set(kinds)) == 1:
        return kinds[0]
    return "unknown" if "unknown" in kinds else "name"


def _scalar(text: Text, place: Place) -> Scalar:
    literal = text.literal
    return Scalar(place=place, value=text if literal is None else literal.strip())


def _null(place: Place) -> Scalar:
    return Scalar(place=place, value=None)


def _shared(hole: Hole) -> bool:
    return hole.kind in _SHARED or hole.name == "AWS::URLSuffix"


def _rescoped(hole: Hole, scope: str | None) -> Hole:
    return replace(hole, scope=scope) if scope is not None and _shared(hole) else hole


def _reason(reason: str | None, origin: str) -> str | None:
    """A reason of another template: each condition and parameter in it with the template's name."""
    if reason is None:
        return None
    return " and ".join(
        part if "` of `" in part else _QUOTED.sub(lambda m: f"{m[0]} of `{origin}`", part, count=1)
        for part in reason.split(" and ")
    )
