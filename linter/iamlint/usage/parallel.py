"""Reading many trail files at once: one process per core, each over whole files.

What one process has worked out (who, which sort of call, what a request names) helps with files
of the same account and region, and copies of an event that several trails delivered lie there
too.  So files are shared out by account, then region, and only then by time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar

WORTH_BYTES = 32 * 2**20
"""Below this size of all files, starting processes costs more than it gains."""

_CHUNKS_PER_JOB = 6
_CHUNK_BYTES = 48 * 2**20
"""No run of one account and region is cut smaller where one for each process is not."""

_LATE = timedelta(hours=1)
"""Trails deliver the same event minutes apart."""

_LEAD = 10
"""The files looked at before a run are at most its size through this."""

Answer = TypeVar("Answer")


class Chunk(NamedTuple):
    """Files for one process; `before` are those just before them, whose events may come again."""

    files: list[Path]
    before: Sequence[Path] = ()


def jobs_for(files: Sequence[Path], jobs: int | None) -> int:
    """How many processes to use; `jobs` None for as many as there are cores, 1 where it is not worth it."""
    if jobs is None:
        jobs = (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
    if jobs < 2 or len(files) < 2 or sum(map(_size, files)) < WORTH_BYTES:
        return 1
    return min(jobs, len(files))


def chunks(files: Sequence[Path], jobs: int) -> list[Chunk]:
    """The files in some chunks for each process, the largest first; each keeps their order."""
    sizes = {path: _size(path) + 4096 for path in files}
    each = sum(sizes.values()) / jobs
    most = max(each / _CHUNKS_PER_JOB, min(each, _CHUNK_BYTES))

    def size(of: Iterable[Path]) -> int:
        return sum(sizes[path] for path in of)

    made: list[Chunk] = []
    small: list[Path] = []
    for account in _by(files, lambda path: _told(path)[0]):
        for part in [account] if size(account) <= most else _by(account, _told):
            if size(part) > most:
                made += _runs(part, sizes, most)
                continue
            small += part
            if size(small) >= each / _CHUNKS_PER_JOB:
                made.append(Chunk(small))
                small = []
    if small:
        made.append(Chunk(small))
    return sorted(made, key=lambda chunk: -size(chunk.files))


def read_parallel(
    work: Callable[[Chunk], Answer],
    parts: Sequence[Chunk],
    jobs: int,
    done: Callable[[int], None],
) -> Iterator[Answer]:
    """`work` on chunks in processes, answers as they come.

    `done` is called with the number of files that are read.  If the system ends a process (out
    of memory, perhaps), the chunks that are left are worked on in this one.
    """
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    left = dict(enumerate(parts))
    read = 0

    def finished(at: int) -> None:
        nonlocal read
        read += len(left.pop(at).files)
        done(read)

    with ProcessPoolExecutor(jobs) as pool:
        futures = {pool.submit(work, part): at for at, part in left.items()}
        try:
            for future in as_completed(list(futures)):
                answer = future.result()
                # Not kept by the future, so that as much is held as is being worked on.
                finished(futures.pop(future))
                yield answer
        except BrokenProcessPool:
            pass
    for at in sorted(left):
        yield work(left[at])
        finished(at)


_NAME = re.compile(r"(\d{12})_CloudTrail_([a-z0-9-]+)_(\d{8}T\d{4}Z)_")


def _told(path: Path) -> tuple[str, str]:
    """Account and region of a delivered file, by its name; "" where it does not tell."""
    match = _NAME.match(path.name)
    return (match[1], match[2]) if match else ("", "")


def _time(path: Path) -> datetime | None:
    match = _NAME.match(path.name)
    try:
        return datetime.strptime(match[3], "%Y%m%dT%H%MZ") if match else None
    except ValueError:
        return None


def _by(files: Iterable[Path], key: Callable[[Path], Hashable]) -> list[list[Path]]:
    found: dict[Hashable, list[Path]] = {}
    for path in files:
        found.setdefault(key(path), []).append(path)
    return list(found.values())


def _runs(files: Sequence[Path], sizes: dict[Path, int], most: float) -> Iterator[Chunk]:
    """Runs of about this size, each with the files just before it."""
    count = max(1, round(sum(map(sizes.__getitem__, files)) / most))
    each = sum(map(sizes.__getitem__, files)) / count
    start, filled = 0, 0.0
    for at, path in enumerate(files):
        if at > start and filled + sizes[path] / 2 > each:
            yield Chunk(list(files[start:at]), _before(files, start, sizes, each / _LEAD))
            start, filled = at, 0.0
        filled += sizes[path]
    yield Chunk(list(files[start:]), _before(files, start, sizes, each / _LEAD))


def _before(
    files: Sequence[Path], start: int, sizes: dict[Path, int], room: float
) -> tuple[Path, ...]:
    """The files delivered shortly before the one at `start`, as many as there is room for."""
    first = _time(files[start])
    found: list[Path] = []
    for path in reversed(files[:start]):
        at = _time(path)
        room -= sizes[path]
        if room < 0 or (first is not None and at is not None and first - at > _LATE):
            break
        found.append(path)
    return tuple(reversed(found))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
