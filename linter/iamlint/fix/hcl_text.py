"""HCL text: how values are written, and `=` signs brought into line as `terraform fmt` has them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from iamlint.fix.language import Value, refuse_given
from iamlint.tree import Text

STEP = "  "
"""One level, as `terraform fmt` has it."""

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ASSIGNED = re.compile(
    r"^([ \t]*)([^\s=#/{}\[\]][^=\n]*?|\"[^\"\n]*\")([ \t]*)=(?![=>])[ \t]*(.*)$"
)


def string(value: str | Text) -> str:
    """A quoted string; a hole that is the whole string is written as the bare expression."""
    refuse_given(value)
    if isinstance(value, Text):
        if len(value.parts) == 1 and not isinstance(value.parts[0], str):
            return value.parts[0].name
        parts = value.parts
    else:
        parts = (value,)
    body = "".join(
        escaped(part) if isinstance(part, str) else f"${{{part.name}}}" for part in parts
    )
    return f'"{body}"'


def escaped(text: str) -> str:
    """Literal text as it stands between quotes."""
    text = "".join(_ESCAPES.get(letter, letter) for letter in text)
    text = re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match[0]):04x}", text)
    return text.replace("${", "$${").replace("%{", "%%{")


def key(name: str) -> str:
    """The key of an object's item, quoted where it must be."""
    return name if _BARE.match(name) else string(name)


def render(value: Value, indent: str, newline: str = "\n") -> str:
    """A value that starts on a line with this indentation; lists and objects over several lines."""
    if isinstance(value, (str, Text)):
        return string(value)
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        inner = indent + STEP
        lines = [
            f"{inner}{key(name)} = {render(each, inner, newline)}" for name, each in value.items()
        ]
        return "{" + newline + aligned(newline.join(lines), newline) + newline + indent + "}"
    if isinstance(value, list):
        return render_list(value, indent, newline)
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def render_list(values: list[Value], indent: str, newline: str = "\n") -> str:
    """A list; one string stays on the line, more go below one another."""
    if not values:
        return "[]"
    if len(values) == 1 and not isinstance(values[0], (Mapping, list)):
        return f"[{render(values[0], indent, newline)}]"
    inner = indent + STEP
    items = "".join(f"{newline}{inner}{render(each, inner, newline)}," for each in values)
    return f"[{items}{newline}{indent}]"


def aligned(text: str, newline: str = "\n") -> str:
    """The lines with the `=` of neighbouring one-line arguments in one column."""
    lines = text.split(newline)
    run: list[int] = []
    for index, line in enumerate([*lines, ""]):
        match = _ASSIGNED.match(line)
        if index < len(lines) and match is not None and not _opens(match[4]):
            run.append(index)
            continue
        if index < len(lines) and match is not None:
            lines[index] = f"{match[1]}{match[2]} = {match[4]}"
        _align(lines, run)
        run = []
    return newline.join(lines)


def is_aligned(text: str, newline: str = "\n") -> bool:
    """True if `aligned` would leave the text as it is."""
    return aligned(text, newline) == text


def _align(lines: list[str], run: list[int]) -> None:
    matches = [_ASSIGNED.match(lines[index]) for index in run]
    widths = [len(match[1]) + len(match[2]) for match in matches if match is not None]
    for index, match in zip(run, matches, strict=True):
        if match is not None:
            head = (match[1] + match[2]).ljust(max(widths))
            lines[index] = f"{head} = {match[4]}"


def _opens(rest: str) -> bool:
    """True if more brackets open than close on the line, so that the value goes on below."""
    depth, quote, at = 0, False, 0
    while at < len(rest):
        letter = rest[at]
        if quote:
            if letter == "\\":
                at += 1
            elif letter == '"':
                quote = False
        elif letter == '"':
            quote = True
        elif letter == "#" or rest.startswith("//", at):
            break
        elif rest.startswith("<<", at):
            return True
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        at += 1
    return depth != 0
