"""Which actions CloudTrail can show: the rule that turns sources into one class per action.

In this order, the first that speaks decides:

1. the curated table (`curated/observability.toml`), each row with its AWS source;
2. AWS marks the action as permission-only (no API operation exists, so no event ever does);
3. an API operation of the action exists, by its own name or by the operation map, and the
   table does not call its service opaque: `management`;
4. otherwise `unknown`: nothing is concluded from the absence of events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any

from data_catalogue import CLASSES


class Table:
    """The curated table: exact names and `*` tails per prefix, and services not to be trusted.

    `types` gives the `resources.type` values of a service's data events.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._exact: dict[str, str] = {}
        self._tails: list[tuple[str, str]] = []
        self.opaque: dict[str, str] = {}
        self.types: dict[str, list[str]] = {}
        for row in content["row"]:
            if not row.get("source"):
                raise ValueError(f"a row of {row['prefix']} names no source")
            if row["class"] not in CLASSES:
                raise ValueError(f"a row of {row['prefix']} has the unknown class {row['class']!r}")
            if (row["class"] == "data") != bool(row.get("types")):
                raise ValueError(f"a row of {row['prefix']} needs types if and only if it is data")
            for name in row["actions"]:
                self._add(f"{row['prefix']}:{name}", row["class"])
            if row["class"] == "data":
                self.types.setdefault(row["prefix"], []).extend(row["types"])
        for block in content.get("opaque", ()):
            self.opaque.update(dict.fromkeys(block["prefixes"], block["source"]))

    def _add(self, action: str, kind: str) -> None:
        key = action.lower()
        if key.endswith("*"):
            self._tails.append((key[:-1], kind))
        elif self._exact.setdefault(key, kind) != kind:
            raise ValueError(f"{action} has two classes")

    def get(self, action: str) -> str | None:
        """The class of `prefix:name` in the table, if it speaks of it; exact names first."""
        key = action.lower()
        if key in self._exact:
            return self._exact[key]
        return next((kind for head, kind in self._tails if key.startswith(head)), None)

    def unmatched(self, actions: Iterable[str]) -> list[str]:
        """Rows that name no action of the catalogue: misspelled or withdrawn."""
        known = {action.lower() for action in actions}
        missing = [key for key in self._exact if key not in known]
        missing += [
            head + "*" for head, _ in self._tails if not any(key.startswith(head) for key in known)
        ]
        return sorted(missing)


def classifier(
    table: Table, permission_only: Set[str], operated: Set[str]
) -> Callable[[str, str], str]:
    """A function `(prefix, action) -> class`.

    `permission_only` and `operated` (actions that an API operation needs) hold lower-case
    `prefix:name`.
    """

    def classify(prefix: str, name: str) -> str:
        action = f"{prefix}:{name}"
        curated = table.get(action)
        if curated is not None:
            return curated
        if action.lower() in permission_only:
            return "permission-only"
        if action.lower() in operated and prefix not in table.opaque:
            return "management"
        return "unknown"

    return classify


def permission_only(july: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The actions that AWS marks as permission-only, as lower-case `prefix:name`."""
    return {
        f"{prefix}:{entry['name']}".lower()
        for prefix, entries in july["actions"].items()
        for entry in entries.values()
        if entry.get("isPermissionOnly")
    }
