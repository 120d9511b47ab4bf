"""Edits of policies in JSON: templates, documents on their own, and text inside YAML and HCL."""

from __future__ import annotations

import json

from iamlint.fix.json_scan import members
from iamlint.fix.language import CannotEdit
from iamlint.text import Span

from .conftest import Planned, body, used

MEDIA = used(s3_GetObject="arn:aws:s3:::media/*", s3_PutObject="arn:aws:s3:::media/*")

TEMPLATE = """\
{
  "Resources": {
    "Role": {
      "Type": "AWS::IAM::Role",
      "Properties": {
        "RoleName": "app-role",
        "AssumeRolePolicyDocument": { "Statement": [] },
%s
      }
    }
  }
}
"""

INLINE = """\
        "Policies": [
          {
            "PolicyName": "own",
            "PolicyDocument": {
              "Version": "2012-10-17",
              "Statement": [
                { "Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*" },
                {
                  "Effect": "Allow",
                  "Action": ["s3:*"],
                  "Resource": "*"
                }
              ]
            }
          }
        ]"""


def test_statements_of_a_template(planned: Planned) -> None:
    (found,) = planned({"app.json": TEMPLATE % INLINE}, MEDIA)
    assert (found.applicability, found.why_not_safe) == ("safe", "")
    assert (
        "\n".join(body(found.edit))
        == """\
-                { "Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*" },
-                  "Action": ["s3:*"],
-                  "Resource": "*"
+                  "Action": ["s3:GetObject", "s3:PutObject"],
+                  "Resource": "arn:aws:s3:::media/*\""""
    )


def test_the_last_statement_goes_with_the_comma_before_it(planned: Planned) -> None:
    text = TEMPLATE % INLINE.replace('"s3:*"', '"sqs:CreateQueue"').replace(
        "ec2:RunInstances", "s3:*"
    )
    (found,) = planned({"app.json": text}, MEDIA)
    assert found.applicability == "safe"
    assert (
        "\n".join(body(found.edit))
        == """\
-                { "Effect": "Allow", "Action": "s3:*", "Resource": "*" },
-                {
-                  "Effect": "Allow",
-                  "Action": ["sqs:CreateQueue"],
-                  "Resource": "*"
-                }
+                { "Effect": "Allow", "Action": [
+                  "s3:GetObject",
+                  "s3:PutObject"
+                ], "Resource": "arn:aws:s3:::media/*" }"""
    )


def test_the_only_attachment_gives_way_to_an_inline_policy(planned: Planned) -> None:
    attached = '        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]'
    usage = used(sqs_CreateQueue="arn:aws:sqs:eu-west-1:111122223333:jobs")
    (found,) = planned({"app.json": TEMPLATE % attached}, usage)
    assert found.applicability == "safe"
    changed = body(found.edit)
    assert changed[0] == "-" + attached
    assert changed[1:4] == [
        '+        "Policies": [',
        "+          {",
        '+            "PolicyName": "sqs",',
    ]


def test_a_document_of_its_own_and_tabs(planned: Planned) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    }
    text = json.dumps(document, indent="\t") + "\n"
    usage = used(s3_GetObject="arn:aws:s3:::media/*", s3_GetBucketLocation="arn:aws:s3:::media")
    (found,) = planned({"policy.json": text}, usage)
    assert found.edit, found.why_not_safe
    assert '+\t"Statement": [{' in found.edit
    assert '+\t\t"Action": "s3:GetBucketLocation",' in found.edit
    assert '+\t\t"Action": "s3:GetObject",' in found.edit


def test_compact_text_stays_compact(planned: Planned) -> None:
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","ec2:RunInstances"],"Resource":"*"}]}'
    (found,) = planned({"policy.json": text}, MEDIA)
    assert found.edit, found.why_not_safe
    assert body(found.edit)[1] == (
        '+{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
        '"Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::media/*"}]}'
    )


def test_json_text_inside_yaml(planned: Planned) -> None:
    text = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      Policies:
        - PolicyName: own
          PolicyDocument: !Sub |
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:${AWS::Partition}:s3:::media/*"}
              ]
            }
"""
    (found,) = planned({"app.yaml": text}, MEDIA)
    assert found.applicability == "safe"
    assert any('"s3:PutObject"' in line for line in body(found.edit))
    assert "${AWS::Partition}:s3:::media/*" in body(found.edit)[-1]


def test_strings_of_interpolations_do_not_end_early() -> None:
    text = '{"Resource": "arn:${join("", ["a", "}"])}:x", "Action": ["a"]}'
    found = members(text, Span(0, len(text)))
    assert [member.key for member in found] == ["Resource", "Action"]
    for broken in ('{"a": "b', '{"a" "b"}', "{a: 1}", '{"a": [1, 2}', '{"a": 1 "b": 2}'):
        try:
            members(broken, Span(0, len(broken)))
        except (CannotEdit, IndexError):
            continue
        raise AssertionError(broken)
