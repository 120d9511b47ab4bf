"""Every example of every built-in rule gives exactly the findings that it promises."""

from __future__ import annotations

import pytest

from iamlint.rule import Example, Rule
from iamlint.testing import assert_documented, cases, run
from iamlint_rules import RULES


@pytest.mark.parametrize(("rule", "example"), cases(RULES))
def test_example(rule: Rule, example: Example) -> None:
    run(rule, example)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_documented(rule: type[Rule]) -> None:
    assert_documented(rule)
