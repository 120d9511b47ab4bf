"""Statements made ready for comparison: as much as they may grant, or as little.

A statement that is not wholly known stands for many.  The new side is compiled so that it grants
the most that it may (its Denies the least that they must deny), the old side the other way round:
containment then holds for all that the source may mean.
"""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.iam.containment.rules import EVERYTHING, Atom, Rule, Rules, Who
from iamlint.iam.glob import Tokens, Wild, fold, fold_tokens, text_tokens
from iamlint.iam.operators import Operator, moment, network, number, operator
from iamlint.iam.policy import Condition, Element, Policy, Statement

_EVERY_ACTION: Tokens = (Wild.STAR, ":", Wild.STAR)


def compile_rules(policies: Sequence[Policy], *, most: bool) -> Rules:
    """The statements of policies, read to grant the most (or the least) that they may."""
    rules = Rules()
    for policy in policies:
        if policy.open is not None:
            rules.blocked = policy.open
        for statement in policy.statements:
            for effect in ("Allow", "Deny"):
                if statement.effect not in (effect, None):
                    continue
                grow = most == (effect == "Allow")
                if statement.effect is None:
                    rules.inexact = rules.inexact or "an effect is not known"
                    if not grow:
                        rules.lossy = True
                        continue
                compiler = _Compiler(policy, statement, grow=grow)
                rule = compiler.rule(allow=effect == "Allow")
                rules.inexact = rules.inexact or compiler.inexact
                if rule is None:
                    rules.lossy = rules.lossy or compiler.inexact is not None
                else:
                    rule.inexact = compiler.inexact is not None or statement.effect is None
                    (rules.allows if rule.allow else rules.denies).append(rule)
    return rules


class _Compiler:
    """Compiles one statement, either to at least what it takes in (`grow`) or at most."""

    def __init__(self, policy: Policy, statement: Statement, *, grow: bool) -> None:
        self.policy = policy
        self.statement = statement
        self.grow = grow
        self.variables = policy.version == "2012-10-17"
        self.inexact: str | None = None

    def rule(self, *, allow: bool) -> Rule | None:
        """The rule, or None if it takes in nothing for sure."""
        statement = self.statement
        if statement.possible is not None:
            self.inexact = f"a statement applies only {statement.possible}"
            if not self.grow:
                return None
        actions = self._list("Action", statement.actions, statement.not_action)
        if actions is None or not (actions or statement.not_action):
            return None
        actions = tuple(
            EVERYTHING if tokens == _EVERY_ACTION else fold_tokens(tokens) for tokens in actions
        )
        resources: tuple[Tokens, ...] = (EVERYTHING,)
        if statement.has_resource or "Resource" in statement.open:
            listed = self._list("Resource", statement.resources, statement.not_resource)
            if listed is None or not (listed or statement.not_resource):
                return None
            resources = listed or (EVERYTHING,)
            not_resource = statement.not_resource and bool(listed)
        else:
            not_resource = False
        who = self._who()
        if who is not None and not who.named and not who.negated:
            return None
        atoms = self._atoms()
        if atoms is None:
            return None
        return Rule(
            statement,
            self.policy,
            allow=allow,
            actions=actions,
            resources=resources,
            not_resource=not_resource,
            atoms=atoms,
            who=who,
        )

    def _who(self) -> Who | None:
        """The principals; an empty list of them where the statement may be about nobody."""
        statement = self.statement
        if not statement.has_principal and "Principal" not in statement.open:
            return None
        kept = list(statement.principals)
        if any(principal.element.possible is not None for principal in kept):
            self.inexact = "`Principal` has elements that are only possible"
            if self.grow == statement.not_principal:
                kept = [each for each in kept if each.element.possible is None]
        if "Principal" in statement.open:
            self.inexact = statement.open["Principal"]
            if self.grow and not statement.not_principal:
                return Who(frozenset({("*", ("*",))}))
            if not self.grow and statement.not_principal:
                return Who(frozenset())
        return Who(
            frozenset(
                (each.kind, text_tokens(each.element.text, wildcards=False)) for each in kept
            ),
            statement.not_principal,
        )

    def _list(
        self, name: str, elements: Sequence[Element], negated: bool
    ) -> tuple[Tokens, ...] | None:
        """The patterns of an element; None if it may take in nothing at all."""
        kept = list(elements)
        if any(element.possible is not None for element in elements):
            self.inexact = f"`{name}` has elements that are only possible"
            if self.grow == negated:
                kept = [element for element in elements if element.possible is None]
        if name in self.statement.open:
            self.inexact = self.statement.open[name]
            if self.grow and not negated:
                return (EVERYTHING,)
            if not self.grow and negated:
                return None
        variables = self.variables and name == "Resource"
        found = (text_tokens(element.text, variables=variables) for element in kept)
        return tuple(dict.fromkeys(found))

    def _atoms(self) -> tuple[Atom, ...] | None:
        """The conditions; None if they may never hold as far as is known."""
        if "Condition" in self.statement.open:
            self.inexact = self.statement.open["Condition"]
            if not self.grow:
                return None
        found: list[Atom] = []
        for condition in self.statement.conditions:
            atom, reason = _atom_of(condition, grow=self.grow, variables=self.variables)
            if reason is not None:
                self.inexact = reason
            if atom is not None:
                found.append(atom)
            elif not self.grow:
                return None
        return tuple(found)


def _atom_of(
    condition: Condition, *, grow: bool, variables: bool
) -> tuple[Atom | None, str | None]:
    """The condition, if it can be compared at all; and what is not exact about it."""
    name, key = condition.operator.literal, condition.key.literal
    kind = operator(name) if name is not None else None
    if kind is None or key is None:
        return None, f"unsupported-operator: `{condition.operator}`"
    if condition.operator.possible is not None:
        return None, f"a condition applies only {condition.operator.possible}"
    values = condition.values
    reason = condition.open
    if any(value.possible is not None for value in values):
        reason = "a condition has values that are only possible"
    if reason is not None:
        if kind.family == "null":
            return None, reason
        if grow != kind.negated and condition.open is not None:
            return None, reason
        if grow == kind.negated:
            values = tuple(value for value in values if value.possible is None)
    if kind.family in ("string", "arn"):
        wildcards = kind.comparison == "like"
        patterns = tuple(
            text_tokens(value.text, wildcards=wildcards, variables=variables) for value in values
        )
        return Atom(kind, fold(key), patterns, (), condition), reason
    points = tuple(value.literal for value in values)
    known = tuple(point for point in points if point is not None)
    if len(known) < len(points) or not all(_readable(kind, point) for point in known):
        return None, f"unsupported-operator: a value of `{condition.operator}` is not known"
    return Atom(kind, fold(key), (), known, condition), reason


def atoms_of(conditions: Sequence[Condition]) -> tuple[Atom, ...]:
    """Conditions that are wholly known, as atoms; policy variables are read in them."""
    found: list[Atom] = []
    for condition in conditions:
        atom, _ = _atom_of(condition, grow=False, variables=True)
        assert atom is not None
        found.append(atom)
    return tuple(found)


def _readable(kind: Operator, point: str) -> bool:
    if kind.family == "numeric":
        return number(point) is not None
    if kind.family == "date":
        return moment(point) is not None
    if kind.family == "ip":
        return network(point) is not None
    if kind.family == "null":
        return fold(point) in ("true", "false")
    return "${" not in point
