"""Policies in `.tf.json`: each element has a place of its own in the JSON text."""

from __future__ import annotations

from collections.abc import Callable

from iamlint.sources.site import Project

TEXT = """\
{
  "data": {"aws_iam_policy_document": {"d": {"statement": [
    {"actions": ["s3:Get*"], "resources": ["${aws_s3_bucket.b.arn}/*"]},
    {"actions": ["s3:Put*"], "resources": ["*"],
     "condition": {"test": "StringEquals", "variable": "aws:x", "values": ["y"]}}
  ]}}},
  "resource": {
    "aws_s3_bucket": {"b": {}},
    "aws_iam_policy": {"p": {"policy": "${data.aws_iam_policy_document.d.json}"}}
  }
}
"""


def test_statements_and_their_elements(project: Callable[..., Project]) -> None:
    found = project({"main.tf.json": TEXT})
    (site,) = found.sites
    assert site.policy is not None
    assert site.form == "blocks"
    first, second = site.policy.statements
    assert first.place.text == '{"actions": ["s3:Get*"], "resources": ["${aws_s3_bucket.b.arn}/*"]}'
    assert second.place.text.startswith('{"actions": ["s3:Put*"]')
    assert second.place.text.endswith("}}")
    assert [each.place.text for each in (*first.actions, *first.resources)] == [
        '"s3:Get*"',
        '"${aws_s3_bucket.b.arn}/*"',
    ]
    (condition,) = second.conditions
    assert condition.values[0].place.text == '"y"'
