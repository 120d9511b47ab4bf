"""Templates' intrinsic functions to values: what is known as literal, what is not as holes.

Nothing is evaluated before it is asked for, nothing raises, and nothing is left out: a value
that only the deployment knows becomes a Hole or an Unknown, an undecided condition an Either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from iamlint.sources.cloudformation.alternatives import (
    alternatives,
    contradictory,
    fails,
    holds,
    joined,
    one_of,
    scalar,
    text_of,
    with_reason,
)
from iamlint.sources.cloudformation.conditions import evaluate
from iamlint.sources.cloudformation.functions import FUNCTIONS, Function, unsupported
from iamlint.sources.cloudformation.level import MAX_NESTING, Level
from iamlint.sources.cloudformation.loops import expand, fill
from iamlint.sources.cloudformation.parameters import hole, parameter
from iamlint.sources.cloudformation.pseudo import pseudo
from iamlint.sources.cloudformation.template import Template, string
from iamlint.sources.site import ReadOptions
from iamlint.tree import (
    Either,
    Entry,
    Hole,
    HoleKind,
    ListNode,
    MapNode,
    Node,
    Scalar,
    Text,
    Unknown,
)

if TYPE_CHECKING:
    from iamlint.sources.cloudformation.stacks import Stacks


class Resolver:
    """Resolves the nodes of one template under what the user told of the deployment.

    `stacks` knows the other templates of the run; `given` the values that a parent stack passes
    for parameters, None for those that it leaves as they are.  `inside` are the resolvers of the
    nested stacks, by logical id.
    """

    def __init__(
        self,
        template: Template,
        options: ReadOptions,
        stacks: Stacks | None = None,
        given: Callable[[str], Node | None] | None = None,
    ) -> None:
        self.template = template
        self.options = options
        self.stacks = stacks
        self.given = given
        self.scope = template.scope
        self.inside: dict[str, Resolver] = {}
        self.loop: dict[str, Text] = {}
        self.assumed: dict[str, bool] = {}
        self.turns = 0
        self._defaults = True
        self.names: dict[str, Text | None] = {}
        self._conditions: dict[tuple[str, frozenset[tuple[str, bool]]], bool | None] = {}
        self._parameters: dict[str, Node] = {}
        self._supposed: dict[tuple[str, str], Resolver] = {}
        self._supposition: dict[str, str] = {}
        self._busy: set[object] = set()
        self.level = Level() if stacks is None else stacks.level

    def resolve(self, node: Node) -> Node | None:
        """The value of a node; None for `AWS::NoValue`, which takes its element away."""
        if isinstance(node, Scalar):
            return self._dynamic(node)
        if isinstance(node, (Unknown, Either)):
            return node
        if self.level.depth > MAX_NESTING:
            return self.unknown(node, "functions nested too deep", "…")
        self.level.depth += 1
        try:
            if isinstance(node, ListNode):
                return self._list(node)
            if isinstance(node, MapNode):
                call = self.call(node)
                return call[0](self, call[1], node) if call else self.map_of(node)
        finally:
            self.level.depth -= 1
        return node

    def call(self, node: Node) -> tuple[Function, Node] | None:
        """The function and the argument of a map that is a call of an intrinsic function."""
        if not isinstance(node, MapNode) or len(node.entries) != 1:
            return None
        key = node.entries[0].key.value
        if not isinstance(key, str) or not (key == "Ref" or key.startswith("Fn::")):
            return None
        if key.startswith("Fn::ForEach"):
            return None  # a map of one loop
        return FUNCTIONS.get(key, unsupported), node.entries[0].value

    def value(self, node: Node) -> Node:
        """As resolve, where a missing value is null."""
        found = self.resolve(node)
        return found if found is not None else Scalar(place=node.place, value=None)

    def branches(self, node: Node) -> Iterator[tuple[Node, str | None]]:
        """The raw nodes that `Fn::If` leaves for a node, with reasons; NoValue gives none."""
        condition = self.if_arguments(node)
        if condition is None:
            if not _is_no_value(node):
                yield node, None
            return
        name, yes, no = condition
        decided = self.condition(name)
        for branch, truth in ((yes, True), (no, False)):
            if decided is not None and decided is not truth:
                continue
            reason = None if decided is not None else (holds(name) if truth else fails(name))
            with self.assuming(name, truth):
                for inner, why in self.branches(branch):
                    yield inner, joined(reason, why)

    def if_arguments(self, node: Node) -> tuple[str, Node, Node] | None:
        """Condition and both branches of an `Fn::If`, None for anything else."""
        if not isinstance(node, MapNode) or len(node.entries) != 1:
            return None
        entry = node.entries[0]
        if entry.key.value != "Fn::If" or not isinstance(entry.value, ListNode):
            return None
        items = entry.value.items
        name = string(items[0]) if len(items) == 3 else None
        return (name, items[1], items[2]) if name is not None else None

    @contextmanager
    def assuming(self, condition: str, truth: bool) -> Iterator[None]:
        """Within it the condition is known to hold, or not to."""
        before = self.assumed.get(condition)
        self.assumed[condition] = truth
        try:
            yield
        finally:
            if before is None:
                del self.assumed[condition]
            else:
                self.assumed[condition] = before

    @contextmanager
    def looping(self, names: dict[str, Text]) -> Iterator[None]:
        """Within it the identifiers of `Fn::ForEach` have these values."""
        before = self.loop
        self.loop = {**before, **names}
        try:
            yield
        finally:
            self.loop = before

    @contextmanager
    def entering(self, what: object) -> Iterator[bool]:
        """Gives False if `what` is being evaluated already: a cycle."""
        if what in self._busy:
            yield False
            return
        self._busy.add(what)
        try:
            yield True
        finally:
            self._busy.discard(what)

    def condition(self, name: str) -> bool | None:
        """Whether a condition holds; None if only the deployment decides."""
        if name in self.assumed:
            return self.assumed[name]
        key = name, frozenset(self.assumed.items())
        if key not in self._conditions:
            with self.entering(("condition", name)) as fresh:
                node = self.template.conditions.get(name)
                if not fresh or node is None:
                    return None
                self._conditions[key] = evaluate(self, node)
        return self._conditions[key]

    def parameter(self, name: str) -> Node:
        """The value of a declared parameter, as far as the conditions assumed here allow it.

        Under a condition such as "the parameter is not empty", an empty default is no value.
        """
        if name not in self._parameters:
            self._parameters[name] = self._parameter(name)
        value = self._parameters[name]
        if not self._defaults and "by default" in (value.possible or ""):
            return self._any_value(name, value)
        if not self.assumed or name in self._supposition or name in self.options.parameters:
            return value
        found = alternatives(value)
        kept = [node for node, why in found if why is None or self._agrees(name, node)]
        if len(kept) == len(found):
            return value
        if not kept:
            return self._any_value(name, value)
        if len(kept) == 1:
            return replace(kept[0], possible=None)  # the condition leaves this value alone
        return one_of(value.place, kept, f"parameter {name}")

    def _parameter(self, name: str) -> Node:
        """The value of a parameter: what is supposed, what a parent passes, what else is known."""
        if name not in self._supposition and self.given is not None:
            given = self.given(name)
            if given is not None:
                return given
        return parameter(self.template, name, {**self.options.parameters, **self._supposition})

    def _any_value(self, name: str, value: Node) -> Node:
        """A parameter as if it had no default."""
        kind = string(self.template.parameters[name].get("Type")) or "String"
        return hole(self.template, name, kind, value.place)

    @contextmanager
    def without_defaults(self) -> Iterator[None]:
        """Within it parameters that are not given are unknown."""
        before, self._defaults = self._defaults, False
        try:
            yield
        finally:
            self._defaults = before

    def _agrees(self, name: str, value: Node) -> bool:
        """False if a value of a parameter decides an assumed condition the other way."""
        text = text_of(value)
        if text is None or text.literal is None:
            return True
        key = name, text.literal
        if key not in self._supposed:
            other = Resolver(self.template, self.options, self.stacks, self.given)
            other._supposition = {**self._supposition, name: text.literal}
            self._supposed[key] = other
        supposed = self._supposed[key]
        return all(
            supposed.condition(condition) in (None, truth)
            for condition, truth in self.assumed.items()
        )

    def pseudo(self, name: str) -> Text | None:
        """The value of a pseudo parameter; None if the name is none."""
        return pseudo(name, self.options, self.scope)

    def hole(self, name: str, kind: HoleKind = "unknown") -> Hole:
        """A hole of this template."""
        return Hole(name, kind, self.scope)

    def unknown(self, node: Node, reason: str, name: str) -> Unknown:
        """A value that can't be evaluated."""
        return Unknown(place=node.place, reason=reason, hole=self.hole(name))

    def _list(self, node: ListNode) -> ListNode:
        items = tuple(item for raw in node.items if (item := self.resolve(raw)) is not None)
        items = tuple(_without_nothing(item) for item in items)
        return node if items == node.items else replace(node, items=items)

    def map_of(self, node: MapNode) -> MapNode:
        """A map with its values resolved and its loops unrolled."""
        entries: list[Entry] = []
        opened = node.open
        for entry in node.entries:
            key = entry.key.value
            if isinstance(key, str) and key.startswith("Fn::ForEach"):
                for bound, inner, raw in expand(self, entry.value):
                    if raw is None:
                        opened = opened or inner
                        continue
                    with self.looping(bound):
                        value = self.resolve(raw)
                    if value is not None:
                        entries.append(Entry(scalar(entry.key.place, fill(inner, bound)), value))
                continue
            if key == "Fn::Transform":
                opened = opened or "`Fn::Transform` may add to it"
                continue
            value = self.resolve(entry.value)
            if value is None:
                continue
            name = entry.key
            if self.loop and isinstance(key, str) and "{" in key:
                name = scalar(name.place, fill(key, self.loop))
            entries.append(Entry(name, value))
        return replace(node, entries=tuple(entries), open=opened)

    def named(self, name: str) -> str | None:
        """A name as it reads in this turn of a loop; None if that is not known."""
        return fill(name, self.loop).literal if self.loop and "{" in name else name

    def _dynamic(self, node: Scalar) -> Scalar:
        """A string with the identifiers of loops filled in, its `{{resolve:…}}` references as holes."""
        value = node.value
        if isinstance(value, str) and self.loop and "{" in value:
            filled = fill(value, self.loop)
            literal = filled.literal
            if literal is None:
                return replace(node, value=filled)
            if literal != value:
                node, value = replace(node, value=literal, style=""), literal
        if not isinstance(value, str) or "{{resolve:" not in value:
            return node
        parts: list[str | Hole] = []
        rest = value
        while True:
            before, found, after = rest.partition("{{resolve:")
            name, closed, tail = after.partition("}}")
            if not found or not closed:
                break
            parts += (before, self.hole(f"{{{{resolve:{name}}}}}"))
            rest = tail
        return replace(node, value=Text.of(*parts, rest))

    def choice(self, node: Node, name: str, yes: Node, no: Node) -> Node | None:
        """The value of `Fn::If`."""
        found: list[Node] = []
        missing: str | None = None
        decided = self.condition(name)
        for branch, truth in ((yes, True), (no, False)):
            if decided is not None and decided is not truth:
                continue
            reason = None if decided is not None else (holds(name) if truth else fails(name))
            with self.assuming(name, truth):
                value = self.resolve(branch)
            if value is None:
                missing = reason
                continue
            value = with_reason(value, reason)
            if not (value.possible and contradictory(value.possible)):
                found.append(value)
        if not found:
            return None
        if missing is not None:
            found.append(Scalar(place=node.place, value=None, possible=missing))
        return one_of(node.place, found, name)


def _without_nothing(item: Node) -> Node:
    """An item of a list whose missing branch needs no mention: the others are possible anyway."""
    if not isinstance(item, Either):
        return item
    kept = tuple(
        branch
        for branch in item.branches
        if not (isinstance(branch, Scalar) and branch.value is None and branch.possible)
    )
    if len(kept) == 1:
        return with_reason(kept[0], item.possible)
    return replace(item, branches=kept) if kept else item


def _is_no_value(node: Node) -> bool:
    return (
        isinstance(node, MapNode)
        and len(node.entries) == 1
        and node.entries[0].key.value == "Ref"
        and string(node.entries[0].value) == "AWS::NoValue"
    )
