"""Edits of policies in Terraform's HCL: objects under `jsonencode`, statement blocks, attachments."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from iamlint.fix import hcl_text, json_edit
from iamlint.fix.hcl_blocks import HclBlocks
from iamlint.fix.hcl_objects import HclObjects
from iamlint.fix.language import CannotEdit, FileEdit, StatementChange, Value
from iamlint.fix.naming import like, words
from iamlint.fix.version import in_hcl, in_json
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.sources.terraform.ast import (
    Attribute,
    Block,
    Node,
    ObjectExpr,
    TupleExpr,
)
from iamlint.text import Edit, Span

_ATTACHMENTS = {
    "aws_iam_role_policy_attachment": "role",
    "aws_iam_user_policy_attachment": "user",
    "aws_iam_group_policy_attachment": "group",
}
_INLINE = {
    "role": "aws_iam_role_policy",
    "user": "aws_iam_user_policy",
    "group": "aws_iam_group_policy",
}
_META = ("count", "for_each", "provider", "depends_on")


class HclWriter(HclObjects, HclBlocks):
    """Writes policies into one `.tf` file."""

    def statements(self, site: PolicySite, changes: Sequence[StatementChange]) -> list[FileEdit]:
        """Edit statements in the form that the site has."""
        if any(change.statement.place.source is not self.source for change in changes):
            raise CannotEdit("a statement is written in another file")
        if site.form == "text":
            if site.policy is None:
                raise CannotEdit("the policy could not be evaluated")
            spans = [statement.place.span for statement in site.policy.statements]
            return self.of(
                json_edit.statement_edits(self.source, spans, changes, json_edit.template)
            )
        if site.form == "blocks":
            return self.of(self.blocks(changes))
        return self.of(self.objects(changes))

    def version(self, site: PolicySite, document: Span, version: str) -> list[FileEdit]:
        """Write the version into the document, in the form that the site has."""
        if site.form == "text":
            return self.of(in_json(self.source, document, version))
        return self.of(in_hcl(self, document, version))

    def remove_policy(self, site: PolicySite) -> list[FileEdit]:
        """Take the resource of an inline policy away, or the `inline_policy` block of a role."""
        block = self.block_at(site.block.span)
        inner = [
            each
            for each in block.body.blocks
            if each.type == "inline_policy" and _holds(each.span, site.place.span)
        ]
        if inner:
            return self.of([self.without_block(inner[0])])
        if not block.labels or block.labels[0].value not in _INLINE.values():
            raise CannotEdit("a resource of its own is not removed, others may refer to it")
        self._refuse_if_referred(block, None)
        return self.of([self.without_block(block)])

    def detach(self, site: PolicySite) -> list[FileEdit]:
        """Take an attachment resource away, or an element of what it runs over."""
        attachment = site.attachment
        if attachment is None:
            raise CannotEdit("it is not known how the policy is attached")
        if attachment.form == "attribute":
            block = self.block_at(site.block.span)
            self._attachment_argument(block)
            self._refuse_if_referred(block, None)
            return self.of([self.without_block(block)])
        return [self._without_element(site)]

    def replace_attachment(
        self, site: PolicySite, owner: Owner, policy: dict[str, Value], project: Project
    ) -> list[FileEdit]:
        """A new inline policy resource in the place of the attachment, or after its block."""
        attachment = site.attachment
        if attachment is None:
            raise CannotEdit("it is not known how the policy is attached")
        if owner.kind not in _INLINE or owner.language != "hcl":
            raise CannotEdit("the principal takes no inline policy here")
        block = self.block_at(site.block.span)
        if attachment.form == "attribute":
            argument = self._attachment_argument(block)
            self._refuse_if_referred(block, project)
            target = block.body.attributes.get(argument)
            if target is None:
                raise CannotEdit(f"`{argument}` is not written in the attachment")
            who = self.text[target.expr.start : target.expr.end]
            meta = [block.body.attributes[name] for name in _META if name in block.body.attributes]
            if block.body.blocks:
                raise CannotEdit("the attachment holds further blocks")
            label = block.labels[1].value
            text = self._resource(site, owner, policy, project, label, who, meta)
            return self.of([Edit(block.span, text)])
        self._refuse_other_module(site)
        key = _key_of(site)
        label = _label(key) if key else "_".join(word.lower() for word in words(str(site.arn)))
        label = label or block.labels[-1].value
        text = self._resource(site, owner, policy, project, label, owner.reference, ())
        new = FileEdit(self.source, Edit(Span(block.end, block.end), self.newline * 2 + text))
        return [self._without_element(site), new]

    def _resource(
        self,
        site: PolicySite,
        owner: Owner,
        policy: dict[str, Value],
        project: Project,
        label: str,
        who: str,
        meta: Sequence[Attribute],
    ) -> str:
        kind = _INLINE[owner.kind]
        sources = [source.text for source in project.sources.values()]
        taken = {
            match[1]
            for text in [self.text, *sources]
            for match in re.finditer(rf'resource\s+"{kind}"\s+"([^"]+)"', text)
        }
        unique, number = label, 2
        while unique in taken:
            unique, number = f"{label}_{number}", number + 1
        model = owner.name.literal if owner.name is not None else None
        parts = words(str(site.arn)) or [part for part in re.split(r"[_-]", unique) if part]
        lines = [self.text[each.start : each.end] for each in meta]
        step = hcl_text.STEP
        head = [f"{step}{line}" for line in lines]
        if head:
            head.append("")
        head.append(f"{step}name = {hcl_text.string(like(model, parts))}")
        head.append(f"{step}{owner.kind} = {who}")
        body = hcl_text.aligned(self.newline.join(head), self.newline)
        document = hcl_text.render(policy, step, self.newline)
        newline = self.newline
        return (
            f'resource "{kind}" "{unique}" {{{newline}{body}{newline}{newline}'
            f"{step}policy = jsonencode({document}){newline}}}"
        )

    def _attachment_argument(self, block: Block) -> str:
        kind = block.labels[0].value if block.labels else block.type
        if kind not in _ATTACHMENTS:
            raise CannotEdit(f"a `{kind}` is not replaced")
        return _ATTACHMENTS[kind]

    def _refuse_other_module(self, site: PolicySite) -> None:
        """What one module passes and another attaches has no role at hand where it is written."""
        container = site.attachment.container if site.attachment else None
        if container is not None and posixpath.dirname(container.path) != posixpath.dirname(
            self.source.path
        ):
            raise CannotEdit("the policy reaches its attachment through a module")

    def _refuse_if_referred(self, block: Block, project: Project | None) -> None:
        """Other code may name a resource that goes away."""
        address = ".".join(label.value for label in block.labels)
        texts = [self.text[: block.start] + self.text[block.end :]]
        if project is not None:
            texts += [
                other.text for other in project.sources.values() if other.path != self.source.path
            ]
        if any(re.search(rf"\b{re.escape(address)}\b", text) for text in texts):
            raise CannotEdit(f"other code refers to `{address}`")

    def _without_element(self, site: PolicySite) -> FileEdit:
        attachment = site.attachment
        if attachment is None or attachment.container is None:
            raise CannotEdit("it is not known what the policy is an element of")
        source = attachment.container.source
        writer = self if source is self.source else HclWriter(source)
        container = writer.nodes.get((TupleExpr, attachment.container.span)) or writer.nodes.get(
            (ObjectExpr, attachment.container.span)
        )
        items: Sequence[Node]
        if isinstance(container, (TupleExpr, ObjectExpr)):
            items = container.items
        else:
            raise CannotEdit("the attached policies are not written as a list or map")
        spans = [item.span for item in items]
        if attachment.item.span not in spans:
            raise CannotEdit("the policy is not an element of its own")
        index = spans.index(attachment.item.span)
        return FileEdit(source, writer._without_element_of(container, items, index))

    def _without_element_of(
        self, container: TupleExpr | ObjectExpr, items: Sequence[Node], index: int
    ) -> Edit:
        if len(items) == 1:
            brackets = self.text[container.start] + self.text[container.end - 1]
            return Edit(container.span, brackets)
        span = container.span
        return self.rewritten(span, self.without_items(items, {index}))


def _key_of(site: PolicySite) -> str | None:
    """The key of the instance that attaches: `logs` of `x.y["logs"]`."""
    match = re.search(r'\["([^"]+)"\]\Z', site.address)
    return match[1] if match and site.attachment and site.attachment.form == "map-item" else None


def _label(key: str) -> str:
    label = re.sub(r"[^A-Za-z0-9_-]+", "_", key).strip("_-")
    return label if label and not label[0].isdigit() else f"policy_{label}"


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
