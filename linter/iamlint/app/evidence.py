"""Where usage comes from: profiles and CloudTrail logs on the command line, to one profile."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence

import msgspec

from iamlint import __version__
from iamlint.app.errors import UsageError
from iamlint.app.progress import Progress
from iamlint.app.settings import Settings
from iamlint.usage.profile import UsageProfile


class Evidence(msgspec.Struct, frozen=True):
    """A profile, and what of its sources could not be read, a line each."""

    profile: UsageProfile
    problems: tuple[str, ...] = ()


def load_usage(settings: Settings) -> tuple[UsageProfile | None, list[str]]:
    """The profile that a scan is to use, None without one, and notes for the report.

    Paths in a configuration file count from its folder.  Raises UsageError.
    """
    if not settings.usage:
        return None, []
    base = (
        os.path.dirname(settings.config_path)
        if settings.usage_from_config and settings.config_path
        else ""
    )
    evidence = gather(
        [os.path.join(base, source) for source in settings.usage],
        since_days=settings.since_days,
        progress=settings.progress,
    )
    notes = [f"in the usage evidence, {problem}" for problem in evidence.problems]
    if not evidence.profile.principals:
        notes.append("the usage evidence holds no principal, so nothing is known of use")
    return evidence.profile, notes


def gather(
    sources: Sequence[str], *, since_days: int | None = None, progress: bool = True
) -> Evidence:
    """One profile of usage profiles and CloudTrail files and folders; raises UsageError."""
    from iamlint.usage import profile as profiles
    from iamlint.usage.foreign import ForeignError, read_foreign

    found: list[UsageProfile] = []
    logs: list[str] = []
    problems: tuple[str, ...] = ()
    for source in sources:
        if source.startswith("s3://"):
            folder, failed = _from_s3(source, since_days, progress)
            logs.append(folder)
            problems += failed
            continue
        if not os.path.exists(source):
            raise UsageError(f"no such file or folder: `{source}`")
        if os.path.isfile(source) and _may_be_profile(source):
            try:
                other = read_foreign(source)
                found.append(other if other is not None else profiles.load(source))
            except profiles.ProfileError as error:
                raise UsageError(str(error), error.advice) from error
            except ForeignError as error:
                raise UsageError(f"`{source}` {error}") from error
        else:
            logs.append(source)
    if logs:
        read, more = _read_logs(logs, since_days, progress)
        problems += more
        found.append(read)
    return Evidence(profiles.merge(found), problems)


def _may_be_profile(path: str) -> bool:
    """True for a JSON file that begins as our profiles do; a trail file begins with its records."""
    with open(path, "rb") as file:
        head = file.read(4096)
    return (
        head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        and b'"Records"' not in head
        and b'"Events"' not in head
        and b'"eventSource"' not in head
    )


def _from_s3(source: str, since_days: int | None, progress: bool) -> tuple[str, tuple[str, ...]]:
    """The folder that mirrors an S3 location, and what of it could not be fetched."""
    from pathlib import Path

    from iamlint.usage.cloudtrail import Window
    from iamlint.usage.s3 import S3Error, mirror

    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    base = Path(cache, "iamlint", "trails")
    try:
        with Progress(f"fetching {source}", enabled=progress) as bar:
            problems = mirror(source, base, Window(since=_since(since_days)), on_progress=bar)
    except S3Error as error:
        raise UsageError(str(error), error.advice) from error
    return str(base / source.removeprefix("s3://")), tuple(str(problem) for problem in problems)


def _since(days: int | None) -> str:
    if days is None:
        return ""
    return (datetime.date.today() - datetime.timedelta(days=days)).isoformat()


def _read_logs(
    logs: Sequence[str], since_days: int | None, progress: bool
) -> tuple[UsageProfile, tuple[str, ...]]:
    from iamlint.usage.cloudtrail import Window, profile_of, read_into
    from iamlint.usage.tally import Tally

    tally = Tally()
    with Progress("reading CloudTrail", enabled=progress) as bar:
        problems = read_into(tally, logs, Window(since=_since(since_days)), bar)
    made = profile_of(tally, "cloudtrail")
    made.tool = f"iamlint {__version__}"
    return made, tuple(str(problem) for problem in problems)
