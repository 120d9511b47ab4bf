"""SAM's connectors become the policies and permissions that SAM makes of them."""

from __future__ import annotations

import json

import pytest

from iamlint.iam.encode import to_json
from iamlint.sources.cloudformation.read import read
from iamlint.sources.site import PolicySite, Project
from iamlint.text import SourceText

HEAD = """\
Transform: AWS::Serverless-2016-10-31
Parameters: {Env: {Type: String}}
Conditions: {C: !Equals [!Ref Env, x]}
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {Handler: h}}
  Plain: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: own}}
  Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: t}}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: n}}
  Api: {Type: AWS::Serverless::Api}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Targets:
        - {Arn: !GetAtt Bus.Arn, RoleArn: !GetAtt Role.Arn}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: b}}
"""


def project(text: str) -> Project:
    return read(SourceText("t.yaml", HEAD + text))


def made(found: Project) -> list[PolicySite]:
    return [site for site in found.sites if site.editable == "a SAM connector makes it"]


def connector(source: str, destination: str, permissions: str, more: str = "") -> str:
    return (
        f"  Link:\n    Type: AWS::Serverless::Connector\n{more}    Properties:\n"
        f"      Source: {source}\n      Destination: {destination}\n"
        f"      Permissions: {permissions}\n"
    )


def statements(site: PolicySite) -> list[dict[str, object]]:
    assert site.policy is not None
    shown = json.dumps(to_json(site.policy), ensure_ascii=False)
    found: list[dict[str, object]] = json.loads(shown)["Statement"]
    return found


TABLE = "arn:‹AWS::Partition›:dynamodb:‹AWS::Region›:‹AWS::AccountId›:table/t"


@pytest.mark.parametrize(
    ("source", "owner"),
    [
        ("{Id: Fn}", "FnRole"),
        ("{Id: Plain}", "Role"),
        ("{Type: AWS::Lambda::Function, RoleName: !Ref Role}", "Role"),
        ("{Type: AWS::Serverless::Function, RoleName: own}", "Role"),
    ],
)
def test_a_policy_of_the_role_of_the_source(source: str, owner: str) -> None:
    found = project(connector(source, "{Id: Table}", "[Write]"))
    (site,) = made(found)
    assert (site.kind, site.owners, site.resource_type) == (
        "identity",
        (f"t.yaml#{owner}",),
        "AWS::IAM::ManagedPolicy",
    )
    (statement,) = statements(site)
    assert statement["Action"] == [
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:PartiQLDelete",
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate",
    ]
    assert statement["Resource"] == [TABLE, f"{TABLE}/index/*"]
    assert site.key == "t.yaml#Link"
    assert site.place.text.startswith("Link:")


def test_a_policy_of_the_role_of_the_destination() -> None:
    (site,) = made(project(connector("{Id: Queue}", "{Id: Fn}", "[Read, Write]")))
    assert site.owners == ("t.yaml#FnRole",)
    queue = "arn:‹AWS::Partition›:sqs:‹AWS::Region›:‹AWS::AccountId›:q"
    assert [each["Resource"] for each in statements(site)] == [[queue], [queue]]


def test_the_role_of_a_rule_is_that_of_its_target() -> None:
    for bus in ("{Id: Bus}", "{Type: AWS::Events::EventBus, Arn: !GetAtt Bus.Arn}"):
        (site,) = made(project(connector("{Id: Rule}", bus, "[Write]")))
        assert site.owners == ("t.yaml#Role",)


@pytest.mark.parametrize(
    ("source", "destination", "kind", "expected"),
    [
        (
            "{Id: Topic}",
            "{Id: Queue}",
            "AWS::SQS::QueuePolicy",
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": "arn:‹AWS::Partition›:sqs:‹AWS::Region›:‹AWS::AccountId›:q",
                "Condition": {
                    "ArnEquals": {
                        "aws:SourceArn": "arn:‹AWS::Partition›:sns:‹AWS::Region›:‹AWS::AccountId›:n"
                    }
                },
            },
        ),
        (
            "{Id: Rule}",
            "{Id: Topic}",
            "AWS::SNS::TopicPolicy",
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": "arn:‹AWS::Partition›:sns:‹AWS::Region›:‹AWS::AccountId›:n",
                "Condition": {"ArnEquals": {"aws:SourceArn": "‹Rule.Arn›"}},
            },
        ),
        (
            "{Id: Api, Qualifier: prod/GET/x}",
            "{Id: Fn}",
            "AWS::Lambda::Permission",
            {
                "Effect": "Allow",
                "Principal": {"Service": "apigateway.amazonaws.com"},
                "Action": "lambda:InvokeFunction",
                "Resource": "‹Fn.Arn›",
                "Condition": {
                    "ArnLike": {
                        "aws:SourceArn": "arn:‹AWS::Partition›:execute-api:‹AWS::Region›:"
                        "‹AWS::AccountId›:‹Api›/prod/GET/x"
                    }
                },
            },
        ),
    ],
)
def test_policies_of_resources(
    source: str, destination: str, kind: str, expected: dict[str, object]
) -> None:
    (site,) = made(project(connector(source, destination, "[Write]")))
    assert (site.kind, site.resource_type) == ("resource", kind)
    assert statements(site) == [expected]


def test_connectors_attached_to_a_resource() -> None:
    text = """\
  Source:
    Type: AWS::Serverless::Function
    Connectors:
      Both:
        Properties:
          Destination: [{Id: Table}, {Id: Queue}]
          Permissions: [Read]
      Maybe:
        Condition: C
        Properties:
          SourceReference: {Qualifier: x}
          Destination: {Id: Topic}
          Permissions: [Write]
"""
    found = made(project(text))
    assert [(site.key, site.possible) for site in found] == [
        ("t.yaml#Source.Connectors.Both.Destination[0]", None),
        ("t.yaml#Source.Connectors.Both.Destination[1]", None),
        ("t.yaml#Source.Connectors.Maybe", "if `C` holds"),
    ]
    assert {site.owners for site in found} == {("t.yaml#SourceRole",)}
    assert found[0].place.text.startswith("Both:")


@pytest.mark.parametrize(
    ("source", "destination", "permissions", "reason"),
    [
        ("{Id: None}", "{Id: Table}", "[Read]", "there is no resource `None`"),
        ("{RoleName: x}", "{Id: Table}", "[Read]", "one of its ends has no type"),
        (
            "{Id: Table}",
            "{Id: Topic}",
            "[Read]",
            "SAM connects no `AWS::DynamoDB::Table` to a `AWS::SNS::Topic`",
        ),
        ("{Id: Fn}", "{Id: Topic}", "[Read]", "this connector has no permission `Read`"),
        (
            "{Id: Queue}",
            "{Id: Fn}",
            "[Read]",
            "SAM does not give these permissions without others",
        ),
        ("{Id: Fn}", "{Id: Table}", "[]", "its permissions are not known"),
        ("{Id: Fn}", "{Id: Table}", "[!Ref Env]", "its permissions are not known"),
        ("x", "{Id: Table}", "[Read]", "a connector needs a source and a destination"),
    ],
)
def test_what_sam_refuses_is_said(
    source: str, destination: str, permissions: str, reason: str
) -> None:
    found = project(connector(source, destination, permissions))
    assert made(found) == []
    (said,) = found.unresolved
    assert said.reason == f"what the connector grants is not known: {reason}"
    assert said.address == "Link"


def test_data_sources_of_a_graphql_api_are_said() -> None:
    found = project(
        "  Graph:\n    Type: AWS::Serverless::GraphQLApi\n    Properties:\n      DataSources:\n"
        "        DynamoDb: {Own: {TableArn: x}, Given: {TableArn: x, ServiceRoleArn: y}}\n"
    )
    assert [(each.address, each.reason) for each in found.unresolved] == [
        (
            "Graph.DataSources.DynamoDb.Own",
            "the role that SAM makes for this data source is not evaluated",
        )
    ]
