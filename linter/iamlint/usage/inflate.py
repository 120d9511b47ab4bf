"""Bytes of a log file, inflated: several gzip members, no more than a bound, with isal where it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MAX_FILE_BYTES = 512 * 2**20
"""A file, or what it inflates to.  CloudTrail delivers at most 50 MB compressed."""

_FREE_BYTES = 64 * 2**20
_MAX_RATIO = 200
"""Trails inflate to 6 to 9 times their size; beyond 64 MiB more than 200 times is a bomb."""

_MAGIC = b"\x1f\x8b"


class InflateError(ValueError):
    """The content is no whole gzip file, or too large; `str(error)` says which."""


def is_gzip(content: bytes) -> bool:
    return content.startswith(_MAGIC)


def inflate(content: bytes) -> bytes:
    """The content of a gzip file with one or more members.  Raises InflateError."""
    limit = min(MAX_FILE_BYTES, max(_FREE_BYTES, _MAX_RATIO * len(content)))
    zlib, errors = _zlib()
    pieces: list[bytes] = []
    rest = content
    while rest:
        stream = zlib.decompressobj(31)
        try:
            piece: bytes = stream.decompress(rest, limit + 1)
        except errors as error:
            raise InflateError(f"is damaged: {_plain(error)}") from None
        limit -= len(piece)
        if limit < 0:
            raise InflateError("inflates to more than a trail's file may hold; it may be a bomb")
        if not stream.eof:
            raise InflateError("is truncated: the gzip stream has no end")
        pieces.append(piece)
        rest = stream.unused_data.lstrip(b"\0")
        if rest and not rest.startswith(_MAGIC):
            raise InflateError("is damaged: bytes that are no gzip follow its end")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _zlib() -> tuple[Any, tuple[type[Exception], ...]]:
    import zlib

    try:
        from isal import isal_zlib
    except ImportError:
        return zlib, (zlib.error,)
    failed: Any = isal_zlib.error
    return isal_zlib, (failed, zlib.error)


def _plain(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text[:1].lower() + text[1:]


_LARGE = 31 * 2**20


@contextmanager
def steady_memory() -> Iterator[None]:
    """Without what manages memory between files: each needs what the one before gave back.

    Sums hold no cycles, and the collector's looking for some costs a tenth.  And a large piece
    given back, though never touched, tells the C library to keep such pieces for the next file:
    otherwise the system clears their pages anew each time (mallopt(3), M_MMAP_THRESHOLD).
    """
    import gc

    was = gc.isenabled()
    gc.disable()
    bytes(_LARGE)
    try:
        yield
    finally:
        if was:
            gc.enable()
