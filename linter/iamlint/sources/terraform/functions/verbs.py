"""The `%` verbs of `format` and `formatlist`, as Terraform's library (go-cty) defines them."""

from __future__ import annotations

import re
from decimal import Decimal

from iamlint.sources.terraform.rendering import json_text
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    because,
    bool_of,
    format_number,
    is_null,
    known,
    number_of,
    text_of,
)
from iamlint.tree import Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

_VERB = re.compile(r"%([ +\-#0]*)(\d+)?(?:\.(\d*))?(?:\[(\d+)\])?([A-Za-z%])")
MAX_WIDTH = 10_000
_HOLE_BASE = 0xF0000  # private-use characters stand for holes while verbs are filled in


def format_text(layout: Text, args: tuple[Node, ...]) -> Text:
    """The layout with its verbs filled in; holes in it and in arguments stay holes."""
    if layout.literal is not None:
        return _fill(layout.literal, args)
    holes = {chr(_HOLE_BASE + i): hole for i, hole in enumerate(layout.holes)}
    signs = iter(holes)
    marked = "".join(p if isinstance(p, str) else next(signs) for p in layout.parts)
    parts: list[str | Hole] = []
    for part in _fill(marked, args).parts:
        if isinstance(part, str):
            parts += (
                holes.get(piece, piece) for piece in re.split(r"([\U000F0000-\U000FFFFD])", part)
            )
        else:
            parts.append(part)
    return Text.of(*parts)


def _fill(layout: str, args: tuple[Node, ...]) -> Text:
    parts: list[str | Hole] = []
    at, used, highest, explicit = 0, 0, 0, False
    while (start := layout.find("%", at)) != -1:
        parts.append(layout[at:start])
        found = _VERB.match(layout, start)
        if found is None:
            raise Fail(f"`{layout[start : start + 8]}` is no verb of `format`")
        at = found.end()
        if found.group(5) == "%":
            parts.append("%")
            continue
        if found.group(4):
            used, explicit = int(found.group(4)) - 1, True
        if not 0 <= used < len(args):
            raise Fail("`format` has not enough arguments")
        parts += _verb(found, args[used]).parts
        used += 1
        highest = max(highest, used)
    if highest < len(args) and not explicit:
        raise Fail("`format` has too many arguments")
    parts.append(layout[at:])
    return Text.of(*parts)


def _verb(found: re.Match[str], arg: Node) -> Text:
    flags, width, precision, verb = found.group(1), found.group(2), found.group(3), found.group(5)
    if not known(arg) and not isinstance(arg, (ListNode, MapNode, Encoded)):
        if isinstance(arg, Unknown) or verb in "sv":
            return text_of(arg)
        if verb == "q":
            return Text.of('"', *text_of(arg).parts, '"')
        return Text((Hole(f"%{verb}"),))
    if isinstance(arg, Encoded):
        text = text_of(arg)
        if text.literal is None:
            return text
        arg = because(Scalar(place=arg.place, value=text.literal), arg.possible)
    if verb == "v":
        if isinstance(arg, (ListNode, MapNode)) or is_null(arg):
            return json_text(arg)
        value = arg.value if isinstance(arg, Scalar) else None
        if isinstance(value, str) and "#" in flags:
            return json_text(arg)
        shown = value if isinstance(value, str) else str(text_of(arg))
        return Text.of(_padded(shown, flags.replace("0", ""), width))
    if is_null(arg):
        raise Fail(f"a null value for `%{verb}`")
    if verb == "s":
        shown = text_of(arg).literal or ""
        if precision:
            shown = shown[: int(precision)]
        return Text.of(_padded(shown, flags, width))
    if verb == "q":
        return Text.of(
            _padded(str(json_text(Scalar(place=arg.place, value=text_of(arg)))), flags, width)
        )
    if verb == "t":
        return Text.of(_padded("true" if bool_of(arg) else "false", flags, width))
    return Text.of(_number(verb, flags, width, precision, number_of(arg)))


def _number(
    verb: str, flags: str, width: str | None, precision: str | None, number: int | float
) -> str:
    if verb in "dbxXo":
        if isinstance(number, float) and not number.is_integer() and verb != "d":
            raise Fail(f"`%{verb}` needs a whole number")
        whole = int(number)
        digits = format(abs(whole), verb)
        if "#" in flags and verb in "xX":
            digits = f"0{verb}{digits}"
        sign = "-" if whole < 0 else "+" if "+" in flags else " " if " " in flags else ""
    elif verb in "feEgG":
        digits = _fraction(verb, precision, abs(number))
        sign = "-" if number < 0 else "+" if "+" in flags else " " if " " in flags else ""
    else:
        raise Fail(f"`%{verb}` is no verb of `format`")
    if "0" in flags and "-" not in flags and width:
        digits = digits.rjust(_width(width) - len(sign), "0")
    return _padded(sign + digits, flags.replace("0", ""), width)


def _fraction(verb: str, precision: str | None, number: int | float) -> str:
    if precision is None and verb in "gG":
        shown = format_number(number)
        exponent = Decimal(shown).adjusted() if number else 0
        if -4 <= exponent < 21:
            return shown
        mantissa, _, power = f"{Decimal(shown):e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}{'e' if verb == 'g' else 'E'}{power[0]}{power[1:].zfill(2)}"
    places = int(precision) if precision else 0 if precision == "" else 6
    shown = format(Decimal(format_number(number)), f".{min(places, 200)}{verb}")
    # Python writes e+4 where Go writes e+04.
    return re.sub(r"([eE][+-])(\d)$", r"\g<1>0\2", shown)


def _width(width: str) -> int:
    if len(width) > 6 or int(width) > MAX_WIDTH:
        raise Fail("the width of a verb is too large")
    return int(width)


def _padded(text: str, flags: str, width: str | None) -> str:
    if not width:
        return text
    size = _width(width)
    if "-" in flags:
        return text.ljust(size)
    return text.rjust(size, "0" if "0" in flags else " ")
