"""Edits of policies in Terraform's HCL: objects under `jsonencode`, statement blocks, attachments."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from iamlint.fix import hcl_removal, hcl_text, json_edit, layout
from iamlint.fix.hcl_list import edited_list
from iamlint.fix.language import CannotEdit, FileEdit, Shown, StatementChange, Value
from iamlint.fix.naming import like, words
from iamlint.iam.encode import statement_json
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.sources.terraform.ast import (
    Attribute,
    Block,
    Expr,
    ForExpr,
    Identifier,
    Node,
    ObjectExpr,
    ObjectItem,
    TemplateExpr,
    TupleExpr,
    walk,
)
from iamlint.sources.terraform.syntax import read
from iamlint.text import Edit, SourceText, Span, apply_edits
from iamlint.tree import Text

_OPPOSITE = {"Action": "NotAction", "Resource": "NotResource"}
_ARGUMENTS = {
    "Sid": "sid",
    "Effect": "effect",
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
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


class HclWriter:
    """Writes policies into one `.tf` file."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.text = source.text
        self.newline = source.newline
        if source.path.endswith(".json"):
            raise CannotEdit("Terraform's JSON syntax is not edited")
        file = read(source)
        self._nodes: dict[tuple[type, Span], Node] = {}
        self._parents: dict[int, Node] = {}
        for node in walk(file.body):
            self._nodes.setdefault((type(node), node.span), node)
            for child in _children(node):
                self._parents[id(child)] = node

    # Statements

    def statements(self, site: PolicySite, changes: Sequence[StatementChange]) -> list[FileEdit]:
        """Edit statements in the form that the site has."""
        if any(change.statement.place.source is not self.source for change in changes):
            raise CannotEdit("a statement is written in another file")
        if site.form == "text":
            if site.policy is None:
                raise CannotEdit("the policy could not be evaluated")
            spans = [statement.place.span for statement in site.policy.statements]
            return self._of(
                json_edit.statement_edits(self.source, spans, changes, json_edit.template)
            )
        if site.form == "blocks":
            return self._of(self._blocks(changes))
        return self._of(self._objects(changes))

    def _objects(self, changes: Sequence[StatementChange]) -> list[Edit]:
        found: list[Edit] = []
        gone: dict[int, tuple[TupleExpr, set[int]]] = {}
        for change in changes:
            node = self._nodes.get((ObjectExpr, change.statement.place.span))
            if not isinstance(node, ObjectExpr):
                raise CannotEdit("a statement is not written as an object")
            self._refuse_made_by_for(node)
            above = self._parents.get(id(node))
            if not change.new:
                if not isinstance(above, TupleExpr):
                    raise CannotEdit("no statement would be left")
                gone.setdefault(id(above), (above, set()))[1].add(above.items.index(node))
                continue
            found.append(self._object(node, change))
            found += self._objects_after(node, above, change.new[1:])
        for container, indexes in gone.values():
            found += self._without_items(container.items, indexes)
        return found

    def _refuse_made_by_for(self, node: Node) -> None:
        """What a `for` makes is one text for several statements."""
        above = self._parents.get(id(node))
        while above is not None:
            if isinstance(above, ForExpr):
                raise CannotEdit("a statement is made by a `for` expression")
            above = self._parents.get(id(above))

    def _object(self, node: ObjectExpr, change: StatementChange) -> Edit:
        """The whole object, with the arguments that change written anew."""
        old, new = statement_json(change.statement), change.new[0]
        written = {_key(item): item for item in node.items}
        indent = layout.indent(self.text, node.start)
        own_lines = "\n" in self.text[node.start : node.end]
        inner = (
            layout.indent(self.text, node.items[0].start) if own_lines else indent + hcl_text.STEP
        )
        edits: list[Edit] = []
        added: dict[str, str] = {}
        for name, value in new.items():
            item = written.get(name)
            opposite = written.get(_OPPOSITE.get(name, ""))
            if item is None and opposite is not None and _key(opposite) not in new:
                edits.append(Edit(opposite.key.span, hcl_text.key(name)))
                item = opposite
            elif item is not None and _same(old.get(name), value):
                continue
            if item is None:
                added[name] = self._item_head(node, name) + hcl_text.render(
                    value, inner, self.newline
                )
            else:
                shown = change.shown(_key(item))
                edits.append(Edit(item.value.span, self._value(item.value, value, inner, shown)))
        kept = set(new) | {_OPPOSITE.get(name, "") for name in new}
        if any(name not in kept for name in written):
            raise CannotEdit("an element of a statement would fall away")
        return self._rewritten(node.span, edits + self._added_items(node, added, inner, own_lines))

    def _added_items(
        self, node: ObjectExpr, added: dict[str, str], inner: str, own_lines: bool
    ) -> list[Edit]:
        """New items of an object after its last one; a `Sid` before its first."""
        if not added:
            return []
        if not node.items:
            raise CannotEdit("a statement is empty")
        found: list[Edit] = []
        first, last = node.items[0].start, node.items[-1].end
        comma = "," if hcl_removal.has_comma(self.text, last) else ""
        sid = added.pop("Sid", None)
        if sid is not None:
            sid_comma = "," if hcl_removal.has_comma(self.text, node.items[0].end) else ""
            if own_lines and layout.begins_line(self.text, first):
                at = hcl_removal.comments_above(self.text, layout.line_start(self.text, first))
                found.append(Edit(Span(at, at), f"{inner}{sid}{sid_comma}{self.newline}"))
            else:
                found.append(Edit(Span(first, first), f"{sid}, "))
        if added and own_lines:
            at = hcl_removal.tail_end(self.text, last)
            if at > node.end or (at == last and comma):
                raise CannotEdit("a statement ends on the line of its last element")
            lines = "".join(f"{self.newline}{inner}{each}{comma}" for each in added.values())
            found.append(Edit(Span(at, at), lines))
        elif added:
            found.append(Edit(Span(last, last), "".join(f", {each}" for each in added.values())))
        return found

    def _item_head(self, node: ObjectExpr, name: str) -> str:
        """The key and the sign of a new item, as the object's first one has them."""
        if node.items and isinstance(node.items[0].key, TemplateExpr):
            first = node.items[0]
            return f'"{name}"{self.text[first.key.end : first.value.start]}'
        return f"{hcl_text.key(name)} = "

    def _rewritten(self, span: Span, edits: Sequence[Edit]) -> Edit:
        """A stretch of text with its edits made; in line again if it was before."""
        before = self.text[span.start : span.end]
        moved = [
            Edit(Span(each.span.start - span.start, each.span.end - span.start), each.replacement)
            for each in edits
        ]
        after = apply_edits(before, moved)
        if hcl_text.is_aligned(before, self.newline):
            after = hcl_text.aligned(after, self.newline)
        return Edit(span, after)

    def _value(self, old: Expr, value: Value, indent: str, shown: Shown) -> str:
        if isinstance(old, TupleExpr):
            values = value if isinstance(value, list) else [value]
            return edited_list(self.source, old, values, indent, shown)
        return hcl_text.render(value, indent, self.newline)

    def _objects_after(
        self, node: ObjectExpr, above: Node | None, new: Sequence[dict[str, Value]]
    ) -> list[Edit]:
        if not new:
            return []
        indent = layout.indent(self.text, node.start)
        rendered = [hcl_text.render(each, indent, self.newline) for each in new]
        gap = self.newline + indent if layout.begins_line(self.text, node.start) else " "
        after = hcl_removal.line_after(self.text, node.end)
        if isinstance(above, TupleExpr) and gap != " " and after and after <= above.end:
            lines = "".join(f"{indent}{each},{self.newline}" for each in rendered)
            found = [Edit(Span(after, after), lines)]
            if not hcl_removal.has_comma(self.text, node.end):
                found.append(Edit(Span(node.end, node.end), ","))
            return found
        if isinstance(above, TupleExpr):
            text = "".join(f",{gap}{each}" for each in rendered)
            return [Edit(Span(node.end, node.end), text)]
        return [
            Edit(Span(node.start, node.start), "["),
            Edit(Span(node.end, node.end), "".join(f", {each}" for each in rendered) + "]"),
        ]

    def _blocks(self, changes: Sequence[StatementChange]) -> list[Edit]:
        found: list[Edit] = []
        gone: list[Span] = []
        for change in changes:
            node = self._nodes.get((Block, change.statement.place.span))
            if not isinstance(node, Block) or node.type != "statement":
                raise CannotEdit("a statement is not written as a block of its own")
            if not change.new:
                gone.append(node.span)
                continue
            indent = layout.indent(self.text, node.start)
            text = "".join(
                self.newline * 2 + indent + self._block(each, indent) for each in change.new[1:]
            )
            found.append(self._in_block(node, change))
            if text:
                end = hcl_removal.tail_end(self.text, node.end)
                found.append(Edit(Span(end, end), text))
        return found + self._without_blocks(gone)

    def _in_block(self, node: Block, change: StatementChange) -> Edit:
        old, new = statement_json(change.statement), change.new[0]
        indent = layout.indent(self.text, node.start)
        inner = indent + hcl_text.STEP
        edits: list[Edit] = []
        for name, value in new.items():
            if _same(old.get(name), value):
                continue
            if name == "Condition":
                blocks = self._added_conditions(old.get(name), value, inner)
                if not node.body.items:
                    raise CannotEdit("a statement block is empty")
                end = hcl_removal.tail_end(self.text, node.body.items[-1].end)
                edits.append(Edit(Span(end, end), blocks))
                continue
            argument = _ARGUMENTS.get(name)
            if argument is None:
                raise CannotEdit(f"`{name}` is not written in a statement block")
            attribute = node.body.attributes.get(argument)
            opposite = node.body.attributes.get(_ARGUMENTS.get(_OPPOSITE.get(name, ""), ""))
            if attribute is None and opposite is not None:
                edits.append(Edit(opposite.name_span, argument))
                attribute = opposite
            if attribute is None and name in ("Sid", "Effect") and node.body.items:
                first = layout.line_start(self.text, node.body.items[0].start)
                if first <= node.start:
                    raise CannotEdit("a statement block stands on one line")
                first = hcl_removal.comments_above(self.text, first)
                line = f"{inner}{argument} = {hcl_text.render(value, inner, self.newline)}"
                edits.append(Edit(Span(first, first), line + self.newline))
                continue
            if attribute is None:
                raise CannotEdit(f"`{argument}` is not written in the statement block")
            values = value if isinstance(value, list) else [value]
            if name in ("Sid", "Effect"):
                text = hcl_text.render(value, inner, self.newline)
            elif isinstance(attribute.expr, TupleExpr):
                shown = change.shown(name)
                text = edited_list(self.source, attribute.expr, values, inner, shown)
            else:
                text = hcl_text.render_list(list(values), inner, self.newline)
            edits.append(Edit(attribute.expr.span, text))
        return self._rewritten(node.span, edits)

    def _added_conditions(self, old: object, new: Value, indent: str) -> str:
        """`condition` blocks for what is new; conditions that were there stay as they are."""
        if not isinstance(new, dict):
            raise CannotEdit("the conditions are not known")
        before = old if isinstance(old, dict) else {}
        text = ""
        for operator, keys in new.items():
            if not isinstance(keys, dict):
                raise CannotEdit("the conditions are not known")
            for name, values in keys.items():
                if name not in before.get(operator, {}):
                    block = self._condition(operator, name, values, indent)
                    text += self.newline * 2 + indent + block
        return text

    def _condition(self, operator: str, name: str, values: Value, indent: str) -> str:
        inner = indent + hcl_text.STEP
        listed = values if isinstance(values, list) else [values]
        lines = [
            f"{inner}test     = {hcl_text.string(operator)}",
            f"{inner}variable = {hcl_text.string(name)}",
            f"{inner}values = {hcl_text.render_list(list(listed), inner, self.newline)}",
        ]
        body = hcl_text.aligned(self.newline.join(lines), self.newline)
        return f"condition {{{self.newline}{body}{self.newline}{indent}}}"

    def _block(self, statement: dict[str, Value], indent: str) -> str:
        """A statement block."""
        inner = indent + hcl_text.STEP
        lines: list[str] = []
        text = ""
        for name, value in statement.items():
            if name == "Condition":
                text += self._added_conditions(None, value, inner)
            elif name in ("Sid", "Effect"):
                if value != "Allow":
                    lines.append(f"{inner}{_ARGUMENTS[name]} = {hcl_text.render(value, inner)}")
            elif name in _ARGUMENTS:
                values = value if isinstance(value, list) else [value]
                rendered = hcl_text.render_list(list(values), inner, self.newline)
                lines.append(f"{inner}{_ARGUMENTS[name]} = {rendered}")
            else:
                raise CannotEdit(f"`{name}` is not written in a statement block")
        body = hcl_text.aligned(self.newline.join(lines), self.newline)
        return f"statement {{{self.newline}{body}{text}{self.newline}{indent}}}"

    # Whole policies and attachments

    def remove_policy(self, site: PolicySite) -> list[FileEdit]:
        """Take the resource of an inline policy away, or the `inline_policy` block of a role."""
        block = self._block_at(site.block.span)
        inner = [
            each
            for each in block.body.blocks
            if each.type == "inline_policy" and _holds(each.span, site.place.span)
        ]
        if inner:
            return self._of([self._without_block(inner[0])])
        if not block.labels or block.labels[0].value not in _INLINE.values():
            raise CannotEdit("a resource of its own is not removed, others may refer to it")
        self._refuse_if_referred(block, None)
        return self._of([self._without_block(block)])

    def detach(self, site: PolicySite) -> list[FileEdit]:
        """Take an attachment resource away, or an element of what it runs over."""
        attachment = site.attachment
        if attachment is None:
            raise CannotEdit("it is not known how the policy is attached")
        if attachment.form == "attribute":
            block = self._block_at(site.block.span)
            self._attachment_argument(block)
            self._refuse_if_referred(block, None)
            return self._of([self._without_block(block)])
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
        block = self._block_at(site.block.span)
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
            return self._of([Edit(block.span, text)])
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
        container = writer._nodes.get((TupleExpr, attachment.container.span)) or writer._nodes.get(
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
        return self._rewritten(span, self._without_items(items, {index}))

    # Text

    def _without_items(self, items: Sequence[Node], gone: set[int]) -> list[Edit]:
        if len(gone) == len(items):
            raise CannotEdit("no statement would be left")
        return hcl_removal.without_items(self.text, [item.span for item in items], gone)

    def _without_block(self, block: Block) -> Edit:
        (edit,) = self._without_blocks([block.span])
        return edit

    def _without_blocks(self, blocks: Sequence[Span]) -> list[Edit]:
        edits = hcl_removal.without_blocks(self.text, blocks)
        if edits is None:
            raise CannotEdit("a block shares its lines")
        return edits

    def _block_at(self, span: Span) -> Block:
        node = self._nodes.get((Block, span))
        if not isinstance(node, Block):
            raise CannotEdit("the resource could not be found again")
        return node

    def _of(self, edits: Sequence[Edit]) -> list[FileEdit]:
        return [FileEdit(self.source, edit) for edit in edits]


def _children(node: Node) -> Sequence[Node]:
    from iamlint.sources.terraform.ast import children

    return list(children(node))


def _key(item: ObjectItem) -> str:
    if isinstance(item.key, Identifier):
        return item.key.name
    if isinstance(item.key, TemplateExpr) and item.key.literal is not None:
        return item.key.literal
    raise CannotEdit("a key of a statement is an expression")


def _key_of(site: PolicySite) -> str | None:
    """The key of the instance that attaches: `logs` of `x.y["logs"]`."""
    match = re.search(r'\["([^"]+)"\]\Z', site.address)
    return match[1] if match and site.attachment and site.attachment.form == "map-item" else None


def _label(key: str) -> str:
    label = re.sub(r"[^A-Za-z0-9_-]+", "_", key).strip("_-")
    return label if label and not label[0].isdigit() else f"policy_{label}"


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _same(old: object, new: Value) -> bool:
    return _plain(old) == _plain(new)


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, list):
        plain = [_plain(each) for each in value]
        return plain[0] if len(plain) == 1 else plain
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value
