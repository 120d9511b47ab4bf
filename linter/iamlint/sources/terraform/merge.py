"""Sites that say the same at the same place become one."""

from __future__ import annotations

import msgspec

from iamlint.sources.site import (
    PolicySite,
    Project,
)
from iamlint.sources.terraform.sites import Collector


def add_to(project: Project, collector: Collector) -> None:
    """Put what was collected into a project; equal sites at one place become one."""
    merged = _merged(collector)
    project.sites += merged
    project.owners.update(collector.owners.declared)
    known = {(item.place.path, item.place.span, item.reason) for item in project.unresolved}
    for item in collector.unresolved:
        mark = (item.place.path, item.place.span, item.reason)
        if mark not in known:
            known.add(mark)
            project.unresolved.append(item)


def _merged(collector: Collector) -> list[PolicySite]:
    groups: dict[object, list[PolicySite]] = {}
    for site in collector.sites:
        mark = (
            site.place.path,
            site.place.span,
            site.kind,
            site.form,
            site.resource_type,
            site.argument,
            site.block.path,
            site.block.span,
            site.arn,
            site.possible,
        )
        groups.setdefault(mark, []).append(site)
    result: list[PolicySite] = []
    keys: dict[str, int] = {}
    for group in groups.values():
        while group:
            first = group[0]
            alike = [site for site in group if site.policy == first.policy]
            group = [site for site in group if site.policy != first.policy]
            site = _one(alike)
            number = keys[site.key] = keys.get(site.key, 0) + 1
            if number > 1:
                site = msgspec.structs.replace(site, key=f"{site.key}#{number}")
            result.append(site)
    return result


def _one(sites: list[PolicySite]) -> PolicySite:
    """One site for several that say the same at the same place."""
    first = sites[0]
    if len(sites) == 1:
        return first
    owners = dict.fromkeys(owner for site in sites for owner in site.owners)
    base = first.address.rpartition("[")[0] or first.address
    address = first.address
    if first.address.endswith("]") and all(
        site.address.rpartition("[")[0] == base for site in sites
    ):
        address = base
    attachment = first.attachment
    if attachment is not None and attachment.shared is None:
        shared = f"it attaches to {len(owners)} principals" if len(owners) > 1 else None
        attachment = msgspec.structs.replace(attachment, shared=shared)
    key = first.key.replace(first.address, address, 1)
    return msgspec.structs.replace(
        first, owners=tuple(owners), address=address, attachment=attachment, key=key
    )
