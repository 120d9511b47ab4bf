"""All edits that would be made in a folder if its principals had used a part of what they may."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from benchmarks._edits import use
from iamlint.app.discover import discover
from iamlint.engine.fingerprint import with_fingerprints
from iamlint.finding import Finding, Replacement, Severity
from iamlint.fix.plan import Planned, plan
from iamlint.iam.policy import Policy
from iamlint.minimize import Refused, outcome, policy_of
from iamlint.rule.context import Context
from iamlint.rule.settings import Settings
from iamlint.rule.usage import Bound, Usage
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Owner, PolicySite, Project, ReadOptions

_KINDS = ("identity", "managed-attachment")


class Edits(msgspec.Struct, frozen=True):
    """What was planned in a folder: each edit with its site, and why the others are shown only."""

    project: Project
    sandbox: Sandbox
    planned: tuple[tuple[PolicySite, Planned], ...]
    refused: Counter[str]


class Usages:
    """The made-up use of each principal: the same whenever it is asked for."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._granted: dict[str, list[Policy]] = {}
        self._known: dict[str, Bound] = {}

    def learn(self, sites: Sequence[PolicySite]) -> None:
        """Take note of what principals may do that were not heard of before."""
        granted: dict[str, list[Policy]] = {}
        for site in sites:
            policy = policy_of(site)
            if not isinstance(policy, Refused):
                for key in site.owners:
                    granted.setdefault(key, []).append(policy)
        for key, policies in granted.items():
            self._granted.setdefault(key, policies)

    def of(self, owner: Owner) -> Usage:
        """The use of an owner."""
        if owner.key not in self._known:
            chance = random.Random(f"{self.seed} {owner.key}")
            self._known[owner.key] = Bound(
                principals=(owner.key,),
                usage=use.of(self._granted.get(owner.key, ()), chance),
                coverage=(use.COVERAGE,),
                how="by name",
                days=180,
            )
        return self._known[owner.key]


def files() -> tuple[str, ...]:
    """The files of the working folder that iamlint looks at."""
    return discover(["."], ()).files


def opened(sandbox: Sandbox) -> Project:
    """The project in the working folder."""
    return read(files(), sandbox, ReadOptions())


def findings(
    project: Project, usages: Usages, *, alone: bool = False
) -> list[tuple[PolicySite, Finding]]:
    """A finding for each policy of which less would do; `alone` takes those of nobody too."""
    sites = [site for site in project.sites if site.kind in _KINDS]
    usages.learn(sites)
    context = Context(project, Settings(), usages.of)
    found = []
    for site in sites:
        replacement = context.replacement(site)
        if replacement is None and alone and not site.owners and site.resource_type != "policy":
            replacement = _alone(site, project, usages.seed)  # it is attached elsewhere
        if replacement is not None:
            found.append((site, _finding(site, replacement)))
    named = with_fingerprints([finding for _, finding in found])
    return [(site, finding) for (site, _), finding in zip(found, named, strict=True)]


def of(folder: str, seed: int) -> Edits:
    """Plan an edit for each policy of a folder that grants something; the working folder changes."""
    os.chdir(folder)
    sandbox = Sandbox(folder, cwd=folder)
    project = opened(sandbox)
    found = findings(project, Usages(seed), alone=True)
    by_key: dict[str, PolicySite] = {}
    for site, _ in found:
        by_key.setdefault(site.key, site)
    planned = plan([finding for _, finding in found], project, sandbox, ReadOptions())
    edits: dict[str, tuple[PolicySite, Planned]] = {}
    refused: Counter[str] = Counter()
    for each in planned:
        made = each.finding.replacement
        assert made is not None
        site = by_key[each.finding.site_key]
        if made.edit:
            edits.setdefault(made.edit, (site, each))
        else:
            reason = made.why_not_safe.rpartition("no edit: ")[2]
            refused[re.sub(r"`[^`]*`", "`…`", reason)] += 1
    return Edits(project, sandbox, tuple(edits.values()), refused)


def _alone(site: PolicySite, project: Project, seed: int) -> Replacement | None:
    policy = policy_of(site)
    if isinstance(policy, Refused):
        return None
    used = use.of([policy], random.Random(f"{seed} {site.key}"))
    found = outcome(site, project, used, [use.COVERAGE])
    return found if isinstance(found, Replacement) else None


def _finding(site: PolicySite, replacement: Replacement) -> Finding:
    return Finding(
        rule="IAM501",
        name="unused-permission",
        severity=Severity.MEDIUM,
        confidence="certain",
        message="-",
        place=site.place,
        site_key=site.key,
        element=site.place.text,
        replacement=replacement,
    )
