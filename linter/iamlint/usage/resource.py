"""Which resources a call was authorized on, as ARNs that a policy can name.

Sources, in this order: the rule of the service (`services`), `resources[]` of the record,
ARNs among the request parameters, the catalogue's ARN templates filled from request parameters,
ARNs of what a Create call answered.  Nothing is guessed: if one of the resource types that the
action always needs is not found, the answer is None, and the action's resource grant stays as it is.

The ARNs are as fine as policies are, not as calls are: an S3 object is `bucket/*`, a log stream
its group.  A name with a wildcard in it (a call may hold any text) gives no ARN.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw

from iamlint.iam.catalog import Action
from iamlint.usage.event import NO_RAW, Resource

MAX_ARNS = 100
"""ARNs that one call may give for one action; more is no list to put into a policy."""


class Call(msgspec.Struct, frozen=True):
    """What a record tells of the resources of one call.

    `service` is the IAM prefix of the event source and `operation` the API operation: they
    differ from the action's where a call needs actions of other services.
    """

    service: str
    operation: str
    region: str
    account: str
    parameters: Mapping[str, Any]
    resources: Sequence[Resource] = ()
    response: Raw = NO_RAW

    @property
    def partition(self) -> str:
        return partition_of(self.region)

    def arn(
        self, service: str, resource: str, *, region: bool = True, account: str | None = None
    ) -> str:
        """An ARN in this call's partition, region and account."""
        owner = self.account if account is None else account
        return f"arn:{self.partition}:{service}:{self.region if region else ''}:{owner}:{resource}"

    def text(self, *names: str) -> str | None:
        """The first of these parameters that is a usable string."""
        for name in names:
            value = self.parameters.get(name)
            if isinstance(value, str) and usable(value):
                return value
        return None

    def texts(self, *names: str) -> list[str] | None:
        """All strings in these parameters (strings or lists of them); None if one is not usable."""
        found: list[str] = []
        for name in names:
            value = self.parameters.get(name)
            for item in value if isinstance(value, list) else [value]:
                if item is None:
                    continue
                if not isinstance(item, str) or not usable(item):
                    return None
                found.append(item)
        return found


_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
)


@cache
def partition_of(region: str) -> str:
    """The partition of a region (AWS General Reference, ARNs and partitions)."""
    return next((name for head, name in _PARTITIONS if region.startswith(head)), "aws")


_USABLE = re.compile(r"[\w+=,.@:/\-#$\[\]()!'~ ]{1,1500}\Z", re.A)


def usable(value: str) -> bool:
    """False for text that must not enter a policy: wildcards, policy variables, odd characters."""
    return bool(_USABLE.match(value)) and "${" not in value and value == value.strip()


def resources_of(action: Action, call: Call) -> tuple[str, ...] | None:
    """The ARNs that `action` was authorized on in this call, sorted; None if they are not known.

    `("*",)` for an action that accepts nothing else.
    """
    if not action.resource_level:
        return ("*",)
    rule_for, from_catalogue = _ways()
    rule = rule_for(action.prefix)
    found = rule(action, call) if rule is not None else ()
    if found is None:
        return None
    if not found and action.prefix == call.service:
        found = from_catalogue(action, call)
    if not found or len(found) > MAX_ARNS:
        return None
    return tuple(sorted(set(found)))


@cache
def _ways() -> tuple[
    Callable[[str], Callable[[Action, Call], Sequence[str] | None] | None],
    Callable[[Action, Call], Sequence[str]],
]:
    """The rules of services and the general way, which themselves need this module."""
    from iamlint.usage.services import rule_for
    from iamlint.usage.template import from_catalogue

    return rule_for, from_catalogue


def flatten(value: object, limit: int = 2000) -> dict[str, list[str]]:
    """Lower-case parameter names, at any depth, with the strings and numbers given for them."""
    flat: dict[str, list[str]] = {}
    stack: list[tuple[str, object]] = [("", value)]
    while stack and limit:
        name, item = stack.pop()
        limit -= 1
        kind = type(item)
        if kind is str or kind is int:
            known = flat.get(name)
            if known is None:
                flat[name] = [str(item)]
            else:
                known.append(str(item))
        elif isinstance(item, dict):
            stack += [(str(key).lower(), inner) for key, inner in reversed(item.items())]
        elif isinstance(item, list):
            stack += [(name, inner) for inner in reversed(item)]
    return flat


def names_in(value: object, limit: int = 2000) -> set[str]:
    """The lower-case names of all parameters that hold something, at any depth."""
    names: set[str] = set()
    stack = [value]
    while stack and limit:
        item = stack.pop()
        limit -= 1
        if isinstance(item, dict):
            for name, inner in item.items():
                if inner:
                    names.add(str(name).lower())
                    if isinstance(inner, dict | list):
                        stack.append(inner)
        elif isinstance(item, list):
            stack += item
    return names


def is_arn(value: str) -> bool:
    return value.startswith("arn:") and value.count(":") >= 5 and usable(value)
