"""Resources: narrowed to what was seen, within what the statement names, or left as they are."""

from __future__ import annotations

import pytest

from iamlint.iam.pattern import matches
from iamlint.iam.policy import Element
from iamlint.minimize.authorized import patterns
from iamlint.minimize.generalize import generalized
from iamlint.minimize.narrow import narrow
from iamlint.minimize.replay import requested
from iamlint.tree import Hole, Text

from .conftest import PLACE, WITH_S3_DATA, allow, grants, inline, replaced, use

A = "111122223333"
FUNCTION = f"arn:aws:lambda:eu-west-1:{A}:function"
QUEUE = f"arn:aws:sqs:eu-west-1:{A}"


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([f"{FUNCTION}:orders"], [f"{FUNCTION}:orders"]),
        (["arn:aws:s3:::media/2026/a.jpg", "arn:aws:s3:::media/b"], ["arn:aws:s3:::media/*"]),
        (["arn:aws:s3:::media"], ["arn:aws:s3:::media"]),
        # Suffixes of CloudFormation, of Terraform, hexadecimal ones, UUIDs and dates give way.
        ([f"{FUNCTION}:orders-Api-1K2J3H4G5F6D"], [f"{FUNCTION}:orders-Api-*"]),
        ([f"{QUEUE}:jobs-20260127055851155600000002"], [f"{QUEUE}:jobs-*"]),
        ([f"{QUEUE}:jobs-7f3a9c12"], [f"{QUEUE}:jobs-*"]),
        ([f"{QUEUE}:run-2f9d4c1e-0b1a-4c55-9d3e-aabbccddeeff"], [f"{QUEUE}:run-*"]),
        ([f"{QUEUE}:export-2026-11-01"], [f"{QUEUE}:export-*"]),
        ([f"{QUEUE}:export_2026_11_01"], [f"{QUEUE}:export_*"]),
        ([f"{QUEUE}:close-2026-11", f"{QUEUE}:close-2026-12"], [f"{QUEUE}:close-*"]),
        ([f"{QUEUE}:close_202611"], [f"{QUEUE}:close_*"]),
        # Words, short numbers and versions do not.
        ([f"{QUEUE}:facade", f"{QUEUE}:orders-2"], [f"{QUEUE}:facade", f"{QUEUE}:orders-2"]),
        # An id that is a whole name stays, unless it is one of something short-lived.
        (
            [f"arn:aws:kms:eu-west-1:{A}:key/2f9d4c1e-0b1a-4c55-9d3e-aabbccddeeff"],
            [f"arn:aws:kms:eu-west-1:{A}:key/2f9d4c1e-0b1a-4c55-9d3e-aabbccddeeff"],
        ),
        (
            [f"arn:aws:ec2:eu-west-1:{A}:instance/i-0a1b2c3d4e5f60718"],
            [f"arn:aws:ec2:eu-west-1:{A}:instance/*"],
        ),
        (
            [f"arn:aws:ecs:eu-west-1:{A}:task/main/0a1b2c3d4e5f60718293a4b5c6d7e8f9"],
            [f"arn:aws:ecs:eu-west-1:{A}:task/main/*"],
        ),
        # Enough different values in one position.
        (
            [f"{QUEUE}:tenant-{name}-jobs" for name in ("ada", "bob", "cyd", "dan")],
            [f"{QUEUE}:tenant-*-jobs"],
        ),
        (
            [f"{QUEUE}:tenant-{name}-jobs" for name in ("ada", "bob")],
            [f"{QUEUE}:tenant-ada-jobs", f"{QUEUE}:tenant-bob-jobs"],
        ),
        # The type alone is no common name.
        (
            [f"arn:aws:iam::{A}:role/{name}" for name in ("ada", "bob", "cyd", "dan")],
            [f"arn:aws:iam::{A}:role/{name}" for name in ("ada", "bob", "cyd", "dan")],
        ),
        (["arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*"], ["arn:aws:s3:::b/*"]),
    ],
)
def test_random_parts_give_way(seen: list[str], expected: list[str]) -> None:
    assert list(generalized(seen)) == expected


@pytest.mark.parametrize(
    ("action", "arn", "expected"),
    [
        ("logs:CreateLogStream", f"arn:aws:logs:eu-west-1:{A}:log-group:/a", f"arn:aws:logs:eu-west-1:{A}:log-group:/a:*"),
        ("logs:TagResource", f"arn:aws:logs:eu-west-1:{A}:log-group:/a:*", f"arn:aws:logs:eu-west-1:{A}:log-group:/a"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{A}:secret:db", f"arn:aws:secretsmanager:eu-west-1:{A}:secret:db-??????"),
        ("cloudformation:DescribeStacks", f"arn:aws:cloudformation:eu-west-1:{A}:stack/o/1f-2", f"arn:aws:cloudformation:eu-west-1:{A}:stack/o/*"),
        ("ecs:RunTask", f"arn:aws:ecs:eu-west-1:{A}:task-definition/web:41", f"arn:aws:ecs:eu-west-1:{A}:task-definition/web:*"),
        ("kms:DeleteAlias", f"arn:aws:kms:eu-west-1:{A}:alias/x", f"arn:aws:kms:eu-west-1:{A}:alias/x"),
        ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{A}:alias/x", None),
        ("s3:GetObject", "arn:aws:s3:::b/${aws:username}", None),
    ],
)  # fmt: skip
def test_a_policy_names_some_resources_otherwise_than_the_log(
    action: str, arn: str, expected: str | None
) -> None:
    found = patterns(action, arn)
    assert found is None if expected is None else found is not None and expected in found


def test_a_secret_that_a_call_named_without_its_random_end() -> None:
    seen = f"arn:aws:secretsmanager:eu-west-1:{A}:secret:db-??????"
    assert patterns("secretsmanager:GetSecretValue", seen) == (seen,)
    (replayed,) = requested("secretsmanager:GetSecretValue", seen)
    assert matches(seen, replayed)
    assert "?" not in replayed


def narrowed(
    action: str, resources: tuple[str, ...], *originals: object, complete: bool = True
) -> object:
    elements = [
        each if isinstance(each, Element) else Element(each if isinstance(each, Text) else Text.of(str(each)), PLACE)
        for each in originals
    ]  # fmt: skip
    found = narrow(action, use(3, *resources, complete=complete), elements)
    return None if found.resources is None else [str(each) for each in found.resources]


def test_seen_resources_lie_within_the_statement() -> None:
    object_arn = "arn:aws:s3:::media/a"
    assert narrowed("s3:GetObject", (object_arn,), "*") == ["arn:aws:s3:::media/*"]
    # The statement's own pattern where it is the narrower, what was seen where it cuts across.
    assert narrowed("s3:GetObject", (object_arn,), "arn:aws:s3:::media/a") == [object_arn]
    assert narrowed("s3:GetObject", (object_arn,), "arn:aws:s3:::med*/a*") == [object_arn]
    assert narrowed("s3:GetObject", (object_arn,), "arn:aws:s3:::other/*") == []
    assert narrowed("s3:GetObject", (object_arn,), "arn:aws:s3:::other/*", "arn:aws:s3:::*") == [
        "arn:aws:s3:::media/*"
    ]


def test_doubt_leaves_the_resource() -> None:
    function = (f"{FUNCTION}:orders",)
    assert narrowed("lambda:InvokeFunction", function, "*", complete=False) is None
    assert narrowed("lambda:InvokeFunction", (), "*") is None
    assert narrowed("s3:GetObject", ("arn:aws:s3:::b/${aws:username}/x",), "*") is None
    # RunInstances is checked against images, subnets and more, which were not seen.
    instance = (f"arn:aws:ec2:eu-west-1:{A}:instance/*",)
    assert narrowed("ec2:RunInstances", instance, "*") is None
    possible = Element(Text.of("*"), PLACE, "by default of variable `x`")
    assert narrowed("lambda:InvokeFunction", function, possible) is None


def test_actions_without_resource_level_support_keep_the_star() -> None:
    assert narrowed("ec2:DescribeInstances", ("*",), "*") == ["*"]
    assert narrowed("sts:GetCallerIdentity", (), "arn:aws:s3:::x", "*") == ["*"]


def test_describing_log_groups_needs_all_of_account_and_region() -> None:
    seen = (f"arn:aws:logs:eu-west-1:{A}:log-group:/app",)
    assert narrowed("logs:DescribeLogGroups", seen, "*") == [
        f"arn:aws:logs:eu-west-1:{A}:log-group:*"
    ]


def test_holes_that_fill_a_segment_stay() -> None:
    partition = Hole("data.aws_partition.current.partition", "partition")
    account = Hole("data.aws_caller_identity.current.account_id", "account")
    pattern = Text.of("arn:", partition, ":lambda:*:", account, ":function:*")
    assert narrowed("lambda:InvokeFunction", (f"{FUNCTION}:orders",), pattern) == [
        "arn:‹data.aws_partition.current.partition›:lambda:eu-west-1:"
        "‹data.aws_caller_identity.current.account_id›:function:orders"
    ]


def test_holes_in_names_keep_the_whole_resource() -> None:
    pattern = Text.of("arn:aws:lambda:*:*:function:", Hole("var.stage", "name"), "-*")
    assert narrowed("lambda:InvokeFunction", (f"{FUNCTION}:prod-orders",), pattern) == [
        "arn:aws:lambda:*:*:function:‹var.stage›-*"
    ]


def test_policy_variables_keep_the_whole_resource() -> None:
    pattern = "arn:aws:s3:::home/${aws:username}/*"
    assert narrowed("s3:GetObject", ("arn:aws:s3:::home/*",), pattern) == [pattern]


def test_uses_that_only_other_services_show_do_not_narrow() -> None:
    # Updating a function's code shows that its object was read; other reads leave no event.
    site = inline(allow("s3:*"), allow("lambda:*"))
    function = f"{FUNCTION}:orders"
    usage = {
        "s3:GetObject": use(3, "arn:aws:s3:::artifacts/*"),
        "lambda:UpdateFunctionCode": use(3, function),
    }
    found = grants(replaced(site, usage))
    assert found["s3:GetObject"] == ["*"]
    assert found["lambda:UpdateFunctionCode"] == [function]
    found = grants(replaced(site, usage, categories=WITH_S3_DATA))
    assert found["s3:GetObject"] == ["arn:aws:s3:::artifacts/*"]


def test_uses_that_do_not_show_are_left_to_no_narrower_policy() -> None:
    site = inline(allow("s3:*"), allow("lambda:*"))
    narrow_one = inline(allow("s3:GetObject", "arn:aws:s3:::artifacts/*"), key="m#narrow")
    usage = {"s3:GetObject": use(3, "arn:aws:s3:::artifacts/*")}
    assert grants(replaced(site, usage, narrow_one))["s3:GetObject"] == ["*"]
    seen = replaced(site, usage, narrow_one, categories=WITH_S3_DATA)
    assert "s3:GetObject" not in grants(seen)


@pytest.mark.parametrize(
    "seen",
    [
        f"arn:aws:elasticfilesystem:eu-west-1:{A}:file-system/fs-0123456789abcdef0",
        f"arn:aws:kms:eu-west-1:{A}:key/mrk-0123456789abcdef0123456789abcdef",
        f"arn:aws:ec2:eu-west-1:{A}:vpc/vpc-1a2b3c4d",
        "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5/resources",
        f"{QUEUE}:log4j2parser",
    ],
)
def test_ids_of_lasting_things_and_words_with_digits_stay(seen: str) -> None:
    assert generalized([seen]) == (seen,)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (f"arn:aws:rds:eu-west-1:{A}:snapshot:before-fix-a8x2kq93mzp1", f"arn:aws:rds:eu-west-1:{A}:snapshot:before-fix-*"),
        (f"arn:aws:dynamodb:eu-west-1:{A}:table/t/stream/2026-10-01T00:00:00.000", f"arn:aws:dynamodb:eu-west-1:{A}:table/t/stream/*"),
        (f"arn:aws:logs:eu-west-1:{A}:log-group:/jobs/2026/10/01/x:*", f"arn:aws:logs:eu-west-1:{A}:log-group:/jobs/*/x:*"),
    ],
)  # fmt: skip
def test_random_letters_and_digits_give_way(seen: str, expected: str) -> None:
    assert generalized([seen]) == (expected,)


def test_what_is_made_anew_has_another_name_the_next_time() -> None:
    roles = [f"arn:aws:iam::{A}:role/svc-{name}-role" for name in ("alpha", "beta")]
    old = f"arn:aws:iam::{A}:role/svc-old-role"
    site = inline(allow(["iam:*Role*"], f"arn:aws:iam::{A}:role/svc-*"))
    found = replaced(site, {"iam:CreateRole": use(2, *roles), "iam:PutRolePolicy": use(3, *roles), "iam:GetRole": use(2, old)})  # fmt: skip
    assert grants(found) == {
        "iam:CreateRole": [f"arn:aws:iam::{A}:role/svc-*-role"],
        "iam:PutRolePolicy": [f"arn:aws:iam::{A}:role/svc-*-role"],
        "iam:GetRole": [old],
    }
    # What is only worked on, or made on something else, stays as it was seen.
    assert set(grants(replaced(site, {"iam:PutRolePolicy": use(3, *roles)}))["iam:PutRolePolicy"]) == set(roles)  # fmt: skip
    names = [f"{FUNCTION}:orders-{name}" for name in ("api", "jobs")]
    found = replaced(inline(allow("lambda:*")), {"lambda:CreateAlias": use(2, *names)})
    assert grants(found)["lambda:CreateAlias"] == names
