"""What a principal is already, and who is let in to it: administrator, services, callers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from iamlint.iam import grants
from iamlint.iam.policy import Policy
from iamlint.iam.settled import Fill, filled


def administrator(policies: Iterable[Policy]) -> bool:
    """True if one document amounts to administrator access, less what is always denied."""
    documents = list(policies)
    denied = grants.denied(documents)
    return any(
        grants.administrator(grants.less(_on_everything(each), denied)) for each in documents
    )


def power_user(policies: Iterable[Policy]) -> bool:
    """True if one document allows nearly all but the power over principals."""
    documents = list(policies)
    denied = grants.denied(documents)
    return any(grants.power_user(grants.less(_on_everything(each), denied)) for each in documents)


def _on_everything(policy: Policy) -> frozenset[str]:
    names: frozenset[str] = frozenset()
    for statement in policy.allows():
        if grants.any_resource(statement) is None:
            continue
        wide = statement.not_action or any(
            (element.literal or "")[:1] == "*" for element in statement.actions
        )
        if wide or len(statement.actions) > 50:
            names = grants.both(names, grants.actions(statement))
    return names


def services_of(trust: Policy | None, fill: Fill) -> frozenset[str]:
    """The service principals that a trust policy lets in."""
    if trust is None:
        return frozenset()
    return frozenset(
        text.replace(".amazonaws.com.cn", ".amazonaws.com")
        for statement in trust.allows()
        for principal in statement.principals
        if principal.kind == "Service" and (text := str(filled(principal.element.text, fill)))
    )


def callers_of(
    trust: Policy | None, fill: Fill, own: Mapping[str, str], account: str
) -> frozenset[str]:
    """The ARNs of the callers whom a trust policy lets in without a condition, `root` for all.

    `own` gives the glob of each known principal's ARN by the ARN as it is written.
    """
    found: set[str] = set()
    for statement in trust.allows() if trust is not None else ():
        if statement.conditions or not statement.complete or statement.not_principal:
            continue
        for principal in statement.principals:
            text = filled(principal.element.text, fill).literal
            if text is None or principal.kind not in ("AWS", "*"):
                continue
            parts = text.split(":", 5)
            if text in ("*", account) or (
                len(parts) == 6 and parts[4] == account and parts[5] == "root"
            ):
                found.add("root")
            elif text in own:
                found.add(own[text])
    return frozenset(found)
