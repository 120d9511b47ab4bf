"""What follows a term: `.name`, `.0`, `[key]` and splats."""

from __future__ import annotations

from iamlint.sources.terraform.ast import (
    Expr,
    GetAttr,
    Index,
    Literal,
    Splat,
    SplatItem,
)
from iamlint.sources.terraform.scanner import MAX_DEPTH
from iamlint.sources.terraform.simple_values import (
    match_number,
    number_value,
)
from iamlint.sources.terraform.template_syntax import Templates


class Traversals(Templates):
    """The traversal half of terms."""

    __slots__ = ()

    def traversal(self, node: Expr, nl: bool, depth: int) -> Expr:
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
                    each = self.traversal(SplatItem(at, end + 1), nl, depth + 1)
                    return Splat(node.start, each.end, node, each, True)
                key = self.expr(inside, True, depth + 1)
                end = self.skip(key.end, True)
                if text[end] != "]":
                    self.unterminated(end, at, "index", "bracket")
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
        match = match_number(self.text, at)
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

    def unterminated(self, at: int, opening: int, what: str, closer: str) -> None:
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
