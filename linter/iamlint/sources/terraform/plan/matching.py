"""What a plan or state says of each address, joined with what the source says there."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from iamlint.sources.site import Owner, PolicySite, Project, Unresolved
from iamlint.sources.terraform.merge import merged
from iamlint.sources.terraform.plan import fill
from iamlint.sources.terraform.plan.addresses import bare, enclosing, without_key
from iamlint.sources.terraform.plan.read import UNTOLD
from iamlint.sources.terraform.plan.resources import SnapshotResources
from iamlint.sources.terraform.plan.snapshot import Snapshot
from iamlint.text import Place

FILLED = "its values come from the plan"
UNREAD = "the module was not read"
_NUMBERS = re.compile(r"\[\d+\]")


class Joiner:
    """Joins the sites of one plan or state with those of one root module."""

    def __init__(self, project: Project, snapshot: Snapshot, scope: str, sourced: bool) -> None:
        self.project = project
        self.snapshot = snapshot
        self.scope = scope
        self.sourced = sourced
        self.unread: dict[str, Unresolved] = {}
        self._source: dict[tuple[str, str], list[PolicySite]] = {}
        self._owners: dict[str, list[Owner]] = {}
        self._dropped: set[int] = set()
        self._symbols: set[str] = set()
        self._notes: list[Unresolved] = []
        if sourced:
            self._index()

    def _index(self) -> None:
        prefix = f"{self.scope}#"
        for site in self.project.sites:
            if site.language == "hcl" and site.key.startswith(prefix):
                self._source.setdefault(_mark(site), []).append(site)
        for key, owner in self.project.owners.items():
            if key.startswith(prefix):
                self._owners.setdefault(bare(owner.address), []).append(owner)
        for item in self.project.unresolved:
            if item.reason.startswith(UNREAD) and item.address.startswith("module."):
                self.unread.setdefault(bare(item.address), item)

    def add(self, found: Project) -> None:
        """Take in the sites and owners of the plan or state."""
        owners = {key: self._owner(owner) for key, owner in found.owners.items()}
        sites: list[PolicySite] = []
        known: dict[str, bool] = {}
        alone = 0
        for site in found.sites:
            made = self._site(site)
            mark = bare(site.address)
            known[mark] = known.get(mark, True) and _decided(site)
            if made is not None:
                sites.append(made)
            elif (
                self.sourced and self.snapshot.kind == "state" and not self._source.get(_mark(site))
            ):
                alone += 1
        self._put(sites, {key: owner for key, owner in owners.items() if owner is not None})
        self._tell(found, known, alone)
        self._overlay(found)

    def _overlay(self, found: Project) -> None:
        """The plan's resources in place of those of the source, which they are laid over."""
        for reader in found.readers:
            assert isinstance(reader, SnapshotResources)
            same = [each for each in self.project.readers if each.scope == self.scope]
            if self.sourced and same:
                reader.below = same[0]
                self.project.readers.remove(same[0])
            self.project.readers.append(reader)

    def _put(self, sites: list[PolicySite], owners: dict[str, Owner]) -> None:
        project = self.project
        kept = [site for site in project.sites if id(site) not in self._dropped]
        project.sites = merged([*kept, *sites]) if self.sourced else [*kept, *sites]
        for key in self._symbols:
            project.owners.pop(key, None)
        project.owners.update(owners)

    def _tell(self, found: Project, known: dict[str, bool], alone: int) -> None:
        """What stays unresolved: of the source what the plan does not know either."""
        declared = {mark[0] for mark in self._source}
        told = {
            module
            for resource in self.snapshot.resources.values()
            for module in map(bare, enclosing(resource.address))
        }
        kept: list[Unresolved] = []
        for item in self.project.unresolved:
            address = bare(item.address)
            if self.sourced and self.snapshot.kind == "plan" and known.get(address):
                continue
            if self.sourced and item.reason.startswith(UNREAD) and address in told:
                continue
            kept.append(item)
        for item in found.unresolved:
            if self.sourced and item.reason.startswith(UNTOLD):
                continue  # the source tells
            if bare(item.address) not in declared:
                kept.append(
                    msgspec.structs.replace(item, place=self._place(item.address, item.place))
                )
        if alone:
            several = "policy of the state is" if alone == 1 else "policies of the state are"
            reason = f"{alone} {several} not in the source that was read, and not judged"
            place = next(iter(self.snapshot.resources.values())).whole
            kept.append(Unresolved(place, "", reason))
        self.project.unresolved = kept + self._notes

    # --- owners ------------------------------------------------------------------------------

    def _owner(self, owner: Owner) -> Owner | None:
        """The source's owner with the real name and ARN; the plan's own if there is none."""
        same = self._owners.get(bare(owner.address), [])
        source = _best(same, owner.address)
        if source is None:
            if self.sourced and self.snapshot.kind == "state" and not self._unread(owner.address):
                return None  # the source has no such thing any more
            return msgspec.structs.replace(
                owner,
                place=self._place(owner.address, owner.place),
                block=self._place(owner.address, owner.block),
            )
        name = source.name
        if owner.name is not None and owner.name.literal and (name is None or name.holes):
            name = owner.name
        if source.address != owner.address:
            self._symbols.add(source.key)
        return msgspec.structs.replace(
            source,
            key=owner.key,
            address=owner.address,
            name=name,
            arn=owner.arn or source.arn,
            path=source.path if source.path is not None and not source.path.holes else owner.path,
            possible=None,
        )

    # --- sites -------------------------------------------------------------------------------

    def _site(self, site: PolicySite) -> PolicySite | None:
        """The one site to judge for a policy that a plan or state has; None if the source's does."""
        if not self.sourced:
            return site
        candidates = self._source.get(_mark(site), [])
        source = _nearest(candidates, site)
        if source is None:
            return self._alone(site)
        if self.snapshot.kind == "state":
            return None  # it shows what was: the source tells what will be
        if site.policy is None and site.arn is None:
            return None
        if source.policy is None and site.policy is None:
            return self._attached(source, site)
        return self._filled(source, site)

    def _alone(self, site: PolicySite) -> PolicySite | None:
        """A policy that is nowhere in the source: of a module that was not read, or gone from it."""
        unread = self._unread(site.address)
        if self.snapshot.kind == "state" and unread is None:
            return None
        if unread is None:
            return site
        given = self._given(site, bare(unread.address))
        if given is not None:
            return given
        place = unread.place
        policy = site.policy
        return msgspec.structs.replace(
            site,
            place=place,
            block=place,
            policy=None if policy is None else fill.relocated(policy, place),
            editable="it stands in a module that was not read",
        )

    def _given(self, site: PolicySite, module: str) -> PolicySite | None:
        """The policy where it is written, if it was given to the module that was not read."""
        for (address, _), sources in self._source.items():
            if address != module:
                continue
            for source in sources:
                if source.resource_type != "module":
                    continue
                same_arn = source.arn is not None and source.arn == site.arn
                policy = None
                if source.policy is not None and site.policy is not None:
                    policy = fill.located(source.policy, site.policy, source.place)
                if policy is None and not same_arn:
                    continue
                self._dropped.add(id(source))
                return msgspec.structs.replace(
                    site,
                    place=source.place,
                    block=source.block,
                    policy=policy,
                    editable=source.editable,
                )
        return None

    def _attached(self, source: PolicySite, site: PolicySite) -> PolicySite | None:
        """An attachment: the plan's ARN where the source's has holes, the plan's principals."""
        assert site.arn is not None
        holes = source.arn is None or any(not hole.specific for hole in source.arn.holes)
        known = not site.arn.holes
        if not (holes and known) and source.possible is None and source.owners:
            return None
        self._dropped.add(id(source))
        return msgspec.structs.replace(
            source,
            address=site.address,
            key=site.key,
            arn=site.arn if known and holes else source.arn,
            owners=site.owners or source.owners,
            possible=None,
        )

    def _filled(self, source: PolicySite, site: PolicySite) -> PolicySite | None:
        planned = site.policy
        if planned is None or not fill.wholly_known(planned):
            return None
        if fill.certain(source.policy) and source.possible is None:
            assert source.policy is not None
            if not fill.agree(source.policy, planned):
                reason = (
                    "the plan has another policy here than the source: "
                    "the source was judged; is the plan of this revision?"
                )
                self._notes.append(Unresolved(source.place, site.address, reason))
            return self._owned(source, site)
        self._dropped.add(id(source))
        policy = None
        if source.policy is not None:
            policy = fill.located(source.policy, planned, source.place)
        return msgspec.structs.replace(
            source,
            address=site.address,
            key=site.key,
            owners=site.owners or source.owners,
            policy=policy or fill.relocated(planned, source.place),
            problems=site.problems,
            possible=None,
            editable=source.editable or FILLED,
        )

    def _owned(self, source: PolicySite, site: PolicySite) -> PolicySite | None:
        """The source's policy with the principals that only the plan knows."""
        missing = [key for key in site.owners if key not in source.owners]
        if source.owners or not missing:
            return None
        self._dropped.add(id(source))
        return msgspec.structs.replace(source, owners=site.owners)

    # --- places ------------------------------------------------------------------------------

    def _unread(self, address: str) -> Unresolved | None:
        for module in enclosing(address):
            found = self.unread.get(bare(module))
            if found is not None:
                return found
        return None

    def _place(self, address: str, place: Place) -> Place:
        """The place in the source for what the plan alone has, as near as can be told."""
        found = self._unread(address) if self.sourced else None
        return place if found is None else found.place


def _mark(site: PolicySite) -> tuple[str, str]:
    """What the sites of one argument of one block have in common."""
    return bare(site.address), f"{site.resource_type} {_NUMBERS.sub('', site.argument)} {site.kind}"


def _decided(site: PolicySite) -> bool:
    if site.form == "attachment":
        return site.arn is not None and not site.arn.holes
    return fill.wholly_known(site.policy)


def _best(owners: Sequence[Owner], address: str) -> Owner | None:
    for owner in owners:
        if owner.address == address:
            return owner
    symbolic = [owner for owner in owners if "‹" in owner.address or owner.possible is not None]
    return symbolic[0] if symbolic else None


def _nearest(candidates: Sequence[PolicySite], site: PolicySite) -> PolicySite | None:
    """The source's site for one of the plan: by address, then by what it says."""
    exact = [each for each in candidates if each.address == site.address]
    alike = exact or [each for each in candidates if each.address == without_key(site.address)]
    found = alike or [each for each in candidates if "‹" in each.address]
    if len(found) > 1:
        for each in found:
            if each.arn is not None and each.arn == site.arn:
                return each
            if (
                each.policy is not None
                and site.policy is not None
                and fill.located(each.policy, site.policy, each.place) is not None
            ):
                return each
    return found[0] if found else None
