"""One profile of evidence of all kinds: trails, profiles, and what other tools have summed up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from iamlint.usage import profile as profiles
from iamlint.usage.cloudtrail import Progress, profile_of, read_into
from iamlint.usage.files import Problem, Window
from iamlint.usage.foreign import ForeignError, read_foreign
from iamlint.usage.merge import merge
from iamlint.usage.profile import ProfileError, UsageProfile
from iamlint.usage.tally import Tally


def build(
    sources: Sequence[str | Path],
    *,
    window: Window | None = None,
    principal: str | None = None,
    on_progress: Progress | None = None,
    jobs: int | None = None,
) -> tuple[UsageProfile, list[Problem]]:
    """The profile of all sources together, and what of them was not read.

    A source is a folder or file of CloudTrail, a usage profile, IAM last accessed details, a
    policy that Access Analyzer generated, or one of iamlive; the last is of `principal`.
    """
    found: list[UsageProfile] = []
    trails: list[Path] = []
    problems: list[Problem] = []
    for source in map(Path, sources):
        try:
            other = _other(source, principal)
        except (ProfileError, ForeignError) as error:
            problems.append(Problem(str(source), str(error)))
            continue
        if other is None:
            trails.append(source)
        else:
            found.append(other)
    if trails or not found:
        tally = Tally()
        problems += read_into(tally, trails, window or Window(), on_progress, jobs=jobs)
        found.append(profile_of(tally, "cloudtrail"))
    return merge(found), problems


def _other(source: Path, principal: str | None) -> UsageProfile | None:
    """The profile of a file that is no trail; None for a folder and for what may be a trail."""
    if not source.is_file() or source.suffix not in ("", ".json"):
        return None
    try:
        with open(source, "rb") as file:
            head = file.read(4096)
        if b'"Records"' in head or b'"eventSource"' in head or b'"CloudTrailEvent"' in head:
            return None
        other = read_foreign(source, principal)
    except OSError:
        return None
    if other is not None:
        return other
    try:
        return profiles.load(source)
    except ProfileError:
        if b'"principals"' in head or b'"coverage"' in head:
            raise
        return None


_SPAN = re.compile(r"(\d{1,5})([dwmy])\Z")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


def since_day(text: str, today: date) -> str:
    """A day (`2026-08-01`) or a span before today (`90d`, `12w`, `3m`, `1y`) as a day.

    Raises ValueError with a message that follows the text.
    """
    span = _SPAN.match(text.strip())
    if span:
        return (today - timedelta(days=int(span[1]) * _DAYS[span[2]])).isoformat()
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise ValueError(f"`{text}` is neither a day (2026-08-01) nor a span (90d, 12w)") from None
