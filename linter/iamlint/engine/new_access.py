"""What new access one state of a project grants beyond another, principal by principal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from iamlint.engine.access_comparison import (
    Comparison,
    Kind,
    NewAccess,
    Pair,
    folder_of,
    spot,
    undetermined,
)
from iamlint.engine.content import content, document
from iamlint.iam.policy import Policy
from iamlint.minimize.quota import CUSTOMER_MANAGED
from iamlint.sources.site import Owner, PolicySite, Project, Unreadable


def new_access(
    pair: Pair, progress: Callable[[int, int], None] | None = None
) -> tuple[list[NewAccess], list[NewAccess]]:
    """What the new state grants beyond the old, and what is undetermined.

    All identity policies of a principal are compared together, within its boundary.  Trust and
    resource policies, and policies that serve nobody in the project, are compared by themselves.
    """
    found: list[NewAccess] = []
    tasks = list(_tasks(pair))
    for count, task in enumerate(tasks):
        if progress is not None:
            progress(count, len(tasks))
        found += task()
    reported = {spot(each.place) for each in found if each.kind == "identity"}
    for site in pair.head.sites:
        if site.kind not in ("identity", "managed-attachment"):
            continue
        if site.owners and site.resource_type not in CUSTOMER_MANAGED:
            continue
        # Of a policy that is attached here, what its principals gain is told already.
        found += (
            each for each in _alone(pair, site, "identity") if spot(each.place) not in reported
        )
    found += _unread(pair)
    return (
        [each for each in found if each.answer.contained is False],
        [each for each in found if each.answer.contained is None],
    )


def _tasks(pair: Pair) -> Iterator[Callable[[], list[NewAccess]]]:
    for owner in pair.head.owners.values():
        if owner.kind != "policy":
            yield lambda owner=owner: _Principal(pair, owner).answers()  # type: ignore[misc]
    for site in pair.head.sites:
        limits = site.kind in ("scp", "rcp") and _matching(site, pair.base)
        if site.kind == "resource" or limits:  # a new limit grants nothing
            yield lambda site=site: list(_alone(pair, site, site.kind))  # type: ignore[misc]
    for site in pair.base.sites:
        if site.kind in ("scp", "rcp") and not _matching(site, pair.head):
            yield lambda site=site: [  # type: ignore[misc]
                undetermined(site.address, site.kind, None, f"this {site.kind} policy is gone")
            ]


class _Principal:
    """The policies of one principal, as they were and as they are."""

    def __init__(self, pair: Pair, owner: Owner) -> None:
        self.pair = pair
        self.owner = owner
        self.before = _same_owner(owner, pair)
        self.new_sites = pair.head.sites_of(owner.key)
        self.old_sites = pair.base.sites_of(self.before.key) if self.before else []

    def answers(self) -> list[NewAccess]:
        return [*self._trust(), *self._identity()]

    def _trust(self) -> Iterator[NewAccess]:
        new = [site for site in self.new_sites if site.kind == "trust"]
        old = [site for site in self.old_sites if site.kind == "trust"]
        yield from self._compared(new, old, "trust")

    def _identity(self) -> Iterator[NewAccess]:
        kinds = ("identity", "managed-attachment")
        new = [site for site in self.new_sites if site.kind in kinds]
        old = [site for site in self.old_sites if site.kind in kinds]
        yield from self._compared(new, old, "identity")

    def _compared(
        self, new: list[PolicySite], old: list[PolicySite], kind: Kind
    ) -> Iterator[NewAccess]:
        new_limits, old_limits, fault = self._boundaries() if kind == "identity" else ([], [], "")
        if fault:
            yield undetermined(self.owner.address, kind, self.owner.place, fault)
        yield from Comparison(
            self.pair, self.owner.address, kind, new, old, new_limits, old_limits,
            added=self.before is None, place=self.owner.place,
        ).answers()  # fmt: skip

    def _boundaries(self) -> tuple[list[Policy], list[Policy], str]:
        """The known boundaries, and what cannot be said of unknown ones.

        One that is the same before and after limits both alike, whatever it says.  A new one that
        is not known is taken for none.
        """
        new = [site for site in self.new_sites if site.kind == "boundary"]
        old = [site for site in self.old_sites if site.kind == "boundary"]
        unknown = Counter(content(site) for site in old if document(site) is None)
        unknown -= Counter(content(site) for site in new if document(site) is None)
        fault = "its boundary before is not known, and it has another now" if unknown else ""
        certain = [site for site in new if site.possible is None]
        return (
            [policy for site in certain if (policy := document(site)) is not None],
            [policy for site in old if (policy := document(site)) is not None],
            fault,
        )


def _alone(pair: Pair, site: PolicySite, kind: Kind) -> Iterator[NewAccess]:
    """A policy compared with what it was itself."""
    old = _matching(site, pair.base)
    yield from Comparison(
        pair, site.address, kind, [site], old, added=not old, place=site.place
    ).answers()


def _matching(site: PolicySite, project: Project) -> list[PolicySite]:
    """The site in another state of the project: the same key, else the one of the same address."""
    own = [other for other in project.sites if other.key == site.key and other.kind == site.kind]
    if own:
        return own[:1]
    alike = [
        other
        for other in project.sites
        if (other.address, other.kind, other.argument) == (site.address, site.kind, site.argument)
    ]
    return alike if len(alike) == 1 else []


def _same_owner(owner: Owner, pair: Pair) -> Owner | None:
    """The principal as it was: by key, else the one of its name, else the one of its address."""
    own = pair.base.owners.get(owner.key)
    if own is not None and own.kind == owner.kind:
        return own
    others = [
        other
        for other in pair.base.owners.values()
        if other.kind == owner.kind and other.key not in pair.head.owners
    ]
    name = owner.name.literal if owner.name is not None else None
    by_name = [each for each in others if name and each.name and each.name.literal == name]
    by_address = [each for each in others if each.address == owner.address]
    for found in (by_name, by_address):
        if len(found) == 1:
            return found[0]
    return None


def _unread(pair: Pair) -> Iterator[NewAccess]:
    """What could not be read or evaluated, unless it stands as it stood."""

    def known(item: Unreadable) -> tuple[str, str, int | None]:
        return item.path, item.reason, item.line

    before = {known(item): item for item in pair.base.unreadable}
    for item in pair.head.unreadable:
        source = pair.head.sources.get(item.path)
        other = pair.base.sources.get(item.path)
        same = source is not None and other is not None and source.text == other.text
        if not (known(item) in before and same):
            yield undetermined(
                item.path, "file", None, f"the file could not be read: {item.reason}"
            )
    new = {item.path for item in pair.head.unreadable}
    for item in pair.base.unreadable:
        if item.path not in new:
            reason = f"the file could not be read as it was: {item.reason}"
            yield undetermined(item.path, "file", None, reason)
    had = Counter((item.address, item.reason, item.place.text) for item in pair.base.unresolved)
    for each in pair.head.unresolved:
        key = each.address, each.reason, each.place.text
        folder = folder_of(each.place.path)
        stood = had[key] > 0
        had[key] -= stood
        if not stood or _texts(pair.base, folder) != _texts(pair.head, folder):
            reason = f"not evaluated: {each.reason}"
            yield undetermined(each.address, "file", each.place, reason, stood=stood)


def _texts(project: Project, folder: str) -> dict[str, str]:
    return {
        path: source.text for path, source in project.sources.items() if folder_of(path) == folder
    }
