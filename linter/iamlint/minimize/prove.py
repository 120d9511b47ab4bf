"""What can be checked about a replacement: contained, sufficient, well formed, within its quota."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from iamlint.finding import Proof
from iamlint.iam import catalog, grants
from iamlint.iam.compare import within
from iamlint.iam.decide import PolicySet, Request, decide
from iamlint.iam.decode import read_json
from iamlint.iam.policy import Element, Policy, Statement
from iamlint.minimize.quota import MANAGED, minified_size
from iamlint.minimize.replay import calls
from iamlint.minimize.splitting import fits
from iamlint.usage.profile import PrincipalUsage

_ANYBODY = "the observed principal"
"""Identity policies are judged alone, so who calls matters only where a condition asks, and then
it stays open."""


def prove(
    original: Policy,
    replacement: Policy,
    document: dict[str, Any] | None,
    usage: PrincipalUsage,
    *,
    quota: int,
    elsewhere: Sequence[Policy] = (),
    parts: Sequence[dict[str, Any]] = (),
) -> Proof:
    """Check a replacement against the policy that it replaces and the calls that were observed.

    `document` is None where nothing is left.  `elsewhere` are other policies of the same
    principal that the replacement relies on.  `parts` are the managed policies that the document
    is divided into where it does not fit as one; they hold the same, so what is granted is proven
    of the whole.
    """
    notes: list[str] = []
    contained: bool | None = True
    if document is not None:
        answer = within([replacement], [original], same_source=not _is_certain(original))
        contained = answer.contained
    if document is None:
        notes.append("nothing is granted any more")
    elif contained is True:
        notes.append("everything that it grants was granted before")
    elif contained is False:
        witness = answer.witness
        example = f": `{witness.action}` on `{witness.resource}`" if witness is not None else ""
        notes.append(f"it would grant what was not granted before{example}")
    else:
        notes.append(f"whether it grants only what was granted before is open: {answer.reason}")
    sufficient, note = _sufficient(original, replacement, usage, elsewhere)
    notes.append(note)
    size, well_formed = 0, True
    if document is not None:
        size = minified_size(document)
        if parts and fits(parts):
            size, quota = max(map(minified_size, parts)), MANAGED
            notes.append(
                f"it takes {len(parts)} managed policies: it has {minified_size(document):,} "
                f"characters, and one may have {MANAGED:,}"
            )
            well_formed = all(_decodes(part, notes) for part in parts)
        else:
            well_formed = _well_formed(document, size, quota, notes)
    return Proof(
        contained=contained,
        sufficient=sufficient,
        well_formed=well_formed,
        size=size,
        quota=quota,
        notes=tuple(notes),
    )


def _is_certain(policy: Policy) -> bool:
    """True if nothing of a policy is only possible; then its source has nothing to add."""
    return policy.open is None and all(
        statement.complete
        and all(each.possible is None for each in (*statement.actions, *statement.resources))
        for statement in policy.statements
    )


def _well_formed(document: dict[str, Any], size: int, quota: int, notes: list[str]) -> bool:
    within_quota = size <= quota
    if within_quota:
        notes.append(f"it has {size:,} of the {quota:,} characters that its kind may have")
    else:
        notes.append(f"it has {size:,} characters, more than the {quota:,} that its kind may have")
    return _decodes(document, notes) and within_quota


def _decodes(document: dict[str, Any], notes: list[str]) -> bool:
    decoded, problems = read_json(document, "replacement")
    if decoded is None or problems:
        notes.append(f"it is not well formed: {problems[0].message if problems else 'no policy'}")
        return False
    return True


def _sufficient(
    original: Policy,
    replacement: Policy,
    usage: PrincipalUsage,
    elsewhere: Sequence[Policy],
) -> tuple[bool | None, str]:
    """Replay each observed call that the original allowed.

    Under conditions whose keys the evidence does not hold, a call is replayed for each statement
    that could have allowed it: the replacement must have one with the same or fewer conditions.
    """
    allowed: set[str] = set()
    out_of_reach = _out_of_reach(original, usage)
    old, new = _OfService([original]), _OfService([replacement, *elsewhere])
    for call in calls(usage):
        if call.action in out_of_reach:
            continue
        request = Request(principal=_ANYBODY, action=call.action, resource=call.resource)
        before = decide(request, PolicySet(identity=old.policies(call.action)))
        if before.effect in ("implicit-deny", "explicit-deny"):
            continue
        allowed.add(call.action)
        after = decide(request, PolicySet(identity=new.policies(call.action)))
        if after.effect == "allow":
            continue
        shown = f"`{call.action}` on `{call.resource}`"
        if before.effect == "allow" or after.effect != "unknown":
            return False, f"{shown} was used and would no longer be allowed"
        if not _same_for_each(request, old.policies(call.action)[0], new.policies(call.action)):
            return None, f"whether {shown} stays allowed hangs on a condition"
    if not allowed:
        return True, "no observed call was allowed by it"
    total = sum(usage.actions[action].n for action in allowed)
    noun = "action" if len(allowed) == 1 else "actions"
    return True, (
        f"the {total:,} observed calls of the {len(allowed)} {noun} that it granted were replayed: "
        "what was allowed still is"
    )


class _OfService:
    """Policies without the patterns that name other services than an action's: they have no say.

    AWS managed policies list thousands of actions, of which a call asks for one.
    """

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._whole = tuple(policies)
        self._by_service: dict[str, tuple[Policy, ...]] = {}

    def policies(self, action: str) -> tuple[Policy, ...]:
        service = action.partition(":")[0].lower()
        found = self._by_service.get(service)
        if found is None:
            found = tuple(_of_service(each, service) for each in self._whole)
            self._by_service[service] = found
        return found


_LONG = 40
"""Patterns in a list from which it is worth to leave some out."""


def _of_service(policy: Policy, service: str) -> Policy:
    if all(len(statement.actions) < _LONG for statement in policy.statements):
        return policy
    statements: list[Statement] = []
    for statement in policy.statements:
        if len(statement.actions) >= _LONG:
            kept = tuple(each for each in statement.actions if _may_name(each, service))
            # A list without a pattern would mean something else.
            kept = kept or statement.actions[:1]
            statement = msgspec.structs.replace(statement, actions=kept)
        statements.append(statement)
    return msgspec.structs.replace(policy, statements=tuple(statements))


def _may_name(pattern: Element, service: str) -> bool:
    named = pattern.literal
    if named is None:
        return True
    prefix, colon, _ = named.partition(":")
    return not colon or prefix.lower() == service or "*" in prefix or "?" in prefix


def _out_of_reach(policy: Policy, usage: PrincipalUsage) -> frozenset[str]:
    """Observed actions that no statement of a policy is about: nothing is to be replayed of them.

    Only known actions, and only where every pattern is known; large policies make it worth while.
    """
    if policy.open is not None or any(
        statement.effect is None
        or statement.open
        or any(element.literal is None for element in statement.actions)
        for statement in policy.statements
    ):
        return frozenset()
    reached = grants.allowed([policy])
    return frozenset(
        action
        for action in usage.actions
        if action not in reached and catalog.action(action) is not None
    )


def _same_for_each(request: Request, original: Policy, after: Sequence[Policy]) -> bool:
    """True if each statement that may have allowed a call has a successor under no more conditions."""
    successors = [each for policy in after for each in policy.allows()]
    for statement in original.allows():
        if not _reaches(request, original, statement):
            continue
        if not any(
            set(successor.conditions) <= set(statement.conditions)
            and _reaches(request, original, successor)
            for successor in successors
        ):
            return False
    return True


def _reaches(request: Request, original: Policy, statement: Statement) -> bool:
    """True if a statement would allow the call if its conditions held."""
    bare = msgspec.structs.replace(statement, conditions=())
    alone = msgspec.structs.replace(original, statements=(bare,))
    return decide(request, PolicySet(identity=(alone,))).effect == "allow"
