"""JSON and YAML become the same trees, with the places where things are written."""

from __future__ import annotations

import pytest

from iamlint.sources.document.document import Document
from iamlint.sources.document.parse import parse
from iamlint.sources.site import Unreadable
from iamlint.text import SourceText
from iamlint.tree import ListNode, MapNode, Node, Scalar, Unknown, plain


def document(text: str) -> Document:
    answer = parse(SourceText("file", text))
    assert isinstance(answer, Document), answer
    return answer


def root(text: str) -> Node:
    (node,) = document(text).roots
    return node


def at(node: Node | None, *path: str | int) -> Node:
    for step in path:
        if isinstance(node, MapNode) and isinstance(step, str):
            node = node.get(step)
        elif isinstance(node, ListNode) and isinstance(step, int):
            node = node.items[step]
    assert node is not None
    return node


def fault(text: str) -> tuple[str, int | None, int | None]:
    answer = parse(SourceText("file", text))
    assert isinstance(answer, Unreadable)
    return answer.reason, answer.line, answer.column


def test_json_values_and_places() -> None:
    text = '{"a": [1, -2.5e1, true, null, "x\\n\\u00e9"], "b": {}}'
    node = root(text)
    assert document(text).language == "json"
    assert plain(node) == {"a": [1, -25.0, True, None, "x\né"], "b": {}}
    assert at(node, "a", 4).place.text == '"x\\n\\u00e9"'
    assert at(node, "a").place.text == '[1, -2.5e1, true, null, "x\\n\\u00e9"]'


def test_duplicate_keys_are_kept_and_the_last_counts() -> None:
    for text in ('{"a": 1, "a": 2}', "a: 1\na: 2\n"):
        node = root(text)
        assert isinstance(node, MapNode)
        assert list(node.keys()) == ["a", "a"]
        assert at(node, "a") == node.entries[1].value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1', ("expected `,` or `}`, found the end of the text", 1, 8)),
        ('{"a": \n  "b\n}', ("a line break in a string", 2, 5)),
        ('{"a": "\\x"}', ("no such escape: `\\x`", 1, 8)),
        ('{"a": 1}\n} ', ("expected the end of the text after the value", 2, 1)),
        ('{"a" 1: ]', ("expected `:` after the key, found `1`", 1, 6)),
        ("a: [1", ("while parsing a flow sequence: did not find expected ',' or ']'", 1, 6)),
        ("a: b: c\n", ("mapping values are not allowed in this context", 1, 5)),
        ("a: \x01\n", ("a control character, which YAML does not allow", 1, 4)),
        ("a: &x [*x]\n", ("the alias `*x` is part of its own anchor", 1, 8)),
        ("a: *x\n", ("the alias `*x` has no anchor before it", 1, 4)),
    ],
)
def test_faults_have_a_place(text: str, expected: tuple[str, int, int]) -> None:
    assert fault(text) == expected


def test_json_with_comments_and_trailing_commas_is_read_as_yaml() -> None:
    assert plain(root('{"a": [1, 2,], # why\n}')) == {"a": [1, 2]}


def test_a_number_too_long_for_python_stays_a_string() -> None:
    digits = "1" * 5000
    assert plain(root('{"n": ' + digits + "}")) == {"n": digits}


def test_lone_surrogates_become_replacement_characters() -> None:
    assert plain(root('{"a": "\\ud800 \\ud83d\\ude00"}')) == {"a": "\ufffd 😀"}


def test_yaml_types() -> None:
    text = (
        "date: 2012-10-17\nyes: Yes\noctal: 010\nfloat: 1.5\nsexagesimal: 1:30\n"
        "none:\ntilde: ~\nquoted: 'true'\nforced: !!str 12\n012345670123: account\n"
    )
    assert plain(root(text)) == {
        "date": "2012-10-17",
        "yes": True,
        "octal": 8,
        "float": 1.5,
        "sexagesimal": 90,
        "none": None,
        "tilde": None,
        "quoted": "true",
        "forced": "12",
        "012345670123": "account",
    }


def test_short_forms_are_their_long_forms() -> None:
    short = root(
        "a: !Sub 'x${Y}'\nb: !GetAtt R.Outputs.Arn\nc: !If [C, !Ref A, !Condition D]\n"
        "d: !Join\n  - ','\n  - [a]\n"
    )
    assert plain(short) == {
        "a": {"Fn::Sub": "x${Y}"},
        "b": {"Fn::GetAtt": ["R", "Outputs.Arn"]},
        "c": {"Fn::If": ["C", {"Ref": "A"}, {"Condition": "D"}]},
        "d": {"Fn::Join": [",", ["a"]]},
    }
    assert at(short, "a").place.text == "!Sub 'x${Y}'"
    assert at(short, "a", "Fn::Sub").place.text == "'x${Y}'"
    assert at(short, "b", "Fn::GetAtt", 1).place.text == "Outputs.Arn"
    assert at(short, "c", "Fn::If", 1).place.text == "!Ref A"


def test_an_unknown_tag_is_an_unknown_value() -> None:
    node = at(root("a: !Include other.yaml\n"), "a")
    assert isinstance(node, Unknown)
    assert node.reason == "the tag `!Include` is not known to CloudFormation"


def test_block_collections_end_where_their_last_value_ends() -> None:
    text = "a:\n  - b: c # why\n\n    d: |\n      text\n\n  # comment\n\ne: f\n"
    node = root(text)
    assert at(node, "a").place.text == "- b: c # why\n\n    d: |\n      text"
    assert at(node, "a", 0, "d").place.text == "|\n      text"


def test_places_count_code_points() -> None:
    node = root("ä: '😀'\nb: x\n")
    assert at(node, "b").place.text == "x"
    assert at(node, "ä").place.text == "'😀'"


def test_aliases_are_shared() -> None:
    answer = document("a: &x {k: v}\nb: *x\nc: d\n")
    node = answer.roots[0]
    assert at(node, "a") is at(node, "b")
    assert answer.is_shared(at(node, "a").place.span)
    assert not answer.is_shared(at(node, "c").place.span)


def test_merge_keys() -> None:
    node = root("a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3\nc: {<<: [*x, {m: 4}]}\n")
    assert plain(at(node, "b")) == {"k": 1, "l": 3}
    assert plain(at(node, "c")) == {"k": 1, "l": 2, "m": 4}


def test_several_documents_and_empty_ones() -> None:
    roots = document("---\na: 1\n---\n---\nb: 2\n").roots
    assert [plain(node) for node in roots] == [{"a": 1}, {"b": 2}]
    assert document("").roots == ()
    assert document("# nothing\n").roots == ()


def test_crlf_is_kept_out_of_values() -> None:
    node = root("a: x\r\nb: |\r\n  y\r\n")
    assert plain(node) == {"a": "x", "b": "y\n"}
    assert isinstance(at(node, "b"), Scalar)
    assert at(node, "b").place.text == "|\r\n  y"


@pytest.mark.parametrize(
    "text",
    [
        "a: !Sub 'x${Y}'\nb:\n  - c: |\n      text\n\n  - !GetAtt R.Arn\nd: &x {k: [1]}\n",
        "ä: '😀'\nb: x # c\n",
        "a: \x01\n",
        "a: b: c\n",
        "a: [1",
    ],
)
def test_without_libyaml_the_answer_is_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    expected = parse(SourceText("file", text))
    monkeypatch.delattr(yaml, "CSafeLoader")
    answer = parse(SourceText("file", text))
    if isinstance(expected, Document):
        assert isinstance(answer, Document)
        assert _spans(answer.roots[0]) == _spans(expected.roots[0])
    else:
        assert isinstance(answer, Unreadable)
        assert answer.line == expected.line


def _spans(node: Node) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = [(node.place.text, plain(node))]
    children: tuple[Node, ...] = ()
    if isinstance(node, ListNode):
        children = node.items
    elif isinstance(node, MapNode):
        children = tuple(entry.value for entry in node.entries)
    return [*found, *(pair for child in children for pair in _spans(child))]
