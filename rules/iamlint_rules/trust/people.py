"""Who stands behind a principal: people, who can use MFA, or machines, who cannot."""

from __future__ import annotations

import re
from typing import Literal

from iamlint.rule import Context, Hole, Principal, Statement, narrowing

Who = Literal["anyone", "account", "user", "role", "service", "federated", "unknown"]

_ARN = r"(?s)arn:[^:]*:(iam|sts)::([^:]*):(.*)"
_ACCOUNT = r"[0-9]{12}|‹›"


def who(principal: Principal, ctx: Context | None = None) -> Who:
    """What kind of caller a principal is; `account` is a whole account.

    With `ctx` a reference to a user or role that the project declares is known as such.
    """
    if principal.kind == "*":
        return "anyone"
    if principal.kind == "Service":
        return "service"
    if principal.kind != "AWS":
        return "federated"
    text = _written(principal)
    if text == "*":
        return "anyone"
    if re.fullmatch(_ACCOUNT, text):
        holes = principal.element.text.holes
        if not holes or holes[0].kind == "account":
            return "account"
        return _of_reference(holes[0], ctx)
    match = re.fullmatch(_ARN, text)
    if match is None:
        return "unknown"
    rest = match[3]
    if rest == "root":
        return "account"
    kind = rest.partition("/")[0]
    if kind == "user":
        return "user"
    return "role" if kind in ("role", "assumed-role") else "unknown"


def _written(principal: Principal) -> str:
    """The principal with every hole as `‹›`, whatever its name holds."""
    parts = principal.element.text.parts
    return "".join(part if isinstance(part, str) else "‹›" for part in parts)


def _of_reference(hole: Hole, ctx: Context | None) -> Who:
    name = hole.name
    for owner in ctx.project.owners.values() if ctx is not None else ():
        if owner.kind in ("user", "role") and name in (
            f"{owner.address}.Arn",
            f"{owner.address}.arn",
        ):
            return "user" if owner.kind == "user" else "role"
    if re.search(r"\baws_iam_user\b", name):
        return "user"
    if re.search(r"\baws_iam_role\b", name):
        return "role"
    return "unknown"


def account(principal: Principal) -> str | None:
    """The account id that a principal names; `""` for the deployment's own, None if not known."""
    holes = [hole for hole in principal.element.text.holes if hole.kind == "account"]
    if holes:
        return "" if all(_is_current(hole.name) for hole in holes) else None
    text = _written(principal)
    match = re.fullmatch(_ARN, text)
    number = match[2] if match else text
    return number if re.fullmatch("[0-9]{12}", number) else None


def _is_current(name: str) -> bool:
    """False for the identity of another account, read through a provider that is named after it."""
    match = re.search(r"aws_caller_identity\.([\w-]+)", name)
    return match is None or re.fullmatch(_OWN_NAMES, match[1]) is not None


_OWN_NAMES = r"(?i)current(_.*)?|this|self|own|default|main|me|caller(_identity)?|identity|id|aws|account(_id)?|_|i"


def is_own(principal: Principal, ctx: Context) -> bool | None:
    """True if the principal's account is the deployment's or a trusted one; None if not known."""
    number = account(principal)
    if number is None:
        return None
    if number == "" or number == ctx.settings.account or number in ctx.settings.trusted_accounts:
        return True
    return False if ctx.settings.account else None


def only_roles(statement: Statement) -> bool:
    """True if conditions leave only callers that are no people: named roles, a partner with an external id."""
    for condition in statement.conditions:
        key = (condition.key.literal or "").lower()
        values = [str(value) for value in condition.values]
        if not values or not narrowing.fails_closed(condition):
            continue
        if key == "sts:externalid" or narrowing.about(key) == "source":
            return True
        if key == "aws:principalarn" and all(
            re.search(r":(role|assumed-role)/", v) for v in values
        ):
            return True
        if key == "aws:principaltype" and all(v.lower() == "assumedrole" for v in values):
            return True
    return False


def assumes(statement: Statement, ctx: Context, name: str = "sts:AssumeRole") -> bool:
    """True if a statement is about sts:AssumeRole (or another of its family)."""
    return name in ctx.actions(statement)
