"""Functions of the AWS provider and of OpenTofu, which no terraform binary alone can judge."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable

import pytest

from iamlint.sources.site import Project

Write = Callable[..., Project]

ROLE = "arn:aws:iam::123456789012:role/service/path/MyRole"


def resources(project: Write, expression: str) -> tuple[list[str], list[str]]:
    found = project(
        f"""
        data "aws_caller_identity" "c" {{}}
        data "aws_partition" "p" {{}}
        variable "x" {{}}
        resource "aws_iam_role" "r" {{ assume_role_policy = "" }}
        locals {{
          role = provider::aws::arn_parse(aws_iam_role.r.arn)
        }}
        resource "aws_iam_policy" "p" {{
          policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "s3:*", Resource = {expression} }}] }})
        }}
        """
    )
    return (
        [
            str(element.text)
            for site in found.sites
            if site.policy
            for statement in site.policy.statements
            for element in statement.resources
        ],
        [item.reason for item in found.unresolved],
    )


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # Examples of the provider's own documentation and tests.
        (f'values(provider::aws::arn_parse("{ROLE}"))',
         ["123456789012", "aws", "", "role/service/path/MyRole", "iam"]),
        (f'provider::aws::trim_iam_role_path("{ROLE}")', ["arn:aws:iam::123456789012:role/MyRole"]),
        ('provider::aws::trim_iam_role_path("arn:aws:iam::1:role/R")', ["arn:aws:iam::1:role/R"]),
        ('provider::aws::arn_build("aws", "iam", "", "444455556666", "role/example")',
         ["arn:aws:iam::444455556666:role/example"]),
        ('provider::aws::arn_parse("arn:aws:sns:eu-west-1:1:topic:sub").resource', ["topic:sub"]),
        # With what only the deployment knows.
        ('provider::aws::arn_build(data.aws_partition.p.partition, "s3", "", "", "${var.x}/*")',
         ["arn:‹data.aws_partition.p.partition›:s3:::‹var.x›/*"]),
        ('provider::aws::arn_parse("arn:aws:sqs:eu-west-1:${data.aws_caller_identity.c.account_id}:q-${var.x}").resource',
         ["q-‹var.x›"]),
        ('"arn:aws:iam::${local.role.account_id}:root"',
         ["arn:aws:iam::‹provider::aws::arn_parse(aws_iam_role.r.arn).account_id›:root"]),
        ('provider::aws::trim_iam_role_path("arn:aws:iam::${data.aws_caller_identity.c.account_id}:role/a/b/${var.x}")',
         ["arn:aws:iam::‹data.aws_caller_identity.c.account_id›:role/‹var.x›"]),
        # OpenTofu's.
        ('assumenotnull("a")', ["a"]),
        ('assumeequal(var.x, "known")', ["known"]),
        ('assumelistlength(["a", "b"], 1, 3)', ["a", "b"]),
        ('assumestringprefix("abc", "a")', ["abc"]),
        (f'base64gunzip("{base64.b64encode(gzip.compress(b"packed", mtime=0)).decode()}")', ["packed"]),
        ('[for a in ["10.1.2.3", "10.2.0.0/16", "11.0.0.1"] : a if cidrcontains("10.0.0.0/8", a)]',
         ["10.1.2.3", "10.2.0.0/16"]),
        # Terraform 1.15 and later.
        ("convert([1, 2], list(string))", ["1", "2"]),
        ('convert({ a = "x" }, object({ a = string, b = optional(string, "y") })).b', ["y"]),
    ],
)  # fmt: skip
def test_values(project: Write, expression: str, expected: list[str]) -> None:
    assert resources(project, expression) == (expected, [])


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ('provider::aws::arn_parse("arn:x").resource', "arn: not enough sections"),
        ('provider::aws::arn_parse("urn:a:b:c:d:e").resource', "arn: invalid prefix"),
        ('provider::aws::trim_iam_role_path("arn:aws:iam::1:user/u")', 'begin with "role/"'),
        ('provider::aws::trim_iam_role_path("arn:aws:s3::1:role/u")', 'service must be "iam"'),
        ('provider::aws::trim_iam_role_path(var.x)', "`x` has no value"),
        ('provider::aws::user_agent("a", "b", "c")', "`provider::aws::user_agent` is defined by a provider"),
        ('provider::time::rfc3339_parse("x").year', "`provider::time::rfc3339_parse` is defined by a provider"),
        ("assumenotnull(null)", "the value is null"),
        ('assumeequal("a", "b")', "not the expected one"),
        ('assumelistlengthmin(["a"], 2)', "a length of 1 is not as stated"),
        ('assumestringprefix("abc", "b")', "does not begin as stated"),
        ('base64gunzip("AAAA")', "not text that was packed with gzip"),
    ],
)  # fmt: skip
def test_refusals_and_what_is_not_known(project: Write, expression: str, reason: str) -> None:
    found, reasons = resources(project, expression)
    assert found == []
    assert len(reasons) == 1
    assert reason in reasons[0]


def test_a_bomb_is_not_unpacked(project: Write) -> None:
    packed = base64.b64encode(gzip.compress(b"a" * 20_000_000)).decode()
    assert "unpacks to too much" in resources(project, f'base64gunzip("{packed}")')[1][0]
