"""The project's principals with their permissions: names for what is meant, values for what is left open."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING

import msgspec

from iamlint.iam import escalation as engine
from iamlint.iam import standing
from iamlint.iam.escalation import Principal, Target
from iamlint.iam.escalation_paths import PATHS
from iamlint.iam.policy import Policy
from iamlint.iam.reach import Permissions, Solved
from iamlint.iam.settled import Fill, filled, settled
from iamlint.sources.site import Owner, PolicySite
from iamlint.tree import Hole, Text

if TYPE_CHECKING:
    from iamlint.iam.effective import Grant
    from iamlint.rule.context import Context

_GRANTING = ("identity", "managed-attachment")
_ACCOUNT = "111122223333"
_ALONE = [path for path in PATHS if path.subject in ("self", "policy", "new-role")]
"""The paths for which a principal needs nobody else."""


class Known(msgspec.Struct, frozen=True, eq=False):
    """A principal of the project, with the sites that its policies come from.

    `owner` is None for a policy of which nobody in the project is known to hold it.
    `administrator` and `power_user` say that one of its documents amounts to that.
    """

    principal: Principal
    sites: dict[int, PolicySite]
    owner: Owner | None
    administrator: bool
    power_user: bool
    doubt: str = ""

    def site(self, grant: Grant) -> PolicySite:
        return self.sites[_spot(grant.policy)]


class Builder:
    """Makes a `Known` of each owner of a project, and of each policy that nobody holds."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.account = ctx.settings.account or _ACCOUNT
        self.solved = Solved()
        self._settled: dict[Hashable, Policy] = {}
        self._names = _Names(ctx, self.account)
        self._above = [
            each.denies for each in ctx.guardrails() if each.sure and each.site.kind == "scp"
        ]

    def all(self) -> dict[str, Known]:
        """The principals by the key of their owner, or of their site."""
        ctx = self.ctx
        found: dict[str, Known] = {}
        for owner in ctx.project.owners.values():
            if owner.kind != "policy":
                found[owner.key] = self._owner(owner)
        boundaries = {
            _spot(site.policy)
            for site in ctx.project.sites
            if site.kind == "boundary" and site.policy is not None
        }
        for site in ctx.project.sites:
            if site.kind != "identity" or site.policy is None or ctx.principals(site):
                continue
            if _spot(site.policy) not in boundaries:
                found[site.key] = self._nobody(site)
        return found

    def _owner(self, owner: Owner) -> Known:
        ctx = self.ctx
        fill = self._names.fill(owner.key)
        me = self._names.targets[owner.key]
        variables = {"aws:principalaccount": self.account}
        if owner.kind == "user":
            variables["aws:username"] = me.tail.rpartition("/")[2]
        elif owner.kind == "group":
            variables["aws:username"] = engine.MEMBER
        policies: list[Policy] = []
        sites: dict[int, PolicySite] = {}
        limits: list[list[Policy]] = []
        attached: list[str] = []
        doubt = ""
        trust: Policy | None = None
        for site in ctx.sites_of(owner):
            document = ctx.document(site)
            if site.kind == "trust" and document is not None:
                trust = trust or document
            elif site.kind == "boundary" and not site.possible:
                if document is None:
                    doubt = "its permissions boundary is not shown"
                else:
                    limits.append([self._settle(document, fill, variables, None)])
            elif site.kind in _GRANTING and document is not None:
                attached += self._names.policy(site)
                if site.policy is None and _service_role(site, ctx):
                    continue
                policy = self._settle(document, fill, variables, site.possible)
                if _spot(policy) not in sites or policy not in policies:
                    policies.append(policy)
                    sites.setdefault(_spot(policy), site)
        policies += (self._settle(each, fill, variables, None) for each in self._above)
        return self._assembled(owner, me, policies, sites, limits, attached, trust, doubt)

    def _assembled(
        self,
        owner: Owner,
        me: Target,
        policies: list[Policy],
        sites: dict[int, PolicySite],
        limits: list[list[Policy]],
        attached: list[str],
        trust: Policy | None,
        doubt: str,
    ) -> Known:

        amounts = standing.administrator(policies)
        bounded = bool(doubt) or any(not standing.administrator(layer) for layer in limits)
        fill = self._names.fill(owner.key)
        me = msgspec.structs.replace(
            me,
            services=standing.services_of(trust, fill),
            callers=standing.callers_of(trust, fill, self._names.own, self.account),
            policies=tuple(dict.fromkeys(attached)),
            administrator=amounts and not bounded,
        )
        permissions = Permissions(policies, limits, self.solved)
        principal = engine.Principal(me, permissions, bounded)
        if not amounts and not bounded and me.kind in ("role", "user", "group"):
            alone = engine.World(())
            if any(h.holds for h in engine.escalations(principal, alone, _ALONE)):
                me = msgspec.structs.replace(me, privileged=True)
        elif me.administrator:
            me = msgspec.structs.replace(me, privileged=True)
        principal = engine.Principal(me, permissions, bounded)
        power = not amounts and standing.power_user(policies)
        return Known(principal, sites, owner, amounts, power, doubt)

    def _nobody(self, site: PolicySite) -> Known:

        assert site.policy is not None
        fill = self._names.fill(site.key)
        variables = {"aws:principalaccount": self.account, "aws:username": engine.MEMBER}
        policy = self._settle(site.policy, fill, variables, site.possible)
        me = engine.Target(site.key, site.address, "unknown", "arn:*:iam::*:unknown/nobody")
        above = [self._settle(each, fill, variables, None) for each in self._above]
        policies = [policy, *above]
        principal = engine.Principal(me, Permissions(policies, (), self.solved))
        return Known(
            principal,
            {_spot(policy): site},
            None,
            standing.administrator(policies),
            standing.power_user(policies),
            "who holds it is not shown in this project",
        )

    def _settle(
        self, policy: Policy, fill: Fill, variables: dict[str, str], possible: str | None
    ) -> Policy:

        key = (id(policy), id(fill), tuple(variables.items()), possible)
        found = self._settled.get(key)
        if found is None:
            found = settled(policy, fill, variables)
            if possible is not None:
                statements = tuple(
                    msgspec.structs.replace(s, possible=s.possible or possible)
                    for s in found.statements
                )
                found = msgspec.structs.replace(found, statements=statements)
            self._settled[key] = found
        return found


class _Names:
    """The ARNs of the project's principals and policies, and the holes that mean them."""

    def __init__(self, ctx: Context, account: str) -> None:

        self.account = account
        self.targets: dict[str, Target] = {}
        self.own: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._arns: dict[str, str] = {}
        self._fills: dict[str, Fill] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        for number, owner in enumerate(ctx.project.owners.values()):
            name = self._text(owner.name)
            if name is None:
                prefix = self._text(owner.name_prefix) or ""
                name = f"{prefix}zq7generated{number}"
            path = self._text(owner.path) or "/"
            kind = owner.kind
            if kind == "permission-set":
                kind, path = "permission-set", "/aws-reserved/sso.amazonaws.com/"
            tail = f"{kind}/{path.strip('/')}/{name}".replace("//", "/")
            self._names[owner.key] = name
            self._arns[owner.key] = f"arn:aws:iam::{account}:{tail}"
            glob = f"arn:*:iam::*:{tail}"
            self.own[self._arns[owner.key]] = glob
            if owner.kind != "policy":
                self.targets[owner.key] = Target(owner.key, owner.address, owner.kind, glob)

    def policy(self, site: PolicySite) -> Iterator[str]:
        """The glob of the ARN of the customer managed policy that a site attaches."""

        if site.kind != "managed-attachment" or site.policy is None or site.arn is None:
            return
        literal = filled(site.arn, self.fill(site.key)).literal
        if literal is not None and literal.count(":") >= 5:
            yield f"arn:*:iam::*:{literal.split(':', 5)[5]}"

    def _text(self, text: Text | None) -> str | None:
        if text is None:
            return None
        return "".join(
            part if isinstance(part, str) else (self._plain(part) or self._token(part))
            for part in text.parts
        )

    def _plain(self, hole: Hole) -> str | None:
        if hole.kind == "account":
            return self.account
        if hole.kind == "partition":
            return "aws"
        if hole.kind == "region":
            return "us-east-1"
        if hole.name == "AWS::URLSuffix" or hole.name.endswith(".dns_suffix"):
            return "amazonaws.com"
        return None

    def _token(self, hole: Hole) -> str:
        key = (hole.scope, hole.name)
        return self._tokens.setdefault(key, f"zq7hole{len(self._tokens)}")

    def fill(self, key: str) -> Fill:
        """The values of holes in a scope, which is the first part of a key."""
        scope = key.partition("#")[0]
        found = self._fills.get(scope)
        if found is None:

            def fill(hole: Hole, whole: bool) -> str | None:
                known = self._plain(hole) or self._meant(hole, scope)
                return known if known or whole else self._token(hole)

            found = self._fills[scope] = fill
        return found

    def _meant(self, hole: Hole, scope: str) -> str | None:
        base, _, attribute = hole.name.rpartition(".")
        if attribute.lower() not in ("arn", "name", "id"):
            base = hole.name
        inner = f"{hole.scope}.{base}" if hole.scope and hole.scope != scope else base
        # A template's hole may come from another template, a module's from a module inside.
        for key in (f"{hole.scope}#{base}", f"{scope}#{inner}", f"{scope}#{base}"):
            if key in self._arns:
                if hole.kind == "resource" or attribute.lower() == "arn":
                    return self._arns[key]
                return self._names[key]
        return self._token(hole) if hole.kind == "name" else None


def _spot(policy: Policy) -> int:
    """What tells one document from another: where it is written."""
    return hash((id(policy.place.source), policy.place.span.start, policy.place.span.end))


def _service_role(site: PolicySite, ctx: Context) -> bool:
    """True for the policies that AWS made for the roles of its own services."""
    managed = ctx.managed(site)
    return managed is not None and managed.path in ("/service-role/", "/aws-service-role/")
