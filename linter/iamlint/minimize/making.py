"""What a principal made itself: the names to come are not those that were seen.

A pipeline that makes a role for each new service needs `iam:CreateRole` on names that nobody has
seen yet; the names of those that it made tell what they have in common.
"""

from __future__ import annotations

import re
from functools import lru_cache

from iamlint.iam import arn as arns
from iamlint.iam import catalog
from iamlint.minimize import authorized
from iamlint.usage.profile import PrincipalUsage

_CREATES = re.compile(r"(?:BatchCreate|Create)([A-Z].*)")
_NO_LETTER = re.compile(r"[^a-z]")


def made_by(usage: PrincipalUsage) -> frozenset[str]:
    """The ARNs of what the principal made, as the log and as a policy name them."""
    found: set[str] = set()
    for action, use in usage.actions.items():
        forms = _made_by(action)
        for seen in use.resources if forms else ():
            if any(arns.match(form, seen) is not None for form in forms):
                found.add(seen)
                found.update(authorized.patterns(action, seen) or ())
    return frozenset(found)


@lru_cache(maxsize=4096)
def _made_by(action: str) -> tuple[str, ...]:
    """The forms of ARNs of what an action makes, () if it makes nothing: CreateRole makes roles.

    An action that makes something on what is there, as CreateAlias on a function, makes no
    resource of its own.
    """
    named = _CREATES.fullmatch(action.partition(":")[2])
    known = catalog.action(action)
    if named is None or known is None:
        return ()
    what = _NO_LETTER.sub("", named[1].lower())
    return tuple(
        form
        for kind in known.resource_types
        if what.endswith(_NO_LETTER.sub("", kind.name.lower()))
        for form in kind.arns
    )
