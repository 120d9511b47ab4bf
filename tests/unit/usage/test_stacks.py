"""CloudFormation stacks: what they made, and which template they are of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iamlint.usage.build import build
from iamlint.usage.foreign import read_foreign
from iamlint.usage.merge import merge
from iamlint.usage.profile import Stack, UsageProfile, dumps, loads
from iamlint.usage.stacks import by_template, names_of

ID = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-prod/0a1b2c3d-11ee"


def resource(
    logical: str, physical: str, kind: str = "AWS::IAM::Role", **more: Any
) -> dict[str, Any]:
    """As `aws cloudformation describe-stack-resources` writes it (its page in the AWS CLI reference)."""
    return {
        "StackName": "shop-prod",
        "StackId": ID,
        "LogicalResourceId": logical,
        "PhysicalResourceId": physical,
        "ResourceType": kind,
        "Timestamp": "2026-10-01T10:00:00.000Z",
        "ResourceStatus": "CREATE_COMPLETE",
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        **more,
    }


def read(folder: Path, value: object, name: str = "answer.json") -> UsageProfile:
    path = folder / name
    path.write_text(json.dumps(value))
    profile = read_foreign(path)
    assert profile is not None
    assert loads(dumps(profile)) == profile
    return profile


def test_described_resources(tmp_path: Path) -> None:
    answer = [
        resource("OrdersRole", "shop-prod-OrdersRole-1A2B3C4D5E6F"),
        resource("Deployer", "deployer", "AWS::IAM::User"),
        resource("Queue", "https://sqs.eu-west-1.amazonaws.com/111122223333/q", "AWS::SQS::Queue"),
        resource("OldRole", "old", ResourceStatus="DELETE_COMPLETE"),
        resource("Later", ""),
        "no resource",
        {"LogicalResourceId": 7},
    ]
    assert read(tmp_path, {"StackResources": answer}).stacks == [
        Stack(
            name="shop-prod",
            account="111122223333",
            logical=["Deployer", "Later", "OrdersRole", "Queue"],
            roles={"OrdersRole": "shop-prod-OrdersRole-1A2B3C4D5E6F"},
            users={"Deployer": "deployer"},
        )
    ]


def test_listed_resources_tell_no_stack(tmp_path: Path) -> None:
    summary = resource("OrdersRole", "orders")
    del summary["StackName"], summary["StackId"]
    profile = read(tmp_path, {"StackResourceSummaries": [summary]}, "shop-dev.json")
    assert profile.stacks == [
        Stack(name="shop-dev", logical=["OrdersRole"], roles={"OrdersRole": "orders"})
    ]


@pytest.mark.parametrize("value", [[], None, "x", [None], [{"LogicalResourceId": None}], {}])
def test_an_answer_without_resources(tmp_path: Path, value: object) -> None:
    assert not read(tmp_path, {"StackResources": value}).stacks


def test_stacks_are_evidence_beside_others(tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    one.write_text(json.dumps({"StackResources": [resource("A", "a")]}))
    two.write_text(json.dumps({"StackResources": [resource("B", "b", StackName="other")]}))
    profile, problems = build([one, two, one])
    assert problems == []
    assert [stack.name for stack in profile.stacks or ()] == ["shop-prod", "other"]
    assert merge([profile, profile]).stacks == profile.stacks
    again = loads(dumps(profile))
    assert [stack.name for stack in again.stacks or ()] == ["other", "shop-prod"]


def stack(name: str, *logical: str, **roles: str) -> Stack:
    return Stack(name=name, account="111122223333", logical=[*logical, *roles], roles=roles)


def test_a_stack_is_of_the_template_that_it_is_most_like() -> None:
    shop = stack("shop", "Queue", "Table", Role="shop-Role-1A2B3C4D")
    foreign = stack("foreign", Role="foreign-Role-1A2B3C4D")
    templates = {"shop.yaml": {"Queue", "Table", "Role", "New"}, "other.yaml": {"Role", "Topic"}}
    assert by_template([shop, foreign], templates) == {"shop.yaml": [shop]}


def test_a_stack_that_is_like_two_templates_is_neither_s() -> None:
    twin = stack("twin", "Queue", Role="r")
    assert by_template([twin], {"a.yaml": {"Queue", "Role"}, "b.yaml": {"Queue", "Role"}}) == {}


def test_what_a_transform_made_does_not_count() -> None:
    made = stack(
        "sam",
        "Orders",
        "OrdersApiPermissionProd",
        "ServerlessRestApi",
        OrdersRole="sam-OrdersRole-1",
    )
    assert by_template([made], {"sam.yaml": {"Orders"}}) == {"sam.yaml": [made]}


def test_names() -> None:
    both = [stack("dev", Role="r-dev"), stack("prod", Role="r-prod"), stack("new")]
    assert names_of(both, "role", "Role") == [
        ("111122223333", "r-dev"),
        ("111122223333", "r-prod"),
    ]
    assert names_of(both, "user", "Role") == []
