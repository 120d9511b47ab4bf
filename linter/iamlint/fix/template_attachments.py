"""Edits of what attaches managed policies in templates: taken away, or replaced by a document."""

from __future__ import annotations

import re

import msgspec

from iamlint.fix import json_edit, layout
from iamlint.fix.language import CannotEdit, FileEdit, Value
from iamlint.fix.naming import like, unique, words
from iamlint.fix.template_file import TemplateFile
from iamlint.fix.yaml_nodes import Spot
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.text import Edit, Span
from iamlint.tree import Entry, ListNode, MapNode, Node, Scalar

PRINCIPALS = {"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"}
SAM = {"AWS::Serverless::Function", "AWS::Serverless::StateMachine"}
"""Types whose `Policies` hold names of managed policies and documents side by side."""

_PERMISSIONS = "AWS::SSO::PermissionSet"
INLINE = "Policies"
_IF, _NO_VALUE = "Fn::If", "AWS::NoValue"
_POLICY_NAME = re.compile(r"""PolicyName["']?\s*:\s*["']?([\w+=,.@-]+)""")


class Located(msgspec.Struct, frozen=True):
    """A managed policy among those of a property.

    `spot` is the list that has it at `index`; `prop` is the value of the property.  Under an
    `Fn::If` `condition` is its name and `branch` (1 or 2) the branch that holds it; `choice` is
    then the value of the `Fn::If` and `element` the list that has the `Fn::If` as an item.
    """

    spot: Spot
    index: int
    prop: Spot
    condition: str = ""
    branch: int = 0
    choice: Spot | None = None
    element: Spot | None = None


class TemplateAttachments(TemplateFile):
    """Attachments in one template."""

    def detach(self, site: PolicySite, project: Project) -> list[FileEdit]:
        """Take an element out of `ManagedPolicyArns`, or out of SAM's `Policies`."""
        if site.resource_type in SAM and site.attachment and site.attachment.container is None:
            return self.of(self.without_property(self._single(site)))
        return self.of(self._removed(self._located(site)))

    def replace_attachment(
        self, site: PolicySite, owner: Owner, policy: dict[str, Value], project: Project
    ) -> list[FileEdit]:
        """Move from `ManagedPolicyArns` to `Policies` of the same principal.

        In SAM's `Policies` the document takes the place of the name, a permission set gets it as
        its `InlinePolicy`.  What was there under a condition stays so.
        """
        self.checked(policy)
        if site.resource_type in SAM:
            return self.of(self._sam(site, policy))
        located = self._located(site)
        properties = located.prop.above
        if not isinstance(properties, MapNode):
            raise CannotEdit(f"`{attaching(site)}` is not written as a property")
        if site.resource_type == _PERMISSIONS:
            if properties.entry("InlinePolicy") is not None:
                raise CannotEdit(f"`{owner.address}` has an inline policy already")
            value = _conditional(located, policy)
            return self.of(self._moved(located, "InlinePolicy", value, None))
        model = owner.name.literal if owner.name is not None else None
        base = words(str(site.arn)) or [*words(owner.address), "Used"]
        join = "-" if model and "-" in model else ""
        name = unique(like(model, base), set(_POLICY_NAME.findall(self.source.text)), join)
        item = _conditional(located, {"PolicyName": name, "PolicyDocument": policy})
        return self.of(self._moved(located, INLINE, [item], properties.entry(INLINE)))

    # Where it stands

    def _located(self, site: PolicySite) -> Located:
        attachment = site.attachment
        name = attaching(site)
        if site.resource_type not in PRINCIPALS | SAM | {_PERMISSIONS}:
            raise CannotEdit(f"the attachment is part of a {site.resource_type}")
        if attachment is None:
            raise CannotEdit("the attachment is not an element of a list")
        spot, index = self.file.list_with(attachment.item.span)
        if _is(spot, name):
            return Located(spot, index, spot)
        if _is(spot, _IF) and index > 0:
            choice = self._above(spot)
            element = self._above(choice)
            if _is(element, name):
                return Located(spot, index, element, self._condition(spot), index, spot, element)
        outer = self._above(spot)
        if _is(outer, _IF):
            prop = self._above(outer)
            if _is(prop, name):
                assert isinstance(outer.node, ListNode)
                branch = outer.node.items.index(spot.node)
                return Located(spot, index, prop, self._condition(outer), branch, outer)
        raise CannotEdit(f"the list is not the whole of `{name}`")

    def _above(self, spot: Spot) -> Spot:
        node = spot.above
        found = self.file.spot(node) if node is not None else None
        if found is None:
            raise CannotEdit("the attachment is not written as a property")
        return self.file.unshared(found)

    def _condition(self, spot: Spot) -> str:
        assert isinstance(spot.node, ListNode)
        first = spot.node.items[0]
        if len(spot.node.items) != 3 or not isinstance(first, Scalar):
            raise CannotEdit("an `Fn::If` has not three arguments")
        return str(first.value)

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

    # Taking it away

    def _removed(self, located: Located) -> list[Edit]:
        spot, choice = located.spot, located.choice
        if choice is None:
            return self.without(spot, located.index)
        assert isinstance(spot.node, ListNode)
        assert isinstance(choice.node, ListNode)
        nothing = _is_no_value(choice.node.items[3 - located.branch])
        if located.element is None and len(spot.node.items) > 1:
            return self.without_item(spot.node, located.index)
        if nothing and located.element is not None:
            whole = choice.above
            assert isinstance(located.element.node, ListNode)
            assert whole is not None
            return self.without(located.element, located.element.node.items.index(whole))
        if nothing:
            return self.without_property(located.prop)
        span = choice.node.items[located.branch].place.span
        text = '{ "Ref": "AWS::NoValue" }' if self.is_json else "!Ref AWS::NoValue"
        if not self.is_json and not choice.node.flow:
            text = self._on_its_line(choice.node.items[located.branch], text)
        return [Edit(span, text)]

    def _on_its_line(self, node: Node, text: str) -> str:
        """A scalar in the place of an item that may be written over several lines."""
        if "\n" in node.place.text.rstrip():
            raise CannotEdit("a branch of an `Fn::If` is written over several lines")
        return text

    # The document in its place

    def _moved(
        self, located: Located, key: str, value: Value, existing: Entry | None
    ) -> list[Edit]:
        """The attachment away, and a property with a value added, or its items to one that is there."""
        removal = self._removed(located)
        if self.is_json:
            return self._json_moved(located, removal, key, value, existing)
        properties, entry = located.prop.above, located.prop.entry
        assert entry is not None
        if isinstance(properties, MapNode) and properties.flow:
            raise CannotEdit("the properties are written in flow style")
        file = self.file
        if existing is not None:
            items = existing.value
            if not isinstance(items, ListNode) or items.flow or not items.items:
                raise CannotEdit(f"`{key}` is not a list in block style")
            assert isinstance(value, list)
            dash = self.source.text.rfind("-", 0, items.items[0].place.span.start)
            column = file.column(dash)
            text = file.layout.items(value, column)
            return [*removal, Edit(file.line_end(items.items[-1].place.span.end), text)]
        column = file.column(entry.key.place.span.start)
        text = " " * column + file.layout.entry(key, value, column)
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

    def _json_moved(
        self, located: Located, removal: list[Edit], key: str, value: Value, existing: Entry | None
    ) -> list[Edit]:
        source, entry = self.source, located.prop.entry
        assert entry is not None
        step = layout.unit(source.text)
        start = entry.key.place.span.start
        wide = layout.begins_line(source.text, start)
        over = None if wide else False
        if existing is not None:
            items = existing.value
            if not isinstance(items, ListNode) or not items.items:
                raise CannotEdit(f"`{key}` is not a list")
            assert isinstance(value, list)
            last = items.items[-1].place.span
            gap = source.newline + layout.indent(source.text, last.start) if wide else " "
            text = "".join(
                "," + gap + json_edit.render(item, json_edit.sub, gap, step, over_lines=over)
                for item in value
            )
            return [*removal, Edit(Span(last.end, last.end), text)]
        lead = source.newline + layout.indent(source.text, start)
        member = f'"{key}": ' + json_edit.render(value, json_edit.sub, lead, step, over_lines=over)
        whole = Span(start, entry.value.place.span.end)
        if any(edit.span.start <= start or edit.span.end > whole.end for edit in removal):
            return [Edit(whole, member)]  # the property falls away: this takes its place
        return [*removal, Edit(Span(whole.end, whole.end), "," + (lead if wide else " ") + member)]

    def _sam(self, site: PolicySite, policy: dict[str, Value]) -> list[Edit]:
        """The document in the place of a managed policy's name."""
        if site.attachment is not None and site.attachment.container is None:
            spot = self._single(site)
            entry = spot.entry
            assert entry is not None
            return self.property(spot, entry, [policy])
        located = self._located(site)
        return self.in_list(located.spot, located.index, policy)

    def in_list(self, container: Spot, index: int, value: Value) -> list[Edit]:
        """Another value in the place of an item; a list in flow style is written line by line."""
        node = container.node
        assert isinstance(node, ListNode)
        span = node.items[index].place.span
        if self.is_json:
            return [Edit(span, self.json(value, span.start))]
        if not node.flow:
            dash = self.file.dash_at(span.start)
            text = self.file.layout.item(value, self.file.column(dash))
            return [Edit(Span(dash, self._content_end(node.items[index])), text)]
        if container.entry is None or any("\n" in item.place.text for item in node.items):
            raise CannotEdit("a list in flow style cannot be written line by line")
        entry = container.entry
        if isinstance(container.above, MapNode) and container.above.flow:
            raise CannotEdit("the properties are written in flow style")
        file = self.file
        colon = file.text.index(":", entry.key.place.span.end) + 1
        column = file.column(entry.key.place.span.start) + file.layout.dash
        gap = self.source.newline + " " * column
        text = "".join(
            gap + (file.layout.item(value, column) if each == index else f"- {item.place.text}")
            for each, item in enumerate(node.items)
        )
        return [
            Edit(Span(colon, node.place.span.end), ""),
            Edit(file.line_end(node.place.span.end), text),
        ]

    def _content_end(self, node: Node) -> int:
        """Where the text of a node ends; the span of a map in block style takes in what follows."""
        text = self.source.text[node.place.span.start : node.place.span.end]
        return node.place.span.start + len(text.rstrip())

    def property(self, spot: Spot, entry: Entry, value: Value) -> list[Edit]:
        """Another value in the place of a property's."""
        span, key = spot.node.place.span, entry.key.place.span
        if self.is_json:
            return [Edit(span, self.json(value, key.start))]
        if isinstance(spot.above, MapNode) and spot.above.flow:
            raise CannotEdit("the properties are written in flow style")
        colon = self.source.text.index(":", key.end) + 1
        text = self.file.layout.after_key(value, self.file.column(key.start))
        end = self.file.line_end(self._content_end(spot.node)).end
        return [Edit(Span(colon, end), text)]


def attaching(site: PolicySite) -> str:
    """The property that lists the managed policies of a site's resource."""
    if site.resource_type == _PERMISSIONS:
        return "ManagedPolicies"
    return INLINE if site.resource_type in SAM else "ManagedPolicyArns"


def _is(spot: Spot, key: str) -> bool:
    """True if the spot's node is the value of an entry with this key."""
    return spot.entry is not None and spot.entry.key.value == key


def _is_no_value(node: Node) -> bool:
    entry = node.entries[0] if isinstance(node, MapNode) and len(node.entries) == 1 else None
    return (
        entry is not None
        and entry.key.value == "Ref"
        and isinstance(entry.value, Scalar)
        and entry.value.value == _NO_VALUE
    )


def _conditional(located: Located, value: dict[str, Value]) -> dict[str, Value]:
    """A value that is there whenever the attachment was."""
    if not located.condition:
        return value
    branches: list[Value] = [value, {"Ref": _NO_VALUE}]
    if located.branch == 2:
        branches.reverse()
    return {_IF: [located.condition, *branches]}
