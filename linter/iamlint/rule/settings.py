"""What the user tells the rules: the zone of trust, the bindings, the thresholds."""

from __future__ import annotations

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the configuration that rules and the engine see.

    `account` is the deployment's own account id; together with `trusted_accounts` and
    `trusted_organizations` it is the zone of trust.  `principals` maps an owner's address to the
    ARN pattern of its principal in the usage profile.  `minimum_days` is the shortest window
    from which disuse is concluded.  `severities` overrides a rule's severity by code.  `today`
    is an ISO date, `""` for the current day.
    """

    account: str | None = None
    trusted_accounts: tuple[str, ...] = ()
    trusted_organizations: tuple[str, ...] = ()
    principals: dict[str, str] = {}
    minimum_days: int = 14
    severities: dict[str, str] = {}
    today: str = ""
