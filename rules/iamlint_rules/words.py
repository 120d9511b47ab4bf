"""Words that messages of many rules are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable


def quoted(names: Iterable[object], limit: int = 4) -> str:
    """Names in backticks, joined by commas, the rest counted."""
    items = [f"`{name}`" for name in names]
    if len(items) > limit + 1:
        return f"{', '.join(items[:limit])} and {len(items) - limit} more"
    return ", ".join(items)


def as_written(address: str) -> str:
    """An address without the module calls and instances that it was made by: that of the text."""
    bare = re.sub(r"\[[^\]]*\]", "", address)
    return re.sub(r"^(module\.[^.]+\.)+", "", bare)
