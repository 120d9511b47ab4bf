"""Whether the operator, the key and the values of a condition are of one type."""

from __future__ import annotations

from typing import Literal

import msgspec

from iamlint.iam import keys, operators
from iamlint.iam.operators import Family, Operator
from iamlint.iam.policy import Condition, Element

Fault = Literal["key", "loose-key", "value", "wildcard"]
"""`key`: the operator compares another type than the key has.  `loose-key`: it does, and the text
of the value is compared instead, which mostly comes to the same.  `value`: the value is not of the
operator's type.  `wildcard`: the operator takes a wildcard in the value for a mere character."""


class Mismatch(msgspec.Struct, frozen=True):
    """What does not fit in a condition: where it is, and the operator to write, "" if none is known.

    `type` is the key's type in words for a fault of the key, else the operator's.
    """

    fault: Fault
    at: Element
    type: str
    instead: str = ""


_FAMILY: dict[str, Family] = {
    "String": "string",
    "ARN": "arn",
    "Bool": "bool",
    "Numeric": "numeric",
    "Date": "date",
    "IPAddress": "ip",
    "Binary": "binary",
}

_WORDS: dict[Family, str] = {
    "string": "a string",
    "arn": "an ARN",
    "bool": "`true` or `false`",
    "numeric": "a number",
    "date": "a date",
    "ip": "an address or a range of addresses",
    "binary": "base64",
    "null": "`true` or `false`",
}

_LITERAL_STAR = ("acm:domainnames", "route53:", "ses:", "cloudfront:")
"""Beginnings of keys whose values may hold a `*` that means itself, such as a wildcard domain."""


def mismatch(condition: Condition) -> Mismatch | None:
    """The first fault of a condition; None if there is none, or not enough is known."""
    operator = operators.operator(condition.operator.literal or "")
    key = condition.key.literal
    if operator is None or key is None:
        return None
    for value in condition.values:
        text = value.literal
        if text is None or "${" in text:
            continue
        if not _is_of(operator.family, text):
            return Mismatch("value", value, _WORDS[operator.family])
    return _of_key(operator, key, condition) or _of_wildcard(operator, key, condition)


def _is_of(family: Family, text: str) -> bool:
    if family in ("bool", "null"):
        return text.lower() in ("true", "false")
    if family == "numeric":
        return operators.number(text) is not None
    if family == "date":
        return operators.moment(text) is not None
    if family == "ip":
        return operators.network(text) is not None
    if family == "binary":
        return operators.binary(text) is not None
    if family == "arn":
        return text.startswith(("arn:", "*", "?", "a*", "arn*"))
    return True


def _of_key(operator: Operator, key: str, condition: Condition) -> Mismatch | None:
    found = keys.find(key)
    kind = _FAMILY.get(found.type.removeprefix("ArrayOf")) if found is not None else None
    if found is None or kind is None or operator.family in (kind, "null"):
        return None
    if {kind, operator.family} <= {"string", "arn", "binary"}:
        # Keys that hold ARNs are compared with string operators in AWS's own policies, too, and
        # an Arn operator has had its values looked at.
        return None
    if found.name == "aws:EpochTime" and operator.family in ("numeric", "date"):
        return None
    instead = _instead(operator, kind)
    if operator.family != "string":
        # What a tag or a string key holds may well be a number, or true.
        loose = kind == "string" and operator.family in ("numeric", "bool")
        return Mismatch("loose-key" if loose else "key", condition.operator, _WORDS[kind], instead)
    ranges = kind == "ip" and any("/" in (value.literal or "") for value in condition.values)
    return Mismatch("key" if ranges else "loose-key", condition.operator, _WORDS[kind], instead)


def _instead(operator: Operator, kind: Family) -> str:
    negated = operator.negated
    names: dict[Family, tuple[str, str]] = {
        "string": ("StringEquals", "StringNotEquals"),
        "arn": ("ArnLike", "ArnNotLike"),
        "bool": ("Bool", "Bool"),
        "numeric": ("NumericEquals", "NumericNotEquals"),
        "date": ("DateEquals", "DateNotEquals"),
        "ip": ("IpAddress", "NotIpAddress"),
        "binary": ("BinaryEquals", "BinaryEquals"),
        "null": ("Null", "Null"),
    }
    if kind == "bool" and negated:
        return ""
    if kind in ("numeric", "date") and operator.comparison not in ("equals", "like"):
        return ""
    return names[kind][negated] + ("IfExists" if operator.if_exists else "")


def _of_wildcard(operator: Operator, key: str, condition: Condition) -> Mismatch | None:
    if operator.family != "string" or operator.comparison != "equals":
        return None
    if key.lower().startswith(_LITERAL_STAR):
        return None
    for value in condition.values:
        text = value.literal
        if text is not None and "*" in text.replace("${*}", ""):
            return Mismatch("wildcard", value, _WORDS["string"], _like(operator))
    return None


def _like(operator: Operator) -> str:
    quantifier = {"all": "ForAllValues:", "any": "ForAnyValue:", None: ""}[operator.quantifier]
    name = "StringNotLike" if operator.negated else "StringLike"
    return f"{quantifier}{name}{'IfExists' if operator.if_exists else ''}"
