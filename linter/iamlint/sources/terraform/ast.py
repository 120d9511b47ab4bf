"""The syntax tree of HCL: typed nodes with exact offsets, as written and not evaluated.

`start` and `end` of every node are code-point offsets into the `SourceText` of the file, `end`
exclusive; `text[node.start:node.end]` is the node as its author wrote it, without the blanks
and comments around it.  Nodes are compared by identity, so they can be keys of a memo table, and
nobody changes a node once the parser has returned it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal as Enum
from typing import Union

import msgspec

from iamlint import tree
from iamlint.text import SourceText, Span


class Node(msgspec.Struct, eq=False, gc=False):
    """What all nodes have: where they begin and end."""

    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


# ---- Expressions ---------------------------------------------------------------------------


class Literal(Node, eq=False, gc=False):
    """A number, `true`, `false` or `null`; a number's exact digits are its source slice."""

    value: int | float | bool | None


class TemplateLiteral(Node, eq=False, gc=False):
    """A literal piece of a template, with its value after escapes, dedent and strip markers.

    The span covers just what became the value: indentation that `<<-` removes and blanks that
    `~` removes lie outside of it.  `strings.offset_in` maps an offset of the value to the source.
    """

    value: str


class Interpolation(Node, eq=False, gc=False):
    """`${ expr }` in a template, the markers included; `strip_*` tells of a `~`."""

    expr: Expr
    strip_left: bool = False
    strip_right: bool = False


class IfDirective(Node, eq=False, gc=False):
    """`%{ if condition }…%{ else }…%{ endif }`, from the first marker to the end of the last."""

    condition: Expr
    then: tuple[Part, ...]
    otherwise: tuple[Part, ...]


class ForDirective(Node, eq=False, gc=False):
    """`%{ for key, value in collection }…%{ endfor }`; `key` is None when there is but one name."""

    key: str | None
    value: str
    collection: Expr
    body: tuple[Part, ...]


class TemplateExpr(Node, eq=False, gc=False):
    """A quoted string, the quotes included; no parts: the empty string."""

    parts: tuple[Part, ...]

    @property
    def literal(self) -> str | None:
        """The string if it has no interpolation or directive, else None."""
        return _literal(self.parts)


class Heredoc(Node, eq=False, gc=False):
    """`<<MARKER` or `<<-MARKER` (`flush`), from `<<` to the end of the closing marker.

    Literal parts never span more than one line when `flush`, for each line loses its own indent.
    `body_start` is the offset after the opening line's break, `body_end` that of the beginning
    of the closing marker's line.
    """

    parts: tuple[Part, ...]
    marker: str
    flush: bool
    body_start: int
    body_end: int

    @property
    def literal(self) -> str | None:
        """The string if it has no interpolation or directive, else None."""
        return _literal(self.parts)


class TupleExpr(Node, eq=False, gc=False):
    """`[a, b]`, the brackets included."""

    items: tuple[Expr, ...]


class Identifier(Node, eq=False, gc=False):
    """A bare word as the key of an object item: `Version = …`; it is the string of that name."""

    name: str


class ObjectItem(Node, eq=False, gc=False):
    """`key = value` or `key: value`, without the comma.

    `key` is an `Identifier` for a bare word, `Parens` for `(expr) = …`, a `TemplateExpr` for a
    quoted key; anything else (`1 = …`, `a.b = …`) is the expression itself.
    """

    key: Expr
    value: Expr


class ObjectExpr(Node, eq=False, gc=False):
    """`{ a = 1 }`, the braces included."""

    items: tuple[ObjectItem, ...]


class ForExpr(Node, eq=False, gc=False):
    """`[for k, v in c : v if x]`, or with `key` set `{for k, v in c : k => v... if x}`."""

    key_name: str | None
    value_name: str
    collection: Expr
    key: Expr | None
    value: Expr
    condition: Expr | None
    group: bool

    @property
    def is_object(self) -> bool:
        return self.key is not None


class Conditional(Node, eq=False, gc=False):
    """`condition ? then : otherwise`."""

    condition: Expr
    then: Expr
    otherwise: Expr


BinaryOperator = Enum["||", "&&", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"]


class Binary(Node, eq=False, gc=False):
    operator: BinaryOperator
    left: Expr
    right: Expr


class Unary(Node, eq=False, gc=False):
    operator: Enum["-", "!"]
    operand: Expr


class FunctionCall(Node, eq=False, gc=False):
    """`name(args)`; `name` keeps its namespace (`core::upper`, `provider::aws::arn_parse`).

    `expand` tells that the last argument is followed by `...`.
    """

    name: str
    args: tuple[Expr, ...]
    expand: bool = False


class Variable(Node, eq=False, gc=False):
    """The root of a reference: `var`, `local`, `aws_s3_bucket`, or a `for` variable."""

    name: str


class GetAttr(Node, eq=False, gc=False):
    """`target.name`; the span begins where the target does."""

    target: Expr
    name: str


class Index(Node, eq=False, gc=False):
    """`target[key]` or, `legacy`, `target.0`."""

    target: Expr
    key: Expr
    legacy: bool = False


class SplatItem(Node, eq=False, gc=False):
    """Stands for one element inside `Splat.each`; its span is the `[*]` or `.*`."""


class Splat(Node, eq=False, gc=False):
    """`target[*]…` (`full`) or `target.*…`.

    `each` is what is taken of each element: the traversal that follows, with a `SplatItem` at
    its root (just that, if nothing follows).
    """

    target: Expr
    each: Expr
    full: bool


class Parens(Node, eq=False, gc=False):
    """`( expr )`."""

    expr: Expr


class Given(Node, eq=False, gc=False):
    """A value that needs no evaluation, as plans and states have it: a node of the common tree."""

    value: tree.Node


Part = Union[TemplateLiteral, Interpolation, IfDirective, ForDirective]

Expr = Union[
    Literal,
    TemplateExpr,
    Heredoc,
    TupleExpr,
    ObjectExpr,
    ForExpr,
    Conditional,
    Binary,
    Unary,
    FunctionCall,
    Variable,
    GetAttr,
    Index,
    Splat,
    SplatItem,
    Parens,
    Identifier,
    Given,
]


# ---- Structure -----------------------------------------------------------------------------


class Label(Node, eq=False, gc=False):
    """A block label with its quotes, if it has them."""

    value: str


class Attribute(Node, eq=False, gc=False):
    """`name = expr`, from the name to the end of the expression."""

    name: str
    name_end: int
    expr: Expr

    @property
    def name_span(self) -> Span:
        return Span(self.start, self.name_end)


class Block(Node, eq=False, gc=False):
    """`type "label" { … }`, from the type to the closing brace.

    `header_end` is the offset after the last label (or the type): the header without the brace.
    """

    type: str
    labels: tuple[Label, ...]
    header_end: int
    body: Body

    @property
    def header_span(self) -> Span:
        return Span(self.start, self.header_end)


class Body(Node, eq=False, gc=False):
    """What is between the braces of a block, or the whole file.

    `items` has attributes and blocks in source order.  `json` marks a body of JSON syntax, in
    which nested blocks are still attributes: `json_syntax.blocks` answers for both syntaxes.
    """

    items: tuple[Attribute | Block, ...]
    attributes: dict[str, Attribute]
    blocks: tuple[Block, ...]
    json: bool = False


class Comment(Node, eq=False, gc=False):
    """A comment, without the line break that ends it."""

    kind: Enum["#", "//", "/*"]


class SyntaxProblem(msgspec.Struct, frozen=True):
    """Why a part of a file was not read.

    `summary` and `detail` speak as terraform's diagnostics do; `start` and `end` are offsets of
    the offending text.  `lost` is the text that was not read because of it (from the broken
    block to where reading went on), None if nothing was lost.  `lost_header` shows the first
    line of what was lost (`resource "aws_iam_role" "x"`).  `note` is set where the second reader
    read what this parser could not: then nothing is lost.
    """

    start: int
    end: int
    summary: str
    detail: str
    lost: Span | None = None
    lost_header: str = ""
    note: str = ""


class File(msgspec.Struct):
    """One parsed file: the body of all that could be read, its comments, and what was wrong."""

    source: SourceText
    body: Body
    comments: tuple[Comment, ...]
    errors: tuple[SyntaxProblem, ...]


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below one, in source order."""
    for name in node.__struct_fields__:
        if name in _NOT_CHILDREN:
            continue
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item


def walk(node: Node) -> Iterator[Node]:
    """A node and all nodes below it, parents first, in source order; never recursive."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(children(node))))


# `Body.items` has what `attributes` and `blocks` have, in order.
_NOT_CHILDREN = frozenset({"start", "end", "attributes", "blocks"})


def _literal(parts: tuple[Part, ...]) -> str | None:
    if not parts:
        return ""
    if len(parts) == 1:
        part = parts[0]
        return part.value if isinstance(part, TemplateLiteral) else None
    pieces: list[str] = []
    for part in parts:
        if not isinstance(part, TemplateLiteral):
            return None
        pieces.append(part.value)
    return "".join(pieces)
