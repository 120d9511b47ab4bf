"""Context: all that a rule may ask about the project, its use, and what AWS means."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from iamlint.finding import Replacement
from iamlint.rule.settings import Settings
from iamlint.rule.usage import Bound, NoProfile, Usage
from iamlint.sources.site import Owner, PolicySite, Project

if TYPE_CHECKING:
    from iamlint.iam.catalog import Action
    from iamlint.iam.grants import Grants
    from iamlint.iam.managed import ManagedPolicy


def _no_profile(owner: Owner) -> Usage:
    return NoProfile()


class Context:
    """What a rule is given beside the thing to judge.

    Answers are computed on demand and kept for the run; asking twice costs nothing.
    """

    def __init__(
        self,
        project: Project,
        settings: Settings | None = None,
        usage: Callable[[Owner], Usage] = _no_profile,
    ) -> None:
        self.project = project
        self.settings = settings or Settings()
        self._usage = usage
        self._usages: dict[str, Usage] = {}
        self._grants: dict[int, Grants] = {}
        self._replacements: dict[str, Replacement | None] = {}
        self._sites: dict[str, list[PolicySite]] | None = None

    # The project

    def owners(self, site: PolicySite) -> tuple[Owner, ...]:
        """The declared principals and customer managed policies that a site serves."""
        owners = self.project.owners
        return tuple(owners[key] for key in site.owners if key in owners)

    def sites_of(self, owner: Owner) -> list[PolicySite]:
        """The sites that serve an owner, in source order."""
        if self._sites is None:
            self._sites = {}
            for site in self.project.sites:
                for key in site.owners:
                    self._sites.setdefault(key, []).append(site)
        return self._sites.get(owner.key, [])

    # Use

    def usage(self, owner: Owner) -> Usage:
        """What is known of an owner's use."""
        found = self._usages.get(owner.key)
        if found is None:
            found = self._usages[owner.key] = self._usage(owner)
        return found

    def usage_of(self, site: PolicySite) -> Usage:
        """The use of all owners of a site taken together; without data for one, there is none."""
        raise NotImplementedError

    def replacement(self, site: PolicySite) -> Replacement | None:
        """The smallest policy that keeps what was used here; None without usage data."""
        if site.key not in self._replacements:
            self._replacements[site.key] = self._propose(site)
        return self._replacements[site.key]

    def _propose(self, site: PolicySite) -> Replacement | None:
        usage = self.usage_of(site)
        if not isinstance(usage, Bound):
            return None
        from iamlint import minimize

        return minimize.propose(site, self.project, usage.usage, usage.coverage)

    # What AWS means

    def action(self, name: str) -> Action | None:
        """The catalogue's entry of an action, in any case; None if it knows none."""
        from iamlint.iam import catalog

        return catalog.action(name)

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The canonical names of all known actions that a pattern matches."""
        from iamlint.iam import catalog

        return catalog.expand(pattern)

    def managed(self, site: PolicySite) -> ManagedPolicy | None:
        """The AWS managed policy that a site attaches; None for any other."""
        if site.arn is None or site.policy is not None:
            return None
        from iamlint.iam import managed

        return managed.lookup(site.arn)
