"""Expressions: operators by precedence, terms, traversals, collections and `for`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from iamlint.sources.terraform.ast import (
    Binary,
    BinaryOperator,
    Conditional,
    Expr,
    ForExpr,
    FunctionCall,
    GetAttr,
    Identifier,
    Index,
    Literal,
    ObjectExpr,
    ObjectItem,
    Parens,
    Splat,
    SplatItem,
    TemplateExpr,
    TemplateLiteral,
    TupleExpr,
    Unary,
    Variable,
)
from iamlint.sources.terraform.scanner import MAX_DEPTH, MAX_HEIGHT
from iamlint.sources.terraform.template_syntax import Templates

# The look-ahead keeps a pattern from trying every way to cut a name in two.
ASCII_NAME = "[A-Za-z_][A-Za-z0-9_-]*(?![A-Za-z0-9_-])"
# A value that needs no general parsing, if what must follow it does follow.
SIMPLE = rf'(?:"([^"\\$%\r\n\0]*)"|({ASCII_NAME})((?:\.{ASCII_NAME}){{0,30}})|([0-9]{{1,15}}))'

_number = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?").match
_operator = re.compile(r"\|\||&&|==|!=|<=|>=|[<>+\-*/%]").match
_tuple_item = re.compile(rf"[ \t\r\n]*{SIMPLE}[ \t\r\n]*(?:,|(?=\]))").match
_object_item = re.compile(
    rf'[ \t\r\n]*(?:({ASCII_NAME})|"([^"\\$%\r\n\0]*)")[ \t]*[=:][ \t]*{SIMPLE}[ \t\r]*(?:,|(?=[\n}}]))'
).match
_object_key = re.compile(rf"({ASCII_NAME})[ \t]*[=:](?![=>])[ \t]*").match

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
KEYWORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_END = frozenset(",)]}")
_MISSING = "Expected the start of an expression, but found an invalid expression token."


class Expressions(Templates):
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
        return self._traversal(term, nl, depth)

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
                self._unterminated(at, opening, "function call", "parenthesis")
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
        match = _number(self.text, at)
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

    # ---- Collections -----------------------------------------------------------------------

    def _tuple(self, start: int, nl: bool, depth: int) -> Expr:
        text = self.text
        at = self.skip(start + 1, True)
        if text.startswith("for", at) and self.name(at) == "for":
            return self._for(start, at + 3, "]", depth)
        items: list[Expr] = []
        while True:
            match = _tuple_item(text, at)
            if match is not None:
                items.append(simple(match, 1))
                at = match.end()
                continue
            at = self.skip(at, True)
            if text[at] == "]":
                return TupleExpr(start, at + 1, tuple(items))
            item = self.expr(at, True, depth + 1)
            items.append(item)
            at = self.skip(item.end, True)
            if text[at] == ",":
                at += 1
            elif text[at] != "]":
                self._unterminated(at, start, "tuple constructor expression", "bracket")
                raise self.error_at(
                    at,
                    "Missing item separator",
                    "Expected a comma to mark the beginning of the next item.",
                )

    def _object(self, start: int, nl: bool, depth: int) -> Expr:
        text = self.text
        at = self.skip(start + 1, True)
        if text.startswith("for", at) and self.name(at) == "for":
            return self._for(start, at + 3, "}", depth)
        items: list[ObjectItem] = []
        while True:
            match = _object_item(text, at)
            if match is not None:
                items.append(_simple_item(match))
                at = match.end()
                continue
            at = self.skip(at, True)
            if text[at] == "}":
                return ObjectExpr(start, at + 1, tuple(items))
            item = self._object_entry(at, start, depth)
            items.append(item)
            at = self.skip(item.end, False)
            if text[at] == ",":
                at += 1
            elif text[at] not in "\n}":
                self._unterminated(at, start, "object constructor expression", "brace")
                raise self.error_at(
                    at,
                    "Missing attribute separator",
                    "Expected a newline or comma to mark the beginning of the next attribute.",
                )

    def _object_entry(self, at: int, start: int, depth: int) -> ObjectItem:
        text = self.text
        match = _object_key(text, at)
        if match is not None:
            key: Expr = Identifier(at, match.end(1), match[1])
            value = self.expr(match.end(), False, depth + 1)
            return ObjectItem(at, value.end, key, value)
        if at >= self.limit:
            self._unterminated(at, start, "object constructor expression", "brace")
        key = self.expr(at, False, depth + 1)
        if isinstance(key, Variable) or (
            isinstance(key, Literal) and text[key.start : key.end] in KEYWORDS
        ):
            key = Identifier(key.start, key.end, text[key.start : key.end])
        at = self.skip(key.end, False)
        if text[at] not in "=:" or text.startswith("=>", at):
            self._unterminated(at, start, "object constructor expression", "brace")
            if text[at] in "\n,":
                raise self.error(
                    key.start,
                    key.end,
                    "Missing attribute value",
                    'Expected an attribute value, introduced by an equals sign ("=").',
                )
            raise self.error_at(
                at,
                "Missing key/value separator",
                'Expected an equals sign ("=") to mark the beginning of the attribute value.',
            )
        value = self.expr(at + 1, False, depth + 1)
        return ObjectItem(key.start, value.end, key, value)

    def _for(self, start: int, at: int, closing: str, depth: int) -> Expr:
        text, summary = self.text, "Invalid 'for' expression"
        key_name, value_name, at = self.loop_names(at, "expression")
        collection = self.expr(at, True, depth + 1)
        at = self.skip(collection.end, True)
        if text[at] != ":":
            self._unterminated(at, start, "'for' expression", "bracket")
            raise self.error_at(
                at, summary, "For expression requires a colon after the collection expression."
            )
        key: Expr | None = None
        value = self.expr(at + 1, True, depth + 1)
        at = self.skip(value.end, True)
        if text.startswith("=>", at):
            if closing == "]":
                raise self.error(
                    at, at + 2, summary, "Key expression is not valid when building a tuple."
                )
            key = value
            value = self.expr(at + 2, True, depth + 1)
            at = self.skip(value.end, True)
        elif closing == "}":
            self._unterminated(at, start, "'for' expression", "brace")
            raise self.error_at(at, summary, "Key expression is required when building an object.")
        group = text.startswith("...", at)
        if group:
            if closing == "]":
                raise self.error(
                    at,
                    at + 3,
                    summary,
                    "Grouping ellipsis (...) cannot be used when building a tuple.",
                )
            at = self.skip(at + 3, True)
        condition: Expr | None = None
        if text.startswith("if", at) and self.name(at) == "if":
            condition = self.expr(at + 2, True, depth + 1)
            at = self.skip(condition.end, True)
        if text[at] != closing:
            self._unterminated(
                at, start, "'for' expression", "bracket" if closing == "]" else "brace"
            )
            raise self.error_at(
                at, summary, "Extra characters after the end of the 'for' expression."
            )
        return ForExpr(
            start, at + 1, key_name, value_name, collection, key, value, condition, group
        )

    def _unterminated(self, at: int, opening: int, what: str, closer: str) -> None:
        """Raise if the text is at its end: then the opening bracket is the better place."""
        if at >= self.limit:
            raise self.error(
                opening,
                opening + 1,
                f"Unterminated {what}",
                f"There is no corresponding closing {closer} before the end of the file. This may "
                "be caused by incorrect nesting elsewhere in this file.",
                unclosed=True,
            )

    # ---- Traversals ------------------------------------------------------------------------

    def _traversal(self, node: Expr, nl: bool, depth: int) -> Expr:
        """What follows a term: `.name`, `.0`, `[key]` and splats."""
        text = self.text
        while True:
            at = node.end
            if text[at] not in ".[":
                at = self.skip(at, nl)
            first = text[at]
            if first == ".":
                if text.startswith("...", at):
                    return node
                self.links += 1
                at = self.skip(at + 1, nl)
                if text[at] == "*":
                    node = self._attribute_splat(node, at, nl)
                else:
                    node = self._step(node, at)
            elif first == "[":
                self.links += 1
                inside = self.skip(at + 1, True)
                if text[inside] == "*":
                    end = self.skip(inside + 1, nl)
                    if text[end] != "]":
                        raise self.error(
                            end,
                            end + 1,
                            "Missing close bracket on splat index",
                            "The star for a full splat operator must be immediately followed by a "
                            'closing bracket ("]").',
                        )
                    if depth >= MAX_DEPTH:
                        raise self.error_deep(at)
                    each = self._traversal(SplatItem(at, end + 1), nl, depth + 1)
                    return Splat(node.start, each.end, node, each, True)
                key = self.expr(inside, True, depth + 1)
                end = self.skip(key.end, True)
                if text[end] != "]":
                    self._unterminated(end, at, "index", "bracket")
                    raise self.error_at(
                        end,
                        "Missing close bracket on index",
                        'The index operator must end with a closing bracket ("]").',
                    )
                node = Index(node.start, end + 1, node, key)
            else:
                return node

    def _step(self, node: Expr, at: int) -> Expr:
        """`.name` or `.0`, the dot being read."""
        name = self.name(at)
        if name:
            return GetAttr(node.start, at + len(name), node, name)
        match = _number(self.text, at)
        if match is None:
            raise self.error_at(
                at, "Invalid attribute name", "An attribute name is required after a dot."
            )
        if not match.group().isdecimal():
            raise self.error(
                at,
                match.end(),
                "Invalid legacy index syntax",
                "When using the legacy index syntax, chaining two indexes together is not "
                "permitted. Use the proper index syntax instead, like [0].",
            )
        end = match.end()
        return Index(node.start, end, node, Literal(at, end, number_value(match.group())), True)

    def _attribute_splat(self, node: Expr, at: int, nl: bool) -> Expr:
        """`.*` and the names after it; an index after them is of the whole result."""
        each: Expr = SplatItem(at - 1, at + 1)
        while True:
            at = self.skip(each.end, nl)
            if self.text[at] != "." or self.text.startswith("...", at):
                return Splat(node.start, each.end, node, each, False)
            at = self.skip(at + 1, nl)
            if self.text[at] == "*":
                raise self.error(
                    at,
                    at + 1,
                    "Nested splat expression not allowed",
                    "A splat expression (*) cannot be used inside another attribute-only splat "
                    "expression.",
                )
            self.links += 1
            each = self._step(each, at)


def number_value(digits: str) -> int | float:
    """The value of a number literal: exact if it is a whole number, else the nearest float."""
    if digits.isdecimal() and len(digits) <= 4000:
        return int(digits)
    return float(digits)


def simple(match: re.Match[str], group: int) -> Expr:
    """The node of what `SIMPLE` matched, whose first group has the given number."""
    start, end = match.span(group)
    if start >= 0:
        if start == end:
            return TemplateExpr(start - 1, end + 1, ())
        return TemplateExpr(start - 1, end + 1, (TemplateLiteral(start, end, match[group]),))
    start, end = match.span(group + 1)
    if start >= 0:
        root = match[group + 1]
        node: Expr = (
            Literal(start, end, KEYWORDS[root]) if root in KEYWORDS else Variable(start, end, root)
        )
        path = match[group + 2]
        if path:
            for name in path[1:].split("."):
                end += 1 + len(name)
                node = GetAttr(start, end, node, name)
        return node
    start, end = match.span(group + 3)
    return Literal(start, end, int(match[group + 3]))


def _simple_item(match: re.Match[str]) -> ObjectItem:
    key_start, key_end = match.span(1)
    value = simple(match, 3)
    if key_start >= 0:
        return ObjectItem(key_start, value.end, Identifier(key_start, key_end, match[1]), value)
    key_start, key_end = match.span(2)
    parts = (TemplateLiteral(key_start, key_end, match[2]),) if key_end > key_start else ()
    key = TemplateExpr(key_start - 1, key_end + 1, parts)
    return ObjectItem(key.start, value.end, key, value)


_TERMS: dict[str, Callable[[Expressions, int, bool, int], Expr]] = {
    '"': Expressions._quoted_term,
    "(": Expressions._parens,
    "[": Expressions._tuple,
    "{": Expressions._object,
    "<": Expressions._heredoc_term,
    **dict.fromkeys("0123456789", Expressions._number),
}
