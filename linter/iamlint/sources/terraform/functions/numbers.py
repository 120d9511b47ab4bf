"""Functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from iamlint.sources.terraform.elements import elements
from iamlint.sources.terraform.functions.call import Call, Function
from iamlint.sources.terraform.values import Fail, Maybe, number_of, wholly_known
from iamlint.tree import ListNode, Node, Unknown

MAX_BITS = 4096


def tidy(number: int | float | Fraction) -> int | float:
    """A number in its plainest form: whole ones as int."""
    if isinstance(number, Fraction):
        return number.numerator if number.denominator == 1 else float(number)
    if isinstance(number, float):
        if not math.isfinite(number):
            raise Fail("the result is infinite")
        if number.is_integer() and abs(number) < 2**63:
            return int(number)
    return number


def exactly(number: int | float) -> Fraction:
    """A number as written: 0.1 is one tenth, as for Terraform."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def _power(base: int | float, exponent: int | float) -> int | float:
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        if base.bit_length() * exponent > MAX_BITS:
            raise Fail("the result of `pow` is too large")
        return int(base**exponent)
    return tidy(float(base) ** float(exponent))


def _log(number: float, base: float) -> int | float:
    if base == 1 or number <= 0 or base <= 0:
        raise Fail("`log` has no value there")
    return tidy(math.log(number) / math.log(base))


def _parse(text: str, base: int | float) -> int:
    if not 2 <= base <= 62:
        raise Fail("the base must be from 2 to 62")
    if "_" in text or text != text.strip() or len(text) > 200:
        raise Fail(f"`{text[:40]}` is no number of base {base}")
    try:
        return int(text, int(base)) if base <= 36 else _parse_wide(text, int(base))
    except ValueError:
        raise Fail(f"`{text[:40]}` is no number of base {base}") from None


def _parse_wide(text: str, base: int) -> int:
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[:base]
    value = 0
    for sign in text.lstrip("+-"):
        value = value * base + digits.index(sign)
    return -value if text.startswith("-") else value


def _numbers(call: Call) -> list[int | float] | Unknown:
    """The numbers that are given one by one or as one list."""
    args: list[Node] = list(call.args)
    if len(args) == 1 and isinstance(args[0], (ListNode, Unknown)):
        args, more = elements(args[0])
        if more is not None:
            return call.unknown(more)
    if any(isinstance(arg, Maybe) or not wholly_known(arg) for arg in args):
        return call.unknown(f"an argument of `{call.name}` is unknown")
    if not args:
        raise Fail(f"`{call.name}` needs at least one number")
    return [number_of(arg) for arg in args]


def _over(pick: Callable[[list[Any]], Any]) -> Function:
    def function(call: Call) -> Node:
        numbers = _numbers(call)
        return numbers if isinstance(numbers, Unknown) else call.result(tidy(pick(numbers)))

    return function


NODES: dict[str, Function] = {
    "max": _over(max),
    "min": _over(min),
    "sum": _over(lambda numbers: sum(map(exactly, numbers))),
}

PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {
    "abs": ("n", abs),
    "ceil": ("n", math.ceil),
    "floor": ("n", math.floor),
    "signum": ("i", lambda number: (number > 0) - (number < 0)),
    "pow": ("nn", _power),
    "log": ("nn", _log),
    "parseint": ("sn", _parse),
}
