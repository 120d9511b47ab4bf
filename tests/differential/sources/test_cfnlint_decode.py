"""Our tree of a template equals the one that cfn-lint decodes."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from iamlint.sources.document.document import Document
from iamlint.sources.document.parse import parse
from iamlint.text import SourceText
from iamlint.tree import plain

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "fixtures" / "cloudformation").glob("*.*"))

FORMS = """
AWSTemplateFormatVersion: 2010-09-09
Resources:
  A:
    Type: AWS::IAM::Role
    Properties:
      Short: [!Ref A, !Sub 'a${B}', !GetAtt A.B.C, !Join [',', [a]], !Select [0, [a]]]
      Long: {Fn::Sub: [a, {b: c}], Fn::GetAtt: [A, B]}
      Block: |
        one
          two

        three
      Folded: >-
        one
        two
      Numbers: [1, 1.5, 010, 0x1F, 1_000, 190:20:30, 1e3, .5]
      Words: [yes, No, on, OFF, true, ~, null, '', "true", 'x''y', "a\\tb\\u00e9"]
      Quoted: {'key': "value", "other": 'value'}
      Nested:
      - - a
        - b
      -
        c: d
      Comment: x # not part of it
      ? complex
      : value
      Condition: !Condition C
      If: !If
        - C
        - Ref: X
        - !Ref AWS::NoValue
"""


def cfnlint_tree(text: str) -> Any:
    decode = pytest.importorskip("cfnlint.decode", reason="cfn-lint is not installed")
    tree, problems = decode.decode_str(text)
    assert not problems, problems
    return normal(tree)


def normal(value: Any) -> Any:
    """cfn-lint's nodes as plain data; it reads an unquoted date as a date."""
    if isinstance(value, dict):
        return {str(key): normal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normal(item) for item in value]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, str):
        return str(value)
    return value


def our_tree(text: str) -> Any:
    document = parse(SourceText("t", text))
    assert isinstance(document, Document), document
    (root,) = document.roots
    return plain(root)


@pytest.mark.slow
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_fixtures_decode_alike(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert our_tree(text) == cfnlint_tree(text)


@pytest.mark.slow
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_all_forms_decode_alike(newline: str) -> None:
    text = FORMS.replace("\n", newline)
    assert our_tree(text) == cfnlint_tree(text)
