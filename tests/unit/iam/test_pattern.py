"""Wildcards, holes and policy variables, case by case."""

from __future__ import annotations

import pytest

from iamlint.iam.pattern import matches, overlaps, text_matches, text_overlaps, text_within, within
from iamlint.tree import Hole, Text

ACCOUNT = Hole("AWS::AccountId", "account")
OTHER = Hole("data.other.id", "account")
REGION = Hole("AWS::Region", "region")
PARTITION = Hole("AWS::Partition", "partition")
NAME = Hole("aws_s3_bucket.b.id", "name")
BUCKET = Hole("aws_s3_bucket.b.arn", "resource")
ANY = Hole("var.x")


@pytest.mark.parametrize(
    ("pattern", "string", "expected"),
    [
        ("*", "", True),
        ("?", "", False),
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "ac", False),
        ("*.*.*", "a.b", False),
        ("ab", "AB", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/", True),
        ("a*a", "a", False),
        ("s3:Get*", "s3:GetObject:x", True),
    ],
)
def test_matches(pattern: str, string: str, expected: bool) -> None:
    assert matches(pattern, string) is expected


def test_case_is_ignored_on_demand_for_ascii_alone() -> None:
    assert matches("S3:get*", "s3:GetObject", ignore_case=True)
    assert within("S3:GET*", "s3:g*", ignore_case=True)
    assert overlaps("S3:*", "s3:GetObject", ignore_case=True)
    assert not matches("?", "İ".lower(), ignore_case=True)
    assert matches("?", "İ", ignore_case=True)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("logs:CreateLogGroup", "logs:*", True),
        ("logs:*", "logs:CreateLogGroup", False),
        ("*?", "?*", True),
        ("a*b?c", "a*c", True),
        ("*a", "?*", True),
        ("*", "?*", False),
        ("a**b", "a*b", True),
    ],
)
def test_within(a: str, b: str, expected: bool) -> None:
    assert within(a, b) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (Text.of(BUCKET, "/*"), Text.of(BUCKET, "/*"), True),
        (Text.of(BUCKET, "/logs/*"), Text.of(BUCKET, "/*"), True),
        (Text.of(BUCKET, "/*"), Text.of("arn:*"), True),
        (Text.of(BUCKET, "/*"), Text.of("*"), True),
        (Text.of(BUCKET, "/*"), Text.of("arn:aws:s3:::*"), None),
        (Text.of(BUCKET, "/*"), Text.of("x*"), False),
        (Text.of("arn:aws:s3:::*"), Text.of(BUCKET, "/*"), False),
        (Text.of("arn:aws:iam::", ACCOUNT, ":role/x"), Text.of("arn:aws:iam::*:role/*"), True),
        (
            Text.of("arn:aws:iam::", ACCOUNT, ":role/x"),
            Text.of("arn:aws:iam::111122223333:role/x"),
            None,
        ),
        (
            Text.of("arn:aws:iam::", ACCOUNT, ":role/x"),
            Text.of("arn:aws:iam::11112222333:role/x"),
            False,
        ),
        (
            Text.of("arn:aws:iam::", ACCOUNT, ":role/x"),
            Text.of("arn:aws:iam::", OTHER, ":role/x"),
            None,
        ),
        (Text.of("arn:aws:iam::*:role/x"), Text.of("arn:aws:iam::", ACCOUNT, ":role/x"), False),
        (Text.of("arn:", PARTITION, ":s3:::b"), Text.of("arn:aws:s3:::b"), None),
        (Text.of("a:", REGION, ":b"), Text.of("a:us-east-1:b"), None),
        (Text.of("a:", REGION, ":b"), Text.of("a:US:b"), False),
        (Text.of(NAME), Text.of("a/b:c"), None),
        (Text.of(NAME), Text.of(Hole(NAME.name, "name", scope="modules/other")), None),
        (Text.of(ANY), Text.of("*"), True),
        (Text.of("*"), Text.of(ANY), None),
        (Text.of("*"), Text.of(NAME), False),
        (Text.of("s3:", ANY), Text.of("ec2:*"), False),
    ],
)
def test_within_with_holes(a: Text, b: Text, expected: bool | None) -> None:
    assert text_within(a, b) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (Text.of(BUCKET, "/*"), Text.of("arn:aws:s3:::logs/*"), None),
        (Text.of(BUCKET, "/*"), Text.of("s3:*"), False),
        (Text.of("arn:aws:iam::", ACCOUNT, ":role/a*"), Text.of("arn:aws:iam::*:role/ab"), True),
        (
            Text.of("arn:aws:iam::", ACCOUNT, ":role/a*"),
            Text.of("arn:aws:iam::111122223333:role/b*"),
            False,
        ),
    ],
)
def test_overlap_with_holes(a: Text, b: Text, expected: bool | None) -> None:
    assert text_overlaps(a, b) is expected
    assert text_overlaps(b, a) is expected


@pytest.mark.parametrize(
    ("pattern", "string", "variables", "expected"),
    [
        ("b/${aws:username}/*", "b/bob/x", True, None),
        ("b/${aws:username}/*", "b/bob/x", False, False),
        ("b/${aws:username}/*", "c/bob/x", True, False),
        ("b/${*}", "b/*", True, True),
        ("b/${*}", "b/x", True, False),
        ("b/${?}${$}", "b/?$", True, True),
        ("b/${", "b/${", True, True),
    ],
)
def test_policy_variables(
    pattern: str, string: str, variables: bool, expected: bool | None
) -> None:
    assert text_matches(Text.of(pattern), Text.of(string), variables=variables) is expected


def test_a_variable_is_within_what_takes_all_its_values() -> None:
    own = Text.of("arn:aws:s3:::b/${aws:username}/*")
    assert text_within(own, Text.of("arn:aws:s3:::b/*"), variables=True) is True
    assert text_within(own, own, variables=True) is True
    assert text_within(Text.of("arn:aws:s3:::b/*"), own, variables=True) is False
    assert text_within(own, Text.of("arn:aws:s3:::b/?/*"), variables=True) is None
