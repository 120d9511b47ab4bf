"""Roles and users made anew under an old ARN: which use is the present one's.

IAM gives each its own id (IAM User Guide, reference_identifiers, unique identifiers), and one of
an ARN lives at a time: so their calls lie in order.  Where they do not, or days are too coarse to
tell, nothing is separated, and the use of all counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")


def is_unique_id(value: str) -> bool:
    """True for the unique id of a role or user."""
    return value.startswith(("AROA", "AIDA"))


def newest(spans: Mapping[Key, tuple[str, str]]) -> Key | None:
    """The one that lives now, of several with the days of their first and last calls; None if not sure."""
    order = sorted(spans, key=lambda key: spans[key])
    for before, after in itertools.pairwise(order):
        if spans[before] == spans[after] or spans[before][1] > spans[after][0]:
            return None
    return order[-1] if order and all(all(span) for span in spans.values()) else None
