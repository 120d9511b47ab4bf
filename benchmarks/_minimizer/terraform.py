"""Terraform text of roles, with policies attached and written as they are in real projects."""

from __future__ import annotations


def role(name: str, *blocks: str) -> str:
    """A role and what hangs on it; `{role}` in a block stands for the role's label."""
    label = name.replace("-", "_")
    head = f"""\
resource "aws_iam_role" "{label}" {{
  name               = "{name}"
  assume_role_policy = data.aws_iam_policy_document.{label}_trust.json
}}

data "aws_iam_policy_document" "{label}_trust" {{
  statement {{
    actions = ["sts:AssumeRole"]
    principals {{
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }}
  }}
}}
"""
    return "\n".join([head, *(block.replace("{role}", label) for block in blocks)])


def attached(*arns: str) -> str:
    """AWS managed policies (`AmazonS3FullAccess`, `service-role/…`), one attachment each."""
    return "\n".join(
        f"""\
resource "aws_iam_role_policy_attachment" "{{role}}_{arn.rsplit("/", 1)[-1].lower()}" {{
  role       = aws_iam_role.{{role}}.name
  policy_arn = "arn:aws:iam::aws:policy/{arn}"
}}
"""
        for arn in arns
    )


def inline(name: str, statements: str) -> str:
    """An inline policy under jsonencode; `statements` are HCL objects."""
    return f"""\
resource "aws_iam_role_policy" "{{role}}_{name}" {{
  name = "{name}"
  role = aws_iam_role.{{role}}.id
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
{statements}
    ]
  }})
}}
"""


def document(name: str, statements: str) -> str:
    """An inline policy through aws_iam_policy_document; `statements` are its blocks."""
    return f"""\
data "aws_iam_policy_document" "{{role}}_{name}" {{
{statements}
}}

resource "aws_iam_role_policy" "{{role}}_{name}" {{
  name   = "{name}"
  role   = aws_iam_role.{{role}}.id
  policy = data.aws_iam_policy_document.{{role}}_{name}.json
}}
"""
