"""Edits of statements that are blocks of an `aws_iam_policy_document`."""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.fix import hcl_removal, hcl_text, layout
from iamlint.fix.hcl_file import OPPOSITE, HclFile, same
from iamlint.fix.hcl_list import edited_list
from iamlint.fix.language import CannotEdit, StatementChange, Value
from iamlint.iam.encode import statement_json
from iamlint.sources.terraform.ast import (
    Block,
    TupleExpr,
)
from iamlint.text import Edit, Span

_ARGUMENTS = {
    "Sid": "sid",
    "Effect": "effect",
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}


class HclBlocks(HclFile):
    """Statements as blocks."""

    def blocks(self, changes: Sequence[StatementChange]) -> list[Edit]:
        found: list[Edit] = []
        gone: list[Span] = []
        for change in changes:
            node = self.nodes.get((Block, change.statement.place.span))
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
        return found + self.without_blocks(gone)

    def _in_block(self, node: Block, change: StatementChange) -> Edit:
        old, new = statement_json(change.statement), change.new[0]
        indent = layout.indent(self.text, node.start)
        inner = indent + hcl_text.STEP
        edits: list[Edit] = []
        for name, value in new.items():
            if same(old.get(name), value):
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
            opposite = node.body.attributes.get(_ARGUMENTS.get(OPPOSITE.get(name, ""), ""))
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
        return self.rewritten(node.span, edits)

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
