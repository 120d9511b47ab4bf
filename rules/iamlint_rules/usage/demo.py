"""A usage profile for examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def profile(
    role: str,
    actions: Mapping[str, int],
    _coverage: Mapping[str, Any] | None = None,
    _on: Mapping[str, list[str]] | None = None,
    **principal: Any,
) -> dict[str, Any]:
    """The profile of one role, as JSON has it, with the calls of each action over three months.

    `_coverage` are fields of the coverage that differ, `_on` all resources of an action's calls.
    """
    return {
        "version": 1,
        "generated": "2026-11-21",
        "tool": "iamlint",
        "coverage": [
            {
                "source": "cloudtrail",
                "accounts": ["111122223333"],
                "regions": ["eu-west-1", "us-east-1"],
                "from": "2026-08-21",
                "to": "2026-11-20",
                "categories": {"management": ["read", "write"], "data": []},
                "events": 1000,
                **(_coverage or {}),
            }
        ],
        "principals": {
            f"arn:aws:iam::111122223333:role/{role}": {
                "ids": ["AROAEXAMPLEEXAMPLE001"],
                "kind": "role",
                "actions": {
                    name: {
                        "n": count,
                        "first": "2026-08-23",
                        "last": "2026-11-19",
                        "regions": ["eu-west-1"],
                        "accounts": ["111122223333"],
                        "resources": (_on or {}).get(name, []),
                        "resources_complete": name in (_on or {}),
                        "src": ["cloudtrail"],
                    }
                    for name, count in actions.items()
                },
                **principal,
            }
        },
    }
