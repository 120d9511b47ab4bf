"""Where values begin and end in JSON text, also where it stands inside a template of another language."""

from __future__ import annotations

import json
from typing import NamedTuple

from iamlint.fix.language import CannotEdit
from iamlint.text import Span

_BLANKS = " \t\r\n"


class Member(NamedTuple):
    """One member of an object: its key, the span of the key with its quotes, that of its value."""

    key: str
    key_span: Span
    value: Span


def skip(text: str, at: int) -> int:
    """The offset of the next character that is no blank."""
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at


def value_end(text: str, at: int) -> int:
    """The end of the value that begins at an offset."""
    if at >= len(text):
        raise CannotEdit("the JSON text ends too early")
    if text[at] == '"':
        return string_end(text, at)
    if text[at] in "{[":
        depth = 0
        while at < len(text):
            letter = text[at]
            if letter == '"':
                at = string_end(text, at)
                continue
            if letter in "{[":
                depth += 1
            elif letter in "}]":
                depth -= 1
                if not depth:
                    return at + 1
            at += 1
        raise CannotEdit("the JSON text ends too early")
    end = at
    while end < len(text) and text[end] not in ",]}" + _BLANKS:
        end += 1
    if end == at or not (text[at].isalnum() or text[at] == "-"):
        raise CannotEdit("the JSON text is not plain")
    return end


def string_end(text: str, at: int) -> int:
    """The end of the string whose quote stands at an offset; quotes in `${…}` do not end it."""
    at += 1
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith("${", at):
            at = _interpolation_end(text, at)
        elif text[at] == '"':
            return at + 1
        elif text[at] == "\n":
            break
        else:
            at += 1
    raise CannotEdit("a string of the JSON text does not end")


def _interpolation_end(text: str, at: int) -> int:
    """The end of the `${…}` at an offset, strings inside it counted; of `${` if it has none."""
    depth, start = 0, at
    while at < len(text) and text[at] != "\n":
        if text[at] == "\\":  # in Terraform's JSON syntax its quotes are escaped
            at += 2
            continue
        if text[at] == '"':
            try:
                at = string_end(text, at)
            except CannotEdit:
                break
            continue
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return start + 2


def members(text: str, span: Span) -> list[Member]:
    """The members of the object that a span covers."""
    if text[span.start : span.start + 1] != "{" or text[span.end - 1] != "}":
        raise CannotEdit("a statement is not written as a JSON object")
    found: list[Member] = []
    at = skip(text, span.start + 1)
    while text[at] != "}":
        if text[at] != '"':
            raise CannotEdit("the JSON text is not plain")
        end = string_end(text, at)
        key_span = Span(at, end)
        try:
            key = json.loads(text[at:end])
        except ValueError:
            raise CannotEdit("the JSON text is not plain") from None
        at = skip(text, end)
        if text[at : at + 1] != ":":
            raise CannotEdit("the JSON text is not plain")
        start = skip(text, at + 1)
        at = value_end(text, start)
        found.append(Member(key, key_span, Span(start, at)))
        at = skip(text, at)
        if text[at : at + 1] == ",":
            at = skip(text, at + 1)
        elif text[at : at + 1] != "}":
            raise CannotEdit("the JSON text is not plain")
    return found


def items(text: str, span: Span) -> list[Span]:
    """The items of the array that a span covers."""
    found: list[Span] = []
    at = skip(text, span.start + 1)
    while text[at] != "]":
        end = value_end(text, at)
        found.append(Span(at, end))
        at = skip(text, end)
        if text[at] == ",":
            at = skip(text, at + 1)
        elif text[at] != "]":
            raise CannotEdit("the JSON text is not plain")
    return found
