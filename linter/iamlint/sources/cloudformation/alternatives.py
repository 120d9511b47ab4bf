"""Computing with values of which only alternatives are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from msgspec.structs import replace

from iamlint.text import Place
from iamlint.tree import Either, Hole, Node, Scalar, Text, Unknown

MAX_ALTERNATIVES = 16
"""How many alternatives of one value are followed; AWS templates seldom have more than four."""

_HOLDS, _FAILS = "` holds", "` does not hold"


def joined(*reasons: str | None) -> str | None:
    """All reasons why something is only possible, as one; None if there is none."""
    found: list[str] = []
    for reason in reasons:
        for part in reason.split(" and ") if reason else ():
            if part not in found:
                found.append(part)
    return " and ".join(found) or None


def with_reason(node: Node, reason: str | None) -> Node:
    """The node, only possible for one reason more."""
    both = joined(reason, node.possible)
    return node if both == node.possible else replace(node, possible=both)


def alternatives(node: Node) -> list[tuple[Node, str | None]]:
    """The values that a node may have, each with the reason why it is only possible."""
    if not isinstance(node, Either):
        return [(node, node.possible)]
    found: list[tuple[Node, str | None]] = []
    for branch in node.branches:
        for value, reason in alternatives(branch):
            found.append((value, joined(node.possible, reason)))
    return found


def lift(
    place: Place,
    arguments: Sequence[Node],
    function: Callable[[Sequence[Node]], Node],
    condition: str,
) -> Node:
    """`function` of the arguments, for each combination of their alternatives that can be.

    Gives one node, an Either of several, or Unknown if there are more than MAX_ALTERNATIVES.
    """
    choices = [alternatives(argument) for argument in arguments]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MAX_ALTERNATIVES:
        reason = f"more than {MAX_ALTERNATIVES} combinations of conditions"
        return Unknown(place=place, reason=reason, hole=Hole(condition))
    found: list[Node] = []
    for combination in product(*choices):
        why = joined(*(each for _, each in combination))
        if why and contradictory(why):
            continue
        found.append(with_reason(function([value for value, _ in combination]), why))
    return one_of(place, found, condition)


def one_of(place: Place, found: Sequence[Node], condition: str) -> Node:
    """One node if there is one, else an Either."""
    if len(found) == 1:
        return found[0]
    return Either(place=place, branches=tuple(found), condition=condition)


def holds(condition: str) -> str:
    """The reason of a value that stands under a condition of the template."""
    return f"if `{condition}{_HOLDS}"


def fails(condition: str) -> str:
    """The reason of a value that stands where a condition of the template does not hold."""
    return f"if `{condition}{_FAILS}"


def contradictory(reason: str) -> bool:
    """True if a reason demands that a condition holds and does not hold."""
    parts = set(reason.split(" and "))
    return any(
        part.endswith(_HOLDS) and part.removesuffix(_HOLDS) + _FAILS in parts for part in parts
    )


def text_of(node: Node) -> Text | None:
    """A scalar as the string that CloudFormation makes of it; None for what is no string."""
    if isinstance(node, Unknown):
        return Text((node.hole,))
    if not isinstance(node, Scalar) or node.value is None:
        return None
    if isinstance(node.value, bool):
        return Text.of("true" if node.value else "false")
    if isinstance(node.value, (int, float)):
        return Text.of(node.place.text if node.style == "plain" else str(node.value))
    return node.text


def scalar(place: Place, text: Text, possible: str | None = None) -> Scalar:
    """A string node."""
    literal = text.literal
    return Scalar(place=place, value=text if literal is None else literal, possible=possible)
