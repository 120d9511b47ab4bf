"""`count` and `for_each`: one instance for each element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from iamlint.sources.terraform import ast
from iamlint.sources.terraform.context import Names
from iamlint.sources.terraform.elements import iteration
from iamlint.sources.terraform.expressions import Context
from iamlint.sources.terraform.folder import Declared
from iamlint.sources.terraform.instance import Instance
from iamlint.sources.terraform.values import (
    Fail,
    Failed,
    certain_part,
    is_null,
    known,
    number_of,
    text_of,
)
from iamlint.text import Place
from iamlint.tree import Either, Entry, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

if TYPE_CHECKING:
    from iamlint.sources.terraform.module import ModuleInstance


MAX_INSTANCES = 1000
"""How many instances of one block are told apart."""


def expand(module: ModuleInstance, declared: Declared, shown: str, mode: str) -> list[Instance]:
    """One instance for each element of `count` or `for_each`."""
    prefix = f"{module.address}." if module.address else ""
    context = module.context(declared.source)

    def make(
        suffix: str, key: Any, names: Names, possible: str | None, more: str | None = None
    ) -> Instance:
        return Instance(
            module,
            declared,
            mode,
            f"{prefix}{shown}{suffix}",
            f"{shown}{suffix}",
            key,
            names,
            possible or module.possible,
            more,
        )

    count, each = declared.get("count"), declared.get("for_each")
    if count is not None:
        context = module.context(count.source)
        return _counted(make, context, context.eval(count.expr), count.expr)
    if each is not None:
        context = module.context(each.source)
        return _for_each(make, context, context.eval(each.expr), each.expr)
    return [make("", None, {}, None)]


def _counted(make: Any, context: Context, value: Node, expr: ast.Expr) -> list[Instance]:
    place = context.place(expr)
    possible = value.possible
    if isinstance(value, Either):
        numbers = value.branches
        tops = _tops(numbers)
        if tops:
            low, high = min(tops), min(max(tops), MAX_INSTANCES)
            why = next(
                (b.possible for b, top in zip(numbers, tops, strict=True) if top == max(tops)),
                f"if `{value.condition}`",
            )
            return _noted(
                max(tops),
                [
                    make(f"[{i}]", i, _count(place, i), None if i < low else why)
                    for i in range(high)
                ],
            )
    if isinstance(value, Scalar) and known(value) and not is_null(value):
        try:
            number = int(number_of(value))
        except Fail:
            number = -1
        if number == 0 and possible is not None and possible.startswith("by default"):
            # Who sets the variable gets it; so it is read, as one that is there only then.
            against = f"against {possible.removeprefix('by default of').strip()}'s default"
            hidden = make("[0]", 0, _count(place, 0), against)
            hidden.against = True
            return [hidden]
        if number >= 0:
            return _noted(
                number,
                [
                    make(f"[{i}]", i, _count(place, i), possible)
                    for i in range(min(number, MAX_INSTANCES))
                ],
            )
    hole = Hole("count.index", "name", context.module.scope)
    index = Scalar(place=place, value=Text((hole,)))
    names: Names = {
        "count": MapNode(place=place, entries=(Entry(Scalar(place=place, value="index"), index),))
    }
    why = f"if `{context.written(expr)}` is not 0"
    return [make("[0]", None, names, why, why)]


def _tops(branches: Sequence[Node]) -> list[int]:
    """The count that each branch gives; empty unless all are known whole numbers."""
    if not all(known(branch) and not is_null(branch) for branch in branches):
        return []
    try:
        tops = [int(number_of(branch)) for branch in branches]
    except Fail:
        return []
    return tops if min(tops) >= 0 else []


def _for_each(make: Any, context: Context, value: Node, expr: ast.Expr) -> list[Instance]:
    place = context.place(expr)
    more: str | None = None
    made: list[Instance] = []
    try:
        pairs, more = iteration(value)
    except Fail:
        pairs, more = [], "its `for_each` could not be evaluated"
    if isinstance(value, Failed):
        more = value.reason
    for key, item in pairs[:MAX_INSTANCES]:
        inner = certain_part(item)
        if isinstance(value, ListNode):
            key = inner  # a set's elements are its keys (and a list is taken for a set)
        simple = isinstance(key, (Scalar, Unknown)) and not is_null(key)
        text = text_of(key) if simple else Text((Hole("each.key"),))
        literal = text.literal
        label = literal if literal is not None else str(text)
        why = item.possible or value.possible
        names = _each(place, key, inner)
        quoted = label.replace("\\", "\\\\").replace('"', '\\"')
        made.append(make(f'["{quoted}"]', text, names, why))
    if more is not None and not made:
        key = Scalar(place=place, value=Text((Hole("each.key", "name", context.module.scope),)))
        item = Unknown(
            place=place, reason=more, hole=Hole("each.value", "unknown", context.module.scope)
        )
        why = f"for an element of `{context.written(expr)}`"
        made.append(make('["‹each.key›"]', key.value, _each(place, key, item), why, more))
    elif more is not None and made:
        made[-1].open = more
    return _noted(len(pairs), made)


def _noted(number: int, made: list[Instance]) -> list[Instance]:
    """The instances; if there are more than are told apart, the last one says so."""
    if made and number > len(made):
        made[-1].open = f"only {len(made)} of its {number} instances were read"
        made[-1].cut = True
    return made


def _count(place: Place, index: int) -> Names:
    key = Scalar(place=place, value="index")
    return {"count": MapNode(place=place, entries=(Entry(key, Scalar(place=place, value=index)),))}


def _each(place: Place, key: Node, value: Node) -> Names:
    return {
        "each": MapNode(
            place=place,
            entries=(
                Entry(Scalar(place=place, value="key"), key),
                Entry(Scalar(place=place, value="value"), value),
            ),
        )
    }
