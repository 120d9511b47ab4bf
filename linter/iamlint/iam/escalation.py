"""Which of the known paths to more rights a principal's effective permissions hold.

Three-valued: a path holds, does not hold, or may hold where it hangs on what the source does not
show (which roles the account has, the tags of a resource, a hole).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal

import msgspec

from iamlint.iam import catalog, grants, pattern
from iamlint.iam.effective import Grant
from iamlint.iam.escalation_paths import PATHS, SAME, Path
from iamlint.iam.reach import FRESH, Permissions, Pins, Reach, every, uncertain

Kind = Literal["role", "user", "group", "permission-set", "unknown"]

MEMBER = "zq7member-of-it"
"""The name that stands for whichever user holds the policies of a group."""

ADMINISTRATOR_POLICIES = tuple(
    f"arn:{partition}:iam::aws:policy/{name}"
    for partition in grants.PARTITIONS
    for name in ("AdministratorAccess", "IAMFullAccess")
)


class Target(msgspec.Struct, frozen=True, eq=False):
    """A principal that others may get at.

    `arn` is a glob of its ARN; `services` are the service principals that may assume it and
    `callers` the ARNs whom it trusts without a condition (`root` for the own account as a
    whole); `policies` are globs of the ARNs of the customer managed policies attached to it.
    `privileged` says that it is administrator, or can make itself so.
    """

    key: str
    address: str
    kind: Kind
    arn: str
    services: frozenset[str] = frozenset()
    callers: frozenset[str] = frozenset()
    policies: tuple[str, ...] = ()
    privileged: bool = False
    administrator: bool = False

    @property
    def scope(self) -> str:
        """Where it is declared: what is declared elsewhere may be for another account."""
        return self.key.partition("#")[0] if "#" in self.key else ""

    @property
    def tail(self) -> str:
        """What stands behind the account in its ARN (`role/path/name`)."""
        return self.arn.split(":", 5)[5]


class Principal(msgspec.Struct, frozen=True, eq=False):
    """One principal with its permissions.

    `bounded` says that a permissions boundary keeps it from giving itself everything.  A group
    stands for any of its members.
    """

    me: Target
    permissions: Permissions
    bounded: bool = False

    @property
    def username(self) -> str | None:
        return self.me.tail.rpartition("/")[2] if self.me.kind == "user" else None


class StepHeld(msgspec.Struct, frozen=True):
    """An action of a path with what grants it."""

    action: str
    reach: Reach

    @property
    def grant(self) -> Grant:
        return self.reach.grants[0]


class Held(msgspec.Struct, frozen=True):
    """A path that holds (True), or may hold (None) for the reasons given."""

    path: Path
    holds: bool | None
    steps: tuple[StepHeld, ...]
    target: Target | None = None
    reasons: tuple[str, ...] = ()


class World:
    """The principals that the source shows, for looking up whom a statement reaches.

    `complete` says that no others are asked about.
    """

    def __init__(
        self, targets: Iterable[Target], budget: int = 300_000, *, complete: bool = False
    ) -> None:
        self.budget = budget
        self.complete = complete
        self.targets = tuple(targets)
        self._tails: dict[tuple[str, str], list[Target]] = {}
        for target in self.targets:
            self._tails.setdefault((target.kind, target.tail), []).append(target)
        self._pools: dict[tuple[str, bool], tuple[Target, ...]] = {}

    def pool(self, kind: str, privileged: bool) -> tuple[Target, ...]:
        found = self._pools.get((kind, privileged))
        if found is None:
            found = self._pools[kind, privileged] = tuple(
                t for t in self.targets if t.kind == kind and (t.privileged or not privileged)
            )
        return found

    def reached(
        self, who: Permissions, action: str, kind: str, privileged: bool
    ) -> Iterator[Target]:
        """The principals of a kind that the resources of an action may name."""
        seen: set[int] = set()
        for target in self._named(who, action, kind, privileged):
            if id(target) not in seen and (target.privileged or not privileged):
                seen.add(id(target))
                yield target

    def _named(
        self, who: Permissions, action: str, kind: str, privileged: bool
    ) -> Iterator[Target]:
        for statement in (each.statement for each in who.allows(action)):
            texts = [element.literal for element in statement.resources]
            if statement.not_resource or None in texts or "Resource" in statement.open:
                yield from self._scan(self.pool(kind, privileged), None)
                continue
            for text in texts:
                tail = (text or "").split(":", 5)[-1]
                if "*" in tail or "?" in tail or "${" in tail:
                    yield from self._scan(self.pool(kind, privileged), text)
                else:
                    yield from self._tails.get((kind, tail), ())

    def _scan(self, pool: Sequence[Target], text: str | None) -> Iterator[Target]:
        for target in pool:
            if self.budget <= 0:
                return
            self.budget -= 1
            if text is None or "${" in text or pattern.overlaps(text, target.arn):
                yield target


_DIRECT: dict[str, Any] = {
    "Bool": {"aws:ViaAWSService": "false"},
    "Null": {"aws:CalledVia": "true", "aws:CalledViaFirst": "true", "aws:CalledViaLast": "true"},
}
_TIMES = ("aws:CurrentTime", "aws:TokenIssueTime")
"""Keys of a time that is later than the data that is shipped."""

_FREELY: dict[str, Any] = {
    "ArnEquals": {"iam:PolicyARN": list(ADMINISTRATOR_POLICIES)},
    "Null": {**_DIRECT["Null"], "iam:PermissionsBoundary": "true"},
}
_POLICY_ACTIONS = frozenset({"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"})


def escalations(who: Principal, world: World, paths: Sequence[Path] = PATHS) -> list[Held]:
    """The paths that hold or may hold for a principal, those that hold first."""
    may = who.permissions.may
    found = [
        held
        for path in paths
        if may.issuperset(path.actions) and (held := _Walk(who, world, path).walked()) is not None
    ]
    return sorted(found, key=lambda held: held.holds is None)


class _Walk:
    """One path tried for one principal."""

    def __init__(self, who: Principal, world: World, path: Path) -> None:
        self.who = who
        self.world = world
        self.path = path

    def walked(self) -> Held | None:
        path, me = self.path, self.who.me
        if path.subject == "resource":
            return self._existing()
        if path.subject == "self":
            return self._on_self()
        if path.subject == "policy":
            return self._on_policy()
        if path.subject == "new-role":
            return self._held("arn:*:iam::*:role/*", None, True)
        if path.subject == "group" and me.kind in ("role", "permission-set"):
            return None  # only users are members of groups
        return self._on_other()

    # Subjects

    def _existing(self) -> Held | None:
        if any(self._only_some(action) for action in self.path.actions):
            return None
        found = self._held(None, None, None)
        if found is None or any(step.reach.narrowed for step in found.steps):
            return None  # resources that are named by their tags, not any
        return found

    def _only_some(self, action: str) -> bool:
        """True if every grant of an action is conditioned on what tells one resource from others."""
        return all(uncertain(each.statement) for each in self.who.permissions.allows(action))

    def _on_self(self) -> Held | None:
        path, me = self.path, self.who.me
        if self.who.bounded:
            return None
        if me.kind == "unknown":
            probe = _MEMBER if path.kind == "user" else _fresh(path.kind)
            return self._held(probe, None, None, f"whether a {path.kind} holds it is not shown")
        if path.kind == "user" and me.kind == "group":
            return self._held(_MEMBER, None, True)
        if path.kind == "group" and me.kind == "user":
            return self._held(_fresh("group"), None, None, "which groups it is in is not shown")
        return self._held(me.arn, None, True) if path.kind == me.kind else None

    def _on_policy(self) -> Held | None:
        if self.who.bounded:
            return None
        sure = self.path.actions == ("iam:CreatePolicyVersion",)
        for arn in self.who.me.policies:
            doubts = () if sure else ("what its older versions allow is not shown",)
            found = self._held(arn, None, True if sure else None, *doubts)
            if found is not None:
                return found
        reason = "that a customer managed policy with other rights is attached to it is not shown"
        return self._held(_fresh("policy"), None, None, reason)

    def _on_other(self) -> Held | None:
        path, permissions = self.path, self.who.permissions
        about = next(a for a in path.actions if a not in _POLICY_ACTIONS)
        privileged = path.need == "privileged"
        possible: Held | None = None
        for target in self.world.reached(permissions, about, path.kind, privileged):
            if target.key == self.who.me.key or not self._suits(target):
                continue
            if target.scope == self.who.me.scope:
                found = self._held(target.arn, target, True)
            else:
                elsewhere = f"`{target.address}` is declared elsewhere, maybe for another account"
                found = self._held(target.arn, target, None, elsewhere)
            if found is not None and found.holds:
                return found
            possible = possible or found
        if possible is not None:
            return possible
        if self.world.complete:
            return None
        probe = _fresh(path.kind)
        if path.need == "any" and self.who.me.kind == path.kind:
            # Whoever reaches all of them reaches one, and the account has at least this one.
            return self._held(probe, None, True)
        return self._held(probe, None, None, _UNSHOWN[path.need].format(path.kind))

    def _suits(self, target: Target) -> bool:
        path = self.path
        if path.services:
            return bool(target.services.intersection(path.services))
        if path.need == "trusting" or path.id == "sts-001":
            return trusts(target, self.who.me)
        return True

    # Steps

    def _held(
        self, probe: str | None, target: Target | None, sure: bool | None, *reasons: str
    ) -> Held | None:
        steps: list[StepHeld] = []
        why = list(reasons)
        for action in self.path.actions:
            reach = self._step(action, probe, target)
            if reach.holds is False:
                return None
            if reach.holds is None:
                keys = ", ".join(f"`{key}`" for key in reach.narrowed)
                why.append(
                    f"`{action}` hangs on a condition on {keys}"
                    if keys
                    else f"what `{action}` is allowed on is not wholly known"
                )
                sure = None
            if not reach.grants:
                return None
            others = action in _POLICY_ACTIONS and self.path.subject == "role"
            if others and (target is None or not target.policies):
                sure = None
                why.append("which policies are attached to the role is not shown")
            steps.append(StepHeld(action, reach))
        if self.path.category != "existing-passrole" and not _on_the_same(steps):
            return None
        return Held(self.path, sure, tuple(steps), target, tuple(dict.fromkeys(why)))

    def _step(self, action: str, probe: str | None, target: Target | None) -> Reach:
        service = action.partition(":")[0]
        if action in _POLICY_ACTIONS and self.path.subject != "policy":
            return self._policy_of(action, target)
        if service in ("iam", "sts"):
            return self._reach(action, probe)
        if self.path.category == "new-passrole":
            return self._reach(action, None)
        found: list[Reach] = [self._reach(action, each) for each in every(action)]
        worst = next((r for r in found if r.holds is False), None)
        worst = worst or next((r for r in found if r.holds is None), None)
        return worst or found[0]

    def _policy_of(self, action: str, target: Target | None) -> Reach:
        """An action on a policy that is attached to another principal."""
        for arn in target.policies if target is not None else ():
            found = self._reach(action, arn)
            if found.holds is not False:
                return found
        return self._reach(action, _fresh("policy"))

    def _reach(self, action: str, probe: str | None) -> Reach:
        permissions = self.who.permissions
        key = (action, probe, self.path.services if action == "iam:PassRole" else ())
        found = permissions.kept.get(key)
        if found is None:
            found = permissions.kept[key] = permissions.reach(
                action, probe, lambda: self._pins(action)
            )
        return found

    def _pins(self, action: str) -> Pins:
        me = self.who.me
        pins: dict[str, dict[str, Any]] = {name: dict(keys) for name, keys in _DIRECT.items()}
        pins["DateGreaterThan"] = dict.fromkeys(_TIMES, f"{catalog.data_date()}T00:00:00Z")
        if action == "iam:PassRole":
            pins["StringEquals"] = {"iam:PassedToService": list(self.path.services)}
        elif action.startswith("iam:") and action not in _POLICY_ACTIONS:
            pins["Null"].update(_FREELY["Null"])
            pins["ArnEquals"] = dict(_FREELY["ArnEquals"])
        if me.kind == "user":
            pins.setdefault("StringEquals", {})["aws:username"] = self.who.username
        elif me.kind in ("role", "permission-set"):
            pins["Null"]["aws:username"] = "true"
        if me.kind in ("user", "role") and "*" not in me.tail:
            pins.setdefault("ArnLike", {})["aws:PrincipalArn"] = me.arn
        return pins


_UNSHOWN = {
    "any": "whether the account has such a {} is not shown",
    "privileged": "whether the account has a {} with more rights is not shown",
    "trusting": "whether a {} trusts it is not shown",
}


def trusts(target: Target, me: Target) -> bool:
    """True if a role lets another principal of its account assume it, without a condition."""
    return "root" in target.callers or me.arn in target.callers


_MEMBER = f"arn:*:iam::*:user/{MEMBER}"


def _fresh(kind: str) -> str:
    return f"arn:*:iam::*:{kind}/{FRESH}"


def _on_the_same(steps: Sequence[StepHeld]) -> bool:
    """True unless two steps that must meet on one resource are surely allowed on different ones."""
    for group in SAME:
        mine = [step for step in steps if step.action in group]
        for one, other in pairwise(mine):
            if not any(_overlap(a, b) for a in one.reach.grants for b in other.reach.grants):
                return False
    return True


def _overlap(one: Grant, other: Grant) -> bool:
    if one.statement.not_resource or other.statement.not_resource:
        return True
    if one.statement.open or other.statement.open:
        return True
    return any(
        pattern.text_overlaps(a.text, b.text) is not False
        for a in one.resources
        for b in other.resources
    )
