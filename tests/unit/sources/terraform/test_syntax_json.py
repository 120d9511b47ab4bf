"""Terraform's JSON syntax becomes the same tree, with spans in the JSON text."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamlint.sources.terraform import json_syntax
from iamlint.sources.terraform.ast import File, FunctionCall, Interpolation, TemplateExpr, walk
from iamlint.sources.terraform.strings import offset_in
from iamlint.text import SourceText

FIXTURE = Path(__file__).parents[4] / "fixtures" / "terraform" / "syntax" / "native.tf.json"


def parse(text: str) -> File:
    return json_syntax.parse(SourceText("main.tf.json", text))


def test_blocks_labels_and_comments() -> None:
    text = FIXTURE.read_text(encoding="utf-8")
    file = parse(text)
    assert not file.errors
    assert [
        (block.type, *(label.value for label in block.labels)) for block in file.body.blocks
    ] == [
        ("resource", "aws_iam_policy", "one"),
        ("resource", "aws_iam_role", "r"),
        ("data", "aws_iam_policy_document", "d"),
        ("variable", "x"),
        ("locals",),
        ("locals",),
    ]
    policy = file.body.blocks[0]
    assert text[policy.start : policy.end].startswith('"one": {')
    assert text[policy.start : policy.header_end] == '"one"'
    assert list(policy.body.attributes) == ["name", "policy"]
    assert [text[comment.start : comment.end] for comment in file.comments] == [
        '"//": "Terraform as JSON."',
        '"//": "iamlint: a comment"',
    ]


def test_expressions_in_strings_have_spans_in_the_json_text() -> None:
    text = FIXTURE.read_text(encoding="utf-8")
    value = parse(text).body.blocks[0].body.attributes["policy"].expr
    assert isinstance(value, TemplateExpr)
    (hole,) = value.parts
    assert isinstance(hole, Interpolation)
    call = hole.expr
    assert isinstance(call, FunctionCall)
    assert text[call.start : call.end].startswith('jsonencode({Statement = [{Effect = \\"Allow\\"')
    strings = [text[node.start : node.end] for node in walk(call) if isinstance(node, TemplateExpr)]
    assert strings == ['\\"Allow\\"', '\\"s3:*\\"']
    assert text[call.end :].startswith('}"\n')


def test_nested_blocks_by_name_in_both_forms() -> None:
    file = parse(FIXTURE.read_text(encoding="utf-8"))
    role = file.body.blocks[1].body
    names = [
        block.body.attributes["name"].expr.literal  # type: ignore[union-attr]
        for block in json_syntax.blocks(role, "inline_policy")
    ]
    assert names == ["a", "b\u00e9\n${x}"]
    (statement,) = json_syntax.blocks(file.body.blocks[2].body, "statement")
    (dynamic,) = json_syntax.blocks(statement.body, "dynamic", labels=1)
    assert dynamic.labels[0].value == "condition"
    (content,) = json_syntax.blocks(dynamic.body, "content")
    assert content.body.attributes["test"].expr.literal == "Bool"  # type: ignore[union-attr]
    assert json_syntax.blocks(role, "nothing") == ()


def test_offsets_in_an_escaped_string() -> None:
    text = '{"locals": {"a": "b\\u00e9\\n$${x}/"}}'
    expr = parse(text).body.blocks[0].body.attributes["a"].expr
    assert isinstance(expr, TemplateExpr)
    (part,) = expr.parts
    assert [text[offset_in(text, part, index)] for index in range(8)] == list("b\\\\$$x}/")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "summary", "at"),
    [
        ("", "Invalid JSON", "1:1"),
        ("[", "Invalid JSON value", "1:2"),
        ("{", "Invalid JSON object", "1:2"),
        ('{"a": 1', "Unclosed object", "1:1"),
        ('{"a": [1', "Unclosed array", "1:7"),
        ('{"a": 1,}', "Trailing comma", "1:8"),
        ('{"a" 1}', "Missing property value", "1:6"),
        ('{"a": 1 "b": 2}', "Missing comma", "1:9"),
        ('{"a": tru}', "Invalid JSON value", "1:7"),
        ('{"a": "b\n"}', "Invalid JSON string", "1:7"),
        ('{"a": "\\q"}', "Invalid JSON string", "1:7"),
        ("{} {}", "Extraneous data after JSON value", "1:4"),
        ("# no json", "Invalid JSON", "1:1"),
        ("[" * 100_000, "Expression nested too deeply", "1:102"),
    ],
)
def test_broken_json_costs_the_file(text: str, summary: str, at: str) -> None:
    file = parse(text)
    (problem,) = file.errors
    assert (problem.summary, "{}:{}".format(*file.source.position(problem.start))) == (summary, at)
    assert problem.lost == (0, len(text))
    assert file.body.items == ()


def test_a_broken_template_costs_the_block() -> None:
    text = '{"locals": {"a": 1}, "resource": {"t": {"x": {"b": "\\n${"}, "y": {}}}}'
    file = parse(text)
    assert [block.labels[-1].value for block in file.body.blocks if block.labels] == ["y"]
    (problem,) = file.errors
    assert problem.summary == "Missing expression"
    assert text[problem.start :].startswith('"}, "y"')
    assert problem.lost_header == 'resource "t" "x"'
