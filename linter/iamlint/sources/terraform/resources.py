"""Every resource and data source of a root module and the modules below it, read on demand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from iamlint.sources.resources import Named
from iamlint.sources.site import Resource, ResourceArn
from iamlint.sources.terraform.blocks import Nested, nested
from iamlint.sources.terraform.embedded import decoded
from iamlint.sources.terraform.folder import Declared
from iamlint.sources.terraform.instance import Instance
from iamlint.sources.terraform.module import ModuleInstance
from iamlint.sources.terraform.rendering import finish
from iamlint.sources.terraform.values import Encoded, Fail, Maybe
from iamlint.text import Place
from iamlint.tree import Entry, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

T = TypeVar("T")

MAX_BLOCK_DEPTH = 12

META = frozenset({"count", "for_each", "provider", "depends_on"})
_META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection", "dynamic", "timeouts"})

OBJECT = r"((?:data\.)?)([\w-]+)\.([\w-]+)(\[(?:\"(?:[^\"\\]|\\.)*\"|[^\]]*)\])?"


class ModuleResources(Named):
    """The resources of one root module and of all modules that it calls."""

    def __init__(self, scope: str, modules: list[ModuleInstance]) -> None:
        super().__init__()
        self.scope = scope
        self._modules = modules
        self._budget: tuple[int, int] | None = None
        self._spending = False
        self._types: dict[str, None] | None = None
        self._found: dict[str, list[Resource]] = {}
        self._instances: dict[str, Instance] = {}
        self._resources: dict[int, Resource] = {}
        self._values: dict[tuple[str, str], Node | None] = {}

    def types(self) -> dict[str, None]:
        if self._types is None:
            self._types = {}
            for module in self._modules:
                self._types.update((kind, None) for kind, _ in module.folder.resources)
                self._types.update((f"data.{kind}", None) for kind, _ in module.folder.data)
        return self._types

    def addresses(self) -> Iterator[str]:
        """What is declared, without the keys of its instances."""
        for module in self._modules:
            prefix = f"{module.address}." if module.address else ""
            for kind, name in module.folder.resources:
                yield f"{prefix}{kind}.{name}"

    def of(self, kind: str) -> list[Resource]:
        if kind not in self.types():
            return []
        found = self._found.get(kind)
        if found is None:
            found = self._found[kind] = list(self._read(kind))
        return found

    def _read(self, kind: str) -> Iterator[Resource]:
        looked_up = kind.startswith("data.")
        bare = kind.removeprefix("data.")
        for module in self._modules:
            table = module.folder.data if looked_up else module.folder.resources
            for each, name in table:
                if each == bare:
                    yield from self._of(module, "data" if looked_up else "resource", each, name)

    def _of(self, module: ModuleInstance, mode: str, kind: str, name: str) -> list[Resource]:
        try:
            instances = self._spend(lambda: module.instances(mode, kind, name))
        except (RecursionError, Fail):
            return []  # the reader of policies has said so
        return [self._resource(instance) for instance in instances]

    def _resource(self, instance: Instance) -> Resource:
        found = self._resources.get(id(instance))
        if found is not None:
            return found
        block = instance.declared.block
        source = instance.declared.source
        found = Resource(
            key=f"{self.scope}#{instance.address}",
            address=instance.address,
            type=f"data.{instance.type}" if instance.mode == "data" else instance.type,
            language="hcl",
            place=Place(source, block.labels[-1].span),
            block=Place(source, block.span),
            reference=instance.expression,
            reader=self,
            instance=instance.key,
            possible=instance.possible,
        )
        self._resources[id(instance)] = found
        self._instances[found.key] = instance
        return found

    def _spend(self, make: Callable[[], T]) -> T:
        """What is made, within the steps that this root module still has."""
        if self._spending:
            return make()
        session = self._modules[0].session
        before = session.steps, session.characters
        if self._budget is None:
            session.renew()
        else:
            session.steps, session.characters = self._budget
        self._spending = True
        try:
            return make()
        finally:
            self._spending = False
            self._budget = session.steps, session.characters
            session.steps, session.characters = before

    def arguments(self, resource: Resource) -> tuple[str, ...]:
        declared = self._instances[resource.key].declared
        names = dict.fromkeys(name for name in declared.names() if name not in META)
        names.update(dict.fromkeys(_kinds(declared)))
        return tuple(names)

    def argument(self, resource: Resource, name: str) -> Node | None:
        key = resource.key, name
        if key not in self._values:
            instance = self._instances[resource.key]
            try:
                self._values[key] = self._spend(lambda: _argument(instance, name))
            except (RecursionError, Fail) as error:
                reason = str(error) if isinstance(error, Fail) else "it is nested too deeply"
                self._values[key] = Unknown(
                    place=resource.block, reason=reason, hole=instance.hole(name)
                )
        return self._values[key]

    def decoded(self, resource: Resource, name: str) -> Node | None:
        instance = self._instances[resource.key]
        try:
            value = self._spend(lambda: instance.get(name))
            if isinstance(value, Maybe):
                value = value.value
            if isinstance(value, Encoded):
                return finish(value.content)
            return decoded(value) if isinstance(value, Scalar) else None
        except (RecursionError, Fail):
            return None

    def behind(self, hole: Hole) -> Resource | None:
        found = re.match(OBJECT, hole.name)
        if found is None:
            return None
        looked_up, kind, name, key = found.groups()
        mode = "data" if looked_up else "resource"
        for module in self._modules:
            table = module.folder.data if looked_up else module.folder.resources
            if module.scope != hole.scope or (kind, name) not in table:
                continue
            resources = self._of(module, mode, kind, name)
            expression = f"{looked_up}{kind}.{name}{key or ''}"
            exact = [each for each in resources if each.reference == expression]
            if exact:
                return exact[0]
            # An index that is not known, of what is there once.
            return resources[0] if len(resources) == 1 else None
        return None

    def arn(self, resource: Resource) -> ResourceArn | None:
        from iamlint.sources.arns import FORMS, fill

        form = FORMS.get(resource.type)
        if form is None:
            return None
        instance = self._instances[resource.key]
        text = self._spend(lambda: fill(form, lambda mark: self._mark(resource, form.name, mark)))
        reference = instance.hole(form.attribute)
        return ResourceArn(text=text, reference=reference, written=reference.name)

    def _mark(self, resource: Resource, naming: str, mark: str) -> Text:
        instance = self._instances[resource.key]
        if mark == "path":
            return self._certain(resource, "path") or Text.of("/")
        if mark == "any":
            return Text((instance.hole("arn", "name"),))
        if mark in ("name", "slashed"):
            name = self._certain(resource, naming) if naming else None
            prefix = self._certain(resource, f"{naming}_prefix") if naming and not name else None
            if name is None:
                own = naming or ("key_id" if "kms" in resource.type else "id")
                name = Text.of(*(prefix.parts if prefix else ()), instance.hole(own, "name"))
            first = name.parts[0] if name.parts else ""
            slashed = isinstance(first, str) and first.startswith("/")
            return Text.of("/", *name.parts) if mark == "slashed" and not slashed else name
        from iamlint.sources.terraform.deployment import told

        node = told(instance, mark, resource.place)
        value = node.value if isinstance(node, Scalar) and not node.possible else None
        if isinstance(value, str):
            return Text.of(value)
        return Text((Hole(*_DEPLOYMENT[mark]),))  # type: ignore[arg-type]

    def _certain(self, resource: Resource, name: str) -> Text | None:
        node = self.argument(resource, name)
        if not isinstance(node, Scalar) or node.possible:
            return None
        text = node.text
        return text if text is not None and all(hole.specific for hole in text.holes) else None


_DEPLOYMENT = {
    "partition": ("data.aws_partition.current.partition", "partition"),
    "region": ("data.aws_region.current.name", "region"),
    "account": ("data.aws_caller_identity.current.account_id", "account"),
}


def _kinds(declared: Declared) -> list[str]:
    """The types of the blocks in a block, `dynamic` ones by what they make."""
    found: dict[str, None] = {}
    for each in (declared, *declared.overrides):
        for block in each.block.body.blocks:
            made = block.type
            if made == "dynamic" and block.labels:
                made = block.labels[0].value
            if made not in _META_BLOCKS:
                found[made] = None
    return list(found)


def _argument(instance: Instance, name: str) -> Node | None:
    value = instance.get(name)
    if value is not None:
        return finish(value)
    blocks = list(nested(instance.declared, instance.context(), name))
    return _blocks(blocks, 0) if blocks else None


def _blocks(blocks: list[Nested], depth: int) -> Node:
    more = next((block.open for block in blocks if block.open), None)
    if depth > MAX_BLOCK_DEPTH:
        raise Fail("its blocks are nested too deeply")
    return ListNode(
        place=blocks[0].place,
        items=tuple(_block(block, depth) for block in blocks),
        open=more,
    )


def _block(block: Nested, depth: int) -> Node:
    entries: list[Entry] = []
    for name in block.declared.names():
        found = block.declared.get(name)
        value = block.get(name) if found is not None and name not in META else None
        if found is None or value is None:
            continue
        start = found.attribute.start
        span = type(found.attribute.span)(start, start + len(name))
        key = Scalar(place=Place(found.source, span), value=name)
        entries.append(Entry(key, finish(value)))
    for kind in _kinds(block.declared):
        inner = list(nested(block.declared, block.context, kind))
        if inner:
            key = Scalar(place=inner[0].place, value=kind)
            entries.append(Entry(key, _blocks(inner, depth + 1)))
    return MapNode(place=block.place, entries=tuple(entries), possible=block.possible)
