"""CloudTrail's names, as far as the sources tell."""

from __future__ import annotations

import pytest

from iamlint.iam import catalog, events


def test_event_sources_lead_to_known_services() -> None:
    sources = events.event_sources()
    assert sources["monitoring"] == "cloudwatch"
    assert sources["tagging"] == "tag"
    assert sources["cloudcontrolapi"] == "cloudformation"
    unknown = {prefix for prefix in sources.values() if catalog.service(prefix) is None}
    assert not unknown


@pytest.mark.parametrize(
    ("prefix", "operation", "actions"),
    [
        ("budgets", "CreateBudget", ("budgets:ModifyBudget",)),
        ("kms", "ReEncrypt", ("kms:ReEncryptFrom", "kms:ReEncryptTo")),
        ("lambda", "Invoke", ("lambda:InvokeFunction",)),
        ("s3", "ListObjectsV2", ("s3:ListBucket",)),
        ("s3", "DeleteBucketReplication", ("s3:PutReplicationConfiguration",)),
        ("ssm", "OpenControlChannel", ("ssmmessages:OpenControlChannel",)),
    ],
)
def test_operations_with_other_actions(
    prefix: str, operation: str, actions: tuple[str, ...]
) -> None:
    assert events.operation_actions(prefix, operation) == actions


def test_every_mapped_action_exists() -> None:
    for key, actions in events._load().operations.items():
        prefix, _, operation = key.partition(":")
        assert catalog.action(key) is None, "an action of that name exists"
        assert events.operation_actions(prefix, operation) == actions
        assert all(catalog.action(name) for name in actions)


def test_an_unmapped_operation_is_none() -> None:
    assert events.operation_actions("s3", "GetObject") is None
    assert events.operation_actions("nope", "Nope") is None


@pytest.mark.parametrize(
    ("operation", "verb"),
    [
        ("CreateRestApi", "POST"),
        ("GetRestApis", "GET"),
        ("DeleteApi", "DELETE"),
        ("UpdateApi", "PATCH"),
        ("Nope", None),
    ],
)
def test_api_gateway_verbs(operation: str, verb: str | None) -> None:
    assert events.api_gateway_verb(operation) == verb


def test_excludable_sources() -> None:
    assert events.excludable() == ("kms", "rds-data")


def test_data_event_types() -> None:
    assert events.data_event_types("s3") == ("AWS::S3::Object",)
    assert "AWS::DynamoDB::Table" in events.data_event_types("dynamodb")
    assert events.data_event_types("iam") == ()
    with_data = {
        name.partition(":")[0]
        for name in catalog.expand("*")
        if (found := catalog.action(name)) and found.observability == "data"
    }
    assert {prefix for prefix in with_data if not events.data_event_types(prefix)} == set()
