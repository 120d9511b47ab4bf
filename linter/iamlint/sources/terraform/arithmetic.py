"""Arithmetic on numbers as Terraform has it: decimal fractions are exact."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from iamlint.sources.terraform.values import Fail

if TYPE_CHECKING:
    from fractions import Fraction


MAX_BITS = 4096


def exactly(number: float) -> Fraction:
    from fractions import Fraction

    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def tidy(number: Fraction) -> float:
    return number.numerator if number.denominator == 1 else float(number)


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def calculate(sign: str, left: float, right: float) -> float:
    one, two = exactly(left), exactly(right)
    if sign in "/%" and two == 0:
        raise Fail("division by zero")
    if sign == "+":
        result = one + two
    elif sign == "-":
        result = one - two
    elif sign == "*":
        result = one * two
    elif sign == "/":
        result = one / two
    else:
        quotient = abs(one) // abs(two)
        rest = abs(one) - quotient * abs(two)
        result = -rest if one < 0 else rest
    if result.numerator.bit_length() > MAX_BITS:
        raise Fail("the number is too large")
    return tidy(result)
