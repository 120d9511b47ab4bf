"""The project's principals as a graph: who can gain rights that it was not given, and through whom.

Rules ask `graph(ctx)`; what is heavy is imported only then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from iamlint.iam.policy import Element, Statement
from iamlint.sources.site import PolicySite
from iamlint.text import Place

if TYPE_CHECKING:
    from iamlint.iam.escalation import Held as Held
    from iamlint.iam.escalation import Principal, Target, World
    from iamlint.iam.escalation import StepHeld as StepHeld
    from iamlint.rule.context import Context
    from iamlint.rule.principals import Known as Known

_GRANTING = ("identity", "managed-attachment")
_ACCOUNT = "111122223333"


HOPS = 8
"""The longest chain that is followed."""


class Link(msgspec.Struct, frozen=True):
    """One hop of a chain: by assuming `to`, or by a path that passes it to a service."""

    to: Target
    steps: tuple[StepHeld, ...] = ()
    held: Held | None = None


class Graph:
    """What the principals of a project can do to one another."""

    def __init__(self, ctx: Context) -> None:
        from iamlint.rule.principals import Builder

        self.ctx = ctx
        builder = Builder(ctx)
        self.account = builder.account
        self.known = builder.all()
        self._solved = builder.solved
        self._next: dict[str, Link] | None = None

    @property
    def incomplete(self) -> bool:
        """True if the project was too large to answer all that was asked so far."""
        return self._solved.exhausted or self.world.budget <= 0

    # Paths

    def held(self, key: str) -> tuple[Held, ...]:
        """The paths of an owner, or of a site that serves nobody, by its key; the worst first."""
        known = self.known.get(key)
        if known is None or known.administrator:
            return ()
        return self.ctx.once(("iamlint:paths", key), lambda: self._held(known))

    def _held(self, known: Known) -> tuple[Held, ...]:
        from iamlint.iam.escalation import escalations

        found = escalations(known.principal, self.world)
        if not known.doubt and not self.ctx.guardrails():
            return tuple(found)
        doubted = []
        for held in found:
            perhaps = map(self.ctx.doubted, (frozenset({name}) for name in held.path.actions))
            doubts = [doubt for doubt in (known.doubt, *perhaps) if doubt]
            if doubts:
                reasons = (*held.reasons, *dict.fromkeys(doubts))
                held = msgspec.structs.replace(held, holds=None, reasons=reasons)
            doubted.append(held)
        return tuple(doubted)

    @property
    def world(self) -> World:
        from iamlint.iam.escalation import World

        return self.ctx.once(
            "iamlint:world",
            lambda: World(k.principal.me for k in self.known.values() if k.owner is not None),
        )

    # Chains

    def chain(self, key: str) -> tuple[Link, ...]:
        """The shortest chain of roles from a principal to an administrator; empty if there is none."""
        if self._next is None:
            self._next = self._links()
        links: list[Link] = []
        at = key
        while at in self._next and len(links) <= len(self._next):
            links.append(self._next[at])
            at = links[-1].to.key
        return tuple(links)

    def _links(self) -> dict[str, Link]:
        from iamlint.iam.escalation import World

        found: dict[str, Link] = {}
        movers = [k for k in self.known.values() if k.owner is not None and not k.administrator]
        movers = [k for k in movers if not k.doubt]
        frontier = [
            k.principal.me
            for k in self.known.values()
            if k.administrator and k.principal.me.administrator and k.principal.me.kind == "role"
        ]
        budget = 300_000
        for _ in range(HOPS):
            if not frontier:
                break
            level = World(
                [msgspec.structs.replace(t, privileged=True) for t in frontier],
                budget,
                complete=True,
            )
            direct: dict[str, Target] = {}
            for target in frontier:
                for arn in target.callers:
                    direct.setdefault(f"{target.scope}#{arn}", target)
            reached: list[Target] = []
            for known in movers:
                me = known.principal.me
                if me.key in found:
                    continue
                link = self._link(known, level, direct)
                if link is not None:
                    found[me.key] = link
                    reached.append(me)
            budget = level.budget
            frontier = [target for target in reached if target.kind == "role"]
        return found

    def _link(self, known: Known, level: World, direct: dict[str, Target]) -> Link | None:
        from iamlint.iam.escalation import StepHeld, escalations
        from iamlint.iam.escalation_paths import PATHS

        who = known.principal
        target = direct.get(f"{who.me.scope}#{who.me.arn}")
        if target is not None and target.key != who.me.key and not _denies(who, "sts:AssumeRole"):
            return Link(target)
        if "sts:AssumeRole" in who.permissions.may:
            for target in level.reached(who.permissions, "sts:AssumeRole", "role", False):
                if target.key == who.me.key or "root" not in target.callers:
                    continue
                if target.scope != who.me.scope:
                    continue
                own = target.arn.replace("::*:", f"::{self.account}:", 1)
                reach = who.permissions.reach("sts:AssumeRole", own, {})
                if reach.holds and not all(_demands_mfa(g.statement) for g in reach.grants):
                    return Link(target, (StepHeld("sts:AssumeRole", reach),))
        if "iam:PassRole" in who.permissions.may:
            passing = [path for path in PATHS if path.category == "new-passrole"]
            for held in escalations(who, level, passing):
                if held.holds and held.target is not None:
                    return Link(held.target, held.steps, held)
        return None


def conceivable(ctx: Context) -> bool:
    """False if nothing in the project can be a step to more rights: most projects, told cheaply.

    True if a grant may name an action that a known path takes, or a role trusts somebody who is
    no service.
    """
    return ctx.once("iamlint:escalation-conceivable", lambda: any(_steps(ctx)))


def _steps(ctx: Context) -> Iterator[bool]:
    from iamlint.iam import asked

    for site in ctx.project.sites:
        document = ctx.document(site)
        if document is None:
            yield site.kind in ("trust", "identity")
        elif site.kind == "trust":
            yield any(
                principal.kind != "Service"
                for statement in document.allows()
                for principal in statement.principals
            ) or bool(document.open)
        elif site.kind in ("identity", "managed-attachment"):
            yield bool(document.open) or bool(asked.may([document]))


def graph(ctx: Context) -> Graph:
    """The graph of a run."""
    return ctx.once("iamlint:escalation", lambda: Graph(ctx))


def place(known: Known, step: StepHeld) -> tuple[Element | Place, Statement | None, PolicySite]:
    """Where a step is granted: the action's own string, or what attaches the managed policy."""
    site = known.site(step.grant)
    if site.policy is None:
        return site.place, None, site
    statement = step.grant.statement
    if statement.not_action or not statement.actions:
        return statement.place, statement, site
    from iamlint.iam import pattern

    for element in statement.actions:
        if element.literal and pattern.matches(element.literal, step.action, ignore_case=True):
            return element, statement, site
    return statement.actions[0], statement, site


def _denies(who: Principal, action: str) -> bool:
    from iamlint.iam.matching import action_applies

    layers = (who.permissions.policies, *who.permissions.limits)
    return bool(who.permissions.limits) or any(
        action_applies(deny, action).holds is not False
        for layer in layers
        for policy in layer
        for deny in policy.denies()
    )


def _demands_mfa(statement: Statement) -> bool:
    from iamlint.iam import narrowing

    return any(narrow.about == "mfa" for narrow in narrowing.narrowings(statement))


# What rules ask


def does(action: str) -> str:
    """What a principal does with an action of a path, in words that follow its name."""
    from iamlint.iam.escalation_paths import DOES

    return DOES[action]


def worth_telling(graph: Graph, key: str) -> list[Held]:
    """The paths of a principal that its author should hear of, the worst first.

    Left out is what only might be: where what a step is allowed on is unknown altogether, where
    tags pick out targets that are not shown, what a role of a service that runs no code of
    others may do, and what IAM102 and IAM115 say already.
    """
    if not graph.held(key):
        return []
    return graph.ctx.once(("iamlint:worth", key), lambda: _worth_telling(graph, key))


def _worth_telling(graph: Graph, key: str) -> list[Held]:
    paths, known = graph.held(key), graph.known[key]
    paths = tuple(held for held in paths if not _is_chain(held))
    chained = not any(held.holds for held in paths) and bool(graph.chain(key))
    return [
        held
        for held in paths
        if held.holds
        or not (
            chained
            or _unknown(held)
            or _named_by_tags(held)
            or held.path.id == "sts-001"
            or (known.power_user and held.path.subject == "resource")
            or (_runs_no_code(known) and held.path.category.endswith("passrole"))
        )
    ]


def _is_chain(held: Held) -> bool:
    """True for a plain hop to an administrator, which is a chain of one."""
    target = held.target
    return bool(
        held.holds and held.path.id == "sts-001" and target is not None and target.administrator
    )


def _unknown(held: Held) -> bool:
    """True if a step hangs on a hole, and not on what is possible."""
    return any(
        step.reach.holds is None
        and not step.reach.narrowed
        and not any(_possible(grant.statement) for grant in step.reach.grants)
        for step in held.steps
    )


def _possible(statement: Statement) -> bool:
    elements = (*statement.actions, *statement.resources)
    return bool(statement.possible) or any(element.possible for element in elements)


def _named_by_tags(held: Held) -> bool:
    own = held.path.subject in ("self", "policy")
    return held.target is None and not own and any(step.reach.narrowed for step in held.steps)


def _runs_no_code(known: Known) -> bool:
    """True for the role of a service that does what it is made for, and not what others write."""
    from iamlint.iam.escalation_paths import SERVICES

    me = known.principal.me
    return bool(me.services) and not me.callers and me.services.isdisjoint(SERVICES)
