"""Managed policies give way to documents wherever a template may name them, verified by reading again."""

from __future__ import annotations

import json
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
from iamlint.tree import Text

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


def test_in_sam_a_list_in_flow_style_is_written_line_by_line(tmp_path: Path) -> None:
    text = SAM + "    Properties:\n      Policies: [AmazonS3FullAccess, !Ref Other] # why\n"
    assert replaced(tmp_path, text) == SAM + (
        "    Properties:\n      Policies: # why\n"
        '        - Version: "2012-10-17"\n          Statement:\n            - Effect: Allow\n'
        "              Action: s3:GetObject\n              Resource: arn:aws:s3:::b/*\n"
        "        - !Ref Other\n"
    )


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


ROLE = """\
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Parameters:
  Stage: {Type: String}
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
"""
S3 = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
SQS = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
UNDER_IF = """\
      Policies:
        - Fn::If:
            - Prod
            - PolicyName: S3
              PolicyDocument:
                Version: "2012-10-17"
                Statement:
                  - Effect: Allow
                    Action: s3:GetObject
                    Resource: arn:aws:s3:::b/*
            - Ref: AWS::NoValue
"""


@pytest.mark.parametrize(
    ("attached", "left", "added"),
    [
        (
            f"        - {SQS}\n        - !If [Prod, {S3}, !Ref AWS::NoValue]\n",
            f"        - {SQS}\n",
            UNDER_IF,
        ),
        (
            f"        - !If [Prod, {S3}, {SQS}]\n",
            f"        - !If [Prod, !Ref AWS::NoValue, {SQS}]\n",
            UNDER_IF,
        ),
        (
            f"        - Fn::If:\n            - Prod\n            - {SQS}\n            - {S3}\n",
            f"        - Fn::If:\n            - Prod\n            - {SQS}\n"
            "            - !Ref AWS::NoValue\n",
            UNDER_IF.replace("            - Ref: AWS::NoValue\n", "").replace(
                "            - PolicyName",
                "            - Ref: AWS::NoValue\n            - PolicyName",
            ),
        ),
    ],
    ids=["or nothing", "or another", "the second"],
)
def test_under_a_condition(tmp_path: Path, attached: str, left: str, added: str) -> None:
    text = f"{ROLE}      ManagedPolicyArns:\n{attached}"
    _, project = opened(tmp_path, text, "t.yaml")
    sites = [each for each in project.sites if each.kind == "managed-attachment"]
    index = [str(each.arn) for each in sites].index(S3)
    assert replaced(tmp_path, text, index) == f"{ROLE}      ManagedPolicyArns:\n{left}{added}"
    assert S3 not in detached(tmp_path, text, index)


def test_the_whole_list_under_a_condition(tmp_path: Path) -> None:
    text = f"{ROLE}      ManagedPolicyArns: !If [Prod, [{S3}, {SQS}], !Ref AWS::NoValue]\n"
    left = text.replace(f"{S3}, ", "")
    assert replaced(tmp_path, text) == left + UNDER_IF
    alone = text.replace(f", {SQS}", "")
    assert replaced(tmp_path, alone) == ROLE + UNDER_IF
    assert detached(tmp_path, alone) == ROLE


def test_under_a_condition_in_json(tmp_path: Path) -> None:
    text = """{
  "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}},
  "Resources": {
    "R": {
      "Type": "AWS::IAM::Role",
      "Properties": {
        "AssumeRolePolicyDocument": {"Statement": []},
        "ManagedPolicyArns": [
          {"Fn::If": ["Prod", "arn:aws:iam::aws:policy/AmazonS3FullAccess", {"Ref": "AWS::NoValue"}]}
        ]
      }
    }
  }
}
"""
    edited = json.loads(replaced(tmp_path, text, name="t.json"))
    properties = edited["Resources"]["R"]["Properties"]
    assert "ManagedPolicyArns" not in properties
    (item,) = properties["Policies"]
    assert item["Fn::If"][0] == "Prod"
    assert item["Fn::If"][1]["PolicyDocument"] == POLICY
    assert item["Fn::If"][2] == {"Ref": "AWS::NoValue"}


PERMISSIONS = """\
Resources:
  P:
    Type: AWS::SSO::PermissionSet
    Properties:
      Name: people
      InstanceArn: arn:aws:sso:::instance/ssoins-1
      ManagedPolicies:
        - arn:aws:iam::aws:policy/AmazonS3FullAccess
"""


def test_a_permission_set_gets_an_inline_policy(tmp_path: Path) -> None:
    head = PERMISSIONS.partition("      ManagedPolicies")[0]
    assert replaced(tmp_path, PERMISSIONS) == head + (
        '      InlinePolicy:\n        Version: "2012-10-17"\n        Statement:\n'
        "          - Effect: Allow\n            Action: s3:GetObject\n"
        "            Resource: arn:aws:s3:::b/*\n"
    )
    own = "      InlinePolicy: {Statement: [{Effect: Allow, Action: s3:Get*, Resource: '*'}]}\n"
    with pytest.raises(CannotEdit, match="has an inline policy already"):
        replaced(tmp_path, PERMISSIONS + own)


@pytest.mark.parametrize(
    ("policies", "edited"),
    [
        (
            "\n        - One\n        - S3CrudPolicy:\n            BucketName: !Ref B\n        - !Ref Two\n",
            "\n        - One\n        - {}        - !Ref Two\n",
        ),
        (" [One, S3CrudPolicy: {BucketName: !Ref B}]\n", "\n        - One\n        - {}"),
    ],
    ids=["block", "flow"],
)
def test_a_policy_template_of_sam_gives_way_to_a_document(
    tmp_path: Path, policies: str, edited: str
) -> None:
    text = SAM + "    Properties:\n      Policies:" + policies + "  B:\n    Type: AWS::S3::Bucket\n"
    sandbox, project = opened(tmp_path, text, "t.yaml")
    (site,) = [each for each in project.sites if each.kind == "identity"]
    assert site.policy is not None
    resource = Text.of(
        "arn:",
        *(part for part in site.policy.statements[0].resources[-1].text.parts[1:]),
    )
    document: dict[str, Any] = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}],
    }
    files = render.edited(TemplateWriter(project.sources["t.yaml"]).whole(site, document))
    shown = {**POLICY["Statement"][0], "Resource": str(resource)}
    Verifier(project, sandbox, ReadOptions()).check(
        files, site, meant({**POLICY, "Statement": [shown]})
    )
    assert (
        files["t.yaml"][1]
        == SAM
        + "    Properties:\n      Policies:"
        + edited.format(
            'Version: "2012-10-17"\n          Statement:\n            - Effect: Allow\n'
            "              Action: s3:GetObject\n"
            "              Resource: !Sub arn:${AWS::Partition}:s3:::${B}/*\n"
        )
        + "  B:\n    Type: AWS::S3::Bucket\n"
    )
