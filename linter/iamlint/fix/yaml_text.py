"""YAML text: how a string is quoted, how values are laid out as blocks and in flow style."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from iamlint.fix.json_edit import lone, sub_body
from iamlint.fix.language import CannotEdit, Value, refuse_given
from iamlint.tree import Style, Text

_PLAIN = re.compile(r"[A-Za-z_/.$][A-Za-z0-9_/.:@%+=,*?$<>(){}\-]*\Z")
# libyaml ends a plain scalar at `?` in flow style.
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z_/.$][A-Za-z0-9_/.:@%+=*$<>()\-]*\Z")
_WORD = re.compile(
    r"(?:y|n|yes|no|on|off|true|false|null|~|\.inf|\.nan)\Z"
    r"|[0-9.+-]"
    r"|.*:\Z",
    re.IGNORECASE,
)
"""Strings that a YAML 1.1 reader would take for something else, or for a key."""

_SUB_NAME = re.compile(r"[A-Za-z0-9]+(?:::[A-Za-z]+|(?:\.[A-Za-z0-9]+)+)?\Z")


def string(value: str | Text, style: Style = "", *, flow: bool = False) -> str:
    """A string as a scalar, in the wanted quotes where they are right; holes under `!Sub`."""
    refuse_given(value)
    if isinstance(value, Text):
        for hole in value.holes:
            if not _SUB_NAME.match(hole.name):
                raise CannotEdit(f"`{hole.name}` cannot stand in a `!Sub`")
        alone = lone(value)
        if alone is not None:
            return f"!GetAtt {alone}" if "." in alone else f"!Ref {alone}"
        body = sub_body(value)
        return "!Sub " + quoted(body, style, flow=flow)
    return quoted(value, style, flow=flow)


def quoted(value: str, style: Style = "", *, flow: bool = False) -> str:
    """A string without holes as a scalar."""
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value) or style == "double":
        return json.dumps(value, ensure_ascii=False)
    plain = _PLAIN_IN_FLOW if flow else _PLAIN
    if style == "single" or not plain.match(value) or _WORD.match(value):
        if style != "single":
            return json.dumps(value, ensure_ascii=False)
        return "'" + value.replace("'", "''") + "'"
    return value


def in_flow(value: Value, style: Style = "") -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        entries = (
            f"{quoted(key, flow=True)}: {in_flow(each, style)}" for key, each in value.items()
        )
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(in_flow(each, style) for each in value) + "]"
    if isinstance(value, (str, Text)):
        return string(value, style, flow=True)
    return json.dumps(value)


class Layout:
    """How a file lays out blocks: `step` blanks a level, `dash` blanks from a key to its items."""

    def __init__(self, step: int, dash: int, newline: str) -> None:
        self.step = step
        self.dash = dash
        self.newline = newline

    def entry(self, key: str, value: Value, column: int, style: Style = "") -> str:
        """`key: value` whose key stands at a column; further lines bring their own indentation."""
        return f"{quoted(key)}:{self.after_key(value, column, style)}"

    def after_key(self, value: Value, column: int, style: Style = "") -> str:
        """What follows the colon of a key at a column."""
        if isinstance(value, dict) and value:
            inner = column + self.step
            return "".join(
                self.newline + " " * inner + self.entry(key, each, inner, style)
                for key, each in value.items()
            )
        if isinstance(value, list) and value:
            return self.items(value, column + self.dash, style)
        if isinstance(value, (str, Text)):
            return " " + string(value, style if style in ("single", "double") else "")
        return " " + (json.dumps(value) if not isinstance(value, (dict, list)) else in_flow(value))

    def items(self, values: Sequence[Value], column: int, style: Style = "") -> str:
        """Items whose dashes stand at a column, each on lines of its own, breaks before them."""
        return "".join(
            self.newline + " " * column + self.item(value, column, style) for value in values
        )

    def item(self, value: Value, column: int, style: Style = "", gap: str = "- ") -> str:
        """One item from its dash on; `gap` is the dash and the blanks after it."""
        if isinstance(value, dict) and value:
            inner = column + len(gap)
            rest = (self.newline + " " * inner).join(
                self.entry(key, each, inner, style) for key, each in value.items()
            )
            return gap + rest
        if isinstance(value, (str, Text)):
            return gap + string(value, style if style in ("single", "double") else "")
        return gap + in_flow(value, style)
