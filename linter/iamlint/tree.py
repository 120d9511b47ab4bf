"""The tree that every reader ends in: scalars, lists and maps, each with its place, and unknowns.

YAML, JSON and evaluated Terraform all become these nodes, so that what is above the readers
knows nothing of formats.  What a reader could not know is part of the tree, never left out:

* `Hole` stands for an unknown piece of a string, `Unknown` for a wholly unknown value;
* `Either` keeps all branches of an undecided condition;
* `open` on a list or map says that it may have more elements than are shown;
* `possible` on a node says why the node may not be there or may have another value.

Nodes are immutable and so form no cycles: the garbage collector need not track them (`gc=False`),
which halves the time of reading a large template.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Union

import msgspec

from iamlint.text import Place

HoleKind = Literal["account", "region", "partition", "resource", "name", "unknown"]
"""What is known of a hole.

`account`, `region`, `partition`: one concrete value of that kind.  `resource`: the whole ARN of
one specific resource.  `name`: one specific name or id, free of wildcards, which may hold `/`
or `:` only where a name of its kind may.  `unknown`: anything, wildcards included (a variable
or parameter without a default, an import of another stack).
"""


class Hole(msgspec.Struct, frozen=True, gc=False):
    """A part of a string that only the deployment knows.

    `name` is the expression as its author wrote it (`aws_s3_bucket.b.arn`, `AWS::AccountId`).
    `scope` is where that name is defined (a module's address, a template's path): holes of one
    name but different scopes stand for different things.
    """

    name: str
    kind: HoleKind = "unknown"
    scope: str = ""

    @property
    def specific(self) -> bool:
        """True if the hole stands for one concrete value that is no wildcard."""
        return self.kind != "unknown"

    def __str__(self) -> str:
        return f"‹{self.name}›"


class Text(msgspec.Struct, frozen=True, gc=False):
    """A string of literal pieces and holes; no two literal pieces are neighbours, none is empty."""

    parts: tuple[Union[str, Hole], ...]

    @staticmethod
    def of(*parts: str | Hole) -> Text:
        """Join pieces, merging neighbouring literals and dropping empty ones."""
        merged: list[str | Hole] = []
        for part in parts:
            if isinstance(part, str) and merged and isinstance(merged[-1], str):
                merged[-1] += part
            elif part != "":
                merged.append(part)
        return Text(tuple(merged))

    @property
    def literal(self) -> str | None:
        """The string, or None if any part of it is a hole."""
        if not self.parts:
            return ""
        if len(self.parts) == 1 and isinstance(self.parts[0], str):
            return self.parts[0]
        return None

    @property
    def holes(self) -> tuple[Hole, ...]:
        return tuple(part for part in self.parts if isinstance(part, Hole))

    def __add__(self, other: Text) -> Text:
        return Text.of(*self.parts, *other.parts)

    def __str__(self) -> str:
        """The string with each hole shown as `‹name›`."""
        return "".join(map(str, self.parts))


class Node(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What all nodes have.

    `place` is where the value is written, even if it was reached through references.
    `possible` is None for a certain value, else why it is only possible, in words that follow
    "only" in a message: ``by default of variable `x` ``, ``if `IsProd` holds``.
    """

    place: Place
    possible: str | None = None


Style = Literal["", "plain", "single", "double", "literal", "folded", "json", "hcl"]


class Scalar(Node, frozen=True, gc=False, kw_only=True):
    """A string (with or without holes), number, boolean or null."""

    value: str | Text | int | float | bool | None
    style: Style = ""

    @property
    def text(self) -> Text | None:
        """The value as Text if it is a string, else None."""
        if isinstance(self.value, str):
            return Text((self.value,)) if self.value else Text(())
        return self.value if isinstance(self.value, Text) else None


class ListNode(Node, frozen=True, gc=False, kw_only=True):
    """A sequence; `open` says why more elements may belong to it, None if it is complete."""

    items: tuple[Node, ...]
    open: str | None = None
    flow: bool = False


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One key of a map with its value."""

    key: Scalar
    value: Node


class MapNode(Node, frozen=True, gc=False, kw_only=True):
    """A mapping in source order, duplicates included; `open` as in ListNode."""

    entries: tuple[Entry, ...]
    open: str | None = None
    flow: bool = False

    def get(self, key: str) -> Node | None:
        """The value of the last entry with this key, as JSON and YAML readers agree; else None."""
        for entry in reversed(self.entries):
            if entry.key.value == key:
                return entry.value
        return None

    def entry(self, key: str) -> Entry | None:
        """The last entry with this key."""
        for entry in reversed(self.entries):
            if entry.key.value == key:
                return entry
        return None

    def keys(self) -> Iterator[str]:
        """The literal keys in source order."""
        return (entry.key.value for entry in self.entries if isinstance(entry.key.value, str))


class Unknown(Node, frozen=True, gc=False, kw_only=True):
    """A value that could not be evaluated; `reason` says why, `hole` names the expression."""

    reason: str
    hole: Hole


class Either(Node, frozen=True, gc=False, kw_only=True):
    """All values that an undecided condition leaves open; each branch carries `possible`."""

    branches: tuple[Node, ...]
    condition: str


def plain(node: Node) -> object:
    """The node as plain Python data, as a JSON reader would give it.

    Text with holes and unknown values become strings with `‹name›`; of an Either the branches
    become `{"‹if›": [branch, …]}`.  For display and tests, not for judging.
    """
    if isinstance(node, Scalar):
        return str(node.value) if isinstance(node.value, Text) else node.value
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    if isinstance(node, MapNode):
        return {str(plain(entry.key)): plain(entry.value) for entry in node.entries}
    if isinstance(node, Either):
        return {"‹if›": [plain(branch) for branch in node.branches]}
    if isinstance(node, Unknown):
        return str(node.hole)
    raise TypeError(f"no node: {node!r}")
