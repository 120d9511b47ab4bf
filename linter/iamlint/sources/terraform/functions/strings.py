"""String functions: case, trimming, splitting and joining, replacing, formatting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iamlint.sources.terraform.elements import elements
from iamlint.sources.terraform.functions.call import MAX_RESULT, Call, Function
from iamlint.sources.terraform.functions.regex import compiled, find_all, find_one, replaced
from iamlint.sources.terraform.functions.replacing import in_json, in_text
from iamlint.sources.terraform.functions.verbs import format_text
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Maybe,
    because,
    is_null,
    text_of,
    wholly_known,
)
from iamlint.tree import Hole, ListNode, Node, Scalar, Text, Unknown


def _title(text: str) -> str:
    out: list[str] = []
    start = True
    for sign in text:
        out.append(sign.upper() if start else sign)
        start = not (sign.isalnum() or sign in "_'’")
    return "".join(out)


def _indent(count: float, text: str) -> str:
    if count * text.count("\n") > MAX_RESULT:
        raise Fail("the result of `indent` is too long")
    return text.replace("\n", "\n" + " " * int(count))


def _chomp(text: str) -> str:
    return text.rstrip("\r\n")


def _substr(text: str, offset: float, length: float) -> str:
    start, size = int(offset), int(length)
    if start < 0:
        start = max(0, start + len(text))
    if start > len(text) or size == 0:
        return ""
    if size < -1:
        raise Fail("the length must not be negative")
    return text[start:] if size == -1 else text[start : start + size]


def _trim_prefix(text: str, prefix: str) -> str:
    return text[len(prefix) :] if prefix and text.startswith(prefix) else text


def _trim_suffix(text: str, suffix: str) -> str:
    return text[: -len(suffix)] if suffix and text.endswith(suffix) else text


def _trim(text: str, signs: str) -> str:
    return text.strip(signs) if signs else text


def _replace(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old[0] == old[-1] == "/":
        return replaced(old[1:-1], text, new)
    if old == "":
        return new + new.join(text) + (new if text else "")
    if text.count(old) * len(new) > MAX_RESULT:
        raise Fail("the result of `replace` is too long")
    return text.replace(old, new)


def _split(separator: str, text: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def join(call: Call) -> Node:
    """`join`: holes in the parts stay holes in the result."""
    call.need(2, -1)
    separator = text_of(call.args[0])
    items: list[Node] = []
    for arg in call.args[1:]:
        found, more = elements(arg)
        if more is not None:
            return call.unknown(more)
        items += found
    if any(isinstance(item, Maybe) for item in items):
        return call.unknown_string("which parts it joins is not known")
    parts: list[str | Hole] = []
    for index, item in enumerate(items):
        if is_null(item):
            raise Fail("a null value among the parts of `join`")
        if index:
            parts += separator.parts
        parts += text_of(item).parts
    return _text(call, Text.of(*parts))


def formatted(call: Call) -> Node:
    """`format`: arguments with holes go into the text as they are."""
    call.need(1, -1)
    return _text(call, format_text(text_of(call.args[0]), call.args[1:]))


def format_list(call: Call) -> Node:
    """`formatlist`: one string for each element of the list arguments."""
    call.need(1, -1)
    layout = text_of(call.args[0])
    columns: list[list[Node] | Node] = []
    length: int | None = None
    more: str | None = None
    for arg in call.args[1:]:
        if isinstance(arg, ListNode):
            found, reason = elements(arg)
            more = more or reason
            if length is not None and length != len(found) and not reason:
                raise Fail("the lists of `formatlist` differ in length")
            length = len(found) if length is None else min(length, len(found))
            columns.append(found)
        elif isinstance(arg, Unknown):
            return call.unknown(arg.reason)
        else:
            columns.append(arg)
    items: list[Node] = []
    for row in range(1 if length is None else length):
        cells = [column[row] if isinstance(column, list) else column for column in columns]
        plain = [cell.value if isinstance(cell, Maybe) else cell for cell in cells]
        text = format_text(layout, tuple(plain))
        item: Node = _text(call, text)
        why = next((cell.possible for cell in cells if isinstance(cell, Maybe)), None)
        items.append(Maybe(place=item.place, value=item, possible=why) if why else item)
    return ListNode(place=call.place, items=tuple(items), open=more)


def _text(call: Call, text: Text) -> Scalar:
    from iamlint.sources.terraform.functions.call import doubt

    literal = text.literal
    return Scalar(
        place=call.place,
        value=text if literal is None else literal,
        possible=doubt(*call.args),
    )


def _edge(name: str, decide: Callable[[Text, str], bool | None], plain: Any) -> Function:
    """`startswith` and `endswith`, which a known edge of the text may answer."""

    def function(call: Call) -> Node:
        call.need(2)
        text, part = text_of(call.args[0]), text_of(call.args[1]).literal
        if part is not None:
            literal = text.literal
            answer = plain(literal, part) if literal is not None else decide(text, part)
            if answer is not None:
                return call.result(answer)
        return call.unknown(f"an argument of `{name}` is unknown")

    return function


def _head(text: Text, part: str) -> bool | None:
    first = text.parts[0] if text.parts else ""
    if not isinstance(first, str):
        return None
    if len(first) >= len(part):
        return first.startswith(part)
    return None if part.startswith(first) else False


def _tail(text: Text, part: str) -> bool | None:
    last = text.parts[-1] if text.parts else ""
    if not isinstance(last, str):
        return None
    if len(last) >= len(part):
        return last.endswith(part)
    return None if part.endswith(last) else False


def trim_prefix(call: Call) -> Node:
    """`trimprefix`, also where only the beginning of the text is known."""
    call.need(2)
    text, prefix = text_of(call.args[0]), text_of(call.args[1]).literal
    if prefix is None:
        return call.unknown_string("the prefix is not known")
    literal = text.literal
    if literal is not None:
        return _text(call, Text.of(_trim_prefix(literal, prefix)))
    decided = _head(text, prefix)
    if decided is None:
        return call.unknown_string("the beginning of the string is not known")
    first = text.parts[0]
    if decided and isinstance(first, str):
        return _text(call, Text.of(first[len(prefix) :], *text.parts[1:]))
    return because(call.args[0], None)


def trim_suffix(call: Call) -> Node:
    """`trimsuffix`, also where only the end of the text is known."""
    call.need(2)
    text, suffix = text_of(call.args[0]), text_of(call.args[1]).literal
    if suffix is None:
        return call.unknown_string("the suffix is not known")
    literal = text.literal
    if literal is not None:
        return _text(call, Text.of(_trim_suffix(literal, suffix)))
    decided = _tail(text, suffix)
    if decided is None:
        return call.unknown_string("the end of the string is not known")
    last = text.parts[-1]
    if decided and suffix and isinstance(last, str):
        return _text(call, Text.of(*text.parts[:-1], last[: -len(suffix)]))
    return call.args[0]


def split(call: Call) -> Node:
    """`split`: literal pieces around holes are kept where the separator can't be in a hole."""
    call.need(2)
    separator, text = text_of(call.args[0]).literal, text_of(call.args[1])
    if separator is None:
        return call.unknown("the separator is not known")
    literal = text.literal
    if literal is not None:
        return call.result(_split(separator, literal))
    reason = f"an argument of `{call.name}` is unknown"
    if isinstance(call.args[1], Unknown):
        reason = call.args[1].reason
    return ListNode(place=call.place, items=(), open=reason)


def replace(call: Call) -> Node:
    """`replace`, also in JSON that is not wholly known and in strings with holes."""
    call.need(3)
    old, new = call.args[1], call.args[2]
    sought = None if isinstance(old, Unknown) else text_of(old).literal
    is_pattern = sought is not None and len(sought) > 1 and sought[0] == sought[-1] == "/"
    if sought and not is_pattern and not isinstance(call.args[0], Unknown):
        made: Encoded | Text | None = None
        if isinstance(call.args[0], Encoded):
            made = in_json(call.args[0], sought, text_of(new))
        elif text_of(call.args[0]).literal is None:
            made = in_text(text_of(call.args[0]), sought, text_of(new))
        if isinstance(made, Encoded):
            return made
        if isinstance(made, Text):
            return _text(call, made)
    if not all(wholly_known(arg) for arg in call.args):
        return call.unknown_string("an argument of `replace` is unknown")
    text, pattern, other = (text_of(arg).literal or "" for arg in call.args)
    return call.result(_replace(text, pattern, other))


def regex(call: Call) -> Node:
    """`regex`: a string, a list of groups, or a map of named groups."""
    call.need(2)
    if not all(wholly_known(arg) for arg in call.args):
        return call.unknown("an argument of `regex` is unknown")
    pattern, text = (text_of(arg).literal or "" for arg in call.args)
    if compiled(pattern, text) is None:
        return call.unknown("the pattern is too costly to try")
    found = find_one(pattern, text)
    if found is None:
        raise Fail(f"`{pattern[:60]}` does not match")
    return call.result(found)


def regex_all(call: Call) -> Node:
    call.need(2)
    if not all(wholly_known(arg) for arg in call.args):
        return ListNode(place=call.place, items=(), open="an argument of `regexall` is unknown")
    pattern, text = (text_of(arg).literal or "" for arg in call.args)
    if compiled(pattern, text) is None:
        return call.unknown("the pattern is too costly to try")
    return call.result(find_all(pattern, text))


def _trimmed(trim: Callable[[str], str]) -> Function:
    """A function that only takes blanks off the ends: JSON stays what it is."""

    def function(call: Call) -> Node:
        call.need(1)
        if isinstance(call.args[0], Encoded):
            return call.args[0]
        literal = text_of(call.args[0]).literal
        if literal is None:
            return call.unknown_string("an argument is unknown")
        return call.result(trim(literal))

    return function


NODES: dict[str, Function] = {
    "trimspace": _trimmed(str.strip),
    "chomp": _trimmed(_chomp),
    "join": join,
    "format": formatted,
    "formatlist": format_list,
    "split": split,
    "replace": replace,
    "regex": regex,
    "regexall": regex_all,
    "trimprefix": trim_prefix,
    "trimsuffix": trim_suffix,
    "startswith": _edge("startswith", _head, str.startswith),
    "endswith": _edge("endswith", _tail, str.endswith),
}

PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {
    "upper": ("s", str.upper),
    "lower": ("s", str.lower),
    "title": ("s", _title),
    "trim": ("ss", _trim),
    "indent": ("is", _indent),
    "substr": ("sii", _substr),
    "strrev": ("s", lambda text: text[::-1]),
    "strcontains": ("ss", lambda text, part: part in text),
}
