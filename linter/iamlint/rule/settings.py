"""What the user tells the rules: the zone of trust, the bindings, the thresholds."""

from __future__ import annotations

from typing import Literal

import msgspec

from iamlint.finding import MINIMUM_DAYS


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What an organization demands of all grants of some actions.

    IAM118 forbids them on `resources`, `condition` aside (`{}`: always); IAM119 has them carry
    `condition`.  `kinds` are the kinds of policies that are looked at.  `name` and `because` are
    the organization's own words.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    condition: dict[str, dict[str, str | list[str]]] = {}
    kinds: tuple[str, ...] = ("identity", "resource")
    name: str = ""
    because: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the configuration that rules and the engine see.

    `account` is the deployment's own account id; together with `trusted_accounts` and
    `trusted_organizations` it is the zone of trust.  `principals` maps an owner's address to the
    ARN pattern of its principal in the usage profile.  `minimum_days` is the shortest window
    from which disuse is concluded: with less nothing is called unused, and no replacement is
    safe.  `unobservable`, `granularity` and `group` are as in `minimize.propose.Options`.  `forbidden` and `required` are what the organization demands of
    all grants.  `control_policies` are patterns of the addresses, or the files, of those service and
    resource control policies of the project that hold for its account.  `severities` overrides a rule's severity by code.  `today`
    is an ISO date, `""` for the current day.
    """

    account: str | None = None
    trusted_accounts: tuple[str, ...] = ()
    trusted_organizations: tuple[str, ...] = ()
    principals: dict[str, str] = {}
    minimum_days: int = MINIMUM_DAYS
    unobservable: Literal["keep", "review", "drop"] = "keep"
    granularity: Literal["action", "action+resource"] = "action+resource"
    group: Literal["list", "wildcard"] = "list"
    forbidden: tuple[Demand, ...] = ()
    required: tuple[Demand, ...] = ()
    control_policies: tuple[str, ...] = ()
    severities: dict[str, str] = {}
    today: str = ""
