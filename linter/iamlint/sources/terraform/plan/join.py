"""Plans and states joined with the source that was read: each policy once, at the better place."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions, Unreadable, Unresolved
from iamlint.sources.terraform.plan.addresses import bare
from iamlint.sources.terraform.plan.matching import Joiner
from iamlint.sources.terraform.plan.read import collect
from iamlint.sources.terraform.plan.snapshot import Snapshot, read
from iamlint.sources.terraform.resources import ModuleResources
from iamlint.text import Place, Span


def join(project: Project, files: Sequence[str], sandbox: Sandbox, options: ReadOptions) -> None:
    """Put what plan and state files say into a project; plans first, for they are about tomorrow."""
    snapshots: list[Snapshot] = []
    for file in files:
        named = options.names(sandbox.display(file))
        raw = _own_form(file, sandbox)
        if raw is not None:
            if named:  # such files lie about in many folders
                project.unreadable.append(raw)
            continue
        source = sandbox.read(file, wide=True)
        found = source if isinstance(source, Unreadable) else read(source)
        if isinstance(found, Unreadable):
            project.unreadable.append(found)
            continue
        project.files += 1
        found.judged = named or found.kind == "plan"
        snapshots.append(found)
    snapshots.sort(key=lambda each: each.kind)  # "plan" before "state"
    roots = _roots(project)
    earlier: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        scope = _scope_of(snapshot, roots)
        if isinstance(scope, list):
            shown = " or ".join(f"`{each}`" for each in scope)
            reason = f"the {snapshot.kind} may be of {shown}: it was judged on its own"
            place = Place(snapshot.source, Span(0, 0))
            project.unresolved.append(Unresolved(place, "", reason))
            scope = None
        own = scope if scope is not None else _companion(snapshot, earlier)
        before = earlier.setdefault(own, [])
        for address in [a for a in snapshot.resources if _told(a, before)]:
            del snapshot.resources[address]
        made = collect(snapshot, sandbox, options, own)
        if not snapshot.judged:
            _keep_names(made, snapshot, scope is not None)
        Joiner(project, snapshot, own, scope is not None).add(made)
        before.append(snapshot)


def _own_form(file: str, sandbox: Sandbox) -> Unreadable | None:
    """A plan in the form that Terraform keeps for itself, or its log: what to give instead."""
    head = sandbox.head(file)
    shown = sandbox.display(file)
    if isinstance(head, Unreadable):
        return None
    if head.startswith(b"PK"):
        advice = f"read what `terraform show -json {posixpath.basename(shown)}` prints"
        return Unreadable(shown, "is a plan in Terraform's own form", advice=advice)
    if head.startswith(b'{"@level"'):
        advice = "read what `terraform show -json` prints of the plan that `-out` wrote"
        reason = "is the log of `terraform plan -json`, which has no policies"
        return Unreadable(shown, reason, advice=advice)
    if b'"encryption_version"' in head and b'"encrypted_data"' in head:
        advice = "read what `tofu show -json` prints"
        return Unreadable(shown, "is a state that OpenTofu has encrypted", advice=advice)
    return None


def _keep_names(made: Project, snapshot: Snapshot, sourced: bool) -> None:
    """Of a state that lies in a folder only what its resources are called is of interest."""
    count = len(made.sites)
    made.sites.clear()
    made.unresolved.clear()
    if sourced:
        return
    made.owners.clear()
    made.readers.clear()
    if count:
        told = "policy of the state is" if count == 1 else "policies of the state are"
        which = "it" if count == 1 else "them"
        reason = f"{count} {told} not judged: name the file to have {which} judged"
        place = Place(snapshot.source, Span(0, 0))
        made.unresolved.append(Unresolved(place, "", reason))


def _told(address: str, before: Iterable[Snapshot]) -> bool:
    """True if an earlier file has told what becomes of a resource."""
    return any(address in each.resources or address in each.gone for each in before)


def _companion(snapshot: Snapshot, earlier: dict[str, list[Snapshot]]) -> str:
    """The scope of a file without source: its own, or that of a plan that it is the state of."""
    if snapshot.kind == "state":
        best = max(
            ((len(_addresses(snapshot).intersection(*map(_addresses, each))), scope)
             for scope, each in earlier.items() if len(each) == 1),
            default=(0, ""),
        )  # fmt: skip
        if best[0]:
            return best[1]
    return snapshot.source.path


def _addresses(snapshot: Snapshot) -> set[str]:
    return {
        *(bare(r.address) for r in snapshot.resources.values() if r.mode == "managed"),
        *map(bare, snapshot.gone),
    }


def _roots(project: Project) -> dict[str, set[str]]:
    """The addresses, without keys, that each root module of the source declares."""
    found: dict[str, set[str]] = {}
    for site in project.sites:
        if site.language == "hcl" and site.resource_type != "module":
            found.setdefault(site.key.partition("#")[0], set()).add(bare(site.address))
    for key, owner in project.owners.items():
        if owner.language == "hcl":
            found.setdefault(key.partition("#")[0], set()).add(bare(owner.address))
    for reader in project.readers:
        if isinstance(reader, ModuleResources):
            found.setdefault(reader.scope, set()).update(map(bare, reader.addresses()))
    return found


def _scope_of(snapshot: Snapshot, roots: dict[str, set[str]]) -> str | list[str] | None:
    """The root module that a plan or state is of: that with most of its addresses.

    Of several that fit alike the one beside the file; else all of them, for nobody knows.
    """
    known = _addresses(snapshot)
    counts = {scope: len(known & addresses) for scope, addresses in roots.items()}
    top = max(counts.values(), default=0)
    if not top:
        return None
    best = [scope for scope, count in counts.items() if count == top]
    if len(best) > 1:
        share = max(top / len(roots[scope]) for scope in best)
        best = [scope for scope in best if top / len(roots[scope]) == share]
    if len(best) > 1:
        beside = posixpath.dirname(snapshot.source.path) or "."
        best = [scope for scope in best if scope == beside] or best
    return best[0] if len(best) == 1 else best
