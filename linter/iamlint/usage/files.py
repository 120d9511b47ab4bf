"""The files of a trail: which of a folder's or a bucket's may hold events that are asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """Something that was not read: `path`, and why in words that follow it (`is truncated: …`).

    `records` counts the records that were lost, 0 for a whole file.
    """

    path: str
    reason: str
    records: int = 0

    def __str__(self) -> str:
        return f"`{self.path}` {self.reason}"


class Window(msgspec.Struct, frozen=True):
    """Which events count: days inclusive, "" for no bound; empty tuples for all."""

    since: str = ""
    until: str = ""
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


_ENDINGS = (".json", ".json.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".gz")
_NO_EVENTS = re.compile(r"CloudTrail-(?:Digest|Insight)\b")
_LOGS = re.compile(r"(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?(\d{12})/([^/]+)/")
_TREE = re.compile(
    r"(?:^|/)(?P<account>\d{12})/CloudTrail/(?P<region>[a-z0-9-]+)/(?P<day>\d{4}/\d\d/\d\d)/"
)
_STAMP = re.compile(r"_(\d{8}T\d{4}Z)_")


def find_files(
    sources: Sequence[str | Path], window: Window, problems: list[Problem]
) -> Iterator[Path]:
    """The log files of the sources, each once, oldest delivery first where the names tell it.

    A file named itself is always taken.  In folders, digests, insights, other services' logs
    under `AWSLogs` and, by their path, files outside the window are left out.
    """
    found: dict[str, Path] = {}
    for source in sources:
        path = Path(source)
        if path.is_dir():
            for item, real in _walk(path, problems):
                if is_wanted(item.as_posix(), window):
                    found.setdefault(real, item)
        elif path.exists():
            found.setdefault(os.path.realpath(path), path)
        else:
            problems.append(Problem(str(path), "does not exist"))
    return iter(sorted(found.values(), key=_order))


def _order(path: Path) -> tuple[str, str]:
    stamp = _STAMP.search(path.name)
    return (stamp[1] if stamp else "", path.as_posix())


def _walk(folder: Path, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    """The files below a folder, and where they really are."""

    def unreadable(error: OSError) -> None:
        reason = (error.strerror or type(error).__name__).lower()
        problems.append(Problem(str(error.filename), f"cannot be read: {reason}"))

    for base, folders, files in os.walk(folder, onerror=unreadable):
        folders.sort()
        there, real = Path(base), os.path.realpath(base)
        for name in files:
            if name.lower().endswith(_ENDINGS):
                path = there / name
                is_link = os.path.islink(path)
                yield path, os.path.realpath(path) if is_link else os.path.join(real, name)


def is_wanted(path: str, window: Window) -> bool:
    """Whether a file of a log bucket is a trail's and may hold events of the window, by its path."""
    if _NO_EVENTS.search(path):
        return False
    logs = _LOGS.search(path)
    if logs and logs[2] != "CloudTrail":
        return False
    tree = _TREE.search(path)
    if tree is None:
        return True
    if window.accounts and tree["account"] not in window.accounts:
        return False
    if window.regions and tree["region"] not in window.regions:
        return False
    # A file is delivered after its events: one of an earlier day cannot hold them, a later one may.
    return not window.since or tree["day"].replace("/", "-") >= window.since
