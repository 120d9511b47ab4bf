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
)
from iamlint.iam.containment.rules import Rule, Rules, service_of
from iamlint.iam.glob import Tokens


def proves(new: Rules, old: Rules) -> bool:
    """True only if the new rules grant nothing beyond the old.  False says nothing."""
    for rule in new.allows:
        if not _granted(rule, old.allows):
            return False
        for deny in old.denies:
            if not any(covers(kept, deny) for kept in new.denies) and not apart(rule, deny):
                return False
    return True


def _granted(rule: Rule, allows: Sequence[Rule]) -> bool:
    """True if each (action, resource) pair of the rule lies inside one Allow."""
    fitting = [allow for allow in allows if implied(allow, rule)]
    if any(covers(allow, rule) for allow in fitting):
        return True
    if rule.not_action or rule.not_resource:
        return False
    everything = (1 << len(rule.resources)) - 1
    reach: dict[int, int] = {}
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
            return False
    return True


def _reach(rule: Rule, allow: Rule) -> int:
    """Which of the rule's resources, as bits, lie inside one Allow's."""
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
