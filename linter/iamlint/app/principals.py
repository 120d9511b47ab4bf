"""A principal of the project, as `simulate` asks for it, with the policies that bear on it."""

from __future__ import annotations

import msgspec

from iamlint.app.errors import UsageError, did_you_mean
from iamlint.iam import arn as arns
from iamlint.iam import managed
from iamlint.iam.decide import PolicySet
from iamlint.iam.policy import Policy
from iamlint.sources.site import Owner, PolicySite, Project

PRINCIPALS = ("role", "user", "group")


class Asked(msgspec.Struct, frozen=True):
    """The declared principal, its ARN, and what the answer does not take into account."""

    owner: Owner
    arn: str
    notes: tuple[str, ...] = ()

    def policies(self, project: Project, action: str, resource: str) -> PolicySet:
        """The identity policies, the boundary, and for AssumeRole the trust policy of the project."""
        sites = project.sites_of(self.owner.key)
        boundary = [_policy(site) for site in sites if site.kind == "boundary"]
        return PolicySet(
            identity=[
                _policy(site) for site in sites if site.kind in ("identity", "managed-attachment")
            ],
            boundary=boundary or None,
            trust=_trust(project, action, resource),
        )


def find(project: Project, principal: str, account: str | None) -> Asked:
    """The principal by its address in source, its ARN or its name; raises UsageError."""
    owners = [owner for owner in project.owners.values() if owner.kind in PRINCIPALS]
    chosen = [owner for owner in owners if principal in (owner.address, owner.key)]
    if not chosen:
        name = principal.rpartition("/")[2]
        chosen = [owner for owner in owners if _name(owner) == name]
    if not chosen:
        names = [owner.address for owner in owners]
        raise UsageError(
            f"the project declares no principal `{principal}`", did_you_mean(principal, names)
        )
    if len({owner.key for owner in chosen}) > 1:
        places = ", ".join(f"`{owner.key}`" for owner in chosen)
        raise UsageError(f"`{principal}` is not the only one of its name", f"there are {places}")
    owner = chosen[0]
    others = sum(site.kind == "resource" for site in project.sites)
    notes = (
        (
            f"{others} resource policies of the project are left out; --resource-policy FILE takes one in",
        )
        if others
        else ()
    )
    return Asked(owner, _arn(owner, principal, account), notes)


def _name(owner: Owner) -> str | None:
    return owner.name.literal if owner.name is not None else None


def _arn(owner: Owner, principal: str, account: str | None) -> str:
    if principal.startswith("arn:"):
        return principal
    if account is None:
        raise UsageError(f"the account of `{principal}` is not known", "give --account ID")
    path = owner.path.literal if owner.path is not None else "/"
    name = _name(owner) or owner.address.replace("/", "-")
    return f"arn:aws:iam::{account}:{owner.kind}{path or '/'}{name}"


def _policy(site: PolicySite) -> Policy:
    """The document of a site; one that is not known may hold anything."""
    if site.policy is not None:
        return site.policy
    known = managed.lookup(site.arn) if site.arn is not None else None
    if known is not None:
        return known.policy
    what = f"`{site.arn}`" if site.arn is not None else f"of `{site.address}`"
    return Policy(
        place=site.place, version=None, statements=(), open=f"the policy {what} is not known"
    )


def _trust(project: Project, action: str, resource: str) -> list[Policy] | None:
    if not action.lower().startswith("sts:assumerole"):
        return None
    parts = arns.split(resource)
    name = parts.resource.rpartition("/")[2] if parts is not None else ""
    for owner in project.owners.values():
        if owner.kind == "role" and _name(owner) == name:
            sites = project.sites_of(owner.key)
            return [_policy(site) for site in sites if site.kind == "trust"]
    return None
