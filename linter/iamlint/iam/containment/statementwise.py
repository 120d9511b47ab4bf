"""The fast proof: each new Allow lies inside old Allows, and every old Deny is still there."""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.iam.containment.inclusion import (
    action_inside,
    covers,
    disjoint,
    implied,
    inside,
    inside_any_reading,
    resources_inside,
)
from iamlint.iam.containment.rules import EVERYTHING, Rule, Rules, service_of
from iamlint.iam.glob import Tokens

_MOST_PAIRS = 400_000
"""How many pairs of statements are compared before the proof is given up."""


def proves(new: Rules, old: Rules) -> bool:
    """True only if the new rules grant nothing beyond the old.  False says nothing."""
    same = {rule.identity for rule in old.allows}
    kept = {rule.identity for rule in new.denies}
    changed = [rule for rule in new.allows if rule.identity not in same]
    lost = [deny for deny in old.denies if deny.identity not in kept]
    if len(changed) * len(old.allows) + len(lost) * len(new.allows) > _MOST_PAIRS:
        return False
    return not any(ungranted(rule, old.allows) for rule in changed) and not any(
        bites(deny, rule, new.denies) for deny in lost for rule in new.allows
    )


def bites(deny: Rule, rule: Rule, kept: Sequence[Rule]) -> bool:
    """False only if an old Deny takes nothing from a rule that the kept ones do not take."""
    return not any(covers(other, deny) for other in kept) and not apart(rule, deny)


def ungranted(rule: Rule, allows: Sequence[Rule]) -> tuple[Tokens, ...]:
    """The action patterns of a rule that are not shown to be granted on all its resources.

    An action is shown to be granted if for each resource pattern one Allow takes in both.  For a
    NotAction the answer is `*` or nothing.
    """
    fitting = [allow for allow in allows if implied(allow, rule)]
    if any(covers(allow, rule) for allow in fitting):
        return ()
    if rule.not_action:
        return (EVERYTHING,)
    everything = (1 << len(rule.resources)) - 1
    reach: dict[int, int] = {}
    left: list[Tokens] = []
    for action in rule.actions:
        covered = 0
        for number, allow in enumerate(fitting):
            if not action_inside(action, allow):
                continue
            if number not in reach:
                reach[number] = _reach(rule, allow)
            covered |= reach[number]
            if covered == everything:
                break
        if covered != everything:
            left.append(action)
    return tuple(left)


def _reach(rule: Rule, allow: Rule) -> int:
    """Which of the rule's resources, as bits, lie inside one Allow's."""
    if rule.not_resource:
        return (1 << len(rule.resources)) - 1 if resources_inside(rule, allow) else 0
    bits = 0
    for index, resource in enumerate(rule.resources):
        if allow.not_resource:
            fits = all(disjoint(resource, other) for other in allow.resources)
        else:
            fits = any(inside_any_reading(resource, other) for other in allow.resources)
        bits |= fits << index
    return bits


def apart(rule: Rule, deny: Rule) -> bool:
    """True if no request is in both, by its action or by its resource."""
    if not rule.not_action and all(_outside(action, deny) for action in rule.actions):
        return True
    if rule.not_resource or deny.everywhere:
        return False
    if deny.not_resource:
        return all(any(inside_any_reading(a, b) for b in deny.resources) for a in rule.resources)
    return all(disjoint(a, b) for a in rule.resources for b in deny.resources)


def _outside(action: Tokens, rule: Rule) -> bool:
    """True if a rule takes in nothing of an action pattern."""
    near = rule.actions_of(service_of(action))
    if rule.not_action:
        return any(inside(action, other) for other in near)
    return all(disjoint(action, other) for other in near)
