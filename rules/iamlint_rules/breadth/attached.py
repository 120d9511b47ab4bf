"""What an attached AWS managed policy grants, for the rules that judge attachments by documents."""

from __future__ import annotations

from iamlint.rule import Context, Finding, Policy, PolicySite, Rule, Severity, grants
from iamlint_rules.breadth.weighing import WITH_USAGE, bounded, usage_notes


class Attached:
    """An AWS managed policy in the place that attaches it.

    `names` are the known actions that it grants on everything without a condition, less what the
    principal is always denied; `asked` are the services that it names wholly (`logs:*`); `name` and
    `path` are the policy's own.
    """

    __slots__ = ("asked", "ctx", "name", "names", "path", "site")

    def __init__(
        self,
        site: PolicySite,
        ctx: Context,
        name: str,
        path: str,
        names: frozenset[str],
        asked: frozenset[str],
    ) -> None:
        self.site = site
        self.ctx = ctx
        self.name = name
        self.path = path
        self.names = names
        self.asked = asked

    def report(
        self,
        rule: Rule,
        message: str,
        *,
        advice: str,
        severity: Severity | None = None,
        notes: tuple[str, ...] = (),
    ) -> Finding:
        """The finding at the string that attaches the policy, with what usage has to say."""
        severity, limits = self._limited(rule.severity if severity is None else severity)
        doubt = self.ctx.doubted(self.names)
        replacement = self.ctx.replacement(self.site)
        return rule.finding(
            self.site.place,
            message,
            site=self.site,
            severity=severity,
            confidence="possible" if doubt else None,
            advice=advice if replacement is None else WITH_USAGE,
            notes=(
                *notes,
                *limits,
                *((doubt,) if doubt else ()),
                *usage_notes(self.site, self.ctx),
            ),
            evidence=self.ctx.evidence(self.site),
            replacement=replacement,
            element=self.name,
        )

    def _limited(self, severity: Severity) -> tuple[Severity, tuple[str, ...]]:
        steps, note = bounded(self.names, self.site, self.ctx)
        lowered = Severity(max(Severity.LOW, severity - steps)) if steps else severity
        return lowered, (note,) if note else ()


def attached(site: PolicySite, ctx: Context) -> Attached | None:
    """The AWS managed policy that a site attaches to a principal, else None."""
    if site.kind != "managed-attachment":
        return None
    return ctx.once(("iamlint_rules:attached", site.key), lambda: _attached(site, ctx))


def _attached(site: PolicySite, ctx: Context) -> Attached | None:
    managed = ctx.managed(site)
    if managed is None:
        return None
    key = ("iamlint_rules:managed", managed.name)
    names, asked = ctx.once(key, lambda: _unlimited(managed.policy))
    names = grants.less(names, ctx.denied(site))
    return Attached(site, ctx, managed.name, managed.path, names, asked)


def _unlimited(policy: Policy) -> tuple[frozenset[str], frozenset[str]]:
    """What a policy grants on everything without a condition, and the services it names wholly."""
    allows = [s for s in policy.allows() if not s.conditions and grants.any_resource(s) is not None]
    names = frozenset[str]().union(*map(grants.actions, allows))
    asked = {
        service
        for statement in allows
        if not statement.not_action
        for service in map(grants.whole_service, statement.actions)
        if service
    }
    return grants.less(names, grants.denied([policy])), frozenset(asked)
