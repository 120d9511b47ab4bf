"""Principals that did nothing at all: IAM503 speaks of them, and no rule of their single permissions."""

from __future__ import annotations

from iamlint.rule import Bound, Usage


def is_silent(usage: Usage) -> bool:
    """True if IAM's last accessed information tells of no use, and nothing else tells of any."""
    if not isinstance(usage, Bound):
        return False
    use = usage.usage
    tried = use.actions or use.possible or use.denied or use.unmapped
    return bool(use.services) and not tried and not any(s.last for s in use.services.values())
