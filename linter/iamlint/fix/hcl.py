"""Edits of policies in Terraform's HCL: objects under `jsonencode`, statement blocks, attachments."""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.fix import hcl_references, json_edit
from iamlint.fix.hcl_attachments import INLINE, HclAttachments
from iamlint.fix.hcl_blocks import HclBlocks
from iamlint.fix.hcl_objects import HclObjects
from iamlint.fix.language import CannotEdit, FileEdit, StatementChange, Value
from iamlint.fix.version import in_hcl, in_json
from iamlint.sources.site import PolicySite, Project
from iamlint.text import Span


class HclWriter(HclObjects, HclBlocks, HclAttachments):
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

    def whole(self, site: PolicySite, policy: dict[str, Value]) -> list[FileEdit]:
        """No word stands for a document here."""
        raise CannotEdit("the policy is not written out")

    def version(self, site: PolicySite, document: Span, version: str) -> list[FileEdit]:
        """Write the version into the document, in the form that the site has."""
        if site.form == "text":
            return self.of(in_json(self.source, document, version))
        return self.of(in_hcl(self, document, version))

    def remove_policy(self, site: PolicySite, project: Project) -> list[FileEdit]:
        """Take the resource of an inline policy away, or the `inline_policy` block of a role."""
        block = self.block_at(site.block.span)
        inner = [
            each
            for each in block.body.blocks
            if each.type == "inline_policy" and _holds(each.span, site.place.span)
        ]
        if inner:
            return self.of([self.without_block(inner[0])])
        if not block.labels or block.labels[0].value not in INLINE.values():
            raise CannotEdit("a resource of its own is not removed, others may refer to it")
        address = ".".join(label.value for label in block.labels)
        gone = hcl_references.dropped(address, block, self, project)
        return [*gone, *self.of([self.without_block(block)])]


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
