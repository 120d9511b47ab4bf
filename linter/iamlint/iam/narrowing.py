"""Which conditions really narrow an Allow statement, and what they narrow it by.

Only a condition that fails closed counts: a positive operator without IfExists, on a key whose
absence makes it false, with a value that is no lone wildcard.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from iamlint.iam import pattern
from iamlint.iam.policy import Condition, Policy, Statement

About = Literal[
    "principal",
    "organization",
    "network",
    "resource",
    "request",
    "mfa",
    "source",
    "service",
    "time",
    "other",
]


class Narrowing(msgspec.Struct, frozen=True):
    """A condition that narrows, its key in lower case, and what it is about."""

    key: str
    about: About
    condition: Condition


_ABOUT: dict[str, About] = {
    "aws:principalarn": "principal",
    "aws:principalaccount": "principal",
    "aws:userid": "principal",
    "aws:username": "principal",
    "aws:principaltype": "principal",
    "aws:principalorgid": "organization",
    "aws:principalorgpaths": "organization",
    "aws:sourceorgid": "organization",
    "aws:sourceorgpaths": "organization",
    "aws:sourceip": "network",
    "aws:sourcevpc": "network",
    "aws:sourcevpce": "network",
    "aws:vpcsourceip": "network",
    "aws:sourcearn": "source",
    "aws:sourceaccount": "source",
    "aws:sourceowner": "source",
    "aws:calledvia": "service",
    "aws:calledviafirst": "service",
    "aws:calledvialast": "service",
    "aws:viaawsservice": "service",
    "kms:viaservice": "service",
    "kms:calleraccount": "principal",
    "kms:grantisforawsresource": "service",
    "aws:principalisawsservice": "principal",
    "aws:principalservicename": "principal",
    "aws:principalservicenameslist": "principal",
    "s3:dataaccesspointaccount": "principal",
    "s3:dataaccesspointarn": "principal",
    "elasticfilesystem:accessedviamounttarget": "network",
    "lambda:eventsourcetoken": "principal",
    "aws:multifactorauthpresent": "mfa",
    "aws:multifactorauthage": "mfa",
    "aws:currenttime": "time",
    "aws:epochtime": "time",
    "aws:tokenissuetime": "time",
    "aws:requestedregion": "request",
    "aws:securetransport": "other",
    "aws:resourceaccount": "other",
    "aws:resourceorgid": "other",
    "aws:resourceorgpaths": "other",
}

_POSITIVE = (
    "stringequals",
    "stringequalsignorecase",
    "stringlike",
    "arnequals",
    "arnlike",
    "bool",
    "ipaddress",
    "numericequals",
    "numericlessthan",
    "numericlessthanequals",
    "numericgreaterthan",
    "numericgreaterthanequals",
    "dateequals",
    "datelessthan",
    "datelessthanequals",
    "dategreaterthan",
    "dategreaterthanequals",
    "binaryequals",
)


def narrowings(statement: Statement) -> tuple[Narrowing, ...]:
    """The conditions of an Allow statement that narrow it for sure, in source order."""
    found = []
    for condition in statement.conditions:
        key = condition.key.literal
        if key is None or not fails_closed(condition) or not _restricts(condition):
            continue
        found.append(Narrowing(key.lower(), about(key), condition))
    return tuple(found)


def about(key: str) -> About:
    """What a condition key is about."""
    key = key.lower()
    known = _ABOUT.get(key)
    if known:
        return known
    if key.startswith("aws:principaltag/"):
        return "principal"
    if key.startswith("aws:requesttag/") or key == "aws:tagkeys":
        return "request"
    if key.partition(":")[2].startswith("resourcetag/"):
        return "resource"
    return "other"


def fails_closed(condition: Condition) -> bool:
    """True if the condition does not hold where its key is absent."""
    operator = (condition.operator.literal or "").lower()
    if operator == "null":
        return [value.literal for value in condition.values] == ["false"]
    quantifier, colon, base = operator.rpartition(":")
    if colon and quantifier != "foranyvalue":
        return False
    return base in _POSITIVE


def _restricts(condition: Condition) -> bool:
    operator = (condition.operator.literal or "").lower()
    base = operator.rpartition(":")[2]
    key = (condition.key.literal or "").lower()
    if base == "null":
        return False  # that a key is there says nothing of its value
    texts = [value.literal for value in condition.values]
    if any(text is None for text in texts):
        return True  # the author names something that only the deployment knows
    if base == "bool":
        # Only these two are false for some callers and true for others by the caller's doing.
        return any((text or "").lower() == "true" for text in texts) or key == "aws:viaawsservice"
    if key == "aws:sourceip":
        return not any(text in ("0.0.0.0/0", "::/0") for text in texts)
    if key == "aws:principalarn":
        # Whoever has an account of his own makes a principal of any name in it.
        return not any(_any_account(text or "") for text in texts)
    if base.endswith("like") or base == "arnequals":
        return not any(set(text or "") <= set("*?:/") for text in texts)
    return True


def _any_account(arn: str) -> bool:
    parts = arn.split(":", 5)
    return len(parts) < 6 or set(parts[4]) <= {"*", "?"}


CALLER: frozenset[About] = frozenset({"principal", "organization", "network", "source"})
"""What a condition must be about to keep out those whom nobody knows."""


def known_callers(policy: Policy, statement: Statement) -> str | None:
    """The condition key by which an Allow, or a Deny beside it, keeps out callers unknown; else None."""
    for found in narrowings(statement):
        if found.about in CALLER:
            return found.key
    for deny in policy.denies():
        if deny.possible or not _everyone(deny) or not _stops(deny, statement):
            continue
        for condition in deny.conditions:
            key = (condition.key.literal or "").lower()
            operator = (condition.operator.literal or "").lower().rpartition(":")[2]
            if about(key) in CALLER and operator.removesuffix("ifexists") in _NEGATED:
                return key
    return None


_NEGATED = ("stringnotequals", "stringnotlike", "arnnotequals", "arnnotlike", "notipaddress")


def _everyone(statement: Statement) -> bool:
    return not statement.not_principal and any(
        principal.kind == "*" or principal.element.literal == "*"
        for principal in statement.principals
    )


def _stops(deny: Statement, allow: Statement) -> bool:
    """True if a Deny is about all that an Allow grants, its conditions aside."""
    if deny.not_action or deny.not_resource:
        return False
    mine = [element.literal for element in deny.actions if element.literal is not None]
    for action in allow.actions:
        if action.literal is None or allow.not_action:
            return "*" in mine
        if not any(pattern.within(action.literal, text, ignore_case=True) for text in mine):
            return False
    return True
