"""Configuration: `[tool.iamlint]` in pyproject.toml or `.iamlint.toml`, found upwards to the git root.

The file comes from the scanned repository, so it cannot name code, widen what is read or
choose where reports are written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any, Literal, Union

import msgspec
import msgspec.toml

from iamlint.app.errors import UsageError, did_you_mean

STANDALONE = ".iamlint.toml"
SHARED = "pyproject.toml"


Kind = Literal["identity", "resource", "trust"]


class IgnoreEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An ignore for files that cannot carry comments, by path and statement id."""

    rules: list[str]
    because: str
    path: str = "*"
    sid: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        _check_until(self.until)


class ArchiveEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Findings that are accepted by what they are about, as Access Analyzer's archive rules do.

    All criteria that are given must hold; each is a list of patterns with `*` and `?`.  Without
    `rules` those on access from outside are meant.
    """

    because: str
    rules: list[str] = []
    name: str = ""
    type: list[str] = []
    resource: list[str] = []
    principal: list[str] = []
    condition: dict[str, Union[str, list[str]]] = {}
    until: str | None = None

    def __post_init__(self) -> None:
        if not (self.type or self.resource or self.principal or self.condition):
            raise ValueError("an archive rule without criteria; give `ignores` or `ignore` instead")
        if not self.because.strip():
            raise ValueError("`because` is empty")
        _check_until(self.until)


def _check_until(until: str | None) -> None:
    if until is not None and not re.fullmatch(r"\d{4}-\d\d-\d\d", until):
        raise ValueError(f"`{until}` is no date like `2027-01-31`")


Condition = dict[str, dict[str, Union[str, list[str]]]]
"""A Condition element as in a policy: operator, key, one value or several."""


class Forbidden(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Access that no policy may grant, unless its conditions hold (IAM118)."""

    actions: list[str]
    resources: tuple[str, ...] = ("*",)
    unless: Condition = {}
    kinds: tuple[Kind, ...] = ("identity", "resource")
    name: str = ""
    because: str = ""

    def __post_init__(self) -> None:
        _check_demand(self.actions, self.unless)


class RequiredCondition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions that every grant of some actions must carry (IAM119)."""

    actions: list[str]
    condition: Condition
    resources: tuple[str, ...] = ("*",)
    kinds: tuple[Kind, ...] = ("identity", "resource")
    name: str = ""
    because: str = ""

    def __post_init__(self) -> None:
        _check_demand(self.actions, self.condition)
        if not self.condition:
            raise ValueError("`condition` is empty")


def _check_demand(actions: list[str], condition: Condition) -> None:
    """Raise ValueError for what could never mean anything."""
    from iamlint.iam.operators import operator

    if not actions:
        raise ValueError("`actions` is empty")
    for action in actions:
        if action != "*" and not all(action.partition(":")):
            raise ValueError(f"`{action}` is no action like `s3:GetObject`")
    for name, keys in condition.items():
        if operator(name) is None:
            raise ValueError(f"`{name}` is no condition operator")
        if not keys or not all(keys.values()):
            raise ValueError(f"`{name}` has no key or no value")


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The configuration file; None or empty where the file says nothing."""

    select: list[str] | None = None
    ignore: list[str] | None = None
    extend_select: list[str] | None = None
    min_severity: str | None = None
    fail_on: str | None = None
    strict: bool | None = None
    baseline: str | None = None
    usage: list[str] | None = None
    since: str | None = None
    min_window: int | None = None
    unobservable: str | None = None
    granularity: str | None = None
    group: str | None = None
    account: str | None = None
    region: str | None = None
    trusted_accounts: list[str] | None = None
    trusted_orgs: list[str] | None = None
    var_file: list[str] | None = None
    parameters: list[str] | None = None
    exclude: list[str] = []
    severity: dict[str, str] = {}
    principals: dict[str, str] = {}
    ignores: list[IgnoreEntry] = []
    archive: list[ArchiveEntry] = []
    forbidden: list[Forbidden] = []
    required_conditions: list[RequiredCondition] = []
    control_policies: list[str] = []


class Found(msgspec.Struct, frozen=True):
    """A configuration and the file it came from; `path` is None for the defaults."""

    config: Config
    path: str | None = None


def find(start: str) -> Found:
    """The nearest configuration of a folder, looking upwards to the git root or the file system's."""
    for folder in upwards(start):
        for name in (STANDALONE, SHARED):
            candidate = os.path.join(folder, name)
            if os.path.isfile(candidate):
                found = _read(candidate)
                if found is not None:
                    return found
        if os.path.exists(os.path.join(folder, ".git")):
            break
    return Found(Config())


def upwards(start: str) -> Iterator[str]:
    """A folder and those around it, up to the root of the file system."""
    folder = os.path.abspath(start)
    while True:
        yield folder
        around = os.path.dirname(folder)
        if around == folder:
            return
        folder = around


def load(path: str) -> Found:
    """The configuration of a named file; raises UsageError if it has none."""
    found = _read(path)
    if found is None:
        raise UsageError(f"`{path}` has no [tool.iamlint] table")
    return found


def _read(path: str) -> Found | None:
    """The configuration in a file, None for a pyproject.toml that has no table of ours."""
    shared = os.path.basename(path) == SHARED
    try:
        with open(path, encoding="utf-8") as file:
            raw = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the configuration `{path}`: {error}") from error
    if shared and "tool.iamlint" not in raw:
        return None
    table = _parse(path, raw)
    if shared:
        table = table.get("tool", {}).get("iamlint")
        if table is None:
            return None
    try:
        return Found(msgspec.convert(table, Config), path)
    except msgspec.ValidationError as error:
        raise UsageError(f"in `{path}`: {_explain(error)}", _suggest(error)) from error


def _parse(path: str, raw: str) -> dict[str, Any]:
    try:
        return msgspec.toml.decode(raw, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise UsageError(f"`{path}` is no valid TOML: {error}") from error


def _explain(error: msgspec.ValidationError) -> str:
    text = str(error)
    unknown = re.search(r"unknown field `(.+?)`", text)
    if unknown:
        return f"unknown key `{unknown[1]}`"
    return text[:1].lower() + text[1:].replace(" - at `$.", " at `")


def _suggest(error: msgspec.ValidationError) -> str:
    unknown = re.search(r"unknown field `(.+?)`", str(error))
    return did_you_mean(unknown[1], Config.__struct_encode_fields__) if unknown else ""
