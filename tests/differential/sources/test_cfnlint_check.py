"""cfn-lint tells a harmful edit of a template from a harmless one."""

from __future__ import annotations

import pytest

from iamlint.fix.cfnlint_check import added_errors

pytestmark = pytest.mark.slow
pytest.importorskip("cfnlint", reason="cfn-lint is not installed")

TEMPLATE = """\
Resources:
  Broken: {Type: AWS::S3::Bucket, Properties: {NoSuchProperty: 1}}
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: ec2.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: "s3:*", Resource: "*"}
"""


def test_an_edit_that_keeps_the_template_valid_adds_nothing() -> None:
    edited = TEMPLATE.replace('Action: "s3:*"', "Action: s3:GetObject")
    assert added_errors(TEMPLATE, "# one line more\n" + edited) == ()


def test_an_edit_that_breaks_a_policy_adds_an_error() -> None:
    edited = TEMPLATE.replace("PolicyName: p\n          ", "")
    (error,) = added_errors(TEMPLATE, edited) or ()
    assert error.startswith("E3003 at Resources/R/Properties/Policies/*")
