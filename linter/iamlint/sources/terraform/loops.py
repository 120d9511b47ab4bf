"""For expressions: one element or entry for each element of a collection, as far as it is known."""

from __future__ import annotations

from iamlint.sources.terraform import ast
from iamlint.sources.terraform.context import Names
from iamlint.sources.terraform.elements import iteration
from iamlint.sources.terraform.references import References
from iamlint.sources.terraform.values import (
    Failed,
    Maybe,
    because,
    bool_of,
    certain_part,
    is_null,
    known,
    maybe,
    text_of,
)
from iamlint.tree import Either, Entry, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown


class Loops(References):
    """Evaluates for expressions, and the keys of the objects that they make."""

    __slots__ = ()

    def _for(self, expr: ast.ForExpr) -> Node:
        collection = self.eval(expr.collection)
        if isinstance(collection, Failed):
            return collection
        pairs, more = iteration(collection)
        if more is not None and not pairs:
            pairs = self._one_possible(expr, more)
        found: list[tuple[Node | None, Node]] = []
        for key, value in pairs:
            why = value.possible if isinstance(value, Maybe) else None
            names: Names = {expr.value_name: certain_part(value)}
            if expr.key_name is not None:
                names[expr.key_name] = key
            inner = self.with_names(names)
            if expr.condition is not None:
                keep = inner.eval(expr.condition)
                if known(keep) and not is_null(keep):
                    if not bool_of(keep):
                        continue
                    why = why or keep.possible
                else:
                    why = why or f"if `{self.written(expr.condition)}`"
            made_key = None if expr.key is None else inner.eval(expr.key)
            made = inner.eval(expr.value)
            found.append(
                (made_key, maybe(made, why) if why and _doubtful(why) else because(made, why))
            )
            if self.module.session.steps < 0:
                return self.unknown(expr, "the evaluation takes too many steps")
        if expr.key is None:
            return ListNode(
                place=self.place(expr), items=tuple(value for _, value in found), open=more
            )
        return self._for_map(expr, found, more)

    def _one_possible(self, expr: ast.ForExpr, reason: str) -> list[tuple[Node, Node]]:
        """For a collection that is not known: one element that stands for all."""
        value: Node = Unknown(
            place=self.place(expr),
            reason=reason,
            hole=Hole(f"{expr.value_name}", "unknown", f"{self.module.scope}:{expr.start}"),
        )
        key: Node = Unknown(
            place=self.place(expr),
            reason=reason,
            hole=Hole(expr.key_name or "key", "unknown", f"{self.module.scope}:{expr.start}"),
        )
        return [(key, maybe(value, f"for an element of `{self.written(expr.collection)}`"))]

    def _for_map(
        self, expr: ast.ForExpr, found: list[tuple[Node | None, Node]], more: str | None
    ) -> Node:
        made: dict[object, Entry] = {}
        for key_node, value in found:
            assert key_node is not None
            key = self._as_key(certain_part(key_node), expr)
            if isinstance(key, Failed):
                return key
            if isinstance(key, Unknown):
                more = more or f"a key is not known: {key.reason}"
                key = Scalar(place=key.place, value=Text((key.hole,)))
            if expr.group:
                old = made.get(key.value)
                items = old.value.items if old and isinstance(old.value, ListNode) else ()
                value = ListNode(place=self.place(expr), items=(*items, value))
            made[key.value] = Entry(key, value)
        return MapNode(place=self.place(expr), entries=tuple(made.values()), open=more)

    def _as_key(self, value: Node, expr: ast.Node) -> Scalar | Unknown:
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Either):
            return self.unknown(expr, "the key hangs on a condition")
        text = text_of(value)
        literal = text.literal
        return Scalar(
            place=value.place,
            possible=value.possible,
            value=text if literal is None else literal,
            style="hcl",
        )


def _doubtful(why: str) -> bool:
    """True for a reason why an element may be missing, not only have another value."""
    return not why.startswith("by default")
