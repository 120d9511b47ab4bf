"""One Terraform file whose text is edited: its nodes by place, and what edits of it share."""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.fix import hcl_removal, hcl_text
from iamlint.fix.language import CannotEdit, FileEdit, Value
from iamlint.sources.terraform.ast import (
    Block,
    Node,
    children,
    walk,
)
from iamlint.sources.terraform.syntax import read
from iamlint.text import Edit, SourceText, Span, apply_edits
from iamlint.tree import Text

OPPOSITE = {"Action": "NotAction", "Resource": "NotResource"}


class HclFile:
    """A `.tf` file with its syntax tree."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.text = source.text
        self.newline = source.newline
        if source.path.endswith(".json"):
            raise CannotEdit("Terraform's JSON syntax is not edited")
        file = read(source)
        if file.errors:
            raise CannotEdit("the file has a syntax error")
        self.nodes: dict[tuple[type, Span], Node] = {}
        self.parents: dict[int, Node] = {}
        for node in walk(file.body):
            self.nodes.setdefault((type(node), node.span), node)
            for child in children(node):
                self.parents[id(child)] = node

    def rewritten(self, span: Span, edits: Sequence[Edit]) -> Edit:
        """A stretch of text with its edits made; in line again if it was before."""
        before = self.text[span.start : span.end]
        moved = [
            Edit(Span(each.span.start - span.start, each.span.end - span.start), each.replacement)
            for each in edits
        ]
        after = apply_edits(before, moved)
        if hcl_text.is_aligned(before, self.newline):
            after = hcl_text.aligned(after, self.newline)
        return Edit(span, after)

    def without_items(self, items: Sequence[Node], gone: set[int]) -> list[Edit]:
        if len(gone) == len(items):
            raise CannotEdit("no statement would be left")
        return hcl_removal.without_items(self.text, [item.span for item in items], gone)

    def without_block(self, block: Block) -> Edit:
        (edit,) = self.without_blocks([block.span])
        return edit

    def without_blocks(self, blocks: Sequence[Span]) -> list[Edit]:
        edits = hcl_removal.without_blocks(self.text, blocks)
        if edits is None:
            raise CannotEdit("a block shares its lines")
        return edits

    def block_at(self, span: Span) -> Block:
        """The block that has this span; raises CannotEdit."""
        node = self.nodes.get((Block, span))
        if not isinstance(node, Block):
            raise CannotEdit("the resource could not be found again")
        return node

    def of(self, edits: Sequence[Edit]) -> list[FileEdit]:
        return [FileEdit(self.source, edit) for edit in edits]


def same(old: object, new: Value) -> bool:
    """True if an element keeps its meaning: holes compared as they are shown."""
    return plain(old) == plain(new)


def plain(value: object) -> object:
    """A value as JSON has it, a list of one as its item."""
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, list):
        flat = [plain(each) for each in value]
        return flat[0] if len(flat) == 1 else flat
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value
