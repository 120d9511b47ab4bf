"""Variable types: reading a type constraint, converting a value to it, shaping an unknown by it."""

from __future__ import annotations

from typing import Literal

import msgspec

from iamlint.sources.terraform import ast
from iamlint.sources.terraform.elements import elements, entries, set_of
from iamlint.sources.terraform.parser import parse_expression
from iamlint.sources.terraform.scanner import HclSyntaxError
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Failed,
    Maybe,
    Reference,
    bool_of,
    is_null,
    known,
    number_of,
    text_of,
)
from iamlint.text import Place, SourceText
from iamlint.tree import Either, Entry, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

Name = Literal["any", "string", "number", "bool", "list", "set", "map", "object", "tuple"]
MAX_DEPTH = 40


class Attribute(msgspec.Struct, frozen=True, eq=False):
    """An attribute of an object type; `default` is the expression in `optional(type, default)`."""

    type: Type
    optional: bool = False
    default: ast.Expr | None = None


class Type(msgspec.Struct, frozen=True, eq=False):
    """A type constraint; `inner` is the element type of a collection."""

    name: Name
    inner: Type | None = None
    attributes: dict[str, Attribute] = {}
    items: tuple[Type, ...] = ()


ANY = Type("any")


def read_type(expr: ast.Expr | None, depth: int = 0) -> Type:
    """The type that an expression states; what is no type is `any`."""
    if depth > MAX_DEPTH:
        return ANY
    if isinstance(expr, ast.TemplateExpr) and expr.literal in ("string", "list", "map"):
        # `type = "string"`, of Terraform 0.11
        if expr.literal == "string":
            return Type("string")
        return Type("list", ANY) if expr.literal == "list" else Type("map", ANY)
    if isinstance(expr, ast.TemplateExpr) and expr.literal:  # JSON syntax: a type in a string
        try:
            return read_type(parse_expression(SourceText("", expr.literal)), depth + 1)
        except HclSyntaxError:
            return ANY
    if isinstance(expr, ast.Variable):
        if expr.name in ("string", "number", "bool"):
            return Type(expr.name)  # type: ignore[arg-type]
        if expr.name in ("list", "set", "map"):
            return Type(expr.name, ANY)  # type: ignore[arg-type]
        return ANY
    if not isinstance(expr, ast.FunctionCall) or not expr.args:
        return ANY
    first = expr.args[0]
    if expr.name in ("list", "set", "map"):
        return Type(expr.name, read_type(first, depth + 1))  # type: ignore[arg-type]
    if expr.name == "tuple" and isinstance(first, ast.TupleExpr):
        return Type("tuple", items=tuple(read_type(item, depth + 1) for item in first.items))
    if expr.name == "object" and isinstance(first, ast.ObjectExpr):
        found: dict[str, Attribute] = {}
        for item in first.items:
            name = _key(item.key)
            if name is not None:
                found[name] = _attribute(item.value, depth + 1)
        return Type("object", attributes=found)
    return ANY


def _key(expr: ast.Expr) -> str | None:
    if isinstance(expr, (ast.Identifier, ast.Variable)):
        return expr.name
    return expr.literal if isinstance(expr, ast.TemplateExpr) else None


def _attribute(expr: ast.Expr, depth: int) -> Attribute:
    if isinstance(expr, ast.FunctionCall) and expr.name == "optional" and expr.args:
        default = expr.args[1] if len(expr.args) > 1 else None
        return Attribute(read_type(expr.args[0], depth), True, default)
    return Attribute(read_type(expr, depth))


class Converter:
    """Converts values to a type; `evaluate` gives the value of an `optional()` default."""

    def __init__(self, evaluate: object) -> None:
        self.evaluate = evaluate

    def convert(self, node: Node, wanted: Type) -> Node:
        """The value as Terraform converts it; Failed where it refuses."""
        try:
            return self._convert(node, wanted)
        except Fail as error:
            return Failed(place=node.place, reason=str(error), hole=Hole("…"))

    def _convert(self, node: Node, wanted: Type) -> Node:
        name = wanted.name
        if name == "any" or is_null(node) or isinstance(node, Failed):
            return node
        if isinstance(node, Either):
            return msgspec.structs.replace(
                node, branches=tuple(self.convert(branch, wanted) for branch in node.branches)
            )
        if isinstance(node, Maybe):
            return msgspec.structs.replace(node, value=self.convert(node.value, wanted))
        if isinstance(node, Unknown):
            return unknown_of(wanted, node.hole, node.place, node.reason, node.possible)
        if isinstance(node, Reference):
            return node
        if name in ("string", "number", "bool"):
            return _primitive(node, name)
        if name in ("list", "set"):
            items, more = elements(node)
            converted = [self._convert(item, wanted.inner or ANY) for item in items]
            if name == "set":
                return set_of(node.place, converted, more=more, possible=node.possible)
            return ListNode(
                place=node.place, items=tuple(converted), open=more, possible=node.possible
            )
        if name == "tuple":
            items, more = elements(node)
            if more is None and len(items) != len(wanted.items):
                raise Fail("the tuple has another length")
            return ListNode(
                place=node.place,
                items=tuple(map(self._convert, items, wanted.items)),
                open=more,
                possible=node.possible,
            )
        found, more = entries(node)
        if name == "map":
            return MapNode(
                place=node.place,
                possible=node.possible,
                open=more,
                entries=tuple(
                    Entry(entry.key, self._convert(entry.value, wanted.inner or ANY))
                    for entry in found
                ),
            )
        return self._object(node, found, more, wanted)

    def _object(self, node: Node, found: list[Entry], more: str | None, wanted: Type) -> MapNode:
        given = {entry.key.value: entry for entry in found}
        made: list[Entry] = []
        for name, attribute in wanted.attributes.items():
            entry = given.get(name)
            value = entry.value if entry else None
            key = entry.key if entry else Scalar(place=node.place, value=name)
            if value is None or (attribute.default is not None and is_null(value)):
                if not attribute.optional and value is None:
                    if more is None:
                        raise Fail(f"the attribute `{name}` is missing")
                    hole = Hole(name)
                    made.append(
                        Entry(key, unknown_of(attribute.type, hole, node.place, more, None))
                    )
                    continue
                if attribute.default is not None:
                    default: Node = self.evaluate(attribute.default)  # type: ignore[operator]
                    value = default
                else:
                    value = Scalar(place=node.place, value=None)
            made.append(Entry(key, self._convert(value, attribute.type)))
        return MapNode(place=node.place, possible=node.possible, entries=tuple(made))


def _primitive(node: Node, name: str) -> Node:
    if not isinstance(node, (Scalar, Encoded)):
        raise Fail(f"a {name} is needed")
    if isinstance(node, Encoded) or not known(node):
        return node
    if name == "string":
        if isinstance(node.value, str):
            return node
        return Scalar(place=node.place, value=text_of(node).literal, possible=node.possible)
    value = number_of(node) if name == "number" else bool_of(node)
    return Scalar(place=node.place, value=value, possible=node.possible)


def unknown_of(wanted: Type, hole: Hole, place: Place, reason: str, possible: str | None) -> Node:
    """An unknown value of a type: a hole, an open collection, an object of unknowns."""
    if wanted.name == "string":
        return Scalar(place=place, value=Text((hole,)), possible=possible)
    if wanted.name == "list":
        return ListNode(place=place, items=(), open=reason, possible=possible)
    if wanted.name == "set":
        return set_of(place, (), more=reason, possible=possible)
    if wanted.name == "map":
        return MapNode(place=place, entries=(), open=reason, possible=possible)
    if wanted.name == "object":
        return MapNode(
            place=place,
            possible=possible,
            entries=tuple(
                Entry(
                    Scalar(place=place, value=name),
                    unknown_of(
                        attribute.type,
                        Hole(f"{hole.name}.{name}", hole.kind, hole.scope),
                        place,
                        reason,
                        possible,
                    ),
                )
                for name, attribute in wanted.attributes.items()
            ),
        )
    return Unknown(place=place, reason=reason, hole=hole, possible=possible)
