"""Every path to more rights: its smallest policy holds it, and whatever breaks one step breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path as File
from typing import Any

import pytest

from iamlint.iam import catalog
from iamlint.iam.decode import from_json
from iamlint.iam.escalation import Principal, Target, World, escalations
from iamlint.iam.escalation_paths import DOES, PATHS, Path
from iamlint.iam.policy import Policy
from iamlint.iam.reach import Permissions, Solved
from iamlint.iam.standing import administrator

ACCOUNT = "111122223333"
PUBLISHED = File(__file__).resolve().parents[4] / "shared" / "data" / "escalation_paths.json"

Statement = dict[str, Any]


def allow(action: Any, resource: Any = "*", **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def document(*statements: Statement) -> Policy:
    return from_json({"Version": "2012-10-17", "Statement": list(statements)}, "a test")


def principal(kind: str, policies: Sequence[Policy], boundary: Policy | None = None) -> Principal:
    """The role, user or group `me`."""
    limits = [[boundary]] if boundary is not None else []
    me = Target(
        "me",
        "me",
        kind,  # type: ignore[arg-type]
        f"arn:*:iam::*:{kind}/me",
        policies=("arn:*:iam::*:policy/mine",),
    )
    return Principal(
        me,
        Permissions(policies, limits, Solved()),
        bounded=boundary is not None and not administrator([boundary]),
    )


def found(path: Path, statements: Sequence[Statement], boundary: Policy | None = None) -> bool:
    """Whether the path holds, or may hold, for a principal of the kind that it is for."""
    kind = path.kind if path.subject in ("self", "group") else "user"
    who = principal("user" if kind == "group" else kind, [document(*statements)], boundary)
    return any(held.path is path for held in escalations(who, World(())))


def each_step(path: Path) -> Iterator[tuple[str, list[Statement]]]:
    """Every action of a path, with the statements for the others."""
    for action in path.actions:
        yield action, [allow(other) for other in path.actions if other != action]


def by(paths: Sequence[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=[path.id for path in paths])


by_path = by(PATHS)
on_principals = by([path for path in PATHS if path.subject not in ("new-role", "resource")])
through_any = by([path for path in PATHS if path.subject == "resource"])


def test_the_published_paths_are_all_there_with_their_actions() -> None:
    if not PUBLISHED.exists():
        pytest.skip("the published list is not beside the project")
    published = {p["id"]: set(p["required"]) for p in json.loads(PUBLISHED.read_text())}
    mine = {path.id: set(path.actions) for path in PATHS}
    assert {name: mine.get(name) for name in published} == published
    assert len(published) == 65
    assert set(mine) - set(published) == {"rhino-002", "rhino-026", "role-001", "role-002"}


@by_path
def test_its_actions_are_known_and_told(path: Path) -> None:
    assert [action for action in path.actions if catalog.action(action) is None] == []
    assert [action for action in path.actions if action not in DOES] == []


@by_path
def test_its_smallest_policy_holds_it(path: Path) -> None:
    assert found(path, [allow(list(path.actions))])


@by_path
def test_it_holds_across_statements_and_in_any_case(path: Path) -> None:
    assert found(path, [allow(action.lower()) for action in path.actions])


@by_path
def test_no_step_can_be_left_out(path: Path) -> None:
    for _, others in each_step(path):
        assert not others or not found(path, others)


@by_path
def test_a_deny_of_any_step_breaks_it(path: Path) -> None:
    for action in path.actions:
        deny = {"Effect": "Deny", "Action": action, "Resource": "*"}
        assert not found(path, [allow(list(path.actions)), deny])
    but = {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}
    assert not found(path, [allow("*"), but])


@by_path
def test_a_boundary_without_any_of_the_steps_breaks_it(path: Path) -> None:
    for _, others in each_step(path):
        boundary = document(allow("s3:*"), *others)
        assert not found(path, [allow(list(path.actions))], boundary)


@by_path
def test_a_boundary_that_allows_everything_does_not(path: Path) -> None:
    assert found(path, [allow(list(path.actions))], document(allow("*")))


@by_path
def test_a_resource_that_no_step_is_about_breaks_it(path: Path) -> None:
    for action, others in each_step(path):
        known = catalog.action(action)
        assert known is not None
        if known.resource_level:
            assert not found(path, [*others, allow(action, "arn:aws:s3:::somewhere")])


@on_principals
def test_naming_another_subject_breaks_it(path: Path) -> None:
    for action, others in each_step(path):
        if action.startswith(("iam:", "sts:")) and action != "iam:AddUserToGroup":
            kind = "policy" if "PolicyVersion" in action else path.kind
            named = f"arn:aws:iam::{ACCOUNT}:{kind}/app/named"
            assert not found(path, [*others, allow(action, named)])


@through_any
def test_named_resources_of_unknown_roles_break_what_goes_through_any(path: Path) -> None:
    for action, others in each_step(path):
        known = catalog.action(action)
        assert known is not None
        form = next((a for k in known.resource_types if k.required for a in k.arns), None)
        if form is None or action == "sagemaker:CreateNotebookInstanceLifecycleConfig":
            continue
        service = form.split(":")[2]
        tail = form.split(":", 5)[5].partition("${")[0]
        named = f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{tail}app-*"
        assert not found(path, [*others, allow(action, named)])


NEVER = {
    "another user": {"StringEquals": {"aws:username": "somebody-else"}},
    "another principal": {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/other"}},
    "the past": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    "only through a service": {"Bool": {"aws:ViaAWSService": "true"}},
    "never": {"StringEquals": {"aws:RequestedRegion": []}},
}


@pytest.mark.parametrize("condition", NEVER.values(), ids=NEVER)
@by_path
def test_a_condition_that_does_not_hold_breaks_it(path: Path, condition: Any) -> None:
    action, others = list(each_step(path))[-1]
    assert not found(path, [*others, allow(action, Condition=condition)])


@through_any
def test_tags_keep_it_from_what_is_any(path: Path) -> None:
    tag = {"StringEquals": {"aws:ResourceTag/team": "shop"}}
    action, others = list(each_step(path))[-1]
    assert not found(path, [*others, allow(action, Condition=tag)])


def test_passing_to_another_service_breaks_it() -> None:
    other = {"StringEquals": {"iam:PassedToService": "states.amazonaws.com"}}
    for path in PATHS:
        if path.services:
            rest = [allow(action) for action in path.actions[1:]]
            own = {"StringEquals": {"iam:PassedToService": path.services[0]}}
            assert found(path, [allow("iam:PassRole", Condition=own), *rest])
            assert not found(path, [allow("iam:PassRole", Condition=other), *rest])


LIMITED = {
    "only ReadOnlyAccess": (
        ("iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:AttachGroupPolicy"),
        {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
    ),
    "only within a boundary": (
        (
            "iam:AttachRolePolicy",
            "iam:AttachUserPolicy",
            "iam:PutRolePolicy",
            "iam:PutUserPolicy",
            "iam:CreateRole",
        ),
        {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/boundary"}},
    ),
}


@pytest.mark.parametrize(("actions", "condition"), LIMITED.values(), ids=LIMITED)
def test_conditions_on_what_is_given_break_it(actions: Sequence[str], condition: Any) -> None:
    for path in PATHS:
        for action, others in each_step(path):
            if action in actions:
                assert not found(path, [*others, allow(action, Condition=condition)])


def test_a_deny_without_a_boundary_breaks_it() -> None:
    deny = {
        "Effect": "Deny",
        "Action": ["iam:CreateRole", "iam:AttachRolePolicy"],
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/b"}
        },
    }
    path = next(path for path in PATHS if path.id == "role-001")
    assert not found(path, [allow(list(path.actions)), deny])


# What is shown


def target(kind: str, name: str, **more: Any) -> Target:
    return Target(name, name, kind, f"arn:*:iam::*:{kind}/{name}", **more)  # type: ignore[arg-type]


def held(who: Principal, name: str, *targets: Target) -> tuple[bool | None, str | None] | None:
    """What is said of a path, and the target through which it leads."""
    for each in escalations(who, World(targets)):
        if each.path.id == name:
            return each.holds, each.target.key if each.target is not None else None
    return None


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


LAMBDA = frozenset({"lambda.amazonaws.com"})


@pytest.mark.parametrize(
    ("resource", "shown", "expected"),
    [
        pytest.param("*", target("role", "admin", services=LAMBDA, privileged=True), (True, "admin"), id="any"),
        pytest.param(role_arn("admin"), target("role", "admin", services=LAMBDA, privileged=True), (True, "admin"), id="named"),
        pytest.param(role_arn("ad*"), target("role", "admin", services=LAMBDA, privileged=True), (True, "admin"), id="by prefix"),
        pytest.param(role_arn("app"), target("role", "admin", services=LAMBDA, privileged=True), None, id="another is named"),
        pytest.param(role_arn("admin"), target("role", "admin", services=LAMBDA), None, id="it has no more rights"),
        pytest.param(role_arn("admin"), target("role", "admin", privileged=True), None, id="the service may not assume it"),
        pytest.param("*", target("role", "app", services=LAMBDA), (None, None), id="others are not shown"),
    ],
)  # fmt: skip
def test_passing_leads_only_to_roles_that_give_more(
    resource: str, shown: Target, expected: tuple[bool | None, str | None] | None
) -> None:
    functions = allow(["lambda:CreateFunction", "lambda:InvokeFunction"])
    who = principal("user", [document(allow("iam:PassRole", resource), functions)])
    assert held(who, "lambda-001", shown) == expected


def test_steps_on_different_resources_are_no_path() -> None:
    create = allow("lambda:CreateFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:a")
    invoke = allow("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:b")
    who = principal("user", [document(allow("iam:PassRole"), create, invoke)])
    assert held(who, "lambda-001") is None


def test_users_of_ones_own_name_are_no_other_users() -> None:
    own = document(allow("iam:CreateAccessKey", "arn:aws:iam::*:user/me"))
    assert held(principal("user", [own]), "iam-002") is None
    admin = target("user", "admin", privileged=True)
    assert held(principal("user", [document(allow("iam:CreateAccessKey"))]), "iam-002", admin) == (
        True,
        "admin",
    )


def test_a_policy_version_counts_where_the_policy_is_ones_own() -> None:
    mine = document(allow("iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/mine"))
    other = document(allow("iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/other"))
    assert held(principal("role", [mine]), "iam-001") == (True, None)
    assert held(principal("role", [other]), "iam-001") is None


def test_a_role_must_trust_who_assumes_it() -> None:
    policy = document(allow(["iam:PutRolePolicy", "sts:AssumeRole"], role_arn("app")))
    who = principal("user", [policy])
    assert held(who, "iam-017", target("role", "app")) is None
    trusting = target("role", "app", callers=frozenset({"root"}))
    assert held(who, "iam-017", trusting) == (True, "app")


def test_what_is_declared_elsewhere_is_only_possible() -> None:
    policy = document(allow("iam:UpdateAssumeRolePolicy", role_arn("admin")))
    who = principal("user", [policy])
    here = target("role", "admin", privileged=True)
    elsewhere = Target("other#admin", "admin", "role", here.arn, privileged=True)
    assert held(who, "iam-012", here) == (True, "admin")
    assert held(who, "iam-012", elsewhere) == (None, "other#admin")
