"""The files of a git revision, written to a folder: without hooks, filters or attributes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import msgspec

from iamlint.app.config import upwards
from iamlint.app.errors import UsageError
from iamlint.sources.sandbox import MAX_BYTES

_FILES = ("100644", "100755")
_LINK = "120000"


class Work(msgspec.Struct, frozen=True):
    """A git work tree: its folder, and the working folder in it (`""` at its top)."""

    top: str
    prefix: str


def work_tree(start: str) -> Work | None:
    """The git work tree around a folder, None if there is none."""
    for folder in upwards(os.path.abspath(start)):
        if os.path.exists(os.path.join(folder, ".git")):
            prefix = os.path.relpath(os.path.abspath(start), folder)
            return Work(folder, "" if prefix == "." else prefix)
    return None


def commit(work: Work, revision: str) -> str | None:
    """The commit that a revision names, None if there is no such one."""
    name = f"{revision}^{{commit}}"
    done = git(work, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
    return done.stdout.decode("ascii", "replace").strip() if done.returncode == 0 else None


def merge_base(work: Work, commit: str) -> str | None:
    """Where the history of the working folder left that of a commit, None if not known here."""
    done = git(work, "merge-base", commit, "HEAD")
    return done.stdout.decode("ascii", "replace").strip() if done.returncode == 0 else None


def export(work: Work, commit: str, folder: str) -> tuple[str, ...]:
    """Write all files of a commit below a folder; answers what was left out, a line each.

    Contents come straight from git's store: attributes of the repository, which could leave files
    out or change them, have no say.  Links are made as they are; a reader decides where they may
    lead.
    """
    listed = git(work, "ls-tree", "-r", "-z", "--full-tree", commit)
    if listed.returncode:
        raise UsageError(f"git cannot list `{commit}`: {words(listed.stderr)}")
    left: list[str] = []
    wanted: list[tuple[str, str, str]] = []
    for entry in listed.stdout.split(b"\0"):
        head, _, raw = entry.partition(b"\t")
        mode, _, object_id = head.decode("ascii", "replace").replace(" blob ", " ").partition(" ")
        path = os.fsdecode(raw)
        if mode in (*_FILES, _LINK) and _is_plain(path):
            wanted.append((mode, object_id, path))
        elif path:
            kind = "a submodule" if mode == "160000" else "no plain file"
            left.append(f"`{path}` of the revision is {kind} and was left out")
    for (mode, _, path), content in zip(
        wanted, _contents(work, [object_id for _, object_id, _ in wanted]), strict=True
    ):
        _put(os.path.join(folder, path), mode, content)
    return tuple(left)


def _put(target: str, mode: str, content: bytes | int) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if mode == _LINK and isinstance(content, bytes):
        os.symlink(os.fsdecode(content), target)
        return
    with open(target, "xb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            file.truncate(content)  # too large to be read: its size alone says so


def _contents(work: Work, object_ids: list[str]) -> Iterator[bytes | int]:
    """The content of each blob, in order; of one that is too large to be read its size."""
    if not object_ids:
        return
    asked = "".join(f"{each}\n" for each in object_ids).encode()
    sizes = git(work, "cat-file", "--batch-check=%(objectsize)", given=asked).stdout.split()
    small = [
        each
        for each, size in zip(object_ids, sizes, strict=True)
        if size.isdigit() and int(size) <= MAX_BYTES
    ]
    process = subprocess.Popen(
        [*_command(work), "cat-file", "--batch"],
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        among = set(small)
        for object_id, size in zip(object_ids, sizes, strict=True):
            if object_id not in among:
                if not size.isdigit():
                    raise UsageError(f"git lacks the object `{object_id}`", "fetch it first")
                yield int(size)
                continue
            process.stdin.write(f"{object_id}\n".encode())
            process.stdin.flush()
            process.stdout.readline()
            content = process.stdout.read(int(size))
            process.stdout.read(1)
            yield content
        process.stdin.close()


def _is_plain(path: str) -> bool:
    """True for a path that stays below where it is put, whatever wrote the tree."""
    parts = path.split("/")
    return bool(path) and not any(
        part in ("", ".", "..") or part.lower() == ".git" or "\\" in part for part in parts
    )


def git(work: Work, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run git at the top of a work tree; raises UsageError where there is no git."""
    try:
        return subprocess.run(
            [*_command(work), *arguments],
            input=given,
            capture_output=True,
            check=False,
            env=_environment(),
        )
    except OSError as error:
        raise UsageError(f"git cannot be run: {error.strerror or error}") from error


def _command(work: Work) -> list[str]:
    return ["git", "-c", "core.fsmonitor=false", "-C", work.top]


def _environment() -> dict[str, str]:
    """Git's own, but it may not fetch what a partial clone lacks."""
    return {**os.environ, "GIT_NO_LAZY_FETCH": "1"}


def words(stderr: bytes) -> str:
    """The first line of what git complains of."""
    return stderr.decode("utf-8", "replace").strip().splitlines()[0] if stderr.strip() else "failed"
