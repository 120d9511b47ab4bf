"""The lines that a change touches: what git says differs from a revision, uncommitted work included."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from iamlint.app.errors import UsageError
from iamlint.app.revision import Work, commit, git, merge_base, words
from iamlint.sources.sandbox import MAX_BYTES
from iamlint.text import Place

Lines = tuple[tuple[int, int], ...]
"""Ranges of 1-based lines, first and last, in order."""

ALL: Lines = ((1, sys.maxsize),)

_BATCH = 200
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class Changes:
    """What is new or different since a revision, by file; files are told apart by their real paths."""

    def __init__(self, lines: Mapping[str, Lines]) -> None:
        self._lines = lines
        self._of: dict[str, Lines] = {}

    def touch(self, place: Place) -> bool:
        """True if a line of the place was changed, or a line in or beside it taken away."""
        lines = self.of(place.path)
        if not lines:
            return False
        first, last = place.start.line, place.end.line
        return any(start <= last and first <= end for start, end in lines)

    def of(self, path: str) -> Lines:
        """The changed lines of a file, by its display path; none if it is as it was."""
        lines = self._of.get(path)
        if lines is None:
            lines = self._of[path] = self._lines.get(os.path.realpath(path), ())
        return lines


def changes(revision: str, works: Iterable[Work], files: Iterable[str]) -> Changes:
    """What the given files of some work trees changed since a revision.

    Counted from where the branch left the revision, as a pull request is shown: what others did
    there meanwhile is no change of this one.  Lines that were taken away count as a change of
    their neighbours.  Raises UsageError for a revision that git does not know.
    """
    lines: dict[str, Lines] = {}
    wanted = {os.path.realpath(file) for file in files}
    for work in works:
        lines.update(_changed(work, revision, wanted))
    return Changes(lines)


def _changed(work: Work, revision: str, wanted: set[str]) -> dict[str, Lines]:
    named = commit(work, revision)
    if named is None:
        raise UsageError(
            f"git knows no revision `{revision}` in `{work.top}`",
            "a CI checkout may be shallow: fetch the revision first, or check out with its history",
        )
    base = merge_base(work, named) or named
    top = os.path.realpath(work.top)
    found: dict[str, Lines] = {}
    for path in _names(work, "ls-files", "--others", "--exclude-standard"):
        found[os.path.join(top, path)] = ALL
    pairs = [
        (old, new)
        for old, new in _renamed(work, base)
        if os.path.join(top, new) in wanted and _readable(os.path.join(top, new))
    ]
    todo = iter(pairs)
    while batch := list(islice(todo, _BATCH)):
        names = [name for pair in batch for name in dict.fromkeys(pair)]
        for path, lines in _hunks(_diff(work, base, "--unified=0", names=names)):
            found[os.path.join(top, path)] = lines
    return found


def _readable(path: str) -> bool:
    """False for what no reader would look into."""
    try:
        return os.path.getsize(path) <= MAX_BYTES
    except OSError:
        return False


def _renamed(work: Work, base: str) -> Iterator[tuple[str, str]]:
    """The old and new name of each file that differs and is still there."""
    fields = iter(_diff(work, base, "--raw", "-z", "--diff-filter=d").split(b"\0"))
    for head in fields:
        if not head:
            return
        old = os.fsdecode(next(fields))
        moved = head.rsplit(b" ", 1)[-1][:1] in (b"R", b"C")
        yield old, os.fsdecode(next(fields)) if moved else old


def _diff(work: Work, base: str, *options: str, names: Iterable[str] = ()) -> bytes:
    """`git diff` of the working folder, deaf to what attributes and configuration say of it."""
    done = git(
        work,
        *("-c", "core.quotePath=false", "--literal-pathspecs", "diff", base, "--find-renames"),
        *("--no-color", "--no-ext-diff", "--no-textconv", "--text", "--no-relative"),
        *("--ignore-submodules=all", "--inter-hunk-context=0", "--src-prefix=a/"),
        *("--dst-prefix=b/", *options, "--", *names),
    )
    if done.returncode:
        raise UsageError(f"git cannot compare with `{base}`: {words(done.stderr)}")
    return done.stdout


def _names(work: Work, *command: str) -> Iterator[str]:
    done = git(work, *command, "-z", "--full-name")
    if done.returncode:
        raise UsageError(f"git cannot list the files of `{work.top}`: {words(done.stderr)}")
    return (os.fsdecode(name) for name in done.stdout.split(b"\0") if name)


def _hunks(patch: bytes) -> Iterator[tuple[str, Lines]]:
    """Each file of a patch without context, with its new and neighbouring lines.

    Lines of content are counted off, never looked at: they may look like heads of the patch.
    """
    path, found = "", list[tuple[int, int]]()
    lines = iter(patch.split(b"\n"))
    for line in lines:
        if line.startswith(b"diff --git "):
            if found:
                yield path, tuple(found)
            path, found = "", []
        elif line.startswith(b"+++ "):
            path = _unquoted(line[4:].removesuffix(b"\t"))
        elif hunk := _HUNK.match(line):
            old, new = (1 if each is None else int(each) for each in hunk.group(1, 3))
            start = int(hunk[2])
            found.append((start, start + new - 1) if new else (start, start + 1))
            _skip(lines, old + new)
    if found:
        yield path, tuple(found)


def _skip(lines: Iterator[bytes], count: int) -> None:
    r"""Pass over so many lines of content; `\ No newline at end of file` is none."""
    while count:
        count -= not next(lines, b"").startswith(b"\\")


def _unquoted(name: bytes) -> str:
    """A path of a patch, without its prefix; git quotes one with control signs as C does."""
    if name.startswith(b'"'):
        import ast

        name = ast.literal_eval("b" + name.decode("latin-1"))
    return os.fsdecode(name.removeprefix(b"b/"))
