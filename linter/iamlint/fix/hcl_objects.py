"""Edits of statements that are HCL objects, as they stand under `jsonencode`."""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.fix import hcl_removal, hcl_text, layout
from iamlint.fix.hcl_file import OPPOSITE, HclFile, same
from iamlint.fix.hcl_list import edited_list
from iamlint.fix.language import CannotEdit, Shown, StatementChange, Value
from iamlint.iam.encode import statement_json
from iamlint.sources.terraform.ast import (
    Expr,
    ForExpr,
    Identifier,
    Node,
    ObjectExpr,
    ObjectItem,
    TemplateExpr,
    TupleExpr,
)
from iamlint.text import Edit, Span


class HclObjects(HclFile):
    """Statements as objects."""

    def objects(self, changes: Sequence[StatementChange]) -> list[Edit]:
        found: list[Edit] = []
        gone: dict[int, tuple[TupleExpr, set[int]]] = {}
        for change in changes:
            node = self.nodes.get((ObjectExpr, change.statement.place.span))
            if not isinstance(node, ObjectExpr):
                raise CannotEdit("a statement is not written as an object")
            self._refuse_made_by_for(node)
            above = self.parents.get(id(node))
            if not change.new:
                if not isinstance(above, TupleExpr):
                    raise CannotEdit("no statement would be left")
                gone.setdefault(id(above), (above, set()))[1].add(above.items.index(node))
                continue
            found.append(self._object(node, change))
            found += self._objects_after(node, above, change.new[1:])
        for container, indexes in gone.values():
            found += self.without_items(container.items, indexes)
        return found

    def _refuse_made_by_for(self, node: Node) -> None:
        """What a `for` makes is one text for several statements."""
        above = self.parents.get(id(node))
        while above is not None:
            if isinstance(above, ForExpr):
                raise CannotEdit("a statement is made by a `for` expression")
            above = self.parents.get(id(above))

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
            opposite = written.get(OPPOSITE.get(name, ""))
            if item is None and opposite is not None and _key(opposite) not in new:
                edits.append(Edit(opposite.key.span, hcl_text.key(name)))
                item = opposite
            elif item is not None and same(old.get(name), value):
                continue
            if item is None:
                added[name] = self._item_head(node, name) + hcl_text.render(
                    value, inner, self.newline
                )
            else:
                shown = change.shown(_key(item))
                edits.append(Edit(item.value.span, self._value(item.value, value, inner, shown)))
        kept = set(new) | {OPPOSITE.get(name, "") for name in new}
        if any(name not in kept for name in written):
            raise CannotEdit("an element of a statement would fall away")
        return self.rewritten(node.span, edits + self._added_items(node, added, inner, own_lines))

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


def _key(item: ObjectItem) -> str:
    if isinstance(item.key, Identifier):
        return item.key.name
    if isinstance(item.key, TemplateExpr) and item.key.literal is not None:
        return item.key.literal
    raise CannotEdit("a key of a statement is an expression")
