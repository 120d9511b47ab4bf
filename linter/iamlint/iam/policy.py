"""The policy model: statements, principals and conditions, each element with its place.

Immutable values without behaviour beyond look-up.  Reading them from a tree is `decode`'s work,
judging them `decide`'s and `compare`'s.  Terms are those of the IAM User Guide,
reference_policies_elements.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from iamlint.text import Place
from iamlint.tree import Node, Text

Effect = Literal["Allow", "Deny"]


class Element(msgspec.Struct, frozen=True):
    """One string of a policy: an action, a resource, a principal, a condition key or value.

    `possible` is as in tree.Node: None for certain, else the reason.
    """

    text: Text
    place: Place
    possible: str | None = None

    @property
    def literal(self) -> str | None:
        return self.text.literal

    def __str__(self) -> str:
        return str(self.text)


PrincipalKind = Literal["*", "AWS", "Service", "Federated", "CanonicalUser"]


class Principal(msgspec.Struct, frozen=True):
    """One principal.  `"*"` as the whole element has kind `*`; `{"AWS": "*"}` has kind `AWS`."""

    kind: PrincipalKind
    element: Element


class Condition(msgspec.Struct, frozen=True):
    """One key under one operator: `operator` and `key` as written, `values` in source order.

    `open` says why there may be more values; None if the list is complete.
    """

    operator: Element
    key: Element
    values: tuple[Element, ...]
    open: str | None = None


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement.

    `actions` are those of Action or, if `not_action`, of NotAction; likewise resources and
    principals.  A missing element is an empty tuple with its `has_…` flag False.  `open` maps an
    element's name (`Action`, `Resource`, `Principal`, `Condition`) to the reason why it may hold
    more than is shown.  `node` is the tree it was read from, for the rewriter.
    """

    place: Place
    node: Node | None = None
    possible: str | None = None
    sid: Element | None = None
    effect: Effect | None = None
    effect_place: Place | None = None
    actions: tuple[Element, ...] = ()
    not_action: bool = False
    resources: tuple[Element, ...] = ()
    not_resource: bool = False
    has_resource: bool = False
    principals: tuple[Principal, ...] = ()
    not_principal: bool = False
    has_principal: bool = False
    conditions: tuple[Condition, ...] = ()
    open: dict[str, str] = {}

    @property
    def complete(self) -> bool:
        """True if every element is wholly known to be what is shown (holes in strings aside)."""
        return (
            not self.open
            and self.effect is not None
            and self.possible is None
            and all(condition.open is None for condition in self.conditions)
        )


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy document.

    `version` is as written, None if absent (then AWS reads it as 2008-10-17).  `open` says why
    there may be more statements than are shown, None if the document is complete.
    """

    place: Place
    version: str | None
    statements: tuple[Statement, ...]
    id: Element | None = None
    open: str | None = None

    def allows(self) -> Iterator[Statement]:
        """The statements with Effect Allow, possible ones included."""
        return (statement for statement in self.statements if statement.effect == "Allow")

    def denies(self) -> Iterator[Statement]:
        """The statements with Effect Deny, possible ones included."""
        return (statement for statement in self.statements if statement.effect == "Deny")


class Problem(msgspec.Struct, frozen=True):
    """Something in a document that AWS would reject or that could not be read.

    `kind` is `malformed` (against the grammar), `unresolved` (could not be evaluated) or
    `duplicate-key`; `message` is lower case without a final stop.
    """

    kind: Literal["malformed", "unresolved", "duplicate-key"]
    message: str
    place: Place
