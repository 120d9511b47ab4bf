"""How large a policy may be, by where it is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from iamlint.iam.encode import to_json
from iamlint.sources.site import Owner, OwnerKind, PolicySite, Project

QUOTAS_DATE = "2026-11-21"
"""When the numbers below were read: IAM User Guide, reference_iam-quotas."""

MANAGED = 6144
INLINE: dict[OwnerKind, int] = {"role": 10240, "user": 2048, "group": 5120}
PERMISSION_SET = 32768

CUSTOMER_MANAGED = frozenset({"aws_iam_policy", "AWS::IAM::ManagedPolicy"})
"""The resource types of policies that are attached by name."""


def minified_size(document: dict[str, Any]) -> int:
    """The characters of a document without white space between its tokens.

    AWS does not count any white space; blanks inside strings are counted here, so this is never
    less than what AWS counts.
    """
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def room(site: PolicySite, owners: Sequence[Owner], project: Project) -> int:
    """The characters left for a policy where it will stand: inline beside others, or managed."""
    kinds = [owner.kind for owner in owners if owner.kind != "policy"]
    if site.resource_type in CUSTOMER_MANAGED or not kinds:
        return MANAGED
    taken = max(
        sum(
            minified_size(to_json(other.policy))
            for other in project.sites_of(owner.key)
            if other.key != site.key
            and other.kind == "identity"
            and other.policy is not None
            and other.resource_type not in CUSTOMER_MANAGED
        )
        for owner in owners
    )
    return max(0, min(map(limit, kinds)) - taken)


def limit(kind: OwnerKind) -> int:
    """The characters that the policy of an owner may have: inline ones taken together."""
    if kind == "policy":
        return MANAGED
    if kind == "permission-set":
        return PERMISSION_SET
    return INLINE[kind]


TRUST = 2048
SCP = 10240


def of_kind(site: PolicySite) -> int | None:
    """The characters that one document of a site's kind may have; None where that is not known.

    Resource policies differ from service to service.  Trust policies may have more on request,
    which a project does not show.
    """
    if site.kind == "resource":
        return None
    if site.kind == "trust":
        return TRUST
    if site.kind in ("scp", "rcp"):
        return SCP if site.kind == "scp" else 5120
    if site.kind == "boundary" or site.resource_type in CUSTOMER_MANAGED:
        return MANAGED
    return max(INLINE.values())
