"""What rules may ask about what takes grants away: Deny statements, boundaries, the organization's policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iamlint.iam import grants
from iamlint.iam.policy import Policy, Statement
from iamlint.rule.served import Served
from iamlint.rule.settings import Demand
from iamlint.sources.site import PolicySite

if TYPE_CHECKING:
    from iamlint.iam.compare import Answer
    from iamlint.iam.effect import Void
    from iamlint.rule.guardrails import Guardrail


class Limited(Served):
    """The questions about what is left of a grant."""

    def denied(self, site: PolicySite) -> frozenset[str]:
        """The actions that are always denied to whom a site serves, as far as the project shows.

        The site's own Deny statements count, those of the other policies of its owner if it serves
        exactly one, and those of service control policies that hold for the account.
        """
        return self.once(("iamlint:denied", site.key), lambda: grants.denied(self._denying(site)))

    def within_limits(self, site: PolicySite, names: frozenset[str]) -> frozenset[str]:
        """Those of the actions that a permissions boundary of whom a site serves lets through.

        All of them where one of the principals has no boundary, or one that is not wholly known.
        """
        documents = self.limits(site)
        if not documents:
            return names
        key = ("iamlint:let", tuple(map(id, documents)))
        return names & self.once(key, lambda: _let(documents))

    def limits(self, site: PolicySite) -> tuple[Policy, ...]:
        """The boundaries of those whom a site serves, if each has one that is wholly known."""
        documents = [self.document(boundary) for boundary in self.boundaries(site)]
        known = [policy for policy in documents if policy is not None and _is_whole(policy)]
        return tuple(known) if len(known) == len(documents) else ()

    def void(self, statement: Statement, site: PolicySite) -> Void | None:
        """Why an Allow statement of a site grants nothing, by proof; None if it may grant something."""
        from iamlint.iam.effect import void

        if site.policy is None:
            return None
        others = [policy for policy in self._denying(site) if policy is not site.policy]
        limits = self.limits(site) if site.kind == "identity" else ()
        # Of several boundaries each is somebody's: together they would be too much.
        return void(statement, site.policy, others, [limits] if len(limits) == 1 else ())

    def beyond(self, statement: Statement, site: PolicySite, demand: Demand) -> Answer:
        """Whether an Allow keeps to a demand; with a witness if it does not.

        Deny statements and the boundary of its only principal count.
        """
        from iamlint.iam import demands

        kind = site.kind if site.kind in ("trust", "resource") else "identity"
        permits = self.once(
            ("iamlint:permits", id(demand), kind),
            lambda: demands.permitted(
                demand.actions, demand.resources, demand.condition, kind=kind
            ),
        )
        policy = self.document(site)
        assert policy is not None
        others = [each for each in self._denying(site) if each is not policy]
        limits = self.limits(site) if kind == "identity" else ()
        alone = [limits] if len(limits) == 1 else ()
        return demands.beyond(statement, policy, others, alone, permits)

    def guardrails(self) -> tuple[Guardrail, ...]:
        """The organization's control policies in the project that hold for its account, or may."""
        return self.once("iamlint:guardrails", self._guardrails)

    def _guardrails(self) -> tuple[Guardrail, ...]:
        if not any(site.kind in ("scp", "rcp") for site in self.project.sites):
            return ()
        from iamlint.rule.guardrails import guardrails

        return guardrails(self)

    def doubted(self, names: frozenset[str]) -> str | None:
        """What may take all of some actions away, in words: a control policy that holds perhaps."""
        for each in self.guardrails():
            if not each.sure and each.site.kind == "scp" and names and names <= each.always:
                return (
                    f"`{each.site.address}` denies it where it is attached, "
                    "and whether this account lies there is not known"
                )
        return None

    def keeps_out(self, site: PolicySite, statement: Statement) -> str | None:
        """The condition key by which a resource control policy keeps strangers from a resource."""
        from iamlint.iam import narrowing
        from iamlint.rule.guardrails import is_under_rcps

        for each in self.guardrails():
            if each.sure and each.site.kind == "rcp" and is_under_rcps(site):
                key = narrowing.known_callers(each.denies, statement)
                if key is not None:
                    return key
        return None

    def _denying(self, site: PolicySite) -> Iterator[Policy]:
        if site.policy is not None:
            yield site.policy
        if site.kind in _GRANTING:
            for each in self.guardrails():
                if each.sure and each.site.kind == "scp":
                    yield each.denies
        principals = self.principals(site)
        if len(principals) != 1 or site.kind not in _GRANTING:
            return
        for other in self.sites_of(principals[0]):
            if other is site or other.possible or other.kind not in _GRANTING:
                continue
            policy = self.document(other)
            if policy is not None:
                yield policy

    def boundaries(self, site: PolicySite) -> tuple[PolicySite, ...]:
        """The permissions boundaries of whom a site serves; empty unless all of them have one."""
        found: list[PolicySite] = []
        for owner in self.principals(site):
            mine = [s for s in self.sites_of(owner) if s.kind == "boundary" and not s.possible]
            if not mine:
                return ()
            found += mine
        return tuple(found)


_GRANTING = ("identity", "managed-attachment")


def _let(boundaries: tuple[Policy, ...]) -> frozenset[str]:
    """The actions that any of some boundaries lets through on some resource."""
    parts = [grants.allowed([each]) - grants.denied([each]) for each in boundaries]
    return frozenset[str]().union(*parts)


def _is_whole(policy: Policy) -> bool:
    """True if all that a boundary lets through is known."""
    return policy.open is None and all(
        statement.effect is not None
        and "Action" not in statement.open
        and all(element.literal is not None for element in statement.actions)
        for statement in policy.statements
    )
