"""python-hcl2's raw Lark tree, adapted to our syntax tree.

Strings and heredocs are read again from the source text by our own parser, for python-hcl2 loses
what is inside of some; where the two disagree about where one ends, its answer is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from iamlint.sources.terraform.ast import (
    Attribute,
    Binary,
    BinaryOperator,
    Block,
    Comment,
    Conditional,
    Expr,
    ForExpr,
    FunctionCall,
    GetAttr,
    Heredoc,
    Identifier,
    Index,
    Interpolation,
    Label,
    Literal,
    ObjectExpr,
    ObjectItem,
    Parens,
    Part,
    Splat,
    SplatItem,
    TemplateExpr,
    TemplateLiteral,
    TupleExpr,
    Unary,
    Variable,
)
from iamlint.sources.terraform.body_syntax import body_of
from iamlint.sources.terraform.parser import Parser
from iamlint.sources.terraform.scanner import MAX_DEPTH, HclSyntaxError
from iamlint.sources.terraform.simple_values import KEYWORDS, number_value
from iamlint.sources.terraform.strings import BadEscape, decode_quoted

if TYPE_CHECKING:
    from lark import Token, Tree


class Refused(Exception):
    """python-hcl2's tree cannot be trusted here, or has something that it leaves unread."""


class Stretch:
    """Lark trees of one stretch of text to our nodes; `base` is where the stretch begins."""

    def __init__(self, text: str, base: int, end: int) -> None:
        self.text = text
        self.base = base
        self.parser = Parser(text[:end] + "\n")
        self.items: list[Attribute | Block] = []
        self.comments: list[Comment] = []

    def comment(self, token: Token) -> None:
        raw = str(token)
        kind = "/*" if raw.startswith("/*") else "//" if raw.startswith("//") else raw[:1]
        if kind in ("#", "//", "/*"):
            start = self.at(token)
            end = start + len(raw.rstrip("\r\n"))
            self.comments.append(Comment(start, end, cast(Any, kind)))

    def at(self, token: Token) -> int:
        return self.base + cast(int, token.start_pos)

    # ---- Structure -------------------------------------------------------------------------

    def body(self, tree: Tree[Token], depth: int) -> list[Attribute | Block]:
        if depth > MAX_DEPTH:
            raise Refused
        items: list[Attribute | Block] = []
        for child in _parts(tree):
            if child.data == "attribute":
                items.append(self.attribute(child))
            elif child.data == "block":
                items.append(self.block(child, depth))
            else:
                raise Refused
        return items

    def attribute(self, tree: Tree[Token]) -> Attribute:
        name, _, value = _parts(tree)
        token = _token(name)
        expr = self.expr(value, 0)
        self.parser.check_height(expr)
        start = self.at(token)
        return Attribute(start, expr.end, str(token), start + len(token), expr)

    def block(self, tree: Tree[Token], depth: int) -> Block:
        head, *labels, _, body, closing = _parts(tree)
        token = _token(head)
        start = self.at(token)
        names: list[Label] = []
        for label in labels:
            if label.data == "string":
                string = self.string(label, 0)
                if string.literal is None:
                    raise Refused
                names.append(Label(string.start, string.end, string.literal))
            else:
                name = _token(label)
                at = self.at(name)
                names.append(Label(at, at + len(name), str(name)))
        header_end = names[-1].end if names else start + len(token)
        brace, end = self.text.index("{", header_end), self.at(closing)
        inside = body_of(brace + 1, end, self.body(body, depth + 1))
        return Block(start, end + 1, str(token), tuple(names), header_end, inside)

    # ---- Expressions -----------------------------------------------------------------------

    def expr(self, tree: Tree[Token], depth: int) -> Expr:
        if depth > MAX_DEPTH * 2:
            raise Refused
        read = _READERS.get(str(tree.data))
        if read is None:
            raise Refused
        return read(self, tree, depth + 1)

    def term(self, tree: Tree[Token], depth: int) -> Expr:
        parts = _parts(tree)
        if len(parts) == 3:
            inner = self.expr(parts[1], depth)
            return Parens(self.at(parts[0]), self.at(parts[2]) + 1, inner)
        return self.expr(parts[0], depth)

    def number(self, tree: Tree[Token], depth: int) -> Expr:
        token = _token(tree)
        start, digits = self.at(token), str(token)
        end = start + len(digits)
        if digits.startswith("-"):
            return Unary(start, end, "-", Literal(start + 1, end, number_value(digits[1:])))
        return Literal(start, end, number_value(digits))

    def word(self, tree: Tree[Token], depth: int) -> Expr:
        token = _token(tree)
        start, name = self.at(token), str(token)
        if name in KEYWORDS:
            return Literal(start, start + len(name), KEYWORDS[name])
        return Variable(start, start + len(name), name)

    def string(self, tree: Tree[Token], depth: int) -> TemplateExpr:
        parts = _parts(tree)
        start, end = self.at(parts[0]), self.at(parts[-1]) + 1
        try:
            ours = self.parser.quoted(start, 0)
        except HclSyntaxError:
            pieces = tuple(self.piece(part.children[0], depth) for part in parts[1:-1])
            return TemplateExpr(start, end, pieces)
        if ours.end != end:
            raise Refused
        return ours

    def piece(self, part: Tree[Token] | Token, depth: int) -> Part:
        """A part of a string that our parser rejects: an unknown escape stands for itself."""
        if not hasattr(part, "data"):
            raw = str(part)
            start = self.at(part)
            if "${" in raw[3:] or "%{" in raw[3:]:
                raise Refused
            try:
                value = decode_quoted(raw)
            except BadEscape:
                value = raw
            return TemplateLiteral(start, start + len(raw), value)
        tree = cast("Tree[Token]", part)
        if tree.data != "interpolation":
            raise Refused
        opening, inner, closing = _parts(tree)
        return Interpolation(self.at(opening), self.at(closing) + 1, self.expr(inner, depth))

    def heredoc(self, tree: Tree[Token], depth: int) -> Heredoc:
        token = _token(tree)
        start = self.at(token)
        ours = self.parser.heredoc(start, 0)
        if self.text[ours.end : start + len(token)].strip():
            raise Refused  # it took later lines, and blocks in them, for a part of the heredoc
        return ours

    def binary(self, tree: Tree[Token], depth: int) -> Expr:
        first, rest = _parts(tree)
        left = self.expr(first, depth)
        sign, second = _parts(rest)
        right = self.expr(second, depth)
        # A comment before the operator is part of its token.
        operator = cast(BinaryOperator, str(_token(sign)).split("\n")[-1].strip())
        return Binary(left.start, right.end, operator, left, right)

    def unary(self, tree: Tree[Token], depth: int) -> Expr:
        sign, term = _parts(tree)
        operand = self.expr(term, depth)
        return Unary(self.at(sign), operand.end, cast(Any, str(sign)), operand)

    def conditional(self, tree: Tree[Token], depth: int) -> Expr:
        condition, then, otherwise = (self.expr(part, depth) for part in _trees(tree))
        return Conditional(condition.start, otherwise.end, condition, then, otherwise)

    def call(self, tree: Tree[Token], depth: int) -> Expr:
        names = [_token(part) for part in _trees(tree) if part.data == "identifier"]
        args: list[Expr] = []
        expand = False
        for part in _trees(tree):
            if part.data == "arguments":
                args = [self.expr(arg, depth) for arg in _trees(part)]
                expand = any(getattr(arg, "type", "") == "ELLIPSIS" for arg in part.children)
        closing = _parts(tree)[-1]
        name = "::".join(str(token) for token in names)
        return FunctionCall(self.at(names[0]), self.at(closing) + 1, name, tuple(args), expand)

    def tuple(self, tree: Tree[Token], depth: int) -> Expr:
        parts = _parts(tree)
        items = tuple(self.expr(part, depth) for part in _trees(tree))
        return TupleExpr(self.at(parts[0]), self.at(parts[-1]) + 1, items)

    def object(self, tree: Tree[Token], depth: int) -> Expr:
        parts = _parts(tree)
        items: list[ObjectItem] = []
        for part in _trees(tree):
            first, _, second = _parts(part)
            key = self.key(first.children[0], depth)
            value = self.expr(second, depth)
            items.append(ObjectItem(key.start, value.end, key, value))
        return ObjectExpr(self.at(parts[0]), self.at(parts[-1]) + 1, tuple(items))

    def key(self, tree: Tree[Token], depth: int) -> Expr:
        if tree.data == "keyword":
            token = _token(tree)
            return Identifier(self.at(token), self.at(token) + len(token), str(token))
        key = self.expr(tree, depth)
        written = self.text[key.start : key.end]
        if isinstance(key, Variable) or (isinstance(key, Literal) and written in KEYWORDS):
            return Identifier(key.start, key.end, written)
        return key

    def for_(self, tree: Tree[Token], depth: int) -> Expr:
        parts = _parts(tree)
        intro, *results = _trees(tree)
        names = [str(_token(part)) for part in _trees(intro) if part.data == "identifier"]
        # The collection may itself be a plain word, then it is an `expr_term`, not a name.
        collection = self.expr(_trees(intro)[-1], depth)
        condition = None
        if results[-1].data == "for_cond":
            condition = self.expr(_trees(results.pop())[-1], depth)
        values = [self.expr(result, depth) for result in results]
        return ForExpr(
            self.at(parts[0]),
            self.at(parts[-1]) + 1,
            names[0] if len(names) == 2 else None,
            names[-1],
            collection,
            values[0] if len(values) == 2 else None,
            values[-1],
            condition,
            any(getattr(part, "type", "") == "ELLIPSIS" for part in parts),
        )

    # ---- Traversals ------------------------------------------------------------------------

    def step(self, tree: Tree[Token], depth: int) -> Expr:
        target, step = _parts(tree)
        return self.extend(self.expr(target, depth), step, depth)

    def splat(self, tree: Tree[Token], depth: int) -> Expr:
        target, tail = _parts(tree)
        marker, *steps = _parts(tail)
        full = tail.data == "full_splat"
        start = self.at(marker)
        each: Expr = SplatItem(start, start + len(marker))
        node = self.expr(target, depth)
        if isinstance(node, Splat) and node.full:
            inner = Splat(node.each.start, each.end, node.each, each, full)
            node = Splat(node.start, each.end, node.target, inner, True)
        else:
            node = Splat(node.start, each.end, node, each, full)
        for step in steps:
            node = self.extend(node, step, depth)
        return node

    def extend(self, node: Expr, step: Tree[Token], depth: int) -> Expr:
        """Put one more step after a traversal; a splat takes in the steps that follow it."""
        if isinstance(node, Splat) and (node.full or step.data != "braces_index"):
            each = self.extend(node.each, step, depth)
            return Splat(node.start, each.end, node.target, each, node.full)
        if step.data == "get_attr":
            name = _token(_parts(step)[1])
            return GetAttr(node.start, self.at(name) + len(name), node, str(name))
        if step.data == "short_index":
            digits = _parts(step)[1]
            start = self.at(digits)
            key: Expr = Literal(start, start + len(digits), number_value(str(digits)))
            return Index(node.start, key.end, node, key, True)
        if step.data != "braces_index":
            raise Refused
        _, inner, closing = _parts(step)
        return Index(node.start, self.at(closing) + 1, node, self.expr(inner, depth))


def _parts(tree: Tree[Token]) -> list[Any]:
    """The children that are no blanks and no comments."""
    return [
        child
        for child in tree.children
        if child is not None and getattr(child, "data", "") != "new_line_or_comment"
    ]


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in _parts(tree) if hasattr(child, "data")]


def _token(tree: Tree[Token] | Token) -> Token:
    """The one token of a rule that is just a token."""
    while hasattr(tree, "data"):
        inner: Iterable[Any] = cast("Tree[Token]", tree).children
        (tree,) = inner
    return tree


_READERS = {
    "expr_term": Stretch.term,
    "int_lit": Stretch.number,
    "float_lit": Stretch.number,
    "identifier": Stretch.word,
    "literal_value": Stretch.word,
    "string": Stretch.string,
    "heredoc_template": Stretch.heredoc,
    "heredoc_template_trim": Stretch.heredoc,
    "binary_op": Stretch.binary,
    "unary_op": Stretch.unary,
    "conditional": Stretch.conditional,
    "function_call": Stretch.call,
    "tuple": Stretch.tuple,
    "object": Stretch.object,
    "for_tuple_expr": Stretch.for_,
    "for_object_expr": Stretch.for_,
    "index_expr_term": Stretch.step,
    "get_attr_expr_term": Stretch.step,
    "attr_splat_expr_term": Stretch.splat,
    "full_splat_expr_term": Stretch.splat,
}
