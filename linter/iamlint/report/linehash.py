"""GitHub's `primaryLocationLineHash`, so that code scanning tracks findings as it does its own.

Source: github/codeql-action, src/fingerprints.ts, by its description: a rolling hash of the next
100 characters that are not blanks, in UTF-16 units, with an ordinal for repeated hashes.
"""

from __future__ import annotations

from array import array
from sys import byteorder

_BLOCK = 100
_BASE = 37
_MASK = (1 << 64) - 1
_END_OF_FILE = 0xFFFF


def line_hashes(text: str) -> list[str]:
    """One `hash:ordinal` per line of the text, line 1 first."""
    units: list[int] = []
    starts: list[int] = []
    at_start, after_return = True, False
    for unit in (*_utf16(text), _END_OF_FILE):
        if unit in (0x20, 0x09) or (after_return and unit == 0x0A):
            after_return = False
            continue
        after_return = unit == 0x0D
        if after_return:
            unit = 0x0A
        if at_start:
            starts.append(len(units))
        at_start = unit == 0x0A
        units.append(unit)
    units += [0] * _BLOCK
    seen: dict[str, int] = {}
    hashes = []
    for start in starts:
        value = 0
        for unit in units[start : start + _BLOCK]:
            value = (value * _BASE + unit) & _MASK
        digest = f"{value:x}"
        seen[digest] = seen.get(digest, 0) + 1
        hashes.append(f"{digest}:{seen[digest]}")
    return hashes


def _utf16(text: str) -> array[int]:
    units = array("H", text.encode("utf-16-le", "surrogatepass"))
    if byteorder == "big":
        units.byteswap()
    return units
