"""Whether policies allow a call: iamlint's own decision, for each authorization of the call."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from benchmarks._minimizer.model import REGION, Auth, Call
from iamlint.iam import grants
from iamlint.iam.decide import PolicySet, Request, decide
from iamlint.iam.policy import Policy, Statement

_MANY = 50


class Judge:
    """Decides calls of one principal against its policies, each question once."""

    def __init__(self, principal: str, policies: Sequence[Policy]) -> None:
        self.principal = principal
        self.policies = policies
        self._actions = {
            id(statement): grants.actions(statement)
            for policy in policies
            for statement in policy.statements
        }
        self._about: dict[str, list[Policy]] = {}
        self._known: dict[Auth, bool] = {}

    def denied(self, call: Call) -> list[Auth]:
        """The authorizations that fail; the call is allowed if there are none."""
        return [auth for auth in call.needs if not self.allows(auth)]

    def allows(self, auth: Auth) -> bool:
        """Whether one authorization passes; all context keys that a condition may ask are known."""
        known = self._known.get(auth)
        if known is None:
            request = Request(
                principal=self.principal,
                action=auth.action,
                resource=auth.resource,
                context={"aws:RequestedRegion": REGION, **_ALWAYS, **dict(auth.context)},
                complete_context=True,
            )
            policies = [_of_resource(each, auth.resource) for each in self._of(auth.action)]
            answer = decide(request, PolicySet(identity=policies))
            known = self._known[auth] = answer.effect == "allow"
        return known

    def _of(self, action: str) -> list[Policy]:
        """The policies with the statements that are about an action: the others have no say."""
        found = self._about.get(action)
        if found is None:
            found = []
            for policy in self.policies:
                own = tuple(s for s in policy.statements if action in self._actions[id(s)])
                if own:
                    found.append(msgspec.structs.replace(policy, statements=own))
            self._about[action] = found
        return found


_ALWAYS = {"aws:SecureTransport": "true", "ses:FromAddress": "reports@example.com"}


def _of_resource(policy: Policy, resource: str) -> Policy:
    """Without those of very many resources that are plainly others; they match nothing else."""
    if all(len(statement.resources) < _MANY for statement in policy.statements):
        return policy
    return msgspec.structs.replace(
        policy, statements=tuple(_narrowed(each, resource) for each in policy.statements)
    )


def _narrowed(statement: Statement, resource: str) -> Statement:
    if len(statement.resources) < _MANY or statement.not_resource:
        return statement
    kept = tuple(
        each
        for each in statement.resources
        if str(each) == resource or "*" in str(each) or "?" in str(each) or "${" in str(each)
    )
    return msgspec.structs.replace(statement, resources=kept or statement.resources[:1])
