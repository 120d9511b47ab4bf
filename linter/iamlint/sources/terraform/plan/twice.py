"""What a file without configuration says twice: a policy of its own, and seen on what it is put on.

A state shows on a role the inline and managed policies that other resources put there, and on a
bucket the policy that an `aws_s3_bucket_policy` sets.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from iamlint.sources.site import PolicySite
from iamlint.sources.terraform.plan.fill import content
from iamlint.sources.terraform.resource_types import OWNERS


def once(sites: Sequence[PolicySite]) -> list[PolicySite]:
    """The sites without those that only show what another one is."""
    separate = {_mark(site) for site in sites if not _shown(site)}
    return [site for site in sites if not _shown(site) or _mark(site) not in separate]


def _shown(site: PolicySite) -> bool:
    """True if the argument may be filled by the provider with what other resources set."""
    if site.resource_type in OWNERS:
        return site.argument.startswith(("inline_policy", "managed_policy_arns"))
    return site.kind == "resource" and not site.resource_type.endswith(("_policy", "_permission"))


def _mark(site: PolicySite) -> Hashable:
    """What a policy has in common with its own image."""
    said = str(site.arn) if site.policy is None else content(site.policy)
    if site.kind == "resource":
        return site.kind, site.resource_type.removesuffix("_policy"), said
    return site.kind, site.owners, said
