"""Evidence that other tools have already summed up: IAM last accessed, Access Analyzer, iamlive.

Each becomes a profile of one principal.  What these sources do not tell (counts, resources, days)
is not made up: a resource that is not told leaves the grant's resources alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from iamlint.iam import catalog
from iamlint.usage.event import DECODE_ERRORS, day
from iamlint.usage.profile import (
    LAST_ACCESSED,
    ActionUse,
    Coverage,
    PossibleUse,
    PrincipalUsage,
    ServiceUse,
    UsageProfile,
)
from iamlint.usage.stacks import stacks_of

MAX_BYTES = 64 * 2**20


class ForeignError(ValueError):
    """The file is of a known kind and cannot be used; `str(error)` follows its name."""


def read_foreign(path: str | Path, principal: str | None = None) -> UsageProfile | None:
    """The profile of such a file; None if it is of no kind that is known here.

    `principal` is the ARN of whom it speaks, for files that do not tell.  Raises ForeignError,
    and OSError if the file cannot be read.
    """
    with open(path, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        return None
    try:
        value = msgspec.json.decode(content)
    except DECODE_ERRORS:
        return None
    if not isinstance(value, dict):
        return None
    if "ServicesLastAccessed" in value:
        return last_accessed(value, principal)
    if "generatedPolicyResult" in value:
        return generated_policy(value, principal)
    if "StackResources" in value or "StackResourceSummaries" in value:
        found = stacks_of(value, Path(path).stem)
        return UsageProfile(stacks=found or msgspec.UNSET)
    if "findingDetails" in value or "findingType" in value:
        return unused_access(value)
    if isinstance(value.get("findings"), list):
        raise ForeignError(
            "lists findings without their details: fetch each with `aws accessanalyzer get-finding-v2`"
        )
    if isinstance(value.get("Statement"), list) and "version" not in value:
        return policy(value, principal, "iamlive")
    return None


def last_accessed(value: dict[str, Any], principal: str | None = None) -> UsageProfile:
    """`aws iam get-service-last-accessed-details`: services not used at all, and actions tried.

    IAM User Guide, access_policies_last-accessed: 400 days are tracked, attempts count even if
    they were denied, and use of a service's data counts for the service.
    """
    if value.get("JobStatus") != "COMPLETED":
        raise ForeignError("is a job that is not completed: run it to its end")
    if value.get("IsTruncated"):
        raise ForeignError("is a page of a longer answer: fetch all (the aws CLI does by itself)")
    services = list(_maps(value["ServicesLastAccessed"]))
    arn = principal or _entity(services)
    usage = PrincipalUsage(kind="user" if ":user/" in arn else "role")
    since = _before(str(value.get("JobCompletionDate") or value.get("JobCreationDate") or ""), 400)
    for item in services:
        prefix = str(item.get("ServiceNamespace", "")).lower()
        if catalog.service(prefix) is None:
            continue
        last = day(str(item.get("LastAuthenticated") or "")) or ""
        usage.services[prefix] = ServiceUse(last=last, since=since, src=["access-advisor"])
        for tracked in _maps(item.get("TrackedActionsLastAccessed")):
            action = catalog.action(f"{prefix}:{tracked.get('ActionName')}")
            tried = day(str(tracked.get("LastAccessedTime") or ""))
            if action is not None and tried:
                usage.possible[action.name] = PossibleUse(n=1, last=tried, by=[LAST_ACCESSED])
    return _profile(arn, usage, "access-advisor")


def generated_policy(value: dict[str, Any], principal: str | None = None) -> UsageProfile:
    """`aws accessanalyzer get-generated-policy`: the actions that its policies allow were used.

    Placeholders (`${BucketName}`) stand for resources that it does not tell.
    """
    result = _map(value["generatedPolicyResult"])
    properties = _map(result.get("properties"))
    trail = _map(properties.get("cloudTrailProperties"))
    arn = principal or properties.get("principalArn")
    if not arn:
        raise ForeignError("names no principal")
    last = day(str(trail.get("endTime") or "")) or ""
    whole = PrincipalUsage(kind="user" if ":user/" in arn else "role")
    for item in _maps(result.get("generatedPolicies")):
        try:
            document = msgspec.json.decode(str(item.get("policy")).encode())
        except DECODE_ERRORS:
            raise ForeignError("holds a policy that is not JSON") from None
        _allow(whole, document, "access-analyzer", last)
    return _profile(str(arn), whole, "access-analyzer")


_STANDS = 90
"""Days that a finding must have stood for its silence to count."""


def unused_access(value: dict[str, Any]) -> UsageProfile:
    """`aws accessanalyzer get-finding-v2`: when a role's services and actions were last used.

    Access Analyzer API Reference, UnusedPermissionDetails.  A finding does not tell its
    analyzer's tracking period, from one day up.  What is certain is that what it lists was not
    used while it stood: so a service without any use counts as unused from the day it was made,
    if it has stood for 90 days.
    """
    kind = str(value.get("findingType") or "")
    if kind not in ("UnusedPermission", "UnusedIAMRole"):
        raise ForeignError(f"is a finding of type `{kind}`, which tells nothing of permissions")
    if value.get("status") == "RESOLVED":
        raise ForeignError("is a resolved finding: what it listed was used since, or taken away")
    if value.get("nextToken"):
        raise ForeignError("is a page of a longer answer: fetch all (the aws CLI does by itself)")
    made = day(str(value.get("createdAt") or "")) or ""
    stands = bool(made) and made <= _before(str(value.get("analyzedAt") or ""), _STANDS)
    arn = str(value.get("resource") or "")
    usage = PrincipalUsage(kind="user" if ":user/" in arn else "role")
    for item in _maps(value.get("findingDetails")):
        if "unusedIamRoleDetails" in item:
            whole = _map(item["unusedIamRoleDetails"])
            usage.first = usage.last = day(str(whole.get("lastAccessed") or "")) or ""
        if "unusedPermissionDetails" in item:
            details = _map(item["unusedPermissionDetails"])
            _unused_permissions(usage, details, made if stands else "")
    return _profile(arn, usage, "access-analyzer")


def _unused_permissions(usage: PrincipalUsage, details: dict[str, Any], since: str) -> None:
    prefix = str(details.get("serviceNamespace") or "").lower()
    if catalog.service(prefix) is None:
        return
    last = day(str(details.get("lastAccessed") or "")) or ""
    actions = details.get("actions") or ()
    # With actions, the service may well be used for others.
    if last or (since and not actions):
        usage.services[prefix] = ServiceUse(
            last=last, since="" if last else since, src=["access-analyzer"]
        )
    for item in _maps(actions):
        written = str(item.get("action") or "")
        action = catalog.action(written if ":" in written else f"{prefix}:{written}")
        tried = day(str(item.get("lastAccessed") or ""))
        if action is not None and tried:
            usage.possible[action.name] = PossibleUse(n=1, last=tried, by=[LAST_ACCESSED])


def policy(value: dict[str, Any], principal: str | None, source: str) -> UsageProfile:
    """A policy document that a recorder wrote from the calls it saw (iamlive)."""
    if principal is None:
        raise ForeignError("is a policy and names no principal: tell whose calls it was made from")
    usage = PrincipalUsage(kind="user" if ":user/" in principal else "role")
    _allow(usage, value, source, "")
    return _profile(principal, usage, source)


def _allow(usage: PrincipalUsage, document: Any, source: str, last: str) -> None:
    for statement in _statements(document):
        resources = _strings(statement.get("Resource"))
        known = [arn for arn in resources if arn.startswith("arn:") and "${" not in arn]
        for written in _strings(statement.get("Action")):
            for name in catalog.expand(written):
                use = usage.actions.setdefault(
                    name, ActionUse(n=1, first=last, last=last, src=[source])
                )
                use.resources = sorted({*use.resources, *known})
                use.resources_complete &= bool(known) and len(known) == len(resources)


def _statements(document: Any) -> Iterator[dict[str, Any]]:
    found = document.get("Statement") if isinstance(document, dict) else None
    for statement in found if isinstance(found, list) else [found]:
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            yield statement


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _maps(value: Any) -> Iterator[dict[str, Any]]:
    return (item for item in (value if isinstance(value, list) else ()) if isinstance(item, dict))


def _strings(value: Any) -> list[str]:
    return [
        item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)
    ]


def _entity(services: list[dict[str, Any]]) -> str:
    """Whose report it is: IAM names the entity with each service that was used."""
    found = {
        str(item["LastAuthenticatedEntity"])
        for item in services
        if item.get("LastAuthenticatedEntity")
    }
    if len(found) != 1:
        raise ForeignError("names no principal, or several: tell whose report it is")
    return found.pop()


def _before(time: str, days: int) -> str:
    from datetime import date, timedelta

    at = day(time)
    if at is None or at < "1000":
        return ""
    return (date.fromisoformat(at) - timedelta(days=days)).isoformat()


_ACCOUNT = re.compile(r"arn:[\w-]+:iam::(\d{12}):(?:role|user)/.+\Z", re.S)


def _profile(arn: str, usage: PrincipalUsage, source: str) -> UsageProfile:
    match = _ACCOUNT.match(arn)
    if match is None:
        raise ForeignError(f"speaks of `{arn}`, which is no role or user")
    entry = Coverage(source=source, accounts=[match[1]], positive_only=True)
    return UsageProfile(coverage=[entry], principals={arn: usage})
