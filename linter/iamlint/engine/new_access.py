"""What new access one state of a project grants beyond another, principal by principal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, combinations
from typing import Literal

import msgspec

from iamlint.iam import managed
from iamlint.iam.compare import Answer, World, within
from iamlint.iam.encode import statement_json
from iamlint.iam.policy import Policy, Statement
from iamlint.minimize.quota import CUSTOMER_MANAGED
from iamlint.sources.site import Owner, PolicySite, Project, Unreadable
from iamlint.text import Place

Kind = Literal["identity", "trust", "resource", "scp", "rcp", "file"]

WORLDS = 4
"""Up to this many conditional policies every combination of them is compared."""


class NewAccess(msgspec.Struct, frozen=True, kw_only=True):
    """One answer about the new state: new access, or what could not be determined.

    `address` is the principal, or the resource whose policy it is; `place` where the statement
    that grants stands in source (the attachment, for a managed policy), None if in no one place.
    `added` is True if the principal or the policy is not in the old state at all.
    """

    address: str
    kind: Kind
    answer: Answer
    place: Place | None
    added: bool = False


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
        folders = {_folder(site.place.path), "" if scope == "." else scope}

        def texts(project: Project) -> dict[str, str]:
            return {
                path: source.text
                for path, source in project.sources.items()
                if path in (scope, site.place.path)
                or (site.language == "hcl" and _folder(path) in folders)
            }

        return texts(self.base) == texts(self.head)


def new_access(
    pair: Pair, progress: Callable[[int, int], None] | None = None
) -> tuple[list[NewAccess], list[NewAccess]]:
    """What the new state grants beyond the old, and what is undetermined.

    All identity policies of a principal are compared together, within its boundary.  Trust and
    resource policies, and policies that serve nobody in the project, are compared by themselves.
    """
    found: list[NewAccess] = []
    tasks = list(_tasks(pair))
    for count, task in enumerate(tasks):
        if progress is not None:
            progress(count, len(tasks))
        found += task()
    reported = {_spot(each.place) for each in found if each.kind == "identity"}
    for site in pair.head.sites:
        if site.kind not in ("identity", "managed-attachment"):
            continue
        if site.owners and site.resource_type not in CUSTOMER_MANAGED:
            continue
        # Of a policy that is attached here, what its principals gain is told already.
        found += (
            each for each in _alone(pair, site, "identity") if _spot(each.place) not in reported
        )
    found += _unread(pair)
    return (
        [each for each in found if each.answer.contained is False],
        [each for each in found if each.answer.contained is None],
    )


def _tasks(pair: Pair) -> Iterator[Callable[[], list[NewAccess]]]:
    for owner in pair.head.owners.values():
        if owner.kind != "policy":
            yield lambda owner=owner: _Principal(pair, owner).answers()  # type: ignore[misc]
    for site in pair.head.sites:
        limits = site.kind in ("scp", "rcp") and _matching(site, pair.base)
        if site.kind == "resource" or limits:  # a new limit grants nothing
            yield lambda site=site: list(_alone(pair, site, site.kind))  # type: ignore[misc]
    for site in pair.base.sites:
        if site.kind in ("scp", "rcp") and not _matching(site, pair.head):
            yield lambda site=site: [  # type: ignore[misc]
                _open(site.address, site.kind, None, f"this {site.kind} policy is gone")
            ]


class _Principal:
    """The policies of one principal, as they were and as they are."""

    def __init__(self, pair: Pair, owner: Owner) -> None:
        self.pair = pair
        self.owner = owner
        self.before = _same_owner(owner, pair)
        self.new_sites = pair.head.sites_of(owner.key)
        self.old_sites = pair.base.sites_of(self.before.key) if self.before else []

    def answers(self) -> list[NewAccess]:
        return [*self._trust(), *self._identity()]

    def _trust(self) -> Iterator[NewAccess]:
        new = [site for site in self.new_sites if site.kind == "trust"]
        old = [site for site in self.old_sites if site.kind == "trust"]
        yield from self._compared(new, old, "trust")

    def _identity(self) -> Iterator[NewAccess]:
        kinds = ("identity", "managed-attachment")
        new = [site for site in self.new_sites if site.kind in kinds]
        old = [site for site in self.old_sites if site.kind in kinds]
        yield from self._compared(new, old, "identity")

    def _compared(
        self, new: list[PolicySite], old: list[PolicySite], kind: Kind
    ) -> Iterator[NewAccess]:
        new_limits, old_limits, fault = self._boundaries() if kind == "identity" else ([], [], "")
        if fault:
            yield _open(self.owner.address, kind, self.owner.place, fault)
        yield from _Comparison(
            self.pair, self.owner.address, kind, new, old, new_limits, old_limits,
            added=self.before is None, place=self.owner.place,
        ).answers()  # fmt: skip

    def _boundaries(self) -> tuple[list[Policy], list[Policy], str]:
        """The known boundaries, and what cannot be said of unknown ones.

        One that is the same before and after limits both alike, whatever it says.  A new one that
        is not known is taken for none.
        """
        new = [site for site in self.new_sites if site.kind == "boundary"]
        old = [site for site in self.old_sites if site.kind == "boundary"]
        unknown = Counter(_content(site) for site in old if _document(site) is None)
        unknown -= Counter(_content(site) for site in new if _document(site) is None)
        fault = "its boundary before is not known, and it has another now" if unknown else ""
        certain = [site for site in new if site.possible is None]
        return (
            [policy for site in certain if (policy := _document(site)) is not None],
            [policy for site in old if (policy := _document(site)) is not None],
            fault,
        )


class _Comparison:
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
        self.same_limits = [*map(_saying, new_limits)] == [*map(_saying, old_limits)]
        self.added = added
        self.place = place

    def answers(self) -> Iterator[NewAccess]:
        had = Counter(map(_content, self.old))
        has = Counter(map(_content, self.new))
        for site in self.new:
            if had[_content(site)] >= has[_content(site)]:
                if _unsure(site) and not self.pair.same_sources(site):
                    reason = "it is not wholly known, and what it may be made from changed"
                    yield _open(self.address, self.kind, site.place, reason, self.added)
            elif _document(site) is None:
                yield _open(self.address, self.kind, site.place, _unknown(site), self.added)
        if had == has and self.same_limits:
            return
        known = [(site, doc) for site in self.new if (doc := _document(site)) is not None]
        shared = {
            content
            for site, _ in known
            if site.possible is not None and had[content := _content(site)]
        }
        if len(shared) > WORLDS and any(any(doc.denies()) for _, doc in known):
            reason = f"{len(shared)} policies are there under conditions only, and some deny"
            yield _open(self.address, self.kind, self.place, reason, self.added)
        # What may be there may not deny, either.
        new = [
            (site, doc if site.possible is None or _content(site) in shared else _allowing(doc))
            for site, doc in known
        ]
        seen: set[tuple[object, ...]] = set()
        determined = True
        for without in _worlds(sorted(shared)):
            here = [(site, doc) for site, doc in new if _content(site) not in without]
            old = [
                doc
                for site in self.old
                if (doc := _document(site)) is not None
                and (site.possible is None or _content(site) in shared - without)
            ]
            for each in self._world(here, old):
                determined = False
                spot = _spot(each.place), each.answer.contained
                if spot not in seen:
                    seen.add(spot)
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
                if nothing_before and bare and statement.complete and _hangs_on_hole(answer):
                    # There is no example, since what it grants has no name yet; but it grants.
                    answer = msgspec.structs.replace(answer, contained=False, granted_by=statement)
                yield self._answer(answer, _place(site, statement))
                if answer.contained is None and doc.open is not None:
                    break  # of what is not wholly known, one statement says all
        if not named:
            place = self.place
            for site, doc in new:
                if whole.granted_by in doc.statements:
                    assert whole.granted_by is not None
                    place = _place(site, whole.granted_by)
            yield self._answer(whole, place)

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
        old = [doc for site in self.old if (doc := _document(site)) is not None]
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


def _alone(pair: Pair, site: PolicySite, kind: Kind) -> Iterator[NewAccess]:
    """A policy compared with what it was itself."""
    old = _matching(site, pair.base)
    yield from _Comparison(
        pair, site.address, kind, [site], old, added=not old, place=site.place
    ).answers()


def _matching(site: PolicySite, project: Project) -> list[PolicySite]:
    """The site in another state of the project: the same key, else the one of the same address."""
    own = [other for other in project.sites if other.key == site.key and other.kind == site.kind]
    if own:
        return own[:1]
    alike = [
        other
        for other in project.sites
        if (other.address, other.kind, other.argument) == (site.address, site.kind, site.argument)
    ]
    return alike if len(alike) == 1 else []


def _same_owner(owner: Owner, pair: Pair) -> Owner | None:
    """The principal as it was: by key, else the one of its name, else the one of its address."""
    own = pair.base.owners.get(owner.key)
    if own is not None and own.kind == owner.kind:
        return own
    others = [
        other
        for other in pair.base.owners.values()
        if other.kind == owner.kind and other.key not in pair.head.owners
    ]
    name = owner.name.literal if owner.name is not None else None
    by_name = [each for each in others if name and each.name and each.name.literal == name]
    by_address = [each for each in others if each.address == owner.address]
    for found in (by_name, by_address):
        if len(found) == 1:
            return found[0]
    return None


def _unread(pair: Pair) -> Iterator[NewAccess]:
    """What could not be read or evaluated, unless it stands as it stood."""

    def known(item: Unreadable) -> tuple[str, str, int | None]:
        return item.path, item.reason, item.line

    before = {known(item): item for item in pair.base.unreadable}
    for item in pair.head.unreadable:
        source = pair.head.sources.get(item.path)
        other = pair.base.sources.get(item.path)
        same = source is not None and other is not None and source.text == other.text
        if not (known(item) in before and same):
            yield _open(item.path, "file", None, f"the file could not be read: {item.reason}")
    new = {item.path for item in pair.head.unreadable}
    for item in pair.base.unreadable:
        if item.path not in new:
            reason = f"the file could not be read as it was: {item.reason}"
            yield _open(item.path, "file", None, reason)
    had = Counter((item.address, item.reason, item.place.text) for item in pair.base.unresolved)
    for each in pair.head.unresolved:
        key = each.address, each.reason, each.place.text
        folder = _folder(each.place.path)
        if had[key] and _texts(pair.base, folder) == _texts(pair.head, folder):
            had[key] -= 1
            continue
        yield _open(each.address, "file", each.place, f"not evaluated: {each.reason}")


def _texts(project: Project, folder: str) -> dict[str, str]:
    return {
        path: source.text for path, source in project.sources.items() if _folder(path) == folder
    }


def _open(
    address: str, kind: Kind, place: Place | None, reason: str, added: bool = False
) -> NewAccess:
    answer = Answer(contained=None, reason=f"open: {reason}")
    return NewAccess(address=address, kind=kind, answer=answer, place=place, added=added)


def _unknown(site: PolicySite) -> str:
    if site.arn is not None:
        return f"the document of `{site.arn}` is not known"
    return "the policy could not be evaluated"


def _document(site: PolicySite) -> Policy | None:
    """What a site says: its own document, or that of the AWS managed policy it names."""
    if site.policy is not None:
        return site.policy
    known = managed.lookup(site.arn) if site.arn is not None else None
    return known.policy if known is not None else None


def _unsure(site: PolicySite) -> bool:
    """True if a site may say something else although it is written as it was."""
    policy = _document(site)
    if policy is None:
        return site.arn is None or site.arn.literal is None
    return policy.open is not None or not all(each.complete for each in policy.statements)


def _content(site: PolicySite) -> str:
    """All that a site says, in a form that compares across states; not where it stands."""
    policy = site.policy
    said = _saying(policy) if policy is not None else str(site.arn or site.place.text)
    return json.dumps([site.kind, site.possible, said])


def _saying(policy: Policy) -> str:
    """A policy with what is only possible in it."""
    return json.dumps([policy.version, policy.open, [*map(_statement, policy.statements)]])


def _statement(statement: Statement) -> list[object]:
    elements = (*statement.actions, *statement.resources)
    doubts: Iterable[str | None] = chain(
        (statement.possible,),
        (each.possible for each in elements),
        (each.element.possible for each in statement.principals),
        (each.open for each in statement.conditions),
    )
    return [statement_json(statement), sorted(statement.open.items()), list(doubts)]


def _hangs_on_hole(answer: Answer) -> bool:
    return answer.contained is None and (answer.reason or "").startswith("hole:")


def _allowing(policy: Policy) -> Policy:
    return msgspec.structs.replace(policy, statements=tuple(policy.allows()))


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


def _worlds(conditional: Sequence[str]) -> Iterator[frozenset[str]]:
    """Which of the policies that are there only under a condition are away."""
    if len(conditional) <= WORLDS:
        sizes: Iterable[int] = range(len(conditional) + 1)
    else:
        sizes = (0, 1, len(conditional) - 1, len(conditional))
    for size in sizes:
        yield from map(frozenset, combinations(conditional, size))


def _place(site: PolicySite, statement: Statement) -> Place:
    """Where a statement stands in source: what attaches it, for a policy of AWS."""
    return site.place if site.policy is None else statement.place


def _spot(place: Place | None) -> tuple[str, int, int] | None:
    return (place.path, *place.span) if place is not None else None


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
