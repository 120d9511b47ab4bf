"""Every node's span is exactly the text that its author wrote for it."""

from __future__ import annotations

import pytest

from iamlint.sources.terraform import parser
from iamlint.sources.terraform.ast import Node, walk
from iamlint.text import SourceText


def expression(hcl: str) -> Node:
    file = parser.parse(SourceText("main.tf", f"x = {hcl}\n"))
    assert not file.errors
    return file.body.attributes["x"].expr


def slices(root: Node, text: str) -> list[tuple[str, str]]:
    return [(type(node).__name__, text[node.start : node.end]) for node in walk(root)]


@pytest.mark.parametrize(
    ("hcl", "nodes"),
    [
        ("1.50", [("Literal", "1.50")]),
        ("true", [("Literal", "true")]),
        ('""', [("TemplateExpr", '""')]),
        ('"é\\n"', [("TemplateExpr", '"é\\n"'), ("TemplateLiteral", "é\\n")]),
        (
            '"a${ b }c"',
            [
                ("TemplateExpr", '"a${ b }c"'),
                ("TemplateLiteral", "a"),
                ("Interpolation", "${ b }"),
                ("Variable", "b"),
                ("TemplateLiteral", "c"),
            ],
        ),
        (
            '"a ${~ b ~} c"',
            [
                ("TemplateExpr", '"a ${~ b ~} c"'),
                ("TemplateLiteral", "a"),
                ("Interpolation", "${~ b ~}"),
                ("Variable", "b"),
                ("TemplateLiteral", "c"),
            ],
        ),
        (
            '"%{ if a }b%{ else }c%{ endif }d"',
            [
                ("TemplateExpr", '"%{ if a }b%{ else }c%{ endif }d"'),
                ("IfDirective", "%{ if a }b%{ else }c%{ endif }"),
                ("Variable", "a"),
                ("TemplateLiteral", "b"),
                ("TemplateLiteral", "c"),
                ("TemplateLiteral", "d"),
            ],
        ),
        (
            '"%{ for k, v in m }${v}%{ endfor }"',
            [
                ("TemplateExpr", '"%{ for k, v in m }${v}%{ endfor }"'),
                ("ForDirective", "%{ for k, v in m }${v}%{ endfor }"),
                ("Variable", "m"),
                ("Interpolation", "${v}"),
                ("Variable", "v"),
            ],
        ),
        (
            "[ a, # c\n 1 ]",
            [("TupleExpr", "[ a, # c\n 1 ]"), ("Variable", "a"), ("Literal", "1")],
        ),
        (
            '{ a = 1, "b" : c\n (d) = e }',
            [
                ("ObjectExpr", '{ a = 1, "b" : c\n (d) = e }'),
                ("ObjectItem", "a = 1"),
                ("Identifier", "a"),
                ("Literal", "1"),
                ("ObjectItem", '"b" : c'),
                ("TemplateExpr", '"b"'),
                ("TemplateLiteral", "b"),
                ("Variable", "c"),
                ("ObjectItem", "(d) = e"),
                ("Parens", "(d)"),
                ("Variable", "d"),
                ("Variable", "e"),
            ],
        ),
        (
            "{ for k, v in m : k => v... if v }",
            [
                ("ForExpr", "{ for k, v in m : k => v... if v }"),
                ("Variable", "m"),
                ("Variable", "k"),
                ("Variable", "v"),
                ("Variable", "v"),
            ],
        ),
        (
            "a ? b : c ? d : e # f",
            [
                ("Conditional", "a ? b : c ? d : e"),
                ("Variable", "a"),
                ("Variable", "b"),
                ("Conditional", "c ? d : e"),
                ("Variable", "c"),
                ("Variable", "d"),
                ("Variable", "e"),
            ],
        ),
        (
            "a + b * -c == !d /* e */",
            [
                ("Binary", "a + b * -c == !d"),
                ("Binary", "a + b * -c"),
                ("Variable", "a"),
                ("Binary", "b * -c"),
                ("Variable", "b"),
                ("Unary", "-c"),
                ("Variable", "c"),
                ("Unary", "!d"),
                ("Variable", "d"),
            ],
        ),
        (
            "f( a, g(b)... )",
            [
                ("FunctionCall", "f( a, g(b)... )"),
                ("Variable", "a"),
                ("FunctionCall", "g(b)"),
                ("Variable", "b"),
            ],
        ),
        ("core::upper(a)", [("FunctionCall", "core::upper(a)"), ("Variable", "a")]),
        (
            'a.b["c"].0',
            [
                ("Index", 'a.b["c"].0'),
                ("Index", 'a.b["c"]'),
                ("GetAttr", "a.b"),
                ("Variable", "a"),
                ("TemplateExpr", '"c"'),
                ("TemplateLiteral", "c"),
                ("Literal", "0"),
            ],
        ),
        (
            "a[*].b[0]",
            [
                ("Splat", "a[*].b[0]"),
                ("Variable", "a"),
                ("Index", "[*].b[0]"),
                ("GetAttr", "[*].b"),
                ("SplatItem", "[*]"),
                ("Literal", "0"),
            ],
        ),
        (
            "a.*.b[0]",
            [
                ("Index", "a.*.b[0]"),
                ("Splat", "a.*.b"),
                ("Variable", "a"),
                ("GetAttr", ".*.b"),
                ("SplatItem", ".*"),
                ("Literal", "0"),
            ],
        ),
        (
            "<<-E\n    a\n      ${b}c\n    E",
            [
                ("Heredoc", "<<-E\n    a\n      ${b}c\n    E"),
                ("TemplateLiteral", "a\n"),
                ("TemplateLiteral", "  "),
                ("Interpolation", "${b}"),
                ("Variable", "b"),
                ("TemplateLiteral", "c\n"),
            ],
        ),
        (
            "<<E\na\n b $${c}\nE",
            [("Heredoc", "<<E\na\n b $${c}\nE"), ("TemplateLiteral", "a\n b $${c}\n")],
        ),
    ],
)
def test_expression(hcl: str, nodes: list[tuple[str, str]]) -> None:
    assert slices(expression(hcl), f"x = {hcl}\n") == nodes


def test_structure() -> None:
    text = 'a "b" c {\n  d = 1 # e\n\n  f {\n  }\n} // g\n/* h */\n'
    file = parser.parse(SourceText("main.tf", text))
    (block,) = file.body.blocks
    (inner,) = block.body.blocks
    attribute = block.body.attributes["d"]
    spans = {
        "block": block.span,
        "header": block.header_span,
        "labels": (block.labels[0].start, block.labels[1].end),
        "body": block.body.span,
        "attribute": attribute.span,
        "name": attribute.name_span,
        "inner": inner.span,
        "inner body": inner.body.span,
    }
    assert {name: text[start:end] for name, (start, end) in spans.items()} == {
        "block": 'a "b" c {\n  d = 1 # e\n\n  f {\n  }\n}',
        "header": 'a "b" c',
        "labels": '"b" c',
        "body": "\n  d = 1 # e\n\n  f {\n  }\n",
        "attribute": "d = 1",
        "name": "d",
        "inner": "f {\n  }",
        "inner body": "\n  ",
    }
    assert [label.value for label in block.labels] == ["b", "c"]
    assert [(comment.kind, text[comment.start : comment.end]) for comment in file.comments] == [
        ("#", "# e"),
        ("//", "// g"),
        ("/*", "/* h */"),
    ]


def test_a_carriage_return_is_no_part_of_a_comment_or_a_value() -> None:
    text = "a = b # c\r\nd = e\r\n"
    file = parser.parse(SourceText("main.tf", text))
    assert [text[item.start : item.end] for item in file.body.items] == ["a = b", "d = e"]
    assert [text[comment.start : comment.end] for comment in file.comments] == ["# c"]


def test_object_keys_are_told_apart() -> None:
    root = expression('{ a = 1, (b) = 2, "c" = 3, null = 4, 5 = 6, d.e = 7 }')
    kinds = [type(item.key).__name__ for item in root.items]  # type: ignore[attr-defined]
    assert kinds == ["Identifier", "Parens", "TemplateExpr", "Identifier", "Literal", "GetAttr"]
