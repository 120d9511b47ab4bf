"""The policies of one resource as sites."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.iam.decode import decode
from iamlint.sources.cloudformation import permissions, sam, sam_connectors
from iamlint.sources.cloudformation.alternatives import (
    holds,
    joined,
    text_of,
)
from iamlint.sources.cloudformation.attachments import AttachmentReader
from iamlint.sources.cloudformation.documents import policy_value
from iamlint.sources.cloudformation.editable import not_editable
from iamlint.sources.cloudformation.parts import Part, parts
from iamlint.sources.cloudformation.properties import (
    BOUNDARIES,
    IDENTITY_DOCUMENTS,
    MANAGED_ARNS,
    MEMBERSHIPS,
    NAMED_POLICIES,
    NO_IAM,
    RESOURCE_DOCUMENTS,
    listed,
)
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.serving import Links, Serving
from iamlint.sources.cloudformation.template import Resource, construct_path
from iamlint.sources.document.read import document_kind, is_policy
from iamlint.sources.site import (
    Owner,
    PolicySite,
    Project,
    SiteKind,
    Unresolved,
)
from iamlint.text import Place, Span
from iamlint.tree import ListNode, MapNode, Node, Scalar

MAX_SEARCH = 12
"""How deep documents are looked for in properties that the table does not know."""


class SiteReader:
    """Collects the sites of one template into a project."""

    def __init__(
        self, resolver: Resolver, project: Project, owners: dict[str, Owner], links: Links
    ) -> None:
        self.resolver = resolver
        self.template = resolver.template
        self.project = project
        self.owners = owners
        self._said: set[tuple[Span, str, str]] = set()
        self.serving = Serving(resolver, owners, links, self.unresolved)
        self.attachments = AttachmentReader(resolver, project, self.serving, self.unresolved)

    def read(self, resource: Resource) -> None:
        """Add the sites of a resource."""
        condition = resource.condition
        decided = self.resolver.condition(condition) if condition is not None else True
        if decided is False:
            return
        if condition is None:
            self._read(resource, None)
            return
        with self.resolver.assuming(condition, True):
            self._read(resource, holds(condition) if decided is None else None)

    def _repeated(self, resource: Resource) -> None:
        """Say which properties are given twice: only the last of them counts."""
        seen: set[str] = set()
        properties = resource.properties
        for entry in reversed(properties.entries if isinstance(properties, MapNode) else ()):
            name = str(entry.key.value)
            if name in seen:
                reason = f"`{name}` is given again below, which counts"
                self.unresolved(entry.key.place, f"{resource.logical_id}.{name}", reason)
            seen.add(name)

    def _read(self, resource: Resource, possible: str | None) -> None:
        kind = resource.type
        if self.template.is_sam:
            sam_connectors.embedded(self, resource, possible)
        if kind in NO_IAM or not (listed(kind) or resource.may_hold("Statement")):
            return
        properties = resource.properties
        if properties is None:
            return
        if kind in IDENTITY_DOCUMENTS or kind in RESOURCE_DOCUMENTS:
            self._repeated(resource)
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
        owners = self.serving.principals(resource)
        if kind in MANAGED_ARNS:
            for part in self.parts(resource, MANAGED_ARNS[kind]):
                self.attachments.managed(resource, part, possible, owners)
        if kind in BOUNDARIES:
            for part in self.parts(resource, BOUNDARIES[kind]):
                self.attachments.one(resource, part, None, possible, owners, "boundary")
        for path, site_kind in NAMED_POLICIES.get(kind, ()):
            for part in self.parts(resource, path):
                self.attachments.named(resource, part, possible, owners, site_kind)
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
        name = path.rpartition("/")[2]
        for part in self.parts(resource, path):
            if isinstance(part.value, MapNode) and part.value.get(name) is not None:
                continue  # the document is in the property of the same name inside
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
            key=f"{self.template.scope}#{address}",
            resource_type=resource.type,
            argument=part.argument,
            place=node.place,
            block=resource.block,
            owners=owners,
            policy=policy,
            problems=problems,
            possible=joined(possible, part.possible, node.possible),
            editable=editable or not_editable(self.resolver, resource, node.place),
            construct=construct_path(resource) if self.template.made_by_cdk else None,
        )
        self.project.sites.append(site)

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

    def unresolved(self, place: Place, address: str, reason: str, *, ignored: bool = False) -> None:
        """Note what could not be evaluated, or what the deployment ignores, once."""
        key = place.span, address, reason
        if key not in self._said:
            self._said.add(key)
            self.project.unresolved.append(Unresolved(place, address, reason, ignored))
