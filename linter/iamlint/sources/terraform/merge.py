"""Sites that say the same at the same place become one."""

from __future__ import annotations

import msgspec

from iamlint.sources.site import (
    PolicySite,
    Project,
)
from iamlint.sources.terraform.resources import ModuleResources
from iamlint.sources.terraform.sites import Collector


def add_to(project: Project, collector: Collector) -> None:
    """Put what was collected of one root module into a project; misses told once are not again."""
    project.sites += collector.sites
    project.owners.update(collector.owners.declared)
    if collector.modules:
        project.readers.append(ModuleResources(collector.scope, collector.modules))
    known = {(item.place.path, item.place.span, item.reason) for item in project.unresolved}
    for item in collector.unresolved:
        mark = (item.place.path, item.place.span, item.reason)
        if mark not in known:
            known.add(mark)
            project.unresolved.append(item)


def merged(sites: list[PolicySite]) -> list[PolicySite]:
    """The sites, those that agree in everything but their owner made one, with keys of their own."""
    groups: dict[object, list[PolicySite]] = {}
    for site in sites:
        groups.setdefault(_mark(site), []).append(site)
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


def _mark(site: PolicySite) -> object:
    """What sites have in common that may be one; equal policies are looked at after that."""
    statements = site.policy.statements if site.policy is not None else ()
    return (
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
        tuple(
            element.text
            for statement in statements
            for element in (*statement.actions, *statement.resources)
        ),
    )


def _one(sites: list[PolicySite]) -> PolicySite:
    """One site for several that say the same at the same place."""
    first = sites[0]
    if len(sites) == 1:
        return first
    owners = dict.fromkeys(owner for site in sites for owner in site.owners)
    address = first.address
    base = address.rpartition("[")[0]
    others = {site.address for site in sites}
    if base and len(others) > 1 and all(other.rpartition("[")[0] == base for other in others):
        address = base
    editable = next((site.editable for site in sites if site.editable), None)
    if owners and not all(site.owners for site in sites):
        editable = editable or "it serves principals too that are not declared in this project"
    key = first.key.replace(first.address, address, 1)
    return msgspec.structs.replace(
        first,
        owners=tuple(owners),
        address=address,
        key=key,
        editable=editable,
    )
