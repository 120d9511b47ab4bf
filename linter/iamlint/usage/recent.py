"""Events seen lately, so that what several trails delivered counts once; memory is bounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from iamlint.usage.event import Record

_RECENT = 250_000
"""Events remembered; twice as many at most."""


class Recent:
    """The ids of the latest events, as hashes, and of those that are counted elsewhere."""

    def __init__(self) -> None:
        self._now: set[int] = set()
        self._before: set[int] = set()
        self._elsewhere: set[str] = set()

    def divide(self, records: Sequence[Record]) -> tuple[Sequence[Record], Sequence[Record]]:
        """The records that are new (the very list, if all are), and those seen already.

        An event counted elsewhere is in neither.
        """
        marks = [hash(record.sharedEventID or record.eventID) for record in records]
        fresh = set(marks)
        if (
            len(fresh) == len(marks)
            and self._now.isdisjoint(fresh)
            and self._before.isdisjoint(fresh)
        ):
            self._now |= fresh
            self._forget()
            return records, ()
        new: list[Record] = []
        again: list[Record] = []
        for record in records:
            identifier = record.sharedEventID or record.eventID
            mark = hash(identifier)
            if identifier is None or not (mark in self._now or mark in self._before):
                new.append(record)
                if identifier is not None:
                    self._now.add(mark)
                    self._forget()
            elif identifier not in self._elsewhere:
                again.append(record)
        return new, again

    def recall(self, records: Iterable[Record]) -> None:
        """Take these events for counted elsewhere."""
        known = {record.sharedEventID or record.eventID or "" for record in records} - {""}
        self._elsewhere |= known
        self._now.update(map(hash, known))

    def _forget(self) -> None:
        if len(self._now) > _RECENT:
            self._now, self._before = set(), self._now
