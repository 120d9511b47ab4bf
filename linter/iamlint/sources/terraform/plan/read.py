"""A plan or state on its own, into policies and owners at their places in the file."""

from __future__ import annotations

import msgspec

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions, Unresolved
from iamlint.sources.terraform.plan.instances import Instances
from iamlint.sources.terraform.plan.resources import SnapshotResources
from iamlint.sources.terraform.plan.snapshot import Snapshot
from iamlint.sources.terraform.plan.twice import once
from iamlint.sources.terraform.sites import Collector
from iamlint.text import Place, Span

UNTOLD = "the plan does not tell whether `dynamic` blocks give inline policies to"
NOT_SOURCE = "it stands in a {kind}, not in source"


def collect(snapshot: Snapshot, sandbox: Sandbox, options: ReadOptions, scope: str) -> Project:
    """The sites and owners of a plan or state, with keys that begin with a scope."""
    project = Project()
    maker = Instances(snapshot, sandbox, options)
    collector = Collector(maker.root, scope)
    try:
        collector.collect_from(maker.all())
    except RecursionError:
        place = Place(snapshot.source, Span(0, 0))
        reason = f"the {snapshot.kind} was not read: it is nested too deeply"
        project.unresolved.append(Unresolved(place, "", reason))
    project.readers.append(SnapshotResources(scope, maker))
    project.sites += [_of_file(site, snapshot) for site in once(collector.sites)]
    if maker.untold:
        shown = ", ".join(f"`{each}`" for each in maker.untold[:3])
        more = f" and {len(maker.untold) - 3} more" if len(maker.untold) > 3 else ""
        place = Place(snapshot.source, Span(0, 0))
        project.unresolved.append(Unresolved(place, "", f"{UNTOLD} {shown}{more}"))
    project.unresolved += snapshot.unresolved + collector.unresolved
    for key, owner in collector.owners.declared.items():
        resource = snapshot.resources[owner.address]
        arn = resource.values.get("arn")
        value = getattr(arn, "value", None)
        literal = value if isinstance(value, str) and value.startswith("arn:") else None
        project.owners[key] = msgspec.structs.replace(owner, arn=literal)
    return project


def _of_file(site: PolicySite, snapshot: Snapshot) -> PolicySite:
    return msgspec.structs.replace(
        site, language="json", attachment=None, editable=NOT_SOURCE.format(kind=snapshot.kind)
    )
