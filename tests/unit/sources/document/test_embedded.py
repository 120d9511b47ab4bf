"""JSON inside strings keeps the places of the file that it stands in."""

from __future__ import annotations

import json

import pytest

from iamlint.sources.document.document import Document, DocumentError
from iamlint.sources.document.embedded import offset_table, parse_embedded
from iamlint.sources.document.parse import parse
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Hole, MapNode, Node, Scalar, Text, Unknown, plain

POLICY = '{"Action": "s3:*", "Resource": ["a", "b"]}'


def scalar(text: str) -> Scalar:
    document = parse(SourceText("file", text))
    assert isinstance(document, Document)
    root = document.roots[0]
    assert isinstance(root, MapNode)
    value = root.entries[0].value
    assert isinstance(value, Scalar)
    return value


def inner(value: Scalar) -> Node:
    assert isinstance(value.value, str)
    return parse_embedded(value.value, value.place, offset_table(value))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"k": POLICY}),
        f"k: '{POLICY}'\n",
        "k: " + json.dumps(POLICY) + "\n",
        f"k: |\n  {POLICY}\n",
        f"k: |-\r\n    {POLICY}\r\nl: m\r\n",
        'k: |\n  {\n    "Action": "s3:*",\n\n    "Resource": ["a", "b"]\n  }\n',
        'k: \'{"Action":\n\n     "s3:*",   \r\n   "Resource": ["a",\n   "b"]}\'\n',
        'k: "{\\"Action\\":\n  \\"s3:*\\", \\\n  \\"Resource\\": [\\"a\\", \\"b\\"]}"\n',
        'k: |2\n    {"Action": "s3:*", "Resource": ["a", "b"]}\n',
    ],
)
def test_places_point_into_the_outer_text(text: str) -> None:
    node = inner(scalar(text))
    assert plain(node) == json.loads(POLICY)
    assert isinstance(node, MapNode)
    action = node.get("Action")
    assert action is not None
    assert action.place.text.strip('"\\') == "s3:*"


def test_folded_text_is_read_at_the_place_of_the_whole() -> None:
    value = scalar('k: >\n  {"Action":\n  "s3:*"}\n')
    assert offset_table(value) is None
    node = inner(value)
    assert isinstance(node, MapNode)
    assert node.entries[0].value.place == value.place


def test_faults_have_the_place_of_the_outer_text() -> None:
    value = scalar("k: |\n  {\n    bad\n  }\n")
    with pytest.raises(DocumentError) as caught:
        inner(value)
    assert value.place.source.position(caught.value.offset) == (3, 5)


def test_holes_in_strings_and_in_place_of_values() -> None:
    hole = Hole("var.x")
    text = Text.of('{"a": "x', hole, 'y", "b": ', hole, "}")
    source = SourceText("file", "")
    node = parse_embedded(text, Place(source, Span(0, 0)), None)
    assert isinstance(node, MapNode)
    first, second = (entry.value for entry in node.entries)
    assert isinstance(first, Scalar)
    assert first.value == Text.of("x", hole, "y")
    assert isinstance(second, Unknown)
    assert second.hole == hole
