"""Words that messages of many rules are made of."""

from __future__ import annotations

from collections.abc import Iterable


def quoted(names: Iterable[object], limit: int = 4) -> str:
    """Names in backticks, joined by commas, the rest counted."""
    items = [f"`{name}`" for name in names]
    if len(items) > limit + 1:
        return f"{', '.join(items[:limit])} and {len(items) - limit} more"
    return ", ".join(items)
