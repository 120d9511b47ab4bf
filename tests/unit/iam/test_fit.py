"""Whether a Resource can name what an action works on."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.iam import arn, catalog
from iamlint.iam.fit import fits
from iamlint.tree import Hole, Text


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:GetObject", "*", True),
        ("s3:GetObject", "arn:aws:s3:::bucket/*", True),
        ("s3:GetObject", "arn:aws:s3:::*", True),
        ("s3:GetObject", "arn:aws:s3:::bucket", False),
        ("s3:ListBucket", "arn:aws:s3:::bucket", True),
        ("s3:ListBucket", "arn:aws:s3:::bucket/*", False),
        ("s3:ListBucket", "arn:aws:s3:::bucket*", True),
        ("sqs:SendMessage", "arn:aws:sns:us-east-1:111122223333:topic", False),
        ("sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:queue", True),
        ("sqs:SendMessage", "arn:*", True),
        ("logs:CreateLogGroup", "arn:aws:logs:us-east-1:111122223333:log-group:/a/b", True),
        ("logs:CreateLogGroup", "arn:aws:logs:us-east-1:111122223333:log-group:/a/b:*", True),
        ("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:/a:log-stream:*", True),
        ("ssm:SendCommand", "arn:aws:ssm:us-east-1::document/AWS-RunShellScript", True),
        ("iam:PassRole", "arn:aws:iam::111122223333:role/path/x", True),
        ("iam:PassRole", "arn:aws:iam::111122223333:user/x", False),
        ("dynamodb:Query", "arn:aws:dynamodb:*:111122223333:table/t?/index/*", True),
        ("s3:GetObject", "arn:aws:s3:::${aws:PrincipalTag/team}/*", True),
        # An action that accepts only `*`.
        ("s3:ListAllMyBuckets", "*", True),
        ("ec2:DescribeInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-1", False),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*", None),
        # Not to be answered.
        ("nope:Nope", "*", None),
        ("s3:GetObject", "arn:aws:s3:::b/" + "x" * 600, None),
        ("s3:GetObject", "", False),
    ],
)
def test_fits(action: str, resource: str, expected: bool | None) -> None:
    assert fits(action, resource) is expected


def test_holes() -> None:
    bucket = Hole("aws_s3_bucket.b.bucket", "name")
    assert fits("s3:GetObject", Text.of("arn:aws:s3:::", bucket, "/*")) is None
    assert fits("sqs:SendMessage", Text.of("arn:aws:s3:::", bucket)) is False
    assert fits("s3:GetObject", Text.of(Hole("aws_s3_bucket.b.arn", "resource"))) is None


CASES = [
    (kind.prefix, name, template)
    for prefix in ("s3", "iam", "logs", "ec2", "dynamodb", "kms", "lambda", "sns", "ecs")
    for service in [catalog.service(prefix)]
    if service is not None
    for name in service.actions
    for kind in catalog.action(name).resource_types  # type: ignore[union-attr]
    for template in kind.arns
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CASES), st.text("ab-1", min_size=1, max_size=5))
def test_every_concrete_arn_of_its_types_fits(case: tuple[str, str, str], value: str) -> None:
    _, name, template = case
    concrete = arn.fill(template, {}, default=value)
    assert concrete is not None
    assert fits(name, concrete) is True
    assert fits(name, concrete[: len(concrete) // 2] + "*") is True


@settings(max_examples=60, deadline=None)
@given(st.text("ab:/*?", max_size=6))
def test_bucket_and_object_against_all_short_names(pattern: str) -> None:
    """The answer is True exactly if some short name of the right form matches the pattern."""
    from iamlint.iam.pattern import matches

    names = ["".join(chars) for size in range(8) for chars in itertools.product("ab/", repeat=size)]
    buckets = [name for name in names if "/" not in name]
    expected = any(matches(pattern, name) for name in buckets)
    if ":" not in pattern:
        assert fits("s3:ListBucket", "arn:aws:s3:::" + pattern) is expected


def test_versions_of_models_hold_a_colon() -> None:
    model = "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"
    assert fits("bedrock:InvokeModel", model) is True
