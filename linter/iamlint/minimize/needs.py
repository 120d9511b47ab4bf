"""Which granted actions are needed, which are not, and why: one verdict for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Literal

import msgspec

from iamlint.iam import catalog, pattern
from iamlint.minimize.cover import Cover, silence
from iamlint.minimize.kinds import about_resources
from iamlint.minimize.triggers import TRIGGERS, USERS_ONLY, triggers
from iamlint.sources.site import OwnerKind
from iamlint.usage.mapping import service_prefix
from iamlint.usage.observe import Observation, observe
from iamlint.usage.profile import ActionUse, PrincipalUsage

Grip = Literal["action", "service", "whole"]
"""How closely a grant names an action: by its own name, by a pattern of its service
(`logs:*`), or only by a pattern of everything (`*`, NotAction)."""

Ground = Literal[
    "observed",  # seen in the evidence
    "dependency",  # cannot be seen, takes effect in a call that was seen
    "unobservable",  # cannot be seen, so absence means nothing
    "unmapped",  # calls of the service were seen that no action is known for
    "unused",  # recorded, covered and not seen
    "unlisted",  # a management call by its kind, taken in by a wildcard, and not seen
    "unclear",  # not known whether it can be seen, named only by a wildcard over all services
    "no-trigger",  # cannot be seen, and the calls that it takes effect in were not seen
    "no-use-of-service",  # cannot be seen, named only by a wildcard over all services
    "elsewhere",  # another policy of the same principal grants it for all that was seen
]

KEEP: frozenset[Ground] = frozenset({"observed", "dependency", "unobservable", "unmapped"})

Unobservable = Literal["keep", "review", "drop"]


class Verdict(msgspec.Struct, frozen=True):
    """What becomes of one granted action, and the reason in words."""

    action: str
    ground: Ground
    reason: str

    @property
    def keep(self) -> bool:
        return self.ground in KEEP


class Needs:
    """Judges granted actions against the use of one principal.

    `services` are those that were used at all, as any evidence tells: also those that IAM saw
    used while no recorded call shows it.  `let_in` are the service principals that may work under
    the principal, None if that is not known.  `beside` are the actions that its other policies
    grant, None if these are not all known: a call that one policy grants may need an action that
    another does.  `ruled_out` are those of which IAM saw no use in all
    the time that it looks back, data events included.
    """

    def __init__(
        self,
        usage: PrincipalUsage,
        cover: Cover,
        owners: Sequence[OwnerKind] = (),
        unobservable: Unobservable = "keep",
        let_in: frozenset[str] | None = None,
        beside: frozenset[str] | None = frozenset(),
    ) -> None:
        self.usage = usage
        self.cover = cover
        self.owners = owners
        self.unobservable = unobservable
        self.let_in = let_in
        self.beside = beside
        self.services = {name.partition(":")[0] for name in usage.actions}
        for source, _, _ in usage.unmapped:
            self.services.add(service_prefix(source) or source.partition(".")[0])
        accessed = usage.services.items()
        self.services.update(prefix for prefix, service in accessed if service.last)
        self.ruled_out = {prefix for prefix, service in accessed if not service.last}
        self.ruled_out -= self.services

    def used(self, service: str) -> bool:
        """True if any call of a service was seen, be it one whose action is not known."""
        return service in self.services

    def judge(self, granted: Mapping[str, Grip]) -> dict[str, Verdict]:
        """A verdict for each granted action (canonical names)."""
        verdicts: dict[str, Verdict] = {}
        waiting: list[str] = []
        for name, grip in granted.items():
            unused = not self.used(name.partition(":")[0]) and name not in self.usage.possible
            if grip == "whole" and unused and name.partition(":")[0] not in self.ruled_out:
                reason = "nothing of the service was seen"
                verdicts[name] = Verdict(name, "no-use-of-service", reason)
                continue
            verdict = self._direct(name, grip)
            if verdict is None:
                waiting.append(name)
            else:
                verdicts[name] = verdict
        hidden = {name for name, verdict in verdicts.items() if verdict.ground == "unobservable"}
        for name in waiting:
            verdicts[name] = self._by_trigger(name, granted[name], hidden)
        return verdicts

    def _observe(self, name: str) -> Observation:
        """What the evidence says of an action; for most it says the same of every principal."""
        prefix = name.partition(":")[0]
        usage = self.usage
        if name in usage.possible or prefix in usage.services or usage.unmapped or usage.earlier:
            return observe(name, usage, self.cover.entries)
        return silence(name, self.cover)

    def unseen_besides(self, name: str) -> str:
        """Why an observed action may have been used on more than was seen; `""` if it was not.

        Calls of other services show some uses of it, such as the reading of a function's code,
        while its own calls leave no event.
        """
        own = silence(name, self.cover)
        known = own.state == "absent" or own.cause in ("permission-only", "unknown-observability")
        return "" if known else own.reason

    def _direct(self, name: str, grip: Grip) -> Verdict | None:
        """The verdict that needs no look at other actions; None where it hangs on them."""
        use = self.usage.actions.get(name)
        if use is not None:
            return Verdict(name, "observed", observed(use))
        seen = self._observe(name)
        if seen.state == "absent":
            return Verdict(name, "unused", seen.reason)
        if seen.cause == "needed-by-observed-call":
            return Verdict(name, "dependency", seen.reason)
        if seen.cause == "unmapped-calls":
            return Verdict(name, "unmapped", seen.reason)
        if seen.cause == "permission-only" or name in TRIGGERS:
            return None
        if seen.cause == "unknown-observability" and grip == "whole":
            return Verdict(name, "unclear", f"{seen.reason}, and nothing names it")
        known = catalog.action(name)
        if (
            seen.cause == "unknown-observability"
            and grip != "action"
            and self.cover.management
            and known is not None
            and about_resources(known)
        ):
            reason = "a management call that only a wildcard granted, and not seen"
            return Verdict(name, "unlisted", reason)
        if self.unobservable == "drop":
            return Verdict(name, "no-trigger", f"{seen.reason}; dropped on request")
        return Verdict(name, "unobservable", seen.reason)

    def _by_trigger(self, name: str, grip: Grip, hidden: set[str]) -> Verdict:
        """Actions that take effect in other calls: needed where such a call is."""
        people = not self.owners or "user" in self.owners or "group" in self.owners
        if name in USERS_ONLY and not people:
            return Verdict(name, "no-trigger", "it needs credentials that only users have")
        seen = self._seen_trigger(name)
        if seen:
            return Verdict(name, "dependency", f"{seen}, which was observed, may need it")
        calls = triggers(name)
        likely = self._likely_trigger(calls, hidden)
        if likely:
            return Verdict(name, "unobservable", f"it has no call of its own; {likely} may need it")
        if calls:
            return Verdict(name, "no-trigger", "no call was seen in which it takes effect")
        if grip == "whole":
            return Verdict(name, "no-use-of-service", "it has no call of its own")
        if self.unobservable == "drop":
            return Verdict(name, "no-trigger", "it has no call of its own; dropped on request")
        return Verdict(name, "unobservable", "CloudTrail does not record it: no call of its own")

    def _likely_trigger(self, calls: Sequence[str], hidden: set[str]) -> str | None:
        """A granted action that is one of these calls and whose use would not show."""
        possible = _named_by(tuple(each for each in calls if self._may_come(each)))
        found = possible & hidden
        if not found:
            others = possible if self.beside is None else possible & self.beside
            found = frozenset(each for each in others if self._is_hidden(each))
        return min(found, default=None)

    def _is_hidden(self, name: str) -> bool:
        return name not in self.usage.actions and self._observe(name).state == "not-observable"

    def _may_come(self, call: str) -> bool:
        """False for calls by a service that the principal lets nobody be."""
        service = call.partition("@")[2]
        return not service or self.let_in is None or service in self.let_in

    def _seen_trigger(self, name: str) -> str | None:
        calls = triggers(name)
        named = _named_by(calls)
        for seen in self.seen if calls else ():
            if (seen in named or catalog.action(seen) is None) and any(
                _fits(each, seen, self.usage.actions[seen]) for each in calls
            ):
                return seen
        return self.dependents.get(name)

    @cached_property
    def seen(self) -> list[str]:
        """The observed actions, sorted."""
        return sorted(self.usage.actions)

    @cached_property
    def dependents(self) -> dict[str, str]:
        """What some calls of an observed action need besides -> the first such action."""
        found: dict[str, str] = {}
        for seen in self.seen:
            known = catalog.action(seen)
            for dependent in known.dependent_actions if known is not None else ():
                found.setdefault(dependent, seen)
        return found


def _fits(trigger: str, name: str, use: ActionUse) -> bool:
    calls, _, service = trigger.partition("@")
    if service and service not in use.via:
        return False
    return pattern.matches(calls, name, ignore_case=True)


def observed(use: ActionUse) -> str:
    """`observed 14 times, last on 2026-11-01`."""
    times = "once" if use.n == 1 else f"{use.n} times"
    return f"observed {times}, last on {use.last[:10]}" if use.last else f"observed {times}"


@lru_cache(maxsize=4096)
def _named_by(calls: tuple[str, ...]) -> frozenset[str]:
    """The known actions that are one of these calls, whoever makes them."""
    return frozenset(name for each in calls for name in catalog.expand(each.partition("@")[0]))
