"""Putting edits into files: which go together, and each file whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from iamlint.finding import Finding
from iamlint.fix.language import FileEdit
from iamlint.fix.lines import Lines
from iamlint.fix.plan import Planned
from iamlint.fix.render import edited
from iamlint.sources.sandbox import Sandbox
from iamlint.text import SourceText

Level = Literal["safe", "all"]


class Chosen(msgspec.Struct, frozen=True):
    """What one pass writes: files by path with their old and new text, and the findings it serves.

    `left` are findings whose edits touch the same text as a chosen one: after a pass they are
    planned anew, on what then stands there.
    """

    files: dict[str, tuple[SourceText, str]]
    taken: tuple[Finding, ...]
    left: tuple[Finding, ...]


class Refusal(msgspec.Struct, frozen=True):
    """A file that was not written, and why."""

    path: str
    reason: str


def choose(planned: Iterable[Planned], level: Level = "safe") -> Chosen:
    """The edits of one pass: those of the wanted applicability that do not touch one another.

    Findings that share an edit are served by it together.  Edits that fall on neighbouring lines
    are kept apart too, since each was verified alone.
    """
    wanted = ("safe",) if level == "safe" else ("safe", "unsafe")
    edits: list[FileEdit] = []
    taken: list[Finding] = []
    left: list[Finding] = []
    served: set[tuple[FileEdit, ...]] = set()
    touched = Lines()
    for each in planned:
        replacement = each.finding.replacement
        if replacement is None or not each.edits or replacement.applicability not in wanted:
            continue
        if each.edits in served:
            taken.append(each.finding)
            continue
        lines = Lines.of(each.edits)
        if touched.meet(lines):
            left.append(each.finding)
            continue
        touched.add(lines)
        served.add(each.edits)
        edits += each.edits
        taken.append(each.finding)
    return Chosen(edited(edits), tuple(taken), tuple(left))


def write(files: Mapping[str, tuple[SourceText, str]], sandbox: Sandbox) -> tuple[Refusal, ...]:
    """Write files, each atomically and with its mode; none if any cannot be written.

    Refused: a file that changed since it was read, one that lies outside of the sandbox or is
    reached through a link that leads out, one that may not be written, and what is no regular
    file.
    """
    ready: list[tuple[str, str]] = []
    refusals: list[Refusal] = []
    for path, (source, text) in sorted(files.items()):
        if source.text == text:
            continue
        reason, target = _target(path, source, sandbox)
        if reason:
            refusals.append(Refusal(path, reason))
            continue
        try:
            ready.append((_beside(target, source, text), target))
        except OSError as error:
            refusals.append(Refusal(path, f"cannot be written: {_words(error)}"))
    if refusals:
        for temporary, _ in ready:
            os.unlink(temporary)
        return tuple(refusals)
    for temporary, target in ready:
        os.replace(temporary, target)
    return ()


def _target(path: str, source: SourceText, sandbox: Sandbox) -> tuple[str, str]:
    """Why a file cannot be written (`""` if it can), and the file that a link leads to."""
    if not sandbox.contains(path):
        return "lies outside of what was scanned", ""
    target = os.path.realpath(os.path.join(sandbox.cwd, path))
    try:
        mode = os.stat(target).st_mode
        with open(target, "rb") as file:
            now = file.read()
    except OSError as error:
        return f"cannot be read again: {_words(error)}", ""
    if not stat.S_ISREG(mode):
        return "is no regular file", ""
    if not os.access(target, os.W_OK):
        return "may not be written", ""
    if now != _bytes(source, source.text):
        return "changed since it was read", ""
    return "", target


def _beside(target: str, source: SourceText, text: str) -> str:
    """A temporary file in the folder of the target, with its mode and owner."""
    status = os.stat(target)
    handle, temporary = tempfile.mkstemp(prefix=".iamlint-", dir=os.path.dirname(target))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_bytes(source, text))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, stat.S_IMODE(status.st_mode))
        if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (os.getuid(), os.getgid()):
            os.chown(temporary, status.st_uid, status.st_gid)
    except OSError:
        os.unlink(temporary)
        raise
    return temporary


def _bytes(source: SourceText, text: str) -> bytes:
    return (b"\xef\xbb\xbf" if source.bom else b"") + text.encode("utf-8")


def _words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
