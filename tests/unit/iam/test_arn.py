"""ARNs: taken apart, matched, filled."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.iam import arn, catalog
from iamlint.tree import Hole, Text


def test_split_keeps_colons_in_the_resource() -> None:
    found = arn.split("arn:aws:logs:us-east-1:111122223333:log-group:/a:log-stream:s")
    assert found is not None
    assert found.service == "logs"
    assert found.resource == "log-group:/a:log-stream:s"
    assert str(found) == "arn:aws:logs:us-east-1:111122223333:log-group:/a:log-stream:s"
    assert not found.is_pattern


def test_split_does_not_cut_inside_variables() -> None:
    found = arn.split("arn:aws:s3:::${aws:PrincipalTag/team}-logs/*")
    assert found is not None
    assert found.resource == "${aws:PrincipalTag/team}-logs/*"
    assert found.is_pattern


@pytest.mark.parametrize("text", ["", "*", "arn:aws:s3", "aws:arn:s3:::b", "arn*:aws:s3:::b"])
def test_what_is_no_arn(text: str) -> None:
    assert arn.split(text) is None


def test_split_text_with_holes() -> None:
    region, account = Hole("AWS::Region", "region"), Hole("AWS::AccountId", "account")
    name = Hole("var.name")
    found = arn.split_text(Text.of("arn:aws:sqs:", region, ":", account, ":", name, "-q:x"))
    assert found is not None
    assert found.certain
    assert [str(part) for part in found.parts] == [
        "aws",
        "sqs",
        "‹AWS::Region›",
        "‹AWS::AccountId›",
        "‹var.name›-q:x",
    ]


def test_split_text_is_uncertain_where_a_hole_may_hold_colons() -> None:
    found = arn.split_text(Text.of("arn:aws:", Hole("var.what"), ":us-east-1:1:x"))
    assert found is not None
    assert not found.certain


@pytest.mark.parametrize(
    "text",
    [
        Text.of(Hole("aws_s3_bucket.b.arn", "resource")),
        Text.of(Hole("aws_s3_bucket.b.arn", "resource"), "/*"),
        Text.of(Hole("var.arn"), ":aws:s3:::b"),
        Text.of("*"),
    ],
)
def test_split_text_of_no_visible_arn(text: Text) -> None:
    assert arn.split_text(text) is None


LOG_GROUP = "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}"


def test_match_gives_the_values() -> None:
    found = arn.match(LOG_GROUP, "arn:aws:logs:us-east-1:111122223333:log-group:/aws/x")
    assert found == {
        "Partition": "aws",
        "Region": "us-east-1",
        "Account": "111122223333",
        "LogGroupName": "/aws/x",
    }


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (LOG_GROUP, "arn:aws:logs:us-east-1:111122223333:log-group:/aws/x:*"),
        (LOG_GROUP, "arn:aws:logs::111122223333:log-group:/aws/x"),
        (LOG_GROUP, "arn:aws:logs:us-east-1:111122223333:log-group:"),
        ("arn:${Partition}:s3:::${BucketName}", "arn:aws:s3:::bucket/key"),
        ("arn:${Partition}:s3:::${BucketName}/${ObjectName}", "arn:aws:s3:::bucket"),
        ("arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", "arn:aws:iam::1:user/x"),
    ],
)
def test_no_match(template: str, text: str) -> None:
    assert arn.match(template, text) is None


def test_earlier_variables_take_least() -> None:
    found = arn.match("arn:${P}:s3:::${BucketName}/${ObjectName}", "arn:aws:s3:::b/k/l:m")
    assert found == {"P": "aws", "BucketName": "b", "ObjectName": "k/l:m"}


def test_a_star_in_a_template_takes_anything() -> None:
    assert arn.match("arn:${P}:dms:${R}:${A}:cert:*", "arn:aws:dms:x:1:cert:") is not None
    assert (
        arn.match("arn:${P}:neptune-db:${R}:${A}:${Id}/*", "arn:aws:neptune-db:x:1:c/db")
        is not None
    )


def test_fill() -> None:
    values = {"partition": "aws", "REGION": "eu-west-1", "account": "1", "loggroupname": "/x"}
    assert arn.fill(LOG_GROUP, values) == "arn:aws:logs:eu-west-1:1:log-group:/x"
    assert arn.fill(LOG_GROUP, {"partition": "aws"}) is None
    assert arn.fill(LOG_GROUP, {"partition": "aws"}, default="*") == "arn:aws:logs:*:*:log-group:*"
    assert arn.glob(LOG_GROUP) == "arn:*:logs:*:*:log-group:*"
    assert arn.variables(LOG_GROUP) == ("Partition", "Region", "Account", "LogGroupName")


def test_specificity_prefers_what_says_more() -> None:
    stream = LOG_GROUP + ":log-stream:${LogStreamName}"
    assert arn.specificity(stream) > arn.specificity(LOG_GROUP)


TEMPLATES = sorted(
    {
        template
        for prefix in catalog.services()
        for kind in catalog.service(prefix).resource_types  # type: ignore[union-attr]
        for template in kind.arns
    }
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TEMPLATES), st.text("abc-_.0", min_size=1, max_size=8))
def test_a_filled_template_matches_itself(template: str, value: str) -> None:
    names = arn.variables(template)
    filled = arn.fill(template, {name: f"{value}{at}" for at, name in enumerate(names)})
    assert filled is not None
    if len(arn.segments(template)) == 6:
        found = arn.match(template, filled)
        assert found is not None
        assert set(found) == set(names)


def test_nearly_all_templates_have_six_parts() -> None:
    odd = [template for template in TEMPLATES if arn.split(template) is None]
    assert len(odd) <= 3, odd


@settings(max_examples=120, deadline=None)
@given(st.text("ab:/${}*?arn", max_size=60), st.text("ab:/${}*?arn", max_size=60))
def test_no_input_raises(template: str, text: str) -> None:
    arn.match(template, text)
    arn.fill(template, {}, default="x")
    arn.split(text)
    arn.split_text(Text.of(text, Hole("h"), template))
    catalog.resource_types_for(text)
    catalog.expand(text)
    catalog.action(text)
