"""Which principal of the profile an owner is, and what is said where none is found."""

from __future__ import annotations

import pytest

from iamlint.engine.binding import binder
from iamlint.rule import Bound, NoProfile, NoUsageData, Settings, Usage
from iamlint.usage.profile import (
    ActionUse,
    Categories,
    Coverage,
    EarlierUse,
    PrincipalUsage,
    Stack,
    UsageProfile,
)

from .conftest import Make

ROLE = 'resource "aws_iam_role" "app" {{\n  {}\n  assume_role_policy = "{{}}"\n}}\n'


def profile(*names: str) -> UsageProfile:
    use = ActionUse(n=1, first="2026-11-01", last="2026-11-02")
    return UsageProfile(
        coverage=[Coverage(source="cloudtrail", since="2026-10-01", until="2026-10-31")],
        principals={
            f"arn:aws:iam::111122223333:{name}": PrincipalUsage(actions={"s3:GetObject": use})
            for name in names
        },
    )


def bound(
    make: Make, argument: str, known: UsageProfile | None, settings: Settings | None = None
) -> Usage:
    project = make(main__tf=ROLE.format(argument))
    [owner] = project.owners.values()
    return binder(project, known, settings or Settings())(owner)


def test_no_profile(project: Make) -> None:
    assert bound(project, 'name = "app"', None) == NoProfile()


@pytest.mark.parametrize(
    ("argument", "principal", "inferred"),
    [
        ('name = "app"', "role/app", False),
        ('name = "app"\n  path = "/team/"', "role/team/app", False),
        ('name_prefix = "app-"', "role/app-20260127055851155600000002", True),
        ('name = "app-${terraform.workspace}"', "role/app-prod", True),
    ],
)
def test_found(project: Make, argument: str, principal: str, inferred: bool) -> None:
    usage = bound(project, argument, profile(principal, "role/other", "user/app"))
    assert isinstance(usage, Bound)
    assert usage.principals == (f"arn:aws:iam::111122223333:{principal}",)
    assert usage.inferred is inferred
    assert usage.days == 31


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ('name = "app"', "knows no role `app`"),
        ('name_prefix = "app-"', "knows no role `app-…`"),
        ("", "made at deployment"),
        ("name = terraform.workspace", "too little is known"),
    ],
)
def test_not_found(project: Make, argument: str, says: str) -> None:
    usage = bound(project, argument, profile("role/other", "user/app", "role/app-short"))
    assert isinstance(usage, NoUsageData)
    assert says in usage.reason


OWN = "111122223333"


def trail(**more: object) -> Coverage:
    fields = {
        "accounts": [OWN],
        "since": "2026-10-01",
        "until": "2026-10-31",
        "categories": Categories(management=["read", "write"]),
        **more,
    }
    return Coverage(source="cloudtrail", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("argument", "coverage", "account", "days"),
    [
        ('name = "app"', [trail()], None, 0),
        ('name = "app"', [trail()], OWN, 31),
        ('name = "app"', [trail()], "999988887777", 0),
        ('name = "app"', [trail(categories=Categories(management=["write"]))], OWN, 0),
        ('name = "app"', [trail(positive_only=True)], OWN, 0),
        ('name = "app"', [trail(files_failed=1)], OWN, 0),
        ('name = "app-${var.x}"', [trail()], OWN, 0),
        ('name_prefix = "app-"', [trail()], OWN, 0),
    ],
)
def test_how_long_a_principal_kept_silent(
    project: Make, argument: str, coverage: list[Coverage], account: str | None, days: int
) -> None:
    known = profile("role/other")
    known.coverage = coverage
    usage = bound(project, argument, known, Settings(account=account))
    assert isinstance(usage, NoUsageData)
    assert usage.silent_days == days


def test_another_account(project: Make) -> None:
    settings = Settings(account="999988887777")
    assert isinstance(bound(project, 'name = "app"', profile("role/app"), settings), NoUsageData)


def test_configuration_comes_first(project: Make) -> None:
    settings = Settings(principals={"aws_iam_role.app": "arn:aws:iam::*:role/team/*"})
    usage = bound(
        project, 'name = "app"', profile("role/app", "role/team/a", "role/team/b"), settings
    )
    assert isinstance(usage, Bound)
    assert len(usage.principals) == 2
    assert usage.usage.actions["s3:GetObject"].n == 2
    nobody = Settings(principals={"aws_iam_role.app": "arn:aws:iam::*:role/nobody"})
    missing = bound(project, 'name = "app"', profile("role/app"), nobody)
    assert isinstance(missing, NoUsageData)
    assert "the configured" in missing.reason


def test_cloudformation_names(project: Make) -> None:
    text = "Resources:\n  AppRole:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {}\n"
    made = project(template__yaml=text)
    [owner] = made.owners.values()
    usage = binder(made, profile("role/shop-AppRole-1A2B3C4D5E6F"), Settings())(owner)
    assert isinstance(usage, Bound)
    assert usage.inferred


TEMPLATE = """Resources:
  AppRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub '${Stage}-app'
      AssumeRolePolicyDocument: {}
  Queue:
    Type: AWS::SQS::Queue
"""


def test_what_a_stack_made_comes_before_the_name(project: Make) -> None:
    made = project(template__yaml=TEMPLATE)
    [owner] = made.owners.values()
    known = profile("role/team/prod-app", "role/dev-app", "role/old-app")
    known.stacks = [
        Stack(name=name, account=account, logical=["AppRole", "Queue"], roles={"AppRole": role})
        for name, account, role in (
            ("prod", OWN, "prod-app"),
            ("dev", "", "dev-app"),
            ("far", "999988887777", "old-app"),
        )
    ]
    usage = binder(made, known, Settings())(owner)
    assert isinstance(usage, Bound)
    assert usage.principals == (
        "arn:aws:iam::111122223333:role/dev-app",
        "arn:aws:iam::111122223333:role/team/prod-app",
    )
    assert (usage.how, usage.inferred) == ("by the resources of its stack", False)
    known.stacks = known.stacks[2:]
    assert binder(made, known, Settings())(owner) == NoUsageData(
        "the usage profile knows no role `old-app`, which its stack made"
    )
    known.stacks[0].logical = ["AppRole", "Another", "More"]
    assert (
        getattr(binder(made, known, Settings())(owner), "how", "")
        == "inferred from the name prefix"
    )


def test_a_role_made_anew_has_the_days_since_its_own_first_call(project: Make) -> None:
    known = profile("role/app")
    [usage] = known.principals.values()
    usage.first, usage.earlier = "2026-10-20", {"AROAOLD": EarlierUse(last="2026-10-19")}
    found = bound(project, 'name = "app"', known)
    assert isinstance(found, Bound)
    assert found.days == 12


@pytest.mark.parametrize("seen", ["role/team/app-1", "role/app-1"])
def test_the_arn_of_a_state_comes_before_the_name(project: Make, seen: str) -> None:
    arn = "arn:aws:iam::111122223333:role/team/app-1"
    state = (
        '{"format_version": "1.0", "values": {"root_module": {"resources": [{"address":'
        ' "aws_iam_role.app", "mode": "managed", "type": "aws_iam_role", "name": "app",'
        f' "values": {{"arn": "{arn}", "name": "app-1"}}}}]}}}}}}'
    )
    made = project(main__tf=ROLE.format("name = var.name"), state__json=state)
    [owner] = made.owners.values()
    usage = binder(made, profile(seen, "role/x/app-1", "user/app-1"), Settings())(owner)
    assert isinstance(usage, Bound)
    assert usage.principals == (f"arn:aws:iam::111122223333:{seen}",)
    assert (usage.how, usage.inferred) == ("by the ARN in a plan or state", False)
    other = binder(made, profile("role/app-2"), Settings())(owner)
    assert other == NoUsageData(f"the usage profile knows no `{arn}`")
