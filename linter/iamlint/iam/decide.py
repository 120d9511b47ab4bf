"""One request against all policies that bear on it: allow, deny or unknown, and why.

The logic is that of the IAM User Guide, reference_policies_evaluation-logic and
…_evaluation-logic_policy-eval-basics-cross-account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from iamlint.iam.condition import (
    FALSE,
    TRUE,
    Context,
    ContextValue,
    Outcome,
    all_of,
    any_of,
    negation,
)
from iamlint.iam.matching import Reading, statement_applies
from iamlint.iam.policy import Policy, Statement
from iamlint.iam.principal import Caller, Strength, caller, is_account, meant

Layer = Literal["identity", "resource", "boundary", "scp", "rcp", "session", "endpoint", "trust"]
Verdict = Literal["allow", "implicit-deny", "explicit-deny", "unknown"]


class Request(msgspec.Struct, frozen=True):
    """One API call's authorization.

    `principal` as `principal.caller` reads it; `resource` an ARN or `*` for actions without
    resources; `context` by key in any case, None for a key known to be absent.  Keys that are
    not given are unknown, or absent with `complete_context`.  `resource_account` is the
    resource's account where its ARN does not tell.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, ContextValue] = {}
    complete_context: bool = False
    resource_account: str | None = None


class PolicySet(msgspec.Struct, frozen=True, kw_only=True):
    """The policies that bear on a request, by layer.

    None as boundary, session or endpoint means that there is none.  Each element of `scp` and
    `rcp` is one level of the organization (root, each unit, account); all levels must allow.
    `trust` is the trust policy of the role being assumed.
    """

    identity: Sequence[Policy] = ()
    resource: Sequence[Policy] = ()
    boundary: Sequence[Policy] | None = None
    session: Sequence[Policy] | None = None
    endpoint: Sequence[Policy] | None = None
    scp: Sequence[Sequence[Policy]] = ()
    rcp: Sequence[Sequence[Policy]] = ()
    trust: Sequence[Policy] | None = None


class Matched(msgspec.Struct, frozen=True):
    """A statement that applies to the request; `certain` is False where that is only possible."""

    statement: Statement
    layer: Layer
    certain: bool = True


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: its effect, the statements that decided, and what kept it from being known.

    `reason` says in words which layer decided.  `missing_context` names the context keys whose
    values would be needed.
    """

    effect: Verdict
    matched: tuple[Matched, ...] = ()
    missing_context: tuple[str, ...] = ()
    reason: str = ""

    @property
    def allowed(self) -> bool | None:
        """True, False, or None for unknown."""
        return None if self.effect == "unknown" else self.effect == "allow"


def decide(request: Request, policies: PolicySet, *, reading: Reading = "whole") -> Decision:
    """Decide one request.

    Where the principal's and the resource's accounts are not both known and it makes a
    difference whether they are one, the answer is unknown.
    """
    return _Decider(request, policies, reading).decision()


class _Side(msgspec.Struct):
    """What one set of policies says: whether it denies, whether it allows."""

    deny: Outcome = FALSE
    allow: Outcome = FALSE
    by_strength: dict[Strength, Outcome] = {}


class _Decider:
    def __init__(self, request: Request, policies: PolicySet, reading: Reading) -> None:
        self.request = request
        self.policies = policies
        self.reading = reading
        self.who = caller(request.principal)
        self.context = Context(request.context, complete=request.complete_context)
        # The ARN of a session does not tell the path of its role, so not aws:PrincipalArn.
        hidden = ("aws:PrincipalArn",) if self.who.kind == "session" else ()
        self.context = self.context.with_defaults(_derived(self.who, request), hidden)
        self.matched: list[Matched] = []

    def decision(self) -> Decision:
        policies, who = self.policies, self.who
        identity = self._side(policies.identity if who.has_identity else (), "identity")
        resource = self._side(policies.resource, "resource")
        trust = self._side(policies.trust or (), "trust")
        boundary = self._limit(policies.boundary if who.has_identity else None, "boundary")
        session = self._limit(policies.session, "session")
        endpoint = self._limit(policies.endpoint, "endpoint")
        exempt = who.kind not in ("user", "role", "session", "federated-user", "root", "unknown")
        organization = [
            self._side(level, "scp")
            for level in policies.scp
            if not exempt and not who.service_linked
        ]
        rcps = [self._rcp(level) for level in policies.rcp if not who.service_linked]
        sides = [identity, resource, trust, boundary, session, endpoint, *organization, *rcps]
        denied = any_of(side.deny for side in sides)
        if denied.holds:
            return self._decision("explicit-deny", "Deny", denied, "a Deny statement applies")
        guard = all_of((boundary.allow, session.allow))
        if who.kind == "root":
            identity.allow, guard = TRUE, TRUE
        above = all_of([endpoint.allow, *(level.allow for level in organization)])
        allowed = all_of((above, self._granted(identity, resource, trust, guard)))
        final = all_of((negation(denied), allowed))
        if final.holds:
            return self._decision(
                "allow", "Allow", final, "an Allow statement applies in every layer"
            )
        if allowed.holds is False:
            reason = self._why_not(
                identity, resource, trust, boundary, session, endpoint, organization
            )
            return self._decision("implicit-deny", "Allow", allowed, reason)
        return self._decision("unknown", None, final, "it depends on what is not known")

    def _granted(self, identity: _Side, resource: _Side, trust: _Side, guard: Outcome) -> Outcome:
        """Whether identity and resource policies together allow."""
        policies, who = self.policies, self.who
        must = trust if policies.trust is not None else None
        if must is None and self.request.action.lower().startswith("kms:") and policies.resource:
            must = resource
        if not who.has_identity and who.kind != "root":
            return (must or resource).allow
        same = self._same_account()
        across = all_of((identity.allow, guard, (must or resource).allow))
        if same is False:
            return across
        side = must or resource
        direct = side.by_strength.get("direct", FALSE)
        everyone = side.by_strength.get("everyone", FALSE)
        limited = any_of((side.by_strength.get("role", FALSE), everyone))
        delegated = side.by_strength.get("account", FALSE)
        by_identity = all_of((identity.allow, delegated)) if must is not None else identity.allow
        inside = any_of((direct, all_of((any_of((by_identity, limited)), guard))))
        if inside.holds is False and everyone.holds is not False:
            # Whether `*` counts as naming the session itself, past its boundary, is not documented.
            inside = Outcome(None, everyone.missing)
        if same is None and inside.holds != across.holds:
            return Outcome(None, (*inside.missing, *across.missing, "aws:ResourceAccount"))
        return inside

    def _same_account(self) -> bool | None:
        request = self.request
        held = self.context.get("aws:ResourceAccount")
        account = request.resource_account or (held[0] if isinstance(held, tuple) else None)
        if account is None:
            parts = request.resource.split(":", 5)
            account = parts[4] if len(parts) == 6 and is_account(parts[4]) else None
        if account is not None and self.who.account is not None:
            return account == self.who.account
        if not self.policies.resource and self.policies.trust is None:
            return True  # nothing speaks of another account
        return None

    def _side(self, policies: Sequence[Policy], layer: Layer) -> _Side:
        denies: list[Outcome] = []
        allows: list[Outcome] = []
        strengths: dict[Strength, list[Outcome]] = {}
        for policy in policies:
            if policy.open is not None:
                denies.append(Outcome(None))
                allows.append(Outcome(None))
            for statement in policy.statements:
                outcome, strength = self._applies(statement, policy, layer)
                if outcome.holds is False:
                    continue
                self.matched.append(Matched(statement, layer, outcome.holds is True))
                if statement.effect != "Allow":
                    denies.append(outcome)
                if statement.effect != "Deny":
                    allows.append(outcome)
                    strengths.setdefault(strength, []).append(outcome)
        return _Side(
            any_of(denies),
            any_of(allows),
            {strength: any_of(found) for strength, found in strengths.items()},
        )

    def _limit(self, policies: Sequence[Policy] | None, layer: Layer) -> _Side:
        """A layer that only limits: without it, everything passes."""
        return _Side(allow=TRUE) if policies is None else self._side(policies, layer)

    def _rcp(self, level: Sequence[Policy]) -> _Side:
        """A level of resource control policies, which can only deny."""
        side = self._side(level, "rcp")
        from iamlint.iam import rcp

        limited = rcp.limits(self.request.action)
        deny = FALSE if limited is False else side.deny
        if deny.holds and limited is None:
            deny = Outcome(None)
        return _Side(deny=deny, allow=TRUE)

    def _applies(
        self, statement: Statement, policy: Policy, layer: Layer
    ) -> tuple[Outcome, Strength]:
        strength: Strength = "everyone"
        who: Outcome = TRUE
        if layer in ("resource", "trust", "rcp", "endpoint"):
            found = meant(statement, self.who, bounded=self.policies.boundary is not None)
            strength, who = found.strength, Outcome(found.holds)
            if found.holds is False:
                return FALSE, strength
        rest = statement_applies(
            statement,
            self.request.action,
            self.request.resource,
            self.context,
            variables=policy.version == "2012-10-17",
            reading=self.reading,
        )
        return all_of((who, rest)), strength

    def _decision(
        self, verdict: Verdict, effect: str | None, outcome: Outcome, reason: str
    ) -> Decision:
        kept = [
            each
            for each in self.matched
            if effect is None
            or (each.statement.effect == effect and (each.certain or verdict == "implicit-deny"))
        ]
        return Decision(
            effect=verdict,
            matched=tuple(kept),
            missing_context=tuple(sorted(set(outcome.missing))),
            reason=reason,
        )

    def _why_not(
        self,
        identity: _Side,
        resource: _Side,
        trust: _Side,
        boundary: _Side,
        session: _Side,
        endpoint: _Side,
        organization: Sequence[_Side],
    ) -> str:
        for name, side in (
            ("the permissions boundary", boundary),
            ("the session policy", session),
            ("the endpoint policy", endpoint),
        ):
            if side.allow.holds is False:
                return f"{name} does not allow it"
        for number, level in enumerate(organization, 1):
            if level.allow.holds is False:
                return f"level {number} of the service control policies does not allow it"
        if self.policies.trust is not None and trust.allow.holds is False:
            return "the trust policy does not allow it"
        if identity.allow.holds and resource.allow.holds is False:
            return "the resource's own policy must allow it too"
        return "no statement allows it"


def _derived(who: Caller, request: Request) -> dict[str, ContextValue]:
    """Context keys that the principal and the resource tell by themselves."""
    found: dict[str, ContextValue] = {}
    if who.account is not None and who.kind != "federated":
        found["aws:PrincipalAccount"] = who.account
        found["aws:PrincipalIsAWSService"] = "false"
    if who.kind in ("user", "role", "root"):
        found["aws:PrincipalArn"] = who.value
    if who.kind == "user":
        found["aws:username"] = who.value.rpartition("/")[2]
        found["aws:PrincipalType"] = "User"
    elif who.kind in ("role", "session"):
        found["aws:username"] = None
        found["aws:PrincipalType"] = "AssumedRole"
    elif who.kind == "service":
        found["aws:PrincipalServiceName"] = who.value
        found["aws:PrincipalIsAWSService"] = "true"
    if request.resource_account is not None:
        found["aws:ResourceAccount"] = request.resource_account
    return found
