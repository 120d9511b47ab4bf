"""One value for each hole, under which a difference that holds for all values is replayed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from iamlint.iam import arn, catalog
from iamlint.iam.containment.branch import Candidate
from iamlint.iam.containment.known import exists
from iamlint.iam.containment.search import spelled
from iamlint.iam.containment.witness import Replay, Sides, replay
from iamlint.iam.decide import PolicySet
from iamlint.iam.filling import filled, holes_of
from iamlint.iam.glob import Letter
from iamlint.iam.matching import Reading
from iamlint.tree import Hole

_MOST = 16
"""How many values are tried for the holes that are whole ARNs."""


class Instance(msgspec.Struct, frozen=True):
    """A replayed request and the values of holes for which it was made."""

    replay: Replay
    values: dict[str, str]


def instance(
    candidate: Candidate, sides: Sides, reading: Reading, principal: str | None, *, known: bool
) -> Instance | None:
    """The candidate under the first values of the holes for which a request shows the difference.

    A resource that may exist is preferred, and with `known` demanded.
    """
    holes = list(dict.fromkeys(_holes(sides)))
    letters = {symbol for symbol in candidate.action.word if isinstance(symbol, Letter)}
    if letters:
        return None
    action = spelled(candidate.action.word, candidate.action.machine, {})
    first: Instance | None = None
    for template in _templates(action):
        values = {hole: _value(hole, number, template) for number, hole in enumerate(holes)}
        given = {
            Letter(hole.name, hole.kind, hole.scope): value.removeprefix("arn:")
            if hole.kind == "resource"
            else value
            for hole, value in values.items()
        }
        concrete = Sides(_filled(sides.new, values), _filled(sides.old, values))
        found = replay(candidate, concrete, reading, principal, given)
        if found is None or not found.shows_difference:
            continue
        shown = Instance(found, {str(hole): value for hole, value in values.items()})
        if exists(found.request.action, found.request.resource):
            return shown
        first = first or shown
    return None if known else first


def _templates(action: str) -> Iterator[str]:
    """Forms of ARNs that a hole may have, those of the action's service."""
    found = catalog.service(action.partition(":")[0])
    templates = [each for kind in found.resource_types for each in kind.arns] if found else []
    templates = sorted(dict.fromkeys(templates), key=len)  # the plainest first
    yield from templates[:_MOST] or ["arn:aws:s3:::${BucketName}"]


def _value(hole: Hole, number: int, template: str) -> str:
    if hole.kind == "account":
        return f"4444{number:08d}"
    if hole.kind == "region":
        return f"eu-west-{number + 1}"
    if hole.kind == "partition":
        return "aws"
    name = f"example-{number + 1}"
    if hole.kind != "resource":
        return name
    usual = {"Partition": "aws", "Region": "us-east-1", "Account": "111122223333"}
    return arn.fill(template, usual, default=name) or name


def _holes(sides: Sides) -> Iterator[Hole]:
    for side in (sides.new, sides.old):
        for policy in (
            *(side.identity or ()),
            *(side.trust or ()),
            *(p for level in side.scp for p in level),
        ):
            yield from holes_of(policy)


def _filled(side: PolicySet, values: dict[Hole, str]) -> PolicySet:
    return msgspec.structs.replace(
        side,
        identity=[filled(policy, values) for policy in side.identity or ()],
        trust=None if side.trust is None else [filled(policy, values) for policy in side.trust],
        scp=[[filled(policy, values) for policy in level] for level in side.scp],
    )
