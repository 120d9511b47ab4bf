"""Several policies where one would not fit its quota: the same statements, in order, divided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iamlint.minimize.quota import MANAGED, minified_size

MOST = 10
"""Managed policies that a principal may have without asking for more (IAM User Guide,
reference_iam-quotas)."""


def split(
    statements: Sequence[dict[str, Any]], version: str | None = "2012-10-17"
) -> tuple[dict[str, Any], ...]:
    """The statements in as few policies as the quota of a managed policy asks for, in order.

    A statement that does not fit alone is divided by its longer list of actions or resources,
    which takes nothing away and adds nothing, in an Allow as in a Deny.  Lists of NotAction and
    NotResource are never divided.  One that does not fit even so stands alone in its policy.
    """
    found: list[list[dict[str, Any]]] = [[]]
    for statement in statements:
        for part in _parts(statement):
            if found[-1] and _size([*found[-1], part]) > MANAGED:
                found.append([])
            found[-1].append(part)
    head = {} if version is None else {"Version": version}
    return tuple({**head, "Statement": each} for each in found)


def fits(policies: Sequence[dict[str, Any]]) -> bool:
    """True if a principal may have as many policies, and each is within its quota."""
    return len(policies) <= MOST and all(minified_size(each) <= MANAGED for each in policies)


def _parts(statement: dict[str, Any]) -> list[dict[str, Any]]:
    """A statement in as few parts of like length as fit a policy each."""
    if _size([statement]) <= MANAGED:
        return [statement]
    lists = [key for key in ("Action", "Resource") if isinstance(statement.get(key), list)]
    if not lists:
        return [statement]
    longest = max(lists, key=lambda key: len(str(statement[key])))
    values = statement[longest]
    parts = [statement]
    for count in range(2, len(values) + 1):
        step = -(-len(values) // count)
        parts = [
            {**statement, longest: values[at : at + step]} for at in range(0, len(values), step)
        ]
        if all(_size([part]) <= MANAGED for part in parts):
            return parts
    return [smaller for part in parts for smaller in _parts(_scalar(part, longest))]


def _scalar(statement: dict[str, Any], key: str) -> dict[str, Any]:
    return {**statement, key: statement[key][0]}


def _size(statements: Sequence[dict[str, Any]]) -> int:
    return minified_size({"Version": "2012-10-17", "Statement": list(statements)})
