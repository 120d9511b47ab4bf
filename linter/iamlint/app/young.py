"""Which text is younger than the evidence needs: what git says was written since a day."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date, timedelta

from iamlint.app.changes import ALL, Changes, changes
from iamlint.app.errors import UsageError
from iamlint.app.revision import git, work_tree
from iamlint.text import Place
from iamlint.usage.profile import UsageProfile


class Young:
    """Answers whether a text was written or changed since a day.

    What git does not tell (no work tree, a history that does not reach back, a file that it does
    not follow) is not young.  Edits that are tried out move lines: there, what was young before
    is told by its words.
    """

    def __init__(self, changed: Changes, since: str) -> None:
        self.since = since
        self._changed = changed
        self._texts: dict[str, str] = {}
        self._known: set[tuple[str, str]] = set()

    def __call__(self, place: Place) -> str:
        """The day since which the text is new or changed; `""` if it is older."""
        if self._texts.setdefault(place.path, place.source.text) != place.source.text:
            return self.since if (place.path, place.text) in self._known else ""
        if self._changed.of(place.path) == ALL or not self._changed.touch(place):
            return ""
        self._known.add((place.path, place.text))
        return self.since


def young(usage: UsageProfile, days: int, files: Iterable[str]) -> Young | None:
    """What was written in the last `days` of the evidence or later; None where git does not tell."""
    until = max((entry.until for entry in usage.coverage if entry.until), default="")
    paths = list(files)
    work = work_tree(os.path.dirname(os.path.abspath(paths[0]))) if until and paths else None
    if work is None:
        return None
    since = (date.fromisoformat(until) - timedelta(days=days)).isoformat()
    try:
        told = git(work, "rev-list", "--max-count=1", f"--before={since}T23:59:59Z", "HEAD")
        before = told.stdout.decode("ascii", "replace").strip()
        if told.returncode or not before:
            return None
        return Young(changes(before, [work], paths), since)
    except UsageError:
        return None
