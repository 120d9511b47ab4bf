"""The value of an expression: literals, templates, operators, calls, loops."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from iamlint.sources.terraform import ast
from iamlint.sources.terraform.arithmetic import COMPARE, calculate, exactly, tidy
from iamlint.sources.terraform.elements import elements
from iamlint.sources.terraform.equality import equality
from iamlint.sources.terraform.functions import Call, call
from iamlint.sources.terraform.loops import Loops
from iamlint.sources.terraform.templates import render_parts
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Failed,
    Maybe,
    Reference,
    because,
    bool_of,
    is_null,
    kind_name,
    known,
    number_of,
    reason_of,
    wholly_known,
)
from iamlint.tree import (
    Either,
    Entry,
    ListNode,
    MapNode,
    Node,
    Scalar,
    Unknown,
)

MAX_WEIGHT = 200_000
"""How many nodes a value may have, shared ones counted each time."""


_COMPOSITE = (ListNode, MapNode, Encoded, Either, Maybe)


class Context(Loops):
    """Evaluates expressions in a module, a file, and the names in scope there."""

    __slots__ = ()

    def eval(self, expr: ast.Expr) -> Node:
        """The value; never raises but for RecursionError, which the caller's border catches."""
        session = self.module.session
        session.steps -= 1
        if session.steps < 0:
            return self.unknown(expr, "the evaluation takes too many steps")
        try:
            value = _EVALUATE[type(expr)](self, expr)
            if isinstance(value, _COMPOSITE) and session.weight(value) > MAX_WEIGHT:
                return self.unknown(expr, "the value is too large")
        except Fail as error:
            return self.failed(expr, str(error))
        return value

    def _literal(self, expr: ast.Literal) -> Node:
        value = expr.value
        if isinstance(value, float):
            if not isfinite(value):
                raise Fail("the number is too large")
            if value.is_integer():
                value = int(value)
        return self.scalar(expr, value)

    def _template(self, expr: ast.TemplateExpr | ast.Heredoc) -> Node:
        parts = expr.parts
        if len(parts) == 1 and isinstance(parts[0], ast.TemplateLiteral):
            head = parts[0].value
            if head[:1] not in " \n\t\r{[":
                return Scalar(place=self.place(expr), value=head, style="hcl")
        elif not parts:
            return Scalar(place=self.place(expr), value="", style="hcl")
        elif (
            len(parts) == 1
            and isinstance(parts[0], ast.Interpolation)
            and isinstance(expr, ast.TemplateExpr)
        ):
            return self.eval(parts[0].expr)
        return render_parts(self, parts, self.place(expr))

    def _parens(self, expr: ast.Parens) -> Node:
        return self.eval(expr.expr)

    def _identifier(self, expr: ast.Identifier) -> Node:
        return self.scalar(expr, expr.name)

    def _given(self, expr: ast.Given) -> Node:
        return expr.value

    def _tuple(self, expr: ast.TupleExpr) -> Node:
        return ListNode(place=self.place(expr), items=tuple(map(self.eval, expr.items)), flow=True)

    def _object(self, expr: ast.ObjectExpr) -> Node:
        made: list[Entry] = []
        more: str | None = None
        for item in expr.items:
            key = self._key(item.key)
            if isinstance(key, Unknown):
                more = more or f"a key is not known: {key.reason}"
                continue
            made.append(Entry(key, self.eval(item.value)))
        return MapNode(place=self.place(expr), entries=tuple(made), open=more, flow=True)

    def _key(self, expr: ast.Expr) -> Scalar | Unknown:
        if isinstance(expr, ast.Identifier):
            return self.scalar(expr, expr.name)
        if isinstance(expr, ast.Variable):
            return self.scalar(expr, expr.name)
        return self._as_key(self.eval(expr), expr)

    def _unary(self, expr: ast.Unary) -> Node:
        operand = self.eval(expr.operand)

        def apply(value: Node) -> Node:
            if isinstance(value, Failed):
                return value
            if not known(value):
                return self.unknown(expr, _why(value), possible=value.possible)
            made: bool | float = (
                not bool_of(value) if expr.operator == "!" else tidy(-exactly(number_of(value)))
            )
            return because(self.scalar(expr, made), value.possible)

        return self.lift(expr, operand, apply)

    def _binary(self, expr: ast.Binary) -> Node:
        left = self.eval(expr.left)
        if expr.operator in ("&&", "||"):
            stop = expr.operator == "||"
            if known(left) and not is_null(left) and bool_of(left) is stop:
                return because(self.scalar(expr, stop), left.possible)
            right = self.eval(expr.right)
            if known(right) and not is_null(right) and bool_of(right) is stop:
                return because(self.scalar(expr, stop), right.possible)
        else:
            right = self.eval(expr.right)
        return self.lift(
            expr, left, lambda one: self.lift(expr, right, lambda two: self._apply(expr, one, two))
        )

    def _apply(self, expr: ast.Binary, left: Node, right: Node) -> Node:
        for side in (left, right):
            if isinstance(side, Failed):
                return side
        sign = expr.operator
        possible = reason_of(left, right)
        if sign in ("==", "!="):
            equal = equality(left, right)
            if equal is None:
                reason = _why(left) if not wholly_known(left) else _why(right)
                return self.unknown(expr, reason, possible=possible)
            return because(self.scalar(expr, equal is (sign == "==")), possible)
        for side in (left, right):
            if isinstance(side, (ListNode, MapNode, Reference)):
                raise Fail(f"{kind_name(side)} where a primitive is needed")
        if not known(left) or not known(right):
            return self.unknown(
                expr, _why(left) if not known(left) else _why(right), possible=possible
            )
        made: float
        if sign in ("&&", "||"):
            one, two = bool_of(left), bool_of(right)
            made = (one and two) if sign == "&&" else (one or two)
        elif sign in COMPARE:
            made = COMPARE[sign](exactly(number_of(left)), exactly(number_of(right)))
        else:
            made = calculate(sign, number_of(left), number_of(right))
        return because(self.scalar(expr, made), possible)

    def _conditional(self, expr: ast.Conditional) -> Node:
        return self.choose(
            self.eval(expr.condition),
            self.written(expr.condition),
            lambda: self.eval(expr.then),
            lambda: self.eval(expr.otherwise),
            self.place(expr),
        )

    def _call(self, expr: ast.FunctionCall) -> Node:
        if expr.name.removeprefix("core::") == "convert" and len(expr.args) == 2:
            # Its second argument is a type, not a value.
            from iamlint.sources.terraform.types import Converter, read_type

            return Converter(self.eval).convert(self.eval(expr.args[0]), read_type(expr.args[1]))
        args = list(map(self.eval, expr.args))
        if expr.expand and args:
            last = args.pop()
            if isinstance(last, Failed):
                return last
            if isinstance(last, Unknown):
                return self._open_call(expr, args, last.reason)
            found, more = elements(last)
            if more is not None:
                return self._open_call(expr, args + found, more)
            args += found
        return call(
            Call(expr.name, tuple(args), self.place(expr), self.written(expr), self.module.host)
        )

    def _open_call(self, expr: ast.FunctionCall, args: list[Node], reason: str) -> Node:
        """A call with more arguments than are known: what is open stays open."""
        if expr.name in ("concat", "merge", "setunion") and args:
            value = call(
                Call(expr.name, tuple(args), self.place(expr), self.written(expr), self.module.host)
            )
            if isinstance(value, (ListNode, MapNode)) and value.open is None:
                import msgspec

                opened: Node = msgspec.structs.replace(value, open=reason)
                return opened
            return value
        if expr.name in ("concat", "setunion"):
            return ListNode(place=self.place(expr), items=(), open=reason)
        if expr.name == "merge":
            return MapNode(place=self.place(expr), entries=(), open=reason)
        return self.unknown(expr, reason)


def _why(node: Node) -> str:
    if isinstance(node, Unknown):
        return node.reason
    if isinstance(node, Scalar):
        return f"`{node.value}` is not known"
    if isinstance(node, (ListNode, MapNode)) and node.open:
        return node.open
    return "its value is not wholly known"


_EVALUATE: dict[type, Callable[[Context, Any], Node]] = {
    ast.Literal: Context._literal,
    ast.TemplateExpr: Context._template,
    ast.Heredoc: Context._template,
    ast.TupleExpr: Context._tuple,
    ast.ObjectExpr: Context._object,
    ast.ForExpr: Context._for,
    ast.Conditional: Context._conditional,
    ast.Binary: Context._binary,
    ast.Unary: Context._unary,
    ast.FunctionCall: Context._call,
    ast.Variable: Context._variable,
    ast.GetAttr: Context._get_attr,
    ast.Index: Context._index,
    ast.Splat: Context._splat,
    ast.SplatItem: Context._splat_item,
    ast.Parens: Context._parens,
    ast.Identifier: Context._identifier,
    ast.Given: Context._given,
}
