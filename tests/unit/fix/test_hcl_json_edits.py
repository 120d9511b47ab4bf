"""Edits of Terraform's JSON syntax: what changes in the source, form by form."""

from __future__ import annotations

import pytest

from .conftest import Planned, body, used

MEDIA = used(
    s3_GetObject="arn:aws:s3:::media/a", s3_PutObject="arn:aws:s3:::media/b", sns_Publish="*"
)

FILE = """\
{{
  "resource": {{
    "aws_iam_role": {{
      "app": {{
        "name": "app",
        "assume_role_policy": "{{}}"
      }}
    }},
    "aws_iam_role_policy": {{
      "app": {{
        "role": "${{aws_iam_role.app.id}}",
        "policy": {policy}
      }}
    }}
  }}{more}
}}
"""
DOCUMENT = """,
  "data": {{
    "aws_iam_policy_document": {{
      "app": {{
        "statement": {statement}
      }}
    }}
  }}"""


def test_text_in_a_string(planned: Planned) -> None:
    text = (
        '"{\\"Version\\": \\"2012-10-17\\", \\"Statement\\": [{\\"Effect\\": \\"Allow\\",'
        ' \\"Action\\": \\"s3:*\\", \\"Resource\\": \\"arn:aws:s3:::media/*\\"}]}"'
    )
    (found,) = planned({"main.tf.json": FILE.format(policy=text, more="")}, MEDIA)
    assert found.why_not_safe == ""
    assert body(found.edit) == [
        f'-        "policy": {text}',
        "+"
        + f'        "policy": {text}'.replace(
            '\\"s3:*\\"', '[\\"s3:GetObject\\", \\"s3:PutObject\\"]'
        ),
    ]


def test_statements_of_a_document(planned: Planned) -> None:
    statement = """[
          {"actions": ["s3:Get*", "s3:PutObject"], "resources": ["${aws_s3_bucket.m[\\"a\\"].arn}/*"]},
          {"actions": ["ec2:RunInstances"], "resources": ["*"]}
        ]"""
    policy = '"${data.aws_iam_policy_document.app.json}"'
    bucket = ',\n  "resource": {"aws_s3_bucket": {"m": {"for_each": "${toset([\\"a\\"])}", "bucket": "media"}}}'  # fmt: skip
    files = {
        "main.tf.json": FILE.format(policy=policy, more=DOCUMENT.format(statement=statement)),
        "bucket.tf.json": "{" + bucket[1:] + "\n}\n",
    }
    (found,) = planned(files, MEDIA)
    assert [line.strip("+- ") for line in body(found.edit)] == [
        '{"actions": ["s3:Get*", "s3:PutObject"], "resources": ["${aws_s3_bucket.m[\\"a\\"].arn}/*"]},',
        '{"actions": ["ec2:RunInstances"], "resources": ["*"]}',
        '{"actions": ["s3:GetObject", "s3:PutObject"], "resources": ["${aws_s3_bucket.m[\\"a\\"].arn}/*"]}',
    ]


@pytest.mark.parametrize(
    "policy",
    [
        '"${jsonencode({ Statement = [{ Effect = \\"Allow\\", Action = \\"s3:*\\", Resource = \\"arn:aws:s3:::media/*\\" }] })}"'
    ],
)
def test_what_is_not_edited_says_so(planned: Planned, policy: str) -> None:
    (found,) = planned({"main.tf.json": FILE.format(policy=policy, more="")}, MEDIA)
    assert found.edit == ""
    assert "an expression inside a JSON string is not edited" in found.why_not_safe


def test_an_attachment_is_not_taken_away(planned: Planned) -> None:
    text = """\
{
  "resource": {
    "aws_iam_role": {"app": {"name": "app", "assume_role_policy": "{}"}},
    "aws_iam_role_policy_attachment": {
      "x": {"role": "${aws_iam_role.app.name}", "policy_arn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"}
    }
  }
}
"""
    (found,) = planned({"main.tf.json": text}, MEDIA)
    assert found.edit == ""
    assert "Terraform's JSON syntax" in found.why_not_safe
