"""count, for_each and dynamic blocks: known, unknown and undecided."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from iamlint.sources.site import Project
from iamlint.tree import plain

Write = Callable[..., Project]

ROLE = "assume_role_policy = jsonencode({ Statement = [] })"


def trusts(project: Project) -> list[tuple[str, str | None]]:
    return [(site.address, site.possible) for site in project.sites if site.kind == "trust"]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("count = 2", [("aws_iam_role.r[0]", None), ("aws_iam_role.r[1]", None)]),
        ("count = 0", []),
        ('for_each = { b = 1, a = 2 }', [('aws_iam_role.r["a"]', None), ('aws_iam_role.r["b"]', None)]),
        ('for_each = toset(["x", "y"])', [('aws_iam_role.r["x"]', None), ('aws_iam_role.r["y"]', None)]),
        ("for_each = {}", []),
        ("count = var.on ? 1 : 0", [("aws_iam_role.r[0]", "by default of variable `on`")]),
        ("count = var.off ? 1 : 0", [("aws_iam_role.r[0]", "against variable `off`'s default")]),
        ("count = var.b ? 1 : 0", [("aws_iam_role.r[0]", "if `var.b`")]),
        ("count = var.n", [("aws_iam_role.r[0]", "if `var.n` is not 0")]),
        (
            'count = var.b ? "many" : 1',
            [("aws_iam_role.r[0]", 'if `var.b ? "many" : 1` is not 0')],
        ),
        ("for_each = var.m", [('aws_iam_role.r["‹each.key›"]', "for an element of `var.m`")]),
        ('for_each = var.b ? { a = 1 } : {}', [('aws_iam_role.r["a"]', "if `var.b`")]),
        ('for_each = merge({ a = 1 }, var.m)', [('aws_iam_role.r["a"]', None)]),
    ],
)  # fmt: skip
def test_instances(project: Write, argument: str, expected: list[tuple[str, str | None]]) -> None:
    found = project(
        f"""
        variable "on" {{ default = true }}
        variable "off" {{ default = false }}
        variable "b" {{ type = bool }}
        variable "n" {{ type = number }}
        variable "m" {{ type = map(string) }}
        resource "aws_iam_role" "r" {{
          {argument}
          name = "r${{try(each.key, count.index)}}"
          assume_role_policy = jsonencode({{ Statement = [{{
            Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = try(each.key, tostring(count.index)) }}
          }}] }})
        }}
        """
    )
    assert trusts(found) == expected
    assert [owner.address for owner in found.owners.values()] == [name for name, _ in expected]


def test_equal_instances_are_one_site_that_serves_all(project: Write) -> None:
    found = project(
        f'resource "aws_iam_role" "r" {{\n for_each = toset(["a", "b"])\n name = each.key\n {ROLE}\n}}\n'
    )
    (site,) = found.sites
    assert site.address == "aws_iam_role.r"
    assert [found.owners[key].address for key in site.owners] == [
        'aws_iam_role.r["a"]',
        'aws_iam_role.r["b"]',
    ]


def test_references_to_instances(project: Write) -> None:
    found = project(
        """
        resource "aws_s3_bucket" "b" { for_each = { one = "x", two = "y" } }
        resource "aws_iam_policy" "p" {
          policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = concat(
            [for k, b in aws_s3_bucket.b : "${b.arn}/${k}"],
            values(aws_s3_bucket.b)[*].arn,
            [aws_s3_bucket.b["one"].arn],
          ) }] })
        }
        """
    )
    policy = found.sites[0].policy
    assert policy is not None
    assert [str(e) for e in policy.statements[0].resources] == [
        '‹aws_s3_bucket.b["one"].arn›/one',
        '‹aws_s3_bucket.b["two"].arn›/two',
        '‹aws_s3_bucket.b["one"].arn›',
        '‹aws_s3_bucket.b["two"].arn›',
        '‹aws_s3_bucket.b["one"].arn›',
    ]


def test_dynamic_blocks(project: Write) -> None:
    found = project(
        """
        variable "more" {}
        locals { rules = { b = "sqs", a = "sns" } }
        data "aws_iam_policy_document" "d" {
          dynamic "statement" {
            for_each = local.rules
            iterator = it
            content {
              sid       = upper(it.key)
              actions   = ["${it.value}:*"]
              resources = ["*"]
              dynamic "condition" {
                for_each = it.key == "a" ? [1] : []
                content {
                  test     = "Bool"
                  variable = "aws:SecureTransport"
                  values   = ["true"]
                }
              }
            }
          }
          dynamic "statement" {
            for_each = var.more
            content {
              actions   = ["*"]
              resources = [statement.value]
            }
          }
        }
        resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.d.json }
        """
    )
    policy = found.sites[0].policy
    assert policy is not None
    first, second, third = policy.statements
    assert (str(first.sid), str(first.actions[0]), len(first.conditions)) == ("A", "sns:*", 1)
    assert (str(second.sid), str(second.actions[0]), len(second.conditions)) == ("B", "sqs:*", 0)
    assert first.place.text.startswith("content {")
    assert (str(third.actions[0]), third.possible) == ("*", "for an element of `var.more`")
    assert policy.open == "`Statement` may hold more: variable `more` has no value"


def test_plain_keeps_working_on_sets(project: Write) -> None:
    found = project(
        'resource "aws_iam_policy" "p" {\n  policy = jsonencode({ Statement = [{ Effect = "Allow", '
        'Action = toset(["b:B", "a:A", "b:B"]), Resource = "*" }] })\n}\n'
    )
    policy = found.sites[0].policy
    assert policy is not None
    assert policy.statements[0].node is not None
    assert plain(policy.statements[0].node) == {
        "Effect": "Allow",
        "Action": ["a:A", "b:B"],
        "Resource": "*",
    }
