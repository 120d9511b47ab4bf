"""The usage profile: evidence of use summed up per principal and action, with its coverage.

One sorted JSON file, day-granular, free of session names, addresses and keys.  Absence in it
means something only together with `coverage`: see `observe`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

PROFILE_VERSION = 1


class ActionUse(msgspec.Struct, kw_only=True):
    """Calls of one IAM action by one principal that were authorized.

    `n` counts calls; `first` and `last` are days (`2026-08-23`), "" where the source has none.  `resources` are the ARNs
    seen; `resources_complete` is False if any call gave none or the list was cut, and then
    nothing may be narrowed from it.  `regions` and `accounts` are where the calls went.
    `without_mfa` counts the calls of which the record says that the caller had shown no MFA
    device; it is left out where there is none.
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
    without_mfa: int | msgspec.UnsetType = msgspec.UNSET


class DeniedUse(msgspec.Struct, kw_only=True):
    """Calls that authorization refused: no evidence of need."""

    n: int
    last: str
    resources: list[str] = []


LAST_ACCESSED = "iam:last-accessed"
"""Stands in `PossibleUse.by` for IAM's last accessed information, which counts denied calls too."""


class PossibleUse(msgspec.Struct, kw_only=True):
    """An action that observed calls may have needed besides: kept, though it was not observed.

    `by` names the actions of those calls (`lambda:CreateFunction`).
    """

    n: int
    last: str
    by: list[str] = []


class ServiceUse(msgspec.Struct, kw_only=True):
    """What IAM's last accessed information says of a service: `last` is a day, "" for no use since `since`.

    It counts attempts, data events included.
    """

    last: str = ""
    since: str = ""
    src: list[str] = []


class EarlierUse(msgspec.Struct, kw_only=True):
    """What a role or user did that had the ARN before the present one was made.

    `first` and `last` are days; `actions` are those it used, with the day of the last call.
    """

    first: str = ""
    last: str = ""
    actions: dict[str, str] = {}


MAX_DAYS = 16
"""Days of calls that are kept of a principal: enough to tell whether it is seldom active."""


class PrincipalUsage(msgspec.Struct, kw_only=True):
    """What one principal (role, user) did.

    `actions`, `possible` and `denied` are keyed by IAM action as the catalogue spells it.
    `unmapped` lists `[event source, event name, count]` of calls whose action is not known: they
    keep every grant of that service.  `services` is keyed by IAM prefix.  `kind` is `role`, `sso-role` or `user`.
    `first` and `last` are the days of its first and last call, `days` the first `MAX_DAYS` on
    which there were any, denied ones included; not there where the source does not tell.  `ids` are the unique ids whose use
    this is: more than one where a principal was made anew and their calls do not tell which came
    later.  What `earlier` ones of the ARN did, by their ids, is not counted in it.
    `path_known` is False for a role that was seen in sessions without issuer alone: its ARN then
    stands for the role of that name at any path.
    """

    ids: list[str] = []
    kind: str = ""
    path_known: bool = True
    first: str = ""
    last: str = ""
    days: list[str] | msgspec.UnsetType = msgspec.UNSET
    actions: dict[str, ActionUse] = {}
    possible: dict[str, PossibleUse] = {}
    denied: dict[str, DeniedUse] = {}
    unmapped: list[tuple[str, str, int]] = []
    services: dict[str, ServiceUse] = {}
    earlier: dict[str, EarlierUse] = {}


class Categories(msgspec.Struct, kw_only=True):
    """Which events the trail held.

    `management`: `read`, `write` or both.  `data`: the event sources of data events
    (`s3.amazonaws.com`).  `data_access`: which of `read` and `write` each of them had.
    `services`: the event sources of management events, by which excluded ones show.
    """

    management: list[str] = []
    data: list[str] = []
    data_access: dict[str, list[str]] = {}
    services: list[str] = []


class Coverage(msgspec.Struct, kw_only=True):
    """What a source covers; days inclusive.

    `events` counts records, `rejected` those that are none, `files` and `files_failed` files.
    `ignored` counts records that are nobody's use, by reason (`no API call`, `root`).
    `positive_only` is True for evidence whose silence means nothing (a recorded test run).
    `gaps` are the first and last day of each week or more without any event at all; left out
    where there is none.
    """

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
    ignored: dict[str, int] = {}
    positive_only: bool = False
    gaps: list[tuple[str, str]] | msgspec.UnsetType = msgspec.UNSET


class RootUse(msgspec.Struct, kw_only=True):
    """What the root user of an account did: `n` calls and sign-ins, `by_key` of them with an access key.

    `last` and `by_key_last` are days.
    """

    n: int
    last: str
    by_key: int = 0
    by_key_last: str = ""


class Stack(msgspec.Struct, kw_only=True):
    """What a CloudFormation stack made, by which the roles and users of a template are found.

    `account` is "" if not told.  `logical` are the logical ids of all its resources, `roles` and
    `users` the names of those that are such, by logical id.
    """

    name: str
    account: str = ""
    logical: list[str] = []
    roles: dict[str, str] = {}
    users: dict[str, str] = {}


class UsageProfile(msgspec.Struct, kw_only=True):
    """The file as a whole; `principals` is keyed by ARN (with path where CloudTrail tells it).

    `root` is keyed by account, and left out where no root user was seen; `stacks` where none is
    known.
    """

    version: int = PROFILE_VERSION
    generated: str = ""
    tool: str = ""
    coverage: list[Coverage] = []
    principals: dict[str, PrincipalUsage] = {}
    root: dict[str, RootUse] | msgspec.UnsetType = msgspec.UNSET
    stacks: list[Stack] | msgspec.UnsetType = msgspec.UNSET


class ProfileError(ValueError):
    """A file that is no usage profile.  `str(error)` is one line, `advice` another or empty."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


MAX_PROFILE_BYTES = 256 * 2**20


def load(path: str | Path) -> UsageProfile:
    """Read a profile.  Raises ProfileError with the path in its message."""
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_PROFILE_BYTES + 1)
    except OSError as error:
        raise ProfileError(
            f"cannot read `{path}`: {(error.strerror or str(error)).lower()}"
        ) from None
    if len(content) > MAX_PROFILE_BYTES:
        raise ProfileError(f"`{path}` is larger than a usage profile may be (256 MiB)")
    try:
        return loads(content)
    except ProfileError as error:
        raise ProfileError(f"`{path}` {error}", error.advice) from None


def loads(content: bytes | str) -> UsageProfile:
    """Decode a profile.  Raises ProfileError; its message follows the name of the file."""
    build = "make a profile of it with `iamlint usage build`"
    try:
        head = msgspec.json.decode(content, type=_Head)
    except msgspec.ValidationError as error:
        raise ProfileError(f"is no usage profile: {_lower(error)}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProfileError(f"is not JSON: {_lower(error)}") from None
    if head.Records is not msgspec.UNSET or head.Events is not msgspec.UNSET:
        raise ProfileError("holds CloudTrail records, not a usage profile", build)
    if head.version is msgspec.UNSET:
        raise ProfileError("is no usage profile: it has no `version`", build)
    if head.version != PROFILE_VERSION:
        raise ProfileError(
            f"has version {head.version}; this iamlint reads version {PROFILE_VERSION}",
            "make the profile anew with `iamlint usage build`",
        )
    try:
        profile = msgspec.json.decode(content, type=UsageProfile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProfileError(f"is no valid usage profile: {_lower(error)}") from None
    _check(profile)
    return profile


def dumps(profile: UsageProfile) -> str:
    """The profile as JSON, the same for the same content: sorted, indented, one line break at the end."""
    plain = msgspec.to_builtins(_sorted(profile), order="deterministic")
    return (
        msgspec.json.format(msgspec.json.encode(plain, order="deterministic"), indent=1).decode()
        + "\n"
    )


def dump(profile: UsageProfile, path: str | Path) -> None:
    """Write a profile.  Raises OSError."""
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(dumps(profile))


class _Head(msgspec.Struct):
    """What tells a profile from other JSON."""

    version: int | msgspec.UnsetType = msgspec.UNSET
    Records: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    Events: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def _check(profile: UsageProfile) -> None:
    """What the types do not say."""
    from iamlint.usage.event import day

    def check_day(value: str, where: str) -> None:
        if day(value) != value:
            raise ProfileError(f"is no valid usage profile: `{value}` is no day - at `{where}`")

    for arn, usage in profile.principals.items():
        for value in (usage.first, usage.last):
            if value:
                check_day(value, f"principals[{arn}]")
        for name, use in usage.actions.items():
            where = f"principals[{arn}].actions[{name}]"
            for value, name_of in ((use.first, ".first"), (use.last, ".last")):
                if value:
                    check_day(value, where + name_of)
            if use.n < 1 or (use.last and use.first > use.last):
                raise ProfileError(
                    f"is no valid usage profile: count or days make no sense - at `{where}`"
                )
    for account, root in (profile.root or {}).items():
        for value in filter(None, (root.last, root.by_key_last)):
            check_day(value, f"root[{account}]")
    for index, entry in enumerate(profile.coverage):
        for value, name in ((entry.since, "from"), (entry.until, "to")):
            if value:
                check_day(value, f"coverage[{index}].{name}")
        for gap in entry.gaps or ():
            for value in gap:
                check_day(value, f"coverage[{index}].gaps")


def _sorted(profile: UsageProfile) -> UsageProfile:
    """The same with its coverage and stacks in order; keys of maps are ordered by the encoder."""

    def key(entry: Coverage) -> tuple[str, str, str, bytes]:
        return entry.source, entry.since, entry.until, msgspec.json.encode(entry)

    stacks = profile.stacks and sorted(profile.stacks, key=msgspec.json.encode)
    return msgspec.structs.replace(
        profile, coverage=sorted(profile.coverage, key=key), stacks=stacks
    )


def _lower(error: Exception) -> str:
    text = str(error)
    return text[:1].lower() + text[1:]
