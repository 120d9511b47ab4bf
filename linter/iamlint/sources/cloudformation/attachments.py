"""Managed policies that a resource attaches, by ARN or by name, as sites."""

from __future__ import annotations

from msgspec.structs import replace

from iamlint.iam.decode import decode
from iamlint.iam.policy import Policy
from iamlint.sources.cloudformation.alternatives import (
    alternatives,
    contradictory,
    joined,
    scalar,
    text_of,
)
from iamlint.sources.cloudformation.documents import policy_value
from iamlint.sources.cloudformation.editable import not_editable
from iamlint.sources.cloudformation.owners import referred
from iamlint.sources.cloudformation.parts import Part, Report
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.serving import Serving
from iamlint.sources.cloudformation.template import Resource, construct_path
from iamlint.sources.site import Attachment, PolicySite, Project, SiteKind
from iamlint.text import Place, Span
from iamlint.tree import ListNode, MapNode, Node, Text, Unknown


class AttachmentReader:
    """Adds the attachments of one template to a project."""

    def __init__(
        self, resolver: Resolver, project: Project, serving: Serving, report: Report
    ) -> None:
        self.resolver = resolver
        self.project = project
        self.serving = serving
        self.report = report

    def managed(
        self,
        resource: Resource,
        part: Part,
        possible: str | None,
        owners: tuple[str, ...],
    ) -> None:
        """Add a site for each managed policy of a list of ARNs."""
        for branch, reason in self.resolver.branches(part.value):
            why = joined(possible, part.possible, reason)
            if isinstance(branch, ListNode):
                for number, item in enumerate(branch.items):
                    inner = Part(f"{part.argument}[{number}]", item, None, None)
                    self.one(resource, inner, branch, why, owners)
                continue
            before = len(self.project.sites)
            for whole, whole_why in alternatives(self.resolver.value(branch)):
                items = whole.items if isinstance(whole, ListNode) else (whole,)
                for item in items:
                    inner = Part(part.argument, item, part.entry, joined(whole_why, reason))
                    self.one(resource, inner, None, why, owners)
            self._share(before)

    def _share(self, before: int) -> None:
        """Say of attachments that one expression makes that none can go without the others."""
        made = self.project.sites[before:]
        for number, site in enumerate(made if len(made) > 1 else ()):
            if site.attachment is not None and site.attachment.shared is None:
                attachment = replace(site.attachment, shared="the same value attaches others too")
                self.project.sites[before + number] = replace(site, attachment=attachment)

    def one(
        self,
        resource: Resource,
        part: Part,
        container: ListNode | None,
        possible: str | None,
        owners: tuple[str, ...],
        kind: SiteKind = "managed-attachment",
    ) -> None:
        """Add a site for one managed policy that is named by ARN."""
        for branch, reason in self.resolver.branches(part.value):
            value = self.resolver.resolve(branch)
            if value is None:
                continue
            for named, why in alternatives(value):
                text = text_of(named)
                address = f"{resource.logical_id}.{part.argument}"
                if isinstance(named, Unknown) or text is None:
                    reasoned = getattr(named, "reason", "it is no string")
                    self.report(branch.place, address, f"names a policy: {reasoned}")
                    continue
                if (
                    text.parts
                    and all(hole.kind == "unknown" for hole in text.holes)
                    and not any(isinstance(piece, str) for piece in text.parts)
                ):
                    self.report(branch.place, address, f"the policy `{text}` is not known")
                whole_why = joined(possible, part.possible, reason, why)
                if whole_why and contradictory(whole_why):
                    continue
                self._attached(
                    resource, part, branch, named, text, container, whole_why, owners, kind
                )

    def _attached(
        self,
        resource: Resource,
        part: Part,
        raw: Node,
        named: Node,
        text: Text,
        container: ListNode | None,
        possible: str | None,
        owners: tuple[str, ...],
        kind: SiteKind,
    ) -> None:
        policy = self._declared(raw, text, owners, kind)
        cdk = self.resolver.template.made_by_cdk
        item = raw.place
        if container is None and part.entry is not None:
            span = Span(part.entry.key.place.span.start, part.entry.value.place.span.end)
            item = Place(item.source, span)
        shared = None
        if self.resolver.template.document.is_shared(item.span):
            shared = "a YAML alias"
        self.project.sites.append(
            PolicySite(
                kind=kind,
                form="attachment",
                language=self.resolver.template.document.language,
                address=resource.logical_id,
                key=f"{self.resolver.template.scope}#{resource.logical_id}.{part.argument}",
                resource_type=resource.type,
                argument=part.argument,
                place=named.place,
                block=resource.block,
                owners=owners,
                policy=policy,
                arn=text,
                attachment=Attachment(
                    form="list-item" if container is not None else "attribute",
                    item=item,
                    block=resource.block,
                    container=container.place if container is not None else None,
                    shared=shared,
                ),
                possible=possible,
                editable=not_editable(self.resolver, resource, item),
                construct=construct_path(resource) if cdk else None,
            )
        )

    def _declared(
        self, raw: Node, text: Text, owners: tuple[str, ...], kind: SiteKind
    ) -> Policy | None:
        """The document of a policy that a template of the run declares; who attaches it is noted."""
        links = self.serving.links
        found = list(links.elsewhere(text, self.resolver.scope))
        name = referred(raw)
        if name is not None:
            found.insert(0, (links.declared(self.resolver.template), name))
        for declared, logical_id in found:
            resource = declared.resolver.template.resources.get(logical_id)
            if resource is None or resource.type != "AWS::IAM::ManagedPolicy":
                continue
            if kind == "managed-attachment":
                links.attach(f"{declared.resolver.scope}#{logical_id}", owners)
            properties = resource.properties
            document = properties.get("PolicyDocument") if isinstance(properties, MapNode) else None
            node = policy_value(declared.resolver, document)[0] if document is not None else None
            return decode(node, "identity")[0] if node is not None else None
        return None

    def named(
        self,
        resource: Resource,
        part: Part,
        possible: str | None,
        owners: tuple[str, ...],
        kind: SiteKind,
    ) -> None:
        """Add a site for a customer managed policy that is referred to by name and path."""
        if not isinstance(part.value, MapNode):
            return
        raw_name, raw_path = part.value.get("Name"), part.value.get("Path")
        name = text_of(self.resolver.value(raw_name)) if raw_name is not None else None
        path = text_of(self.resolver.value(raw_path)) if raw_path is not None else None
        if name is None or raw_name is None:
            reason = "names a policy whose name is not known"
            self.report(part.value.place, f"{resource.logical_id}.{part.argument}", reason)
            return
        partition = self.resolver.pseudo("AWS::Partition") or Text.of("aws")
        # The policy is that of each account which the permission set is assigned in.
        account = self.resolver.hole("the assigned account", "account")
        arn = Text.of(
            *("arn:", *partition.parts, ":iam::", account, ":policy"),
            *(path.parts if path is not None and path.parts else ("/",)),
            *name.parts,
        )
        written = scalar(raw_name.place, arn)
        self._attached(
            *(resource, part, part.value, written, arn, None),
            joined(possible, part.possible),
            owners,
            kind,
        )
