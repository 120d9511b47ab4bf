"""The general laws, over every rule: what they say of their own bad examples when one thing is changed."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest

from iamlint.finding import Finding
from iamlint.iam import catalog
from iamlint.rule import Example, Rule
from iamlint.testing import findings
from iamlint_rules import RULES

ALL = [rule() for rule in RULES]
DEFAULT = [rule for rule in ALL if rule.default]


def examples(codes: str, languages: tuple[str, ...], kind: str = "bad") -> list[Any]:
    """The examples of the rules whose code matches, in some languages."""
    return [
        pytest.param(rule, example, id=f"{rule.code}-{number}-{example.language}")
        for rule in ALL
        if re.fullmatch(codes, rule.code)
        for number, example in enumerate(rule.examples, 1)
        if example.kind == kind and example.language in languages
    ]


def changed(example: Example, source: str) -> Example:
    return msgspec.structs.replace(example, written=source)


GRANTS = r"IAM(1\d\d|20[1-9]|210|30[1-35]|40[12])"
ABOUT_DENY = {
    "IAM203": "what a Deny does to callers without MFA",
    "IAM205": "a Deny that forces MFA",
}


@pytest.mark.parametrize(
    ("rule", "example"), examples(GRANTS, ("terraform", "cloudformation", "policy"))
)
def test_a_deny_is_never_flagged_as_a_grant(rule: Rule, example: Example) -> None:
    source = re.sub(r"\bAllow\b", "Deny", example.source)
    source = re.sub(r"(?m)^(\s*)statement \{$", r'\1statement {\n\1  effect = "Deny"', source)
    if rule.code in ABOUT_DENY or source == example.source or "policy/" in source:
        return  # what is attached by its name is no Deny
    assert findings([rule], changed(example, source)) == ()


def only_possible(example: Example) -> Example:
    """The example with all its resources under a condition of which nothing is known."""
    if example.language == "terraform":
        source = re.sub(
            r'(?m)^(resource "[^"]+" "[^"]+" \{)$', r"\1\n  count = var.zq7 ? 1 : 0", example.source
        )
        source = re.sub(r"(\baws_\w+\.\w+)\.(?=(arn|name|id|json)\b)", r"\1[0].", source)
        source = re.sub(r"data\.(aws_\w+\.\w+)\[0\]", r"data.\1", source)
        return changed(example, source + '\nvariable "zq7" { type = bool }\n')
    source = re.sub(
        r"(?m)^(\s+)(Type: (?:AWS|Custom)::\S+)$", r"\1\2\n\1Condition: Zq7", example.source
    )
    head = 'Parameters:\n  Zq8: {Type: String}\nConditions:\n  Zq7: !Equals [!Ref Zq8, "yes"]\n'
    return changed(example, head + source)


NOT_OF_A_RESOURCE = {
    "IAM001": "a file that cannot be read",
    "IAM002": "what could not be evaluated is so either way",
    "IAM510": "no line has caused it",
}


@pytest.mark.parametrize(
    ("rule", "example"), examples(r"IAM\d\d\d", ("terraform", "cloudformation"))
)
def test_what_is_only_possible_is_never_certain(rule: Rule, example: Example) -> None:
    if rule.code in NOT_OF_A_RESOURCE or "Parameters:" in example.source:
        return
    if "Conditions:" in example.source or "count" in example.source:
        return
    if "for_each" in example.source or "Transform" in example.source:
        return
    found = findings([rule], only_possible(example))
    certain = [finding.message for finding in found if finding.confidence == "certain"]
    # A key or password that is written in the text is there, whatever is deployed.
    assert [message for message in certain if "written in the text" not in message] == []


STAR_ONLY = [
    action.name
    for prefix in catalog.services()
    for action in map(catalog.action, catalog.expand(f"{prefix}:*"))
    if action is not None and not action.resource_level
]
ABOUT_RESOURCES = {"IAM105", "IAM107", "IAM110", "IAM111", "IAM112", "IAM113", "IAM114", "IAM115"}


def test_actions_that_take_no_resource_are_never_blamed_for_it() -> None:
    assert len(STAR_ONLY) > 5_000
    for start in range(0, len(STAR_ONLY), 500):
        statement = {
            "Effect": "Allow",
            "Action": STAR_ONLY[start : start + 500],
            "Resource": "*",
        }
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        found = findings(ALL, Example(kind="tricky", language="policy", written=text))
        assert [f.message for f in found if f.rule in ABOUT_RESOURCES] == []


ONE_CAUSE = re.compile(r"IAM(101|102|103|105|106|107|108|109|110|111|112|114|115|201|301|302)")


@pytest.mark.parametrize(
    ("rule", "example"), examples(r"IAM[1-4]\d\d", ("terraform", "cloudformation", "policy"))
)
def test_no_string_is_told_by_two_rules_on_breadth(rule: Rule, example: Example) -> None:
    by_place: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings(DEFAULT, example):
        if ONE_CAUSE.fullmatch(finding.rule):
            key = (finding.place.path, finding.place.span.start)
            by_place.setdefault(key, []).append(finding)
    assert [[f.rule for f in each] for each in by_place.values() if len(each) > 1] == []
