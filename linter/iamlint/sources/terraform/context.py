"""Where an expression is evaluated, and values that hang on undecided conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from iamlint.sources.terraform import ast
from iamlint.sources.terraform.elements import same
from iamlint.sources.terraform.values import (
    Failed,
    Maybe,
    because,
    because_deep,
    bool_of,
    certain_part,
    is_null,
    known,
    text_of,
)
from iamlint.text import Place, SourceText
from iamlint.tree import (
    Either,
    Hole,
    Node,
    Scalar,
    Text,
    Unknown,
)

if TYPE_CHECKING:
    from iamlint.sources.terraform.module import ModuleInstance


Names = dict[str, Node]
Own = TypeVar("Own", bound="Base")


MAX_BRANCHES = 8


class Base:
    """What every context has: a module, a file, the names in scope; and how values are made."""

    __slots__ = ("module", "names", "source")

    def __init__(self, module: ModuleInstance, source: SourceText, names: Names) -> None:
        self.module = module
        self.source = source
        self.names = names

    def place(self, node: ast.Node) -> Place:
        return Place(self.source, node.span)

    def written(self, node: ast.Node) -> str:
        """The expression as written, on one line and not too long."""
        text = self.source.text[node.start : node.end]
        if len(text) > 400:
            text = text[:200] + "…"
        if "\n" in text or "  " in text:
            text = " ".join(text.split())
        return text if len(text) <= 100 else text[:99] + "…"

    def failed(self, node: ast.Node, reason: str) -> Failed:
        hole = Hole(self.written(node), "unknown", self.module.scope)
        return Failed(place=self.place(node), reason=reason, hole=hole)

    def unknown(
        self, node: ast.Node, reason: str, kind: Any = "unknown", possible: str | None = None
    ) -> Unknown:
        hole = Hole(self.written(node), kind, self.module.scope)
        return Unknown(place=self.place(node), reason=reason, hole=hole, possible=possible)

    def scalar(self, node: ast.Node, value: str | Text | float | bool | None) -> Scalar:
        return Scalar(place=self.place(node), value=value)

    def with_names(self: Own, names: Names) -> Own:
        return type(self)(self.module, self.source, {**self.names, **names})

    def lift(self, expr: ast.Node, value: Node, apply: Callable[[Node], Node]) -> Node:
        """Apply to each branch of an undecided value; equal results become one."""
        if isinstance(value, Maybe):
            value = certain_part(value)
        if not isinstance(value, Either):
            return apply(value)
        results = [because(apply(branch), branch.possible) for branch in value.branches]
        good = [result for result in results if not isinstance(result, Failed)]
        if not good:
            return results[0]
        if all(same(good[0], other) for other in good[1:]):
            return because(good[0], None)
        if any(not known(result) for result in good):
            return self.unknown(expr, f"it hangs on `{value.condition}`")
        return Either(place=self.place(expr), branches=tuple(good), condition=value.condition)

    def lift_any(self, expr: ast.Node, value: Node, apply: Callable[[Node], Node]) -> Node:
        """As `_lift`, for results of any kind."""
        if isinstance(value, Maybe):
            return apply(certain_part(value))
        assert isinstance(value, Either)
        results = [
            because(apply(branch), branch.possible)
            for branch in value.branches
            if not is_null(branch)
        ]
        good = [result for result in results if not isinstance(result, Failed)]
        if not good:
            return results[0] if results else self.failed(expr, "a null value")
        if len(good) == 1:
            return good[0]
        return Either(place=self.place(expr), branches=tuple(good), condition=value.condition)

    def choose(
        self,
        condition: Node,
        written: str,
        then: Callable[[], Node],
        otherwise: Callable[[], Node],
        place: Place,
    ) -> Node:
        """One of two values, or both where the condition is not known."""
        if known(condition) and not is_null(condition):
            chosen = then() if bool_of(condition) else otherwise()
            if (
                isinstance(chosen, Scalar)
                and isinstance(chosen.value, (bool, int, float))
                and isinstance(other := otherwise() if bool_of(condition) else then(), Scalar)
                and other.text is not None
            ):
                # Both branches have one type: a number beside a string is a string.
                chosen = Scalar(
                    place=chosen.place, value=text_of(chosen).literal, possible=chosen.possible
                )
            return because_deep(chosen, condition.possible)
        if isinstance(condition, Failed):
            first, second = then(), otherwise()
            if isinstance(first, Failed) and isinstance(second, Failed):
                return condition
        else:
            first, second = then(), otherwise()
        if same(first, second):
            return first
        if isinstance(first, Failed) and isinstance(second, Failed):
            return first
        branches = (because(first, f"if `{written}`"), because(second, f"unless `{written}`"))
        return Either(place=place, branches=branches, condition=written)

    def eval(self, expr: ast.Expr) -> Node:
        """The value of an expression."""
        raise NotImplementedError
