"""Edits of CloudFormation templates and of policy documents on their own, in YAML and in JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence

from iamlint.fix import json_edit, layout
from iamlint.fix.language import CannotEdit, FileEdit, StatementChange, Value
from iamlint.fix.naming import like, unique, words
from iamlint.fix.version import in_json, in_yaml
from iamlint.fix.yaml_edit import statements
from iamlint.fix.yaml_file import YamlFile
from iamlint.fix.yaml_nodes import Spot
from iamlint.sources.document.document import Document
from iamlint.sources.document.parse import parse
from iamlint.sources.site import Owner, PolicySite, Project, Unreadable
from iamlint.text import Edit, SourceText, Span
from iamlint.tree import Entry, ListNode, MapNode, Node, Scalar

_PRINCIPALS = {"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"}
_SAM = {"AWS::Serverless::Function", "AWS::Serverless::StateMachine"}
"""Types whose `Policies` hold names of managed policies and documents side by side."""

_INLINE_RESOURCES = {
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
}
_ATTACHED = "ManagedPolicyArns"
_INLINE = "Policies"
_POLICY_NAME = re.compile(r"""PolicyName["']?\s*:\s*["']?([\w+=,.@-]+)""")


class TemplateWriter:
    """Writes policies into one template or policy document."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        document = parse(source)
        if isinstance(document, Unreadable):
            raise CannotEdit(document.reason)
        self.document: Document = document
        self.file = YamlFile(document)

    def statements(self, site: PolicySite, changes: Sequence[StatementChange]) -> list[FileEdit]:
        """Edit statements written as a mapping or as JSON text."""
        if site.policy is None:
            raise CannotEdit("the policy could not be evaluated")
        spans = [statement.place.span for statement in site.policy.statements]
        if site.form == "text":
            quote = json_edit.sub_template if self._in_sub(site) else json_edit.sub
            edits = json_edit.statement_edits(self.source, spans, changes, quote)
        elif self.document.language == "json":
            edits = json_edit.statement_edits(self.source, spans, changes, json_edit.sub)
        else:
            edits = statements(self.file, changes)
        return self._of(edits)

    def version(self, site: PolicySite, document: Span, version: str) -> list[FileEdit]:
        """Write the version into the document, a mapping or JSON text."""
        if site.form == "text" or self.document.language == "json":
            return self._of(in_json(self.source, document, version))
        return self._of(in_yaml(self.file, document, version))

    def remove_policy(self, site: PolicySite, project: Project) -> list[FileEdit]:
        """Take an inline policy out of the `Policies` of its principal, or its own resource away."""
        document = self.file.map_at(site.place.span)
        holder = document.above
        if not isinstance(holder, MapNode):
            raise CannotEdit("the policy is not written as a property")
        if site.resource_type in _INLINE_RESOURCES:
            return self._of(self._without_resource(holder))
        if site.resource_type not in _PRINCIPALS:
            raise CannotEdit("a managed policy is not removed, others may use it")
        container, index = self.file.list_with(holder.place.span)
        return self._of(self._without(container, index, _INLINE))

    def detach(self, site: PolicySite, project: Project) -> list[FileEdit]:
        """Take an element out of `ManagedPolicyArns`, or out of SAM's `Policies`."""
        if site.resource_type in _SAM and site.attachment and site.attachment.container is None:
            return self._of(self._without_property(self._single(site)))
        container, index = self._attached(site)
        return self._of(self._without(container, index, _property(site)))

    def replace_attachment(
        self, site: PolicySite, owner: Owner, policy: dict[str, Value], project: Project
    ) -> list[FileEdit]:
        """Move from `ManagedPolicyArns` to `Policies` of the same principal.

        In SAM's `Policies` the document takes the place of the name.
        """
        if site.resource_type in _SAM:
            return self._of(self._sam(site, policy))
        container, index = self._attached(site)
        properties = container.above
        if not isinstance(properties, MapNode):
            raise CannotEdit(f"`{_ATTACHED}` is not written as a property")
        inline = properties.entry(_INLINE)
        model = owner.name.literal if owner.name is not None else None
        base = words(str(site.arn)) or [*words(owner.address), "Used"]
        name = unique(
            like(model, base), self._policy_names(), "-" if model and "-" in model else ""
        )
        item: dict[str, Value] = {"PolicyName": name, "PolicyDocument": policy}
        if self.document.language == "json":
            return self._of(self._json_move(container, index, inline, item))
        return self._of(self._yaml_move(container, index, inline, item))

    # Attachments

    def _attached(self, site: PolicySite) -> tuple[Spot, int]:
        attachment = site.attachment
        if attachment is None or attachment.form != "list-item":
            raise CannotEdit("the attachment is not an element of a list")
        if site.resource_type not in _PRINCIPALS | _SAM:
            raise CannotEdit(f"the attachment is part of a {site.resource_type}")
        container, index = self.file.list_with(attachment.item.span)
        if container.entry is None or container.entry.key.value != _property(site):
            raise CannotEdit(f"the list is not the whole of `{_property(site)}`")
        return container, index

    def _single(self, site: PolicySite) -> Spot:
        """The string that is the whole of SAM's `Policies`."""
        if site.attachment is not None:
            item = site.attachment.item.span
            for spot in self.file.spots():
                entry = spot.entry
                if entry is not None and item == Span(
                    entry.key.place.span.start, entry.value.place.span.end
                ):
                    return self.file.unshared(spot)
        raise CannotEdit("the attachment is not written as a property")

    def _sam(self, site: PolicySite, policy: dict[str, Value]) -> list[Edit]:
        """The document in the place of a managed policy's name."""
        source = self.source
        if site.attachment is not None and site.attachment.container is None:
            spot = self._single(site)
            span = spot.node.place.span
            value: list[Value] = [policy]
            entry = spot.entry
            assert entry is not None
            key = entry.key.place.span.start
            if self.document.language == "json":
                return [Edit(span, self._json(value, key))]
            if isinstance(spot.above, MapNode) and spot.above.flow:
                raise CannotEdit("the properties are written in flow style")
            colon = source.text.index(":", entry.key.place.span.end) + 1
            text = self.file.layout.after_key(value, self.file.column(key))
            return [Edit(Span(colon, self.file.line_end(span.end).end), text)]
        container, index = self._attached(site)
        node = container.node
        assert isinstance(node, ListNode)
        span = node.items[index].place.span
        if self.document.language == "json":
            return [Edit(span, self._json(policy, span.start))]
        if node.flow:
            raise CannotEdit(f"`{_INLINE}` is not a list in block style")
        dash = source.text.rfind("-", 0, span.start)
        text = self.file.layout.item(policy, self.file.column(dash))
        return [Edit(Span(dash, span.end), text)]

    def _json(self, value: Value, at: int) -> str:
        """JSON text of a value whose line is that of an offset."""
        text = self.source.text
        lead = self.source.newline + layout.indent(text, at)
        over = None if layout.begins_line(text, at) else False
        return json_edit.render(value, json_edit.sub, lead, layout.unit(text), over_lines=over)

    def _without(self, container: Spot, index: int, name: str) -> list[Edit]:
        """Take an element out of a property's list, with the property if it was the last."""
        node, entry = container.node, container.entry
        assert isinstance(node, ListNode)
        if entry is None or entry.key.value != name or not isinstance(container.above, MapNode):
            raise CannotEdit(f"the list is not the whole of `{name}`")
        if len(node.items) > 1:
            if self.document.language == "json":
                return _deleted(self.source, node.items, {index})
            return self.file.without_items(node, {index})
        return self._without_property(container)

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
        return self._without_property(resource)

    def _without_property(self, container: Spot) -> list[Edit]:
        """Take a property away whose value is the spot's node."""
        entry = container.entry
        if entry is None or not isinstance(container.above, MapNode):
            raise CannotEdit("it is not written as a property")
        entries = container.above.entries
        if len(entries) == 1:
            raise CannotEdit("nothing would be left of what holds it")
        if self.document.language == "json" or container.above.flow:
            spans = [Span(e.key.place.span.start, e.value.place.span.end) for e in entries]
            gone = {entries.index(entry)}
            return [Edit(span, "") for span in layout.without_items(self.source.text, spans, gone)]
        return [self.file.without_entry(entry)]

    def _yaml_move(
        self, container: Spot, index: int, inline: Entry | None, item: dict[str, Value]
    ) -> list[Edit]:
        file, entry = self.file, container.entry
        assert entry is not None
        if isinstance(container.above, MapNode) and container.above.flow:
            raise CannotEdit("the properties are written in flow style")
        removal = self._without(container, index, _ATTACHED)
        if inline is not None:
            items = inline.value
            if not isinstance(items, ListNode) or items.flow or not items.items:
                raise CannotEdit(f"`{_INLINE}` is not a list in block style")
            last = items.items[-1].place.span
            first = items.items[0].place.span.start
            dash = self.source.text.rfind("-", 0, first)
            column = file.column(dash)
            text = self.source.newline + " " * column + file.layout.item(item, column)
            return [*removal, Edit(file.line_end(last.end), text)]
        column = file.column(entry.key.place.span.start)
        text = " " * column + file.layout.entry(_INLINE, [item], column)
        end = file.line_end(entry.value.place.span.end)
        for edit in removal:
            # The insertion would touch the end of what falls away: then it takes its place.
            if edit.span.end > end.start:
                newline = (
                    self.source.newline if self.source.text[: edit.span.end].endswith("\n") else ""
                )
                if not newline:
                    text = self.source.newline + text
                return [
                    *(other for other in removal if other is not edit),
                    Edit(edit.span, edit.replacement + text + newline),
                ]
        return [*removal, Edit(end, self.source.newline + text)]

    def _json_move(
        self, container: Spot, index: int, inline: Entry | None, item: dict[str, Value]
    ) -> list[Edit]:
        source, entry, node = self.source, container.entry, container.node
        assert entry is not None
        assert isinstance(node, ListNode)
        step = layout.unit(source.text)
        lead = source.newline + layout.indent(source.text, entry.key.place.span.start)
        wide = layout.begins_line(source.text, entry.key.place.span.start)
        over = None if wide else False
        if inline is not None:
            items = inline.value
            if not isinstance(items, ListNode) or not items.items:
                raise CannotEdit(f"`{_INLINE}` is not a list")
            last = items.items[-1].place.span
            gap = source.newline + layout.indent(source.text, last.start) if wide else " "
            text = "," + gap + json_edit.render(item, json_edit.sub, gap, step, over_lines=over)
            return [
                *self._without(container, index, _ATTACHED),
                Edit(Span(last.end, last.end), text),
            ]
        rendered = json_edit.render([item], json_edit.sub, lead, step, over_lines=over)
        member = f'"{_INLINE}": {rendered}'
        if len(node.items) == 1:
            whole = Span(entry.key.place.span.start, entry.value.place.span.end)
            return [Edit(whole, member)]
        end = entry.value.place.span.end
        return [
            *_deleted(source, node.items, {index}),
            Edit(Span(end, end), "," + (lead if wide else " ") + member),
        ]

    # Helpers of both

    def _policy_names(self) -> set[str]:
        return set(_POLICY_NAME.findall(self.source.text))

    def _in_sub(self, site: PolicySite) -> bool:
        """True if the JSON text of a site is the argument of `Fn::Sub`."""
        return any(_sub_around(root, site.place.span) for root in self.document.roots)

    def _of(self, edits: Sequence[Edit]) -> list[FileEdit]:
        return [FileEdit(self.source, edit) for edit in edits]


def _property(site: PolicySite) -> str:
    """The property that lists the managed policies of a site's resource."""
    return _INLINE if site.resource_type in _SAM else _ATTACHED


def _deleted(source: SourceText, items: Sequence[Node], gone: set[int]) -> list[Edit]:
    spans = [item.place.span for item in items]
    return [Edit(span, "") for span in layout.without_items(source.text, spans, gone)]


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
