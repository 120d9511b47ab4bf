"""Condition operators: how they are named, and how numbers, dates and addresses are read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from iamlint.iam.condition import Context, condition_holds
from iamlint.iam.operators import moment, network, number, operator
from iamlint.iam.policy import Condition, Element
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Hole, Text

PLACE = Place(SourceText("p.json", ""), Span(0, 0))


def element(text: str | Text) -> Element:
    return Element(text if isinstance(text, Text) else Text.of(text), PLACE)


def holds(name: str, wanted: Any, held: Any, *, key: str = "k:k", **more: Any) -> bool | None:
    values = wanted if isinstance(wanted, list) else [wanted]
    condition = Condition(
        element(name), element(key), tuple(map(element, values)), more.get("open")
    )
    context = Context({"K:K": held}, complete=more.get("complete", True))
    return condition_holds(condition, context, variables=True).holds


@pytest.mark.parametrize(
    ("text", "name", "quantifier", "if_exists", "negated"),
    [
        ("StringEquals", "StringEquals", None, False, False),
        ("stringnotlikeifexists", "StringNotLike", None, True, True),
        ("ForAllValues:ArnLike", "ArnLike", "all", False, False),
        ("foranyvalue:NumericLessThanIfExists", "NumericLessThan", "any", True, False),
        ("NotIpAddress", "NotIpAddress", None, False, True),
    ],
)
def test_names_in_any_case(
    text: str, name: str, quantifier: str | None, if_exists: bool, negated: bool
) -> None:
    found = operator(text)
    assert found is not None
    assert (found.name, found.quantifier, found.if_exists, found.negated) == (
        name,
        quantifier,
        if_exists,
        negated,
    )


@pytest.mark.parametrize(
    "text", ["", "StringEqual", "NullIfExists", "ForAllValues:Null", "IfExists"]
)
def test_what_is_no_operator(text: str) -> None:
    assert operator(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", "5"),
        ("-1.50", "-1.5"),
        ("1e3", "1000"),
        ("x", None),
        ("", None),
        ("1_0", None),
        ("NaN", None),
        ("٣", None),
    ],
)
def test_numbers(text: str, expected: str | None) -> None:
    assert number(text) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-02", 86400),
        ("1970-01-01T00:00:01Z", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T01:00:00+0100", 0),
        ("1970-01-01T00:00:00.5Z", Decimal("0.5")),
        ("100", 100),
        ("1970-13-01", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: Any) -> None:
    assert moment(text) == expected


def test_addresses() -> None:
    assert network("10.0.0.7/8") == (4, 10 << 24, (11 << 24) - 1)
    assert network("::1") == (6, 1, 1)
    assert network("10.0.0.0/33") is None


@pytest.mark.parametrize(
    ("name", "wanted", "held", "expected"),
    [
        ("StringEquals", ["a", "b"], "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringEquals", "a*", "ab", False),
        ("StringLike", "a*", "ab", True),
        ("StringEqualsIgnoreCase", "Ab", "aB", True),
        ("NumericEquals", "5", "5.0", True),
        ("NumericLessThan", "5", "x", False),
        ("NumericLessThan", "x", "5", None),
        ("DateGreaterThan", "2026-01-01", "2026-01-01T00:00:01Z", True),
        ("Bool", "true", "TRUE", True),
        ("BinaryEquals", "eHl6", "eHl6", True),
        ("IpAddress", "10.0.0.0/8", "10.1.1.1", True),
        ("IpAddress", "10.0.0.0/8", "::1", False),
        ("NotIpAddress", "10.0.0.0/8", "::1", True),
        ("Null", "true", None, True),
        ("Null", "false", "x", True),
        ("Null", "true", [], True),
        ("StringEquals", "a", None, False),
        ("StringNotEquals", "a", None, True),
        ("StringEqualsIfExists", "a", None, True),
        ("ForAllValues:StringEquals", "a", None, True),
        ("ForAnyValue:StringNotEquals", "a", None, False),
        ("ForAnyValue:StringNotEquals", "a", ["a", "b"], True),
        ("ForAllValues:StringNotEquals", "a", ["a", "b"], False),
        ("StringEquals", "a", ["a", "b"], None),
        ("StringEquals", "a", ["a", "a"], True),
        ("StringFoo", "a", "a", None),
        ("ArnLike", "arn:aws:s3:::*", "arn:aws:s3:::a:b", True),
        ("ArnLike", "arn:aws:*:role/x", "arn:aws:iam::1:role/x", False),
        ("ArnEquals", "*", "anything", True),
    ],
)
def test_conditions(name: str, wanted: Any, held: Any, expected: bool | None) -> None:
    assert holds(name, wanted, held) is expected


def test_unknown_parts_make_the_answer_unknown_where_they_decide() -> None:
    hole = Text.of("a", Hole("var.x"))
    assert holds("StringEquals", [hole], "ab") is None
    assert holds("StringEquals", [hole], "b") is False
    assert holds("StringEquals", [hole, "b"], "b") is True
    assert holds("StringEquals", "a", "b", open="it may hold more") is None
    assert holds("StringEquals", "a", "a", open="it may hold more") is True
    assert holds("StringNotEquals", "a", "a", open="it may hold more") is False
    assert holds("StringEquals", "a", "x", key="other:key", complete=False) is None
