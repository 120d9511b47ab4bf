"""Nested blocks of an instance, `dynamic` ones expanded."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from iamlint.sources.terraform.context import Names
from iamlint.sources.terraform.elements import iteration
from iamlint.sources.terraform.expressions import Context
from iamlint.sources.terraform.folder import Declared
from iamlint.sources.terraform.values import Fail, Failed, Maybe, certain_part, is_null
from iamlint.text import Place, SourceText
from iamlint.tree import Entry, Hole, MapNode, Node, Scalar, Unknown

MAX_BLOCKS = 2000


class Nested(msgspec.Struct, frozen=True, eq=False):
    """One nested block with the names in scope; `open` says why more like it may follow."""

    declared: Declared
    context: Context
    possible: str | None = None
    open: str | None = None

    @property
    def place(self) -> Place:
        return Place(self.declared.source, self.declared.block.span)

    def get(self, name: str) -> Node | None:
        """The value of an argument; None if it is not written or null."""
        found = self.declared.get(name)
        if found is None:
            return None
        value = self.context_in(found.source).eval(found.expr)
        return None if is_null(value) else value

    def context_in(self, source: SourceText) -> Context:
        if source is self.context.source:
            return self.context
        return Context(self.context.module, source, self.context.names)


def nested(declared: Declared, context: Context, kind: str) -> Iterator[Nested]:
    """The blocks of a type in source order; an unknown `for_each` gives one possible block."""
    for block in declared.blocks(kind):
        inner = Context(context.module, block.source, context.names)
        if block.block.type != "dynamic" or kind == "dynamic":
            yield Nested(block, inner)
        else:
            yield from _dynamic(block, inner, kind)


def _dynamic(block: Declared, context: Context, kind: str) -> Iterator[Nested]:
    content = next(iter(block.blocks("content")), None)
    each, iterator = block.get("for_each"), block.get("iterator")
    if content is None or each is None:
        return
    name = kind
    if iterator is not None:
        name = block.source.text[iterator.expr.start : iterator.expr.end].strip('"')
    value = context.eval(each.expr)
    written = context.written(each.expr)
    more: str | None = None
    try:
        pairs, more = iteration(value)
    except Fail as error:
        pairs, more = [], str(error)
    if isinstance(value, Failed):
        more = value.reason
    place = context.place(each.expr)
    for key, item in pairs[:MAX_BLOCKS]:
        inner = certain_part(item)
        names = _iterator(name, place, key, inner)
        why = item.possible if isinstance(item, Maybe) else value.possible
        yield Nested(content, context.with_names(names), why)
    if more is not None:
        scope = context.module.scope
        unknown_key = Unknown(place=place, reason=more, hole=Hole(f"{name}.key", "unknown", scope))
        unknown = Unknown(place=place, reason=more, hole=Hole(f"{name}.value", "unknown", scope))
        names = _iterator(name, place, unknown_key, unknown)
        yield Nested(content, context.with_names(names), f"for an element of `{written}`", more)


def _iterator(name: str, place: Place, key: Node, value: Node) -> Names:
    return {
        name: MapNode(
            place=place,
            entries=(
                Entry(Scalar(place=place, value="key"), key),
                Entry(Scalar(place=place, value="value"), value),
            ),
        )
    }
