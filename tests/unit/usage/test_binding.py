"""Which principals of a profile are a declared one."""

from __future__ import annotations

import pytest

from iamlint.usage.binding import Match, is_generated, match_principal

A, B = "111122223333", "444455556666"


def role(name: str, account: str = A) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def test_a_literal_name_in_every_account() -> None:
    known = [role("app"), role("app", B), role("other"), f"arn:aws:iam::{A}:user/app"]
    assert match_principal(known, "role", name="app") == Match(
        (role("app"), role("app", B)), "by name"
    )
    assert match_principal(known, "role", name="app", account=B).arns == (role("app", B),)
    assert match_principal(known, "user", name="app").arns == (f"arn:aws:iam::{A}:user/app",)


def test_names_are_unique_without_case() -> None:
    assert match_principal([role("PatchManagerRole")], "role", name="patchmanagerrole").arns


def test_the_path_must_agree_where_it_is_seen() -> None:
    known = [role("eng/app")]
    assert match_principal(known, "role", name="app", path="/eng/").arns
    assert not match_principal(known, "role", name="app", path="/ops/").arns
    assert match_principal([role("app")], "role", name="app", path="/eng/").arns


def test_nobody_fits() -> None:
    assert match_principal([role("app")], "role", name="ap") == Match()
    assert match_principal([role("app")], "role") == Match()


def test_names_that_terraform_makes() -> None:
    made = role("karpenter-20260127055851155600000002")
    found = match_principal(
        [made, role("karpenter-x"), role("karpenter-")], "role", name_prefix="karpenter-"
    )
    assert found == Match((made,), "inferred from the name prefix")
    assert found.inferred


@pytest.mark.parametrize(
    ("name", "stack", "fits"),
    [
        ("shop-AppRole-1A2B3C4D5E6F", "shop", True),
        ("shop-AppRole-1A2B3C4D5E6F", None, True),
        ("my-shop-AppRole-1A2B3C4D5E6F", None, True),
        ("shop-AppRole-1A2B3C4D5E6F", "bank", False),
        ("shop-AppRole", "shop", False),
        ("shop-OtherRole-1A2B3C4D5E6F", "shop", False),
        ("shop-XAppRole-1A2B3C4D5E6F", None, False),
        ("shop-AppRole-not random", "shop", False),
    ],
)
def test_names_that_cloudformation_makes(name: str, stack: str | None, fits: bool) -> None:
    assert is_generated(name, "AppRole", stack) is fits


def test_cloudformation_cuts_what_is_too_long() -> None:
    stack, logical = "a" * 40, "VeryLongLogicalNameOfTheRole"
    name = f"{stack[:25]}-{logical[:24]}-1A2B3C4D5E6F"
    assert len(name) == 63
    assert is_generated(name, logical, stack)
    assert is_generated(name, logical)
    assert not is_generated(name, "AnotherLogicalNameOfTheRole", stack)


def test_permission_sets_are_roles_in_all_accounts() -> None:
    known = [
        role("aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Ops_0123456789abcdef"),
        role("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_fedcba9876543210", B),
        role("aws-reserved/sso.amazonaws.com/AWSReservedSSO_OpsAdmin_fedcba9876543210", B),
    ]
    assert match_principal(known, "permission-set", name="Ops").arns == tuple(sorted(known[:2]))
