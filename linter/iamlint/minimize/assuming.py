"""Which AWS services may work under a role, as its trust policy tells."""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.sources.site import Owner, PolicySite, Project


def services_let_in(owners: Sequence[Owner], project: Project) -> frozenset[str] | None:
    """The service principals that may assume any of the owners; None if that is not wholly known.

    Only roles are assumed.  Deny statements are not weighed: they could only take services away.
    """
    found: set[str] = set()
    for owner in owners:
        if owner.kind in ("user", "group"):
            continue
        trusts = [site for site in project.sites_of(owner.key) if site.kind == "trust"]
        if owner.kind != "role" or not trusts:
            return None
        for site in trusts:
            named = _named(site)
            if named is None:
                return None
            found |= named
    return frozenset(found)


def _named(site: PolicySite) -> frozenset[str] | None:
    if site.policy is None or site.policy.open is not None:
        return None
    found: set[str] = set()
    for statement in site.policy.allows():
        if statement.not_principal or {"Principal", "NotPrincipal"} & statement.open.keys():
            return None
        for principal in statement.principals:
            if principal.kind in ("*", "Service"):
                if principal.element.literal in (None, "*"):
                    return None
                found.add(str(principal.element))
    return frozenset(found)
