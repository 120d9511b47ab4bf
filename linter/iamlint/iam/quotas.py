"""How large policies may be, and how large one is at the least.

IAM User Guide, reference_iam-quotas, and Organizations User Guide, orgs_reference_limits; read on
2026-11-21.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from iamlint.iam.encode import to_json
from iamlint.iam.policy import Policy


class Quota(msgspec.Struct, frozen=True):
    """A limit in characters, what it is for, and whether AWS raises it on request."""

    characters: int
    what: str
    raisable: bool = False


LIMITS = {
    "managed": Quota(6144, "a managed policy"),
    "role": Quota(10240, "the inline policies of a role"),
    "user": Quota(2048, "the inline policies of a user"),
    "group": Quota(5120, "the inline policies of a group"),
    "permission-set": Quota(32768, "the inline policy of a permission set"),
    "trust": Quota(2048, "a trust policy", True),
    "scp": Quota(5120, "a service control policy"),
    "rcp": Quota(5120, "a resource control policy"),
    "bucket": Quota(20480, "the policy of a bucket"),
    "key": Quota(32768, "the policy of a key"),
}

RESOURCE_POLICIES = {
    "aws_s3_bucket_policy": "bucket",
    "AWS::S3::BucketPolicy": "bucket",
    "aws_kms_key": "key",
    "aws_kms_key_policy": "key",
    "AWS::KMS::Key": "key",
}
"""The quotas of resource policies that AWS documents as fixed, by the type that holds the policy."""

ATTACHED = 10
"""Managed policies per user, group or role; AWS raises it to 20 for users and roles."""


def least_size(policy: Policy, possible: str | None = None) -> int:
    """The characters of the document, minified, at the least.

    Holes count as none, elements that are given twice once, lists of one as a string, and
    statements that are only possible not at all, unless for the same reason as the whole is.
    """
    certain = tuple(s for s in policy.statements if s.possible in (None, possible))
    document = _shortest(to_json(msgspec.structs.replace(policy, statements=certain)))
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return len(re.sub("\u2039[^\u203a]*\u203a", "", text))


def _shortest(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortest(item) for key, item in value.items()}
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        once = list(dict.fromkeys(value))
        return once[0] if len(once) == 1 else once
    return [_shortest(item) for item in value] if isinstance(value, list) else value
