"""Edits of CloudFormation templates and of policy documents on their own, in YAML and in JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence

from iamlint.fix import json_edit
from iamlint.fix.language import CannotEdit, FileEdit, StatementChange, Value
from iamlint.fix.template_attachments import INLINE, PRINCIPALS, SAM, TemplateAttachments
from iamlint.fix.version import in_json, in_yaml
from iamlint.fix.yaml_edit import statements
from iamlint.sources.site import PolicySite, Project
from iamlint.text import Edit, Span
from iamlint.tree import ListNode, MapNode, Node, Scalar

_INLINE_RESOURCES = {
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
}


class TemplateWriter(TemplateAttachments):
    """Writes policies into one template or policy document."""

    def statements(self, site: PolicySite, changes: Sequence[StatementChange]) -> list[FileEdit]:
        """Edit statements written as a mapping or as JSON text."""
        if site.policy is None:
            raise CannotEdit("the policy could not be evaluated")
        for change in changes:
            first, *more = change.new or ({},)
            kept = {str(each) for each in (*change.statement.actions, *change.statement.resources)}
            lists = [first.get(key) for key in ("Action", "NotAction", "Resource", "NotResource")]
            values = [
                item for each in lists for item in (each if isinstance(each, list) else [each])
            ]
            self.checked([*more, *(value for value in values if str(value) not in kept)])
        spans = [statement.place.span for statement in site.policy.statements]
        if site.form == "text":
            quote = json_edit.sub_template if self._in_sub(site) else json_edit.sub
            edits = json_edit.statement_edits(self.source, spans, changes, quote)
        elif self.is_json:
            edits = json_edit.statement_edits(self.source, spans, changes, json_edit.sub)
        else:
            edits = statements(self.file, changes)
        return self.of(edits)

    def whole(self, site: PolicySite, policy: dict[str, Value]) -> list[FileEdit]:
        """A document in the place of a policy template of AWS SAM, an item of `Policies`."""
        self.checked(policy)
        start = site.place.span.start
        for spot in self.file.spots():
            node = spot.node
            if (
                isinstance(node, MapNode)
                and len(node.entries) == 1
                and node.entries[0].key.place.span.start == start
            ):
                if spot.entry is not None and spot.entry.key.value == INLINE:
                    return self.of(self.property(self.file.unshared(spot), spot.entry, [policy]))
                if not isinstance(spot.above, ListNode):
                    continue
                container, index = self.file.list_with(node.place.span)
                if container.entry is not None and container.entry.key.value == INLINE:
                    return self.of(self.in_list(container, index, policy))
        raise CannotEdit("the policy template is not an item of `Policies`")

    def version(self, site: PolicySite, document: Span, version: str) -> list[FileEdit]:
        """Write the version into the document, a mapping or JSON text."""
        if site.form == "text" or self.is_json:
            return self.of(in_json(self.source, document, version))
        return self.of(in_yaml(self.file, document, version))

    def remove_policy(self, site: PolicySite, project: Project) -> list[FileEdit]:
        """Take an inline policy out of the `Policies` of its principal, or its own resource away."""
        document = self.file.map_at(site.place.span)
        holder = document.above
        if isinstance(holder, ListNode) and site.resource_type in SAM:
            container, index = self.file.list_with(document.node.place.span)
            return self.of(self.without(container, index))
        if not isinstance(holder, MapNode):
            raise CannotEdit("the policy is not written as a property")
        if site.resource_type in _INLINE_RESOURCES:
            return self.of(self._without_resource(holder))
        if site.resource_type not in PRINCIPALS:
            raise CannotEdit("a managed policy is not removed, others may use it")
        container, index = self.file.list_with(holder.place.span)
        if container.entry is None or container.entry.key.value != INLINE:
            raise CannotEdit(f"the list is not the whole of `{INLINE}`")
        return self.of(self.without(container, index))

    def _without_resource(self, properties: MapNode) -> list[Edit]:
        """Take a resource away to which nothing refers."""
        above = self.file.map_at(properties.place.span).above
        if not isinstance(above, MapNode):
            raise CannotEdit("the policy is not the property of a resource")
        resource = self.file.map_at(above.place.span)
        if resource.entry is None:
            raise CannotEdit("the policy is not the property of a resource")
        start, end = resource.entry.key.place.span.start, resource.node.place.span.end
        rest = self.source.text[:start] + self.source.text[end:]
        name = str(resource.entry.key.value)
        if re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", rest):
            raise CannotEdit(f"the template refers to `{name}`")
        return self.without_property(resource)

    def _in_sub(self, site: PolicySite) -> bool:
        """True if the JSON text of a site is the argument of `Fn::Sub`."""
        return any(_sub_around(root, site.place.span) for root in self.document.roots)


def _sub_around(node: Node, span: Span) -> bool:
    stack: list[tuple[Node, bool]] = [(node, False)]
    while stack:
        here, inside = stack.pop()
        if isinstance(here, Scalar):
            own = here.place.span
            if inside and own.start <= span.start and span.end <= own.end:
                return True
        elif isinstance(here, ListNode):
            stack += [(item, inside) for item in here.items]
        elif isinstance(here, MapNode):
            stack += [(e.value, e.key.value == "Fn::Sub") for e in here.entries]
    return False
