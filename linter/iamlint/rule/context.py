"""Context: all that a rule may ask about the project, its use, and what AWS means."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

from iamlint.finding import Evidence, Replacement
from iamlint.iam import grants
from iamlint.iam.policy import Policy, Statement
from iamlint.rule.catalogue import Catalogue
from iamlint.rule.settings import Demand, Settings
from iamlint.rule.usage import Bound, NoProfile, NoUsageData, Usage, together
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.text import Place, SourceText, Span

if TYPE_CHECKING:
    from iamlint.iam.compare import Answer
    from iamlint.iam.effect import Void
    from iamlint.minimize.needs import Grip, Verdict
    from iamlint.minimize.propose import Refused
    from iamlint.usage.profile import RootUse

T = TypeVar("T")


def _no_profile(owner: Owner) -> Usage:
    return NoProfile()


class Context(Catalogue):
    """What a rule is given beside the thing to judge.

    Answers are computed on demand and kept for the run; asking twice costs nothing.
    """

    def __init__(
        self,
        project: Project,
        settings: Settings | None = None,
        usage: Callable[[Owner], Usage] = _no_profile,
        roots: Mapping[str, RootUse] | None = None,
    ) -> None:
        self.project = project
        self.roots: Mapping[str, RootUse] = roots or {}
        """What the usage profile tells of the root user of each account."""
        self.settings = settings or Settings()
        self._usage = usage
        self._kept: dict[Hashable, object] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value under a key, made at the first time that it is asked for.

        For analyses that several rules share; the key should begin with the pack's name.
        """
        if key not in self._kept:
            self._kept[key] = make()
        return cast(T, self._kept[key])

    # The project

    def owners(self, site: PolicySite) -> tuple[Owner, ...]:
        """The declared principals and customer managed policies that a site serves."""
        owners = self.project.owners
        return tuple(owners[key] for key in site.owners if key in owners)

    def sites_of(self, owner: Owner) -> list[PolicySite]:
        """The sites that serve an owner, in source order."""
        return self.once("iamlint:sites", self._by_owner).get(owner.key, [])

    def _by_owner(self) -> dict[str, list[PolicySite]]:
        found: dict[str, list[PolicySite]] = {}
        for site in self.project.sites:
            for key in site.owners:
                found.setdefault(key, []).append(site)
        return found

    def is_customer_managed(self, site: PolicySite) -> bool:
        """True if a site is the document of a customer managed policy."""
        return site.resource_type in CUSTOMER_MANAGED

    def is_inline(self, site: PolicySite) -> bool:
        """True if a site is a policy written into a principal."""
        return site.kind == "identity" and site.resource_type not in CUSTOMER_MANAGED

    def attachments_of(self, site: PolicySite) -> list[PolicySite]:
        """The sites that attach the customer managed policy whose document a site is."""
        if not self.is_customer_managed(site) or site.policy is None:
            return []
        return self.once("iamlint:attachments", self._attachments).get(_identity(site.policy), [])

    def _attachments(self) -> dict[tuple[int, int, int], list[PolicySite]]:
        found: dict[tuple[int, int, int], list[PolicySite]] = {}
        for site in self.project.sites:
            if site.kind == "managed-attachment" and site.policy is not None:
                found.setdefault(_identity(site.policy), []).append(site)
        return found

    def principals(self, site: PolicySite) -> tuple[Owner, ...]:
        """The roles, users, groups and permission sets that a site serves, through attachments too."""
        sites = (site, *self.attachments_of(site))
        owners = {owner.key: owner for each in sites for owner in self.owners(each)}
        return tuple(owner for owner in owners.values() if owner.kind != "policy")

    def signs_in(self, user: Owner) -> bool:
        """True if the project gives a user a console password, and nobody an access key.

        Told by the text of the declarations, so it is only ever said of what is plainly written.
        """
        import re

        def plain(text: str) -> str:
            return re.sub(r"(?s)/\*.*?\*/|(?m:(#|//).*$)", "", text)

        sources = [plain(s.text) for s in (user.block.source, *self.project.sources.values())]
        if any("aws_iam_access_key" in text or "AWS::IAM::AccessKey" in text for text in sources):
            return False
        if user.language != "hcl":
            return re.search(r"\bLoginProfile\b", plain(user.block.text)) is not None
        label = re.escape(user.address.rpartition("module.")[2].partition("[")[0])
        profile = rf'"aws_iam_user_login_profile"[^{{}}]*{{[^{{}}]*\b{label}(?![\w-])'
        return any(re.search(profile, text) for text in sources)

    def beside(self, site: PolicySite) -> tuple[PolicySite, ...]:
        """The other sites of the same kind that the same text serves with the same meaning."""
        if site.policy is None or site.form == "attachment":
            return ()
        alike = self.once("iamlint:texts", self._texts)[site.kind, _identity(site.policy)]
        return tuple(each for each in alike if each.key != site.key and each.policy == site.policy)

    def _texts(self) -> dict[tuple[str, tuple[int, int, int]], list[PolicySite]]:
        found: dict[tuple[str, tuple[int, int, int]], list[PolicySite]] = {}
        for site in self.project.sites:
            if site.policy is not None and site.form != "attachment":
                found.setdefault((site.kind, _identity(site.policy)), []).append(site)
        return found

    def same_text(self, site: PolicySite) -> tuple[PolicySite, ...]:
        """The other sites of the same kind that the same text serves, whatever it means there."""
        if site.policy is None or site.form == "attachment":
            item = _item(site)
            attached = self.once("iamlint:items", self._items).get(item, []) if item else []
            return tuple(each for each in attached if each.key != site.key)
        alike = self.once("iamlint:texts", self._texts)[site.kind, _identity(site.policy)]
        # A file is besides read as a document of its own, which serves nobody.
        return tuple(each for each in alike if each.key != site.key and each.owners)

    def _items(self) -> dict[Hashable, list[PolicySite]]:
        found: dict[Hashable, list[PolicySite]] = {}
        for site in self.project.sites:
            item = _item(site)
            if item is not None:
                found.setdefault(item, []).append(site)
        return found

    def _use_of_all(self, sites: Sequence[PolicySite]) -> Usage:
        """The use of all whom several sites serve; none without data for one, or for an unknown."""
        owners: dict[str, Owner] = {}
        for site in sites:
            principals = self.principals(site)
            if not principals or not set(site.owners) <= set(self.project.owners):
                return NoUsageData(f"it is not known whom `{site.address}` serves")
            owners.update((owner.key, owner) for owner in principals)
        return together([(owner.address, self.usage(owner)) for owner in owners.values()])

    def nowhere(self) -> Place:
        """The place of a finding that no line of the project has caused."""
        return Place(SourceText("", ""), Span(0, 0))

    def head(self, block: Place, *, keep_brace: bool = False) -> Place:
        """The first line of a declaration, where the whole of it would be too much to show."""
        text = block.text.partition("\n")[0].rstrip()
        if not keep_brace:
            text = text.rstrip("{").rstrip()
        return Place(block.source, Span(block.span.start, block.span.start + len(text)))

    def document(self, site: PolicySite) -> Policy | None:
        """What a site says: its own document, or that of the AWS managed policy it attaches."""
        if site.policy is not None:
            return site.policy
        managed = self.managed(site)
        return managed.policy if managed else None

    # Use

    def usage(self, owner: Owner) -> Usage:
        """What is known of an owner's use."""
        return self.once(("iamlint:usage", owner.key), lambda: self._usage(owner))

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
        from iamlint.minimize.common import outcomes
        from iamlint.minimize.propose import Options

        beside = self.same_text(site)
        shared = self._use_of_all((site, *beside)) if beside else usage
        if isinstance(shared, Bound):
            usage = shared
        else:
            beside = ()  # proposed for this one alone, so it will not be written
        options = Options(
            unobservable=self.settings.unobservable,
            granularity=self.settings.granularity,
            min_window=self.settings.minimum_days,
            inferred=usage.how if usage.inferred else "",
        )
        sites, asked = (site, *beside), usage
        return self.once(
            ("iamlint:outcomes", frozenset(each.key for each in sites)),
            lambda: outcomes(sites, self.project, asked.usage, asked.coverage, options),
        )[site.key]

    def correction(
        self,
        site: PolicySite,
        statements: Mapping[int, Sequence[Statement]] | None = None,
        *,
        version: str | None = None,
        same: bool = False,
        doubts: Sequence[str] = (),
    ) -> Replacement | None:
        """The site's policy with statements, by index, or its version written otherwise.

        It must grant nothing more; with `same` nothing less either.  It is applied unseen only if
        that is proven and there are no `doubts`.  None where the policy is not wholly known.
        """
        from iamlint.minimize.correct import Correction, corrected

        correction = Correction(
            statements=statements or {},
            version=version,
            same=same,
            doubts=doubts,
            beside=self.beside(site),
        )
        return corrected(site, correction)

    def verdicts(self, site: PolicySite, names: frozenset[str]) -> dict[str, Verdict]:
        """For each granted action, whether it is needed and why; empty without usage data.

        Empty too if the evidence covers too short a time to conclude anything from silence.
        """
        usage = self.usage_of(site)
        if not isinstance(usage, Bound) or usage.days < self.settings.minimum_days:
            return {}
        from iamlint.minimize.cover import cover
        from iamlint.minimize.needs import Needs

        kinds = [owner.kind for owner in self.principals(site)]
        needs = Needs(usage.usage, cover(usage.coverage), kinds)
        policy = self.document(site)
        elements = [e for s in (policy.allows() if policy else ()) for e in s.actions]
        named = {str(element).lower() for element in elements}
        grips: dict[str, Grip] = {
            name: "action" if name.lower() in named else "service" for name in sorted(names)
        }
        return needs.judge(grips)

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

    # What takes away

    def denied(self, site: PolicySite) -> frozenset[str]:
        """The actions that are always denied to whom a site serves, as far as the project shows.

        The site's own Deny statements count, and those of the other policies of its owner if it
        serves exactly one.
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

    def _denying(self, site: PolicySite) -> Iterator[Policy]:
        if site.policy is not None:
            yield site.policy
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


CUSTOMER_MANAGED = frozenset({"aws_iam_policy", "AWS::IAM::ManagedPolicy"})

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


def _item(site: PolicySite) -> Hashable:
    """What tells the text that attaches an AWS managed policy from others; None if there is none."""
    if site.kind != "managed-attachment" or site.policy is not None or site.attachment is None:
        return None
    item = site.attachment.item
    return item.path, item.span, site.arn


def _identity(policy: Policy) -> tuple[int, int, int]:
    """What makes two values the same document: the text that they were read from."""
    place = policy.place
    return id(place.source), place.span.start, place.span.end
