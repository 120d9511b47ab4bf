"""What the records of a run covered: accounts, regions, days, categories of events, and what was none."""

from __future__ import annotations

import itertools

import msgspec
from msgspec import Struct

from iamlint.usage import event as events
from iamlint.usage.event import Record
from iamlint.usage.merge import merge_root
from iamlint.usage.profile import Categories, Coverage, RootUse


class Seen(Struct):
    """Counters; `first` and `last` are the days of the first and last record in the window.

    `days` are all that had one, if `days_told`.
    """

    events: int = 0
    rejected: int = 0
    files: int = 0
    files_failed: int = 0
    partial: bool = False
    first: str = "9999-99-99"
    last: str = ""
    days: set[str] = msgspec.field(default_factory=set)
    days_told: bool = True
    accounts: set[str] = msgspec.field(default_factory=set)
    regions: set[str] = msgspec.field(default_factory=set)
    management: set[str] = msgspec.field(default_factory=set)
    services: set[str] = msgspec.field(default_factory=set)
    data: dict[str, set[str]] = msgspec.field(default_factory=dict)
    ignored: dict[str, int] = msgspec.field(default_factory=dict)
    roots: dict[str, RootUse] = msgspec.field(default_factory=dict)

    def cover(self, record: Record, account: str | None) -> None:
        """Take in what one record, and all of its sort, says of the trail."""
        if record.awsRegion:
            self.regions.add(record.awsRegion)
        if account:
            self.accounts.add(account)
        read = events.is_read(record)
        access = () if read is None else ("read" if read else "write",)
        if events.is_data(record):
            self.data.setdefault(record.eventSource, set()).update(access)
        elif events.is_call(record):
            self.services.add(record.eventSource)
            self.management.update(access)

    def ignore(self, reason: str, count: int) -> None:
        self.ignored[reason] = self.ignored.get(reason, 0) + count

    def root(self, record: Record, account: str, count: int, day: str) -> None:
        """Count what the root user of an account did, as CIS's alarm on it does.

        Left out is what AWS did for it, and a sign-in that failed.
        """
        identity = record.userIdentity
        if identity is None or identity.invokedBy or record.eventType == events.SERVICE_EVENT:
            return
        if record.eventType == events.SIGN_IN and (record.errorMessage or record.errorCode):
            return
        key = events.by_key(identity) and record.eventType != events.SIGN_IN
        use = RootUse(
            n=count,
            last=day,
            by_key=count if key else 0,
            by_key_last=day if key else "",
        )
        account = identity.accountId or account
        self.roots[account] = merge_root(self.roots.get(account), use)

    def merge(self, other: Seen) -> None:
        """Add what another run covered."""
        self.events += other.events
        self.rejected += other.rejected
        self.files += other.files
        self.files_failed += other.files_failed
        self.partial |= other.partial
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.days |= other.days
        self.days_told &= other.days_told
        self.accounts |= other.accounts
        self.regions |= other.regions
        self.management |= other.management
        self.services |= other.services
        for source, access in other.data.items():
            self.data.setdefault(source, set()).update(access)
        for reason, count in other.ignored.items():
            self.ignore(reason, count)
        for account, use in other.roots.items():
            self.roots[account] = merge_root(self.roots.get(account), use)

    def coverage(self, source: str, since: str) -> Coverage:
        """The same as a profile tells it; `since` is the first day asked for, or ""."""
        return Coverage(
            source=source,
            accounts=sorted(self.accounts),
            regions=sorted(self.regions),
            since=max(self.first, since) if self.last else "",
            until=self.last,
            categories=Categories(
                management=sorted(self.management),
                data=sorted(self.data),
                data_access={name: sorted(access) for name, access in sorted(self.data.items())},
                services=sorted(self.services),
            ),
            events=self.events,
            rejected=self.rejected,
            files=self.files,
            files_failed=self.files_failed,
            ignored=dict(sorted(self.ignored.items())),
            positive_only=self.partial,
            gaps=(self.days_told and _gaps(self.days)) or msgspec.UNSET,
        )


_SILENT = 7
"""Days without any event that no account in use has: the trail was off, or files are missing."""


def _gaps(days: set[str]) -> list[tuple[str, str]]:
    """The first and last day of each time without any event, of a week or more."""
    from datetime import date, timedelta

    one = timedelta(days=1)
    known = sorted(map(date.fromisoformat, days))
    return [
        ((before + one).isoformat(), (after - one).isoformat())
        for before, after in itertools.pairwise(known)
        if (after - before).days > _SILENT
    ]
