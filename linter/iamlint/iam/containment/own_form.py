"""Resources that are no ARNs: services that write them in a form of their own.

API Gateway's policies name `execute-api:/stage/GET/*`, which the service completes to an ARN
itself (API Gateway Developer Guide, apigateway-resource-policies-create-attach).  The search
quantifies over ARNs and `*`, and would find that such a resource matches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iamlint.iam.policy import Policy
from iamlint.tree import Text

_PREFIX = "arn:"


def own_form(new: Sequence[Policy], old: Sequence[Policy]) -> str | None:
    """The first such resource that could hide a difference: in a new Allow or an old Deny."""
    return next(_written(new, "Allow"), None) or next(_written(old, "Deny"), None)


def _written(policies: Sequence[Policy], effect: str) -> Iterator[str]:
    for policy in policies:
        for statement in policy.statements:
            if statement.effect not in (effect, None):
                continue
            for element in statement.resources:
                if not may_be_arn(element.text):
                    yield str(element)


def may_be_arn(text: Text) -> bool:
    """True if a pattern may match an ARN or is `*`: what stands before its first wildcard or hole."""
    first = text.parts[0] if text.parts else ""
    if not isinstance(first, str):
        return True
    head = first[: min((first.find(sign) for sign in "*?$" if sign in first), default=len(first))]
    return head.startswith(_PREFIX) or (_PREFIX.startswith(head) and head != first)
