"""Cloud Posse's label module: what hangs on it is known without the module."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from iamlint.sources.site import Project

Write = Callable[..., Project]

CONTEXT = """
module "this" {
  source  = "cloudposse/label/null"
  version = "0.25.0"
  enabled = var.enabled
  context = var.context
}
variable "enabled" { default = null }
variable "context" { default = { enabled = true, namespace = null } }
"""
POLICY = """
resource "aws_iam_policy" "p" {
  count  = module.this.enabled ? 1 : 0
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::${module.this.id}/*"
  }] })
}
"""


def test_enabled_by_default(project: Write) -> None:
    found = project(CONTEXT + POLICY)
    (site,) = found.sites
    assert site.possible == "by default of variable `context`"
    assert not found.unresolved
    assert site.policy is not None
    (resource,) = site.policy.statements[0].resources
    assert str(resource) == "arn:aws:s3:::‹module.this.id›/*"
    assert [hole.kind for hole in resource.text.holes] == ["name"]


@pytest.mark.parametrize(
    ("inputs", "count"),
    [
        ("", 1),
        ("enabled = true", 1),
        ("enabled = false", 0),
        ("context = module.outer.context", 1),
        ("context = module.off.context", 0),
        ("enabled = true\n  context = module.off.context", 1),
    ],
)
def test_as_a_caller_says(project: Write, inputs: str, count: int) -> None:
    files = {
        "m/main.tf": CONTEXT + POLICY,
        "main.tf": f"""
            module "outer" {{
              source = "git::https://github.com/cloudposse/terraform-null-label.git?ref=tags/0.25.0"
            }}
            module "off" {{
              source  = "cloudposse/label/null"
              enabled = false
            }}
            module "m" {{
              source = "./m"
              {inputs}
            }}
            """,
    }
    found = project(files)
    assert [site.possible for site in found.sites] == [None] * count
    assert not found.unresolved


def test_a_module_of_a_like_name_is_told(project: Write) -> None:
    text = CONTEXT.replace("cloudposse/label/null", "example/label/null")
    (item,) = project(text).unresolved
    assert item.reason.startswith("the module was not read: ")
