"""Some policies as they were and as they are: what is new, statement by statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Literal

import msgspec

from iamlint.engine.content import content, document, saying, unknown, unsure
from iamlint.iam.compare import Answer, World, within
from iamlint.iam.policy import Policy, Statement
from iamlint.sources.site import PolicySite, Project
from iamlint.text import Place

Kind = Literal["identity", "trust", "resource", "scp", "rcp", "file"]

WORLDS = 4
"""Up to this many conditional policies every combination of them is compared."""


class NewAccess(msgspec.Struct, frozen=True, kw_only=True):
    """One answer about the new state: new access, or what could not be determined.

    `address` is the principal, or the resource whose policy it is; `place` where the statement
    that grants stands in source (the attachment, for a managed policy), None if in no one place;
    where only some of its actions or resources came, it is the first of these, and `more` has the
    others.  `actions` are those that were not granted before on anything.  `added` is True if the
    principal or the policy is not in the old state at all; `stood` if what is undetermined stands
    as it stood, and only what it is made from may have changed.
    """

    address: str
    kind: Kind
    answer: Answer
    place: Place | None
    added: bool = False
    stood: bool = False
    more: tuple[Place, ...] = ()
    actions: tuple[str, ...] = ()


class Pair(msgspec.Struct, frozen=True):
    """The old and the new state of a project, with paths that count from the same folder.

    `world` is the strength of the proofs that nothing new is granted.
    """

    base: Project
    head: Project
    world: World = "open"

    def same_sources(self, site: PolicySite) -> bool:
        """True if the files that a site may take its values from are as they were."""
        scope = site.key.partition("#")[0]
        folders = {folder_of(site.place.path), "" if scope == "." else scope}

        def texts(project: Project) -> dict[str, str]:
            return {
                path: source.text
                for path, source in project.sources.items()
                if path in (scope, site.place.path)
                or (site.language == "hcl" and folder_of(path) in folders)
            }

        return texts(self.base) == texts(self.head)


class Comparison:
    """Some policies together, as they were and as they are."""

    def __init__(
        self,
        pair: Pair,
        address: str,
        kind: Kind,
        new: Sequence[PolicySite],
        old: Sequence[PolicySite],
        new_limits: Sequence[Policy] = (),
        old_limits: Sequence[Policy] = (),
        *,
        added: bool,
        place: Place | None,
    ) -> None:
        self.pair, self.address, self.kind = pair, address, kind
        self.new, self.old = new, old
        self.new_limits = [[each] for each in new_limits]
        self.old_limits = [[each] for each in old_limits]
        self.same_limits = [*map(saying, new_limits)] == [*map(saying, old_limits)]
        self.added = added
        self.place = place

    def answers(self) -> Iterator[NewAccess]:
        had = Counter(map(content, self.old))
        has = Counter(map(content, self.new))
        for site in self.new:
            if had[content(site)] >= has[content(site)]:
                if unsure(site) and not self.pair.same_sources(site):
                    reason = "it is not wholly known, and what it may be made from changed"
                    yield undetermined(
                        self.address, self.kind, site.place, reason, self.added, stood=True
                    )
            elif document(site) is None:
                yield undetermined(self.address, self.kind, site.place, unknown(site), self.added)
        if had == has and self.same_limits:
            return
        known = [(site, doc) for site in self.new if (doc := document(site)) is not None]
        shared = {
            said for site, _ in known if site.possible is not None and had[said := content(site)]
        }
        if len(shared) > WORLDS and any(any(doc.denies()) for _, doc in known):
            reason = f"{len(shared)} policies are there under conditions only, and some deny"
            yield undetermined(self.address, self.kind, self.place, reason, self.added)
        # What may be there may not deny, either.
        new = [
            (site, doc if site.possible is None or content(site) in shared else _allowing(doc))
            for site, doc in known
        ]
        seen: set[tuple[object, ...]] = set()
        determined = True
        for without in _worlds(sorted(shared)):
            here = [(site, doc) for site, doc in new if content(site) not in without]
            old = [
                doc
                for site in self.old
                if (doc := document(site)) is not None
                and (site.possible is None or content(site) in shared - without)
            ]
            for each in self._world(here, old):
                determined = False
                told = spot(each.place), each.answer.contained
                if told not in seen:
                    seen.add(told)
                    yield each
        if determined:
            yield from self._lost_denies([doc for _, doc in new])

    def _world(
        self, new: Sequence[tuple[PolicySite, Policy]], old: Sequence[Policy]
    ) -> Iterator[NewAccess]:
        """What is new if just these policies are there: one answer for each statement to blame."""
        whole = self._within([doc for _, doc in new], old)
        if whole.contained:
            return
        denies = [
            msgspec.structs.replace(doc, statements=tuple(doc.denies()))
            for _, doc in new
            if any(doc.denies())
        ]
        named = False
        for site, doc in new:
            for statement in doc.allows():
                alone = msgspec.structs.replace(doc, statements=(statement,))
                answer = self._within([alone, *denies], old)
                if answer.contained:
                    continue
                named = True
                nothing_before = not any(any(policy.allows()) for policy in old)
                bare = not denies and not self.new_limits and site.possible is None
                if (
                    nothing_before
                    and bare
                    and statement.complete
                    and _hangs_on_hole(answer, statement)
                ):
                    # There is no example, since what it grants has no name yet; but it grants.
                    answer = msgspec.structs.replace(answer, contained=False, granted_by=statement)
                yield self._told(answer, site, doc, statement, old)
                if answer.contained is None and doc.open is not None:
                    break  # of what is not wholly known, one statement says all
        if not named:
            place = self.place
            for site, doc in new:
                if whole.granted_by in doc.statements:
                    assert whole.granted_by is not None
                    place = _place(site, whole.granted_by)
            yield self._answer(whole, place)

    def _told(
        self,
        answer: Answer,
        site: PolicySite,
        doc: Policy,
        statement: Statement,
        old: Sequence[Policy],
    ) -> NewAccess:
        """The answer about a statement, at what is new in it."""
        found = self._answer(answer, _place(site, statement))
        if answer.contained is not False:
            return found
        from iamlint.engine.pointing import pointed

        what = pointed(doc, statement, old)
        found = msgspec.structs.replace(found, actions=what.actions)
        if site.policy is None:
            return found
        return msgspec.structs.replace(found, place=what.place, more=what.more)

    def _within(self, new: Sequence[Policy], old: Sequence[Policy]) -> Answer:
        return within(
            new,
            old,
            new_limits=self.new_limits,
            old_limits=self.old_limits,
            world=self.pair.world,
        )

    def _lost_denies(self, new: Sequence[Policy]) -> Iterator[NewAccess]:
        """A Deny that fell away may let in what other policies grant."""
        old = [doc for site in self.old if (doc := document(site)) is not None]
        lost = within(_flipped(old), _flipped(new), world=self.pair.world)
        if lost.contained:
            return
        reason = "a Deny fell away or got narrower: what other policies grant may take effect"
        answer = Answer(contained=None, witness=lost.witness, reason=f"deny: {reason}")
        yield self._answer(answer, self.place)

    def _answer(self, answer: Answer, place: Place | None) -> NewAccess:
        return NewAccess(
            address=self.address, kind=self.kind, answer=answer, place=place, added=self.added
        )


def undetermined(
    address: str,
    kind: Kind,
    place: Place | None,
    reason: str,
    added: bool = False,
    *,
    stood: bool = False,
) -> NewAccess:
    answer = Answer(contained=None, reason=f"open: {reason}")
    return NewAccess(
        address=address, kind=kind, answer=answer, place=place, added=added, stood=stood
    )


def _worlds(conditional: Sequence[str]) -> Iterator[frozenset[str]]:
    """Which of the policies that are there only under a condition are away."""
    if len(conditional) <= WORLDS:
        sizes: Iterable[int] = range(len(conditional) + 1)
    else:
        sizes = (0, 1, len(conditional) - 1, len(conditional))
    for size in sizes:
        yield from map(frozenset, combinations(conditional, size))


def _flipped(policies: Sequence[Policy]) -> list[Policy]:
    """The Deny statements as if they allowed: to see whether any denies less than before."""
    return [
        msgspec.structs.replace(
            policy,
            statements=tuple(
                msgspec.structs.replace(statement, effect="Allow") for statement in policy.denies()
            ),
            open=None,
        )
        for policy in policies
        if any(policy.denies())
    ]


def _allowing(policy: Policy) -> Policy:
    return msgspec.structs.replace(policy, statements=tuple(policy.allows()))


def _hangs_on_hole(answer: Answer, statement: Statement) -> bool:
    """True if nothing but the name of a resource, or of a principal of the project, is open."""
    if answer.contained is not None:
        return False
    named = all(
        hole.specific and each.element.possible is None
        for each in statement.principals
        for hole in each.element.text.holes
    )
    reason = answer.reason or ""
    unnamed = "a principal is meant" in reason and bool(statement.principals) and named
    return reason.startswith("hole:") or unnamed


def _place(site: PolicySite, statement: Statement) -> Place:
    """Where a statement stands in source: what attaches it, for a policy of AWS."""
    return site.place if site.policy is None else statement.place


def spot(place: Place | None) -> tuple[str, int, int] | None:
    return (place.path, *place.span) if place is not None else None


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]
