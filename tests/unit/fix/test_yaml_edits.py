"""Edits of CloudFormation templates in YAML: the smallest change, in the file's own style."""

from __future__ import annotations

import pytest

from .conftest import Planned, body, used

ROLE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Action: sts:AssumeRole, Principal: {Service: ec2.amazonaws.com}}
      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
"""
MEDIA = used(s3_GetObject="arn:aws:s3:::media/*", s3_PutObject="arn:aws:s3:::media/*")


@pytest.mark.parametrize(
    ("statement", "changed"),
    [
        (  # a scalar with a comment becomes a list, the comment stays on the key's line
            """\
              - Effect: Allow # all of it
                Action: s3:* # for now
                Resource: "*"
""",
            """\
-                Action: s3:* # for now
-                Resource: "*"
+                Action: # for now
+                  - s3:GetObject
+                  - s3:PutObject
+                Resource: "arn:aws:s3:::media/*"
""",
        ),
        (  # a flow list stays one, in its quotes
            """\
              - Effect: Allow
                Action: ['s3:*', 'ec2:RunInstances']
                Resource: ['*']
""",
            """\
-                Action: ['s3:*', 'ec2:RunInstances']
-                Resource: ['*']
+                Action: ['s3:GetObject', 's3:PutObject']
+                Resource: ['arn:aws:s3:::media/*']
""",
        ),
        (  # a block list keeps the lines that stay, and comments of their own
            """\
              - Effect: Allow
                Action:
                  # reads
                  - s3:GetObject # objects
                  - s3:GetBucketPolicy
                  # writes
                  - s3:PutObject
                  - s3:DeleteBucket # never
                Resource: "arn:aws:s3:::media/*"
""",
            """\
-                  - s3:GetBucketPolicy
-                  - s3:DeleteBucket # never
""",
        ),
        (  # a flow mapping
            """\
              - {Effect: Allow, Action: s3:*, Resource: '*'}
""",
            """\
-              - {Effect: Allow, Action: s3:*, Resource: '*'}
+              - {Effect: Allow, Action: [s3:GetObject, s3:PutObject], Resource: 'arn:aws:s3:::media/*'}
""",
        ),
        (  # a statement falls away with its lines, the other keeps its text
            """\
              - Effect: Allow
                Action: ec2:RunInstances
                Resource: "*"
              - Effect: Allow
                Action: [s3:GetObject, s3:PutObject]
                Resource: arn:aws:s3:::media/*
""",
            """\
-              - Effect: Allow
-                Action: ec2:RunInstances
-                Resource: "*"
""",
        ),
    ],
)
def test_statements(planned: Planned, statement: str, changed: str) -> None:
    (found,) = planned({"app.yaml": ROLE + statement}, MEDIA)
    assert (found.applicability, found.why_not_safe) == ("safe", "")
    assert sorted(body(found.edit)) == sorted(changed.rstrip("\n").split("\n"))


def test_one_statement_becomes_two(planned: Planned) -> None:
    statement = """\
              - Sid: Media
                Effect: Allow
                Action: s3:*
                Resource: "*"
              - Effect: Deny
                Action: s3:DeleteBucket
                Resource: "*"
"""
    usage = used(s3_GetObject="arn:aws:s3:::media/*", s3_GetBucketLocation="arn:aws:s3:::media")
    (found,) = planned({"app.yaml": ROLE + statement}, usage)
    assert found.applicability == "safe"
    assert (
        "\n".join(body(found.edit))
        == """\
-                Action: s3:*
-                Resource: "*"
+                Action: s3:GetBucketLocation
+                Resource: "arn:aws:s3:::media"
+              - Sid: Media2
+                Effect: Allow
+                Action: s3:GetObject
+                Resource: arn:aws:s3:::media/*"""
    )


def test_a_lone_statement_becomes_a_list(planned: Planned) -> None:
    text = (
        ROLE
        + """\
              Effect: Allow
              Action: s3:*
              Resource: "*"
"""
    )
    usage = used(s3_GetObject="arn:aws:s3:::media/*", s3_GetBucketLocation="arn:aws:s3:::media")
    (found,) = planned({"app.yaml": text}, usage)
    assert found.applicability == "safe"
    assert (
        "+              - Effect: Allow\n+                Action: s3:GetBucketLocation\n"
        in found.edit
    )


def test_references_stay_references(planned: Planned) -> None:
    text = (
        ROLE
        + """\
              - Effect: Allow
                Action: s3:*
                Resource:
                  - !Sub arn:${AWS::Partition}:s3:::media/*
                  - !GetAtt Bucket.Arn
  Bucket:
    Type: AWS::S3::Bucket
"""
    )
    (found,) = planned({"app.yaml": text}, used(s3_GetObject="arn:aws:s3:::media/*"))
    assert found.applicability == "safe"
    assert (
        "\n".join(body(found.edit))
        == """\
-                Action: s3:*
+                Action: s3:GetObject"""
    )


def test_a_value_of_a_parameter_is_never_written_out(planned: Planned) -> None:
    text = (
        """\
Parameters:
  Name:
    Type: String
    Default: media
"""
        + ROLE
        + """\
              - Effect: Allow
                Action: [s3:*, sqs:*]
                Resource:
                  - !Sub arn:aws:s3:::${Name}/*
                  - "arn:aws:sqs:*:*:jobs"
"""
    )
    usage = used(
        s3_GetObject="arn:aws:s3:::media/*",
        sqs_CreateQueue="arn:aws:sqs:eu-west-1:111122223333:jobs",
    )
    (found,) = planned({"app.yaml": text}, usage)
    assert "- s3:::media" not in found.edit
    assert "arn:aws:s3:::media" not in "".join(line for line in body(found.edit) if line[0] == "+")


def test_anchors_are_left_alone(planned: Planned) -> None:
    text = (
        ROLE
        + """\
              - Effect: Allow
                Action: &all [s3:*]
                Resource: "*"
              - Effect: Deny
                Action: *all
                Resource: arn:aws:s3:::other/*
"""
    )
    (found,) = planned({"app.yaml": text}, MEDIA)
    assert found.applicability == "display"
    assert found.edit == ""
    assert "alias" in found.why_not_safe


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_breaks_and_byte_order_marks_stay(planned: Planned, mark: bytes) -> None:
    text = (
        ROLE
        + """\
              - Effect: Allow
                Action: s3:*
                Resource: "*"
"""
    )
    content = mark + text.replace("\n", "\r\n").encode()
    (found,) = planned({"app.yaml": content}, MEDIA)
    assert found.applicability == "safe"
    added = [line for line in body(found.edit) if line[0] == "+"]
    assert added
    assert all(line.endswith("\r") for line in added)


def test_no_line_break_at_the_end(planned: Planned) -> None:
    text = ROLE + "              - {Effect: Allow, Resource: '*', Action: s3:*}"
    (found,) = planned({"app.yaml": text}, MEDIA)
    assert found.applicability == "safe"
    assert "\\ No newline at end of file" in found.edit


def test_items_under_their_key_without_indentation(planned: Planned) -> None:
    text = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
        - Effect: Allow
          Action: sts:AssumeRole
          Principal: {Service: ec2.amazonaws.com}
      ManagedPolicyArns:
      - arn:aws:iam::aws:policy/AmazonSQSFullAccess
      - arn:aws:iam::aws:policy/IAMFullAccess # for now
      Path: /
"""
    usage = used(iam_GetRole="arn:aws:iam::111122223333:role/a", iam_ListRoles="*")
    found = planned({"app.yaml": text}, usage, lambda site: "IAM" in str(site.arn))[0]
    assert (
        "\n".join(body(found.edit))
        == """\
-      - arn:aws:iam::aws:policy/IAMFullAccess # for now
+      Policies:
+      - PolicyName: IAM
+        PolicyDocument:
+          Version: "2012-10-17"
+          Statement:
+          - Sid: IamRole
+            Effect: Allow
+            Action: iam:GetRole
+            Resource: arn:aws:iam::111122223333:role/a
+          - Sid: Iam
+            Effect: Allow
+            Action: iam:ListRoles
+            Resource: "*\""""
    )


def test_nothing_needed_is_taken_away_with_its_key(planned: Planned) -> None:
    text = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns: # from the template
        - arn:aws:iam::aws:policy/IAMReadOnlyAccess
      Path: /
"""
    (found,) = planned({"app.yaml": text}, used(sqs_ListQueues="*"))
    assert found.policy is None
    assert (
        "\n".join(body(found.edit))
        == """\
-      ManagedPolicyArns: # from the template
-        - arn:aws:iam::aws:policy/IAMReadOnlyAccess"""
    )


def test_a_policy_resource_goes_where_nothing_refers_to_it(planned: Planned) -> None:
    text = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
  Machines:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: machines
      Roles: [!Ref Role]
      PolicyDocument:
        Statement:
          - {Effect: Allow, Action: ec2:RunInstances, Resource: '*'}
  Queue:
    Type: AWS::SQS::Queue
"""
    usage = used(sqs_ListQueues="*")
    (found,) = planned({"app.yaml": text}, usage)
    assert found.edit, found.why_not_safe
    assert len(body(found.edit)) == 8
    (found,) = planned({"app.yaml": text + "    DependsOn: Machines\n"}, usage)
    assert "refers to `Machines`" in found.why_not_safe
