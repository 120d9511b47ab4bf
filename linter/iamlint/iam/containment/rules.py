"""Statements as they are compared: patterns as tokens, conditions as atoms, principals by name."""

from __future__ import annotations

import msgspec

from iamlint.iam.glob import Tokens, Wild
from iamlint.iam.operators import Operator
from iamlint.iam.policy import Condition, Policy, Statement

EVERYTHING: Tokens = (Wild.STAR,)
PRIVATE = "iamlint:"
"""What the keys of conditions begin with that stand for something other than a request's context."""


class Atom:
    """One condition key under one operator.

    `patterns` are the values as tokens, for operators on strings and ARNs; `points` the values
    as written, for all others.
    """

    __slots__ = ("condition", "key", "kind", "patterns", "points", "text")

    def __init__(
        self,
        kind: Operator,
        key: str,
        patterns: tuple[Tokens, ...],
        points: tuple[str, ...],
        condition: Condition,
    ) -> None:
        self.kind = kind
        self.key = key
        self.patterns = patterns
        self.points = points
        self.condition = condition
        self.text = (kind, key, frozenset(patterns), frozenset(points))


class Who(msgspec.Struct, frozen=True):
    """The principals of a statement by kind and tokens; `negated` for NotPrincipal."""

    named: frozenset[tuple[str, Tokens]]
    negated: bool = False

    @property
    def everyone(self) -> bool:
        return not self.negated and ("*", ("*",)) in self.named

    def within(self, other: Who) -> bool:
        """True if each of these principals is one of the other's, by its very name."""
        if self.negated or other.negated:
            return self == other
        return other.everyone or self.named <= other.named


class Rule:
    """One statement as it is compared.

    `who` is None where the policy names no principals.  `inexact` rules take in more, or less,
    than the statement.  Rules of equal `identity` and effect
    mean the same.
    """

    __slots__ = (
        "_by_service",
        "actions",
        "allow",
        "atoms",
        "identity",
        "inexact",
        "limits",
        "not_action",
        "not_resource",
        "policy",
        "resources",
        "statement",
        "variables",
        "who",
    )

    def __init__(
        self,
        statement: Statement,
        policy: Policy,
        *,
        allow: bool,
        actions: tuple[Tokens, ...],
        resources: tuple[Tokens, ...],
        not_resource: bool,
        atoms: tuple[Atom, ...],
        who: Who | None,
        inexact: bool = False,
    ) -> None:
        self.inexact = inexact
        self.statement = statement
        self.policy = policy
        self.allow = allow
        self.actions = actions
        self.not_action = statement.not_action
        self.resources = resources
        self.not_resource = not_resource
        self.who = who
        self.atoms = atoms
        self.limits = frozenset(atom.text for atom in atoms)
        self.variables = policy.version == "2012-10-17"
        self.identity = (
            frozenset(actions),
            self.not_action,
            frozenset(resources),
            not_resource,
            self.limits,
            who,
        )
        self._by_service: dict[str | None, list[Tokens]] | None = None

    def without_principals(self, pins: tuple[Atom, ...] = ()) -> Rule:
        """The same rule for one principal to whom it is known to apply, with what is known of him."""
        return Rule(
            self.statement,
            self.policy,
            allow=self.allow,
            actions=self.actions,
            resources=self.resources,
            not_resource=self.not_resource,
            atoms=(*self.atoms, *pins),
            who=None,
            inexact=self.inexact,
        )

    def actions_of(self, service: str | None) -> list[Tokens]:
        """The action patterns that may be about a service (None: about several)."""
        if self._by_service is None:
            self._by_service = {}
            for tokens in self.actions:
                self._by_service.setdefault(service_of(tokens), []).append(tokens)
        found = self._by_service
        if service is None:
            return list(self.actions)
        return found.get(service, []) + found.get(None, [])

    @property
    def everywhere(self) -> bool:
        """True if it is about every resource."""
        return not self.not_resource and EVERYTHING in self.resources


def service_of(tokens: Tokens) -> str | None:
    """The service prefix of an action pattern; None if it has a wildcard or letter in it."""
    try:
        end = tokens.index(":")
    except ValueError:
        return None
    prefix = tokens[:end]
    if all(isinstance(token, str) for token in prefix):
        return "".join(str(token) for token in prefix)
    return None


class Rules:
    """The compiled statements of one layer.

    `inexact` is None if the rules mean just what the policies mean, else why they do not.
    `blocked` is set where nothing bounds what the policies may say, `lossy` where a statement that
    may apply has no rule.
    """

    def __init__(self) -> None:
        self.lossy = False
        self.allows: list[Rule] = []
        self.denies: list[Rule] = []
        self.inexact: str | None = None
        self.blocked: str | None = None
