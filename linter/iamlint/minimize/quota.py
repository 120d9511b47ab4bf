"""How large a policy may be, by where it is written."""

from __future__ import annotations

import json
from typing import Any

from iamlint.sources.site import OwnerKind

QUOTAS_DATE = "2026-11-21"
"""When the numbers below were read: IAM User Guide, reference_iam-quotas."""

MANAGED = 6144
INLINE: dict[OwnerKind, int] = {"role": 10240, "user": 2048, "group": 5120}
PERMISSION_SET = 32768


def minified_size(document: dict[str, Any]) -> int:
    """The characters of a document without white space between its tokens.

    AWS does not count any white space; blanks inside strings are counted here, so this is never
    less than what AWS counts.
    """
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def limit(kind: OwnerKind) -> int:
    """The characters that the policy of an owner may have: inline ones taken together."""
    if kind == "policy":
        return MANAGED
    if kind == "permission-set":
        return PERMISSION_SET
    return INLINE[kind]
