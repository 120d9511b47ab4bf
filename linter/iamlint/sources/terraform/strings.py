"""Escapes of quoted strings, heredocs and JSON strings, and the way back from value to source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from iamlint.sources.terraform.ast import TemplateLiteral

# What unicode.IsSpace of Go holds: `~` strips these.
SPACES = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

# Patterns are compiled when a file needs them (`re` keeps them): plain text needs none.
_MARKER = r"\$\$\{|%%\{"
_QUOTED = (
    r"""(?s)\\(?:u(?P<u>[0-9A-Fa-f]{4})|U(?P<U>[0-9A-Fa-f]{8})|(?P<c>["\\nrt])|(?P<bad>.?))"""
    r"""|(?P<m>\$\$\{|%%\{)"""
)
_JSON = (
    r"""\\u(?P<hi>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<lo>[dD][c-fC-F][0-9A-Fa-f]{2})"""
    r"""|\\u(?P<u>[0-9A-Fa-f]{4})|\\(?P<c>["\\/bfnrt])"""
)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class BadEscape(ValueError):
    """An escape sequence that HCL does not have; `start` and `end` are offsets in the raw text."""

    def __init__(self, start: int, end: int, detail: str) -> None:
        super().__init__(detail)
        self.start = start
        self.end = end
        self.detail = detail


def decode_quoted(raw: str) -> str:
    """The value of a literal run between double quotes; raises BadEscape."""
    if "\\" in raw:
        return re.sub(_QUOTED, _quoted, raw)
    if "$${" in raw or "%%{" in raw:
        return re.sub(_MARKER, _shorter, raw)
    return raw


def decode_plain(raw: str) -> str:
    """The value of a literal run in a heredoc or a bare template."""
    if "$${" in raw or "%%{" in raw:
        return re.sub(_MARKER, _shorter, raw)
    return raw


def decode_json(raw: str) -> str:
    """The value of a well-formed JSON string's inside."""
    return re.sub(_JSON, _json, raw) if "\\" in raw else raw


def units(raw: str, kind: str) -> Iterator[tuple[int, int]]:
    """For each character of the value of `raw`, where it begins and ends in `raw`.

    `kind` is `quoted`, `plain` or `json`.
    """
    pattern, decode = _UNITS[kind]
    at = 0
    for match in re.finditer(pattern, raw):
        yield from ((index, index + 1) for index in range(at, match.start()))
        for _ in decode(match):
            yield match.span()
        at = match.end()
    yield from ((index, index + 1) for index in range(at, len(raw)))


def offset_in(text: str, part: TemplateLiteral, index: int) -> int:
    """The offset in the source text of the character `index` of a literal part's value.

    `index` may be the length of the value: then the offset is the end of the part.  A character
    written as an escape sequence begins where its escape sequence does.
    """
    if part.end - part.start == len(part.value):
        return part.start + index
    if index >= len(part.value):
        return part.end
    raw = text[part.start : part.end]
    for kind, decode in (("plain", decode_plain), ("quoted", decode_quoted), ("json", _both)):
        try:
            if decode(raw) != part.value:
                continue
        except BadEscape:
            continue
        if kind == "json":
            return part.start + _json_template_offset(raw, index)
        for number, (start, _) in enumerate(units(raw, kind)):
            if number == index:
                return part.start + start
    return part.start


def _both(raw: str) -> str:
    return decode_plain(decode_json(raw))


def _json_template_offset(raw: str, index: int) -> int:
    outer = list(units(raw, "json"))
    for number, (start, _) in enumerate(units(decode_json(raw), "plain")):
        if number == index:
            return outer[start][0]
    return len(raw)


def _shorter(match: re.Match[str]) -> str:
    return match.group()[1:]


def _quoted(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "m":
        return match.group()[1:]
    if kind == "c":
        letter = match["c"]
        return _LETTERS.get(letter, letter)
    if kind == "bad":
        raise BadEscape(
            match.start(),
            match.end(),
            f"The symbol `{match['bad']}` is not a valid escape sequence selector."
            if match["bad"] not in ("u", "U")
            else f"`\\{match['bad']}` must be followed by {4 if match['bad'] == 'u' else 8} hexadecimal digits.",
        )
    number = int(match["u"] or match["U"], 16)
    if 0xD800 <= number <= 0xDFFF or number > 0x10FFFF:
        raise BadEscape(
            match.start(), match.end(), f"Cannot encode character U+{number:04x} in UTF-8."
        )
    return chr(number)


def _json(match: re.Match[str]) -> str:
    if match["hi"]:
        return chr(
            0x10000 + ((int(match["hi"], 16) - 0xD800) << 10) + int(match["lo"], 16) - 0xDC00
        )
    if match["u"]:
        return chr(int(match["u"], 16))
    return _LETTERS.get(match["c"], match["c"])


_UNITS: dict[str, tuple[str, Callable[[re.Match[str]], str]]] = {
    "quoted": (_QUOTED, _quoted),
    "plain": (_MARKER, _shorter),
    "json": (_JSON, _json),
}
