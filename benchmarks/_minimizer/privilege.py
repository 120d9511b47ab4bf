"""How much a set of policies grants: actions of the catalogue, and actions on an account's resources.

Counted by sets, since deciding each pair one by one would take minutes; a test compares the two.
Conditions of Allow statements are taken to hold, those of Deny statements not to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from benchmarks._minimizer.model import ACCOUNT, REGION
from iamlint.iam import arn as arns
from iamlint.iam import catalog, grants, pattern
from iamlint.iam.policy import Policy, Statement

RISK = {"List": 1, "Read": 2, "Tagging": 3, "Write": 5, "Permissions management": 10}
"""Weight of an action by its access level."""

OTHERS = 9
"""Resources of each type in the account that none of the workloads needs."""

Pair = tuple[str, str]


class Extent(NamedTuple):
    """Numbers of granted actions, of granted (action, resource) pairs, and the pairs' risk."""

    actions: int
    pairs: int
    risk: int


class Inventory:
    """The account's resources: those that the workloads use, and `OTHERS` more of each type."""

    def __init__(self, used: Iterable[Pair]) -> None:
        self._used: dict[str, set[str]] = {}
        for action, resource in used:
            for kind in _types_of(action):
                if any(arns.match(template, resource) is not None for template in kind[1]):
                    self._used.setdefault(kind[0], set()).add(resource)
        self._of_type: dict[str, tuple[str, ...]] = {}
        self._matched: dict[tuple[str, str], frozenset[str]] = {}
        self._of_action: dict[str, frozenset[str]] = {}

    def resources(self, action: str) -> frozenset[str]:
        """All that an action may be authorized against here; `*` if it takes no resource."""
        found = self._of_action.get(action)
        if found is None:
            kinds = _types_of(action)
            each = [one for kind in kinds for one in self._all(kind)]
            found = self._of_action[action] = frozenset(each or ["*"])
        return found

    def _all(self, kind: tuple[str, tuple[str, ...]]) -> tuple[str, ...]:
        known = self._of_type.get(kind[0])
        if known is None:
            made = [
                _other(template, number) for template in kind[1][:1] for number in range(OTHERS)
            ]
            known = tuple(sorted({*self._used.get(kind[0], ()), *made}))
            self._of_type[kind[0]] = known
        return known

    def granted(self, policies: Sequence[Policy]) -> dict[str, frozenset[str]]:
        """The resources on which each action is allowed."""
        found: dict[str, frozenset[str]] = {}
        for policy in policies:
            for statement in policy.allows():
                for action in grants.actions(statement):
                    reached = self._reached(statement, action)
                    if reached:
                        known = found.get(action)
                        found[action] = reached if known is None else known | reached
        for policy in policies:
            for statement in policy.denies():
                if statement.conditions:
                    continue
                for action in grants.actions(statement) & found.keys():
                    found[action] -= self._reached(statement, action)
        return {action: resources for action, resources in found.items() if resources}

    def _reached(self, statement: Statement, action: str) -> frozenset[str]:
        texts = [str(each) for each in statement.resources]
        everything = self.resources(action)
        if "*" in texts:
            return frozenset() if statement.not_resource else everything
        found = frozenset().union(*(self._matches(text, action, everything) for text in texts))
        return everything - found if statement.not_resource else found

    def _matches(self, text: str, action: str, everything: frozenset[str]) -> frozenset[str]:
        key = (text, "|".join(kind[0] for kind in _types_of(action)))
        known = self._matched.get(key)
        if known is None:
            known = frozenset(each for each in everything if pattern.matches(text, each))
            self._matched[key] = known
        return known

    def left_over(self, policies: Sequence[Policy], needed: frozenset[Pair]) -> Extent:
        """What is granted beyond the true need, whose resources may be patterns."""
        wanted: dict[str, frozenset[str]] = {}
        for action, resource in needed:
            own = self._matches(resource, action, self.resources(action))
            wanted[action] = wanted.get(action, frozenset()) | own
        actions = pairs = risk = 0
        for action, resources in self.granted(policies).items():
            extra = len(resources - wanted.get(action, frozenset()))
            actions += action not in wanted
            pairs += extra
            risk += extra * weight(action)
        return Extent(actions, pairs, risk)


@cache
def weight(action: str) -> int:
    """The risk of an action by its access level."""
    known = catalog.action(action)
    return RISK.get(known.level, 5) if known is not None else 5


@cache
def _types_of(action: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    known = catalog.action(action)
    if known is None:
        return ()
    prefix = action.partition(":")[0]
    return tuple((f"{prefix}/{kind.name}", kind.arns) for kind in known.resource_types if kind.arns)


@cache
def _other(template: str, number: int) -> str:
    given = dict.fromkeys(arns.variables(template), f"other-{number}")
    given |= {"Partition": "aws", "Region": REGION, "Account": ACCOUNT}
    return arns.fill(template, given) or template
