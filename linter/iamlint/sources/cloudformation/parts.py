"""The raw values at a path of a resource's properties, through `Fn::If` and lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from iamlint.sources.cloudformation.alternatives import contradictory, joined
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.template import Resource
from iamlint.text import Place
from iamlint.tree import Entry, ListNode, MapNode, Node, Unknown


class Part(NamedTuple):
    """A raw value of a property path: the property, the value, why it may not be there."""

    argument: str
    value: Node
    entry: Entry | None
    possible: str | None


Report = Callable[[Place, str, str], None]
"""Takes a place, an address and the reason why a value there is not known."""


def parts(resolver: Resolver, resource: Resource, path: str, report: Report) -> Iterator[Part]:
    """The values at a path like `Policies/*/PolicyDocument`; `*` stands for each item of a list."""
    if resource.properties is None:
        return
    walker = _Walker(resolver, resource.logical_id, report)
    yield from walker.walk(path.split("/"), Part("", resource.properties, None, None))


class _Walker:
    def __init__(self, resolver: Resolver, address: str, report: Report) -> None:
        self.resolver = resolver
        self.address = address
        self.report = report

    def walk(self, path: list[str], part: Part) -> Iterator[Part]:
        if not path:
            yield part
            return
        for branch, reason in self.resolver.branches(part.value):
            possible = joined(part.possible, reason)
            if possible and contradictory(possible):
                continue
            node = self.resolver.value(branch) if self.resolver.call(branch) else branch
            yield from self._step(path, part.argument, node, possible)

    def _step(
        self, path: list[str], argument: str, node: Node, possible: str | None
    ) -> Iterator[Part]:
        address = f"{self.address}.{argument or path[0]}"
        if path[0] == "*" and isinstance(node, ListNode):
            for number, item in enumerate(node.items):
                part = Part(f"{argument}[{number}]", item, None, possible)
                yield from self.walk(path[1:], part)
        elif path[0] == "*" and isinstance(node, MapNode):
            # One where a list is due: CloudFormation takes it as a list of one.
            yield from self.walk(path[1:], Part(argument, node, None, possible))
        elif isinstance(node, MapNode):
            found = node.entry(path[0])
            if found is not None:
                name = f"{argument}.{path[0]}" if argument else path[0]
                yield from self.walk(path[1:], Part(name, found.value, found, possible))
            elif opened := node.open or _included(node):
                self.report(node.place, address, opened)
        elif isinstance(node, Unknown):
            self.report(node.place, address, node.reason)


def _included(node: MapNode) -> str | None:
    """Why a map may have more keys than it shows."""
    if node.entry("Fn::Transform") is not None:
        return "`Fn::Transform` may add to it"
    return None
