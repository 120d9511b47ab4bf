"""Findings in what the AWS CDK synthesizes name the construct that made the policy."""

from __future__ import annotations

import json

from iamlint.engine import registry, runner
from iamlint.sources.cloudformation.read import read
from iamlint.text import SourceText

DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def notes(metadata: dict[str, str]) -> set[tuple[str, ...]]:
    policy = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": DOCUMENT},
        "Metadata": metadata,
    }
    project = read(SourceText("t.json", json.dumps({"Resources": {"P": policy}}, indent=1)))
    checked = runner.check(project, registry.load().rules)
    return {finding.notes for finding in checked.findings if finding.rule == "IAM101"}


def test_the_construct_is_named() -> None:
    path = "App/Stack/Policy/Resource"
    note = f"made by the construct `{path}` of the AWS CDK"
    assert notes({"aws:cdk:path": path}) == {(note,)}
    assert notes({"Comment": "by hand"}) == {()}
