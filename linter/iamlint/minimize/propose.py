"""From one policy and the use of its principal to the smallest replacement, with its proof."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from iamlint.finding import KeptAction, Replacement
from iamlint.iam import catalog, grants, managed
from iamlint.iam.policy import Element, Policy, Statement
from iamlint.minimize import draft
from iamlint.minimize.compact import fitted
from iamlint.minimize.cover import Cover, cover
from iamlint.minimize.elsewhere import Elsewhere, others
from iamlint.minimize.narrow import Narrowed, followed, narrow
from iamlint.minimize.needs import Grip, Needs, Unobservable, Verdict
from iamlint.minimize.prove import prove
from iamlint.minimize.quota import limit, minified_size
from iamlint.minimize.triggers import FOLLOWS, PASSED_TO
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.tree import Text
from iamlint.usage.profile import Coverage, PrincipalUsage

CUSTOMER_MANAGED = frozenset({"aws_iam_policy", "AWS::IAM::ManagedPolicy"})

_DATA_PLANES = ("cloudwatch", "dynamodb", "kinesis", "lambda", "s3", "sns", "sqs", "xray")
"""Services whose main use is no management event; named first where their use cannot be seen."""


BUNDLE = 20
"""An AWS managed policy over more services than this is judged as one over all services."""

_OBSERVED = re.compile(r"observed (?:once|\d+ times)")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the user may choose.

    `unobservable`: what becomes of actions whose use cannot be seen; `granularity`: whether
    resources are narrowed too; `min_window`: days of evidence below which nothing is safe;
    `vouched`: services of which the user says that data events of all resources are in the
    evidence; `inferred`: why the principal is not certain to be the owner, `""` if it is.
    """

    unobservable: Unobservable = "keep"
    granularity: Literal["action", "action+resource"] = "action+resource"
    min_window: int = 28
    vouched: frozenset[str] = frozenset()
    inferred: str = ""


class Refused(msgspec.Struct, frozen=True):
    """Why there is no replacement."""

    reason: str


class _Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What one Allow statement grants of the services that are looked at closely."""

    index: int
    statement: Statement
    everything: frozenset[str]
    grips: dict[str, Grip]
    loose: tuple[Element, ...]

    @property
    def names(self) -> Iterable[str]:
        return self.grips


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
        self.owners: list[Owner] = [
            project.owners[key] for key in site.owners if key in project.owners
        ]
        self.needs = Needs(
            usage,
            covered,
            [owner.kind for owner in self.owners],
            options.unobservable,
        )
        self.bundle = site.kind == "managed-attachment" and _services(policy) > BUNDLE
        self.unsafe: list[str] = []
        self.notes: list[str] = []
        self.reasons: dict[str, str] = {}

    def make(self) -> Replacement | Refused:
        granted = self._grants()
        if not granted:
            return Refused("it allows nothing that could be judged")
        verdicts = self.needs.judge(self._grips(granted))
        elsewhere = others(self.site, self.project, self.policy)
        relied = self._elsewhere(verdicts, elsewhere)
        pieces: list[draft.Piece] = []
        by_index = {grant.index: grant for grant in granted}
        for index, statement in enumerate(self.policy.statements):
            grant = by_index.get(index)
            if grant is None:
                pieces.append(draft.kept(index, statement))
            else:
                pieces += self._cut(grant, verdicts)
        if all(piece.unchanged for piece in pieces) and len(pieces) == len(self.policy.statements):
            return Refused("each action that it grants was used or cannot be observed")
        pieces = draft.name_statements(pieces, always=self.site.kind == "managed-attachment")
        return self._finish(granted, verdicts, pieces, relied)

    # What is granted

    def _grants(self) -> list[_Grant]:
        """The Allow statements that are wholly known; others stay as they are."""
        looked_at = {
            *self.needs.services,
            *(name.partition(":")[0] for name in self.usage.possible),
        }
        known: list[tuple[int, Statement, frozenset[str]]] = []
        for index, statement in enumerate(self.policy.statements):
            if statement.effect == "Deny":
                continue
            given = any(each.possible is not None for each in statement.actions)
            if given or not statement.complete or statement.has_principal:
                self.unsafe.append("a part of the policy could not be evaluated and stays as it is")
                continue
            known.append((index, statement, grants.actions(statement)))
            looked_at |= {name.partition(":")[0] for name in self._named(statement)}
        return [self._grant(*each, looked_at) for each in known]

    def _named(self, statement: Statement) -> frozenset[str]:
        """The actions that patterns of their own service take in.

        An AWS managed policy over very many services names none of them for this principal.
        """
        if statement.not_action or self.bundle:
            return frozenset()
        return grants.matched(
            each for each in statement.actions if not grants.takes_every_action(each)
        )

    def _grant(
        self, index: int, statement: Statement, everything: frozenset[str], looked_at: set[str]
    ) -> _Grant:
        named = self._named(statement)
        exact = {
            found.name
            for each in statement.actions
            if not statement.not_action
            and not self.bundle
            and each.literal is not None
            and (found := catalog.action(each.literal)) is not None
        }
        grips: dict[str, Grip] = {}
        for prefix in sorted(looked_at):
            service = catalog.service(prefix)
            for name in service.actions if service is not None else ():
                if name in everything:
                    grips[name] = (
                        "action" if name in exact else "service" if name in named else "whole"
                    )
        loose = tuple(
            each
            for each in statement.actions
            if not statement.not_action
            and (each.literal is None or not catalog.expand(each.literal))
        )
        return _Grant(
            index=index, statement=statement, everything=everything, grips=grips, loose=loose
        )

    def _grips(self, granted: Sequence[_Grant]) -> dict[str, Grip]:
        """The closest grip that any statement has on each action."""
        order: tuple[Grip, ...] = ("action", "service", "whole")
        found: dict[str, Grip] = {}
        for grant in granted:
            for name, grip in grant.grips.items():
                if name not in found or order.index(grip) < order.index(found[name]):
                    found[name] = grip
        return found

    def _elsewhere(
        self, verdicts: dict[str, Verdict], candidates: Sequence[Elsewhere]
    ) -> list[Elsewhere]:
        """Drop what another policy of the principal grants for all that was seen."""
        relied: list[Elsewhere] = []
        for name, verdict in verdicts.items():
            if verdict.ground != "observed":
                continue
            use = self.usage.actions[name]
            if self.needs.unseen_besides(name):
                use = msgspec.structs.replace(use, resources_complete=False)
            for other in candidates:
                if other.covers(name, use):
                    verdicts[name] = Verdict(name, "elsewhere", f"{other.label} grants it too")
                    if other not in relied:
                        relied.append(other)
                    break
        return relied

    # Cutting statements

    def _cut(self, grant: _Grant, verdicts: Mapping[str, Verdict]) -> list[draft.Piece]:
        statement = grant.statement
        original = tuple(each.text for each in statement.resources)
        groups: dict[tuple[str, ...], list[str | Text]] = {}
        texts: dict[tuple[str, ...], tuple[Text, ...]] = {}
        narrower = False

        def put(action: str | Text, resources: tuple[Text, ...]) -> None:
            key = tuple(map(str, resources))
            texts[key] = resources
            groups.setdefault(key, []).append(action)

        count = 0
        for name in sorted(grant.names, key=str.lower):
            verdict = verdicts[name]
            if not verdict.keep:
                continue
            narrowed = self._narrowed(name, verdict, statement)
            if narrowed.resources == ():
                continue
            count += 1
            resources = original if narrowed.resources is None else narrowed.resources
            narrower = narrower or set(resources) != set(original)
            put(name, resources)
            self.reasons.setdefault(
                name, verdict.reason + (narrowed.why if verdict.ground != "observed" else "")
            )
        if grant.loose and self.bundle:
            self.unsafe.append("patterns that the catalogue does not know fall away")
        for element in () if self.bundle else grant.loose:
            put(element.text, original)
            self.reasons.setdefault(str(element), f"not in the catalogue of {catalog.data_date()}")
        if count == len(grant.everything) and not narrower:
            return [draft.kept(grant.index, statement)]
        pieces: list[draft.Piece] = []
        for key, actions in groups.items():
            written = self._as_written(grant, actions, key == tuple(map(str, original)))
            pieces.append(draft.cut(grant.index, statement, written, texts[key]))
        return pieces

    def _narrowed(self, name: str, verdict: Verdict, statement: Statement) -> Narrowed:
        if statement.not_resource or self.options.granularity == "action":
            return Narrowed(None)
        use = self.usage.actions.get(name)
        if use is not None and verdict.ground == "observed":
            unseen = self.needs.unseen_besides(name)
            if unseen:
                return Narrowed(None, unseen)
            return narrow(name, use, statement.resources)
        leader = self.usage.actions.get(FOLLOWS.get(name, ""))
        if leader is not None:
            found = followed(name, leader, statement.resources)
            if found.resources:
                why = f"; narrowed to where {FOLLOWS[name]} was seen"
                return Narrowed(found.resources, why)
        return Narrowed(None)

    def _advise_on_passing(self) -> None:
        """Which services roles were passed to, where that is known: said, not added.

        Calls that pass roles are not all known, and a condition too much would deny them.
        """
        if "iam:PassRole" not in self.reasons:
            return
        services = sorted({PASSED_TO[each] for each in self.usage.actions if each in PASSED_TO})
        if services:
            named = ", ".join(f"`{each}`" for each in services)
            self.notes.append(
                f"iam:PassRole can be bound with iam:PassedToService to {named} if roles are "
                "passed to nobody else"
            )

    def _as_written(
        self, grant: _Grant, actions: Sequence[str | Text], same_resources: bool
    ) -> list[str | Text]:
        """Actions as names, or as the author's own pattern where all that it takes in is kept."""
        if not same_resources or grant.statement.not_action:
            return list(actions)
        left = {each for each in actions if isinstance(each, str)}
        written: list[str | Text] = [each for each in actions if not isinstance(each, str)]
        for element in grant.statement.actions:
            literal = element.literal
            if literal is None or "*" not in literal or grants.takes_every_action(element):
                continue
            taken = frozenset(catalog.expand(literal))
            if len(taken) > 1 and taken <= left and grants.whole_service(element) is None:
                left -= taken
                written.append(literal)
        return sorted([*left, *written], key=lambda each: str(each).lower())

    # Putting together

    def _finish(
        self,
        granted: Sequence[_Grant],
        verdicts: Mapping[str, Verdict],
        pieces: list[draft.Piece],
        relied: Sequence[Elsewhere],
    ) -> Replacement:
        kept = tuple(KeptAction(name, reason) for name, reason in sorted(self.reasons.items()))
        dropped = self._dropped(granted, verdicts)
        self._judge_safety(granted, verdicts)
        self._advise_on_passing()
        quota = self._quota()
        pieces, compacted = fitted(self.policy, pieces, quota)
        if compacted:
            self.notes.append(
                "actions are written as wildcards to fit the quota: none takes in a known action "
                "that is not kept"
            )
        empty = not any(piece.statement.effect for piece in pieces)
        new = draft.policy(self.policy, pieces)
        document = None if empty else draft.document(self.policy, pieces)
        proof = prove(
            self.policy,
            new,
            document,
            self.usage,
            quota=quota,
            elsewhere=[other.policy for other in relied],
        )
        if relied:
            names = ", ".join(sorted({other.label for other in relied}))
            self.notes.append(f"it relies on {names}, which grants a part of what was used")
        proof = msgspec.structs.replace(proof, notes=(*proof.notes, *dict.fromkeys(self.notes)))
        unsafe = list(dict.fromkeys(self.unsafe))
        if not proof.holds:
            unsafe.insert(0, "the proof does not hold")
        return Replacement(
            policy=document,
            kept=kept,
            dropped=dropped,
            proof=proof,
            why_not_safe="; ".join(unsafe),
            origins=tuple(piece.origin for piece in pieces),
        )

    def _dropped(
        self, granted: Sequence[_Grant], verdicts: Mapping[str, Verdict]
    ) -> tuple[str, ...]:
        """What falls away; `svc:*` stands for a service that falls away as a whole."""
        lost: dict[str, list[str]] = {}
        everything: frozenset[str] = frozenset()
        for grant in granted:
            everything |= grant.everything
        for name in everything:
            if name not in self.reasons:
                lost.setdefault(name.partition(":")[0], []).append(name)
        found: list[str] = []
        for prefix, names in lost.items():
            service = catalog.service(prefix)
            if service is not None and len(names) == len(service.actions) and len(names) > 1:
                found.append(f"{prefix}:*")
            else:
                found += names
        return tuple(sorted(found, key=str.lower))

    def _judge_safety(self, granted: Sequence[_Grant], verdicts: Mapping[str, Verdict]) -> None:
        self._judge_wholes(granted, verdicts)
        self._judge_data(verdicts)
        if self.cover.days < self.options.min_window:
            self.unsafe.append(
                f"the evidence covers {self.cover.days} days, fewer than {self.options.min_window}"
            )
        if self.cover.failed:
            files = "file" if self.cover.failed == 1 else "files"
            self.unsafe.append(f"{self.cover.failed} {files} of the evidence could not be read")
        if self.options.inferred:
            self.unsafe.append(self.options.inferred)
        if self.options.unobservable != "keep":
            self.unsafe.append("actions that cannot be observed are not all kept")
        if self.policy.open is not None:
            self.unsafe.append("the policy may hold more than could be evaluated")
        if self.site.possible is not None:
            self.unsafe.append(f"the policy is there only {self.site.possible}")
        if self.site.resource_type in CUSTOMER_MANAGED:
            self.unsafe.append("the policy may be attached to principals outside this project too")
        if self.site.kind == "managed-attachment" and len(self.owners) > 1:
            self.unsafe.append("several principals are attached at once")

    def _judge_wholes(self, granted: Sequence[_Grant], verdicts: Mapping[str, Verdict]) -> None:
        """Unobservable actions that only a wildcard over all services granted fall away."""
        everything: frozenset[str] = frozenset()
        for grant in granted:
            everything |= grant.everything
        unused = {name.partition(":")[0] for name in everything if name not in verdicts}
        unused |= {
            name.partition(":")[0]
            for name, verdict in verdicts.items()
            if verdict.ground == "no-use-of-service"
        }
        if any(verdict.ground == "unclear" for verdict in verdicts.values()):
            self.unsafe.append(
                "actions fall away of which it is not known whether CloudTrail records them"
            )
        unused -= self.needs.services
        if not unused:
            if any(verdict.ground == "no-use-of-service" for verdict in verdicts.values()):
                self.unsafe.append("actions without a call of their own fall away")
            return
        first = [each for each in _DATA_PLANES if each in unused]
        named = ", ".join(first or sorted(unused)[:5])
        rest = len(unused) - len(first or sorted(unused)[:5])
        more = f" and {rest} more services" if rest > 0 else ""
        self.unsafe.append(
            f"what CloudTrail does not record of {named}{more} falls away: nothing of them was "
            "seen, but use of their data alone would not show"
        )

    def _judge_data(self, verdicts: Mapping[str, Verdict]) -> None:
        """Data events may be recorded of some resources only: what tells that these are?"""
        services: dict[str, bool] = {}
        for name, verdict in verdicts.items():
            known = catalog.action(name)
            if known is None or known.observability != "data":
                continue
            if verdict.ground == "unused":
                services.setdefault(known.prefix, False)
        for name in self.usage.actions:
            known = catalog.action(name)
            if known is not None and known.observability == "data" and known.prefix in services:
                services[known.prefix] = True
        for service, seen in sorted(services.items()):
            if service in self.options.vouched:
                continue
            if seen:
                self.notes.append(
                    f"data events of {service} are taken to be recorded for all resources, as "
                    "they are for those of this principal"
                )
            else:
                self.unsafe.append(
                    f"data actions of {service} fall away, and the trail holds no data event of "
                    f"{service} by this principal: it may record those of other resources only"
                )

    def _quota(self) -> int:
        """The characters left for the replacement where it will stand."""
        if self.site.resource_type in CUSTOMER_MANAGED or not self.owners:
            return limit("policy")
        kinds = [owner.kind for owner in self.owners if owner.kind != "policy"]
        if not kinds:
            return limit("policy")
        quota = min(limit(kind) for kind in kinds)
        taken = 0
        for owner in self.owners:
            others_inline = sum(
                minified_size(
                    draft.document(
                        other.policy,
                        [draft.kept(i, s) for i, s in enumerate(other.policy.statements)],
                    )
                )
                for other in self.project.sites_of(owner.key)
                if other.key != self.site.key
                and other.kind == "identity"
                and other.policy is not None
                and other.resource_type not in CUSTOMER_MANAGED
            )
            taken = max(taken, others_inline)
        return max(0, quota - taken)


def _services(policy: Policy) -> int:
    return len({name.partition(":")[0] for name in grants.allowed([policy])})


def unobserved(replacement: Replacement) -> tuple[str, ...]:
    """The actions that a replacement keeps though they were not observed."""
    return tuple(each.action for each in replacement.kept if not _OBSERVED.match(each.reason))
