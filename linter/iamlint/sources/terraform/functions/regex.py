"""Regular expressions as Terraform has them (RE2), on Python's engine, never at exponential cost."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from importlib import import_module
from typing import Any

from iamlint.sources.terraform.values import Fail

# Renamed in Python 3.11; the old name warns.
sre_parse: Any = import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")

MAX_STEPS = 10_000_000
"""An upper bound of the engine's backtracking steps, by the pattern's shape and text's length."""

_CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z",
    "space": r"\s", "punct": r"!-/:-@\[-`{-~", "word": r"\w", "xdigit": "0-9A-Fa-f",
    "blank": r" \t", "cntrl": r"\x00-\x1f\x7f", "print": r" -~", "graph": r"!-~", "ascii": r"\x00-\x7f",
}  # fmt: skip


def compiled(pattern: str, text: str) -> re.Pattern[str] | None:
    """The pattern ready for use on a text, None if it could take too long; Fail if it is wrong."""
    expression, repeats, nested = _compile(pattern)
    if nested and len(text) > 18:
        return None
    if max(len(text), 2) ** min(repeats + 1, 20) > MAX_STEPS:
        return None
    return expression


@lru_cache(maxsize=256)
def _compile(pattern: str) -> tuple[re.Pattern[str], int, bool]:
    """The compiled pattern, its number of unbounded repeats, whether one is inside another."""
    try:
        source = re.sub(
            r"\[:(\^?)([a-z]+):\]", lambda found: _posix(found.group(1), found.group(2)), pattern
        )
        source = source.replace(r"\z", r"\Z")
        source = re.sub(r"\(\?<([A-Za-z_])", r"(?P<\1", source)
        tree = sre_parse.parse(source)
        repeats, nested = _shape(tree, inside=False)
        return re.compile(source, re.ASCII if _ascii_only(pattern) else 0), repeats, nested
    except (re.error, OverflowError, RecursionError) as error:
        raise Fail(f"`{pattern[:60]}` is no regular expression: {error}") from None


def _ascii_only(pattern: str) -> bool:
    """RE2's classes are those of ASCII."""
    return pattern.isascii()


def _posix(negated: str, name: str) -> str:
    if name not in _CLASSES or negated:
        raise Fail(f"`[:{negated}{name}:]` is no character class")
    return _CLASSES[name]


def _shape(tree: Any, *, inside: bool) -> tuple[int, bool]:
    repeats, nested = 0, False
    for code, detail in tree:
        name = str(code)
        if name in ("GROUPREF", "GROUPREF_EXISTS", "ASSERT", "ASSERT_NOT"):
            raise Fail("RE2 has neither references nor look-around")
        parts: list[Any] = []
        deeper = inside
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            _, most, body = detail
            if most is sre_parse.MAXREPEAT or most > 8:
                repeats += 1
                nested = nested or inside
                deeper = True
            elif inside:
                nested = True
            parts = [body]
        elif name == "SUBPATTERN":
            parts = [detail[-1]]
        elif name == "BRANCH":
            nested = nested or inside
            parts = detail[1]
        for part in parts:
            more, deep = _shape(part, inside=deeper)
            repeats += more
            nested = nested or deep
    return repeats, nested


def _groups(expression: re.Pattern[str], found: re.Match[str]) -> object:
    if not expression.groups:
        return found.group(0)
    if expression.groupindex:
        return {name: found.group(name) for name in expression.groupindex}
    return list(found.groups())


def find_one(pattern: str, text: str) -> object | None:
    """What `regex` gives: the match, its groups, or its named groups; None without a match."""
    expression = compiled(pattern, text)
    found = expression.search(text) if expression else None
    return _groups(expression, found) if expression and found else None


def find_all(pattern: str, text: str) -> list[object]:
    """What `regexall` gives."""
    expression = compiled(pattern, text)
    return [_groups(expression, found) for found in expression.finditer(text)] if expression else []


def replaced(pattern: str, text: str, new: str) -> str:
    """Each match replaced, `$1` and `${name}` standing for groups as in Go."""
    expression = compiled(pattern, text)
    if expression is None:
        raise Fail("the pattern is too costly to try")

    def expand(found: re.Match[str]) -> str:
        def group(reference: re.Match[str]) -> str:
            name = reference.group(1) or reference.group(2)
            if name is None:
                return "$"
            try:
                return found.group(int(name) if name.isdigit() else name) or ""
            except (IndexError, error_type):
                return ""

        return re.sub(r"\$(?:\{(\w+)\}|(\w+)|\$)", group, new)

    error_type = re.error
    return expression.sub(expand, text)
