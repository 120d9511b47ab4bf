"""Files made to break a reader get one clear answer in bounded time."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest

from iamlint.sources.cloudformation.read import read
from iamlint.sources.read import read as read_files
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions, Unreadable
from iamlint.text import SourceText

LETTERS = "abcdefghijklm"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in pairwise(LETTERS)
)


def measured(text: str) -> tuple[Project, float]:
    start = time.process_time()
    project = read(SourceText("t", text))
    return project, time.process_time() - start


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 100_000, "nested deeper than 200 levels"),
        ('{"a":' * 100_000, "nested deeper than 200 levels"),
        ("Resources: " + "[" * 100_000, "nested deeper than 200 levels"),
        ("\n".join(" " * depth + "a:" for depth in range(2_000)), "nested deeper than 200 levels"),
        ("- " * 50_000, "nested deeper than 200 levels"),
        (BOMB, "aliases repeat more than 250000 nodes"),
        ("a: &a {b: *a}\n", "the alias `*a` is part of its own anchor"),
        (
            '"' + "\\" * 99_999,
            "while parsing a quoted scalar: found unknown escape character",
        ),
    ],
    ids=["brackets", "objects", "yaml", "blocks", "dashes", "bomb", "cycle", "backslashes"],
)
def test_bombs_are_refused_quickly(text: str, reason: str) -> None:
    project, seconds = measured(text)
    (broken,) = project.unreadable
    assert broken.reason == reason
    assert seconds < 2


def test_a_file_over_the_limit_is_not_even_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("large")
    with open(folder / "t.yaml", "wb") as file:
        file.truncate(50 * 1024 * 1024)
    answer = Sandbox(folder, cwd=folder).read("t.yaml")
    assert isinstance(answer, Unreadable)
    assert answer.reason == "is too large: 50.0 MB, the limit is 20.0 MB"


def test_circular_references_end() -> None:
    project, seconds = measured(
        "Conditions: {X: !Condition Y, Y: !Condition X}\nResources:\n"
        "  A: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref B, ManagedPolicyArns: [!Ref A],"
        " AssumeRolePolicyDocument: !GetAtt B.Arn}}\n"
        "  B: {Type: AWS::IAM::Role, Condition: X, Properties: {RoleName: !Sub '${A}${B}'}}\n"
    )
    assert {owner.address for owner in project.owners.values()} == {"A", "B"}
    assert seconds < 2


def test_a_wide_choice_of_conditions_is_bounded() -> None:
    choice = "!If [C, {a: !If [D, a, b]}, !If [E, [x, y], z]]"
    pieces = ", ".join(f"!If [C{number}, a, b]" for number in range(40))
    project, seconds = measured(
        "Resources: {R: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyDocument: "
        f"{{Statement: [{{Effect: Allow, Action: [{pieces}, !Join ['', [{pieces}]]],"
        f" Resource: {choice}}}]}}}}]}}}}}}\n"
    )
    assert len(project.sites) == 1
    assert seconds < 2


def test_a_loop_of_loops_is_bounded() -> None:
    items = "[" + ", ".join(f"i{number}" for number in range(100)) + "]"
    body = "{'K${A}${B}${C}': {Type: 'AWS::IAM::Role', Properties: {RoleName: x}}}"
    for name in "CBA":
        body = f"{{'Fn::ForEach::{name}': [{name}, {items}, {body}]}}"
    project, seconds = measured(f"Transform: AWS::LanguageExtensions\nResources: {body}\n")
    assert any("Fn::ForEach" in entry.reason for entry in project.unresolved)
    assert seconds < 5


def test_doubling_names_and_conditions_are_bounded() -> None:
    names = "".join(
        f"  R{n}: {{Type: AWS::IAM::Role, Properties: {{RoleName: !Sub '${{R{n + 1}}}${{R{n + 1}}}'}}}}\n"
        for n in range(50)
    )
    conditions = "".join(
        f"  C{n}: !And [!Condition C{n + 1}, !Condition C{n + 1}]\n" for n in range(50)
    )
    project, seconds = measured(
        f"Conditions:\n{conditions}  C50: !Equals [!Ref P, x]\nParameters: {{P: {{Type: String}}}}\n"
        f"Resources:\n{names}  R50: {{Type: AWS::IAM::Role, Properties: {{RoleName: xxxx}}, Condition: C0}}\n"
        "  R: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [!If [C0, !Ref R0, a]]}}\n"
    )
    assert len(project.owners) == 52
    assert seconds < 3


def test_a_long_chain_of_conditions_ends() -> None:
    chain = "".join(f"  C{n}: !Not [!Condition C{n + 1}]\n" for n in range(5_000))
    deep = "!And [" * 150 + "!Condition C0" + "]" * 150
    project, seconds = measured(
        f"Conditions:\n{chain}  C5000: !Equals [a, a]\n  D: {deep}\nResources:\n"
        "  R: {Type: AWS::IAM::Role, Condition: D, Properties: {ManagedPolicyArns: [!If [D, a, b]]}}\n"
    )
    assert [site.possible for site in project.sites] == ["if `D` holds"]
    assert seconds < 2


def test_a_chain_of_names_ends() -> None:
    names = "".join(
        f"  R{n}: {{Type: AWS::IAM::Role, Properties: {{RoleName: !Ref R{n + 1}}}}}\n"
        for n in range(3_000)
    )
    project, seconds = measured(f"Resources:\n{names}  R3000: {{Type: AWS::IAM::Role}}\n")
    assert len(project.owners) == 3_001
    assert seconds < 3


@pytest.mark.parametrize(
    "value",
    [
        "[" * 190 + "x" + "]" * 190,
        "!If [C, " * 190 + "x" + ", y]" * 190,
        '!Sub ["${A}", {A: ' * 60 + "x" + "}]" * 60,
        "!Join ['', [" * 90 + "x" + "]]" * 90,
    ],
    ids=["lists", "ifs", "subs", "joins"],
)
def test_deep_values_are_bounded(value: str) -> None:
    project, seconds = measured(
        "Conditions: {C: !Equals [!Ref AWS::Region, x]}\nResources:\n  R:\n"
        f"    Type: AWS::IAM::Role\n    Properties:\n      RoleName: {value}\n"
        f"      ManagedPolicyArns: {value}\n      AssumeRolePolicyDocument: {value}\n"
    )
    assert not project.unreadable
    assert seconds < 2


def test_deep_json_inside_a_string_is_said() -> None:
    text = json.dumps('{"a":' * 50_000)
    project, seconds = measured(
        '{"Resources": {"R": {"Type": "AWS::SQS::QueuePolicy", '
        f'"Properties": {{"PolicyDocument": {text}}}}}}}}}'
    )
    (said,) = project.unresolved
    assert "nested deeper than 200 levels" in said.reason
    assert seconds < 2


@pytest.mark.parametrize("as_json", [False, True])
def test_a_large_template_is_read_in_bounded_time(as_json: bool) -> None:
    if as_json:
        bucket = {"Type": "AWS::S3::Bucket", "Properties": {"Tags": [{"Key": "a", "Value": "b"}]}}
        text = json.dumps({"Resources": {f"B{n}": bucket for n in range(20_000)}})
    else:
        body = "    Type: AWS::S3::Bucket\n    Properties:\n      Tags: [{Key: a, Value: b}]\n"
        text = "Resources:\n" + "".join(f"  B{n}:\n{body}" for n in range(20_000))
    project, seconds = measured(text)
    assert project.sites == []
    assert not project.unreadable
    assert seconds < 5


def test_templates_inside_templates_are_bounded() -> None:
    text = "Resources: {R: {Type: AWS::IAM::Role, Properties: {RoleName: innermost}}}\n"
    for _ in range(9):
        text = (
            "Resources:\n  S:\n    Type: AWS::CloudFormation::StackSet\n    Properties:\n"
            f"      TemplateBody: {json.dumps(text)}\n"
        )
    project, seconds = measured(text)
    assert [str(owner.name) for owner in project.owners.values()] == ["innermost"]
    assert seconds < 3


def test_a_template_that_is_not_utf8_is_said(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_bytes(b"Resources:\n  R:\n    Type: AWS::IAM::Role # caf\xe9\n")
    found = read_files(["t.yaml"], Sandbox(tmp_path, cwd=tmp_path), ReadOptions())
    (broken,) = found.unreadable
    assert broken.reason == "is not UTF-8: byte 0xe9 (invalid continuation byte)"
    assert found.sites == []


def test_long_runs_of_blanks_inside_quoted_json_are_linear() -> None:
    blanks = " " * 300_000
    project, seconds = measured(
        "Resources:\n  R:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n"
        f"      PolicyDocument: '{{{blanks}\n\n{blanks}''}}'\n"
    )
    assert len(project.unresolved) == 1
    assert seconds < 3
