"""The only opener of scanned files: nothing outside the root, nothing huge, nothing but UTF-8 text."""

from __future__ import annotations

import os
import stat

from iamlint.sources.site import Unreadable
from iamlint.text import SourceText

MAX_BYTES = 20 * 1024 * 1024
"""The default size limit of one scanned file, in bytes."""

HEAD_BYTES = 1024 * 1024
"""How much of a file is looked at to tell what it is: the largest template CloudFormation takes."""

_WIDE_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
WIDE = {
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"{\0": "utf-16-le",
    b"\0{": "utf-16-be",
}
"""How UTF-16 begins: with its mark, or as JSON without one."""

_UTF8_MARK = b"\xef\xbb\xbf"


class Sandbox:
    """Reads files below one or more roots and answers with text or with the reason why not.

    Symbolic links are followed as long as their target is below a root.  Relative paths count
    from `cwd`, the working directory when none is given, and so do the display paths in
    `SourceText.path` and `Unreadable.path`: posix, relative below `cwd`, else absolute.  A file
    is read once: later reads give the same object, so that places in it compare equal.
    """

    __slots__ = ("_overlay", "_read", "cwd", "max_bytes", "roots")

    def __init__(
        self,
        *roots: str | os.PathLike[str],
        max_bytes: int = MAX_BYTES,
        cwd: str | os.PathLike[str] | None = None,
    ) -> None:
        if not roots:
            raise ValueError("a sandbox needs at least one root")
        self.cwd = os.path.abspath(cwd) if cwd is not None else os.getcwd()
        self.roots = tuple(self._real(root) for root in roots)
        self.max_bytes = max_bytes
        self._read: dict[str, SourceText | Unreadable] = {}
        self._overlay: dict[str, SourceText] = {}

    def with_text(self, path: str | os.PathLike[str], text: str, *, bom: bool = False) -> Sandbox:
        """A sandbox that sees `text` at `path`, whether or not there is such a file.

        For standard input and for reading an edited file again before it is written.
        """
        other = Sandbox(*self.roots, max_bytes=self.max_bytes, cwd=self.cwd)
        other._read.update(self._read)
        other._overlay.update(self._overlay)
        real = self._real(path)
        other._read.pop(real, None)
        other._overlay[real] = SourceText(self.display(path), text, bom=bom)
        return other

    def display(self, path: str | os.PathLike[str]) -> str:
        """The path as messages show it: posix, relative to the working directory if below it."""
        absolute = self._absolute(path)
        prefix = self.cwd if self.cwd.endswith(os.sep) else self.cwd + os.sep
        shown = absolute[len(prefix) :] if absolute.startswith(prefix) else absolute
        shown = shown.encode("utf-8", "replace").decode("utf-8")
        return shown.replace(os.sep, "/") if os.sep != "/" else shown

    def contains(self, path: str | os.PathLike[str]) -> bool:
        """True if the path, links resolved, lies below a root."""
        return self._inside(self._real(path))

    def exists(self, path: str | os.PathLike[str]) -> bool:
        """True if there is a file or folder at the path and it lies below a root."""
        real = self._real(path)
        return real in self._overlay or (self._inside(real) and os.path.exists(real))

    def is_dir(self, path: str | os.PathLike[str]) -> bool:
        """True if there is a folder at the path and it lies below a root."""
        real = self._real(path)
        return self._inside(real) and os.path.isdir(real)

    def listdir(self, path: str | os.PathLike[str]) -> tuple[str, ...] | Unreadable:
        """The names in a folder, sorted, or why it can't be listed."""
        real = self._real(path)
        if not self._inside(real):
            return self._outside(path)
        overlaid = {os.path.basename(at) for at in self._overlay if os.path.dirname(at) == real}
        try:
            names = set(os.listdir(real))
        except OSError as error:
            if not overlaid:
                return self._unreadable(path, _os_reason(error))
            names = set()
        return tuple(sorted(names | overlaid))

    def entries(self, path: str | os.PathLike[str]) -> tuple[list[str], list[str]]:
        """The paths of the files and of the folders in a folder, sorted; links are left out.

        Both are empty where the folder can't be listed.
        """
        real = self._real(path)
        files: list[str] = []
        folders: list[str] = []
        if self._inside(real):
            try:
                with os.scandir(real) as listed:
                    for entry in listed:
                        if entry.is_file(follow_symlinks=False):
                            files.append(entry.path)
                        elif entry.is_dir(follow_symlinks=False):
                            folders.append(entry.path)
            except OSError:
                pass
        return sorted(files), sorted(folders)

    def head(self, path: str | os.PathLike[str], size: int = HEAD_BYTES) -> bytes | Unreadable:
        """The first `size` bytes of a file, or why they can't be had; for telling what it is.

        Of a binary file, one with a NUL in its first 4 KB, no more than these are given, unless
        it begins as UTF-16 does.
        """
        real = self._real(path)
        known = self._overlay.get(real) or self._read.get(real)
        if isinstance(known, SourceText):
            return known.text[:size].encode("utf-8")[:size]
        if not self._inside(real):
            return self._outside(path)
        data = self._bytes(path, real, size)
        return data if isinstance(data, Unreadable) else data[:size]

    def read(self, path: str | os.PathLike[str], *, wide: bool = False) -> SourceText | Unreadable:
        """The text of a file, or why it can't be had.

        Line breaks are kept, a byte order mark is taken off and noted in `SourceText.bom`.
        `wide` takes UTF-16 too, for what is never edited: PowerShell's `>` writes it.
        Unreadable: outside of the roots, missing, no permission, not a regular file, larger than
        `max_bytes`, NUL bytes, not UTF-8 (with line and column of the first bad byte).
        """
        real = self._real(path)
        known = self._overlay.get(real) or self._read.get(real)
        if known is None or (wide and isinstance(known, Unreadable)):
            known = self._read[real] = self._read_file(path, real, wide)
        return known

    def _read_file(
        self, path: str | os.PathLike[str], real: str, wide: bool
    ) -> SourceText | Unreadable:
        if not self._inside(real):
            return self._outside(path)
        data = self._bytes(path, real, None)
        if isinstance(data, Unreadable):
            return data
        if wide and data[:2] in WIDE and not data.startswith(_WIDE_MARKS[0][0]):
            text = data.decode(WIDE[data[:2]], "replace")
            return SourceText(self.display(path), text.removeprefix("\ufeff"), bom=True)
        for mark, encoding in _WIDE_MARKS:
            if data.startswith(mark):
                return self._unreadable(
                    path, f"is {encoding}, not UTF-8", advice="save it as UTF-8", line=1, column=1
                )
        bom = data.startswith(_UTF8_MARK)
        if bom:
            data = data[len(_UTF8_MARK) :]
        if (at := data.find(b"\0")) != -1:
            return self._unreadable(path, f"is binary: a NUL byte at offset {at}")
        try:
            return SourceText(self.display(path), data.decode("utf-8"), bom=bom)
        except UnicodeDecodeError as error:
            before = data[: error.start]
            column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1
            return self._unreadable(
                path,
                f"is not UTF-8: byte 0x{data[error.start]:02x} ({error.reason})",
                line=before.count(b"\n") + 1,
                column=column,
                advice="save it as UTF-8",
            )

    def _bytes(
        self, path: str | os.PathLike[str], real: str, limit: int | None
    ) -> bytes | Unreadable:
        """The file's bytes, at most `limit` of them; without a limit the size cap holds."""
        # No waiting on a pipe or device, and no link that appeared after the check.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
        flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(real, flags)
            try:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode):
                    folder = stat.S_ISDIR(status.st_mode)
                    return self._unreadable(
                        path, "is a folder" if folder else "is not a regular file"
                    )
                if limit is None and status.st_size > self.max_bytes:
                    data = b""
                else:
                    # One byte more than may be: the file may have grown since fstat.
                    with open(descriptor, "rb", closefd=False) as file:
                        data = file.read(self.max_bytes + 1 if limit is None else 4096)
                        if limit is not None and (b"\0" not in data or data[:2] in WIDE):
                            data += file.read(limit)
            finally:
                os.close(descriptor)
        except (OSError, ValueError) as error:
            return self._unreadable(path, _os_reason(error))
        if limit is not None:
            return data
        size = max(status.st_size, len(data))
        if size > self.max_bytes:
            return self._unreadable(
                path,
                f"is too large: {_size(size)}, the limit is {_size(self.max_bytes)}",
                advice="exclude it, or raise the limit",
            )
        return data

    def _absolute(self, path: str | os.PathLike[str]) -> str:
        # normpath would be wrong for `link/..`, but a display path with `..` in it misleads;
        # realpath, which decides what is opened, is taken of this same path.
        return os.path.normpath(os.path.join(self.cwd, os.fspath(path)))

    def _real(self, path: str | os.PathLike[str]) -> str:
        """The path with links resolved; `""` (inside no root) for what can be no path at all."""
        try:
            return os.path.realpath(self._absolute(path))
        except ValueError:  # a NUL or a lone surrogate in it
            return ""

    def _inside(self, real: str) -> bool:
        return any(
            real == root or real.startswith(root if root.endswith(os.sep) else root + os.sep)
            for root in self.roots
        )

    def _outside(self, path: str | os.PathLike[str]) -> Unreadable:
        return self._unreadable(
            path, "lies outside of the scanned root", advice=f"the root is `{self.roots[0]}`"
        )

    def _unreadable(
        self,
        path: str | os.PathLike[str],
        reason: str,
        *,
        line: int | None = None,
        column: int | None = None,
        advice: str = "",
    ) -> Unreadable:
        return Unreadable(self.display(path), reason, line, column, advice)


def _os_reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    if isinstance(error, PermissionError):
        return "may not be read: permission denied"
    if isinstance(error, OSError) and error.strerror:
        return f"could not be read: {error.strerror.lower()}"
    return f"could not be read: {error}"


def _size(count: int) -> str:
    return f"{count / (1024 * 1024):.1f} MB" if count >= 1024 * 1024 else f"{count} bytes"
