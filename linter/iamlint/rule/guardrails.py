"""The organization's control policies that a project declares, and whether they hold for its account.

Only what they deny counts: an allow list is one beside FullAWSAccess, of which the project says
nothing.  A policy holds for sure where the configuration says so, or where it is attached to the
very account; attached to a root or an organizational unit it may.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from iamlint.iam import grants, pattern
from iamlint.iam.policy import Policy
from iamlint.sources.site import PolicySite, Project, Resource
from iamlint.tree import Scalar, Text, Unknown

if TYPE_CHECKING:
    from iamlint.rule.served import Served

_POLICIES = ("aws_organizations_policy", "AWS::Organizations::Policy")
_ATTACHMENTS = ("aws_organizations_policy_attachment",)


class Guardrail(msgspec.Struct, frozen=True, eq=False):
    """A service or resource control policy: its Deny statements, and whether they hold here for sure."""

    site: PolicySite
    denies: Policy
    sure: bool

    @property
    def always(self) -> frozenset[str]:
        """The actions that it denies on every resource and to everyone."""
        return grants.denied([self.denies])


def guardrails(asked: Served) -> tuple[Guardrail, ...]:
    """The control policies of a project that hold for its account, or may."""
    found = []
    targets: dict[str, list[bool | None]] | None = None
    for site in asked.project.sites:
        if site.kind not in ("scp", "rcp") or site.policy is None:
            continue
        denies = tuple(site.policy.denies())
        if not denies:
            continue
        if targets is None:
            targets = _targets(asked)
        mine = targets.get(_head(site), [])
        configured = is_named(site, asked.settings.control_policies)
        if not configured and not mine:
            continue  # it is attached nowhere, or to other accounts
        sure = (configured or True in mine) and not site.possible
        policy = msgspec.structs.replace(site.policy, statements=denies, open=None)
        found.append(Guardrail(site, policy, sure))
    return tuple(found)


_UNDER_RCPS = ("s3bucket", "kmskey", "sqsqueue", "secretsmanager")
"""The types that resource control policies reached first; those that came later are left out."""


def is_under_rcps(site: PolicySite) -> bool:
    """True if resource control policies hold for what a policy guards."""
    kind = site.resource_type.lower().replace("_", "").replace("::", "")
    return site.kind == "trust" or any(each in kind for each in _UNDER_RCPS)


def declared(project: Project, patterns: tuple[str, ...]) -> Project:
    """The project with the policies that the configuration names as what they are: no grants."""
    sites = [
        msgspec.structs.replace(site, kind="scp" if site.kind == "identity" else "rcp")
        if site.kind in ("identity", "resource") and not site.owners and is_named(site, patterns)
        else site
        for site in project.sites
    ]
    return msgspec.structs.replace(project, sites=sites)


def is_named(site: PolicySite, patterns: tuple[str, ...]) -> bool:
    """True if a pattern of the configuration means a site: by its address, or the path of its file."""
    return any(
        pattern.matches(each, text) for each in patterns for text in (site.address, site.place.path)
    )


def _head(site: PolicySite) -> str:
    """The key of the resource that a site belongs to."""
    return f"{site.key.partition('#')[0]}#{site.address}"


def _targets(asked: Served) -> dict[str, list[bool | None]]:
    """For each policy, by the key of its resource, whether its targets are the project's account.

    None is a target of which that is not known; targets that are another account are left out.
    """
    project = asked.project
    found: dict[str, list[bool | None]] = {}
    for resource in project.resources_of(*_POLICIES):
        if resource.type.startswith("AWS::"):
            found[resource.key] = list(_answers(asked, resource, "TargetIds"))
    for attachment in project.resources_of(*_ATTACHMENTS):
        for value in attachment.values("policy_id"):
            policy = project.resource_behind(value, attachment, *_POLICIES)
            if policy is not None:
                answers = _answers(asked, attachment, "target_id")
                found.setdefault(policy.key, []).extend(answers)
    return found


def _answers(asked: Served, resource: Resource, path: str) -> Iterator[bool | None]:
    for value in resource.values(path):
        if isinstance(value, Unknown) or value.possible or resource.possible:
            yield None
        elif isinstance(value, Scalar):
            text = value.text or Text.of(str(value.value))  # an account id may be a number
            answer = _is_own(text, asked.settings.account)
            if answer is not False:
                yield answer


def _is_own(target: Text, account: str | None) -> bool | None:
    """Whether a target is the account that the project is for; None if it may be, or may hold it."""
    literal = target.literal
    if literal is not None and len(literal) == 12 and literal.isdigit():
        return None if account is None else literal == account
    if literal is None and len(target.parts) == 1 and target.holes[0].kind == "account":
        return True
    return None
