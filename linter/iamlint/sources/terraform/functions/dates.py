"""Functions of times; those that ask the clock are holes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from iamlint.sources.terraform.functions.call import Function
from iamlint.sources.terraform.values import Fail

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PIECE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)")


def _moment(text: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
        raise Fail(f"`{text[:40]}` is no RFC 3339 time")
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise Fail(str(error)) from None


def _show(moment: datetime) -> str:
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    offset = moment.strftime("%z")
    return text + ("Z" if offset in ("+0000", "") else f"{offset[:3]}:{offset[3:]}")


def _add(text: str, duration: str) -> str:
    sign, rest = (-1, duration[1:]) if duration.startswith("-") else (1, duration.lstrip("+"))
    pieces = _PIECE.findall(rest)
    if not pieces or "".join(number + unit for number, unit in pieces) != rest:
        raise Fail(f"`{duration[:40]}` is no duration")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in pieces)
    return _show(_moment(text) + timedelta(seconds=sign * seconds))


def _compare(one: str, other: str) -> int:
    left, right = _moment(one), _moment(other)
    return (left > right) - (left < right)


_VERBS: dict[str, Callable[[datetime], str]] = {
    "YYYY": lambda t: f"{t.year:04}", "YY": lambda t: f"{t.year % 100:02}",
    "MMMM": lambda t: t.strftime("%B"), "MMM": lambda t: t.strftime("%b"),
    "MM": lambda t: f"{t.month:02}", "M": lambda t: str(t.month),
    "DD": lambda t: f"{t.day:02}", "D": lambda t: str(t.day),
    "EEEE": lambda t: t.strftime("%A"), "EEE": lambda t: t.strftime("%a"),
    "hh": lambda t: f"{t.hour:02}", "h": lambda t: str(t.hour),
    "HH": lambda t: f"{(t.hour + 11) % 12 + 1:02}", "H": lambda t: str((t.hour + 11) % 12 + 1),
    "AA": lambda t: "AM" if t.hour < 12 else "PM", "aa": lambda t: "am" if t.hour < 12 else "pm",
    "mm": lambda t: f"{t.minute:02}", "m": lambda t: str(t.minute),
    "ss": lambda t: f"{t.second:02}", "s": lambda t: str(t.second),
    "ZZZZZ": lambda t: _zone(t, ":"), "ZZZZ": lambda t: _zone(t, ""),
    "ZZZ": lambda t: "UTC" if not t.utcoffset() else _zone(t, ""),
    "Z": lambda t: "Z" if not t.utcoffset() else _zone(t, ":"),
}  # fmt: skip


def _zone(moment: datetime, colon: str) -> str:
    text = moment.strftime("%z") or "+0000"
    return f"{text[:3]}{colon}{text[3:]}"


def _format(layout: str, text: str) -> str:
    moment = _moment(text)
    out: list[str] = []
    for piece in re.findall(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+", layout) and [
        found.group(0) for found in re.finditer(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+", layout)
    ]:
        if piece.startswith("'"):
            out.append(piece[1:-1].replace("''", "'"))
        elif piece[0].isascii() and piece[0].isalpha():
            if piece not in _VERBS:
                raise Fail(f"`{piece}` is no part of a date")
            out.append(_VERBS[piece](moment))
        else:
            out.append(piece)
    return "".join(out)


NODES: dict[str, Function] = {}

PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {
    "timeadd": ("ss", _add),
    "timecmp": ("ss", _compare),
    "formatdate": ("ss", _format),
}
