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


ONE_LANGUAGE = {
    "IAM604": "CloudFormation has no type for the password policy",
    "IAM607": "a resource that only Terraform has",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_examples_in_both_languages(rule: type[Rule]) -> None:
    if rule.code in ONE_LANGUAGE:
        return
    languages = {example.language for example in rule.examples}
    assert {"terraform", "cloudformation"} <= languages


def test_codes_and_names_are_unique() -> None:
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.code.startswith("IAM") for rule in RULES)
