"""`aws_iam_policy_document` as the AWS provider renders it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iamlint.iam.decode import to_json
from iamlint.sources.site import PolicySite, Project

Write = Callable[..., Project]

USE = '\nresource "aws_s3_bucket_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'


def site_of(project: Project) -> PolicySite:
    (site,) = project.sites
    return site


def rendered(project: Project) -> dict[str, Any]:
    policy = site_of(project).policy
    assert policy is not None
    document: dict[str, Any] = to_json(policy)
    return document


def test_elements_defaults_and_order(project: Write) -> None:
    found = project(
        """
        data "aws_iam_policy_document" "d" {
          policy_id = "Example"
          statement {
            sid       = "One"
            actions   = ["s3:Get*", "s3:List*"]
            resources = ["arn:aws:s3:::a", "arn:aws:s3:::b/&{aws:username}/*"]
            principals {
              type        = "AWS"
              identifiers = ["111111111111", "222222222222"]
            }
            principals {
              type        = "Service"
              identifiers = ["ec2.amazonaws.com"]
            }
            condition {
              test     = "StringEquals"
              variable = "aws:PrincipalTag/x"
              values   = ["b", "a"]
            }
            condition {
              test     = "StringEquals"
              variable = "aws:PrincipalTag/x"
              values   = ["&{aws:userid}"]
            }
            condition {
              test     = "Bool"
              variable = "aws:SecureTransport"
              values   = ["true"]
            }
          }
          statement {
            effect        = "Deny"
            not_actions   = ["s3:*"]
            not_resources = ["*"]
            not_principals {
              type        = "*"
              identifiers = ["*"]
            }
          }
        }
        """
        + USE
    )
    assert rendered(found) == {
        "Version": "2012-10-17",
        "Id": "Example",
        "Statement": [
            {
                "Sid": "One",
                "Effect": "Allow",
                "Principal": {
                    "AWS": ["222222222222", "111111111111"],
                    "Service": "ec2.amazonaws.com",
                },
                "Action": ["s3:List*", "s3:Get*"],
                "Resource": ["arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::a"],
                "Condition": {
                    "StringEquals": {"aws:PrincipalTag/x": ["b", "a", "${aws:userid}"]},
                    "Bool": {"aws:SecureTransport": "true"},
                },
            },
            {"Effect": "Deny", "NotPrincipal": "*", "NotAction": "s3:*", "NotResource": "*"},
        ],
    }
    assert site_of(found).form == "blocks"


def test_places_are_blocks_and_literals(project: Write) -> None:
    found = project(
        'data "aws_iam_policy_document" "d" {\n'
        "  statement {\n"
        '    actions   = ["s3:*"]\n'
        '    resources = ["*"]\n'
        "  }\n"
        "}\n" + USE
    )
    policy = site_of(found).policy
    assert policy is not None
    assert site_of(found).place.start == (1, 1)
    (statement,) = policy.statements
    assert (statement.place.start, statement.place.end) == ((2, 3), (5, 4))
    assert (statement.actions[0].place.start, statement.actions[0].place.text) == (
        (3, 18),
        '"s3:*"',
    )
    assert statement.effect_place is not None
    assert statement.effect_place.start == (2, 3)


def test_sources_statements_overrides(project: Write) -> None:
    found = project(
        """
        data "aws_iam_policy_document" "a" {
          policy_id = "first"
          statement {
            sid       = "same"
            actions   = ["a:A"]
            resources = ["*"]
          }
          statement {
            actions   = ["a:B"]
            resources = ["*"]
          }
        }
        data "aws_iam_policy_document" "d" {
          source_policy_documents   = [data.aws_iam_policy_document.a.json]
          override_policy_documents = [
            jsonencode({ Statement = { Sid = "other", Effect = "Deny", Action = "o:O", Resource = "*" } }),
            "{\\"Id\\": \\"last\\", \\"Statement\\": [{\\"Effect\\": \\"Allow\\", \\"Action\\": \\"o:P\\", \\"Resource\\": \\"*\\"}]}",
          ]
          statement {
            sid       = "same"
            actions   = ["d:A"]
            resources = ["*"]
          }
          statement {
            sid       = "other"
            actions   = ["d:B"]
            resources = ["*"]
          }
        }
        """
        + USE
    )
    document = rendered(found)
    assert document["Id"] == "last"
    assert [(s.get("Sid"), s["Effect"], s["Action"]) for s in document["Statement"]] == [
        ("same", "Allow", "d:A"),
        (None, "Allow", "a:B"),
        ("other", "Deny", "o:O"),
        (None, "Allow", "o:P"),
    ]


def test_an_unknown_source_leaves_the_document_open(project: Write) -> None:
    found = project(
        """
        variable "more" { type = list(string) }
        data "aws_iam_policy_document" "d" {
          source_policy_documents = concat(var.more, [aws_x.y.json])
          statement {
            actions   = ["d:A"]
            resources = ["*"]
          }
        }
        """
        + USE
    )
    policy = site_of(found).policy
    assert policy is not None
    assert [str(a) for s in policy.statements for a in s.actions] == ["d:A"]
    assert policy.open == "`Statement` may hold more: variable `more` has no value"


def test_counted_documents(project: Write) -> None:
    found = project(
        """
        data "aws_iam_policy_document" "each" {
          for_each = { a = "s3:A", b = "s3:B" }
          statement {
            actions   = [each.value]
            resources = ["*"]
          }
        }
        data "aws_iam_policy_document" "d" {
          source_policy_documents = [for d in data.aws_iam_policy_document.each : d.json]
        }
        """
        + USE
    )
    assert [s["Action"] for s in rendered(found)["Statement"]] == ["s3:A", "s3:B"]


def test_a_branch_of_a_statement_list(project: Write) -> None:
    found = project(
        """
        variable "x" { type = bool }
        data "aws_iam_policy_document" "d" {
          statement {
            actions   = var.x ? ["s3:*"] : ["s3:Get*"]
            resources = ["*"]
          }
        }
        """
        + USE
    )
    policy = site_of(found).policy
    assert policy is not None
    assert [(str(a), a.possible) for a in policy.statements[0].actions] == [
        ("s3:*", "if `var.x`"),
        ("s3:Get*", "unless `var.x`"),
    ]


def test_merged_documents_are_rendered_again(project: Write) -> None:
    """Keys of any case count, unknown ones and numbers in conditions are lost."""
    found = project(
        """
        data "aws_iam_policy_document" "d" {
          version = "2008-10-17"
          source_policy_documents = [jsonencode({
            version   = "2012-10-17"
            comment   = "dropped"
            statement = [{
              sid       = "A"
              effect    = "Allow"
              ACTION    = "a:A"
              resource  = "*"
              condition = {
                NumericLessThan = { "aws:MultiFactorAuthAge" = 3600 }
                Bool            = { "aws:SecureTransport" = true }
              }
            }]
          })]
        }
        """
        + USE
    )
    assert rendered(found) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "A",
                "Effect": "Allow",
                "Action": "a:A",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            }
        ],
    }


def test_a_sid_given_twice_in_one_step_keeps_both(project: Write) -> None:
    """The provider refuses it; here nothing of it gets lost."""
    found = project(
        """
        data "aws_iam_policy_document" "d" {
          statement {
            sid       = "A"
            actions   = ["a:A"]
            resources = ["*"]
          }
          statement {
            sid       = "A"
            actions   = ["a:B"]
            resources = ["*"]
          }
        }
        """
        + USE
    )
    assert [s["Action"] for s in rendered(found)["Statement"]] == ["a:A", "a:B"]


STRICT = """
    data "aws_iam_policy_document" "strict" {
      statement {
        sid       = "Same"
        actions   = ["s3:GetObject"]
        resources = ["*"]
      }
    }
    data "aws_iam_policy_document" "d" {
      override_policy_documents = %s
      statement {
        sid       = %s
        effect    = "Deny"
        actions   = ["s3:*"]
        resources = ["*"]
      }
      statement {
        sid       = "Other"
        effect    = "Deny"
        actions   = ["sqs:*"]
        resources = ["*"]
      }
      statement {
        effect    = "Deny"
        actions   = ["sns:*"]
        resources = ["*"]
      }
    }
"""
ALWAYS = "[data.aws_iam_policy_document.strict.json]"
REPLACED = "if no other statement of its Sid replaces it"


def certainty(project: Project) -> dict[str, str | None]:
    (policy,) = [s.policy for s in project.sites if s.resource_type == "aws_s3_bucket_policy"]
    assert policy is not None
    return {
        f"{one.effect} {one.actions[0]}": one.possible for one in policy.statements if one.actions
    }


def test_an_override_that_may_be_there_leaves_what_it_may_replace_possible(project: Write) -> None:
    override = f"aws_kms_key.k.key_id == var.x ? {ALWAYS} : []"
    found = project(STRICT % (override, '"Same"') + USE + 'variable "x" {}')
    assert certainty(found) == {
        "Deny s3:*": REPLACED,
        "Deny sqs:*": None,
        "Deny sns:*": None,
        "Allow s3:GetObject": "if `aws_kms_key.k.key_id == var.x`",
    }


def test_an_override_that_is_not_known_may_replace_every_statement_with_a_sid(
    project: Write,
) -> None:
    found = project(STRICT % ("[var.x]", '"Same"') + USE + 'variable "x" {}')
    assert certainty(found) == {
        "Deny s3:*": REPLACED,
        "Deny sqs:*": REPLACED,
        "Deny sns:*": None,
    }


def test_a_sid_that_is_not_known_may_be_replaced(project: Write) -> None:
    for sid in ('var.x == "a" ? "Same" : "New"', '"Sa${var.x}"', "var.x"):
        found = project(STRICT % (ALWAYS, sid) + USE + 'variable "x" {}')
        assert certainty(found) == {
            "Deny s3:*": REPLACED,
            "Deny sqs:*": None,
            "Deny sns:*": None,
            "Allow s3:GetObject": None,
        }
    found = project(STRICT % (ALWAYS, '"New${var.x}"') + USE + 'variable "x" {}')
    assert certainty(found)["Deny s3:*"] is None


def test_a_sid_that_is_a_number_is_a_string(project: Write) -> None:
    found = project((STRICT % ("null", "1")).partition("}\n    }")[2] + USE)
    assert [one.get("Sid") for one in rendered(found)["Statement"]] == ["1", "Other", None]
