"""CloudTrail files and folders, summed up to a usage profile.

What cannot be read is a value: a `Problem` with path and reason, and a count in the profile's
coverage.  Nothing is raised for the content of a file, and no file is passed over in silence.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from iamlint.usage.files import Problem, Window, find_files
from iamlint.usage.inflate import (
    MAX_FILE_BYTES,
    InflateError,
    inflate,
    is_gzip,
    steady_memory,
)
from iamlint.usage.profile import UsageProfile
from iamlint.usage.shape import Decoded, NotATrail, decode, decode_lines
from iamlint.usage.tally import Tally

if TYPE_CHECKING:
    from iamlint.usage.parallel import Chunk

Progress = Callable[[int, int], None]
"""Called with the number of files done and of all files."""


def read_folder(
    path: str | Path,
    *,
    window: Window | None = None,
    problems: list[Problem] | None = None,
    on_progress: Progress | None = None,
    jobs: int | None = None,
) -> UsageProfile:
    """The profile of a folder of CloudTrail files (or of one file); `problems` takes what was not read."""
    tally = Tally()
    found = read_into(tally, [path], window or Window(), on_progress, jobs=jobs)
    if problems is not None:
        problems += found
    return profile_of(tally, "cloudtrail")


def profile_of(tally: Tally, source: str) -> UsageProfile:
    """The profile that a tally amounts to; `generated` is the last day it covers."""
    coverage = tally.coverage(source)
    return UsageProfile(
        generated=coverage.until,
        coverage=[coverage],
        principals=tally.principals(),
        root=tally.seen.roots or msgspec.UNSET,
    )


def read_into(
    tally: Tally,
    sources: Sequence[str | Path],
    window: Window,
    on_progress: Progress | None = None,
    *,
    jobs: int | None = None,
) -> list[Problem]:
    """Count all files of the sources into a tally; the problems are sorted by path.

    `jobs` is the number of processes, None for one per core where the size is worth it.
    """
    from iamlint.usage.parallel import jobs_for

    problems: list[Problem] = []
    tally.since, tally.until = window.since, window.until
    files = list(find_files(sources, window, problems))
    report = on_progress or (lambda done, total: None)
    report(0, len(files))
    many = jobs_for(files, jobs)
    if many > 1:
        problems += _read_parallel(tally, files, window, many, report)
    else:
        with steady_memory():
            for done, path in enumerate(files, 1):
                read_file(path, tally, problems)
                report(done, len(files))
            tally.settle()
    return sorted(problems, key=lambda problem: (problem.path, problem.reason))


def _read_parallel(
    tally: Tally, files: Sequence[Path], window: Window, jobs: int, report: Progress
) -> list[Problem]:
    from iamlint.usage.parallel import chunks, read_parallel

    problems: list[Problem] = []
    for part, found in read_parallel(
        partial(_read_chunk, window),
        chunks(files, jobs),
        jobs,
        lambda done: report(done, len(files)),
    ):
        tally.merge(part)
        problems += found
    return problems


_before: list[Tally] = []
"""The tally of this process's last chunk, for what it has worked out."""


def _read_chunk(window: Window, chunk: Chunk) -> tuple[Tally, list[Problem]]:
    known = [each for each in _before if (each.since, each.until) == (window.since, window.until)]
    tally = known[0].successor() if known else Tally(window.since, window.until)
    _before[:] = [tally]
    problems: list[Problem] = []
    with steady_memory():
        for path in chunk.before:
            # Whoever counts the file tells what is wrong with it.
            with suppress(OSError, NotATrail, InflateError):
                tally.recall(_decode(path.name, _content(path)).records)
        for path in chunk.files:
            read_file(path, tally, problems)
        tally.settle()
    return tally, problems


def read_file(path: Path, tally: Tally, problems: list[Problem]) -> None:
    """Count the records of one file; a file that is none is a problem.

    A table is a result of `athena.query`, and only one that is named itself comes here.
    """
    if path.name.endswith((".csv", ".csv.gz", ".parquet")):
        from iamlint.usage.athena import read_rows

        problems += read_rows(path, tally)
        return
    try:
        content = _content(path)
    except OSError as error:
        tally.seen.files += 1
        tally.seen.files_failed += 1
        reason = (error.strerror or type(error).__name__).lower()
        problems.append(Problem(str(path), f"cannot be read: {reason}"))
        return
    read_content(str(path), content, tally, problems)


def _content(path: Path) -> bytes:
    """The bytes of a file, one more than the most at most."""
    with open(path, "rb") as file:
        state = os.fstat(file.fileno())
        # To ask for no more than there is saves the room for the most there may be, file by file.
        most = min(state.st_size, MAX_FILE_BYTES) if stat.S_ISREG(state.st_mode) else MAX_FILE_BYTES
        return file.read(most + 1)


def read_content(name: str, content: bytes, tally: Tally, problems: list[Problem]) -> None:
    """Count the records in the bytes of a file of this name; what is none is a problem."""
    tally.seen.files += 1
    try:
        found = _decode(name, content)
    except NotATrail as error:
        if not error.expected:
            tally.seen.files_failed += 1
            problems.append(Problem(name, str(error)))
        return
    except InflateError as error:
        tally.seen.files_failed += 1
        problems.append(Problem(name, str(error)))
        return
    if found.rejected:
        tally.seen.rejected += found.rejected
        total = found.rejected + len(found.records)
        reason = f"has {found.rejected} of {total} records that are none: {found.first_error}"
        problems.append(Problem(name, reason, found.rejected))
    if found.partial:
        tally.seen.partial = True
        reason = "is one page of a longer answer, so what is not in it may still have been used"
        problems.append(Problem(name, reason))
    before = tally.seen.rejected
    tally.add(found.records)
    timeless = tally.seen.rejected - before
    if timeless:
        reason = f"has {timeless} of {len(found.records)} records without a valid time"
        problems.append(Problem(name, reason, timeless))


def _decode(name: str, content: bytes) -> Decoded:
    if len(content) > MAX_FILE_BYTES:
        raise InflateError(f"is larger than {MAX_FILE_BYTES >> 20} MiB")
    if is_gzip(content):
        content = inflate(content)
    if name.endswith((".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")):
        return decode_lines(content)
    return decode(content)
