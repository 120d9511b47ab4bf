"""From one policy and the use of its principal to the smallest replacement, with its proof."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

import msgspec

from iamlint.finding import MINIMUM_DAYS, KeptAction, Replacement
from iamlint.iam import catalog, managed
from iamlint.iam.policy import Policy, Statement
from iamlint.minimize import draft, own_resources, safety
from iamlint.minimize.assuming import services_let_in
from iamlint.minimize.compact import fitted
from iamlint.minimize.cover import Cover, cover
from iamlint.minimize.cutting import Cutter
from iamlint.minimize.elsewhere import Elsewhere, granted_beside, lean_on, others
from iamlint.minimize.granted import Granted, granted
from iamlint.minimize.needs import Needs, Unobservable, Verdict
from iamlint.minimize.own_resources import expressions
from iamlint.minimize.prove import prove
from iamlint.minimize.quota import minified_size, room
from iamlint.minimize.splitting import fits, split
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.text import Place
from iamlint.usage.profile import Coverage, PrincipalUsage

_OBSERVED = re.compile(r"observed (?:once|\d+ times)")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the user may choose.

    `unobservable`: what becomes of actions whose use cannot be seen: they stay, they stay and a
    human must look at them, or they fall away; `granularity`: whether resources are narrowed too;
    `group`: whether actions are wildcards where these add nothing, or only where a quota asks for
    it; `min_window`: days of evidence below which nothing is safe;
    `vouched`: services of which the user says that data events of all resources are in the
    evidence; `inferred`: why the principal is not certain to be the owner, `""` if it is.
    `beside` are the sites that the same text serves besides; their use is in the usage too.
    `written` says since which day a text is new or changed, `""` if it is older or not known:
    what is new stays, as the evidence could not show its use.
    """

    unobservable: Unobservable = "keep"
    granularity: Literal["action", "action+resource"] = "action+resource"
    group: Literal["list", "wildcard"] = "list"
    min_window: int = MINIMUM_DAYS
    vouched: frozenset[str] = frozenset()
    inferred: str = ""
    beside: tuple[PolicySite, ...] = ()
    written: Callable[[Place], str] | None = None


class Refused(msgspec.Struct, frozen=True):
    """Why there is no replacement."""

    reason: str


def propose(
    site: PolicySite,
    project: Project,
    usage: PrincipalUsage | None,
    coverage: Sequence[Coverage] | Coverage,
    options: Options | None = None,
) -> Replacement | None:
    """The smallest replacement for the policy of a site; None if there is none to propose.

    Its `edit` is empty and its `applicability` `display`: writing is `iamlint.fix`'s work.
    `why_not_safe` holds what a human must judge; it is empty if nothing but the edit is lacking.
    """
    found = outcome(site, project, usage, coverage, options)
    return found if isinstance(found, Replacement) else None


def outcome(
    site: PolicySite,
    project: Project,
    usage: PrincipalUsage | None,
    coverage: Sequence[Coverage] | Coverage,
    options: Options | None = None,
) -> Replacement | Refused:
    """As `propose`, but with the reason where there is no replacement."""
    if usage is None:
        return Refused("no usage data")
    if site.kind not in ("identity", "managed-attachment"):
        return Refused(f"what was used says nothing about a {site.kind} policy")
    policy = policy_of(site)
    if isinstance(policy, Refused):
        return policy
    return _Proposal(site, project, usage, cover(coverage), policy, options or Options()).make()


def policy_of(site: PolicySite) -> Policy | Refused:
    """The policy that a site grants: its own, or that of the AWS managed policy it attaches."""
    if site.kind == "managed-attachment":
        if site.policy is not None:
            return Refused("the attached policy is declared in this project: see there")
        if site.arn is None:
            return Refused("it is not known which policy is attached")
        known = managed.lookup(site.arn)
        if known is None:
            return Refused(f"the document of `{site.arn}` is not known")
        return known.policy
    if site.policy is None:
        return Refused("the policy could not be evaluated")
    return site.policy


class _Proposal:
    """One site on its way to a replacement."""

    def __init__(
        self,
        site: PolicySite,
        project: Project,
        usage: PrincipalUsage,
        covered: Cover,
        policy: Policy,
        options: Options,
    ) -> None:
        self.site = site
        self.project = project
        self.usage = usage
        self.cover = covered
        self.policy = policy
        self.options = options
        self.managed = site.kind == "managed-attachment"
        self.sites = (site, *options.beside)
        keys = dict.fromkeys(key for each in self.sites for key in each.owners)
        self.owners = [project.owners[key] for key in keys if key in project.owners]
        kinds = [owner.kind for owner in self.owners]
        let_in = services_let_in(self.owners, project)
        beside = granted_beside(self.sites, self.owners, project)
        self.needs = Needs(usage, covered, kinds, options.unobservable, let_in, beside)

    def make(self) -> Replacement | Refused:
        possible = {name.partition(":")[0] for name in self.usage.possible}
        found = granted(self.policy, self.needs.services | possible, managed=self.managed)
        if not found.grants:
            return Refused("it allows nothing that could be judged")
        verdicts = self.needs.judge(found.grips())
        alone = len(self.owners) == 1  # what one has elsewhere, the others may not have
        candidates = others(self.site, self.project, self.policy) if alone else []
        relied = lean_on(candidates, verdicts, self.needs)
        cutter = Cutter(
            self.needs,
            verdicts,
            narrowing=self.options.granularity == "action+resource",
            loose=not found.bundle,
        )
        pieces: list[draft.Piece] = []
        by_index = {grant.index: grant for grant in found.grants}
        new: set[str] = set()
        stays: frozenset[str] = frozenset()
        for index, statement in enumerate(self.policy.statements):
            grant = by_index.get(index)
            since = self._new_since(statement)
            if grant is None:
                pieces.append(draft.kept(index, statement))
            elif since:
                pieces.append(draft.kept(index, statement))
                new.add(since)
                stays |= grant.everything
            else:
                pieces += cutter.cut(grant)
        if all(piece.unchanged for piece in pieces) and len(pieces) == len(self.policy.statements):
            if new:
                return Refused(
                    f"it was written or changed since {min(new)}: too young to be judged by its use"
                )
            return Refused("each action that it grants was used or cannot be observed")
        pieces = draft.name_statements(pieces, always=self.managed)
        doubts, notes = self._judged(found, verdicts, cutter.reasons)
        notes += (f"statements written or changed since {each} stay" for each in sorted(new))
        return self._finished(
            pieces,
            relied,
            cutter.reasons,
            _dropped(found, stays.union(cutter.reasons)),
            doubts,
            notes,
        )

    def _new_since(self, statement: Statement) -> str:
        """The day since which a grant is new; `""` if it is older, or not known."""
        place = self.site.place if self.managed else statement.place
        return self.options.written(place) if self.options.written is not None else ""

    def _judged(
        self, found: Granted, verdicts: Mapping[str, Verdict], reasons: Mapping[str, str]
    ) -> tuple[list[str], list[str]]:
        """What a human must judge, and what is to be said besides."""
        options = self.options
        doubts, notes = safety.of_data_events(verdicts, self.usage, options.vouched)
        doubts = [
            *safety.of_wildcards(found, verdicts, self.needs),
            *doubts,
            *safety.of_earlier_use(verdicts, self.usage, self.cover),
            *safety.of_evidence(self.cover, options.min_window),
            *safety.of_activity(self.usage, self.cover, options.min_window),
            *safety.of_sites(self.sites, found),
        ]
        if options.inferred:
            doubts.append(options.inferred)
        if options.unobservable == "drop":
            doubts.append("actions that cannot be observed are not all kept")
        unseen = [name for name, each in verdicts.items() if each.ground == "unobservable"]
        if options.unobservable == "review" and unseen:
            stay = "action stays" if len(unseen) == 1 else "actions stay"
            doubts.append(f"{len(unseen)} {stay} whose use cannot be observed")
        if any(verdict.ground in ("unused", "unlisted") for verdict in verdicts.values()):
            notes += safety.on_window(self.cover)
        if "iam:PassRole" in reasons:
            notes += safety.on_passing_roles(self.usage)
        return doubts, notes

    def _finished(
        self,
        pieces: list[draft.Piece],
        relied: Sequence[Elsewhere],
        reasons: Mapping[str, str],
        dropped: tuple[str, ...],
        doubts: list[str],
        notes: list[str],
    ) -> Replacement:
        quota = min(room(each, self._owners_of(each), self.project) for each in self.sites)
        asked = self.options.group == "wildcard"
        pieces, compacted = fitted(self.policy, pieces, 0 if asked else quota)
        if compacted:
            why = "as asked for" if asked else "to fit the quota"
            notes.append(
                f"actions are written as wildcards {why}: none takes in a known action that is "
                "not kept"
            )
        document = draft.document(self.policy, pieces) if pieces else None
        parts: tuple[dict[str, Any], ...] = ()
        if document is not None and minified_size(document) > quota:
            parts = split(document["Statement"], document.get("Version"))
        proof = prove(
            self.policy,
            draft.policy(self.policy, pieces),
            document,
            self.usage,
            quota=quota,
            elsewhere=[other.policy for other in relied],
            parts=parts,
        )
        if parts and fits(parts):
            doubts.append(f"it takes {len(parts)} managed policies, as one would be too large")
        else:
            parts = ()
        if relied:
            names = ", ".join(sorted({other.label for other in relied}))
            notes.append(f"it relies on {names}, which grants a part of what was used")
        references = expressions(self.policy, pieces, self.site, self.project)
        notes += own_resources.notes(references)
        if not proof.holds:
            doubts.insert(0, "the proof does not hold")
        return Replacement(
            policy=document,
            kept=tuple(KeptAction(name, reason) for name, reason in sorted(reasons.items())),
            dropped=dropped,
            proof=msgspec.structs.replace(proof, notes=(*proof.notes, *notes)),
            why_not_safe="; ".join(doubts),
            origins=tuple(piece.origin for piece in pieces),
            beside=tuple(each.key for each in self.options.beside),
            parts=parts,
            references=references,
        )

    def _owners_of(self, site: PolicySite) -> list[Owner]:
        return [self.project.owners[key] for key in site.owners if key in self.project.owners]


def _dropped(found: Granted, kept: Collection[str]) -> tuple[str, ...]:
    """What falls away; `svc:*` stands for a service that falls away as a whole."""
    names: list[str] = []
    touched = {name.partition(":")[0] for name in kept}
    for prefix, every in found.by_service().items():
        own = [name for name in every if name not in kept] if prefix in touched else every
        service = catalog.service(prefix)
        whole = service is not None and len(own) == len(service.actions) > 1
        names += [f"{prefix}:*"] if whole else own
    return tuple(sorted(names, key=str.lower))


def unobserved(replacement: Replacement) -> tuple[str, ...]:
    """The actions that a replacement keeps though they were not observed."""
    return tuple(each.action for each in replacement.kept if not _OBSERVED.match(each.reason))
