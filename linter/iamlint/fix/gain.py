"""Whether findings after edits are a gain over those before, and which edit is to blame if not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from iamlint.finding import Finding
from iamlint.fix.choose import Repair
from iamlint.sources.site import PolicySite, Project

_GRANTED = frozenset(
    {
        *(f"IAM1{number:02}" for number in range(1, 17) if number != 4),
        *("IAM501", "IAM502", "IAM505"),
    }
)
"""Rules that say of a grant that it is too much: what is part of a grant deserves it no more.

Not of them is IAM104, which says of a policy of AWS that it is out of date.
"""

_REACHED = frozenset({"IAM401", "IAM402"})
"""Rules that say so of what principals reach, over the grants of others too."""


class Fault(msgspec.Struct, frozen=True):
    """A finding for which edits must not be made, and the reason in words.

    `still`: it was to be fixed and is there as before.
    """

    finding: Finding
    reason: str
    still: bool = False


class Hidden:
    """What the grants that edits replace may have hidden: it is no new risk to find it now.

    A wider grant has one finding for all of it.  Once a narrower one stands in its place, finer
    rules speak of what is left.  That is so only where the narrower grant is proven to be
    contained in the wider, for all that the edits change of an owner.
    """

    def __init__(self, repairs: Iterable[Repair], before: Project, after: Project) -> None:
        old = _by_key(before)
        self._sites = _by_key(after)
        contained: set[str] = set()
        unsure: set[str] = set()
        for repair in repairs:
            proven = all(
                each.replacement is not None and each.replacement.proof.contained is True
                for each in repair.findings
            )
            (contained if proven else unsure).update(_served(repair, old))
        self._owners = contained - unsure
        self._sure = not unsure

    def hold(self, finding: Finding) -> bool:
        """True if the finding says of a narrowed grant what could be said of the wider one."""
        site = self._sites.get(finding.site_key)
        if site is None or site.kind not in ("identity", "managed-attachment"):
            return False
        if finding.rule not in _GRANTED and not (self._sure and finding.rule in _REACHED):
            return False
        return _names(site) <= self._owners


def faults(
    before: Iterable[Finding],
    after: Iterable[Finding],
    fixed: Sequence[Finding],
    hidden: Hidden | None = None,
) -> list[Fault]:
    """Why the findings after a fix are no gain over those before it; empty if they are.

    A fixed finding must be gone.  A replacement may show what the wider grant hid, such as a
    wildcard in a resource; of all else nothing graver than what was fixed may come, and of
    another kind nothing as grave.
    """
    found = list(after)
    had, has = Counter(map(_what, before)), Counter(map(_what, found))
    counts = Counter(map(_what, fixed))
    there = {what for what, count in counts.items() if has[what] > had[what] - count}
    faulty = [
        Fault(each, "the finding would still be there after the edit", still=True)
        for each in fixed
        if _what(each) in there
    ]
    told = {_what(each.finding) for each in faulty}
    for finding in found:
        what = _what(finding)
        if what in told or has[what] <= had[what]:
            continue
        if _tolerable(finding, fixed) or (hidden is not None and hidden.hold(finding)):
            continue
        told.add(what)
        faulty.append(Fault(finding, f"the edit would bring {finding.rule}: {finding.message}"))
    return faulty


def _tolerable(finding: Finding, fixed: Sequence[Finding]) -> bool:
    """True if a new finding weighs less than what was fixed."""
    related = [each for each in fixed if each.principal == finding.principal] or fixed
    limit = max(each.severity for each in related)
    kin = any(each.rule[:-2] == finding.rule[:-2] for each in related)
    return finding.severity < limit or (finding.severity == limit and kin)


class Blame:
    """Looks for the edits that a fault came of: those of its owner, else those of its file."""

    def __init__(self, repairs: Sequence[Repair], before: Project, after: Project) -> None:
        self._repairs = repairs
        self._sites = _by_key(after)
        old = _by_key(before)
        self._serving: dict[str, list[int]] = {}
        for number, repair in enumerate(repairs):
            for name in _served(repair, old):
                self._serving.setdefault(name, []).append(number)

    def certain(self, fault: Fault) -> Repair | None:
        """The one edit that the fault must be of: no other changes what its owners get."""
        numbers = self._numbers(fault)
        return self._repairs[numbers[0]] if len(numbers) == 1 else None

    def suspects(self, fault: Fault) -> tuple[Repair, ...]:
        """The edits that the fault may be of; none if there is nothing to tell by."""
        numbers = self._numbers(fault)
        if numbers:
            return tuple(self._repairs[number] for number in numbers)
        path = fault.finding.place.path
        return tuple(each for each in self._repairs if path in each.paths)

    def _numbers(self, fault: Fault) -> list[int]:
        if fault.still:
            what = _what(fault.finding)
            return [
                number
                for number, each in enumerate(self._repairs)
                if any(_what(finding) == what for finding in each.findings)
            ]
        site = self._sites.get(fault.finding.site_key)
        names = _names(site) if site is not None else frozenset()
        return sorted({number for name in names for number in self._serving.get(name, ())})


def _by_key(project: Project) -> dict[str, PolicySite]:
    found: dict[str, PolicySite] = {}
    for site in project.sites:
        found.setdefault(site.key, site)
    return found


def _served(repair: Repair, sites: Mapping[str, PolicySite]) -> set[str]:
    """Whom the replaced grants of a repair serve."""
    keys = {each.site_key for each in repair.findings}
    for each in repair.findings:
        keys.update(each.replacement.beside if each.replacement is not None else ())
    return {name for key in keys if key in sites for name in _names(sites[key])}


def _names(site: PolicySite) -> frozenset[str]:
    """The owners that a site serves; the site itself where they are not known."""
    return frozenset(site.owners or (site.key,))


def _what(finding: Finding) -> tuple[str, str, str, str]:
    """What a finding is about; unlike its fingerprint not numbered among equal ones."""
    return (
        finding.rule,
        finding.place.path,
        finding.site_key or finding.address,
        finding.element or finding.message,
    )
