"""Managed policies give way to documents wherever a template may name them, verified by reading again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from iamlint.finding import Proof, Replacement
from iamlint.fix import render
from iamlint.fix.language import CannotEdit, StatementChange
from iamlint.fix.template import TemplateWriter
from iamlint.fix.verify import Verifier
from iamlint.iam.encode import to_json
from iamlint.sources.cloudformation.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions
from iamlint.text import SourceText

POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}],
}
SAM = (
    "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n"
)


def meant(policy: dict[str, Any] | None) -> Replacement:
    proof = Proof(contained=True, sufficient=True, well_formed=True, size=1, quota=1)
    origins = tuple(range(len(policy["Statement"]))) if policy else ()
    return Replacement(policy=policy, kept=(), dropped=(), proof=proof, origins=origins)


def opened(folder: Path, text: str, name: str) -> tuple[Sandbox, Project]:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    sandbox = Sandbox(folder, cwd=folder)
    source = sandbox.read(name)
    assert isinstance(source, SourceText)
    return sandbox, read(source, sandbox, ReadOptions())


def managed(project: Project, index: int) -> PolicySite:
    return [site for site in project.sites if site.kind == "managed-attachment"][index]


def replaced(folder: Path, text: str, index: int = 0, name: str = "t.yaml") -> str:
    sandbox, project = opened(folder, text, name)
    site = managed(project, index)
    writer = TemplateWriter(project.sources[name])
    edits = writer.replace_attachment(site, project.owners[site.owners[0]], dict(POLICY), project)
    files = render.edited(edits)
    Verifier(project, sandbox, ReadOptions()).check(files, site, meant(POLICY))
    return files[name][1]


def detached(folder: Path, text: str, index: int = 0, name: str = "t.yaml") -> str:
    sandbox, project = opened(folder, text, name)
    site = managed(project, index)
    files = render.edited(TemplateWriter(project.sources[name]).detach(site, project))
    Verifier(project, sandbox, ReadOptions()).check(files, site, meant(None))
    return files[name][1]


def test_in_sam_the_document_takes_the_place_of_the_name(tmp_path: Path) -> None:
    text = (
        SAM
        + "    Properties:\n      Policies:\n        - One\n        - AmazonS3FullAccess # why\n        - !Ref Two\n"
    )
    assert replaced(tmp_path, text, 1) == SAM + (
        "    Properties:\n      Policies:\n        - One\n"
        '        - Version: "2012-10-17"\n          Statement:\n            - Effect: Allow\n'
        "              Action: s3:GetObject\n              Resource: arn:aws:s3:::b/* # why\n"
        "        - !Ref Two\n"
    )
    assert "AmazonS3FullAccess" not in detached(tmp_path, text, 1)


def test_in_sam_a_single_name_becomes_a_list(tmp_path: Path) -> None:
    text = (
        SAM
        + "    Properties:\n      Handler: h\n      Policies: AmazonS3FullAccess\n      Timeout: 3\n"
    )
    assert replaced(tmp_path, text) == SAM + (
        "    Properties:\n      Handler: h\n      Policies:\n"
        '        - Version: "2012-10-17"\n          Statement:\n            - Effect: Allow\n'
        "              Action: s3:GetObject\n              Resource: arn:aws:s3:::b/*\n"
        "      Timeout: 3\n"
    )
    assert detached(tmp_path, text) == SAM + "    Properties:\n      Handler: h\n      Timeout: 3\n"


def test_in_sam_as_json(tmp_path: Path) -> None:
    text = (
        '{\n  "Transform": "AWS::Serverless-2016-10-31",\n  "Resources": {\n    "F": {\n'
        '      "Type": "AWS::Serverless::Function",\n      "Properties": {\n'
        '        "Policies": "AmazonS3FullAccess"\n      }\n    }\n  }\n}\n'
    )
    edited = replaced(tmp_path, text, name="t.json")
    assert '        "Policies": [\n          {\n            "Version": "2012-10-17",\n' in edited


def test_a_list_in_flow_style_is_left_to_a_human(tmp_path: Path) -> None:
    text = SAM + "    Properties:\n      Policies: [AmazonS3FullAccess, Other]\n"
    with pytest.raises(CannotEdit, match="not a list in block style"):
        replaced(tmp_path, text)


def test_a_managed_policy_and_its_attachments_change_together(tmp_path: Path) -> None:
    text = (
        "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n"
        "      PolicyDocument:\n        Statement:\n          - Effect: Allow\n"
        '            Action: s3:*\n            Resource: "*"\n'
        "  R:\n    Type: AWS::IAM::Role\n    Properties:\n      ManagedPolicyArns:\n        - !Ref P\n"
    )
    sandbox, project = opened(tmp_path, text, "t.yaml")
    (site,) = [each for each in project.sites if each.form == "value"]
    assert site.policy is not None
    new: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    change = StatementChange(0, site.policy.statements[0], (new,))
    files = render.edited(TemplateWriter(project.sources["t.yaml"]).statements(site, [change]))
    document = {**to_json(site.policy), "Statement": [new]}
    Verifier(project, sandbox, ReadOptions()).check(files, site, meant(document))
    assert "Action: s3:GetObject" in files["t.yaml"][1]
    with pytest.raises(CannotEdit, match="not what was meant"):
        Verifier(project, sandbox, ReadOptions()).check(files, site, meant(POLICY))
