"""Condition keys that the reference spells in several ways, or lists at resource types alone."""

from __future__ import annotations

import pytest

from iamlint.iam import keys


@pytest.mark.parametrize(
    ("key", "action", "expected"),
    [
        ("ssm:resourceTag/team", "ssm:SendCommand", True),
        ("SSM:ResourceTag/team", "ssm:SendCommand", True),
        ("secretsmanager:ResourceTag/team", "secretsmanager:GetSecretValue", True),
        ("ec2:ResourceTag/team", "ec2:StopInstances", True),
        ("aws:ResourceTag/team", "dynamodb:GetItem", True),
        ("s3:ExistingObjectTag/class", "s3:GetObject", True),
        ("s3:prefix", "s3:GetObject", False),
        ("s3:prefix", "s3:NoSuchAction", None),
        ("s3:noSuchKey", "s3:GetObject", None),
    ],
)
def test_available(key: str, action: str, expected: bool | None) -> None:
    assert keys.available(key, action) is expected
