"""Resources that are no ARNs: services that write them in a form of their own.

API Gateway's policies name `execute-api:/stage/GET/*`, which the service completes to an ARN
itself (API Gateway Developer Guide, apigateway-resource-policies-create-attach).  The search
quantifies over ARNs and `*`, and would find that such a resource matches nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.iam.policy import Policy, Statement
from iamlint.tree import Text

_PREFIX = "arn:"


def own_form(new: Sequence[Policy], old: Sequence[Policy]) -> str | None:
    """The first such resource that could hide a difference.

    In what the new policies allow it would be taken for nothing; in what the old ones deny or
    leave out of an Allow, too.
    """
    for policy in new:
        for statement in policy.allows():
            found = None if statement.not_resource else _named(statement)
            if found is not None:
                return found
    for policy in old:
        for statement in policy.statements:
            if (statement.effect == "Deny") is not statement.not_resource:
                found = _named(statement)
                if found is not None:
                    return found
    return None


def _named(statement: Statement) -> str | None:
    return next((str(e) for e in statement.resources if not may_be_arn(e.text)), None)


def may_be_arn(text: Text) -> bool:
    """True if a pattern may match an ARN or is `*`: what stands before its first wildcard or hole."""
    first = text.parts[0] if text.parts else ""
    if not isinstance(first, str):
        return True
    head = first[: min((first.find(sign) for sign in "*?$" if sign in first), default=len(first))]
    return head.startswith(_PREFIX) or (_PREFIX.startswith(head) and head != first)
