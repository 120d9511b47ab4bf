"""What a workload truly does: calls, and for each what AWS authorizes it against.

The truth is written by hand beside each call (`api`), from the Service Authorization Reference
and the services' guides; it owes nothing to how iamlint reads the record of the same call.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

ACCOUNT = "111122223333"
REGION = "eu-west-1"
GLOBAL_REGION = "us-east-1"


class Auth(NamedTuple):
    """One authorization of a call.

    `family` is the resource with those parts as `*` that change from call to call (`""`: none).
    `enough` is how many members of the family someone must have seen to know that: 1 where the
    shape tells it (a date, a UUID, a generated suffix, an object's key), 4 where only variety does.
    """

    action: str
    resource: str = "*"
    family: str = ""
    enough: int = 1
    context: tuple[tuple[str, str], ...] = ()

    @property
    def need(self) -> tuple[str, str]:
        return self.action, self.family or self.resource


class Call(NamedTuple):
    """One API call.

    `recorded`: `management`, `data` (an event only where the trail records data events) or
    `never`.  `via` is the service that makes the call with the principal's permissions.
    `error` is a failure that is no refusal; the call was authorized all the same.
    """

    service: str
    name: str
    parameters: dict[str, Any] | None
    needs: tuple[Auth, ...]
    read: bool
    recorded: str = "management"
    via: str = ""
    error: str = ""
    region: str = REGION
    resources: tuple[tuple[str, str], ...] = ()


Day = Callable[[date, random.Random], list[Call]]


class Workload(NamedTuple):
    """A role with its policies as Terraform and what it does each day.

    `day` must draw from the given generator only, so that a day is the same whatever the window.
    """

    archetype: str
    role: str
    terraform: str
    day: Day

    def calls(self, when: date, seed: int) -> list[Call]:
        """The calls of one day."""
        return self.day(when, random.Random(f"{seed}/{self.role}/{when}"))

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:role/{self.role}"


def arn(service: str, resource: str, *, region: str = REGION, account: str = ACCOUNT) -> str:
    """An ARN in the benchmark's account."""
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def iam(resource: str) -> str:
    """An ARN of IAM."""
    return arn("iam", resource, region="")


def letters(rng: random.Random, count: int, alphabet: str = "0123456789abcdef") -> str:
    """Random letters."""
    return "".join(rng.choice(alphabet) for _ in range(count))


def uuid(rng: random.Random) -> str:
    """A random UUID."""
    return "-".join(letters(rng, count) for count in (8, 4, 4, 4, 12))


BASE36 = "abcdefghijklmnopqrstuvwxyz0123456789"
CFN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
