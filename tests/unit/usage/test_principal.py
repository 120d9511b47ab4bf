"""Whose policies a call exercised."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from iamlint.usage.event import Identity
from iamlint.usage.principal import POLICY_HOLDERS, Caller, caller

A = "111122223333"


def of(**fields: Any) -> Caller:
    return caller(msgspec.convert(fields, Identity))


def issuer(arn: str, unique: str = "AROAEXAMPLE") -> dict[str, Any]:
    return {"sessionIssuer": {"type": "Role", "arn": arn, "principalId": unique}}


def test_the_session_issuer_has_the_path() -> None:
    found = of(
        type="AssumedRole",
        arn=f"arn:aws:sts::{A}:assumed-role/orders/i-0abc",
        principalId="AROAEXAMPLE:i-0abc",
        sessionContext=issuer(f"arn:aws:iam::{A}:role/app/orders"),
    )
    assert found == Caller(f"arn:aws:iam::{A}:role/app/orders", "role", "AROAEXAMPLE")


def test_a_session_without_issuer_has_lost_it() -> None:
    found = of(
        type="AssumedRole",
        arn=f"arn:aws:sts::{A}:assumed-role/orders/jo@example.com",
        principalId="AROAEXAMPLE:jo@example.com",
        sessionContext={"sessionIssuer": {}},
    )
    assert found == Caller(f"arn:aws:iam::{A}:role/orders", "role", "AROAEXAMPLE", False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM", "service-linked-role"),
        (
            "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Ops_0123456789abcdef",
            "sso-role",
        ),
        ("service-role/codebuild", "role"),
    ],
)
def test_kinds_of_roles(name: str, kind: str) -> None:
    arn = f"arn:aws:iam::{A}:role/{name}"
    assert of(type="AssumedRole", sessionContext=issuer(arn)).kind == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("AWSReservedSSO_Ops_0123456789abcdef", "sso-role"),
        ("AWSServiceRoleForRDS", "service-linked-role"),
    ],
)
def test_kinds_of_roles_without_issuer(name: str, kind: str) -> None:
    assert of(arn=f"arn:aws:sts::{A}:assumed-role/{name}/x").kind == kind


def test_a_user() -> None:
    found = of(type="IAMUser", arn=f"arn:aws:iam::{A}:user/eng/ada", principalId="AIDAEXAMPLE")
    assert found == Caller(f"arn:aws:iam::{A}:user/eng/ada", "user", "AIDAEXAMPLE")


def test_federated_credentials_exercise_the_policies_of_the_user_behind_them() -> None:
    found = of(
        type="FederatedUser",
        arn=f"arn:aws:sts::{A}:federated-user/ada",
        sessionContext=issuer(f"arn:aws:iam::{A}:user/ada", "AIDAEXAMPLE"),
    )
    assert found == Caller(f"arn:aws:iam::{A}:user/ada", "user", "AIDAEXAMPLE")


def test_a_forwarded_call_is_the_principals() -> None:
    found = of(
        type="AssumedRole",
        sessionContext=issuer(f"arn:aws:iam::{A}:role/ci"),
        invokedBy="cloudformation.amazonaws.com",
    )
    assert found.arn == f"arn:aws:iam::{A}:role/ci"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}, "service"),
        ({"invokedBy": "AWS Internal", "accountId": A}, "service"),
        ({"type": "Root", "arn": f"arn:aws:iam::{A}:root", "principalId": A}, "root"),
        ({"type": "Root", "accountId": A}, "root"),
        ({"type": "AWSAccount", "accountId": A, "principalId": "AIDAX"}, "account"),
        ({"type": "WebIdentityUser", "principalId": "x", "userName": "repo:a/b"}, "unknown"),
        ({"type": "FederatedUser", "arn": f"arn:aws:sts::{A}:federated-user/ada"}, "unknown"),
        ({"arn": "nonsense"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_who_holds_no_policy_that_iamlint_could_change(fields: dict[str, Any], kind: str) -> None:
    found = of(**fields)
    assert found.kind == kind
    assert found.kind not in POLICY_HOLDERS


def test_no_identity_at_all() -> None:
    assert caller(None) == Caller("", "unknown")


def test_other_partitions() -> None:
    arn = f"arn:aws-us-gov:sts::{A}:assumed-role/ops/x"
    assert of(arn=arn).arn == f"arn:aws-us-gov:iam::{A}:role/ops"
