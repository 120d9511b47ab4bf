"""Whom a policy serves: the principals that it is attached to, and the members of groups."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from iamlint.sources.cloudformation.alternatives import alternatives, text_of
from iamlint.sources.cloudformation.declared import Declared
from iamlint.sources.cloudformation.owners import referred
from iamlint.sources.cloudformation.parts import Report, parts
from iamlint.sources.cloudformation.properties import ATTACHED_TO, MEMBERSHIPS
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.stacks import Stacks
from iamlint.sources.cloudformation.template import Resource, Template
from iamlint.sources.site import Owner, PolicySite
from iamlint.tree import Hole, ListNode, Node, Text

KEPT = 4_000_000
"""Characters of templates that are kept when they are read; others are read again if asked for."""


class Links:
    """What binds policies, principals and groups of all templates of a run."""

    def __init__(self, stacks: Stacks) -> None:
        self.stacks = stacks
        self._declared: dict[str, Declared] = {}
        self._size = 0
        self._served: dict[str, list[str]] = {}
        self._members: dict[str, list[str]] = {}

    def declared(self, template: Template) -> Declared:
        """What a template declares."""
        known = self._declared.get(template.scope)
        if known is None or known.resolver.template is not template:
            known = self._declared[template.scope] = Declared(self.stacks.resolver(template))
        return known

    def known(self, scope: str) -> Declared | None:
        """What a template declares, if it is still known."""
        return self._declared.get(scope)

    def forget(self, template: Template) -> None:
        """Let go of a template that is read and has to do with no other one, if there are many."""
        if not self.stacks.library.kept(template):
            self._size += len(template.source.text)
            if self._size > KEPT:
                self._declared.pop(template.scope, None)

    def elsewhere(self, text: Text, scope: str) -> Iterator[tuple[Declared, str]]:
        """Resources of other templates that a name or ARN stands for, by their logical ids."""
        for meant in self.stacks.meant(text):
            hole = meant.parts[0] if len(meant.parts) == 1 else None
            if not isinstance(hole, Hole) or hole.scope == scope:
                continue
            template = self.stacks.by_scope(hole.scope)
            if template is not None:
                yield self.declared(template), hole.name.partition(".")[0]

    def attach(self, policy: str, owners: tuple[str, ...]) -> None:
        """Note that a managed policy that a template declares, by its key, serves owners."""
        self._served.setdefault(policy, []).extend(owners)

    def join(self, group: str, users: list[str]) -> None:
        """Note that users are members of a group, all by their keys."""
        self._members.setdefault(group, []).extend(users)

    def apply(self, sites: list[PolicySite]) -> None:
        """Let declared policies serve those they are attached to, and groups' policies members.

        To be called when all resources are read.
        """
        for number, site in enumerate(sites):
            owners = dict.fromkeys(site.owners)
            if site.resource_type == "AWS::IAM::ManagedPolicy":
                owners.update(dict.fromkeys(self._served.get(_declaring(site), ())))
            for owner in tuple(owners):
                owners.update(dict.fromkeys(self._members.get(owner, ())))
            if len(owners) != len(site.owners):
                sites[number] = replace(site, owners=tuple(owners))


class Serving:
    """Knows the owners of one template, by logical id and by name."""

    def __init__(
        self, resolver: Resolver, owners: dict[str, Owner], links: Links, report: Report
    ) -> None:
        self.resolver = resolver
        self.owners = owners
        self.links = links
        self.report = report
        self._by_name: dict[Text, list[str]] = {}
        for owner in owners.values():
            if owner.name is not None:
                self._by_name.setdefault(owner.name, []).append(owner.key)

    def principals(self, resource: Resource) -> tuple[str, ...]:
        """The keys of the owners whom a resource's policies serve."""
        made_by_sam = resource.type.startswith("AWS::Serverless::")
        own = self.owners.get(resource.logical_id + ("Role" if made_by_sam else ""))
        found = [own.key] if own is not None and own.kind != "policy" else []
        for path in ATTACHED_TO.get(resource.type, ()):
            for part in parts(self.resolver, resource, path, self.report):
                items = part.value.items if isinstance(part.value, ListNode) else (part.value,)
                for item in items:
                    found += (key for key in self.owners_named(item) if key not in found)
        return tuple(found)

    def join(self, resource: Resource) -> None:
        """Note which users are members of which groups."""
        groups_path, users_path = MEMBERSHIPS[resource.type]
        named = [
            [
                key
                for part in (parts(self.resolver, resource, path, self.report) if path else ())
                for item in (
                    part.value.items if isinstance(part.value, ListNode) else (part.value,)
                )
                for key in self.owners_named(item)
            ]
            for path in (groups_path, users_path)
        ]
        users = named[1] or list(self.principals(resource))
        for group in named[0]:
            self.links.join(group, users)

    def owners_named(self, raw: Node) -> Iterator[str]:
        """The owners that an item of Roles, Users or Groups names."""
        for branch, _ in self.resolver.branches(raw):
            name = referred(branch)
            if name in self.owners:
                yield self.owners[name].key
                continue
            for value, _ in alternatives(self.resolver.value(branch)):
                text = text_of(value)
                if text is None:
                    continue
                yield from self._by_name.get(text, ())
                for declared, logical_id in self.links.elsewhere(text, self.resolver.scope):
                    if logical_id in declared.owners:
                        yield declared.owners[logical_id].key


def _declaring(site: PolicySite) -> str:
    """The key of the owner that a managed policy's document declares."""
    return site.key.removesuffix(f".{site.argument}")
