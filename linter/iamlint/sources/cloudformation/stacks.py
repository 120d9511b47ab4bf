"""The templates of a run as stacks: which contain which, what is passed in and handed out.

A template that others of the run contain is read once, with the values that all of them pass; what
it hands out is evaluated for each stack on its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from msgspec.structs import replace

from iamlint.sources.cloudformation.alternatives import (
    MAX_ALTERNATIVES,
    alternatives,
    holds,
    joined,
    one_of,
    text_of,
    with_reason,
)
from iamlint.sources.cloudformation.exports import Exports
from iamlint.sources.cloudformation.handing import handed, joined_kind, typed
from iamlint.sources.cloudformation.level import Level
from iamlint.sources.cloudformation.library import Call, Library
from iamlint.sources.cloudformation.nested import STACK_SET, passed
from iamlint.sources.cloudformation.parameters import parameter
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.template import (
    Resource,
    Template,
    string,
)
from iamlint.sources.site import ReadOptions
from iamlint.text import Place
from iamlint.tree import Hole, MapNode, Node, Scalar, Text, Unknown, plain


class Stacks:
    """What the templates of a run pass to one another."""

    def __init__(self, library: Library, options: ReadOptions) -> None:
        self.library = library
        self.options = options
        self.level = Level()
        self.origins: dict[tuple[str, str], list[Text]] = {}
        self.exports = Exports(self)
        self._resolvers: dict[str, Resolver] = {}
        self._by_scope: dict[str, Template] = {}
        self._busy: set[object] = set()

    def resolver(self, template: Template) -> Resolver:
        """The resolver of a template with what all its parents of the run pass."""
        known = self._resolvers.get(template.scope)
        if known is None or known.template is not template:
            options, given = self.options, None
            calls = self.library.calls.get(template.scope)
            if calls:
                given = partial(self._given_by_all, template, calls)
                if any(call.elsewhere for call in calls):
                    options = _elsewhere(options)
            known = Resolver(template, options, self, given)
            if self.library.kept(template):
                self._resolvers[template.scope] = known
                self._by_scope[template.scope] = template
        return known

    def by_scope(self, scope: str) -> Template | None:
        """A template that another one contains or imports from, or that does so."""
        return self._by_scope.get(scope)

    def output(
        self, resolver: Resolver, resource: Resource, name: str, place: Place
    ) -> Node | None:
        """What `Fn::GetAtt` of `Outputs.<name>` of a nested stack gives; None if it is not known."""
        parent = resolver.template
        child = self.library.child(parent, resource)
        output = child.outputs.get(name) if isinstance(child, Template) else None
        value = output.get("Value") if output is not None else None
        if not isinstance(child, Template) or output is None or value is None:
            return None
        busy = parent.scope, resource.logical_id, name
        if busy in self._busy:
            return None
        self._busy.add(busy)
        try:
            inner = self._instance(resolver, resource, child)
            found = self.resolved(inner, output, value)
        finally:
            self._busy.discard(busy)
        shown = f"{resource.logical_id}.Outputs.{name}"
        same_account = resource.type != STACK_SET
        return self.handed(found, place, inner.scope, resolver, shown, same_account=same_account)

    def resolved(self, resolver: Resolver, output: MapNode, value: Node) -> Node:
        """The value of an output of a template, with the condition that it has."""
        condition = string(output.get("Condition"))
        if condition is None:
            return resolver.value(value)
        decided = resolver.condition(condition)
        if decided is False:
            return resolver.unknown(value, f"`{condition}` does not hold", condition)
        with resolver.assuming(condition, True):
            found = resolver.value(value)
        return with_reason(found, holds(condition) if decided is None else None)

    def handed(
        self,
        node: Node,
        place: Place,
        origin: str,
        target: Resolver,
        name: str,
        *,
        same_account: bool = True,
    ) -> Node:
        """A value of another template; where it is one hole, a hole called `name` of the target.

        So it can be written in the target's own terms, and what it stands for is still known.
        """

        def whole(hole: Hole) -> Hole:
            known = self.origins.setdefault((target.scope, name), [])
            if Text((hole,)) not in known:
                known.append(Text((hole,)))
            return Hole(name, hole.kind, target.scope)

        return handed(node, place, origin, target.scope if same_account else None, whole)

    def meant(self, text: Text) -> list[Text]:
        """What a text that is one hole stands for in the templates that it comes from."""
        found, todo = [text], [text]
        while todo and len(found) < MAX_ALTERNATIVES:
            last = todo.pop()
            if len(last.parts) != 1 or not isinstance(last.parts[0], Hole):
                continue
            hole = last.parts[0]
            for origin in self.origins.get((hole.scope, hole.name), ()):
                if origin not in found:
                    found.append(origin)
                    todo.append(origin)
        return found

    def linked(self) -> Iterator[set[str]]:
        """The paths of files that make one deployment, where there are several."""
        groups: dict[str, set[str]] = {}
        pairs = [
            (call.parent.source.path, _path(scope))
            for scope, calls in self.library.calls.items()
            for call in calls
        ]
        for one, other in (*pairs, *self.exports.used):
            merged = groups.get(one, {one}) | groups.get(other, {other})
            for each in merged:
                groups[each] = merged
        done: set[str] = set()
        for path, group in groups.items():
            if path not in done:
                done |= group
                if len(group) > 1:
                    yield group

    def _instance(self, resolver: Resolver, resource: Resource, child: Template) -> Resolver:
        """The resolver of one stack of a template."""
        known = resolver.inside.get(resource.logical_id)
        if known is None:
            call = Call(resolver.template, resource)
            options = _elsewhere(resolver.options) if call.elsewhere else resolver.options
            known = Resolver(child, replace(options, parameters={}), self)
            known.given = partial(self._given, call, resolver, known)
            if len(self.library.calls.get(child.scope, ())) > 1:
                known.scope = f"{child.scope} in {resource.logical_id}"
            self._by_scope[known.scope] = child
            resolver.inside[resource.logical_id] = known
        return known

    def _given(self, call: Call, parent: Resolver, target: Resolver, name: str) -> Node | None:
        """The value that one stack passes for a parameter; None if it leaves the default."""
        declared = target.template.parameters[name]
        kind = string(declared.get("Type")) or "String"
        raw = passed(call.resource, name)
        if raw is None or kind.startswith("AWS::SSM::Parameter::Value"):
            return None
        busy = call.parent.scope, call.resource.logical_id, f"Parameters.{name}"
        if busy in self._busy:
            return parent.unknown(declared, f"parameter `{name}` depends on itself", name)
        self._busy.add(busy)
        try:
            condition = call.resource.condition
            if condition is None or parent.condition(condition) is not None:
                value = parent.value(raw)
            else:
                with parent.assuming(condition, True):
                    value = parent.value(raw)
        finally:
            self._busy.discard(busy)
        same_account = not call.elsewhere
        own = self.handed(
            value, declared.place, parent.scope, target, name, same_account=same_account
        )
        return typed(own, kind)

    def _given_by_all(self, child: Template, calls: list[Call], name: str) -> Node | None:
        """The values that all stacks of a template pass for a parameter."""
        target = self.resolver(child)
        found: list[tuple[Node, str]] = []
        left_out = False
        for call in calls:
            parent = self.resolver(call.parent)
            if call.resource.condition and parent.condition(call.resource.condition) is False:
                continue
            value = self._given(call, parent, target, name)
            left_out = left_out or value is None
            if value is not None:
                stack = f"in stack `{call.resource.logical_id}` of `{call.parent.scope}`"
                found.append((value, stack))
        if not found:
            return None
        if len(found) == 1 and not left_out:
            return found[0][0]
        if left_out:
            default = parameter(child, name, self.options.parameters)
            found.append((default, "in another stack"))
        return _united(found, child.parameters[name].place, name)


def _united(found: list[tuple[Node, str]], place: Place, name: str) -> Node:
    """The values that several stacks have for a parameter, equal ones once."""
    by_value: dict[str, list[tuple[Node, str | None, str]]] = {}
    for node, stack in found:
        for value, reason in alternatives(node):
            by_value.setdefault(str(plain(value)), []).append((value, reason, stack))
    kept: list[Node] = []
    for same in by_value.values():
        value, reason, stack = min(same, key=lambda each: each[1] is not None)
        holes = [text.holes for each, _, _ in same if (text := text_of(each)) is not None]
        if isinstance(value, Scalar) and isinstance(value.value, Text) and holes:
            parts = value.value.parts
            if len(parts) == 1 and len(holes) == len(same):
                kind = joined_kind([each[0].kind for each in holes])
                value = replace(value, value=Text((replace(holes[0][0], kind=kind),)))
        reason = joined(reason, stack) if len(by_value) > 1 else reason
        kept.append(replace(value, possible=reason))
    if len(kept) > MAX_ALTERNATIVES:
        why = f"more than {MAX_ALTERNATIVES} stacks pass different values"
        return Unknown(place=place, reason=why, hole=Hole(name))
    return one_of(place, kept, f"parameter {name}")


def _elsewhere(options: ReadOptions) -> ReadOptions:
    return replace(options, account=None, region=None)


def _path(scope: str) -> str:
    return scope.partition("#")[0]
