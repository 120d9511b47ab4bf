"""JSON text whose holes stand where no value can be: the reason names them."""

from __future__ import annotations

from collections.abc import Callable

from iamlint.sources.site import Project


def test_a_hole_in_the_place_of_a_comma(project: Callable[..., Project]) -> None:
    found = project(
        """
        variable "more" {}
        resource "aws_iam_policy" "p" {
          policy = <<-EOT
            {"Statement": [{"Effect": "Allow", "Action": "a:b", "Resource": "*"} ${var.more}]}
          EOT
        }
        """
    )
    (item,) = found.unresolved
    assert item.reason == (
        "the policy could not be evaluated: "
        "it is no JSON: expected `,` or `]`, found `‹var.more›` (line 5)"
    )
