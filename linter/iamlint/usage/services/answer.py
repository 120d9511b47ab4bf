"""What the rules of services answer, and the few things that all of them do."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Union

from iamlint.iam.catalog import Action
from iamlint.usage.resource import Call, is_arn

Answer = Union[tuple[str, ...], list[str], None]
"""ARNs, None if the resource cannot be known, or nothing to leave the call to the general way."""

Rule = Callable[[Action, Call], Answer]


@cache
def types_of(action: Action) -> frozenset[str]:
    """The names of an action's resource types."""
    return frozenset(kind.name for kind in action.resource_types)


def each(values: list[str] | None, make: Callable[[str], str | None]) -> Answer:
    """One ARN for each value, None if one of them gives none."""
    if values is None:
        return None
    found = [make(value) for value in values]
    return None if None in found else [arn for arn in found if arn is not None]


def recorded(call: Call, service: str, head: str) -> list[str]:
    """ARNs of `resources[]` of a service whose resource part begins with `head`."""
    return [
        item.ARN
        for item in call.resources
        if item.ARN and is_arn(item.ARN) and item.ARN.split(":", 5)[2] == service
        and item.ARN.split(":", 5)[5].startswith(head)
    ]  # fmt: skip
