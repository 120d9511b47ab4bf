"""Which principal ends up with which policies: attachments, memberships, and what they carry."""

from __future__ import annotations

import msgspec

from iamlint.iam.policy import Policy
from iamlint.sources.site import Attachment, PolicySite
from iamlint.sources.terraform.arguments import uneditable, values_of
from iamlint.sources.terraform.attachments import Missing, attached, describe, looped_place
from iamlint.sources.terraform.blocks import nested
from iamlint.sources.terraform.instance import Instance
from iamlint.sources.terraform.module_tree import Miss
from iamlint.sources.terraform.owners import Owners
from iamlint.sources.terraform.resource_types import (
    ATTACHMENTS,
    CUSTOMER_MANAGED,
    MEMBERSHIPS,
    Attached,
)
from iamlint.text import Place
from iamlint.tree import Node


class OwnerGraph:
    """Adds attachments to the sites of a root module, and at last their owners to all sites.

    `policies` are the managed policies that the module declares, by their owner's key; `miss`
    hears of attachments that could not be evaluated.
    """

    def __init__(
        self, owners: Owners, sites: list[PolicySite], policies: dict[str, Policy], miss: Miss
    ) -> None:
        self.owners = owners
        self.sites = sites
        self.policies = policies
        self._miss = miss
        self._attached: list[tuple[int, Node]] = []
        self._served: dict[str, dict[str, None]] = {}
        self._members: dict[str, dict[str, None]] = {}

    def attach(self, instance: Instance) -> None:
        """Take in what a resource attaches."""
        for row in ATTACHMENTS.get(instance.type, ()):
            owners: dict[str, None] = {}
            for argument, kind in row.owners:
                if argument == "self":
                    owners[self.owners.key(instance)] = None
                else:
                    owners.update(dict.fromkeys(self.owners.find(instance.get(argument), kind)))
            if row.policies == "__arn__":
                self._serve((self.owners.key(instance),), tuple(owners))
                continue
            for argument, value, possible in values_of(instance, row.policies):
                self._attach(instance, row, argument, value, tuple(owners), possible)
        if instance.type in CUSTOMER_MANAGED:
            block, owner = CUSTOMER_MANAGED[instance.type]
            owners_found = self.owners.find(instance.get(owner), "permission-set")
            for part in nested(instance.declared, instance.context(), block):
                named = self.owners.find(part.get("name"), "policy")
                self._serve(named, owners_found)

    def _attach(
        self,
        instance: Instance,
        row: Attached,
        argument: str,
        value: Node,
        owners: tuple[str, ...],
        possible: str | None,
    ) -> None:
        block = Place(instance.declared.source, instance.declared.block.span)
        key = self.owners.key(instance)
        for found in attached(value):
            if isinstance(found, Missing):
                self._miss(found.place, instance.address, found.reason)
                continue
            declared = self.owners.find(found.node, "policy")
            place = looped_place(instance, argument, found)
            found = msgspec.structs.replace(found, place=place)
            if not row.boundary:
                self._serve(declared, owners)
            self._attached.append((len(self.sites), found.node))
            attachment: Attachment | None = None
            if not row.boundary:
                attachment = describe(instance, argument, found)
            self.sites.append(
                PolicySite(
                    kind="boundary" if row.boundary else "managed-attachment",
                    form="attachment",
                    language="hcl",
                    address=instance.address,
                    key=f"{key}#{argument}#{found.arn}",
                    resource_type=instance.type,
                    argument=argument,
                    place=found.place,
                    block=block,
                    owners=owners,
                    policy=None,
                    arn=found.arn,
                    attachment=attachment,
                    possible=found.possible or possible or instance.possible,
                    editable=uneditable(instance, found.place),
                )
            )

    def _serve(self, policies: tuple[str, ...], owners: tuple[str, ...]) -> None:
        for policy in policies:
            self._served.setdefault(policy, {}).update(dict.fromkeys(owners))

    def join(self, instance: Instance) -> None:
        """Take in which users a resource puts into which groups."""
        row = MEMBERSHIPS.get(instance.type)
        if row is None:
            return
        groups = self.owners.find(instance.get(row[0]), "group")
        users = self.owners.find(instance.get(row[1]), "user")
        for group in groups:
            self._members.setdefault(group, {}).update(dict.fromkeys(users))

    def link(self) -> None:
        """Declared policies reach those they are attached to; group policies reach members."""
        nodes = dict(self._attached)
        for number, site in enumerate(self.sites):
            owners = dict.fromkeys(site.owners)
            policy = site.policy
            if number in nodes:
                declared = self.owners.find(nodes[number], "policy")
                policy = self.policies.get(declared[0]) if len(declared) == 1 else None
            else:
                own = site.key.rpartition("#")[0]
                if own in owners and self.owners.declared[own].kind == "policy":
                    del owners[own]
                    owners.update(self._served.get(own, {}))
            for owner in tuple(owners):
                owners.update(self._members.get(owner, {}))
            if tuple(owners) != site.owners or policy is not site.policy:
                self.sites[number] = msgspec.structs.replace(
                    site, owners=tuple(owners), policy=policy
                )
