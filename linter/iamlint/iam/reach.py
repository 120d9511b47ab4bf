"""May one principal do an action on one resource: answered cheaply for many, exactly for the rest.

Most statements decide by their text alone (every resource, no condition, no Deny about it); only
what is left goes to `effective`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import msgspec

from iamlint.iam import catalog, narrowing
from iamlint.iam.asked import may
from iamlint.iam.decode import from_json
from iamlint.iam.effective import Effective, Grant
from iamlint.iam.escalation_paths import PROBES
from iamlint.iam.matching import action_applies
from iamlint.iam.policy import Element, Policy, Statement
from iamlint.iam.principal import is_account
from iamlint.iam.reading import Reading
from iamlint.tree import Text

FRESH = "zq7none-is-named-so"
"""A name that no policy has in mind: only patterns that take in every name match it."""


class Reach(msgspec.Struct, frozen=True):
    """Whether something is allowed: True, False, or None where that hangs on what is not known.

    `grants` are the statements through which it is; `narrowed` are the condition keys that keep
    a True from being certain, in the spelling of the policy.
    """

    holds: bool | None
    grants: tuple[Grant, ...] = ()
    narrowed: tuple[str, ...] = ()


NO = Reach(False)

Pins = Mapping[str, Mapping[str, Any]]
"""What is known of the request: a Condition element."""


class Solved:
    """Answers that all principals of a project share, and how many more may be worked out.

    `exhausted` tells that some answer was not looked for, and so is unknown.
    """

    def __init__(self, left: int = 500) -> None:
        self.answers: dict[Hashable, tuple[bool | None, tuple[int, ...]]] = {}
        self.left = left

    @property
    def exhausted(self) -> bool:
        return self.left < 0


class Permissions:
    """The permissions of one principal under its limits, about the actions of the known paths.

    `policies` and `limits` must be settled.  `solved` is shared by all principals of a project.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        limits: Sequence[Sequence[Policy]],
        solved: Solved,
    ) -> None:
        self.policies = policies
        self.limits = limits
        self.solved = solved
        self.kept: dict[Hashable, Reach] = {}
        self._about_action: dict[str, tuple[list[Reading], list[Reading]]] = {}
        self.may = may(policies)
        for layer in limits:
            self.may = self.may & may(layer)

    def allows(self, action: str) -> list[Reading]:
        """The Allow statements that may be about an action."""
        return self._about(action)[0]

    def denies(self, action: str) -> list[Reading]:
        """The Deny statements, those of the limits too, that may be about an action."""
        return self._about(action)[1]

    def _about(self, action: str) -> tuple[list[Reading], list[Reading]]:
        found = self._about_action.get(action)
        if found is None:
            allows = [each for each in self._allows if action in each.maybe]
            denies = [each for each in self._denies if action in each.maybe]
            found = self._about_action[action] = allows, denies
        return found

    @cached_property
    def _allows(self) -> list[Reading]:
        return [Reading(s, p) for p in self.policies for s in p.allows()]

    @cached_property
    def _denies(self) -> list[Reading]:
        return [
            Reading(statement, policy)
            for layer in (self.policies, *self.limits)
            for policy in layer
            for statement in policy.denies()
        ]

    @cached_property
    def _limiting(self) -> list[list[Reading]]:
        return [[Reading(s, p) for p in layer for s in p.allows()] for layer in self.limits]

    def reach(self, action: str, probe: str | None, pins: Pins | Callable[[], Pins]) -> Reach:
        """Whether an action is allowed on some resource that a probe stands for (None: on any).

        A probe is an ARN; a `*` in one of its first five segments stands for one value.  `pins` may
        be a function, since most answers need none.
        """
        if action not in self.may:
            return NO
        mine = self.allows(action)
        found = NO
        for each in _concrete(probe, mine, self.denies(action)):
            reach = self._reach(action, each, pins, mine)
            if reach.holds:
                return reach
            found = reach if reach.holds is None else found
        return found

    def _reach(
        self,
        action: str,
        probe: str | None,
        pins: Pins | Callable[[], Pins],
        mine: list[Reading],
    ) -> Reach:
        for each in every(action) if probe is None else (probe,):
            quick = self._quick(action, each, mine)
            if quick.holds is False and probe is not None:
                return quick
            if not quick.holds:
                break
        else:
            return quick
        found = self._solved(action, probe, pins() if callable(pins) else pins)
        return _weighed(found) if found.holds else found

    def _quick(self, action: str, probe: str | None, mine: list[Reading]) -> Reach:
        """What the texts of the statements decide alone; None for all that needs more."""
        if probe is None:
            denies = self.denies(action)
            if self.limits or not all(deny.is_minor for deny in denies):
                return Reach(None)
            if denies:
                mine = [each for each in mine if each.takes_everything]
        else:
            if all(each.misses(probe) for each in mine):
                return NO
            whole = False
            for deny in self.denies(action):
                if deny.takes_all(action, probe):
                    return NO
                if deny.spares(probe):
                    continue
                if not deny.leaves_some(probe):
                    return Reach(None)
                whole = True
            for layer in self._limiting:
                if not any(each.takes_all(action, probe) for each in layer):
                    return Reach(None)
            if whole:
                # Some names are denied: only what is allowed on all others, too, is for sure.
                mine = [each for each in mine if each.takes_all(action, probe)]
        sure = [Grant(r.statement, r.policy) for r in mine if r.allows(action, probe)]
        return Reach(True, tuple(sure)) if sure else Reach(None)

    def _solved(self, action: str, probe: str | None, pins: Pins) -> Reach:
        layers = [_about(layer, action) for layer in (self.policies, *self.limits)]
        keys = _keys(layers)
        condition = {
            operator: left
            for operator, pairs in pins.items()
            if (left := {key: value for key, value in pairs.items() if key.lower() in keys})
        }
        question = (action, probe, repr(condition), tuple(map(_canonical, layers)))
        found = self.solved.answers.get(question)
        if found is None:
            self.solved.left -= 1
            if self.solved.exhausted:
                return Reach(None)
            found = self._solve(action, probe, condition, layers)
            self.solved.answers[question] = found
        allowed, numbers = found
        flat = [(s, policy) for policy in layers[0] for s in policy.statements]
        return Reach(allowed, tuple(Grant(*flat[number]) for number in numbers))

    def _solve(
        self,
        action: str,
        probe: str | None,
        condition: Mapping[str, Any],
        layers: Sequence[Sequence[Policy]],
    ) -> tuple[bool | None, tuple[int, ...]]:
        limits = list(layers[1:])
        if probe is not None or condition:
            statement = {"Effect": "Allow", "Action": "*", "Resource": probe or "*"}
            if condition:
                statement["Condition"] = condition  # type: ignore[assignment]
            document = {"Version": "2012-10-17", "Statement": statement}
            limits.append([from_json(document, "what is asked")])
        access = _Asked(layers[0], limits, states=20_000).access(action)
        order = {id(s): n for n, s in enumerate(s for p in layers[0] for s in p.statements)}
        numbers = tuple(order[id(g.statement)] for g in access.grants if id(g.statement) in order)
        return access.allowed, numbers


class _Asked(Effective):
    """Effective permissions of which nobody asks whether they are on everything."""

    def _all_of(self, actions: str) -> bool | None:
        return None


_USUAL = "arn:aws:any:us-east-1:111122223333:any"


def _concrete(
    probe: str | None, allows: Iterable[Reading], denies: Iterable[Reading]
) -> tuple[str | None, ...]:
    """The probe with the partitions, regions and accounts that the statements name, or usual ones.

    Left open they would match across `:` what no one resource is.
    """
    if probe is None or "*" not in probe.rpartition(":")[0]:
        return (probe,)
    refused = [element.literal or "" for deny in denies for element in deny.statement.resources]
    found: dict[str | None, None] = {}
    for statement in (each.statement for each in allows):
        for element in statement.resources:
            text = element.literal if not statement.not_resource else None
            each = _named_in(probe, text or "")
            for less in refused:
                each = _named_in(each, less)
            found[_named_in(each, _USUAL)] = None
            if len(found) >= _MOST:
                break
    return tuple(found) or (_named_in(probe, _USUAL),)


_MOST = 8
"""Accounts and regions tried for one probe."""


@lru_cache(maxsize=16384)
def _named_in(probe: str, text: str) -> str:
    """The probe with those of its open segments filled for which a text names one value."""
    mine, named = probe.split(":", 5), text.split(":", 5)
    for number in range(1, 5):
        known = named[number] if len(named) == 6 else ""
        if number == 4 and not is_account(known):
            continue
        if mine[number] == "*" and known and not set(known) & set("*?${"):
            mine[number] = known
    return ":".join(mine)


_FREE = frozenset(
    {
        "iam:passedtoservice",
        "iam:policyarn",
        "iam:permissionsboundary",
        "aws:principalarn",
        "aws:username",
        "aws:principalaccount",
        "aws:viaawsservice",
        "aws:securetransport",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
        "sts:externalid",
        "sts:rolesessionname",
    }
)
"""Keys that are pinned where they matter, or that the caller has or may choose."""

_FREE_ABOUT = frozenset({"organization", "network", "request", "mfa", "time"})


def _weighed(found: Reach) -> Reach:
    """A True that hangs on tags or on keys of which nothing is known is not certain."""
    keys: list[str] = []
    for grant in found.grants:
        mine = uncertain(grant.statement)
        if not mine:
            return found
        keys += mine
    return Reach(None, found.grants, tuple(dict.fromkeys(keys)))


def uncertain(statement: Statement) -> list[str]:
    """The condition keys of a statement that hold for some requests which nobody can tell from here."""
    return [
        str(narrow.condition.key)
        for narrow in narrowing.narrowings(statement)
        if narrow.key not in _FREE and narrow.about not in _FREE_ABOUT
    ]


def _about(layer: Sequence[Policy], action: str) -> list[Policy]:
    """The policies of a layer, with those statements only that may be about an action."""
    found: list[Policy] = []
    for policy in layer:
        kept = tuple(
            s
            for s in policy.statements
            if s.effect is None or action_applies(s, action).holds is not False
        )
        if kept or policy.open:
            found.append(msgspec.structs.replace(policy, statements=kept))
    return found


def _keys(layers: Iterable[Iterable[Policy]]) -> frozenset[str]:
    """The condition keys that any statement names, in lower case."""
    return frozenset(
        str(condition.key).lower()
        for layer in layers
        for policy in layer
        for statement in policy.statements
        for condition in statement.conditions
    )


def _canonical(layer: Sequence[Policy]) -> Hashable:
    """What policies say, without where they say it."""
    return tuple(
        (policy.version, policy.open, tuple(_said(s) for s in policy.statements))
        for policy in layer
    )


def _said(statement: Statement) -> Hashable:
    return (
        statement.effect,
        statement.possible,
        statement.not_action,
        _texts(statement.actions),
        statement.not_resource,
        statement.has_resource,
        _texts(statement.resources),
        tuple(
            (c.operator.text, c.key.text, c.open, _texts(c.values)) for c in statement.conditions
        ),
        tuple(statement.open),
    )


def _texts(elements: Iterable[Element]) -> tuple[tuple[Text, str | None], ...]:
    return tuple((element.text, element.possible) for element in elements)


@lru_cache(maxsize=256)
def every(action: str) -> tuple[str | None, ...]:
    """Globs of an existing resource of each kind that an action must name, whatever its name."""
    found = PROBES.get(action)
    if found is not None:
        return tuple(probe.format(FRESH) for probe in found) or (None,)
    known = catalog.action(action)
    if known is None or not known.resource_level:
        return (None,)
    forms = [arn for kind in known.resource_types if kind.required for arn in kind.arns]
    return tuple(map(_probe, forms)) or (None,)


def _probe(form: str) -> str:
    pieces: list[str] = []
    rest = form
    while "${" in rest:
        before, _, rest = rest.partition("${")
        name, _, rest = rest.partition("}")
        pieces += (before, "*" if name in ("Partition", "Region", "Account") else FRESH)
    return "".join([*pieces, rest])
