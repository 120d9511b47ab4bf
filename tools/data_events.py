"""What CloudTrail's event names mean, as far as sources tell: `events.json`.

Pure: values in, bytes out.  `iamlint.iam.events` is the reader.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from data_sources import ApiService


class Operations:
    """API operations by IAM prefix: which exist, and which actions those need that differ by name."""

    def __init__(self, names: Mapping[str, Mapping[str, str]], clients: Mapping[str, str]) -> None:
        """`names`: prefix -> lower-case action -> canonical action; `clients`: renamed SDK clients."""
        self._names = names
        self._clients = clients
        self.existing: dict[str, set[str]] = {}
        self.verbs: dict[str, str] = {}
        self.role_takers: set[str] = set()

    def prefixes(self, service: ApiService) -> list[str]:
        """The IAM prefixes that a client's operations may belong to."""
        renamed = self._clients.get(service.client)
        if renamed is not None:
            return [renamed]
        return [key for key in service.candidates if key in self._names]

    def add(self, service: ApiService) -> None:
        for prefix in self.prefixes(service):
            self.existing.setdefault(prefix, set()).update(service.operations)
            self.role_takers.update(f"{prefix}:{name}".lower() for name in service.role_takers)
            if prefix == "apigateway":
                self.verbs.update(service.operations)

    def operated(self, mapped: Mapping[str, Iterable[str]]) -> set[str]:
        """Lower-case actions that an operation needs: by its own name, or as `mapped` says."""
        same = {
            f"{prefix}:{name}".lower()
            for prefix, operations in self.existing.items()
            for name in operations
            if name.lower() in self._names[prefix]
        }
        return same | {action.lower() for actions in mapped.values() for action in actions}

    def mapped(self, content: Mapping[str, Any], ambiguous: Iterable[str]) -> dict[str, list[str]]:
        """`prefix:Operation` -> actions, from iam-dataset's map of 2022.

        Kept is only what is no name of an action itself, belongs to a prefix of today, needs
        actions that all exist today, and is not listed in `ambiguous` (rows known to be wrong).
        """
        prefixes: dict[str, set[str]] = {}
        for prefix, clients in content["service_sdk_mappings"].items():
            for client in clients:
                prefixes.setdefault(client.lower(), set()).add(prefix)
        skip = {row.lower() for row in ambiguous}
        found: dict[str, list[str]] = {}
        for method, rows in content["sdk_method_iam_mappings"].items():
            client, _, operation = method.partition(".")
            actions = self._canonical(row["action"] for row in rows)
            if not actions:
                continue
            for prefix in prefixes.get(client.lower(), ()):
                key = f"{prefix}:{operation}"
                known = self._names.get(prefix)
                if known is None or operation.lower() in known or key.lower() in skip:
                    continue
                if not any(action.startswith(prefix + ":") for action in actions):
                    continue
                if key in found and found[key] != actions:
                    actions = sorted({*found[key], *actions})
                found[key] = actions
        return dict(sorted(found.items()))

    def _canonical(self, actions: Iterable[str]) -> list[str]:
        """The actions in today's spelling; none at all if one of them is gone."""
        names = []
        for action in actions:
            prefix, _, name = action.partition(":")
            canonical = self._names.get(prefix, {}).get(name.lower())
            if canonical is None:
                return []
            names.append(f"{prefix}:{canonical}")
        return sorted(set(names))


def encode(
    sources: Mapping[str, str],
    mapped: Mapping[str, list[str]],
    verbs: Mapping[str, str],
    excludable: Iterable[str],
    data_types: Mapping[str, list[str]],
    origin: str,
) -> bytes:
    """The file: event sources, operations, verbs, excludable prefixes, data event types."""
    content = {
        "origin": origin,
        "generator": "tools/make_data.py",
        "sources": dict(sorted(sources.items())),
        "operations": dict(sorted(mapped.items())),
        "verbs": dict(sorted(verbs.items())),
        "excludable": sorted(excludable),
        "data_types": dict(sorted(data_types.items())),
    }
    return (json.dumps(content, indent=0, ensure_ascii=False) + "\n").encode()
