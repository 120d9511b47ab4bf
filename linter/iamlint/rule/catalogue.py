"""What rules may ask about AWS itself: actions, condition keys, managed policies."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from iamlint.iam import grants
from iamlint.iam.policy import Element, Statement
from iamlint.sources.site import PolicySite

if TYPE_CHECKING:
    from iamlint.iam.catalog import Action, Service
    from iamlint.iam.managed import ManagedPolicy, Retired


class Catalogue:
    """The questions that hang on AWS's documentation alone, as the shipped data has it."""

    @property
    def data_date(self) -> str:
        """The date of the catalogue of actions."""
        from iamlint.iam import catalog

        return catalog.data_date()

    def action(self, name: str) -> Action | None:
        """The catalogue's entry of an action, in any case; None if it knows none."""
        from iamlint.iam import catalog

        return catalog.action(name)

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The canonical names of all known actions that a pattern matches."""
        from iamlint.iam import catalog

        return catalog.expand(pattern)

    def actions(self, statement: Statement) -> frozenset[str]:
        """The known actions that a statement is about, NotAction counted out."""
        return grants.actions(statement)

    def is_known(self, pattern: str) -> bool:
        """True if the catalogue has an action that a pattern matches."""
        from iamlint.iam import catalog

        if "*" in pattern or "?" in pattern:
            return catalog.matching(pattern)
        return catalog.action(pattern) is not None

    def suggestion(self, name: str) -> str | None:
        """The known action that a wrong name is surely meant to be, if there is one."""
        return next(iter(self._near(name)), None)

    def correct_name(self, name: str) -> str | None:
        """The action that a name surely is a misspelling of, or the operation's that it is.

        No other known action is about as near, only a letter or two differ, and the verb is the
        same wherever it is one: `ds:DisconnectDirectory` is no misspelt `ds:ConnectDirectory`.
        """
        (best, ratio), *others = [*self._near(name).items(), ("", 0.0)]
        if not best or any(ratio - other < _APART for _, other in others):
            return None
        if ratio == 1.0:
            return best
        verb = _verb(name)
        same = verb == _verb(best) or verb not in _verbs()
        return best if same and _letters(name.lower(), best.lower()) <= _SLIPS else None

    def _near(self, name: str) -> dict[str, float]:
        """The known actions that a wrong name may be meant to be: how like it they are, 0 to 1."""
        from difflib import SequenceMatcher

        from iamlint.iam import catalog, events

        # `s3:ListBuckets` is an operation, whose action has another name.
        prefix, _, operation = name.partition(":")
        needed = events.operation_actions(prefix.lower(), operation)
        if needed:
            return dict.fromkeys(needed, 1.0)
        found = {}
        for near in catalog.suggest(name, 3):
            pairs = zip(name.lower().split(":", 1), near.lower().split(":", 1), strict=False)
            found[near] = min(SequenceMatcher(None, *pair).ratio() for pair in pairs)
        return {near: ratio for near, ratio in found.items() if ratio >= _NEAR}

    def service(self, prefix: str) -> Service | None:
        """The catalogue's entry of a service, by its prefix in any case."""
        from iamlint.iam import catalog

        return catalog.service(prefix.lower())

    def managed(self, site: PolicySite) -> ManagedPolicy | None:
        """The AWS managed policy that a site attaches; None for any other."""
        if site.arn is None or site.policy is not None:
            return None
        from iamlint.iam import managed

        return managed.lookup(site.arn)

    def covers(self, resource: Element, action: str) -> bool:
        """True if a resource pattern takes in all that an action must name, in any account and region."""
        return resource.literal is not None and grants.all_of_type(resource.literal, action)

    def fits(self, action: str, resource: Element) -> bool | None:
        """Whether a resource can be one that an action works on; None where that is not known."""
        from iamlint.iam.fit import fits

        return fits(action, resource.text)

    def is_condition_key(self, key: str) -> bool:
        """True if AWS has a condition key of this name."""
        from iamlint.iam import keys

        return keys.find(key) is not None

    def is_multivalued(self, key: str) -> bool | None:
        """True if a condition key holds a set of values; None if the key is not known."""
        from iamlint.iam import keys

        found = keys.find(key)
        return None if found is None else found.multivalued

    def has_key(self, key: str, action: str) -> bool | None:
        """Whether a request of an action may hold a condition key; None if that is not known."""
        from iamlint.iam import keys

        return keys.available(key, action)

    def key_suggestion(self, key: str) -> str | None:
        """The condition key that a wrong one is surely meant to be, if there is one."""
        from difflib import SequenceMatcher

        from iamlint.iam import keys

        near = next(iter(keys.suggest(key, 1)), None)
        if near is None or SequenceMatcher(None, key.lower(), near.lower()).ratio() < _NEAR:
            return None
        return near

    def unknown_managed_policy(self, site: PolicySite) -> str | None:
        """Path and name of an AWS managed policy that a site attaches and nobody knows, else None."""
        literal = site.arn.literal if site.arn is not None and site.policy is None else None
        if literal is None or ":policy/" not in literal:
            return None
        from iamlint.iam import managed

        if (
            not managed.is_aws_managed(literal)
            or managed.lookup(literal)
            or managed.retired(literal)
        ):
            return None
        return literal.partition(":policy/")[2]

    def managed_suggestion(self, name: str) -> str | None:
        """Path and name of the AWS managed policy that a wrong one is likely meant to be."""
        from iamlint.iam import managed

        return next(iter(managed.suggest(name, 1)), None)

    def retired(self, site: PolicySite) -> Retired | None:
        """The AWS managed policy that a site attaches although AWS has withdrawn it."""
        if site.arn is None or site.policy is not None:
            return None
        from iamlint.iam import managed

        return managed.retired(site.arn)

    def managed_policy(self, reference: str) -> ManagedPolicy | None:
        """The AWS managed policy with this name or ARN."""
        from iamlint.iam import managed

        return managed.lookup(reference)


def _verb(name: str) -> str:
    """The first word of an action's name, as `Get`."""
    found = re.match("[A-Z]?[a-z]+", name.partition(":")[2])
    return found[0] if found else ""


@cache
def _verbs() -> frozenset[str]:
    from iamlint.iam import catalog

    return frozenset(map(_verb, catalog.expand("*")))


def _letters(mine: str, known: str) -> int:
    """How many letters are others, too many or missing."""
    from difflib import SequenceMatcher

    changes = SequenceMatcher(None, mine, known, autojunk=False).get_opcodes()
    return sum(max(b - a, d - c) for what, a, b, c, d in changes if what != "equal")


_SLIPS = 2
"""So many letters may be wrong in a misspelt name."""

_APART = 0.08
"""How much less like it the next name must be for one to be the one that is meant."""

_NEAR = 0.85
"""How alike two names must be (difflib) for one to be the other misspelt."""
