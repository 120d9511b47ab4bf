"""Trails summed up by Spark: the same tally as for files here, run where the data is.

Spark lists and reads the files (`binaryFile`), each task sums its own up to one `Tally`, and the
tallies, a few kilobytes each, are merged in the driver.  So there is one definition of what counts.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from typing import Any

from iamlint.usage.cloudtrail import profile_of, read_content
from iamlint.usage.files import Problem, Window, is_wanted
from iamlint.usage.inflate import MAX_FILE_BYTES
from iamlint.usage.profile import UsageProfile
from iamlint.usage.tally import Tally

_COLUMNS = "tally binary"


def read_spark(
    session: Any,
    paths: str | list[str],
    *,
    window: Window | None = None,
    problems: list[Problem] | None = None,
) -> UsageProfile:
    """The profile of all trail files below `paths` (`s3://…`, `hdfs://…`, a folder).

    `session` is a SparkSession whose workers have iamlint.  `problems` takes what was not read.
    Raises what Spark raises if the files cannot be listed or a task fails for good.
    """
    window = window or Window()
    files = (
        session.read.format("binaryFile")
        .option("recursiveFileLookup", "true")
        .option("pathGlobFilter", "*.{json,gz,jsonl,ndjson}")
        .load(paths)
    )
    # The content of a pruned or oversized file is never read.
    names = files.select("path", "length", "content")
    made = names.mapInArrow(_Work(window), _COLUMNS)
    tally = Tally(window.since, window.until)
    found: list[Problem] = []
    for row in made.toLocalIterator():
        part, lost = pickle.loads(bytes(row["tally"]))
        tally.merge(part)
        found += lost
    tally.settle()
    if problems is not None:
        problems += sorted(found, key=lambda problem: (problem.path, problem.reason))
    return profile_of(tally, "cloudtrail")


class _Work:
    """What one task does: batches of files in, one tally out."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow

        tally = Tally(self.window.since, self.window.until)
        problems: list[Problem] = []
        for batch in batches:
            columns = (batch.column(at) for at in range(3))
            for path, length, content in zip(*columns, strict=True):
                name = path.as_py()
                if not is_wanted(name, self.window):
                    continue
                if length.as_py() > MAX_FILE_BYTES:
                    tally.seen.files += 1
                    tally.seen.files_failed += 1
                    reason = f"is larger than {MAX_FILE_BYTES >> 20} MiB"
                    problems.append(Problem(name, reason))
                    continue
                read_content(name, content.as_py(), tally, problems)
        tally.settle()
        packed = pickle.dumps((tally, problems))
        yield pyarrow.RecordBatch.from_arrays(
            [pyarrow.array([packed], type=pyarrow.binary())], names=["tally"]
        )
