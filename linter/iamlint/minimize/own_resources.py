"""Resources of the project itself behind the ARNs of a replacement, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from iamlint.iam.policy import Policy
from iamlint.minimize import draft
from iamlint.sources.arns import FORMS
from iamlint.sources.site import PolicySite, Project, Resource, ResourceArn

_OF_DEPLOYMENT = ("partition", "region", "account")
_SUFFIX = r"((?:[:/].*)?)\Z"
"""What a policy adds to an ARN: `/*` for the objects of a bucket, `:*` for the streams of a group."""


def expressions(
    policy: Policy, pieces: Sequence[draft.Piece], site: PolicySite, project: Project
) -> dict[str, str]:
    """Narrowed resource -> the expression of the site's language for what the project declares.

    `arn:aws:sqs:…:jobs` -> `aws_sqs_queue.jobs.arn`.  Only where exactly one resource of the same
    root module or template has, or can have, that ARN.  For people: nothing is proven of it, and
    whether the reference would close a circle is not looked at.
    """
    own = {str(each) for statement in policy.statements for each in statement.resources}
    wanted = {
        each.literal: each.literal.split(":", 5)[2]
        for piece in pieces
        if not piece.unchanged
        for each in piece.statement.resources
        if each.literal is not None and each.literal.count(":") >= 5 and str(each) not in own
    }
    if not wanted:
        return {}
    declared = _declared(set(wanted.values()), site, project)
    found = {pattern: _one(pattern, declared) for pattern in sorted(wanted)}
    return {
        pattern: _written(own.arn, own.suffix, site)
        for pattern, own in found.items()
        if own is not None
    }


class Own(msgspec.Struct, frozen=True):
    """A resource of the project that an ARN is of, and what the ARN has besides (`/*`)."""

    resource: Resource
    arn: ResourceArn
    suffix: str

    @property
    def exact(self) -> bool:
        """True if the ARN is this one wherever it is deployed, but for the partition."""
        return all(hole.kind == "partition" for hole in self.arn.text.holes)


def own_resource(pattern: str, site: PolicySite, project: Project) -> Own | None:
    """The one resource declared beside a site that has an ARN; None if there is none, or several."""
    if pattern.count(":") < 5:
        return None
    return _one(pattern, _declared({pattern.split(":", 5)[2]}, site, project))


_Declared = tuple[Resource, ResourceArn, "re.Pattern[str]"]

_KEPT: dict[tuple[int, str, str, str], tuple[Project, list[_Declared]]] = {}
_MOST = 256


def _one(pattern: str, declared: Sequence[_Declared]) -> Own | None:
    fitting = [
        Own(resource, arn, match[1])
        for resource, arn, form in declared
        if (match := form.match(pattern)) is not None
    ]
    return fitting[0] if len(fitting) == 1 else None


def _declared(services: set[str], site: PolicySite, project: Project) -> list[_Declared]:
    """What is declared beside a site and has an expression for its ARN; looked up once for all sites."""
    found: list[_Declared] = []
    scope, module = site.key.partition("#")[0], _module(site.address)
    for service in sorted(services):
        key = (id(project), scope, module, service)
        known = _KEPT.get(key)
        if known is None or known[0] is not project:
            if len(_KEPT) >= _MOST or any(each is not project for each, _ in _KEPT.values()):
                _KEPT.clear()  # one project at a time, else those before it would stay in memory
            known = _KEPT[key] = (project, _of_service(service, scope, module, project))
        found += known[1]
    return found


def _of_service(service: str, scope: str, module: str, project: Project) -> list[_Declared]:
    kinds = [kind for kind, form in FORMS.items() if form.arn.split(":", 3)[2] == service]
    found: list[_Declared] = []
    for resource in project.resources_of(*kinds) if kinds else ():
        if resource.key.partition("#")[0] != scope or resource.possible is not None:
            continue
        if _module(resource.address) != module:
            continue
        arn = resource.reader.arn(resource)
        if arn is not None and arn.written is not None and arn.reference is not None:
            found.append((resource, arn, _form(resource, arn)))
    return found


def _form(resource: Resource, arn: ResourceArn) -> re.Pattern[str]:
    """What the ARN of a resource may look like in a log, and with its made part as a wildcard."""
    parts: list[str] = []
    for part in arn.text.parts:
        if isinstance(part, str):
            parts.append(re.escape(part))
        elif part.kind in _OF_DEPLOYMENT:
            parts.append("[^:]*")
        elif parts and not parts[-1].endswith((":", "/", "[^:]*")):
            parts.append(r"(?:\*|[^:/*]+)")  # the name begins as the source says
        elif resource.language != "hcl":
            # CloudFormation names it by its stack and its logical id.
            parts.append(rf"[^:/*]*{re.escape(resource.reference)}-(?:\*|[A-Za-z0-9]+)")
        else:
            parts.append(r"(?!)")  # nothing is known of its name
    return re.compile("".join(parts) + _SUFFIX, re.DOTALL)


def _written(arn: ResourceArn, suffix: str, site: PolicySite) -> str:
    if not suffix or arn.reference is None:
        return arn.written or ""
    if site.language == "hcl":
        return f'"${{{arn.written}}}{suffix}"'
    return f"!Sub ${{{arn.reference.name}}}{suffix}"


def _module(address: str) -> str:
    """The address of the module that holds a thing, `""` for the root module."""
    parts = re.findall(r"module\.[^.\[]+(?:\[[^\]]*\])?", address)
    return ".".join(parts)


def notes(found: dict[str, str]) -> list[str]:
    """What to say of it."""
    return [
        f"`{pattern}` is this project's own: it can be written as `{expression}`"
        for pattern, expression in found.items()
    ]
