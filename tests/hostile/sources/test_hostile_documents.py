"""Files made to break a reader get one clear answer in bounded time."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from iamlint.sources.cloudformation.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, Unreadable
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


def test_long_runs_of_blanks_inside_quoted_json_are_linear() -> None:
    blanks = " " * 300_000
    project, seconds = measured(
        "Resources:\n  R:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n"
        f"      PolicyDocument: '{{{blanks}\n\n{blanks}''}}'\n"
    )
    assert len(project.unresolved) == 1
    assert seconds < 3
