"""Reading many trail files at once: one process per core, each over whole files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

WORTH_BYTES = 32 * 2**20
"""Below this size of all files, starting processes costs more than it gains."""

_CHUNKS_PER_JOB = 6
_CHUNK_BYTES = 48 * 2**20
"""No chunk is smaller where one for each process is not: the sums of each go between processes."""

Answer = TypeVar("Answer")


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


def chunks(files: Sequence[Path], jobs: int) -> list[list[Path]]:
    """The files in their order, in some runs of about equal size for each process.

    Neighbours stay together: an event that two trails delivered lies in neighbouring files.
    """
    sizes = [_size(path) + 4096 for path in files]
    each = sum(sizes) / jobs
    limit = max(each / _CHUNKS_PER_JOB, min(each, _CHUNK_BYTES))
    made: list[list[Path]] = [[]]
    filled = 0.0
    for path, size in zip(files, sizes, strict=True):
        if made[-1] and filled + size / 2 > limit:
            made.append([])
            filled = 0.0
        made[-1].append(path)
        filled += size
    return made


def read_parallel(
    work: Callable[[list[Path]], Answer],
    files: Sequence[Path],
    jobs: int,
    done: Callable[[int], None],
) -> list[Answer]:
    """`work` on the chunks of `files` in processes, answers in the order of the files.

    `done` is called with the number of files that are read.  Raises BrokenProcessPool if the
    system ended a process.
    """
    from concurrent.futures import ProcessPoolExecutor, as_completed

    parts = chunks(files, jobs)
    with ProcessPoolExecutor(jobs) as pool:
        futures = {pool.submit(work, part): index for index, part in enumerate(parts)}
        answers: dict[int, Answer] = {}
        read = 0
        for future in as_completed(futures):
            index = futures[future]
            answers[index] = future.result()
            read += len(parts[index])
            done(read)
    return [answers[index] for index in range(len(parts))]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
