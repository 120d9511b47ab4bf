"""What IAM tells of last access: `aws iam get-service-last-accessed-details`, made of the same calls.

IAM User Guide, access_policies_last-accessed: 400 days are tracked, attempts count even if they
were refused, data-plane use counts for the service; actions are told for management events, and
not for iam:PassRole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from benchmarks._minimizer.trail import Event
from iamlint.iam import grants
from iamlint.iam.policy import Policy

DAYS = 400


def report(
    principal: str, policies: Sequence[Policy], past: Iterable[Event], today: date
) -> dict[str, Any]:
    """The report on one principal: all services that its policies name, and the tried actions."""
    services: dict[str, date] = {}
    actions: dict[str, date] = {}
    for event in past:
        for auth in event.call.needs:
            prefix = auth.action.partition(":")[0]
            services[prefix] = max(services.get(prefix, event.when), event.when)
            if event.call.recorded == "management" and auth.action != "iam:PassRole":
                actions[auth.action] = max(actions.get(auth.action, event.when), event.when)
    granted = {name.partition(":")[0] for name in grants.allowed(policies)}
    return {
        "JobStatus": "COMPLETED",
        "JobType": "ACTION_LEVEL",
        "JobCreationDate": f"{today}T00:00:00Z",
        "JobCompletionDate": f"{today}T00:00:01Z",
        "IsTruncated": False,
        "ServicesLastAccessed": [
            _service(prefix, principal, services.get(prefix), actions) for prefix in sorted(granted)
        ],
    }


def _service(
    prefix: str, principal: str, last: date | None, actions: dict[str, date]
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ServiceName": prefix,
        "ServiceNamespace": prefix,
        "TotalAuthenticatedEntities": int(last is not None),
    }
    if last is not None:
        found |= {"LastAuthenticated": f"{last}T12:00:00Z", "LastAuthenticatedEntity": principal}
    tracked = [
        {"ActionName": name.partition(":")[2], "LastAccessedTime": f"{tried}T12:00:00Z"}
        for name, tried in sorted(actions.items())
        if name.partition(":")[0] == prefix
    ]
    return found | ({"TrackedActionsLastAccessed": tracked} if tracked else {})
