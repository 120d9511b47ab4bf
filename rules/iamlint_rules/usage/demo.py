"""A usage profile for examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def profile(
    role: str,
    actions: Mapping[str, int],
    _coverage: Mapping[str, Any] | None = None,
    _on: Mapping[str, list[str]] | None = None,
    _without_mfa: Mapping[str, int] | None = None,
    _root: Mapping[str, Any] | None = None,
    **principal: Any,
) -> dict[str, Any]:
    """The profile of one role or user, as JSON has it, with the calls of each action over three months.

    It is a role unless the name is `user/…`.  `_coverage` are fields of the coverage that differ,
    `_on` all resources of an action's calls, `_without_mfa` how many of them were without MFA,
    `_root` what the root user did.
    """
    kind, name = ("user", role[5:]) if role.startswith("user/") else ("role", role)
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
            f"arn:aws:iam::111122223333:{kind}/{name}": {
                "ids": [f"{'AIDA' if kind == 'user' else 'AROA'}EXAMPLEEXAMPLE001"],
                "kind": kind,
                "actions": {
                    action: {
                        "n": count,
                        "first": "2026-08-23",
                        "last": "2026-11-19",
                        "regions": ["eu-west-1"],
                        "accounts": ["111122223333"],
                        "resources": (_on or {}).get(action, []),
                        "resources_complete": action in (_on or {}),
                        "src": ["cloudtrail"],
                        **({"without_mfa": n} if (n := (_without_mfa or {}).get(action)) else {}),
                    }
                    for action, count in actions.items()
                },
                **principal,
            }
        },
        **({"root": {"111122223333": dict(_root)}} if _root else {}),
    }
