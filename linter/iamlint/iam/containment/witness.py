"""Requests that may show a difference, replayed through `decide` before they are believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from iamlint.iam.containment.branch import Candidate
from iamlint.iam.containment.spelling import ACCOUNTS, requests
from iamlint.iam.decide import Decision, PolicySet, Request, decide
from iamlint.iam.decode import from_json
from iamlint.iam.glob import Letter
from iamlint.iam.matching import Reading
from iamlint.iam.policy import Policy
from iamlint.iam.principal import caller


class Sides(msgspec.Struct, frozen=True):
    """The policies of both sides as `decide` takes them."""

    new: PolicySet
    old: PolicySet


class Replay(msgspec.Struct, frozen=True):
    """A request with what both sides say of it."""

    request: Request
    new: Decision
    old: Decision

    @property
    def shows_difference(self) -> bool:
        return self.new.allowed is True and self.old.allowed is False


def sides_of(
    new: Sequence[Policy],
    old: Sequence[Policy],
    new_limits: Sequence[Sequence[Policy]] = (),
    old_limits: Sequence[Sequence[Policy]] = (),
) -> Sides:
    """The policies as layers of `decide`, according to whether they name principals."""
    if not any(s.has_principal for policy in (*new, *old) for s in policy.statements):
        return Sides(
            PolicySet(identity=new, scp=new_limits), PolicySet(identity=old, scp=old_limits)
        )
    everything = [_everything()]
    return Sides(
        PolicySet(identity=everything, trust=new, scp=new_limits),
        PolicySet(identity=everything, trust=old, scp=old_limits),
    )


def judge(request: Request, sides: Sides, reading: Reading = "whole") -> Replay:
    """What both sides say of a request.

    Identity policies are compared for what they say themselves: if the resource turns out to be
    another account's, that account delegates to the principal's.  Likewise resource-based ones:
    the principal's identity policies allow everything.
    """
    new, old = sides.new, sides.old
    if new.trust is None:
        resource = (_delegation(caller(request.principal).account or ACCOUNTS[0]),)
        new = msgspec.structs.replace(new, resource=resource)
        old = msgspec.structs.replace(old, resource=resource)
    return Replay(
        request, decide(request, new, reading=reading), decide(request, old, reading=reading)
    )


def replay(
    candidate: Candidate,
    sides: Sides,
    reading: Reading,
    principal: str | None = None,
    values: Mapping[Letter, str] | None = None,
) -> Replay | None:
    """The candidate as a request that shows a difference, or the first that was tried.

    None if it holds a hole for which `values` gives no value to try, or contradicts itself.
    """
    tried: Replay | None = None
    for request in requests(candidate, principal, values or {}):
        found = judge(request, sides, reading)
        if found.shows_difference:
            return found
        tried = tried or found
    return tried


@lru_cache(maxsize=1)
def _everything() -> Policy:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": statement}
    return from_json(document, "identity policies that allow everything")


@lru_cache(maxsize=256)
def _delegation(account: str) -> Policy:
    """A resource's policy that leaves everything to the identity policies of an account."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": account},
        "Action": "*",
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Statement": statement}
    return from_json(document, "the resource's policy", "resource")
