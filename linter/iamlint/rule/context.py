"""Context: all that a rule may ask about the project, its use, and what AWS means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from iamlint.finding import Evidence, Replacement
from iamlint.iam import grants
from iamlint.iam.policy import Policy, Statement
from iamlint.rule.limits import Limited
from iamlint.rule.served import CUSTOMER_MANAGED as CUSTOMER_MANAGED
from iamlint.rule.settings import Settings
from iamlint.rule.usage import Bound, NoProfile, NoUsageData, Usage, together
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.text import Place

if TYPE_CHECKING:
    from iamlint.minimize.needs import Grip, Verdict
    from iamlint.minimize.propose import Refused
    from iamlint.usage.profile import RootUse


def _no_profile(owner: Owner) -> Usage:
    return NoProfile()


class Context(Limited):
    """What a rule is given beside the thing to judge.

    Answers are computed on demand and kept for the run; asking twice costs nothing.
    """

    def __init__(
        self,
        project: Project,
        settings: Settings | None = None,
        usage: Callable[[Owner], Usage] = _no_profile,
        roots: Mapping[str, RootUse] | None = None,
        written: Callable[[Place], str] | None = None,
    ) -> None:
        super().__init__(project, settings)
        self.roots: Mapping[str, RootUse] = roots or {}
        """What the usage profile tells of the root user of each account."""
        self._usage = usage
        self._written = written

    def usage(self, owner: Owner) -> Usage:
        """What is known of an owner's use."""
        return self.once(("iamlint:usage", owner.key), lambda: self._usage(owner))

    def _use_of_all(self, sites: Sequence[PolicySite]) -> Usage:
        """The use of all whom several sites serve; none without data for one, or for an unknown."""
        owners: dict[str, Owner] = {}
        for site in sites:
            principals = self.principals(site)
            if not principals or not set(site.owners) <= set(self.project.owners):
                return NoUsageData(f"it is not known whom `{site.address}` serves")
            owners.update((owner.key, owner) for owner in principals)
        return together([(owner.address, self.usage(owner)) for owner in owners.values()])

    def usage_of(self, site: PolicySite) -> Usage:
        """The use of all whom a site serves, taken together; without data for one, there is none."""
        return self.once(("iamlint:usage-of", site.key), lambda: self._usage_of(site))

    def _usage_of(self, site: PolicySite) -> Usage:
        principals = self.principals(site)
        if not principals:
            given = not isinstance(self._usage_probe(), NoProfile)
            return NoUsageData("it is attached to nobody in this project") if given else NoProfile()
        return together([(owner.address, self.usage(owner)) for owner in principals])

    def _usage_probe(self) -> Usage:
        """Any owner's answer: tells whether a profile was given at all."""
        for owner in self.project.owners.values():
            return self.usage(owner)
        return NoProfile()

    def replacement(self, site: PolicySite) -> Replacement | None:
        """The smallest policy that keeps what was used here; None without usage data."""
        outcome = self._outcome(site)
        return outcome if isinstance(outcome, Replacement) else None

    def no_replacement(self, site: PolicySite) -> str | None:
        """Why there is no replacement although use is known; None if there is one, or no data."""
        outcome = self._outcome(site)
        return None if outcome is None or isinstance(outcome, Replacement) else outcome.reason

    def _outcome(self, site: PolicySite) -> Replacement | Refused | None:
        return self.once(("iamlint:replacement", site.key), lambda: self._propose(site))

    def _propose(self, site: PolicySite) -> Replacement | Refused | None:
        usage = self.usage_of(site)
        if not isinstance(usage, Bound):
            return None
        from iamlint.minimize.propose import Options, Refused
        from iamlint.minimize.shared_text import outcomes

        beside = self.same_text(site)
        shared = self._use_of_all((site, *beside)) if beside else usage
        if isinstance(shared, Bound):
            usage = shared
        else:
            beside = ()  # proposed for this one alone, so it will not be written
        options = Options(
            unobservable=self.settings.unobservable,
            granularity=self.settings.granularity,
            group=self.settings.group,
            min_window=self.settings.minimum_days,
            inferred=usage.how if usage.inferred else "",
            written=self._written,
        )
        sites, asked = (site, *beside), usage
        found = self.once(
            ("iamlint:outcomes", frozenset(each.key for each in sites)),
            lambda: outcomes(sites, self.project, asked.usage, asked.coverage, options),
        )[site.key]
        if site.kind != "managed-attachment" or isinstance(found, Refused):
            return found
        return self._reading(site, found, usage) if self.serves_people(site) else found

    def serves_people(self, site: PolicySite) -> bool:
        """True if all whom a site serves are people, as far as the project tells."""
        from iamlint.minimize.readers import are_people

        owners = self.principals(site)
        users = [each.key for each in owners if each.kind == "user" and self.signs_in(each)]
        return are_people(owners, self.project, users)

    def lets_people_read(self, site: PolicySite) -> bool:
        """True for an AWS managed policy that only reads, attached to people."""
        from iamlint.minimize.readers import only_reads

        managed = self.managed(site)
        return managed is not None and only_reads(managed) and self.serves_people(site)

    def _reading(self, site: PolicySite, found: Replacement, usage: Bound) -> Replacement | Refused:
        """For people who only read, the policy of AWS that only reads."""
        from iamlint.minimize.propose import Refused
        from iamlint.minimize.readers import swapped

        if self.lets_people_read(site):
            return Refused("people read by it, who will look at other things too")
        return swapped(site, found, usage.usage) or found

    def correction(
        self,
        site: PolicySite,
        statements: Mapping[int, Sequence[Statement]] | None = None,
        *,
        version: str | None = None,
        same: bool = False,
        more: bool = False,
        doubts: Sequence[str] = (),
    ) -> Replacement | None:
        """The site's policy with statements, by index, or its version written otherwise.

        It must grant nothing more, unless `more`, which is never applied unseen; with `same`
        nothing less either.  It is applied unseen only if
        that is proven and there are no `doubts`.  None where the policy is not wholly known.
        """
        from iamlint.minimize.correct import Correction, corrected

        correction = Correction(
            statements=statements or {},
            version=version,
            same=same,
            more=more,
            doubts=doubts,
            beside=self.beside(site),
        )
        return corrected(site, correction)

    def succession(self, site: PolicySite, name: str) -> Replacement | None:
        """Another AWS managed policy in the place of an attached one; never applied unseen.

        None where its document is not known, or where it is attached already.
        """
        from iamlint.minimize.succeed import succeeded

        for owner in site.owners:
            for each in self.project.sites_of(owner):
                known = self.managed(each)
                if known is not None and known.name.lower() == name.lower():
                    return None
        return succeeded(site, name, self.same_text(site))

    def verdicts(self, site: PolicySite, names: frozenset[str]) -> dict[str, Verdict]:
        """For each granted action, whether it is needed and why; empty without usage data.

        Empty too if the evidence covers too short a time to conclude anything from silence;
        without what only text grants that is younger than that.
        """
        usage = self.usage_of(site)
        if not isinstance(usage, Bound) or usage.days < self.settings.minimum_days:
            return {}
        from iamlint.minimize.cover import cover
        from iamlint.minimize.needs import Needs

        kinds = [owner.kind for owner in self.principals(site)]
        needs = Needs(usage.usage, cover(usage.coverage), kinds)
        policy = self.document(site)
        names = names - self._too_young(site, policy)
        elements = [e for s in (policy.allows() if policy else ()) for e in s.actions]
        named = {str(element).lower() for element in elements}
        grips: dict[str, Grip] = {
            name: "action" if name.lower() in named else "service" for name in sorted(names)
        }
        return needs.judge(grips)

    def _too_young(self, site: PolicySite, policy: Policy | None) -> frozenset[str]:
        """The actions that only newly written text grants."""
        if self._written is None or policy is None:
            return frozenset()
        if site.kind == "managed-attachment":
            return grants.allowed([policy]) if self._written(site.place) else frozenset()
        young: frozenset[str] = frozenset()
        old: frozenset[str] = frozenset()
        for statement in policy.allows():
            if self._written(statement.place):
                young |= grants.actions(statement)
            else:
                old |= grants.actions(statement)
        return young - old

    def evidence(self, site: PolicySite, names: frozenset[str] | None = None) -> Evidence | None:
        """What was seen of the actions (all that the site grants); None without usage data."""
        usage = self.usage_of(site)
        if not isinstance(usage, Bound):
            return None
        if names is None:
            policy = self.document(site)
            names = grants.allowed([policy]) if policy else frozenset()
        seen = [use for name, use in usage.usage.actions.items() if name in names]
        return Evidence(
            observed=sum(use.n for use in seen),
            window_days=usage.days,
            last_used=max((use.last for use in seen), default=None),
            unobservable=self._kept_unseen(site, names),
        )

    def _kept_unseen(self, site: PolicySite, names: frozenset[str]) -> tuple[str, ...]:
        """Of these actions those that a replacement keeps unseen; all that cannot be seen without one."""
        proposed = self.replacement(site)
        if proposed is None:
            return tuple(sorted(n for n in names if not self._observable(n)))[:50]
        from iamlint.minimize import unobserved

        return tuple(name for name in unobserved(proposed) if name in names)

    def _observable(self, name: str) -> bool:
        known = self.action(name)
        return known is not None and known.observability in ("management", "data")
