"""What a policy grants, statement by statement, and how closely it names each action."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

import msgspec

from iamlint.iam import catalog, grants
from iamlint.iam.policy import Element, Policy, Statement
from iamlint.minimize.needs import Grip

BUNDLE = 20
"""An AWS managed policy over more services than this is judged as one over all services."""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What one Allow statement grants.

    `everything` are all known actions, `grips` says of those in the services that are looked at
    closely how they are named; `loose` are patterns that the catalogue cannot tell.
    """

    index: int
    statement: Statement
    everything: frozenset[str]
    grips: dict[str, Grip]
    loose: tuple[Element, ...]


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy grants: `incomplete` if statements were left out that are not wholly known.

    `bundle` marks a managed policy over so many services that it names none for this principal.
    """

    grants: tuple[Grant, ...]
    incomplete: bool
    bundle: bool

    @property
    def everything(self) -> frozenset[str]:
        """All known actions that are granted."""
        if len(self.grants) == 1:
            return self.grants[0].everything
        names: frozenset[str] = frozenset()
        for grant in self.grants:
            names |= grant.everything
        return names

    def by_service(self) -> Mapping[str, tuple[str, ...]]:
        """All known actions that are granted, by service."""
        return _by_service(self.everything)

    def grips(self) -> dict[str, Grip]:
        """The closest grip that any statement has on each action."""
        order: tuple[Grip, ...] = ("action", "service", "whole")
        found: dict[str, Grip] = {}
        for grant in self.grants:
            for name, grip in grant.grips.items():
                if name not in found or order.index(grip) < order.index(found[name]):
                    found[name] = grip
        return found


_KEPT: dict[tuple[int, frozenset[str], bool], tuple[Policy, Granted]] = {}
_MOST = 128


def granted(policy: Policy, used: Collection[str], *, managed: bool) -> Granted:
    """Take a policy apart.

    `used` are the services to look at closely beside those that it names; `managed` says that
    AWS wrote it.  Statements that are not wholly known are left out and must stay as they are.
    Many principals have the same policy: what was found last is kept.
    """
    key = (id(policy), frozenset(used), managed)
    known = _KEPT.get(key)
    if known is None or known[0] is not policy:
        if len(_KEPT) >= _MOST:
            _KEPT.clear()
        known = _KEPT[key] = (policy, _granted(policy, key[1], managed))
    return known[1]


def _granted(policy: Policy, used: frozenset[str], managed: bool) -> Granted:
    bundle = managed and len(_by_service(grants.allowed([policy]))) > BUNDLE
    looked_at = set(used)
    known: list[tuple[int, Statement]] = []
    incomplete = False
    for index, statement in enumerate(policy.statements):
        if statement.effect == "Deny":
            continue
        given = any(each.possible is not None for each in statement.actions)
        if given or not statement.complete or statement.has_principal:
            incomplete = True
            continue
        known.append((index, statement))
        if not bundle:
            looked_at |= {_service(name) for name in _named(statement)}
    found = tuple(_grant(index, statement, looked_at, bundle) for index, statement in known)
    return Granted(grants=found, incomplete=incomplete, bundle=bundle)


def _named(statement: Statement) -> frozenset[str]:
    """The actions that patterns of their own service take in."""
    if statement.not_action:
        return frozenset()
    return grants.matched(each for each in statement.actions if not grants.takes_every_action(each))


def _grant(index: int, statement: Statement, looked_at: Collection[str], bundle: bool) -> Grant:
    everything = grants.actions(statement)
    patterns: Sequence[Element] = () if statement.not_action else statement.actions
    named = frozenset() if bundle else _named(statement)
    exact = {
        found.name
        for each in patterns
        if each.literal is not None and (found := catalog.action(each.literal)) is not None
    }
    grips: dict[str, Grip] = {}
    for prefix in sorted(looked_at):
        service = catalog.service(prefix)
        for name in service.actions if service is not None else ():
            if name in everything:
                close = name in named
                grips[name] = (
                    "action" if close and name in exact else "service" if close else "whole"
                )
    loose = tuple(
        each for each in patterns if each.literal is None or not catalog.expand(each.literal)
    )
    return Grant(index=index, statement=statement, everything=everything, grips=grips, loose=loose)


@lru_cache(maxsize=64)
def _by_service(names: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
    """Many principals have the same policies, of thousands of actions each."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.partition(":")[0], []).append(name)
    return {prefix: tuple(own) for prefix, own in found.items()}


def _service(name: str) -> str:
    return name.partition(":")[0]
