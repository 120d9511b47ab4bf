"""What the user asked about: of all that was judged, what is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from iamlint.app.discover import Found
from iamlint.engine import internal
from iamlint.finding import Finding
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, Unresolved
from iamlint.text import Place

if TYPE_CHECKING:
    from iamlint.app.changes import Changes

UNREADABLE = "IAM001"


class Scope:
    """Everything under named folders, of named files only themselves, and only what changed.

    A Terraform file is read with its folder; a finding in a neighbour that was not named is
    left to the run that names it.
    """

    def __init__(self, found: Found, sandbox: Sandbox, changes: Changes | None = None) -> None:
        self.paths = {sandbox.display(path) for path in found.files}
        self.named = {sandbox.display(path) for path in found.named}
        self._changes = changes
        self._changed: dict[str, bool] = {}
        self._settled = False

    def settle(self) -> None:
        """Let the changed lines count no more, for the sources are about to be edited.

        What was left out stays out, known by its fingerprint; what comes anew is told.
        """
        self._settled = True

    def findings(self, findings: Iterable[Finding], project: Project) -> list[Finding]:
        """Those that lie in what the user asked about, by their places or labels."""
        inside = [finding for finding in findings if self._inside(_places(finding))]
        if self._changes is None:
            return inside
        sites = {site.key: site for site in project.sites}
        return [
            finding for finding in inside if self._is_changed(finding, sites.get(finding.site_key))
        ]

    def unresolved(self, items: Iterable[Unresolved]) -> list[Unresolved]:
        changes = self._changes
        return [
            item
            for item in items
            if item.place.path in self.paths
            and not item.ignored
            and (changes is None or changes.touch(item.place))
        ]

    def notes(self, project: Project) -> list[str]:
        """Neighbours of named files that could not be read: what was judged lacks them."""
        return [
            f"`{item.path}`, in the same module, could not be read: {item.reason}"
            for item in project.unreadable
            if item.path not in self.paths
        ]

    def _inside(self, places: Iterable[Place]) -> bool:
        return any(place.path in self.paths or not place.source.text for place in places)

    def _is_changed(self, finding: Finding, site: PolicySite | None) -> bool:
        known = self._changed.get(finding.fingerprint)
        if known is None:
            known = self._settled or self._touches(finding, site)
            self._changed[finding.fingerprint] = known
        return known

    def _touches(self, finding: Finding, site: PolicySite | None) -> bool:
        """True if a change touches what is found, or the statement it is found in.

        What a statement grants hangs on all its lines: who takes a Condition away is told of the
        wildcard above it.
        """
        changes = self._changes
        assert changes is not None
        if finding.rule == internal.CODE:
            return True
        if finding.rule == UNREADABLE:
            return bool(changes.of(finding.place.path))
        return any(map(changes.touch, (*_places(finding), *_statements(finding, site))))


def _places(finding: Finding) -> list[Place]:
    return [finding.place, *(label.place for label in finding.labels)]


def _statements(finding: Finding, site: PolicySite | None) -> list[Place]:
    """The statements around the place of a finding, in the policy that it is about."""
    if site is None or site.policy is None:
        return []
    source, span = finding.place.source, finding.place.span
    return [
        place
        for place in (statement.place for statement in site.policy.statements)
        if place.source is source and place.span.start <= span.start and span.end <= place.span.end
    ]
