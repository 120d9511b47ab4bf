"""What other policies of the same principal grant already, so that it is not granted twice."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from iamlint.iam import grants, managed, pattern
from iamlint.iam.policy import Policy
from iamlint.minimize import authorized
from iamlint.minimize.needs import Needs, Verdict
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.usage.profile import ActionUse


class Elsewhere(msgspec.Struct, frozen=True):
    """A narrower policy of the same principal: `label` is what to call it."""

    label: str
    policy: Policy

    def covers(self, action: str, use: ActionUse) -> bool:
        """True if it allows an observed action, without condition, on all that it was seen on."""
        wanted = _wanted(action, use)
        denied = any(action in grants.actions(each) for each in self.policy.denies())
        if denied:
            return False
        for statement in self.policy.allows():
            if not statement.complete or statement.conditions or statement.not_resource:
                continue
            if action not in grants.actions(statement):
                continue
            named = [each.literal for each in statement.resources]
            if any(each == "*" for each in named):
                return True
            if wanted and all(
                any(each is not None and pattern.within(arn, each) for each in named)
                for arn in wanted
            ):
                return True
        return False


def others(site: PolicySite, project: Project, policy: Policy) -> list[Elsewhere]:
    """The policies that this one may lean on: those of its one owner that grant fewer actions.

    Fewer, so that no two policies lean on each other: each keeps what it grants and was seen,
    unless a narrower one still has it.
    """
    if len(site.owners) != 1:
        return []
    rank = _rank(site, policy)
    found: list[tuple[tuple[int, str], Elsewhere]] = []
    for other in project.sites_of(site.owners[0]):
        if other.key == site.key or other.possible is not None or len(other.owners) != 1:
            continue
        if other.kind not in ("identity", "managed-attachment"):
            continue
        theirs, label = other.policy, f"`{other.address}`"
        if theirs is None and other.arn is not None:
            known = managed.lookup(other.arn)
            if known is not None:
                theirs, label = known.policy, known.name
        if theirs is None or theirs.open is not None:
            continue
        place = _rank(other, theirs)
        if place < rank:
            found.append((place, Elsewhere(label, theirs)))
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


def granted_beside(
    sites: Sequence[PolicySite], owners: Sequence[Owner], project: Project
) -> frozenset[str] | None:
    """The actions that other policies grant to any of the owners; None if not all are known."""
    own = {site.key for site in sites}
    names: frozenset[str] = frozenset()
    for owner in owners:
        for other in project.sites_of(owner.key):
            if other.key in own or other.kind not in ("identity", "managed-attachment"):
                continue
            theirs = other.policy
            if theirs is None and other.arn is not None:
                known = managed.lookup(other.arn)
                theirs = known.policy if known is not None else None
            if theirs is None or theirs.open is not None:
                return None
            names |= grants.allowed([theirs])
    return names


def lean_on(
    candidates: Sequence[Elsewhere], verdicts: dict[str, Verdict], needs: Needs
) -> list[Elsewhere]:
    """Change the verdicts of actions that a candidate grants for all that was seen.

    Returns the candidates that are relied on.
    """
    relied: list[Elsewhere] = []
    for name, verdict in verdicts.items() if candidates else ():
        if verdict.ground != "observed":
            continue
        use = needs.usage.actions[name]
        if needs.unseen_besides(name):
            use = msgspec.structs.replace(use, resources_complete=False)
        other = next((each for each in candidates if each.covers(name, use)), None)
        if other is not None:
            verdicts[name] = Verdict(name, "elsewhere", f"{other.label} grants it too")
            if other not in relied:
                relied.append(other)
    return relied


def _rank(site: PolicySite, policy: Policy) -> tuple[int, str]:
    return len(grants.allowed([policy])), site.key


def _wanted(action: str, use: ActionUse) -> tuple[str, ...]:
    """What a policy must name for all that was seen; empty if that is not known."""
    if not use.resources or not use.resources_complete:
        return ()
    found: list[str] = []
    for arn in use.resources:
        needed = authorized.patterns(action, arn)
        if needed is None:
            return ()
        found += needed
    return tuple(found)
