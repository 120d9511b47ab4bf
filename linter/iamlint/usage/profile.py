"""The usage profile: evidence of use summed up per principal and action, with its coverage.

One sorted JSON file, day-granular, free of session names, addresses and keys.  Absence in it
means something only together with `coverage`: see `observable`.
"""

from __future__ import annotations

import msgspec

PROFILE_VERSION = 1


class ActionUse(msgspec.Struct, kw_only=True):
    """Calls of one IAM action by one principal that were authorized.

    `n` counts calls; `first` and `last` are days (`2026-08-23`).  `resources` are the ARNs
    seen; `resources_complete` is False if any call gave none or the list was cut, and then
    nothing may be narrowed from it.  `regions` and `accounts` are where the calls went.
    """

    n: int
    first: str
    last: str
    regions: list[str] = []
    accounts: list[str] = []
    resources: list[str] = []
    resources_complete: bool = True
    via: list[str] = []
    src: list[str] = []


class DeniedUse(msgspec.Struct, kw_only=True):
    """Calls that authorization refused: no evidence of need."""

    n: int
    last: str
    resources: list[str] = []


class PrincipalUsage(msgspec.Struct, kw_only=True):
    """What one principal (role, user) did.

    `actions` and `denied` are keyed by IAM action as the catalogue spells it.  `unmapped` lists
    `[event source, event name, count]` of calls whose action is not known: they keep every grant
    of that service.
    """

    ids: list[str] = []
    actions: dict[str, ActionUse] = {}
    denied: dict[str, DeniedUse] = {}
    unmapped: list[tuple[str, str, int]] = []


class Categories(msgspec.Struct, kw_only=True):
    """Which events the trail held: management `read` and `write`; for data events the event sources seen."""

    management: list[str] = []
    data: list[str] = []


class Coverage(msgspec.Struct, kw_only=True):
    """What a source covers; days inclusive.  `rejected` counts records, `files_failed` files."""

    source: str
    accounts: list[str] = []
    regions: list[str] = []
    since: str = msgspec.field(default="", name="from")
    until: str = msgspec.field(default="", name="to")
    categories: Categories = msgspec.field(default_factory=Categories)
    events: int = 0
    rejected: int = 0
    files: int = 0
    files_failed: int = 0


class UsageProfile(msgspec.Struct, kw_only=True):
    """The file as a whole; `principals` is keyed by ARN (with path where CloudTrail tells it)."""

    version: int = PROFILE_VERSION
    generated: str = ""
    tool: str = ""
    coverage: list[Coverage] = []
    principals: dict[str, PrincipalUsage] = {}
