"""Whatever the text is, the readers answer, and their places point at what they read."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.sources.cloudformation.read import read
from iamlint.sources.detect import detect
from iamlint.sources.document.document import Document
from iamlint.sources.document.embedded import offset_table, parse_embedded
from iamlint.sources.document.parse import parse
from iamlint.sources.document.read import read as read_policies
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Entry, ListNode, MapNode, Node, Scalar, plain

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
PIECES = st.lists(
    st.sampled_from(
        [
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            '"',
            "'",
            "\n",
            "  ",
            "- ",
            "!Sub ",
            "!Ref ",
            "&a ",
            "*a",
            "|",
            ">",
            "Resources",
            "Type",
            "AWS::IAM::Role",
            "Properties",
            "Statement",
            "Effect",
            "${A}",
            "Fn::If",
            *[
                "AWS::NoValue",
                "Ref",
                "#",
                "\r\n",
                "\t",
                "<<",
                "%",
                "---",
                "é😀",
                "\\u00",
                "Policies",
            ],
        ]
    ),
    max_size=40,
).map("".join)


def nodes(node: Node) -> list[Node]:
    found = [node]
    if isinstance(node, ListNode):
        for item in node.items:
            found += nodes(item)
    if isinstance(node, MapNode):
        for entry in node.entries:
            found += [*nodes(entry.key), *nodes(entry.value)]
    return found


def roots(text: str) -> tuple[Node, ...]:
    answer = parse(SourceText("f", text))
    assert isinstance(answer, Document), answer
    return answer.roots


@given(VALUES, st.sampled_from([None, 2, "\t"]), st.booleans())
@settings(max_examples=80, deadline=None)
def test_json_is_read_as_the_standard_library_reads_it(
    value: Any, indent: int | str | None, ascii_only: bool
) -> None:
    text = json.dumps([value], indent=indent, ensure_ascii=ascii_only)
    (root,) = roots(text)
    assert plain(root) == json.loads(text)
    for node in nodes(root):
        # The slice of every node is JSON that reads as the node.
        assert json.loads(node.place.text) == plain(node)


@given(VALUES, st.sampled_from([None, True, False]), st.sampled_from([None, '"', "'"]))
@settings(max_examples=80, deadline=None)
def test_yaml_is_read_as_pyyaml_reads_it(value: Any, flow: bool | None, quotes: str | None) -> None:
    text = yaml.dump(
        {"k": value}, default_flow_style=flow, default_style=quotes, allow_unicode=True
    )
    (root,) = roots(text)
    # Keys are strings, whatever they look like.
    assert json.dumps(plain(root)) == json.dumps(strings(yaml.safe_load(text)))
    for node in nodes(root):
        if isinstance(node, Scalar) and node.style == "plain" and isinstance(node.value, str):
            assert " ".join(node.place.text.split()) == " ".join(node.value.split())
        if isinstance(node, Scalar) and node.style in ("single", "double"):
            mark = "'" if node.style == "single" else '"'
            assert node.place.text[0] == node.place.text[-1] == mark


def strings(value: Any) -> Any:
    """The value with null keys as YAML writes them."""
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) else str(key): strings(item) for key, item in value.items()
        }
    if isinstance(value, list):
        return [strings(item) for item in value]
    return value


@given(VALUES, st.sampled_from(["json", "single", "literal"]))
@settings(max_examples=80, deadline=None)
def test_json_inside_strings_points_at_its_characters(value: Any, style: str) -> None:
    inner = json.dumps({"Statement": value})
    if style == "json":
        text = json.dumps({"k": inner})
    elif style == "single":
        text = "k: '" + inner.replace("'", "''") + "'\n"
    else:
        text = "k: |-\n  " + json.dumps({"Statement": value}, indent=1).replace("\n", "\n  ") + "\n"
    (root,) = roots(text)
    assert isinstance(root, MapNode)
    scalar = root.entries[0].value
    assert isinstance(scalar, Scalar)
    assert isinstance(scalar.value, str)
    table = offset_table(scalar)
    assert table is not None
    assert len(table) == len(scalar.value) + 1
    tree = parse_embedded(scalar.value, scalar.place, table)
    assert plain(tree) == {"Statement": value}
    for node in nodes(tree):
        raw = node.place.text
        if style == "single":
            raw = raw.replace("''", "'")
        if style == "json":
            raw = json.loads(f'"{raw}"')
        assert json.loads(raw) == plain(node)


@given(st.binary(max_size=200) | PIECES.map(str.encode))
@settings(max_examples=300, deadline=None)
def test_any_bytes_get_an_answer(data: bytes) -> None:
    detect("f.yaml", data)
    source = SourceText("f", data.decode("utf-8", "replace"))
    for project in (read(source), read_policies(source)):
        for broken in project.unreadable:
            assert broken.reason
            assert broken.line is not None
    answer = parse(source)
    for root in answer.roots if isinstance(answer, Document) else ():
        for node in nodes(root):
            assert 0 <= node.place.span.start <= node.place.span.end <= len(source.text)


EXPRESSIONS = st.recursive(
    SCALARS
    | st.sampled_from(["A", "B", "P", "C", "AWS::NoValue", "${A.Arn}-${P}", "R", "Role"]).map(
        lambda name: {"Ref": name}
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *["Fn::Sub", "Fn::Join", "Fn::If", "Fn::Select", "Fn::Split", "Fn::FindInMap"],
                    *["Fn::GetAtt", "Fn::ForEach::X", "Fn::ImportValue", "Fn::Transform"],
                    *["Fn::Length", "Ref", "Statement", "Effect", "Action"],
                ]
            ),
            inner,
            max_size=2,
        )
        | st.tuples(st.just("C"), inner, inner).map(lambda items: {"Fn::If": list(items)})
        | st.tuples(st.just(","), st.lists(inner, max_size=3)).map(
            lambda items: {"Fn::Join": list(items)}
        )
    ),
    max_leaves=25,
)


@given(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS)
@settings(max_examples=150, deadline=None)
def test_any_template_gets_an_answer(one: Any, two: Any, three: Any) -> None:
    template = {
        "Parameters": {"P": {"Type": "String", "Default": "p"}, "A": {"Type": two}},
        "Conditions": {"C": one, "D": {"Condition": "C"}},
        "Mappings": {"R": one},
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Condition": "D",
                "Properties": {
                    "RoleName": one,
                    "AssumeRolePolicyDocument": two,
                    "ManagedPolicyArns": three,
                    "Policies": [{"PolicyDocument": three}, two],
                },
            },
            "B": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"Roles": three, "PolicyDocument": one},
            },
        },
    }
    source = SourceText("t", json.dumps(template))
    project = read(source)
    assert not project.unreadable
    for site in project.sites:
        assert site.place.source is source


def test_spans_of_entries_follow_one_another() -> None:
    source = SourceText("f", "a: 1\nb: {c: d}\n")
    (root,) = roots(source.text)
    assert isinstance(root, MapNode)
    assert [type(entry) for entry in root.entries] == [Entry, Entry]
    assert Place(source, Span(0, 4)).text == "a: 1"
