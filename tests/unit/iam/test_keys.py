"""Condition keys and where they are available."""

from __future__ import annotations

import pytest

from iamlint.iam import keys


@pytest.mark.parametrize(
    ("written", "name", "kind", "is_global"),
    [
        ("aws:SourceIp", "aws:SourceIp", "IPAddress", True),
        ("AWS:sourceip", "aws:SourceIp", "IPAddress", True),
        ("aws:PrincipalTag/team", "aws:PrincipalTag/${TagKey}", "String", True),
        ("aws:ResourceTag/a/b", "aws:ResourceTag/${TagKey}", "String", True),
        ("aws:PrincipalOrgPaths", "aws:PrincipalOrgPaths", "ArrayOfString", True),
        ("lambda:SourceFunctionArn", "lambda:SourceFunctionArn", "ARN", True),
        ("iam:PassedToService", "iam:PassedToService", "String", False),
        ("ec2:ResourceTag/x", "ec2:ResourceTag/${TagKey}", "String", False),
        ("s3:ExistingObjectTag/a/b", "s3:ExistingObjectTag/<key>", "String", False),
        (
            "kms:EncryptionContext:aws:cloudtrail:arn",
            "kms:EncryptionContext:${EncryptionContextKey}",
            "String",
            False,
        ),
    ],
)
def test_find(written: str, name: str, kind: str, is_global: bool) -> None:
    found = keys.find(written)
    assert found is not None
    assert (found.name, found.type, found.is_global) == (name, kind, is_global)
    assert found.multivalued is kind.startswith("ArrayOf")


@pytest.mark.parametrize(
    "written", ["", "aws:", "aws:SourceIpp", "nope:Key", "SourceIp", "iam:passed"]
)
def test_unknown_keys(written: str) -> None:
    assert keys.find(written) is None


def test_available() -> None:
    assert keys.available("aws:SourceIp", "s3:GetObject") is True
    assert keys.available("iam:PassedToService", "iam:PassRole") is True
    assert keys.available("iam:PassedToService", "s3:GetObject") is False
    assert keys.available("aws:RequestTag/team", "ec2:RunInstances") is True
    assert keys.available("aws:RequestTag/team", "s3:ListAllMyBuckets") is False
    assert keys.available("aws:Nope", "s3:GetObject") is None
    assert keys.available("aws:SourceIp", "s3:Nope") is None


def test_did_you_mean() -> None:
    assert keys.suggest("aws:SourceIpp")[0] == "aws:SourceIp"
    assert keys.suggest("iam:PassedToServices")[0] == "iam:PassedToService"
