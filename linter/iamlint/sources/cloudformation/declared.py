"""What a template declares: its resources, those of loops included, and the owners among them."""

from __future__ import annotations

from iamlint.sources.cloudformation import sam
from iamlint.sources.cloudformation.loops import expand, fill
from iamlint.sources.cloudformation.owners import owner_of
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.template import Resource, resource_of
from iamlint.sources.site import Owner, Unresolved
from iamlint.tree import Text


class Declared:
    """The resources of one template with the values of the loops' identifiers, and its owners."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.unresolved: list[Unresolved] = []
        template = resolver.template
        self.resources: list[tuple[Resource, dict[str, Text]]] = [
            (resource, {}) for resource in template.resources.values()
        ]
        self._unroll()
        template.resources.update({resource.logical_id: resource for resource, _ in self.resources})
        self.owners: dict[str, Owner] = {}
        for resource, names in self.resources:
            with resolver.looping(names):
                if resource.condition and resolver.condition(resource.condition) is False:
                    continue
                owner = owner_of(resolver, resource) or sam.role_of(resolver, resource)
                if owner is not None:
                    self.owners[owner.address] = owner

    def _unroll(self) -> None:
        for key, loop in self.resolver.template.loops:
            for names, name, body in expand(self.resolver, loop):
                if body is None:
                    self.unresolved.append(Unresolved(key.place, str(key.value), name))
                    continue
                logical_id = str(fill(name, names))
                resource = resource_of(logical_id, key.place, body)
                if resource is not None:
                    self.resources.append((resource, names))
