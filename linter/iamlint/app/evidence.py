"""Where usage comes from: profiles and CloudTrail logs on the command line, to one profile."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import msgspec

from iamlint import __version__
from iamlint.app import live
from iamlint.app.errors import UsageError
from iamlint.app.live import Access
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
        [
            source if live.is_live(source) else os.path.join(base, source)
            for source in settings.usage
        ],
        since=settings.since,
        progress=settings.progress,
        jobs=settings.jobs,
    )
    notes = [f"in the usage evidence, {problem}" for problem in evidence.problems]
    if not evidence.profile.principals:
        notes.append("the usage evidence holds no principal, so nothing is known of use")
    return evidence.profile, notes


def gather(
    sources: Sequence[str],
    *,
    since: str = "",
    accounts: Sequence[str] = (),
    regions: Sequence[str] = (),
    principal: str | None = None,
    progress: bool = True,
    access: Access | None = None,
    jobs: int | None = None,
    whom: Callable[[UsageProfile], Sequence[str]] | None = None,
) -> Evidence:
    """One profile of all sources; `since` is a day, `principal` whose the unnamed evidence is.

    `accounts` and `regions` are those to read of a trail's tree, all if none is named.
    `access` says how to reach AWS, for the sources that ask it; `jobs` how many processes read
    CloudTrail logs, None for one per core where that is worth it.  `whom` tells the principals to
    ask about where a source names none, from what the other sources know; all of these without it.
    Raises UsageError for a source that is not there, and for a file that was named and holds no
    evidence.
    """
    from iamlint.usage.build import build
    from iamlint.usage.files import Window
    from iamlint.usage.merge import merge

    window = Window(since=since, accounts=tuple(accounts), regions=tuple(regions))
    paths: list[str] = []
    asked: list[str] = []
    problems: tuple[str, ...] = ()
    access = access or Access(progress=progress)
    for source in sources:
        if source.startswith("s3://"):
            folder, failed = live.from_s3(source, window, access)
            paths.append(folder)
            problems += failed
        elif live.is_live(source):
            asked.append(source)
        elif os.path.exists(source):
            paths.append(source)
        else:
            raise UsageError(f"no such file or folder: `{source}`")
    parts: list[UsageProfile] = []
    if paths or not asked:
        with Progress("reading the usage evidence", enabled=progress) as bar:
            made, found = build(
                paths,
                window=window,
                principal=principal,
                on_progress=bar,
                jobs=jobs,
            )
        for problem in found:
            if problem.path in paths and os.path.isfile(problem.path) and not problem.records:
                raise UsageError(str(problem))
        problems += tuple(map(str, found))
        parts.append(made)
    # Last, those that are asked about the principals which the others know.
    for source in sorted(asked, key=live.comes_last):
        known: Sequence[str] = sorted({arn for part in parts for arn in part.principals})
        if whom is not None and live.comes_last(source):
            known = whom(merge(parts))
        made, failed = live.ask(source, since, access, known)
        parts.append(made)
        problems += failed
    whole = merge(parts)
    whole.tool = f"iamlint {__version__}"
    return Evidence(whole, problems)
