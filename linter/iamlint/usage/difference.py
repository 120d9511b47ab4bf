"""What changed in use between two profiles: actions that came, went, or found other resources."""

from __future__ import annotations

from typing import Literal

import msgspec

from iamlint.usage.profile import ActionUse, UsageProfile

Change = Literal["new", "gone", "new-resources"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one principal's use of one action.

    `new-resources` has the ARNs that were not seen before.  `gone` says only that the later
    profile does not have the action: whether that means anything is for its coverage to say.
    """

    principal: str
    action: str
    change: Change
    resources: tuple[str, ...] = ()
    last: str = ""


def difference(before: UsageProfile, after: UsageProfile) -> list[Difference]:
    """All changes, sorted by principal and action."""
    found: list[Difference] = []
    for principal in sorted({*before.principals, *after.principals}):
        old = _actions(before, principal)
        new = _actions(after, principal)
        for action in sorted({*old, *new}):
            change = _change(principal, action, old.get(action), new.get(action))
            if change is not None:
                found.append(change)
    return found


def restrict(profile: UsageProfile, principals: set[str]) -> UsageProfile:
    """The profile of these principals alone, as a repository keeps that of its own."""
    kept = {arn: usage for arn, usage in profile.principals.items() if arn in principals}
    return msgspec.structs.replace(profile, principals=kept)


def _actions(profile: UsageProfile, principal: str) -> dict[str, ActionUse]:
    usage = profile.principals.get(principal)
    return usage.actions if usage is not None else {}


def _change(
    principal: str, action: str, old: ActionUse | None, new: ActionUse | None
) -> Difference | None:
    if new is None:
        assert old is not None
        return Difference(principal=principal, action=action, change="gone", last=old.last)
    more = tuple(sorted({*new.resources} - {*(old.resources if old is not None else ())}))
    if old is None:
        return Difference(
            principal=principal, action=action, change="new", resources=more, last=new.last
        )
    if not more:
        return None
    return Difference(
        principal=principal, action=action, change="new-resources", resources=more, last=new.last
    )
