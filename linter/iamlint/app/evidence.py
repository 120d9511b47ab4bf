"""Where usage comes from: profiles and CloudTrail logs on the command line, to one profile."""

from __future__ import annotations

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
        since=settings.since,
        progress=settings.progress,
    )
    notes = [f"in the usage evidence, {problem}" for problem in evidence.problems]
    if not evidence.profile.principals:
        notes.append("the usage evidence holds no principal, so nothing is known of use")
    return evidence.profile, notes


def gather(
    sources: Sequence[str],
    *,
    since: str = "",
    principal: str | None = None,
    progress: bool = True,
) -> Evidence:
    """One profile of all sources; `since` is a day, `principal` whose the unnamed evidence is.

    Raises UsageError for a source that is not there, and for a file that was named and holds no
    evidence.
    """
    from iamlint.usage.build import build
    from iamlint.usage.cloudtrail import Window

    paths: list[str] = []
    problems: tuple[str, ...] = ()
    for source in sources:
        if source.startswith("s3://"):
            folder, failed = _from_s3(source, since, progress)
            paths.append(folder)
            problems += failed
        elif os.path.exists(source):
            paths.append(source)
        else:
            raise UsageError(f"no such file or folder: `{source}`")
    with Progress("reading the usage evidence", enabled=progress) as bar:
        made, found = build(paths, window=Window(since=since), principal=principal, on_progress=bar)
    for problem in found:
        if problem.path in paths and os.path.isfile(problem.path) and not problem.records:
            raise UsageError(str(problem))
    made.tool = f"iamlint {__version__}"
    return Evidence(made, (*problems, *map(str, found)))


def _from_s3(source: str, since: str, progress: bool) -> tuple[str, tuple[str, ...]]:
    """The folder that mirrors an S3 location, and what of it could not be fetched."""
    from pathlib import Path

    from iamlint.usage.cloudtrail import Window
    from iamlint.usage.s3 import S3Error, mirror

    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    base = Path(cache, "iamlint", "trails")
    try:
        with Progress(f"fetching {source}", enabled=progress) as bar:
            problems = mirror(source, base, Window(since=since), on_progress=bar)
    except S3Error as error:
        raise UsageError(str(error), error.advice) from error
    return str(base / source.removeprefix("s3://")), tuple(str(problem) for problem in problems)
