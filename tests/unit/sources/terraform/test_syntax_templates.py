"""Values of literal text: escapes, strip markers, heredocs with and without dedent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iamlint.sources.terraform import parser
from iamlint.sources.terraform.ast import TemplateLiteral, walk
from iamlint.sources.terraform.scanner import HclSyntaxError
from iamlint.sources.terraform.strings import offset_in
from iamlint.text import SourceText

TABLE = Path(__file__).parents[4] / "fixtures" / "terraform" / "syntax" / "values.jsonl"
ROWS = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


def literals(hcl: str) -> list[str]:
    """The values of all literal pieces, with `‹›` for what is computed."""
    file = parser.parse(SourceText("main.tf", f"x = {hcl}\n"))
    assert not file.errors
    expr = file.body.attributes["x"].expr
    return [
        part.value if isinstance(part, TemplateLiteral) else "‹›"
        for part in expr.parts  # type: ignore[union-attr]
    ]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: repr(row["hcl"])[:60])
def test_value(row: dict[str, str]) -> None:
    """Interpolations of the table hold plain strings, so they can be put in their places."""
    file = parser.parse(SourceText("main.tf", f"x = {row['hcl']}\n"))
    assert not file.errors
    expr = file.body.attributes["x"].expr
    value = "".join(
        part.value if isinstance(part, TemplateLiteral) else part.expr.literal or ""  # type: ignore[union-attr]
        for part in expr.parts  # type: ignore[union-attr]
    )
    assert value == row["value"]


def test_pieces_around_what_is_computed() -> None:
    assert literals('"$${aws:PrincipalTag/${var.tag}}/*"') == ["${aws:PrincipalTag/", "‹›", "}/*"]
    assert literals("<<-E\n  a ${~ b ~}\n  c\n  E\n") == ["a", "‹›", "  c\n"]


@pytest.mark.parametrize(
    "hcl",
    [
        '"a\\nb$${c}\\u00e9%%{d}\\"e"',
        "<<E\na $${b} %%{c} \\n\nd\nE\n",
        "<<-E\n    a $${b}\n      c %%{d}\n    E\n",
    ],
)
def test_every_character_of_a_value_has_its_place(hcl: str) -> None:
    text = f"x = {hcl}\n"
    file = parser.parse(SourceText("main.tf", text))
    written = {"\n": "\\n\n", '"': '\\"', "é": "\\u00e9"}
    for node in walk(file.body):
        if not isinstance(node, TemplateLiteral):
            continue
        places = [offset_in(text, node, index) for index in range(len(node.value) + 1)]
        assert places == sorted(places)
        assert places[0] == node.start
        assert places[-1] == node.end
        for index, character in enumerate(node.value):
            source = text[places[index] : node.end]
            allowed = written.get(character, character)
            assert source.startswith((character, allowed, "\\", "$${", "%%{"))


def test_offsets_of_an_escape_are_those_of_its_sequence() -> None:
    text = 'x = "a\\nb\\u00e9c"\n'
    (node,) = [
        node
        for node in walk(parser.parse(SourceText("m", text)).body)
        if isinstance(node, TemplateLiteral)
    ]
    assert node.value == "a\nbéc"
    assert [text[offset_in(text, node, index) :][:2] for index in range(5)] == [
        "a\\",
        "\\n",
        "b\\",
        "\\u",
        'c"',
    ]


def test_bare_template() -> None:
    source = SourceText("policy.tftpl", '{"Action": "${action}"}\n%{ if x ~}\n y\n%{ endif ~}\n')
    template = parser.parse_template(source)
    first, hole, second, directive = template.parts
    assert (first.value, second.value) == ('{"Action": "', '"}\n')  # type: ignore[union-attr]
    assert source.slice(hole.span) == "${action}"
    assert [part.value for part in directive.then] == [" y\n"]  # type: ignore[union-attr]
    with pytest.raises(HclSyntaxError) as raised:
        parser.parse_template(SourceText("x", "${a"))
    assert raised.value.problem.summary == "Unclosed template interpolation sequence"


def test_one_expression_of_a_text() -> None:
    source = SourceText("var", "x = [1,\n 2] # c")
    expr = parser.parse_expression(source, 4)
    assert source.slice(expr.span) == "[1,\n 2]"
    with pytest.raises(HclSyntaxError) as raised:
        parser.parse_expression(source, 0)
    assert raised.value.problem.summary == "Extra characters after expression"
