"""What a file without configuration says twice: a policy of its own, and seen on what it is put on.

A state shows on a role the inline and managed policies that other resources put there, and on a
bucket the policy that an `aws_s3_bucket_policy` sets.
"""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.sources.site import PolicySite
from iamlint.sources.terraform.plan.fill import same
from iamlint.sources.terraform.resource_types import OWNERS

_RESOURCE = ("resource",)


def once(sites: Sequence[PolicySite]) -> list[PolicySite]:
    """The sites without those that only show what another one is."""
    separate: dict[tuple[str, tuple[str, ...], str], list[PolicySite]] = {}
    for site in sites:
        if not _shown(site):
            separate.setdefault(_mark(site), []).append(site)
    kept = []
    for site in sites:
        others = separate.get(_mark(site), ()) if _shown(site) else ()
        if not any(_says_the_same(site, other) for other in others):
            kept.append(site)
    return kept


def _shown(site: PolicySite) -> bool:
    """True if the argument may be filled by the provider with what other resources set."""
    if site.resource_type in OWNERS:
        return site.argument.startswith(("inline_policy", "managed_policy_arns"))
    return site.kind in _RESOURCE and not site.resource_type.endswith(("_policy", "_permission"))


def _mark(site: PolicySite) -> tuple[str, tuple[str, ...], str]:
    family = site.resource_type.removesuffix("_policy") if site.kind in _RESOURCE else ""
    return site.kind, () if site.kind in _RESOURCE else site.owners, family


def _says_the_same(one: PolicySite, other: PolicySite) -> bool:
    if one.arn is not None or other.arn is not None:
        return one.arn == other.arn
    return one.policy is not None and other.policy is not None and same(one.policy, other.policy)
