"""The strings of a statement: actions, resources, principals and conditions out of tree nodes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Literal

from iamlint.iam.policy import Condition, Element, Principal, PrincipalKind, Problem
from iamlint.text import Place
from iamlint.tree import Either, ListNode, MapNode, Node, Scalar, Text, Unknown

MAX_ALTERNATIVES = 16
"""How many readings of one statement are kept apart before it is called open."""

MAX_STRING = 32_768
"""The longest string that is looked at; no policy document of AWS may be longer as a whole."""

_LONGEST_REASON = 200
_PRINCIPAL_KINDS: dict[str, PrincipalKind] = {
    "AWS": "AWS",
    "Service": "Service",
    "Federated": "Federated",
    "CanonicalUser": "CanonicalUser",
}


class Problems:
    """Collects what is wrong with a document while it is read."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def malformed(self, message: str, place: Place) -> str:
        """Note a breach of the grammar; returns the reason to mark the element open with."""
        return self._add("malformed", message, place)

    def unresolved(self, message: str, place: Place) -> str:
        """Note something that could not be evaluated; returns the reason for `open`."""
        return self._add("unresolved", message, place)

    def duplicate(self, message: str, place: Place) -> str:
        return self._add("duplicate-key", message, place)

    def _add(
        self, kind: Literal["malformed", "unresolved", "duplicate-key"], message: str, place: Place
    ) -> str:
        self.found.append(Problem(kind, message, place))
        return message


def joined(outer: str | None, inner: str | None) -> str | None:
    """Both reasons why something is only possible, as one."""
    if not outer or not inner or inner in outer:
        return outer or inner
    return outer if len(outer) > _LONGEST_REASON else f"{outer} and {inner}"


def branches(node: Node, why: str | None = None) -> Iterator[tuple[Node, str | None]]:
    """The node, or each value that it may have, with the reason why it is only possible."""
    todo: list[tuple[Node, str | None]] = [(node, why)]
    while todo:
        current, reason = todo.pop()
        if isinstance(current, Either):
            reason = joined(reason, current.possible)
            # A branch says itself when it holds; the condition is for one that does not.
            bare = reason or f"under condition `{current.condition}`"
            todo += [
                (branch, reason if branch.possible else bare)
                for branch in reversed(current.branches)
            ]
        else:
            yield current, joined(reason, current.possible)


def describe(node: Node) -> str:
    """What a node is, in words for a message."""
    if isinstance(node, ListNode):
        return "a list"
    if isinstance(node, MapNode):
        return "an object"
    if isinstance(node, Scalar):
        if node.value is None:
            return "null"
        if isinstance(node.value, bool):
            return "a boolean"
        if isinstance(node.value, (int, float)):
            return "a number"
        return "a string"
    return "an unknown value"


def plain_text(node: Scalar, *, numbers: bool = False) -> Text | None:
    """The string of a scalar, with numbers and booleans as JSON writes them if `numbers`."""
    value = node.value
    if isinstance(value, (bool, int, float)):
        if not numbers:
            return None
        if isinstance(value, bool):
            return Text.of("true" if value else "false")
        # float("inf").is_integer() is False; an integral float is what HCL makes of `1`.
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return Text.of(str(int(value)))
        try:
            return Text.of(str(value))
        except ValueError:  # an integer of more digits than Python converts
            return None
    return node.text


def strings(
    node: Node,
    name: str,
    problems: Problems,
    why: str | None = None,
    *,
    numbers: bool = False,
) -> tuple[tuple[Element, ...], str | None]:
    """The strings of an element that is one string or a list of them, and why it is open."""
    found: list[Element] = []
    opened: str | None = None
    for outer, reason in branches(node, why):
        if isinstance(outer, ListNode):
            opened = opened or outer.open
            if outer.open:
                problems.unresolved(f"`{name}` may hold more: {outer.open}", outer.place)
            items: Iterator[tuple[Node, str | None]] = (
                pair for item in outer.items for pair in branches(item, reason)
            )
        else:
            items = iter([(outer, reason)])
        for item, possible in items:
            if isinstance(item, Unknown):
                opened = problems.unresolved(
                    f"`{name}` could not be evaluated: {item.reason}", item.place
                )
                continue
            text = plain_text(item, numbers=numbers) if isinstance(item, Scalar) else None
            if text is not None and _size(text) > MAX_STRING:
                opened = problems.malformed(
                    f"`{name}` holds a string of more than {MAX_STRING} characters", item.place
                )
            elif text is not None:
                found.append(Element(text, item.place, possible))
            elif isinstance(item, Scalar) and item.value is None and possible != why:
                continue  # a branch in which the value is left out
            else:
                opened = problems.malformed(
                    f"`{name}` must hold strings, but here is {describe(item)}", item.place
                )
    return tuple(found), opened


def _size(text: Text) -> int:
    return sum(len(part) if isinstance(part, str) else 1 for part in text.parts)


def entries(
    node: MapNode, name: str, problems: Problems, *, holes: bool = False
) -> tuple[list[tuple[str, Scalar, Node]], str | None]:
    """The keys of an object with their last values, and why there may be more.

    A key with holes is left out as unknown, unless `holes`: then its shown form is the key.
    """
    opened = node.open
    if opened:
        problems.unresolved(f"{name} may hold more: {opened}", node.place)
    last: dict[str, tuple[str, Scalar, Node]] = {}
    for entry in node.entries:
        text = plain_text(entry.key, numbers=True)
        key = text.literal if text is not None else None
        if holes and text is not None and any(isinstance(part, str) for part in text.parts):
            key = str(text)
        if key is None or len(key) > MAX_STRING:
            shown = "null" if text is None else str(text)[:60]
            opened = problems.unresolved(
                f"a key of {name} is not known: `{shown}`", entry.key.place
            )
            continue
        if key in last:
            problems.duplicate(f"`{key}` is given twice in {name}", entry.key.place)
        last[key] = (key, entry.key, entry.value)
    return list(last.values()), opened


def principals(
    node: Node, name: str, problems: Problems
) -> tuple[tuple[Principal, ...], str | None]:
    """The principals of a Principal or NotPrincipal element, and why there may be more."""
    found: list[Principal] = []
    opened: str | None = None
    for branch, why in branches(node):
        if isinstance(branch, Unknown):
            opened = problems.unresolved(
                f"`{name}` could not be evaluated: {branch.reason}", branch.place
            )
        elif isinstance(branch, Scalar):
            text = plain_text(branch)
            if text is not None and text.literal == "*":
                found.append(Principal("*", Element(text, branch.place, why)))
            elif text is not None and text.literal is None:
                opened = problems.unresolved(f"`{name}` is not known: `{text}`", branch.place)
            else:
                opened = problems.malformed(
                    f'`{name}` must be `"*"` or an object of principal types', branch.place
                )
        elif isinstance(branch, MapNode):
            keyed, more = entries(branch, f"`{name}`", problems)
            opened = opened or more
            for key, scalar, value in keyed:
                kind = _PRINCIPAL_KINDS.get(key)
                if kind is None:
                    opened = problems.malformed(f"`{key}` is no type of principal", scalar.place)
                    continue
                values, more = strings(value, f"{name}.{key}", problems, why, numbers=True)
                opened = opened or more
                found += [Principal(kind, element) for element in values]
        else:
            opened = problems.malformed(
                f'`{name}` must be `"*"` or an object of principal types, not {describe(branch)}',
                branch.place,
            )
    return tuple(found), opened


Alternative = tuple[tuple[Condition, ...], "str | None", "str | None"]
"""One reading of a Condition element: its conditions, why it is only possible, why it is open."""


def conditions(node: Node, problems: Problems) -> list[Alternative]:
    """Each reading of a Condition element; several where a branch inside it is undecided.

    Readings are kept apart, not merged: conditions of one statement must all hold, so those of
    two branches in one statement would make it look narrower than either.
    """
    found: list[Alternative] = []
    for block, why in branches(node):
        if isinstance(block, MapNode):
            found += _block(block, why, problems)
        elif isinstance(block, Unknown):
            reason = problems.unresolved(
                f"`Condition` could not be evaluated: {block.reason}", block.place
            )
            found.append(((), why, reason))
        elif isinstance(block, Scalar) and block.value is None and why is not None:
            found.append(((), why, None))
        else:
            reason = problems.malformed(
                f"`Condition` must be an object, not {describe(block)}", block.place
            )
            found.append(((), why, reason))
    if len(found) > MAX_ALTERNATIVES:
        reason = problems.unresolved("too many undecided branches in `Condition`", node.place)
        return [((), "under undecided branches", reason)]
    return found


def _block(block: MapNode, why: str | None, problems: Problems) -> list[Alternative]:
    keyed, opened = entries(block, "`Condition`", problems)
    choices: list[list[Alternative]] = []
    readings = 1
    for operator, scalar, value in keyed:
        of_operator: list[Alternative] = []
        for branch, reason in branches(value):
            of_operator.append(_operator(operator, scalar, branch, reason, problems))
        choices.append(of_operator)
        readings *= len(of_operator)
        if readings > MAX_ALTERNATIVES:
            more = problems.unresolved("too many undecided branches in `Condition`", block.place)
            return [((), why or "under undecided branches", more)]
    found: list[Alternative] = []
    for chosen in product(*choices):
        together: tuple[Condition, ...] = ()
        possible, still_open = why, opened
        for part, reason, more_open in chosen:
            together += part
            possible = joined(possible, reason)
            still_open = still_open or more_open
        found.append((together, possible, still_open))
    return found


def _operator(
    operator: str, scalar: Scalar, node: Node, why: str | None, problems: Problems
) -> Alternative:
    """The conditions under one operator."""
    if isinstance(node, Unknown):
        reason = problems.unresolved(
            f"`{operator}` could not be evaluated: {node.reason}", node.place
        )
        return (), why, reason
    if isinstance(node, Scalar) and node.value is None and why is not None:
        return (), why, None
    if not isinstance(node, MapNode):
        reason = problems.malformed(
            f"`{operator}` must be an object of condition keys, not {describe(node)}", node.place
        )
        return (), why, reason
    keyed, opened = entries(node, f"`{operator}`", problems, holes=True)
    found: list[Condition] = []
    written = Element(Text.of(operator), scalar.place, joined(scalar.possible, node.possible))
    for key, key_scalar, value in keyed:
        values, more = strings(value, key, problems, numbers=True)
        text = plain_text(key_scalar, numbers=True) or Text.of(key)
        element = Element(text, key_scalar.place, key_scalar.possible)
        found.append(Condition(written, element, values, more))
    return tuple(found), why, opened
