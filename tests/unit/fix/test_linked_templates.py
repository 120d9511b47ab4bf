"""Templates that contain one another are edited and read again together."""

from __future__ import annotations

from .conftest import Planned, body, used

CHILD = """\
Parameters:
  Bucket: {Type: String}
  Role: {Type: String}
Resources:
  Grant:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: grant
      Roles: [!Ref Role]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: "s3:*"
            Resource: !Sub "${Bucket}/*"
"""
PARENT = """\
Resources:
  Data: {Type: AWS::S3::Bucket, Properties: {BucketName: data}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: r
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns: [!GetAtt Inner.Outputs.Nothing]
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: child.yaml
      Parameters: {Bucket: !GetAtt Data.Arn, Role: !Ref Role}
"""


def test_a_policy_in_a_nested_template_is_edited_for_the_role_of_its_parent(
    planned: Planned,
) -> None:
    usage = used(s3_GetObject="arn:aws:s3:::data/a")
    (found,) = planned({"child.yaml": CHILD, "parent.yaml": PARENT}, usage)
    assert found.edit
    assert body(found.edit) == [
        '-            Action: "s3:*"',
        '+            Action: "s3:GetObject"',
    ]
