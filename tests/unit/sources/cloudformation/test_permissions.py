"""Permissions spelled as properties become the statements that AWS makes of them."""

from __future__ import annotations

import pytest

from iamlint.iam.decode import to_json
from iamlint.sources.cloudformation.read import read
from iamlint.sources.site import PolicySite, Project
from iamlint.text import SourceText

ARN = "arn:‹AWS::Partition›:{}:‹AWS::Region›:‹AWS::AccountId›:{}"


def project(kind: str, properties: str) -> Project:
    return read(
        SourceText(
            "t.yaml",
            "Conditions: {C: !Equals [!Ref AWS::Region, x]}\nResources:\n"
            "  F: {Type: AWS::Lambda::Function}\n"
            f"  R: {{Type: {kind}, Properties: {properties}}}\n",
        )
    )


def site(kind: str, properties: str) -> PolicySite:
    (found,) = project(kind, properties).sites
    assert found.kind == "resource"
    assert found.editable == "it is not written as a policy"
    return found


@pytest.mark.parametrize(
    ("kind", "properties", "statement"),
    [
        (
            "AWS::Lambda::Permission",
            "{Action: lambda:InvokeFunction, FunctionName: !Ref F, Principal: s3.amazonaws.com,"
            " SourceAccount: !Ref AWS::AccountId, SourceArn: 'arn:aws:s3:::b'}",
            {
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "lambda:InvokeFunction",
                "Resource": ARN.format("lambda", "function:‹F›"),
                "Condition": {
                    "ArnLike": {"aws:SourceArn": "arn:aws:s3:::b"},
                    "StringEquals": {"aws:SourceAccount": "‹AWS::AccountId›"},
                },
            },
        ),
        (
            "AWS::Lambda::Permission",
            "{Action: lambda:InvokeFunctionUrl, FunctionName: !GetAtt F.Arn, Principal: '*',"
            " FunctionUrlAuthType: NONE}",
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "lambda:InvokeFunctionUrl",
                "Resource": "‹F.Arn›",
                "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
            },
        ),
        (
            "AWS::Lambda::LayerVersionPermission",
            "{Action: lambda:GetLayerVersion, LayerVersionArn: 'arn:x', Principal: 111122223333}",
            {
                "Effect": "Allow",
                "Principal": {"AWS": "111122223333"},
                "Action": "lambda:GetLayerVersion",
                "Resource": "arn:x",
            },
        ),
        (
            "AWS::Events::EventBusPolicy",
            "{StatementId: x, Action: events:PutEvents, Principal: '*',"
            " Condition: {Type: StringEquals, Key: aws:PrincipalOrgID, Value: o-1}}",
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "events:PutEvents",
                "Resource": ARN.format("events", "event-bus/default"),
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            },
        ),
        (
            "AWS::Events::EventBusPolicy",
            "{StatementId: x, Statement: {Effect: Allow, Principal: '*', Action: 'events:*',"
            " Resource: '*'}}",
            {"Effect": "Allow", "Principal": "*", "Action": "events:*", "Resource": "*"},
        ),
    ],
)
def test_statements(kind: str, properties: str, statement: object) -> None:
    found = site(kind, properties)
    assert found.policy is not None
    assert to_json(found.policy)["Statement"] == [statement]


def test_a_limit_under_a_condition_is_not_counted_on() -> None:
    found = project(
        "AWS::Lambda::Permission",
        "{Action: lambda:InvokeFunction, FunctionName: f, Principal: s3.amazonaws.com,"
        " SourceAccount: !If [C, !Ref AWS::AccountId, !Ref AWS::NoValue]}",
    )
    assert [entry.reason for entry in found.unresolved] == [
        "`Condition` could not be evaluated: it hangs on a condition of the template"
    ]
