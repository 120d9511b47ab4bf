"""The condition operators: what each compares, and how one value meets one policy value."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

import msgspec

Family = Literal["string", "arn", "numeric", "date", "bool", "binary", "ip", "null"]
Comparison = Literal["equals", "like", "less", "less-equal", "greater", "greater-equal"]
Quantifier = Literal["all", "any"]


class Operator(msgspec.Struct, frozen=True):
    """A condition operator taken apart.

    `name` is the canonical spelling without quantifier and IfExists.  A `negated` operator is
    true where its positive twin matches no value.  Source: IAM User Guide,
    reference_policies_elements_condition_operators.
    """

    name: str
    family: Family
    comparison: Comparison
    negated: bool = False
    ignore_case: bool = False
    if_exists: bool = False
    quantifier: Quantifier | None = None


def _table() -> dict[str, Operator]:
    def make(
        name: str,
        family: Family,
        comparison: Comparison = "equals",
        *,
        negated: bool = False,
        ignore_case: bool = False,
    ) -> Operator:
        return Operator(name, family, comparison, negated, ignore_case)

    operators = [
        make("StringEquals", "string"),
        make("StringNotEquals", "string", negated=True),
        make("StringEqualsIgnoreCase", "string", ignore_case=True),
        make("StringNotEqualsIgnoreCase", "string", negated=True, ignore_case=True),
        make("StringLike", "string", "like"),
        make("StringNotLike", "string", "like", negated=True),
        make("ArnEquals", "arn", "like"),
        make("ArnLike", "arn", "like"),
        make("ArnNotEquals", "arn", "like", negated=True),
        make("ArnNotLike", "arn", "like", negated=True),
        make("Bool", "bool"),
        make("BinaryEquals", "binary"),
        make("IpAddress", "ip"),
        make("NotIpAddress", "ip", negated=True),
        make("Null", "null"),
    ]
    comparisons: tuple[tuple[str, Comparison, bool], ...] = (
        ("Equals", "equals", False),
        ("NotEquals", "equals", True),
        ("LessThan", "less", False),
        ("LessThanEquals", "less-equal", False),
        ("GreaterThan", "greater", False),
        ("GreaterThanEquals", "greater-equal", False),
    )
    families: tuple[tuple[str, Family], ...] = (("Numeric", "numeric"), ("Date", "date"))
    for prefix, family in families:
        for suffix, comparison, negated in comparisons:
            operators.append(make(prefix + suffix, family, comparison, negated=negated))
    return {operator.name.lower(): operator for operator in operators}


OPERATORS = _table()
"""The base operators by name in lower case."""


@lru_cache(maxsize=1024)
def operator(text: str) -> Operator | None:
    """The operator that a policy names (`ForAllValues:StringLikeIfExists`), or None.

    Names are read in any case, as AWS does.  `Null` takes no IfExists.
    """
    quantifier: Quantifier | None = None
    name = text.lower()
    if name.startswith("forallvalues:"):
        quantifier, name = "all", name[len("forallvalues:") :]
    elif name.startswith("foranyvalue:"):
        quantifier, name = "any", name[len("foranyvalue:") :]
    if_exists = name.endswith("ifexists")
    if if_exists:
        name = name[: -len("ifexists")]
    base = OPERATORS.get(name)
    if base is None or (base.family == "null" and (if_exists or quantifier is not None)):
        return None
    if not if_exists and quantifier is None:
        return base
    return msgspec.structs.replace(base, if_exists=if_exists, quantifier=quantifier)


@lru_cache(maxsize=4096)
def number(text: str) -> Decimal | None:
    """The number that a string holds, or None."""
    if len(text) > 400 or not text.isascii() or "_" in text:
        return None
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


@lru_cache(maxsize=4096)
def moment(text: str) -> Decimal | None:
    """Seconds since the epoch of an ISO 8601 date or time, or of an epoch number; else None."""
    as_number = number(text)
    if as_number is not None:
        return as_number
    from datetime import datetime, timezone

    stripped = text.strip()
    if stripped[-1:] in "Zz":
        stripped = stripped[:-1] + "+00:00"
    date, mark, rest = stripped.partition("T")
    fraction = Decimal(0)
    if "." in rest:
        whole, _, tail = rest.partition(".")
        digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
        if not digits or len(digits) > 9:
            return None
        fraction = Decimal("0." + digits)
        rest = whole + tail[len(digits) :]
    if len(rest) > 5 and rest[-5] in "+-" and ":" not in rest[-5:]:
        rest = rest[:-2] + ":" + rest[-2:]
    try:
        value = datetime.fromisoformat(date + mark + rest)
    except ValueError:
        return None
    if value.tzinfo is None:
        value = value.replace(tzinfo=timezone.utc)
    try:
        delta = value - datetime(1970, 1, 1, tzinfo=timezone.utc)
    except OverflowError:
        return None
    return Decimal(delta.days * 86400 + delta.seconds) + fraction


def compare(comparison: Comparison, value: Decimal, bound: Decimal) -> bool:
    """Whether a number stands to a bound as the operator asks."""
    if comparison == "less":
        return value < bound
    if comparison == "less-equal":
        return value <= bound
    if comparison == "greater":
        return value > bound
    if comparison == "greater-equal":
        return value >= bound
    return value == bound


@lru_cache(maxsize=4096)
def network(text: str) -> tuple[int, int, int] | None:
    """Version, first and last address of a CIDR block or of one address; None if it is neither."""
    import ipaddress

    try:
        block = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    return block.version, int(block.network_address), int(block.broadcast_address)


@lru_cache(maxsize=4096)
def binary(text: str) -> bytes | None:
    """The bytes of base64 text, or None."""
    import base64
    import binascii

    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
