"""What a principal can do over all its policies: on which resources, under which conditions.

Questions are answered symbolically, action by action, with Deny statements, boundary and SCPs
taken into account; nothing is expanded that is not asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product

import msgspec

from iamlint.iam import catalog
from iamlint.iam.compare import STATES, within
from iamlint.iam.containment.branch import Branches, Candidate
from iamlint.iam.containment.compiling import compile_rules
from iamlint.iam.containment.inclusion import disjoint
from iamlint.iam.containment.known import exists, resource_forms
from iamlint.iam.containment.rules import Rule, Rules
from iamlint.iam.containment.search import Budget, TooManyStates
from iamlint.iam.containment.witness import Replay, Sides, replay
from iamlint.iam.decide import PolicySet, Request
from iamlint.iam.decode import from_json
from iamlint.iam.glob import fold, string_tokens, text_tokens
from iamlint.iam.matching import action_applies
from iamlint.iam.policy import Condition, Element, Policy, Statement


class Grant(msgspec.Struct, frozen=True):
    """One statement by which an action is allowed on some resource."""

    statement: Statement
    policy: Policy

    @property
    def resources(self) -> tuple[Element, ...]:
        """The patterns of Resource, or of NotResource if `statement.not_resource`."""
        return self.statement.resources

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return self.statement.conditions


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one action.

    `allowed`: True if some request with it is allowed, False if none can be, None if that is not
    known.  `example` is an allowed request, replayed through `decide`.  `grants` are the
    statements through which it may be allowed, each on some resource that no Deny takes away.
    `everywhere`: True if it is allowed on every resource whatever the context, None if unknown.
    """

    action: str
    allowed: bool | None
    grants: tuple[Grant, ...] = ()
    example: Request | None = None
    everywhere: bool | None = False

    @property
    def unconditional(self) -> bool:
        """True if some statement allows it, on its resources, without a condition."""
        return any(not grant.conditions and grant.statement.complete for grant in self.grants)

    def on(self) -> tuple[str, ...]:
        """The patterns of the resources that it may be allowed on, Deny statements apart.

        Patterns of no resource that the action takes are left out.  A NotResource is `*`: all
        but some.
        """
        forms = resource_forms(self.action)
        found: dict[str, None] = {}
        for grant in self.grants:
            if grant.statement.not_resource or not grant.resources:
                found["*"] = None
                continue
            variables = grant.policy.version == "2012-10-17"
            for element in grant.resources:
                tokens = text_tokens(element.text, variables=variables)
                if forms is None or not all(disjoint(tokens, form) for form in forms):
                    found[str(element)] = None
        return tuple(found)


class Effective:
    """The effective permissions of identity policies under limits (boundary, SCP levels)."""

    def __init__(
        self,
        policies: Sequence[Policy],
        limits: Sequence[Sequence[Policy]] = (),
        *,
        states: int = STATES,
    ) -> None:
        self.policies = policies
        self.limits = limits
        self.states = states
        self._known: dict[str, Access] = {}

    def access(self, action: str) -> Access:
        """What is known of an action, given in any case."""
        name = fold(action)
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._access(name)
        return found

    def actions(self, service: str) -> tuple[str, ...]:
        """The catalogue's actions of a service that are, or may be, allowed on some resource."""
        names = catalog.expand(f"{service}:*")
        return tuple(name for name in names if self.access(name).allowed is not False)

    @cached_property
    def everything(self) -> bool | None:
        """True if every action is allowed on every resource; None if that is not known.

        What amounts to administrator access is less: see `standing.administrator`.
        """
        return self._all_of("*")

    def _access(self, action: str) -> Access:
        layers = self._most
        if any(layer.blocked for layer in layers):
            return Access(action=_spelled(action), allowed=None, everywhere=None)
        grants: dict[int, Grant] = {}
        example: Request | None = None
        unsure = False
        try:
            for candidate, found in self._candidates(action, layers):
                rule = candidate.positives[0]
                grants.setdefault(id(rule), Grant(rule.statement, rule.policy))
                if example is None and found is not None and found.new.allowed:
                    example = found.request
        except (TooManyStates, RecursionError):
            unsure = True
        allowed: bool | None = True if example is not None else None
        if not grants and not unsure:
            allowed = False
        return Access(
            action=_spelled(action),
            allowed=allowed,
            grants=tuple(grants.values()),
            example=example,
            everywhere=self._all_of(action) if allowed else False,
        )

    def _candidates(
        self, action: str, layers: Sequence[Rules]
    ) -> Iterator[tuple[Candidate, Replay | None]]:
        """One candidate request for each combination of statements, with its replay."""
        solver = Branches("whole", Budget(self.states), known=True)
        denies = tuple(deny for layer in layers for deny in layer.denies)
        mine = string_tokens(action, wildcards=False)
        nothing = PolicySet()
        sides = Sides(PolicySet(identity=self.policies, scp=self.limits), nothing)
        for positives in product(*(_about(layer, action) for layer in layers)):
            # The action itself goes first, so that only it is looked at.
            for tries, candidate in enumerate(solver.candidates(positives, denies, (mine,))):
                found = replay(candidate, sides, "whole")
                if found is not None and not exists(action, found.request.resource):
                    continue
                yield candidate, found
                if tries >= 3 or (found is not None and found.new.allowed):
                    break

    def _all_of(self, actions: str) -> bool | None:
        """Whether all requests with some actions are allowed, on every resource that may exist today."""
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        asked = from_json({"Version": "2012-10-17", "Statement": statement}, "the question")
        return within(
            [asked],
            self.policies,
            old_limits=self.limits,
            world="catalogue",
            states=self.states,
        ).contained

    @cached_property
    def _most(self) -> list[Rules]:
        return [compile_rules(layer, most=True) for layer in (self.policies, *self.limits)]


def _about(layer: Rules, action: str) -> list[Rule]:
    """The Allow rules of a layer that take in an action."""
    return [
        rule for rule in layer.allows if action_applies(rule.statement, action).holds is not False
    ]


def _spelled(action: str) -> str:
    known = catalog.action(action)
    return action if known is None else known.name
