"""Bodies: attributes, blocks with their labels, and what may stand on one line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from iamlint.sources.terraform.ast import (
    Attribute,
    Block,
    Body,
    Label,
    Node,
    children,
)
from iamlint.sources.terraform.expression_syntax import Expressions
from iamlint.sources.terraform.scanner import MAX_DEPTH, MAX_HEIGHT
from iamlint.sources.terraform.simple_values import ASCII_NAME, SIMPLE, simple
from iamlint.sources.terraform.strings import BadEscape, decode_quoted

# 1 name; 2 the `=` of an attribute; 3 to 6 a simple value; 7 labels; 8 the brace of a block.
_item = re.compile(
    rf"[ \t\r\n]*({ASCII_NAME})[ \t]*(?:"
    rf"(=)(?!=)[ \t]*(?:{SIMPLE}[ \t\r]*(?=\n))?"
    rf'|((?:(?:"[^"\\$%\r\n\0]*"|{ASCII_NAME})[ \t]*)*)(\{{))'
).match
_label = re.compile(rf'"([^"]*)"|{ASCII_NAME}').finditer
_any_label = re.compile(r'"((?:[^"\\\n\r\0]|\\[^\n\r\0])*)"').match

# Blocks that never stand in another one, and how many labels they have.
_TOP_LEVEL = {
    "resource": 2,
    "data": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "provider": 1,
    "locals": 0,
}

_REQUIRED = (
    "Argument or block definition required",
    "An argument or block definition is required here. To set an argument, use the equals sign "
    '"=" to introduce the argument value.',
)


class Bodies(Expressions):
    """The structural half of HCL."""

    __slots__ = ("item_start",)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.item_start = 0

    # ---- Items -----------------------------------------------------------------------------

    def items(
        self, items: list[Attribute | Block], at: int, depth: int, *, top: bool = False
    ) -> int:
        """Read attributes and blocks up to the closing brace or, `top`, to the end of the text."""
        text = self.text
        names: set[str] = set()
        if top:
            names = {item.name for item in items if isinstance(item, Attribute)}
        while True:
            match = _item(text, at)
            if match is None:
                at = self.skip(at, True)
                if text[at] == "}" and not top:
                    return at
                if at >= self.limit:
                    return at
                match = _item(text, at)
                if match is None:
                    if top:
                        self.item_start = at
                    at = self._slow_item(items, names, at, depth)
                    continue
            start = match.start(1)
            if top:
                self.item_start = start
            kind = match.lastindex
            if kind == 8:
                labels = self._labels(match) if match.end(7) > match.start(7) else ()
                if depth and text[start - 1] == "\n":
                    self._check_nesting(start, match[1], labels)
                block = self._block(start, match[1], labels, match.end() - 1, depth)
                at = self._line_ends(block.end, "block definition", "A block definition")
                items.append(block)
                continue
            name = match[1]
            if kind == 2:
                self.links = 0
                expr = self.expr(match.end(), False, depth + 1)
                if self.links > MAX_DEPTH:
                    self.check_height(expr)
                at = self._line_ends(expr.end, "argument", "An argument definition")
            else:
                expr = simple(match, 3)
                at = match.end()
            if name in names:
                self._redefined(start, name)
            names.add(name)
            items.append(Attribute(start, expr.end, name, match.end(1), expr))

    def _check_nesting(self, start: int, type_: str, labels: tuple[Label, ...]) -> None:
        """Raise if a block of the top level begins in the first column of another one's inside.

        The text may still be balanced, for a brace too many further down makes up for the one
        that is missing; but then whole resources would be hidden in a block without a meaning.
        """
        if _TOP_LEVEL.get(type_) != len(labels):
            return
        outer = self.name(self.item_start)
        if outer == "check" and type_ == "data":
            return
        raise self.error(
            start,
            labels[-1].end if labels else start + len(type_),
            "Unclosed configuration block",
            f"A `{type_}` block begins here inside of the `{outer}` block of line "
            f"{self.text.count(chr(10), 0, self.item_start) + 1}. A closing brace is missing above.",
            unclosed=True,
        )

    def _slow_item(
        self, items: list[Attribute | Block], names: set[str], start: int, depth: int
    ) -> int:
        """An item that the pattern does not know: a non-ASCII name, an escape in a label, an error."""
        text = self.text
        name = self.name(start)
        if not name:
            if text[start] == '"':
                raise self.error(
                    start,
                    self.line_end(start),
                    "Invalid argument name",
                    "Argument names must not be quoted.",
                )
            raise self.error_at(start, *_REQUIRED)
        name_end = start + len(name)
        at = self.skip(name_end, False)
        if text[at] == "=" and text[at + 1] != "=":
            self.links = 0
            expr = self.expr(at + 1, False, depth + 1)
            self.check_height(expr)
            if name in names:
                self._redefined(start, name)
            names.add(name)
            at = self._line_ends(expr.end, "argument", "An argument definition")
            items.append(Attribute(start, expr.end, name, name_end, expr))
            return at
        labels: list[Label] = []
        while text[at] != "{":
            label = self._slow_label(start, name_end, at, bool(labels))
            labels.append(label)
            at = self.skip(label.end, False)
        block = self._block(start, name, tuple(labels), at, depth)
        at = self._line_ends(block.end, "block definition", "A block definition")
        items.append(block)
        return at

    def _labels(self, match: re.Match[str]) -> tuple[Label, ...]:
        labels = []
        for label in _label(self.text, *match.span(7)):
            value = label[1]
            labels.append(
                Label(label.start(), label.end(), label.group() if value is None else value)
            )
        return tuple(labels)

    def _slow_label(self, start: int, name_end: int, at: int, has_labels: bool) -> Label:
        text = self.text
        quoted = _any_label(text, at)
        if quoted is not None:
            raw = quoted[1]
            unescaped = raw.replace("$${", "").replace("%%{", "")
            if "${" in unescaped or "%{" in unescaped:
                raise self.error(
                    at,
                    quoted.end(),
                    "Invalid string literal",
                    'Template sequences are not allowed in this string. To include a literal "$", '
                    'double it (as "$$") to escape it.',
                )
            try:
                return Label(at, quoted.end(), decode_quoted(raw))
            except BadEscape as problem:
                raise self.error(
                    at + 1 + problem.start,
                    at + 1 + problem.end,
                    "Invalid escape sequence",
                    problem.detail,
                ) from None
        if text[at] == '"':
            self.quoted(at, 0)  # raises with the reason
        name = self.name(at)
        if name:
            return Label(at, at + len(name), name)
        if has_labels or (text[at] not in "\n}" and at < self.limit):
            raise self.error_at(
                at,
                "Invalid block definition",
                'Either a quoted string block label or an opening brace ("{") is expected here.',
            )
        raise self.error(start, name_end, *_REQUIRED)

    def _redefined(self, start: int, name: str) -> None:
        raise self.error(
            start,
            start + len(name),
            "Attribute redefined",
            f"The argument `{name}` was already set. Each argument may be set only once.",
        )

    def _line_ends(self, at: int, what: str, subject: str) -> int:
        text = self.text
        if text[at] == "\n":
            return at
        at = self.skip(at, False)
        if text[at] != "\n" and at < self.limit:
            raise self.error_at(
                at, f"Missing newline after {what}", f"{subject} must end with a newline."
            )
        return at

    # ---- Blocks ----------------------------------------------------------------------------

    def _block(
        self, start: int, type_: str, labels: tuple[Label, ...], brace: int, depth: int
    ) -> Block:
        """The block whose opening brace is at an offset."""
        if depth >= MAX_DEPTH:
            raise self.error_deep(brace)
        header_end = labels[-1].end if labels else start + len(type_)
        text = self.text
        items: list[Attribute | Block] = []
        at = brace + 1 if text[brace + 1] == "\n" else self.skip(brace + 1, False)
        if text[at] == "\n":
            end = self.items(items, at, depth + 1)
        elif text[at] == "}" or at >= self.limit:
            end = at
        else:
            end = self._single_argument(items, at, depth)
        if end >= self.limit:
            raise self.error(
                brace,
                brace + 1,
                "Unclosed configuration block",
                "There is no closing brace for this block before the end of the file. This may be "
                "caused by incorrect brace nesting elsewhere in this file.",
                unclosed=True,
            )
        return Block(start, end + 1, type_, labels, header_end, body_of(brace + 1, end, items))

    def _single_argument(self, items: list[Attribute | Block], at: int, depth: int) -> int:
        """The inside of `{ name = value }` on one line; answers where the brace is."""
        text = self.text
        name = self.name(at)
        if not name:
            raise self.error_at(at, *_REQUIRED)
        equals = self.skip(at + len(name), False)
        if text[equals] != "=" or text[equals + 1] == "=":
            if equals >= self.limit or text[equals] == "\n":
                raise self.error(at, at + len(name), *_REQUIRED, unclosed=equals >= self.limit)
            raise self.error(
                at,
                at + len(name),
                "Argument definition required",
                "A single-line block definition can contain only a single argument. If you meant "
                f"to define argument `{name}`, use an equals sign to assign it a value. To define "
                "a nested block, place it on a line of its own within its parent block.",
            )
        self.links = 0
        expr = self.expr(equals + 1, False, depth + 1)
        self.check_height(expr)
        items.append(Attribute(at, expr.end, name, at + len(name), expr))
        end = self.skip(expr.end, False)
        if text[end] != "}" and end < self.limit:
            raise self.error(
                end,
                end + 1,
                "Invalid single-argument block definition",
                "An argument definition on the same line as its containing block creates a "
                "single-line block definition, which must also be closed on the same line. Place "
                "the block's closing brace immediately after the argument definition.",
            )
        return end

    def check_height(self, root: Node) -> None:
        """Raise if the tree is so high that walking it recursively would be unsafe."""
        level: list[Node] = [root]
        height = 0
        while level:
            height += 1
            if height > MAX_HEIGHT:
                raise self.error(
                    root.start,
                    root.start + 1,
                    "Expression nested too deeply",
                    f"iamlint reads expressions of up to {MAX_HEIGHT} nested operations.",
                )
            level = [child for node in level for child in children(node)]


def body_of(
    start: int, end: int, items: Sequence[Attribute | Block], *, json: bool = False
) -> Body:
    """The body of these items; of attributes with the same name the first is the one found."""
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for item in items:
        if isinstance(item, Block):
            blocks.append(item)
        else:
            attributes.setdefault(item.name, item)
    return Body(start, end, tuple(items), attributes, tuple(blocks), json)
