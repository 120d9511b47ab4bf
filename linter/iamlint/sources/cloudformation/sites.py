"""The policies of one resource as sites."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from iamlint.iam.decode import decode
from iamlint.sources.cloudformation import permissions, sam
from iamlint.sources.cloudformation.alternatives import (
    alternatives,
    contradictory,
    holds,
    joined,
    scalar,
    text_of,
)
from iamlint.sources.cloudformation.documents import policy_value
from iamlint.sources.cloudformation.owners import referred
from iamlint.sources.cloudformation.parts import Part, parts
from iamlint.sources.cloudformation.properties import (
    BOUNDARIES,
    IDENTITY_DOCUMENTS,
    MANAGED_ARNS,
    MEMBERSHIPS,
    NAMED_POLICIES,
    NO_IAM,
    RESOURCE_DOCUMENTS,
)
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.serving import Serving
from iamlint.sources.cloudformation.template import Resource, construct_path
from iamlint.sources.document.read import document_kind, is_policy
from iamlint.sources.site import (
    Attachment,
    Owner,
    PolicySite,
    Project,
    SiteKind,
    Unresolved,
)
from iamlint.text import Place, Span
from iamlint.tree import ListNode, MapNode, Node, Scalar, Text, Unknown

MAX_SEARCH = 12
"""How deep documents are looked for in properties that the table does not know."""


class SiteReader:
    """Collects the sites of one template into a project."""

    def __init__(
        self, resolver: Resolver, project: Project, owners: dict[str, Owner], editable: str | None
    ) -> None:
        self.resolver = resolver
        self.template = resolver.template
        self.project = project
        self.owners = owners
        self.editable = editable
        self._said: set[tuple[Span, str, str]] = set()
        self.serving = Serving(resolver, owners, self.unresolved)

    def read(self, resource: Resource) -> None:
        """Add the sites of a resource."""
        if self.template.is_sam:
            sam.connectors(self, resource)
        properties = resource.properties
        if properties is None or resource.type in NO_IAM:
            return
        condition = resource.condition
        decided = self.resolver.condition(condition) if condition is not None else True
        if decided is False:
            return
        if condition is None:
            self._read(resource, properties, None)
            return
        with self.resolver.assuming(condition, True):
            self._read(resource, properties, holds(condition) if decided is None else None)

    def _read(self, resource: Resource, properties: Node, possible: str | None) -> None:
        kind = resource.type
        if kind in MEMBERSHIPS:
            self.serving.join(resource)
        for path, site_kind in IDENTITY_DOCUMENTS.get(kind, ()):
            self._documents(resource, path, site_kind, possible)
        for path in RESOURCE_DOCUMENTS.get(kind, ()):
            self._documents(resource, path, "resource", possible)
        if kind.startswith("AWS::Serverless::"):
            sam.read(self, resource, possible)
            return
        added = permissions.policy_of(self.resolver, resource)
        if added is not None:
            part = Part("", added, None, None)
            self.document(resource, part, "resource", possible, (), permissions.NOT_EDITABLE)
            return
        if kind == "AWS::Organizations::Policy":
            self._organization_policy(resource, possible)
            return
        if kind in MANAGED_ARNS:
            for part in self.parts(resource, MANAGED_ARNS[kind]):
                self.managed(resource, part, possible, self.serving.principals(resource))
        if kind in BOUNDARIES:
            for part in self.parts(resource, BOUNDARIES[kind]):
                self.attachment(
                    resource, part, None, possible, self.serving.principals(resource), "boundary"
                )
        for path, site_kind in NAMED_POLICIES.get(kind, ()):
            for part in self.parts(resource, path):
                self._named(resource, part, possible, site_kind)
        if kind not in IDENTITY_DOCUMENTS and kind not in RESOURCE_DOCUMENTS:
            self._unlisted(resource, properties, possible)

    def parts(self, resource: Resource, path: str) -> Iterator[Part]:
        """The raw values at a path of properties."""
        return parts(self.resolver, resource, path, self.unresolved)

    def _documents(
        self,
        resource: Resource,
        path: str,
        kind: SiteKind,
        possible: str | None,
    ) -> None:
        for part in self.parts(resource, path):
            self.document(resource, part, kind, possible, self.serving.principals(resource))

    def document(
        self,
        resource: Resource,
        part: Part,
        kind: SiteKind,
        possible: str | None,
        owners: tuple[str, ...],
        editable: str | None = None,
    ) -> None:
        """Add the site of a policy document."""
        node, form = policy_value(self.resolver, part.value)
        if node is None:
            return
        policy, problems = decode(node, kind)
        address = ".".join(filter(None, (resource.logical_id, part.argument)))
        for problem in problems:
            if problem.kind == "unresolved":
                self.unresolved(problem.place, address, problem.message)
        site = PolicySite(
            kind=kind,
            form=form,
            language=self.template.document.language,
            address=resource.logical_id,
            key=f"{self.template.source.path}#{address}",
            resource_type=resource.type,
            argument=part.argument,
            place=node.place,
            block=resource.block,
            owners=owners,
            policy=policy,
            problems=problems,
            possible=joined(possible, part.possible, node.possible),
            editable=editable or self._editable(resource, node.place),
        )
        self.project.sites.append(site)

    def _editable(self, resource: Resource, place: Place) -> str | None:
        if self.editable is not None:
            construct = construct_path(resource)
            return f"{self.editable}, construct `{construct}`" if construct else self.editable
        if self.template.document.is_shared(place.span):
            return "a YAML alias uses the same text elsewhere"
        if self.resolver.loop:
            return "it is written once for each turn of `Fn::ForEach`"
        if not _within(place, resource.block):
            return "its value comes from a parameter or mapping"
        return None

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
                    self.attachment(resource, inner, branch, why, owners)
                continue
            before = len(self.project.sites)
            for whole, whole_why in alternatives(self.resolver.value(branch)):
                items = whole.items if isinstance(whole, ListNode) else (whole,)
                for item in items:
                    inner = Part(part.argument, item, part.entry, joined(whole_why, reason))
                    self.attachment(resource, inner, None, why, owners)
            self._share(before)

    def _share(self, before: int) -> None:
        """Say of attachments that one expression makes that none can go without the others."""
        made = self.project.sites[before:]
        for number, site in enumerate(made if len(made) > 1 else ()):
            if site.attachment is not None and site.attachment.shared is None:
                attachment = replace(site.attachment, shared="the same value attaches others too")
                self.project.sites[before + number] = replace(site, attachment=attachment)

    def attachment(
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
                    self.unresolved(branch.place, address, f"names a policy: {reasoned}")
                    continue
                if (
                    text.parts
                    and all(hole.kind == "unknown" for hole in text.holes)
                    and not any(isinstance(piece, str) for piece in text.parts)
                ):
                    self.unresolved(branch.place, address, f"the policy `{text}` is not known")
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
        declared = self.template.resources.get(referred(raw) or "")
        policy = None
        if declared is not None and declared.type == "AWS::IAM::ManagedPolicy":
            if kind == "managed-attachment":
                self.serving.attach(declared.logical_id, owners)
            document = getattr(declared.properties, "get", lambda _: None)("PolicyDocument")
            node = policy_value(self.resolver, document)[0] if document is not None else None
            policy = decode(node, "identity")[0] if node is not None else None
        item = raw.place
        if container is None and part.entry is not None:
            span = Span(part.entry.key.place.span.start, part.entry.value.place.span.end)
            item = Place(item.source, span)
        shared = None
        if self.template.document.is_shared(item.span):
            shared = "a YAML alias"
        self.project.sites.append(
            PolicySite(
                kind=kind,
                form="attachment",
                language=self.template.document.language,
                address=resource.logical_id,
                key=f"{self.template.source.path}#{resource.logical_id}.{part.argument}",
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
                editable=self._editable(resource, item),
            )
        )

    def _named(self, resource: Resource, part: Part, possible: str | None, kind: SiteKind) -> None:
        """Add a site for a customer managed policy that is referred to by name and path."""
        if not isinstance(part.value, MapNode):
            return
        raw_name, raw_path = part.value.get("Name"), part.value.get("Path")
        name = text_of(self.resolver.value(raw_name)) if raw_name is not None else None
        path = text_of(self.resolver.value(raw_path)) if raw_path is not None else None
        if name is None or raw_name is None:
            reason = "names a policy whose name is not known"
            self.unresolved(part.value.place, f"{resource.logical_id}.{part.argument}", reason)
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
            self.serving.principals(resource),
            kind,
        )

    def _organization_policy(self, resource: Resource, possible: str | None) -> None:
        kinds: dict[str, SiteKind] = {
            "SERVICE_CONTROL_POLICY": "scp",
            "RESOURCE_CONTROL_POLICY": "rcp",
        }
        for part in self.parts(resource, "Type"):
            text = text_of(self.resolver.value(part.value))
            kind = kinds.get(text.literal or "") if text is not None else None
            if kind is not None:
                self._documents(resource, "Content", kind, possible)

    def _unlisted(self, resource: Resource, properties: Node, possible: str | None) -> None:
        """Documents in properties of types that the table does not know."""
        todo: list[tuple[Part, int]] = [(Part("", properties, None, None), 0)]
        while todo:
            part, depth = todo.pop()
            node = part.value
            if depth > MAX_SEARCH:
                continue
            if is_policy(node) and isinstance(node, MapNode):
                owners = self.serving.principals(resource)
                self.document(resource, part, document_kind(node), possible, owners)
            elif self.resolver.if_arguments(node) is not None:
                branches = reversed(list(self.resolver.branches(node)))
                todo += (
                    (Part(part.argument, branch, None, joined(part.possible, why)), depth + 1)
                    for branch, why in branches
                )
            elif isinstance(node, MapNode):
                prefix = f"{part.argument}." if part.argument else ""
                todo += (
                    (
                        Part(f"{prefix}{entry.key.value}", entry.value, None, part.possible),
                        depth + 1,
                    )
                    for entry in reversed(node.entries)
                    if not isinstance(entry.value, Scalar)
                )
            elif isinstance(node, ListNode):
                todo += (
                    (Part(f"{part.argument}[{number}]", item, None, part.possible), depth + 1)
                    for number, item in reversed(list(enumerate(node.items)))
                )

    def unresolved(self, place: Place, address: str, reason: str) -> None:
        """Note what could not be evaluated, once."""
        key = place.span, address, reason
        if key not in self._said:
            self._said.add(key)
            self.project.unresolved.append(Unresolved(place, address, reason))


def _within(inner: Place, outer: Place) -> bool:
    return outer.span.start <= inner.span.start and inner.span.end <= outer.span.end
