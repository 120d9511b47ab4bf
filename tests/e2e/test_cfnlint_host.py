"""The real cfn-lint shows iamlint's findings, at their places, and can silence them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TEMPLATE = """\
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Loud:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: ec2.amazonaws.com}
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - !Sub arn:${AWS::Partition}:iam::aws:policy/AmazonSSMManagedInstanceCore
        - !Sub arn:${AWS::Partition}:iam::aws:policy/CloudWatchLogsFullAccess
  Quiet:
    Type: AWS::IAM::Role
    Metadata:
      cfn-lint: {config: {ignore_checks: [W9553]}}
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: ec2.amazonaws.com}
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/AmazonS3FullAccess
"""


def lint(folder: Path, *options: str) -> list[str]:
    pytest.importorskip("cfnlint", reason="cfn-lint is not installed")
    (folder / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
    program = "from cfnlint.runner import main; main()"
    command = [sys.executable, "-c", program, "-a", "iamlint.cfnlint_rules", "-f", "parseable"]
    done = subprocess.run(
        [*command, *options, "--", "t.yaml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return [line for line in done.stdout.splitlines() if ":W95" in line or "E0002" in line]


def test_findings_are_shown_at_the_string_and_metadata_silences_them(tmp_path: Path) -> None:
    (line,) = lint(tmp_path)
    assert line.startswith("t.yaml:14:16:14:78:W9553:IAM103 full-access-managed-policy: ")


def test_cfnlint_selects_them(tmp_path: Path) -> None:
    assert lint(tmp_path, "-i", "W9553") == []


def test_findings_of_a_nested_template_are_shown_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "child.yaml").write_text(TEMPLATE, encoding="utf-8")
    parent = (
        "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n"
        "    Properties: {TemplateURL: child.yaml}\n"
    )
    (tmp_path / "parent.yaml").write_text(parent, encoding="utf-8")
    rules = pytest.importorskip("iamlint.cfnlint_rules", reason="cfn-lint is not installed")
    found = rules.findings(str(tmp_path / "child.yaml"), {})
    assert {finding.place.path for finding in found} == {str(tmp_path / "child.yaml")}
    assert all(
        finding.place.path == str(tmp_path / "parent.yaml")
        for finding in rules.findings(str(tmp_path / "parent.yaml"), {})
    )
