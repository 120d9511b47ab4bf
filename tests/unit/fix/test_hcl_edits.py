"""Edits of Terraform: what changes in the source, form by form."""

from __future__ import annotations

import pytest

from .conftest import Planned, body, used

ROLE = """\
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({ Statement = [] })
}
"""
MEDIA = used(s3_GetObject="arn:aws:s3:::media/*", s3_PutObject="arn:aws:s3:::media/*")


def inline(policy: str) -> str:
    return f"""{ROLE}
resource "aws_iam_role_policy" "app" {{
  role   = aws_iam_role.app.id
  policy = {policy}
}}
"""


@pytest.mark.parametrize(
    ("policy", "changed"),
    [
        (
            """jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:*" # for now
        Resource = "*"
      },
    ]
  })""",
            """\
-        Effect   = "Allow"
-        Action   = "s3:*" # for now
-        Resource = "*"
+        Effect = "Allow"
+        Action = [
+          "s3:GetObject",
+          "s3:PutObject",
+        ] # for now
+        Resource = "arn:aws:s3:::media/*\"""",
        ),
        (
            """jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = [
        # reads
        "s3:GetObject", # objects
        "s3:GetBucketPolicy",
        # writes
        "s3:PutObject",
        "s3:DeleteBucket", // never
      ]
      Resource = ["arn:aws:s3:::media/*"]
    }]
  })""",
            """\
-        "s3:GetBucketPolicy",
-        "s3:DeleteBucket", // never""",
        ),
        (
            """jsonencode({
    Version = "2012-10-17"
    Statement = [
      # machines
      { Effect = "Allow", Action = "ec2:RunInstances", Resource = "*" }, # old
      { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "arn:aws:s3:::media/*" },
    ]
  })""",
            """\
-      { Effect = "Allow", Action = "ec2:RunInstances", Resource = "*" }, # old""",
        ),
        (
            """<<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "s3:*",
          "Resource": ["arn:aws:s3:::media/*", "arn:aws:s3:::${var.other}/*"]
        }
      ]
    }
  EOT""",
            """\
-          "Action": "s3:*",
+          "Action": [
+            "s3:GetObject",
+            "s3:PutObject"
+          ],""",
        ),
    ],
)
def test_inline_policies(planned: Planned, policy: str, changed: str) -> None:
    text = 'variable "other" {}\n\n' + inline(policy)
    (found,) = planned({"main.tf": text}, MEDIA)
    assert (found.applicability, found.why_not_safe) == ("safe", "")
    got = [line for line in body(found.edit) if "var.other" not in line]
    assert "\n".join(got) == changed


def test_statement_blocks(planned: Planned) -> None:
    text = """\
data "aws_iam_policy_document" "app" {
  statement {
    sid       = "Media"
    actions   = ["s3:*"]
    resources = ["*"]
  }

  # machines
  statement {
    actions   = ["ec2:RunInstances"]
    resources = ["*"]
  }
}

""" + inline("data.aws_iam_policy_document.app.json")
    usage = used(s3_GetObject="arn:aws:s3:::media/*", s3_GetBucketLocation="arn:aws:s3:::media")
    (found,) = planned({"main.tf": text}, usage)
    assert (found.applicability, found.why_not_safe) == ("safe", "")
    added = "\n".join(line[1:] for line in body(found.edit) if line[0] == "+")
    assert 'actions   = ["s3:GetBucketLocation"]\n    resources = ["arn:aws:s3:::media"]' in added
    assert 'sid       = "Media2"' in added
    assert '-    actions   = ["ec2:RunInstances"]' in body(found.edit)


def test_a_document_in_another_file_of_the_module(planned: Planned) -> None:
    data = """\
data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::media/*"]
  }
}
"""
    files = {"main.tf": inline("data.aws_iam_policy_document.app.json"), "policy.tf": data}
    (found,) = planned(files, MEDIA)
    assert found.applicability == "safe"
    assert found.edit.startswith("--- a/policy.tf\n")


def attached(body_text: str, role: str = ROLE) -> str:
    return f"{role}\n{body_text}"


SQS = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
JOBS = used(sqs_CreateQueue="arn:aws:sqs:eu-west-1:111122223333:jobs")


def test_an_attachment_resource_becomes_an_inline_policy(planned: Planned) -> None:
    text = attached(f"""\
# queues
resource "aws_iam_role_policy_attachment" "queues" {{
  count      = var.on ? 1 : 0
  role       = aws_iam_role.app.name
  policy_arn = "{SQS}"
}}

variable "on" {{
  default = true
}}
""")
    (found,) = planned({"main.tf": text}, JOBS)
    assert found.edit, found.why_not_safe
    added = [line[1:] for line in body(found.edit) if line[0] == "+"]
    assert added[0] == 'resource "aws_iam_role_policy" "queues" {'
    assert "  count = var.on ? 1 : 0" in added
    assert "  role = aws_iam_role.app.name" in added or "  role  = aws_iam_role.app.name" in added
    assert not any("# queues" in line for line in body(found.edit))


@pytest.mark.parametrize(
    ("text", "removed"),
    [
        (
            f"""\
resource "aws_iam_role_policy_attachment" "all" {{
  for_each   = toset(["{SQS}", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"])
  role       = aws_iam_role.app.name
  policy_arn = each.value
}}
""",
            '-  for_each   = toset(["arn:aws:iam::aws:policy/AmazonSQSFullAccess", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"])',
        ),
        (
            f"""\
locals {{
  policies = {{
    queues = "{SQS}" # for now
    people = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
  }}
}}

resource "aws_iam_role_policy_attachment" "all" {{
  for_each   = local.policies
  role       = aws_iam_role.app.name
  policy_arn = each.value
}}
""",
            f'-    queues = "{SQS}" # for now',
        ),
    ],
)
def test_an_element_of_for_each_moves_to_a_resource_after_it(
    planned: Planned, text: str, removed: str
) -> None:
    found = planned({"main.tf": attached(text)}, JOBS, lambda site: "SQS" in str(site.arn))[0]
    assert (found.applicability, found.why_not_safe) == ("safe", "")
    changed = body(found.edit)
    assert changed[0] == removed
    assert any(line.startswith('+resource "aws_iam_role_policy" "') for line in changed)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {
                "main.tf": attached(f"""\
resource "aws_iam_role_policy_attachment" "q" {{
  role       = aws_iam_role.app.name
  policy_arn = "{SQS}"
}}

output "x" {{
  value = aws_iam_role_policy_attachment.q.id
}}
""")
            },
            "other code uses `aws_iam_role_policy_attachment.q.id`",
        ),
        (
            {"main.tf": inline('jsonencode({ Version = "2012-10-17", Statement = [for a in ["s3:*"] : { Effect = "Allow", Action = a, Resource = "*" }] })')},
            "made by a `for`",
        ),
    ],
)  # fmt: skip
def test_doubt_is_shown_not_written(planned: Planned, files: dict[str, str], reason: str) -> None:
    for found in planned(
        files,
        used(
            sqs_CreateQueue="arn:aws:sqs:eu-west-1:111122223333:jobs",
            s3_GetObject="arn:aws:s3:::m/*",
        ),
    ):
        assert found.applicability == "display"
        assert found.edit == ""
        assert reason in found.why_not_safe


def test_one_text_for_two_roles_is_not_edited(planned: Planned) -> None:
    text = (
        """\
locals {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}

resource "aws_iam_role_policy" "a" {
  role   = aws_iam_role.app.id
  policy = local.policy
}

resource "aws_iam_role_policy" "b" {
  role   = aws_iam_role.other.id
  policy = local.policy
}

"""
        + ROLE
        + ROLE.replace('"app"', '"other"')
    )
    found = planned({"main.tf": text}, MEDIA)
    assert found
    assert {each.applicability for each in found} == {"display"}
    assert any("serves" in each.why_not_safe for each in found)


def test_a_policy_file_is_edited_where_it_stands(planned: Planned) -> None:
    document = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:*",
      "Resource": "arn:aws:s3:::media/*"
    }
  ]
}
"""
    files = {"main.tf": inline('file("${path.module}/app.json")'), "app.json": document}
    (found,) = [each for each in planned(files, MEDIA) if each.edit]
    assert found.applicability == "safe"
    assert found.edit.startswith("--- a/app.json\n")
    assert [line.strip() for line in body(found.edit)] == [
        '-      "Action": "s3:*",',
        '+      "Action": [',
        '+        "s3:GetObject",',
        '+        "s3:PutObject"',
        "+      ],",
    ]


@pytest.mark.parametrize(
    ("role", "rest", "reason"),
    [
        (
            ROLE.replace("= jsonencode({ Statement = [] })\n", "= jsonencode({ Statement = [] })\n  inline_policy {}\n"),
            "",
            "takes no inline policy beside its own blocks",
        ),
        (
            ROLE,
            """
resource "aws_iam_role_policies_exclusive" "app" {
  role_name    = aws_iam_role.app.name
  policy_names = []
}
""",
            "lists the inline policies",
        ),
        (
            ROLE,
            f"""
resource "aws_iam_role_policy_attachment" "again" {{
  role       = aws_iam_role.app.name
  policy_arn = "{SQS}"
}}
""",
            "another place",
        ),
    ],
)  # fmt: skip
def test_terraform_would_undo_some_edits(
    planned: Planned, role: str, rest: str, reason: str
) -> None:
    text = attached(
        f"""\
resource "aws_iam_role_policy_attachment" "q" {{
  role       = aws_iam_role.app.name
  policy_arn = "{SQS}"
}}
{rest}""",
        role,
    )
    found = planned({"main.tf": text}, JOBS)
    assert found
    for each in found:
        assert each.applicability == "display"
        assert reason in each.why_not_safe
