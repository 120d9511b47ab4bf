"""What resource control policies limit: the services that AWS lists, and exceptions."""

from __future__ import annotations

from functools import cache

import msgspec

from iamlint import data


class Limited(msgspec.Struct, frozen=True):
    """The services whose actions RCPs limit, as AWS listed them on the day that is `read`."""

    read: str
    services: frozenset[str]
    exempt: frozenset[str]


def limits(action: str) -> bool | None:
    """True if RCPs limit an action, False if they never do, None if its service is not listed.

    The list grows, so of services that are not on it nothing is known.  Source: AWS Organizations
    User Guide, orgs_manage_policies_rcps.
    """
    known = listed()
    if action.lower() in {name.lower() for name in known.exempt}:
        return False
    return True if action.partition(":")[0].lower() in known.services else None


@cache
def listed() -> Limited:
    """The list as it is in the data."""
    return msgspec.json.decode(data.read_bytes("rcp.json"), type=Limited)
