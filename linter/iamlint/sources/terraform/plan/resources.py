"""Every resource of a plan or state, laid over those of the source where that was read too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from iamlint.sources.resources import Named
from iamlint.sources.site import Resource, ResourceArn, ResourceReader
from iamlint.sources.terraform.plan.addresses import bare, key_of
from iamlint.sources.terraform.plan.instances import Instances
from iamlint.sources.terraform.plan.snapshot import Resource as Told
from iamlint.sources.terraform.resources import OBJECT
from iamlint.sources.terraform.values import is_null
from iamlint.tree import Hole, ListNode, MapNode, Node, Scalar, Text, Unknown


class SnapshotResources(Named):
    """The resources of one plan or state.

    `below` are those of the source.  A plan tells what will be, so its values count before those
    of the source as far as it knows them; a state tells only what the source leaves open.
    """

    def __init__(self, scope: str, maker: Instances) -> None:
        super().__init__()
        self.scope = scope
        self.below: ResourceReader | None = None
        self._maker = maker
        self._snapshot = maker.snapshot
        self._found: dict[str, list[Resource]] = {}
        self._told: dict[str, Told] = {}
        self._source: dict[str, Resource] = {}
        self._by_place: dict[tuple[str, str], Told] | None = None

    def types(self) -> Iterable[str]:
        found = dict.fromkeys(self.below.types() if self.below is not None else ())
        found.update(dict.fromkeys(map(_kind, self._snapshot.resources.values())))
        return found

    def of(self, kind: str) -> list[Resource]:
        found = self._found.get(kind)
        if found is None:
            found = self._found[kind] = list(self._read(kind))
        return found

    def _read(self, kind: str) -> Iterator[Resource]:
        mine = [each for each in self._snapshot.resources.values() if _kind(each) == kind]
        if self.below is None:
            yield from (self._resource(told, None) for told in mine)
            return
        left = {told.address: told for told in mine}
        planned = self._snapshot.kind == "plan"
        for source in self.below.of(kind):
            exact = left.pop(source.address, None)
            symbolic = source.possible is not None or "‹" in source.address
            alike = [each for each in left.values() if bare(each.address) == bare(source.address)]
            if exact is not None:
                yield self._resource(exact, source)
            elif symbolic and alike:
                for told in alike:
                    del left[told.address]
                    yield self._resource(told, source)
            elif not (planned and self._settled(source)):
                yield source
        if planned:
            yield from (self._resource(told, None) for told in left.values())

    def _settled(self, source: Resource) -> bool:
        """True if a plan that does not name a resource of the source says that there is none."""
        if source.address in self._snapshot.gone:
            return True
        return not self._snapshot.partial and not source.type.startswith("data.")

    def _resource(self, told: Told, source: Resource | None) -> Resource:
        key = f"{self.scope}#{told.address}"
        self._told[key] = told
        index = key_of(told.expression)[1:-1].strip('"')
        instance: Text | int | None = int(index) if index.isdigit() else Text.of(index)
        instance = instance if index else None
        if source is not None:
            self._source[key] = source
            return msgspec.structs.replace(
                source,
                key=key,
                address=told.address,
                reference=told.expression,
                reader=self,
                instance=instance,
                possible=None if self._snapshot.kind == "plan" else source.possible,
            )
        return Resource(
            key=key,
            address=told.address,
            type=_kind(told),
            language="json",
            place=told.named,
            block=told.whole,
            reference=told.expression,
            reader=self,
            instance=instance,
        )

    def arguments(self, resource: Resource) -> tuple[str, ...]:
        names = dict.fromkeys(self._told[resource.key].values.keys())
        source = self._source.get(resource.key)
        if source is not None:
            names.update(dict.fromkeys(source.reader.arguments(source)))
        return tuple(names)

    def argument(self, resource: Resource, name: str) -> Node | None:
        told = self._told[resource.key]
        value = told.values.get(name)
        value = None if value is None or is_null(value) else value
        source = self._source.get(resource.key)
        written = source.get(name) if source is not None else None
        if self._snapshot.kind == "state":
            return written if written is not None and not _unknown(written) else value or written
        if not isinstance(value, Unknown):
            return value
        if written is not None:
            return written
        return self._maker.traced(told, name, value)

    def behind(self, hole: Hole) -> Resource | None:
        if self.below is not None:
            found = self.below.behind(hole)
            if found is not None:
                same = [each for each in self.of(found.type) if each.address == found.address]
                return same[0] if same else None
        if self._by_place is None:
            told = self._snapshot.resources.values()
            self._by_place = {(each.module, each.expression): each for each in told}
        match = re.match(OBJECT, hole.name)
        wanted = self._by_place.get((hole.scope, match[0])) if match is not None else None
        if wanted is None:
            return None
        key = f"{self.scope}#{wanted.address}"
        return next((each for each in self.of(_kind(wanted)) if each.key == key), None)

    def arn(self, resource: Resource) -> ResourceArn | None:
        source = self._source.get(resource.key)
        made = source.reader.arn(source) if source is not None else None
        node = self._told[resource.key].values.get("arn")
        text = node.text if isinstance(node, Scalar) else None
        if text is None:
            return made
        return msgspec.structs.replace(made, text=text) if made else ResourceArn(text=text)


def _kind(told: Told) -> str:
    return f"data.{told.type}" if told.mode == "data" else told.type


def _unknown(node: Node) -> bool:
    if isinstance(node, Scalar):
        return isinstance(node.value, Text)
    if isinstance(node, ListNode):
        return node.open is not None or any(map(_unknown, node.items))
    return not isinstance(node, MapNode) or node.open is not None
