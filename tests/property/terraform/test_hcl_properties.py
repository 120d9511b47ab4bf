"""Generated HCL parses to what was generated, with spans that tile; no text makes the parser raise."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.sources.terraform import ast, json_syntax, parser, second_reader, syntax
from iamlint.sources.terraform.ast import File, Node, children, walk
from iamlint.text import SourceText

FIXTURES = Path(__file__).parents[3] / "fixtures" / "terraform" / "syntax"
BOUNDED = settings(max_examples=150, deadline=None)

Pair = tuple[str, Any]  # HCL text, and what it must parse to

names = st.sampled_from(["a", "b_c", "d-e", "_f", "for_each", "truely", "é", "x1"])
blank = st.sampled_from(["", " ", "  ", "\t"])
gap = st.sampled_from(["", " ", "\n", " # c\n", "\n  // d ]\n", " /* } */ "])


@st.composite
def number(draw: st.DrawFn) -> Pair:
    text = draw(st.sampled_from(["0", "7", "42", "1.5", "2e3", "123456789012345678901234567890"]))
    return text, ("number", text)


@st.composite
def string(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    pieces = draw(
        st.lists(
            st.one_of(
                st.sampled_from(
                    [
                        ("a b", "a b"),
                        ("\\n", "\n"),
                        ("$${", "${"),
                        ("%%{", "%{"),
                        ('\\"', '"'),
                        ("ü}", "ü}"),
                    ]
                ).map(lambda pair: ("text", *pair)),
                inner.map(lambda pair: ("hole", *pair)),
            ),
            max_size=4,
        )
    )
    text, parts = "", []
    for kind, source, value in pieces:
        if kind == "hole":
            text += "${" + draw(blank) + source + draw(gap) + "}"
            parts.append(("hole", value))
        else:
            text += source
            if parts and parts[-1][0] == "text":
                parts[-1] = ("text", parts[-1][1] + value)
            else:
                parts.append(("text", value))
    return f'"{text}"', ("string", *parts)


@st.composite
def collection(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    items = draw(st.lists(inner, max_size=4))
    text = "[" + draw(gap)
    for number_, (source, _) in enumerate(items):
        last = number_ == len(items) - 1
        text += source + draw(gap) + ("," if not last or draw(st.booleans()) else "") + draw(gap)
    return text + "]", ("tuple", *(value for _, value in items))


@st.composite
def mapping(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    items = draw(st.lists(st.tuples(names, inner), max_size=4))
    text, values = "{", []
    for name, (source, value) in items:
        form = draw(st.sampled_from(["bare", "quoted", "computed"]))
        key = {"bare": name, "quoted": f'"{name}"', "computed": f"({name})"}[form]
        expected = {
            "bare": ("name", name),
            "quoted": ("string", ("text", name)),
            "computed": ("parens", ("variable", name)),
        }[form]
        text += draw(gap) + key + draw(blank) + draw(st.sampled_from("=:")) + draw(blank) + source
        text += draw(st.sampled_from([",", "\n", ",\n", " # c\n", " /* c */,"]))
        values.append((expected, value))
    return text + draw(gap) + "}", ("object", *values)


@st.composite
def call(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    name = draw(st.sampled_from(["f", "core::g", "provider::aws::h"]))
    args = draw(st.lists(inner, max_size=3))
    expand = bool(args) and draw(st.booleans())
    text = ("," + draw(gap)).join(source for source, _ in args)
    text = f"{name}({draw(gap)}{text}{'...' if expand else ''}{draw(gap)})"
    return text, ("call", name, expand, *(value for _, value in args))


@st.composite
def loop(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    (over, collection_), (key, key_value), (value, value_value), (test, test_value) = draw(
        st.tuples(inner, inner, inner, inner)
    )
    is_object, two, condition = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
    head = f"for {'k, ' if two else ''}v in {over}{draw(gap)}:{draw(gap)}"
    tail = f" if {test}" if condition else ""
    body = f"{key} => {value}..." if is_object else value
    left, right = "{}" if is_object else "[]"
    text = f"{left}{draw(gap)}{head}{body}{draw(gap)}{tail}{draw(gap)}{right}"
    return text, (
        "for",
        two,
        collection_,
        key_value if is_object else None,
        value_value,
        test_value if condition else None,
        is_object,
    )


@st.composite
def wrapped(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    source, value = draw(inner)
    text = f"({draw(gap)}{source}{draw(gap)})"
    return text, ("parens", value)


@st.composite
def traversal(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    name = draw(names)
    text, value = name, ("variable", name)
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            name = draw(names)
            text, value = f"{text}.{name}", ("get", value, name)  # type: ignore[assignment]
        else:
            source, key = draw(inner)
            text, value = f"{text}[{draw(gap)}{source}{draw(gap)}]", ("index", value, key)  # type: ignore[assignment]
    return text, value


@st.composite
def operation(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    """Operators on parenthesised operands, so that precedence is a matter of other tests."""
    (first, one), (second, two), (third, three) = draw(
        st.tuples(*[inner.flatmap(lambda p: wrapped(st.just(p)))] * 3)
    )
    kind = draw(st.sampled_from(["-", "!", "?", "+", "&&", "==", "<="]))
    if kind in "-!":
        return f"{kind}{first}", ("unary", kind, one)
    if kind == "?":
        return f"{first} ? {second} : {third}", ("if", one, two, three)
    return f"{first} {kind} {second}", ("binary", kind, one, two)


expressions = st.recursive(
    st.one_of(number(), names.map(lambda name: (name, ("variable", name)))),
    lambda inner: st.one_of(
        string(inner),
        collection(inner),
        mapping(inner),
        call(inner),
        loop(inner),
        wrapped(inner),
        traversal(inner),
        operation(inner),
    ),
    max_leaves=12,
)


def shape(node: Any, text: str) -> Any:
    """A tree without spans, in the generator's terms."""
    if node is None:
        return None
    match node:
        case ast.Literal():
            return ("number", text[node.start : node.end])
        case ast.TemplateExpr():
            parts = [
                ("text", part.value)
                if isinstance(part, ast.TemplateLiteral)
                else ("hole", shape(part.expr, text))  # type: ignore[union-attr]
                for part in node.parts
            ]
            return ("string", *parts)
        case ast.TupleExpr():
            return ("tuple", *(shape(item, text) for item in node.items))
        case ast.ObjectExpr():
            return (
                "object",
                *((shape(item.key, text), shape(item.value, text)) for item in node.items),
            )
        case ast.Identifier():
            return ("name", node.name)
        case ast.Variable():
            return ("variable", node.name)
        case ast.Parens():
            return ("parens", shape(node.expr, text))
        case ast.FunctionCall():
            return ("call", node.name, node.expand, *(shape(arg, text) for arg in node.args))
        case ast.GetAttr():
            return ("get", shape(node.target, text), node.name)
        case ast.Index():
            return ("index", shape(node.target, text), shape(node.key, text))
        case ast.ForExpr():
            return (
                "for",
                node.key_name is not None,
                shape(node.collection, text),
                shape(node.key, text),
                shape(node.value, text),
                shape(node.condition, text),
                node.group,
            )
        case ast.Unary():
            return ("unary", node.operator, shape(node.operand, text))
        case ast.Binary():
            return ("binary", node.operator, shape(node.left, text), shape(node.right, text))
        case ast.Conditional():
            return (
                "if",
                shape(node.condition, text),
                shape(node.then, text),
                shape(node.otherwise, text),
            )
    raise AssertionError(type(node))


# What may stand between the children of a node: blanks, comments, punctuation and small words.
GLUE = re.compile(
    r"""(?:\s|\#[^\n]*\n|//[^\n]*\n|/\*.*?\*/|[][{}(),:=.?<>!&|+*/%~"$-]|\b(?:for|in|if|else|endif|endfor)\b)*""",
    re.DOTALL,
)
WITH_TEXT_OF_ITS_OWN = (
    ast.Literal, ast.TemplateLiteral, ast.Variable, ast.Identifier, ast.Label, ast.Comment,
    ast.FunctionCall, ast.GetAttr, ast.Index, ast.Attribute, ast.Block, ast.ForExpr, ast.ForDirective,
    ast.Heredoc, ast.SplatItem, ast.TemplateExpr,
)  # fmt: skip


def assert_tiles(root: Node, text: str, *, whole: bool) -> None:
    for node in walk(root):
        assert 0 <= node.start <= node.end <= len(text)
        at = node.start
        for child in children(node):
            assert at <= child.start, (node, child)
            if not isinstance(node, WITH_TEXT_OF_ITS_OWN) and (whole or node is not root):
                assert GLUE.fullmatch(text[at : child.start]), text[at : child.start]
            at = child.end
        assert at <= node.end
        written = text[node.start : node.end]
        assert written == written.strip() or isinstance(node, ast.TemplateLiteral | ast.Body)
        if isinstance(node, ast.Variable | ast.Identifier):
            assert written == node.name
        if isinstance(node, ast.GetAttr):
            assert written.endswith(node.name)
        if isinstance(node, ast.Attribute):
            assert text[node.start : node.name_end] == node.name


def assert_sound(file: File) -> None:
    """What holds of every parse: spans tile, losses lie beside what was read, order is kept."""
    text = file.source.text
    assert_tiles(file.body, text, whole=not file.errors)
    losses = [problem.lost for problem in file.errors if problem.lost is not None]
    for problem in file.errors:
        assert 0 <= problem.start <= problem.end <= len(text)
        assert problem.summary
        assert problem.detail
    for loss in losses:
        assert 0 <= loss.start <= loss.end <= len(text)
        for item in file.body.items:
            assert item.end <= loss.start or item.start >= loss.end
    starts = [comment.start for comment in file.comments]
    assert starts == sorted(set(starts))


@BOUNDED
@given(expressions)
def test_an_expression_parses_to_what_was_generated(pair: Pair) -> None:
    hcl, expected = pair
    text = f"x = {hcl}\n"
    file = parser.parse(SourceText("main.tf", text))
    assert not file.errors
    assert shape(file.body.attributes["x"].expr, text) == expected
    assert_sound(file)
    again = parser.parse_expression(SourceText("x", hcl))
    assert shape(again, hcl) == expected


@settings(max_examples=30, deadline=None)
@given(expressions)
def test_python_hcl2_agrees_where_it_can_read(pair: Pair) -> None:
    text = f"x = {pair[0]}\n"
    theirs = second_reader.read_stretch(text, 0, len(text))
    if theirs is not None:
        ours = parser.parse(SourceText("main.tf", text))
        assert repr(theirs.items) == repr(list(ours.body.items))


@BOUNDED
@given(
    st.lists(st.tuples(names, expressions), max_size=5, unique_by=lambda pair: pair[0]), st.data()
)
def test_a_file_of_blocks(attributes: list[tuple[str, Pair]], data: st.DataObject) -> None:
    text, wanted = "", []
    for name, (hcl, expected) in attributes:
        label = data.draw(st.sampled_from(['"l"', "l", '"l m"', '"\\u00e9"']))
        break_ = data.draw(st.sampled_from(["\n", "\r\n", " # c\n", "\n\n"]))
        text += f"{data.draw(blank)}{name} {label} {{{break_}  y = {hcl}{break_}}}{break_}"
        wanted.append((name, expected))
    file = parser.parse(SourceText("main.tf", text))
    assert not file.errors
    found = [
        (block.type, shape(block.body.attributes["y"].expr, text)) for block in file.body.blocks
    ]
    assert found == wanted
    assert_sound(file)


pieces = st.sampled_from(
    [*'{}[]()"$%,.:=\n~?!-+*/<>#&| a1_\\', "${", "%{", "$${", "<<E\n", "<<-E\n", "\nE\n", "...", "=>", "for ", "if ",
     "in ", "/*", "*/", "//", "::", "[*]", ".*", "%{ if x }", "%{ endif }", 'resource "a" "b" {\n', "\n}\n", "é", "\r\n", "\0"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(pieces, max_size=40).map("".join)))
def test_no_text_makes_it_raise(text: str) -> None:
    assert_sound(parser.parse(SourceText("main.tf", text)))
    json_syntax.parse(SourceText("main.tf.json", text))


@pytest.mark.parametrize("seed", range(20))
def test_a_mutated_file_is_read_soundly(seed: int) -> None:
    chance = random.Random(seed)
    texts = [path.read_bytes().decode("utf-8") for path in sorted(FIXTURES.glob("*.tf"))]
    bits = [*'{}[]()"$%,.:=\n~?!-<#\\', "${", "%{", "<<E\n", "/*", 'resource "a" "b" {\n', ""]
    for _ in range(10):
        text = chance.choice(texts)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(bits) + text[at + chance.randrange(4) :]
        assert_sound(parser.parse(SourceText("main.tf", text)))


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.tf*")), ids=lambda path: path.name)
def test_the_fixtures_are_read_soundly(path: Path) -> None:
    file = syntax.read(SourceText(path.name, path.read_bytes().decode("utf-8")))
    assert bool(file.errors) == (path.name == "broken.tf")
    if path.suffix == ".tf":
        assert_sound(file)
