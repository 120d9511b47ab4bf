"""Which rules run: prefixes, names, precedence, and what is said of a wrong name."""

from __future__ import annotations

import pytest

from iamlint.engine.registry import load
from iamlint.engine.selection import UnknownSelector, select
from iamlint.finding import Severity
from iamlint.rule import Rule


def rule(code: str, name: str, default: bool = True) -> Rule:
    body = {
        "code": code,
        "name": name,
        "severity": Severity.LOW,
        "since": "0.1",
        "default": default,
    }
    return type("Made", (Rule,), body)()


RULES = (
    rule("IAM101", "administrator-access"),
    rule("IAM106", "service-wildcard"),
    rule("IAM113", "infrastructure-modification", default=False),
    rule("IAM201", "trust-any-principal"),
)


def codes(**options: list[str]) -> list[str]:
    return [rule.code for rule in select(RULES, **options)]


def test_default() -> None:
    assert codes() == ["IAM101", "IAM106", "IAM201"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"select": ["IAM1"]}, ["IAM101", "IAM106"]),
        ({"select": ["iam106"]}, ["IAM106"]),
        ({"select": ["service-wildcard", "IAM2"]}, ["IAM106", "IAM201"]),
        ({"select": ["IAM1"], "ignore": ["IAM106"]}, ["IAM101"]),
        ({"select": ["IAM106"], "ignore": ["IAM1"]}, ["IAM106"]),
        ({"ignore": ["IAM1"]}, ["IAM201"]),
        ({"extend_select": ["IAM113"]}, ["IAM101", "IAM106", "IAM113", "IAM201"]),
        (
            {"extend_select": ["infrastructure-modification"], "ignore": ["IAM1"]},
            ["IAM113", "IAM201"],
        ),
        ({"select": ["IAM113"]}, ["IAM113"]),
        ({"select": ["ALL"]}, ["IAM101", "IAM106", "IAM113", "IAM201"]),
        ({"ignore": ["ALL"]}, []),
        ({"ignore": ["IAM902"]}, ["IAM101", "IAM106", "IAM201"]),
    ],
)
def test_selected(options: dict[str, list[str]], expected: list[str]) -> None:
    assert codes(**options) == expected


@pytest.mark.parametrize(
    ("selector", "suggestion"),
    [
        ("IAM2011", "IAM201"),
        ("service-wildcrad", "service-wildcard"),
        ("nonsense", None),
        ("I", None),
    ],
)
def test_unknown(selector: str, suggestion: str | None) -> None:
    with pytest.raises(UnknownSelector) as caught:
        codes(ignore=[selector])
    assert caught.value.selector == selector
    assert caught.value.suggestion == suggestion
    assert f"`{selector}`" in str(caught.value)


def test_the_built_in_pack_is_found_and_whole() -> None:
    registry = load()
    assert registry.broken == ()
    assert {"IAM001", "IAM101", "IAM504", "IAM601"} <= {rule.code for rule in registry.rules}
    assert registry.get("iam101") is registry.get("administrator-access") is not None
    assert registry.get("IAM999") is None
