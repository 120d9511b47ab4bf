"""How large policies may be, and how large one is at the least.

IAM User Guide, reference_iam-quotas, and Organizations User Guide, orgs_reference_limits; read on
2026-11-21.
"""

from __future__ import annotations

import json
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
}

ATTACHED = 10
"""Managed policies per user, group or role; AWS raises it to 20 for users and roles."""


def least_size(policy: Policy) -> int:
    """The characters of the minified document, every hole counted as none."""
    document: Any = to_json(policy)
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    size = 0
    inside = False
    for character in text:
        if character == "\u2039":
            inside = True
        elif character == "\u203a":
            inside = False
        elif not inside:
            size += 1
    return size
