"""From the paths on the command line to the files to look at."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator
from fnmatch import fnmatch

import msgspec

from iamlint.app.config import upwards
from iamlint.app.errors import UsageError
from iamlint.sources.site import Unreadable

# Folders that hold no source of the project's own.
SKIPPED = frozenset(
    [
        ".git",
        ".hg",
        ".svn",
        ".terraform",
        ".terragrunt-cache",
        "node_modules",
        "__pycache__",
        ".venv",
        "venv",
        ".tox",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".aws-sam",
    ]
)


class Found(msgspec.Struct, frozen=True):
    """The files to look at, those that the user named, and folders that could not be read."""

    files: tuple[str, ...]
    named: frozenset[str]
    unreadable: tuple[Unreadable, ...] = ()


def discover(
    paths: Iterable[str], exclude: Iterable[str] = (), given: Container[str] = ()
) -> Found:
    """All files under the paths, sorted, each once; `given` are paths that need no file.

    Files that git ignores are left out where a path is a folder in a git work tree, as ruff
    does; a path that is named is always looked at.  Raises UsageError for a path that is not
    there.
    """
    files: dict[str, None] = {}
    named: set[str] = set()
    unreadable: list[Unreadable] = []
    for path in paths:
        if os.path.isfile(path) or os.path.normpath(path) in given:
            files[os.path.normpath(path)] = None
            named.add(os.path.normpath(path))
        elif os.path.isdir(path):
            for file in sorted(_folder(path, unreadable)):
                files[os.path.normpath(file)] = None
        else:
            raise UsageError(f"no such file or folder: `{path}`")
    patterns = tuple(exclude)
    kept = [file for file in files if file in named or not _excluded(file, patterns)]
    return Found(tuple(kept), frozenset(named), tuple(unreadable))


def project_root(path: str) -> str:
    """The folder that bounds what may be read for a path.

    The git work tree around it; without one the working folder if the path is under it, else the
    path itself or, for a file, its folder.
    """
    absolute = os.path.abspath(path)
    start = absolute if os.path.isdir(absolute) else os.path.dirname(absolute)
    above = list(upwards(start))
    for folder in above:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
    here = os.getcwd()
    return here if here in above else start


def _excluded(file: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(file, pattern) or fnmatch(file, f"{pattern}/*") for pattern in patterns)


def _folder(path: str, unreadable: list[Unreadable]) -> Iterator[str]:
    listed = _tracked(path)
    if listed:
        for name in listed:
            if not SKIPPED.intersection(name.split("/")[:-1]):
                yield os.path.join(path, name)
        return

    def failed(error: OSError) -> None:
        reason = f"this folder could not be read: {error.strerror or error}"
        unreadable.append(Unreadable(str(error.filename), reason, advice="check its permissions"))

    for folder, names, files in os.walk(path, onerror=failed):
        names[:] = sorted(name for name in names if name not in SKIPPED)
        for file in files:
            yield os.path.join(folder, file)


def _tracked(path: str) -> list[str]:
    """The files under a folder that git tracks or would track; empty if it is no work tree.

    Hooks of the repository's own configuration (core.fsmonitor) are switched off: nothing that
    is scanned may run code.
    """
    if not _in_work_tree(path):
        return []
    import subprocess

    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-C", path]
    try:
        listed = subprocess.run(
            [*command, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True,
            check=False,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    if listed.returncode:
        return []
    names = listed.stdout.decode("utf-8", "surrogateescape").split("\0")
    return [name for name in names if name and os.path.isfile(os.path.join(path, name))]


def _in_work_tree(path: str) -> bool:
    return any(os.path.exists(os.path.join(folder, ".git")) for folder in upwards(path))
