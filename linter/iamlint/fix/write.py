"""Putting edited files in place: each whole or not at all, and never over a change."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping

import msgspec

from iamlint.sources.sandbox import Sandbox
from iamlint.text import SourceText

_CHANGED = "changed since it was read"


class Refusal(msgspec.Struct, frozen=True):
    """A file that was not written, and why; the reason follows its name."""

    path: str
    reason: str


class _Ready(msgspec.Struct, frozen=True):
    """A file whose new text lies in a temporary file beside it."""

    path: str
    source: SourceText
    temporary: str
    target: str


def obstacle(path: str, sandbox: Sandbox) -> str:
    """Why a file cannot be written, in words that follow its name; `""` if it can.

    It lies outside of the sandbox or is reached through a link that leads out, it is no regular
    file, or may not be written.  Even where the user's rights reach further, as root's do, a file
    that nobody may write is left.
    """
    if not sandbox.contains(path):
        return "lies outside of what was scanned"
    target = _target(path, sandbox)
    try:
        mode = os.stat(target).st_mode
    except OSError as error:
        return f"cannot be read again: {_words(error)}"
    if not stat.S_ISREG(mode):
        return "is no regular file"
    if not mode & 0o222 or not os.access(target, os.W_OK):
        return "is read-only"
    return ""


def write(files: Mapping[str, tuple[SourceText, str]], sandbox: Sandbox) -> tuple[Refusal, ...]:
    """Write files that belong together, each atomically, with its mode and owner.

    None is written if any cannot be, and what was put in place is taken back if a later one fails.
    Refused besides what has an `obstacle`: a file that is not as it was when it was read.
    """
    ready: list[_Ready] = []
    refusals: list[Refusal] = []
    try:
        for path, (source, text) in sorted(files.items()):
            if source.text == text:
                continue
            reason = obstacle(path, sandbox)
            if not reason:
                reason = _prepared(path, source, text, _target(path, sandbox), ready)
            if reason:
                refusals.append(Refusal(path, reason))
        return tuple(refusals) if refusals else _put(ready)
    finally:
        for each in ready:  # those that are not in place, whatever stopped it
            if os.path.lexists(each.temporary):
                os.unlink(each.temporary)


def holds(path: str, source: SourceText, sandbox: Sandbox) -> bool:
    """True if a file on disk holds just the text of a source."""
    try:
        return _unchanged(_target(path, sandbox), source)
    except OSError:
        return False


def _prepared(path: str, source: SourceText, text: str, target: str, ready: list[_Ready]) -> str:
    """Put the new text beside its file, or say why not."""
    try:
        if not _unchanged(target, source):
            return _CHANGED
        ready.append(_Ready(path, source, _beside(target, _bytes(source, text)), target))
    except OSError as error:
        return f"cannot be written: {_words(error)}"
    return ""


def _put(ready: list[_Ready]) -> tuple[Refusal, ...]:
    """Rename all into place, or take back those that were."""
    for count, each in enumerate(ready):
        try:
            unchanged = _unchanged(each.target, each.source)
            reason = "" if unchanged else _CHANGED
            if unchanged:
                os.replace(each.temporary, each.target)
        except OSError as error:
            reason = f"cannot be written: {_words(error)}"
        if reason:
            return (Refusal(each.path, reason), *_taken_back(ready[:count]))
    for folder in {os.path.dirname(each.target) for each in ready}:
        _sync(folder)
    return ()


def _taken_back(written: list[_Ready]) -> tuple[Refusal, ...]:
    """Put the old text back; says which files could not be, and so keep the new one."""
    failed = []
    for each in written:
        try:
            os.replace(_beside(each.target, _bytes(each.source, each.source.text)), each.target)
        except OSError as error:
            reason = f"was written and could not be taken back: {_words(error)}"
            failed.append(Refusal(each.path, reason))
    return tuple(failed)


def _target(path: str, sandbox: Sandbox) -> str:
    """The file that a path leads to: a link stays a link."""
    return os.path.realpath(os.path.join(sandbox.cwd, path))


def _unchanged(target: str, source: SourceText) -> bool:
    with open(target, "rb") as file:
        return file.read() == _bytes(source, source.text)


def _beside(target: str, content: bytes) -> str:
    """A temporary file in the folder of the target, with its mode and owner."""
    status = os.stat(target)
    handle, temporary = tempfile.mkstemp(prefix=".iamlint-", dir=os.path.dirname(target))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        own = os.stat(temporary)
        if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (own.st_uid, own.st_gid):
            os.chown(temporary, status.st_uid, status.st_gid)
        os.chmod(temporary, stat.S_IMODE(status.st_mode))
    except BaseException:
        os.unlink(temporary)
        raise
    return temporary


def _sync(folder: str) -> None:
    """Make renames in a folder last; not every system can, and the files are whole without it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def _bytes(source: SourceText, text: str) -> bytes:
    return (b"\xef\xbb\xbf" if source.bom else b"") + text.encode("utf-8")


def _words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
