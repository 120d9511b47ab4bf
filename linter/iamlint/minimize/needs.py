"""Which granted actions are needed, which are not, and why: one verdict for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from iamlint.iam import catalog, pattern
from iamlint.minimize.cover import LEFT_OUT_BY_CHOICE, Cover, services_of
from iamlint.minimize.kinds import about_resources
from iamlint.minimize.triggers import TAKES_ROLE, TRIGGERS, USERS_ONLY
from iamlint.sources.site import OwnerKind
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

    `review` collects the unobservable actions that a wildcard over everything granted and that
    are dropped since their service shows no use at all, by service.
    """

    def __init__(
        self,
        usage: PrincipalUsage,
        cover: Cover,
        owners: Sequence[OwnerKind] = (),
        unobservable: Unobservable = "keep",
        vouched: frozenset[str] = frozenset(),
    ) -> None:
        self.usage = usage
        self.cover = cover
        self.owners = owners
        self.unobservable = unobservable
        self.vouched = vouched
        self.services = {name.partition(":")[0] for name in usage.actions}
        self.unmapped: dict[str, int] = {}
        for source, _, count in usage.unmapped:
            for service in services_of(source):
                self.unmapped[service] = self.unmapped.get(service, 0) + count

    def used(self, service: str) -> bool:
        """True if any call of a service was seen, be it one whose action is not known."""
        return service in self.services or service in self.unmapped

    def judge(self, granted: Mapping[str, Grip]) -> dict[str, Verdict]:
        """A verdict for each granted action (canonical names)."""
        verdicts: dict[str, Verdict] = {}
        waiting: list[str] = []
        for name, grip in granted.items():
            service = name.partition(":")[0]
            if grip == "whole" and not self.used(service) and name not in self.usage.actions:
                # What names nothing of an unused service is judged without a look at it,
                # unless a call that was seen passes a role.
                if name == "iam:PassRole":
                    waiting.append(name)
                else:
                    verdicts[name] = Verdict(
                        name, "no-use-of-service", "nothing of the service was seen"
                    )
                continue
            verdict = self._direct(name, service, grip)
            if verdict is None:
                waiting.append(name)
            else:
                verdicts[name] = verdict
        possible = [name for name, verdict in verdicts.items() if verdict.keep]
        for name in waiting:
            verdicts[name] = self._by_trigger(name, granted[name], possible)
        return verdicts

    def _direct(self, name: str, service: str, grip: Grip) -> Verdict | None:
        """The verdict that needs no look at other actions; None for permission-only ones."""
        use = self.usage.actions.get(name)
        if use is not None:
            return Verdict(name, "observed", observed(use))
        possible = self.usage.possible.get(name)
        if possible is not None:
            by = ", ".join(possible.by[:3])
            return Verdict(name, "dependency", f"{by}, which was observed, may need it")
        if service in self.unmapped:
            count = self.unmapped[service]
            calls = "a call" if count == 1 else f"{count} calls"
            return Verdict(name, "unmapped", f"{calls} of {service} fit no known action")
        known = catalog.action(name)
        kind = known.observability if known is not None else "unknown"
        if kind == "permission-only" or (name in TRIGGERS and kind != "management"):
            return None
        if kind == "unknown" and grip != "action" and known is not None and about_resources(known):
            reason = self._hidden(service, "management", known.level)
            if reason is None:
                return Verdict(
                    name, "unlisted", "a management call that only a wildcard granted, and not seen"
                )
        reason = self._hidden(service, kind, known.level if known is not None else "")
        if reason is None:
            return Verdict(name, "unused", "recorded, covered, and not used")
        if self.unobservable == "drop":
            return Verdict(name, "no-trigger", f"{reason}; dropped on request")
        return Verdict(name, "unobservable", reason)

    def _hidden(self, service: str, kind: str, level: str) -> str | None:
        """Why the evidence could not show a call; None if it would have."""
        if kind == "never-logged":
            return "CloudTrail does not record it"
        if kind == "data":
            if self.cover.holds_data_events(service):
                return None
            return f"a data event, and the trail holds none of {service}"
        if kind == "management":
            if not self.cover.write:
                return "the trail holds no write events"
            if not self.cover.read and (level in ("Read", "List") or service == "sts"):
                return "the trail holds no read events"
            if service in LEFT_OUT_BY_CHOICE and service not in self.services:
                return f"a trail can leave {service} out, and this one shows no call of it"
            return None
        return "it is not known whether CloudTrail records it"

    def _by_trigger(self, name: str, grip: Grip, kept: Sequence[str]) -> Verdict:
        """Actions that take effect in other calls: needed where such a call is."""
        people = not self.owners or "user" in self.owners or "group" in self.owners
        if name in USERS_ONLY and not people:
            return Verdict(name, "no-trigger", "it needs credentials that only users have")
        seen = self._seen_trigger(name)
        if seen:
            return Verdict(name, "dependency", f"{seen}, which was observed, needs it")
        triggers = [each.partition("@")[0] for each in TRIGGERS.get(name, ())]
        likely = next((each for each in kept if _any_matches(triggers, each)), None)
        if likely and self.hidden(likely):
            return Verdict(name, "unobservable", f"it has no call of its own; {likely} may need it")
        if triggers or name == "iam:PassRole":
            return Verdict(name, "no-trigger", "no call was seen in which it takes effect")
        if grip == "whole":
            return Verdict(name, "no-use-of-service", "it has no call of its own")
        if self.unobservable == "drop":
            return Verdict(name, "no-trigger", "it has no call of its own; dropped on request")
        return Verdict(name, "unobservable", "CloudTrail does not record it: no call of its own")

    def hidden(self, name: str) -> bool:
        """True if calls of an action would not show in the evidence."""
        known = catalog.action(name)
        if known is None:
            return True
        return self._hidden(known.prefix, known.observability, known.level) is not None

    def _seen_trigger(self, name: str) -> str | None:
        triggers = TRIGGERS.get(name, ())
        for seen, use in sorted(self.usage.actions.items()):
            if any(_fits(each, seen, use) for each in triggers):
                return seen
            if name == "iam:PassRole" and seen in TAKES_ROLE:
                return seen
            known = catalog.action(seen)
            if known is not None and name in known.dependent_actions:
                return seen
        return None


def _fits(trigger: str, name: str, use: ActionUse) -> bool:
    calls, _, service = trigger.partition("@")
    if service and service not in use.via:
        return False
    return pattern.matches(calls, name, ignore_case=True)


def observed(use: ActionUse) -> str:
    """`observed 14 times, last on 2026-11-01`."""
    times = "once" if use.n == 1 else f"{use.n} times"
    return f"observed {times}, last on {use.last[:10]}" if use.last else f"observed {times}"


def _any_matches(patterns: Sequence[str], name: str) -> bool:
    return any(pattern.matches(each, name, ignore_case=True) for each in patterns)
