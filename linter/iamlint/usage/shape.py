"""The records in one file of CloudTrail data, whatever its shape, and what in it is none.

Known are delivered log files (`Records`), `lookup-events` output (`Events`), EventBridge events
(`detail`), single records, JSON lists and JSON lines of any of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Union

import msgspec
from msgspec import Raw, UnsetType

from iamlint.usage import event as events
from iamlint.usage.event import Record


class NotATrail(ValueError):
    """The content holds no CloudTrail records; `str(error)` says why.

    `expected` is True for what belongs to a trail but holds no events (a digest).
    """

    def __init__(self, message: str, *, expected: bool = False) -> None:
        super().__init__(message)
        self.expected = expected


class Decoded(msgspec.Struct):
    """The records of a file, how many things in it were none, and what was wrong with the first.

    `partial` is True for one page of a longer answer of `lookup-events`.
    """

    records: list[Record]
    rejected: int = 0
    first_error: str = ""
    partial: bool = False

    def reject(self, error: object) -> None:
        self.rejected += 1
        self.first_error = self.first_error or str(error)


class _Shape(msgspec.Struct):
    Records: Union[Raw, UnsetType] = msgspec.UNSET
    Events: Union[Raw, UnsetType] = msgspec.UNSET
    NextToken: Union[Raw, UnsetType] = msgspec.UNSET
    CloudTrailEvent: Union[Raw, UnsetType] = msgspec.UNSET
    detail: Union[Raw, UnsetType] = msgspec.UNSET
    eventName: Union[Raw, UnsetType] = msgspec.UNSET
    eventSource: Union[Raw, UnsetType] = msgspec.UNSET
    digestStartTime: Union[Raw, UnsetType] = msgspec.UNSET


_ERRORS = events.DECODE_ERRORS
_decode_shape = msgspec.json.Decoder(Union[_Shape, list[Raw]]).decode
_decode_list = msgspec.json.Decoder(list[Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode


def decode(content: bytes) -> Decoded:
    """The records in the content of one file.  Raises NotATrail."""
    try:
        return Decoded(events.decode_file(content).Records)
    except _ERRORS:
        pass
    if not content.strip():
        raise NotATrail("is empty")
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    found = Decoded([])
    try:
        shape = _decode_shape(content)
    except msgspec.ValidationError as error:
        raise NotATrail(f"is no CloudTrail file: {_lower(error)}") from None
    except RecursionError:
        _all(_split(content), found, 0)
        if not found.records:
            raise NotATrail("is not JSON: it is nested too deep") from None
        return found
    except _ERRORS as error:
        if not _lines(content, found):
            raise NotATrail(f"is not JSON: {_lower(error)}") from None
        return found
    _take(shape, content, found, 0)
    return found


def decode_lines(content: bytes) -> Decoded:
    """The records of JSON lines, one a line; blank lines do not count."""
    found = Decoded([])
    for line in content.splitlines():
        if line.strip():
            _one(line, found, 0)
    return found


def add_record(content: bytes, found: Decoded) -> None:
    """Put one record, as JSON text, into `found`, or count it as none."""
    _one(content, found, 0)


_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.S)


def _split(content: bytes) -> Iterator[bytes]:
    """The elements of `Records`, found by their brackets: for a file with one nested too deep to decode."""
    start = content.find(b"[", max(0, content.find(b'"Records"')))
    depth = begin = 0
    for token in _TOKEN.finditer(content, start):
        sign = token[0]
        if sign in (b"{", b"["):
            depth += 1
            if depth == 2:
                begin = token.start()
        elif sign in (b"}", b"]"):
            depth -= 1
            if depth == 1:
                yield content[begin : token.end()]
            elif depth == 0:
                return


def _lines(content: bytes, found: Decoded) -> bool:
    """Take the content as JSON lines; False if not even its first line is JSON."""
    first = next((line for line in content.splitlines() if line.strip()), b"")
    try:
        _decode_shape(first)
    except _ERRORS:
        return False
    other = decode_lines(content)
    found.records, found.rejected, found.first_error = (
        other.records,
        other.rejected,
        other.first_error,
    )
    return True


def _take(shape: _Shape | list[Raw], content: bytes | Raw, found: Decoded, depth: int) -> None:
    if isinstance(shape, list):
        _all(shape, found, depth)
    elif isinstance(shape.Records, Raw):
        _all(_list(shape.Records, "Records"), found, depth)
    elif isinstance(shape.Events, Raw):
        found.partial |= isinstance(shape.NextToken, Raw) and bytes(shape.NextToken) != b"null"
        _all(_list(shape.Events, "Events"), found, depth)
    elif isinstance(shape.digestStartTime, Raw):
        raise NotATrail("is a digest file", expected=True)
    elif any(
        isinstance(part, Raw) for part in (shape.eventName, shape.detail, shape.CloudTrailEvent)
    ):
        _one(content, found, depth)
    else:
        raise NotATrail("is no CloudTrail file: it has neither `Records` nor `Events`")


def _list(raw: Raw, name: str) -> list[Raw]:
    try:
        return _decode_list(raw)
    except _ERRORS:
        raise NotATrail(f"is no CloudTrail file: `{name}` is no list") from None


def _all(items: Iterable[bytes | Raw], found: Decoded, depth: int) -> None:
    for item in items:
        _one(item, found, depth)


def _one(raw: bytes | Raw, found: Decoded, depth: int) -> None:
    """One record, or one of the wrappers around it."""
    try:
        found.records.append(events.decode_record(raw))
        return
    except _ERRORS as error:
        wrong: object = _lower(error)
    try:
        shape = _decode_shape(raw)
        if isinstance(shape, _Shape) and depth < 3:
            if isinstance(shape.CloudTrailEvent, Raw):
                inner = _decode_text(shape.CloudTrailEvent)
                _one(inner.encode("utf-8", "surrogatepass"), found, depth + 1)
                return
            if isinstance(shape.detail, Raw) and shape.eventName is msgspec.UNSET:
                _one(shape.detail, found, depth + 1)
                return
            if isinstance(shape.Records, Raw) or isinstance(shape.Events, Raw):
                _take(shape, raw, found, depth + 1)
                return
    except NotATrail as error:
        wrong = error
    except _ERRORS:
        pass
    found.reject(wrong)


def _lower(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text[:1].lower() + text[1:]
