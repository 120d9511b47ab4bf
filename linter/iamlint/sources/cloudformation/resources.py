"""Every resource of a template, its properties resolved on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property

from msgspec.structs import replace

from iamlint.sources.cloudformation.alternatives import holds
from iamlint.sources.cloudformation.declared import Declared
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.template import Resource as Declaration
from iamlint.sources.resources import Named
from iamlint.sources.site import Resource, ResourceArn
from iamlint.tree import Entry, Hole, HoleKind, MapNode, Node, Scalar, Text, Unknown

_GLOBALS = {
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::HttpApi": "HttpApi",
    "AWS::Serverless::SimpleTable": "SimpleTable",
    "AWS::Serverless::StateMachine": "StateMachine",
}


class TemplateResources(Named):
    """The resources of one template.

    `kinds` are their types; `read` gives the template when one of these is asked for first, so
    that templates of which nothing is asked need not be kept.  `meant` is as in ResourceReader.
    """

    def __init__(
        self,
        scope: str,
        kinds: Iterable[str],
        read: Callable[[], Declared],
        meant: Callable[[Text], list[Text]],
    ) -> None:
        super().__init__()
        self._meant = meant
        self.scope = scope
        self._kinds = dict.fromkeys(kinds)
        self._read = read
        self._found: dict[str, list[Resource]] = {}
        self._resources: dict[str, Resource | None] = {}
        self._values: dict[tuple[str, str], Node | None] = {}

    @cached_property
    def _resolver(self) -> Resolver:
        return self._template.resolver

    @cached_property
    def _template(self) -> Declared:
        return self._read()

    @cached_property
    def _declared(self) -> dict[str, tuple[Declaration, dict[str, Text]]]:
        return {each.logical_id: (each, names) for each, names in self._template.resources}

    def types(self) -> Iterable[str]:
        return self._kinds

    def of(self, kind: str) -> list[Resource]:
        if kind not in self._kinds:
            return []
        found = self._found.get(kind)
        if found is None:
            every = (self._resource(n) for n, (d, _) in self._declared.items() if d.type == kind)
            found = self._found[kind] = [each for each in every if each is not None]
        return found

    def _resource(self, name: str) -> Resource | None:
        if name not in self._resources:
            self._resources[name] = self._make(*self._declared[name])
        return self._resources[name]

    def _make(self, declared: Declaration, names: dict[str, Text]) -> Resource | None:
        condition = declared.condition
        with self._resolver.looping(names):
            decided = self._resolver.condition(condition) if condition is not None else True
        if decided is False:
            return None
        return Resource(
            key=f"{self.scope}#{declared.logical_id}",
            address=declared.logical_id,
            type=declared.type,
            language=self._resolver.template.document.language,
            place=declared.name,
            block=declared.block,
            reference=declared.logical_id,
            reader=self,
            possible=holds(condition) if condition is not None and decided is None else None,
        )

    @contextmanager
    def _within(self, resource: Resource) -> Iterator[None]:
        declared, names = self._declared[resource.address]
        with ExitStack() as stack:
            stack.enter_context(self._resolver.looping(names))
            if declared.condition is not None:
                stack.enter_context(self._resolver.assuming(declared.condition, True))
            yield

    def arguments(self, resource: Resource) -> tuple[str, ...]:
        properties = self._declared[resource.address][0].properties
        shared = self._globals(resource)
        names: dict[str, None] = {}
        for node in (properties, shared):
            names.update(dict.fromkeys(node.keys() if isinstance(node, MapNode) else ()))
        return tuple(names)

    def argument(self, resource: Resource, name: str) -> Node | None:
        key = resource.address, name
        if key not in self._values:
            try:
                with self._within(resource):
                    self._values[key] = self._value(resource, name)
            except RecursionError:
                hole = self._resolver.hole(f"{resource.address}.{name}")
                self._values[key] = Unknown(
                    place=resource.block, reason="it is nested too deeply", hole=hole
                )
        return self._values[key]

    def _value(self, resource: Resource, name: str) -> Node | None:
        properties = self._declared[resource.address][0].properties
        own = properties.get(name) if isinstance(properties, MapNode) else None
        shared = self._globals(resource)
        common = shared.get(name) if shared is not None else None
        raw = own if common is None else common if own is None else _merged(own, common)
        if raw is None:
            return None
        found = self._resolver.resolve(raw)
        return None if isinstance(found, Scalar) and found.value is None else found

    def _globals(self, resource: Resource) -> MapNode | None:
        template = self._resolver.template
        section = _GLOBALS.get(resource.type)
        if section is None or template.globals is None or not template.is_sam:
            return None
        found = template.globals.get(section)
        return found if isinstance(found, MapNode) else None

    def meant(self, text: Text) -> list[Text]:
        return self._meant(text)

    def behind(self, hole: Hole) -> Resource | None:
        name = hole.name.partition(".")[0]
        if hole.scope != self.scope or name not in self._declared:
            return None
        return self._resource(name)

    def arn(self, resource: Resource) -> ResourceArn | None:
        from iamlint.sources.arns import FORMS, fill

        form = FORMS.get(resource.type)
        if form is None:
            return None

        def known(mark: str) -> Text:
            if mark == "path":
                return self._certain(resource, "Path") or Text.of("/")
            if mark == "any":
                return Text((self._resolver.hole(f"{resource.address}.Arn", "name"),))
            if mark in ("name", "slashed"):
                name = self._certain(resource, form.name) if form.name else None
                name = name or Text((self._resolver.hole(resource.address, "name"),))
                first = name.parts[0] if name.parts else ""
                slashed = isinstance(first, str) and first.startswith("/")
                return Text.of("/", *name.parts) if mark == "slashed" and not slashed else name
            pseudo = self._resolver.pseudo(_PSEUDO[mark])
            assert pseudo is not None
            return pseudo

        with self._within(resource):
            text = fill(form, known)
        if form.attribute == "-":
            return ResourceArn(text=text)
        kind: HoleKind = "resource"
        name = f"{resource.address}.{form.attribute}" if form.attribute else resource.address
        return ResourceArn(
            text=text, reference=self._resolver.hole(name, kind), written=self._written(name)
        )

    def _written(self, name: str) -> str:
        logical_id, _, attribute = name.partition(".")
        if self._resolver.template.document.language == "json":
            if not attribute:
                return f'{{"Ref": "{logical_id}"}}'
            return f'{{"Fn::GetAtt": ["{logical_id}", "{attribute}"]}}'
        return f"!GetAtt {name}" if attribute else f"!Ref {logical_id}"

    def _certain(self, resource: Resource, name: str) -> Text | None:
        with self._resolver.without_defaults():
            node = self._value(resource, name)
        if not isinstance(node, Scalar) or node.possible:
            return None
        text = node.text
        return text if text is not None and all(hole.specific for hole in text.holes) else None


_PSEUDO = {"partition": "AWS::Partition", "region": "AWS::Region", "account": "AWS::AccountId"}


def _merged(own: Node, common: Node) -> Node:
    """A property with what `Globals` adds to it: maps are merged, all else is replaced."""
    if not (isinstance(own, MapNode) and isinstance(common, MapNode)):
        return own
    if _is_call(own) or _is_call(common):
        return own
    entries = {str(entry.key.value): entry for entry in common.entries}
    for entry in own.entries:
        name = str(entry.key.value)
        other = entries.get(name)
        value = _merged(entry.value, other.value) if other is not None else entry.value
        entries[name] = Entry(entry.key, value)
    return replace(own, entries=tuple(entries.values()))


def _is_call(node: MapNode) -> bool:
    return any(key == "Ref" or key.startswith("Fn::") for key in tuple(node.keys()))
