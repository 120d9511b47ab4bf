"""What conditions on MFA really do: which callers a statement lets through or stops.

Long-term access keys carry no `aws:MultiFactorAuthPresent` at all, a console session without MFA
carries `false`, one with MFA `true` (IAM User Guide, reference_policies_condition-keys and
id_credentials_mfa_configure-api-require).  So each condition is tried on the three.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from iamlint.iam.policy import Condition, Policy, Statement

PRESENT = "aws:multifactorauthpresent"
AGE = "aws:multifactorauthage"

Caller = Literal["absent", "false", "true"]
"""By what `aws:MultiFactorAuthPresent` is: long-term keys, a session without MFA, one with."""
CALLERS: tuple[Caller, ...] = ("absent", "false", "true")


class Test(NamedTuple):
    """One condition on an MFA key: its operator in lower case, without set operator and IfExists."""

    condition: Condition
    key: str
    operator: str
    if_exists: bool
    value: str | None


def tests(statement: Statement) -> list[Test]:
    """The conditions of a statement that look at MFA."""
    found = []
    for condition in statement.conditions:
        key = (condition.key.literal or "").lower()
        if key not in (PRESENT, AGE):
            continue
        operator = (condition.operator.literal or "").lower().rpartition(":")[2]
        if_exists = operator.endswith("ifexists")
        values = {(value.literal or "").lower() for value in condition.values}
        known = all(value.literal is not None for value in condition.values) and len(values) == 1
        found.append(
            Test(
                condition,
                key,
                operator.removesuffix("ifexists"),
                if_exists,
                values.pop() if known else None,
            )
        )
    return found


def holds(test: Test, caller: Caller) -> bool | None:
    """Whether a condition holds for a caller; None where that cannot be said."""
    there = caller != "absent" if test.key == PRESENT else caller == "true"
    if test.operator == "null":
        return None if test.value is None else (test.value == "true") is not there
    if not there:
        return test.if_exists or test.operator.startswith(("not", "stringnot", "numericnot"))
    if test.key == PRESENT and test.operator == "bool":
        return None if test.value is None else test.value == caller
    if test.key == PRESENT and test.operator in ("stringequals", "stringlike"):
        return None if test.value is None else test.value == caller
    return None


def reached(statement: Statement) -> dict[Caller, bool | None]:
    """For each caller, whether the statement's conditions on MFA let it apply."""
    found: dict[Caller, bool | None] = {}
    for caller in CALLERS:
        answers = [holds(test, caller) for test in tests(statement)]
        found[caller] = False if False in answers else (None if None in answers else True)
    return found


def demands(statement: Statement) -> bool:
    """True if an Allow applies to nobody without MFA."""
    by = reached(statement)
    return bool(tests(statement)) and by["absent"] is False and by["false"] is False


def refuses(policies: Iterable[Policy], actions: frozenset[str] | None = None) -> bool:
    """True if Deny statements together stop every caller without MFA.

    With `actions`, they must be about one of these at least.
    """
    stopped: set[Caller] = set()
    for policy in policies:
        for statement in policy.denies():
            if not tests(statement) or statement.possible:
                continue
            if actions is not None and not _about(statement, actions):
                continue
            others = len(statement.conditions) - len(tests(statement))
            if others and not _tolerable(statement):
                continue
            by = reached(statement)
            stopped |= {caller for caller in ("absent", "false") if by[caller] is True}
    return stopped >= {"absent", "false"}


def _about(statement: Statement, actions: frozenset[str]) -> bool:
    from iamlint.iam import grants

    return bool(grants.actions(statement) & actions)


def _tolerable(statement: Statement) -> bool:
    """True if what is beside MFA only lets AWS services through that act for the caller."""
    keys = {(c.key.literal or "").lower() for c in statement.conditions}
    return keys <= {PRESENT, AGE, "aws:viaawsservice", "aws:principaltype"}
