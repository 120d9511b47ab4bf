"""Edits of what attaches managed policies in Terraform: taken away, or replaced by a policy beside it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

import msgspec

from iamlint.fix import hcl_references, hcl_text, layout
from iamlint.fix.hcl_file import HclFile
from iamlint.fix.language import CannotEdit, FileEdit, Value
from iamlint.fix.naming import like, words
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.sources.terraform.ast import (
    Block,
    Node,
    ObjectExpr,
    TupleExpr,
)
from iamlint.text import Edit, SourceText, Span

_ATTACHMENTS = {
    "aws_iam_role_policy_attachment": "role",
    "aws_iam_user_policy_attachment": "user",
    "aws_iam_group_policy_attachment": "group",
    "aws_ssoadmin_managed_policy_attachment": "permission-set",
}
_EXCLUSIVE = "aws_iam_policy_attachment"
_LISTS = {"roles": "role", "users": "user", "groups": "group"}
INLINE = {
    "role": "aws_iam_role_policy",
    "user": "aws_iam_user_policy",
    "group": "aws_iam_group_policy",
    "permission-set": "aws_ssoadmin_permission_set_inline_policy",
}
_META = ("count", "for_each", "provider", "depends_on")
_ONE_OR_NONE = re.compile(r"\?\s*(?:1\s*:\s*0|0\s*:\s*1)\s*\Z")
_THROUGH = "the policy reaches its attachment through a module: pass a policy of your own"
_LOOPED = re.compile(r"\b(?:each|count)\.")


class Served(msgspec.Struct, frozen=True):
    """How a new resource names its principal: its meta-arguments and arguments as they are written."""

    kind: str
    arguments: tuple[tuple[str, str], ...]
    meta: tuple[str, ...] = ()


class HclAttachments(HclFile):
    """Attachments in one `.tf` file."""

    def detach(self, site: PolicySite, project: Project) -> list[FileEdit]:
        """Take an attachment resource away, or an element of what it runs over."""
        attachment = site.attachment
        if attachment is None:
            raise CannotEdit("it is not known how the policy is attached")
        if attachment.form == "attribute":
            block = self.block_at(site.block.span)
            _kind(block)
            gone = hcl_references.dropped(_address(block), block, self, project)
            return [*gone, *self.of([self.without_block(block)])]
        return [self._without_element(site)]

    def replace_attachment(
        self, site: PolicySite, owner: Owner, policy: dict[str, Value], project: Project
    ) -> list[FileEdit]:
        """A new inline policy resource in the place of the attachment, or after its block.

        A role that lists its inline policies itself gets one more block of them.
        """
        attachment = site.attachment
        if attachment is None:
            raise CannotEdit("it is not known how the policy is attached")
        if owner.kind not in INLINE or owner.language != "hcl":
            raise CannotEdit("the principal takes no inline policy here")
        _refuse_second(owner, project)
        block = self.block_at(site.block.span)
        own_blocks = _inline_blocks(owner)
        if own_blocks is not None:
            return [*self.detach(site, project), own_blocks.added(site, owner, policy)]
        if attachment.form == "attribute":
            return self._in_its_place(site, block, owner, policy, project)
        self._refuse_other_module(site)
        key = _key_of(site)
        label = _label(key) if key else "_".join(word.lower() for word in words(str(site.arn)))
        label = self._free(owner.kind, label or block.labels[-1].value, project)
        served = self._beside(owner, block)
        text = self._resource(site, owner, policy, label, served)
        new = FileEdit(self.source, Edit(Span(block.end, block.end), self.newline * 2 + text))
        return [self._without_element(site), new]

    def _in_its_place(
        self,
        site: PolicySite,
        block: Block,
        owner: Owner,
        policy: dict[str, Value],
        project: Project,
    ) -> list[FileEdit]:
        if posixpath.dirname(site.place.path) != posixpath.dirname(self.source.path):
            raise CannotEdit(_THROUGH)
        served = self._served(block)
        if served.kind != owner.kind:
            raise CannotEdit("the attachment serves a principal of another kind")
        if block.body.blocks:
            raise CannotEdit("the attachment holds further blocks")
        label = self._free(owner.kind, block.labels[1].value, project)
        new = f"{INLINE[owner.kind]}.{label}"
        references = hcl_references.renamed(_address(block), new, block, self, project)
        text = self._resource(site, owner, policy, label, served)
        return [*references, *self.of([Edit(block.span, text)])]

    def _served(self, block: Block) -> Served:
        """Whom an attachment resource serves, in its own words."""
        attributes = block.body.attributes

        def written(name: str) -> str:
            if name not in attributes:
                raise CannotEdit(f"`{name}` is not written in the attachment")
            expr = attributes[name].expr
            return self.text[expr.start : expr.end]

        kind = _kind(block)
        meta = tuple(
            self.text[attributes[name].start : attributes[name].end]
            for name in _META
            if name in attributes
        )
        if kind == "permission-set":
            names = ("instance_arn", "permission_set_arn")
            return Served(kind, tuple((name, written(name)) for name in names), meta)
        if kind:
            return Served(kind, ((kind, written(kind)),), meta)
        found = []
        for name, each in _LISTS.items():
            if name in attributes:
                expr = attributes[name].expr
                if not isinstance(expr, TupleExpr):
                    raise CannotEdit(f"`{name}` is not written as a list")
                found += [(each, self.text[item.start : item.end]) for item in expr.items]
        if len(found) != 1:
            raise CannotEdit(
                f"one attachment serves {len(found)} principals: give each one of its own"
            )
        return Served(found[0][0], (found[0],), meta)

    def _beside(self, owner: Owner, block: Block) -> Served:
        """Whom a resource after the block is to serve: the one whom the block names, or holds."""
        if owner.kind == "permission-set":
            served = self._served(block)
            if any(_LOOPED.search(text) for _, text in served.arguments):
                raise CannotEdit("the permission set changes from instance to instance")
            return Served(served.kind, served.arguments)
        given = block.body.attributes.get(owner.kind)
        who = self.text[given.expr.start : given.expr.end] if given is not None else ""
        if posixpath.dirname(owner.block.path) != posixpath.dirname(self.source.path):
            if not who or _LOOPED.search(who):
                raise CannotEdit("the principal is declared in another module")
            return Served(owner.kind, ((owner.kind, who),))
        if not who or _LOOPED.search(who):
            who = owner.reference
        file = self if owner.block.source is self.source else HclFile(owner.block.source)
        loops = file.block_at(owner.block.span).body.attributes
        count, each = loops.get("count"), loops.get("for_each")
        if count is not None:
            if not _ONE_OR_NONE.search(file.text[count.start : count.end]):
                who = re.sub(r"\[\d+\]", "[count.index]", who)
            meta: tuple[str, ...] = (file.text[count.start : count.end],)
        elif each is not None:
            resource, _, attribute = owner.reference.rpartition(".")
            who = f"each.value.{attribute}"
            meta = (f"for_each = {resource.partition('[')[0]}",)
        else:
            meta = ()
        return Served(owner.kind, ((owner.kind, who),), meta)

    def _free(self, kind: str, label: str, project: Project) -> str:
        """The label, numbered on if the project has a resource of it."""
        sources = [source.text for source in project.sources.values()]
        taken = {
            match[1]
            for text in [self.text, *sources]
            for match in re.finditer(rf'resource\s+"{INLINE[kind]}"\s+"([^"]+)"', text)
        }
        unique, number = label, 2
        while unique in taken:
            unique, number = f"{label}_{number}", number + 1
        return unique

    def _resource(
        self, site: PolicySite, owner: Owner, policy: dict[str, Value], label: str, served: Served
    ) -> str:
        newline, step = self.newline, hcl_text.STEP
        head = [f"{step}{line}" for line in served.meta]
        if head:
            head.append("")
        argument = "policy"
        if owner.kind == "permission-set":
            argument = "inline_policy"
        else:
            name = like(_name(owner), _parts(site, label))
            head.append(f"{step}name = {hcl_text.string(name)}")
        head += [f"{step}{name} = {text}" for name, text in served.arguments]
        body = hcl_text.aligned(newline.join(head), newline)
        document = hcl_text.render(policy, step, newline)
        return (
            f'resource "{INLINE[owner.kind]}" "{label}" {{{newline}{body}{newline}{newline}'
            f"{step}{argument} = jsonencode({document}){newline}}}"
        )

    def _refuse_other_module(self, site: PolicySite) -> None:
        """What one module passes and another attaches has no role at hand where it is written."""
        container = site.attachment.container if site.attachment else None
        if container is not None and posixpath.dirname(container.path) != posixpath.dirname(
            self.source.path
        ):
            raise CannotEdit(_THROUGH)

    def _without_element(self, site: PolicySite) -> FileEdit:
        attachment = site.attachment
        if attachment is None or attachment.container is None:
            raise CannotEdit("it is not known what the policy is an element of")
        source = attachment.container.source
        writer = self if source is self.source else HclAttachments(source)
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


class _InlineBlocks(HclFile):
    """A role whose inline policies are blocks of its own, which Terraform takes for all of them."""

    def __init__(self, source: SourceText, last: Span) -> None:
        super().__init__(source)
        self.last = last

    def added(self, site: PolicySite, owner: Owner, policy: dict[str, Value]) -> FileEdit:
        """One more block after the last."""
        indent = layout.indent(self.text, self.last.start)
        inner = indent + hcl_text.STEP
        name = hcl_text.string(like(_name(owner), _parts(site, "used")))
        document = hcl_text.render(policy, inner, self.newline)
        lines = (
            f"inline_policy {{{self.newline}{inner}name   = {name}{self.newline}"
            f"{inner}policy = jsonencode({document}){self.newline}{indent}}}"
        )
        at = Span(self.last.end, self.last.end)
        return FileEdit(self.source, Edit(at, self.newline * 2 + indent + lines))


def _inline_blocks(owner: Owner) -> _InlineBlocks | None:
    """The blocks of a role's inline policies; None if it has none.  Raises CannotEdit."""
    if owner.kind != "role" or "inline_policy" not in owner.block.text:
        return None
    file = HclFile(owner.block.source)
    block = file.block_at(owner.block.span)
    found = [each for each in block.body.blocks if each.type == "inline_policy"]
    dynamic = any(
        each.type == "dynamic" and each.labels and each.labels[0].value == "inline_policy"
        for each in block.body.blocks
    )
    if dynamic or any(not each.body.attributes for each in found):
        raise CannotEdit(f"`{owner.address}` takes no inline policy beside its own blocks")
    return _InlineBlocks(owner.block.source, found[-1].span) if found else None


def _refuse_second(owner: Owner, project: Project) -> None:
    """A permission set has one inline policy, so that another would take its place."""
    kind = INLINE["permission-set"]
    if owner.kind == "permission-set" and any(
        site.resource_type == kind for site in project.sites_of(owner.key)
    ):
        raise CannotEdit(f"`{owner.address}` has an inline policy already")


def _kind(block: Block) -> str:
    """The kind of principal that an attachment resource serves; `""` if its lists tell."""
    kind = block.labels[0].value if block.labels else block.type
    if kind == _EXCLUSIVE:
        return ""
    if kind not in _ATTACHMENTS:
        raise CannotEdit(f"a `{kind}` is not replaced")
    return _ATTACHMENTS[kind]


def _address(block: Block) -> str:
    return ".".join(label.value for label in block.labels)


def _name(owner: Owner) -> str | None:
    return owner.name.literal if owner.name is not None else None


def _parts(site: PolicySite, label: str) -> list[str]:
    """The words of a name for what takes the place of a managed policy."""
    return words(str(site.arn)) or [part for part in re.split(r"[_-]", label) if part]


def _key_of(site: PolicySite) -> str | None:
    """The key of the instance that attaches: `logs` of `x.y["logs"]`."""
    match = re.search(r'\["([^"]+)"\]\Z', site.address)
    return match[1] if match and site.attachment and site.attachment.form == "map-item" else None


def _label(key: str) -> str:
    label = re.sub(r"[^A-Za-z0-9_-]+", "_", key).strip("_-")
    return label if label and not label[0].isdigit() else f"policy_{label}"
