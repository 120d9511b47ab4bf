"""Expressions: operators by precedence, and the terms between them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from iamlint.sources.terraform.ast import (
    Binary,
    BinaryOperator,
    Conditional,
    Expr,
    FunctionCall,
    Literal,
    Parens,
    Unary,
    Variable,
)
from iamlint.sources.terraform.collection_syntax import Collections
from iamlint.sources.terraform.scanner import MAX_DEPTH, MAX_HEIGHT
from iamlint.sources.terraform.simple_values import KEYWORDS, match_number, number_value

_operator = re.compile(r"\|\||&&|==|!=|<=|>=|[<>+\-*/%]").match

_PRECEDENCE = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_END = frozenset(",)]}")
_MISSING = "Expected the start of an expression, but found an invalid expression token."


class Expressions(Collections):
    """The expression grammar of HCL."""

    __slots__ = ()

    def expr(self, at: int, nl: bool, depth: int) -> Expr:
        """The expression at or after an offset."""
        if depth > MAX_DEPTH // 2:
            if depth > MAX_DEPTH:
                raise self.error_deep(at)
            self.links += MAX_HEIGHT
        node = self._operand(at, nl, depth)
        text = self.text
        first = text[node.end]
        if first in _END or (first == "\n" and not nl):
            return node
        at = self.skip(node.end, nl)
        if text[at] in "|&=!<>+-*/%":
            node = self._binary(node, at, nl, depth)
            at = self.skip(node.end, nl)
        if text[at] != "?":
            return node
        self.links += 1
        then = self.expr(at + 1, nl, depth + 1)
        at = self.skip(then.end, nl)
        if text[at] != ":":
            raise self.error_at(
                at,
                "Missing false expression in conditional",
                "The conditional operator (...?...:...) requires a false expression, delimited by "
                "a colon.",
            )
        otherwise = self.expr(at + 1, nl, depth + 1)
        return Conditional(node.start, otherwise.end, node, then, otherwise)

    def _binary(self, left: Expr, at: int, nl: bool, depth: int) -> Expr:
        operands: list[Expr] = [left]
        operators: list[str] = []

        def fold() -> None:
            right = operands.pop()
            left = operands.pop()
            operator = cast(BinaryOperator, operators.pop())
            operands.append(Binary(left.start, right.end, operator, left, right))

        while True:
            match = _operator(self.text, at)
            if match is None:
                if self.text[at] in "&|":
                    raise self.error_at(at, "", "")
                break
            operator = match.group()
            precedence = _PRECEDENCE[operator]
            while operators and _PRECEDENCE[operators[-1]] >= precedence:
                fold()
            operators.append(operator)
            self.links += 1
            operand = self._operand(match.end(), nl, depth)
            operands.append(operand)
            at = self.skip(operand.end, nl)
        while operators:
            fold()
        return operands[0]

    def _operand(self, at: int, nl: bool, depth: int) -> Expr:
        """A term with its unary operators before and its traversal after it."""
        text = self.text
        first = text[at]
        if first in " \t\n\r#/":
            at = self.skip(at, nl)
            first = text[at]
        if first in "-!":
            return self._unary(at, nl, depth)
        term = _TERMS.get(first, Expressions._word)(self, at, nl, depth)
        following = text[term.end]
        if following in _END or (following == "\n" and not nl):
            return term
        return self.traversal(term, nl, depth)

    def _unary(self, at: int, nl: bool, depth: int) -> Expr:
        signs = [at]
        while True:
            self.links += 1
            at = self.skip(at + 1, nl)
            if self.text[at] not in "-!":
                break
            signs.append(at)
        node = self._operand(at, nl, depth)
        for start in reversed(signs):
            node = Unary(start, node.end, "-" if self.text[start] == "-" else "!", node)
        return node

    # ---- Terms ---------------------------------------------------------------------------

    def _word(self, at: int, nl: bool, depth: int) -> Expr:
        name = self.name(at)
        if not name:
            if at >= self.limit:
                raise self.error(
                    at,
                    at,
                    "Missing expression",
                    "Expected the start of an expression, but found the end of the file.",
                    unclosed=True,
                )
            raise self.error_at(at, "Invalid expression", _MISSING)
        end = at + len(name)
        after = self.skip(end, nl)
        following = self.text[after]
        if following == "(" or (following == ":" and self.text[after + 1] == ":"):
            return self._call(at, name, after, nl, depth)
        if name in KEYWORDS:
            return Literal(at, end, KEYWORDS[name])
        return Variable(at, end, name)

    def _call(self, start: int, name: str, at: int, nl: bool, depth: int) -> Expr:
        text = self.text
        while text.startswith("::", at):
            at = self.skip(at + 2, nl)
            part = self.name(at)
            if not part:
                raise self.error_at(
                    at,
                    "Missing function name",
                    "Function scope resolution symbol (::) must be followed by a function name.",
                )
            name += "::" + part
            at = self.skip(at + len(part), nl)
        if text[at] != "(":
            raise self.error_at(
                at,
                "Missing open parenthesis",
                "Function selector must be followed by an open parenthesis to begin the function call.",
            )
        opening = at
        args: list[Expr] = []
        at = self.skip(at + 1, True)
        while text[at] != ")":
            arg = self.expr(at, True, depth + 1)
            args.append(arg)
            at = self.skip(arg.end, True)
            if text.startswith("...", at):
                at = self.skip(at + 3, True)
                if text[at] != ")":
                    raise self.error_at(
                        at,
                        "Missing closing parenthesis",
                        "An expanded function argument (with ...) must be immediately followed by "
                        "closing parentheses.",
                    )
                return FunctionCall(start, at + 1, name, tuple(args), True)
            if text[at] == ",":
                at = self.skip(at + 1, True)
            elif text[at] != ")":
                self.unterminated(at, opening, "function call", "parenthesis")
                raise self.error_at(
                    at,
                    "Missing argument separator",
                    "A comma is required to separate each function argument from the next.",
                )
        return FunctionCall(start, at + 1, name, tuple(args))

    def _quoted_term(self, at: int, nl: bool, depth: int) -> Expr:
        return self.quoted(at, depth)

    def _heredoc_term(self, at: int, nl: bool, depth: int) -> Expr:
        if self.text[at + 1] != "<":
            raise self.error_at(at, "Invalid expression", _MISSING)
        return self.heredoc(at, depth)

    def _number(self, at: int, nl: bool, depth: int) -> Expr:
        match = match_number(self.text, at)
        assert match is not None
        end = match.end()
        if self.text[end] == "." and self.text[end + 1].isdecimal():
            raise self.error(
                at,
                end + 2,
                "Invalid number literal",
                "Failed to recognize the value of this number literal.",
            )
        return Literal(at, end, number_value(match.group()))

    def _parens(self, at: int, nl: bool, depth: int) -> Expr:
        inner = self.expr(at + 1, True, depth + 1)
        end = self.skip(inner.end, True)
        if self.text[end] != ")":
            if end >= self.limit:
                raise self.error(
                    at,
                    at + 1,
                    "Unbalanced parentheses",
                    "Expected a closing parenthesis to terminate the expression, but found the "
                    "end of the file.",
                    unclosed=True,
                )
            raise self.error_at(
                end,
                "Unbalanced parentheses",
                "Expected a closing parenthesis to terminate the expression.",
            )
        return Parens(at, end + 1, inner)


_TERMS: dict[str, Callable[[Expressions, int, bool, int], Expr]] = {
    '"': Expressions._quoted_term,
    "(": Expressions._parens,
    "[": Expressions._tuple,
    "{": Expressions._object,
    "<": Expressions._heredoc_term,
    **dict.fromkeys("0123456789", Expressions._number),
}
