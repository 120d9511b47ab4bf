"""Whether a role has more rights than what the internet reaches should have, and which."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Owner, Place, PolicySite, Severity, escalation, grants, narrowing
from iamlint_rules.breadth.attached import attached
from iamlint_rules.breadth.causes import DATA, causes
from iamlint_rules.breadth.full_access_managed_policy import full_access
from iamlint_rules.escalation.telling import where
from iamlint_rules.words import quoted

_TELEMETRY = frozenset({"cloudwatch", "ec2messages", "logs", "ssmmessages", "xray"})
"""Services in which a taken over machine finds little but its own traces."""


class Broad:
    """Why a role is broad: what it can do, in words that follow its name, and what grants that."""

    __slots__ = ("doubt", "message", "place", "severity")

    def __init__(self, message: str, place: Place, severity: Severity, doubt: str = "") -> None:
        self.message = message
        self.place = place
        self.severity = severity
        self.doubt = doubt


def broad(role: Owner, ctx: Context) -> Broad | None:
    """The worst that a role can do on everything, or to itself; None if it is kept narrow."""
    return ctx.once(("iamlint_rules:broad", role.key), lambda: _broad(role, ctx))


def _broad(role: Owner, ctx: Context) -> Broad | None:
    sites = [s for s in ctx.sites_of(role) if s.kind in ("identity", "managed-attachment")]
    found = [each for site in sites for each in _of_site(site, ctx)]
    certain = [each for each in found if not each.doubt]
    worst = next((each for each in certain if each.severity == Severity.CRITICAL), None)
    return worst or _path(role, ctx) or _first(certain) or _first(found)


def _first(found: list[Broad]) -> Broad | None:
    return max(found, key=lambda each: each.severity, default=None)


def _path(role: Owner, ctx: Context) -> Broad | None:
    """That the role can give itself more rights."""
    if not escalation.conceivable(ctx):
        return None
    graph = escalation.graph(ctx)
    held = next((each for each in escalation.worth_telling(graph, role.key) if each.holds), None)
    if held is None:
        return None
    place = where(graph.known[role.key], held.steps[0])
    actions = quoted(dict.fromkeys(step.action for step in held.steps), 2)
    return Broad(f"can gain more rights through {actions}", place, Severity.CRITICAL)


def _of_site(site: PolicySite, ctx: Context) -> Iterator[Broad]:
    doubt = f"only {site.possible}" if site.possible else ""
    if not doubt and ctx.boundaries(site) and not ctx.limits(site):
        doubt = "what its permissions boundary lets through is not shown"
    for message, place, severity in (*_of_managed(site, ctx), *_of_written(site, ctx)):
        yield Broad(message, place, severity, doubt)


def _of_managed(site: PolicySite, ctx: Context) -> Iterator[tuple[str, Place, Severity]]:
    policy = attached(site, ctx)
    if policy is None:
        return
    names = ctx.within_limits(site, policy.names)
    if grants.administrator(names):
        yield "is administrator", site.place, Severity.CRITICAL
    elif grants.power_user(names):
        yield "may do nearly everything", site.place, Severity.CRITICAL
    elif names and policy.path != "/service-role/":
        whole = sorted((policy.asked - _TELEMETRY) & grants.services_wholly(names))
        data = sorted(n for n in names & DATA if not n.startswith("ssm:"))
        if full_access(policy, ctx) and whole:
            shown = quoted(f"{service}:*" for service in whole)
            yield f"may use {shown} on every resource", site.place, Severity.HIGH
        elif data:
            yield f"can read all data ({quoted(data, 2)})", site.place, Severity.HIGH


def _of_written(site: PolicySite, ctx: Context) -> Iterator[tuple[str, Place, Severity]]:
    for cause in causes(site, ctx):
        if any(n.about != "time" for n in narrowing.narrowings(cause.statement)):
            continue
        if cause.statement.possible or cause.resource is None:
            continue
        place, names = cause.at.place, ctx.within_limits(site, cause.names)
        if cause.code == "IAM101" and grants.administrator(names):
            yield "is administrator", place, Severity.CRITICAL
        elif cause.code in ("IAM101", "IAM102", "IAM105", "IAM108"):
            yield "may do nearly everything", place, Severity.CRITICAL
        elif cause.code == "IAM106" and cause.service not in _TELEMETRY:
            yield f"may use `{cause.service}:*` on every resource", place, Severity.HIGH
        elif cause.code == "IAM111" and not _parameters_alone(cause.names):
            yield f"can read all data ({quoted(sorted(cause.names), 2)})", place, Severity.HIGH
        elif cause.code == "IAM110":
            yield f"can make credentials ({quoted(sorted(names), 2)})", place, Severity.HIGH


def _parameters_alone(names: frozenset[str]) -> bool:
    """True for reading of parameters alone, as agents on instances do."""
    return all(name.startswith("ssm:") for name in names)
