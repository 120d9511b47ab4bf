"""Each row of the table of policy properties, by an example; the types that others know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iamlint.sources.cloudformation.properties import (
    IDENTITY_DOCUMENTS,
    NO_IAM,
    RESOURCE_DOCUMENTS,
    STATEMENTS,
)
from iamlint.sources.cloudformation.read import read
from iamlint.text import SourceText

DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}
ROWS = [
    *((kind, path, what) for kind, rows in IDENTITY_DOCUMENTS.items() for path, what in rows),
    *((kind, path, "resource") for kind, rows in RESOURCE_DOCUMENTS.items() for path in rows),
]

FLOOR = """
    IAM::Role IAM::Policy IAM::RolePolicy IAM::GroupPolicy IAM::UserPolicy IAM::ManagedPolicy
    IAM::User IAM::Group SSO::PermissionSet S3::AccessPoint S3::MultiRegionAccessPointPolicy
    S3::BucketPolicy S3Tables::TableBucketPolicy SQS::QueuePolicy SNS::TopicPolicy KMS::Key
    Lambda::Permission Lambda::LayerVersionPermission SecretsManager::ResourcePolicy
    ApiGateway::RestApi CodeArtifact::Domain CloudTrail::ResourcePolicy S3Express::AccessPoint
    Backup::BackupVault
"""
"""What cfn-policy-validator 0.0.37 reads, but for the ACL of AWS::S3::Bucket, which is no policy."""


def properties(path: str, document: Any) -> Any:
    value = document
    for step in reversed(path.split("/")):
        value = [value] if step == "*" else {step: value}
    return value


@pytest.mark.parametrize(("kind", "path", "what"), ROWS, ids=[f"{k}/{p}" for k, p, _ in ROWS])
@pytest.mark.parametrize("as_text", [False, True])
def test_every_row_gives_a_site(kind: str, path: str, what: str, as_text: bool) -> None:
    document = json.dumps(DOCUMENT) if as_text else DOCUMENT
    resource = {"Type": kind, "Properties": properties(path, document)}
    text = json.dumps(
        {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"R": resource}}, indent=1
    )
    found = read(SourceText("t", text))
    (site,) = [each for each in found.sites if each.policy is not None]
    assert (site.kind, site.form) == (what, "text" if as_text else "value")
    assert site.argument == path.replace("/*", "[0]").replace("/", ".")
    assert site.policy is not None
    assert [str(action) for action in site.policy.statements[0].actions] == ["s3:*"]
    action = site.policy.statements[0].actions[0].place
    assert action.text == ('\\"s3:*\\"' if as_text else '"s3:*"')


def test_no_type_is_missing_that_cfn_policy_validator_knows() -> None:
    known = {*IDENTITY_DOCUMENTS, *RESOURCE_DOCUMENTS, *STATEMENTS}
    assert {f"AWS::{name}" for name in FLOOR.split()} - known == set()


@pytest.mark.parametrize("kind", sorted(NO_IAM))
def test_nothing_is_looked_for_where_the_language_is_another(kind: str) -> None:
    body = {"Type": kind, "Properties": {"Policy": DOCUMENT, "Rules": [{"Statement": DOCUMENT}]}}
    assert read(SourceText("t", json.dumps({"Resources": {"R": body}}))).sites == []
