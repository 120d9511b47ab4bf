"""What a profile says of one action: used, absent though it would show, or not observable.

Absence is evidence only where a call would have left an event: the action is one that CloudTrail
records, and the profile covers events of its kind, its service and the principal's account.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from iamlint.iam import catalog
from iamlint.usage.mapping import service_prefix
from iamlint.usage.profile import LAST_ACCESSED, ActionUse, Coverage, PrincipalUsage

State = Literal["used", "absent", "not-observable"]

Cause = Literal[
    "",
    "needed-by-observed-call",
    "tried",
    "unmapped-calls",
    "unknown-action",
    "unknown-observability",
    "never-logged",
    "permission-only",
    "no-data-events",
    "no-management-events",
    "service-excluded",
    "global-region",
    "account",
    "no-coverage",
]
"""Why an action is not observable, for those who treat the reasons differently; "" otherwise."""


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one action.

    `reason` is for people and follows the action's name (`CloudTrail does not record it`);
    `use` is there for used actions; `caveat` says what the answer takes for granted, "" if nothing.
    """

    action: str
    state: State
    reason: str
    cause: Cause = ""
    use: ActionUse | None = None
    caveat: str = ""


def observe(
    action: str,
    usage: PrincipalUsage,
    coverage: Sequence[Coverage],
    *,
    account: str | None = None,
) -> Observation:
    """What is known of `action` (in the catalogue's spelling) for the principal with this use.

    `account` is the principal's, if known: a trail of other accounts says nothing of it.
    """
    use = usage.actions.get(action)
    if use is not None:
        times = "once" if use.n == 1 else f"{use.n} times"
        return Observation(action=action, state="used", reason=f"observed {times}", use=use)
    known = catalog.action(action)
    if known is None:
        return _hidden(action, "unknown-action", "the catalogue does not know it")
    if known.name != action:
        return msgspec.structs.replace(
            observe(known.name, usage, coverage, account=account), action=action
        )
    possible = usage.possible.get(action)
    if possible is not None:
        calls_of = [f"`{name}`" for name in possible.by if name != LAST_ACCESSED]
        if not calls_of:
            reason = f"IAM saw it tried, the last time on {possible.last}"
            return _hidden(action, "tried", reason)
        reason = f"observed calls of {', '.join(calls_of[:3])} may need it"
        return _hidden(action, "needed-by-observed-call", reason)
    service = usage.services.get(known.prefix)
    if service is not None and not service.last:
        since = f" since {service.since}" if service.since else ""
        return Observation(
            action=action,
            state="absent",
            reason=f"IAM saw no use of {known.prefix}{since}",
        )
    calls = [(source, name) for source, name, _ in usage.unmapped]
    strange = next((name for source, name in calls if _may_be(source, known.prefix)), None)
    if strange is not None:
        reason = f"observed calls of `{strange}` could not be mapped to an action"
        return _hidden(action, "unmapped-calls", reason)
    if known.observability == "never-logged":
        return _hidden(action, "never-logged", "CloudTrail does not record it")
    if known.observability == "permission-only" and action != "iam:PassRole":
        return _hidden(
            action, "permission-only", "it is no API call, so CloudTrail has no event of it"
        )
    if known.observability == "unknown":
        return _hidden(
            action, "unknown-observability", "it is not known whether CloudTrail records it"
        )
    silent: tuple[Cause, str] = ("no-coverage", "the profile does not say what it covers")
    for entry in coverage:
        gap = _gap(known, entry, account)
        if gap is None:
            caveat = ""
            since = max(entry.since, usage.first) if usage.earlier else entry.since
            reason = f"recorded, and not used from {since} to {entry.until}"
            if known.observability == "data":
                caveat = "a trail may record data events of some resources only"
            if action == "iam:PassRole":
                # It has no event of its own: it shows in the calls that pass a role.
                reason = f"no call passed a role from {since} to {entry.until}"
                caveat = "which calls pass a role is known from AWS's documentation"
            for gap_since, gap_until in entry.gaps or ():
                silence = f"the trail has no events at all from {gap_since} to {gap_until}"
                caveat = f"{caveat}; {silence}" if caveat else silence
            before = max(
                (life.actions.get(action, "") for life in usage.earlier.values()), default=""
            )
            if before:
                former = f"one made earlier under the same name used it, the last time on {before}"
                caveat = f"{caveat}; {former}" if caveat else former
            return Observation(action=action, state="absent", reason=reason, caveat=caveat)
        silent = gap
    return _hidden(action, *silent)


def window_days(coverage: Sequence[Coverage], usage: PrincipalUsage | None = None) -> int:
    """The days from the first to the last that any source covers, both counted; 0 if none does.

    Weeks in which no source has any event do not count.
    With `usage` of a principal that was made anew: from its own first call.
    """
    from datetime import date

    since = min((entry.since for entry in coverage if entry.since), default="")
    until = max((entry.until for entry in coverage if entry.until), default="")
    if not since or not until:
        return 0
    if usage is not None and usage.earlier and usage.first:
        since = min(max(since, usage.first), until)
    whole = (date.fromisoformat(until) - date.fromisoformat(since)).days + 1
    return whole - len([day for day in _silent(coverage) if since <= day <= until])


def _silent(coverage: Sequence[Coverage]) -> set[str]:
    """The days in gaps of a source that no other covers."""
    from datetime import date, timedelta

    silent: set[str] = set()
    for entry in coverage:
        for first, last in entry.gaps or ():
            start = date.fromisoformat(first)
            count = (date.fromisoformat(last) - start).days + 1
            silent.update((start + timedelta(days=number)).isoformat() for number in range(count))
    for entry in coverage if silent else ():
        gaps = entry.gaps or []
        silent -= {
            day
            for day in silent
            if entry.since <= day <= entry.until and not any(a <= day <= b for a, b in gaps)
        }
    return silent


def _hidden(action: str, cause: Cause, reason: str) -> Observation:
    return Observation(action=action, state="not-observable", reason=reason, cause=cause)


def _may_be(source: str, prefix: str) -> bool:
    """True if an unmapped call of an event source may have been one of this service."""
    known = service_prefix(source)
    return known == prefix if known is not None else source.partition(".")[0] == prefix


_GLOBAL = frozenset(
    {
        "account", "artifact", "aws-portal", "billing", "budgets", "ce", "chatbot", "cloudfront",
        "consolidatedbilling", "cur", "freetier", "globalaccelerator", "health", "iam",
        "importexport", "invoicing", "networkmanager", "organizations", "payments", "pricing",
        "route53", "route53domains", "savingsplans", "shield", "sso-directory", "support",
        "supportplans", "sustainability", "tax", "trustedadvisor", "waf", "wellarchitected",
    }
)  # fmt: skip
"""Services that record all their events in one region (General Reference, endpoints and quotas)."""

_HOME_REGIONS = frozenset(
    {"us-east-1", "cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-iso-east-1",
     "us-isob-east-1", "eusc-de-east-1"}
)  # fmt: skip
_HOME_REGION = {"globalaccelerator": {"us-west-2"}, "networkmanager": {"us-west-2"}}

_EXCLUDABLE = frozenset({"kms", "rds-data"})
"""Services whose management events a trail may leave out (CreateTrail, ExcludeManagementEventSources)."""

_WRITING = (
    "Abort", "Accept", "Activate", "Add", "Allocate", "Apply", "Approve", "Archive", "Associate",
    "Attach", "Authorize", "Cancel", "Change", "Complete", "Configure", "Copy", "Create",
    "Deactivate", "Delete", "Deny", "Deploy", "Deregister", "Detach", "Disable", "Disassociate",
    "Enable", "Execute", "Export", "Import", "Initiate", "Install", "Invoke", "Link", "Modify",
    "Move", "Pause", "Promote", "Provision", "Publish", "Purchase", "Put", "Reboot", "Register",
    "Reject", "Release", "Remove", "Rename", "Replace", "Request", "Reset", "Resize", "Restore",
    "Resume", "Retire", "Revoke", "Rollback", "Rotate", "Run", "Schedule", "Send", "Set", "Share",
    "Start", "Stop", "Submit", "Suspend", "Tag", "Terminate", "Transfer", "Unarchive", "Unassign",
    "Unlink", "Unshare", "Untag", "Update", "Upgrade", "Upload", "Write",
)  # fmt: skip


def _gap(action: catalog.Action, entry: Coverage, account: str | None) -> tuple[Cause, str] | None:
    """Why the silence of this source says nothing of an action; None if it does."""
    if entry.positive_only or not entry.events or not entry.since:
        return "no-coverage", "the evidence shows what was used, not what was not"
    if account is not None and entry.accounts and account not in entry.accounts:
        return "account", f"the trail has no events of account {account}"
    needed = _access(action)
    sources = {
        source: access
        for source, access in entry.categories.data_access.items()
        if service_prefix(source) == action.prefix
    }
    if action.observability == "data":
        seen = {way for access in sources.values() for way in access}
        if not sources and not any(
            service_prefix(source) == action.prefix for source in entry.categories.data
        ):
            return "no-data-events", f"data events of {action.prefix} are not in this trail"
        if sources and not needed <= seen:
            missing = " and ".join(sorted(needed - seen))
            return (
                "no-data-events",
                f"{missing} data events of {action.prefix} are not in this trail",
            )
        return None
    if not needed <= set(entry.categories.management):
        missing = " and ".join(sorted(needed - set(entry.categories.management)))
        return "no-management-events", f"{missing} management events are not in this trail"
    if action.prefix in _EXCLUDABLE and not any(
        service_prefix(source) == action.prefix for source in entry.categories.services
    ):
        return "service-excluded", f"events of {action.prefix} may be excluded from this trail"
    home = _HOME_REGION.get(action.prefix, _HOME_REGIONS)
    if action.prefix in _GLOBAL and not home.intersection(entry.regions):
        return "global-region", "events of global services are not in this trail"
    return None


def _access(action: catalog.Action) -> set[str]:
    """Which of read and write events would show the action.

    CloudTrail's `readOnly` and IAM's access level differ for some (kms:Decrypt, sts:AssumeRole
    write by level and read by event), so what is not plainly the one needs both.
    """
    if action.level in ("List", "Read"):
        return {"read"}
    if action.name.partition(":")[2].startswith(_WRITING):
        return {"write"}
    return {"read", "write"}
