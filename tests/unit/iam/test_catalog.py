"""The action catalogue: look-up, expansion, details."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.iam import arn, catalog


@pytest.mark.parametrize("written", ["s3:GetObject", "S3:getobject", "s3:GETOBJECT"])
def test_action_is_found_in_any_case_and_spelled_as_aws_does(written: str) -> None:
    found = catalog.action(written)
    assert found is not None
    assert found.name == "s3:GetObject"
    assert found.prefix == "s3"


@pytest.mark.parametrize(
    "written", ["", "s3", "s3:", "s3:GetObjekt", "nope:Get", "s3:Get*", "*", "a:b:c"]
)
def test_what_is_no_action_is_none(written: str) -> None:
    assert catalog.action(written) is None


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("s3:ListBucket", "List"),
        ("s3:GetObject", "Read"),
        ("s3:PutObject", "Write"),
        ("s3:PutBucketPolicy", "Permissions management"),
        ("s3:PutObjectTagging", "Tagging"),
        ("ec2:CreateTags", "Tagging"),
        ("iam:PassRole", "Write"),
        ("iam:AttachRolePolicy", "Permissions management"),
        ("sts:AssumeRole", "Write"),
        ("logs:PutLogEvents", "Write"),
        ("sqs:SetQueueAttributes", "Permissions management"),
    ],
)
def test_levels(name: str, level: str) -> None:
    found = catalog.action(name)
    assert found is not None
    assert found.level == level


def test_every_level_and_class_is_one_of_the_documented() -> None:
    seen = [catalog.action(name) for name in catalog.expand("*")]
    assert all(found is not None for found in seen)
    assert {found.level for found in seen if found} == {
        "List",
        "Read",
        "Write",
        "Permissions management",
        "Tagging",
    }
    assert {found.observability for found in seen if found} == {
        "management",
        "data",
        "permission-only",
        "never-logged",
        "unknown",
    }


def test_resource_types_with_required_ones_first() -> None:
    run = catalog.action("ec2:RunInstances")
    assert run is not None
    required = [kind.required for kind in run.resource_types]
    assert required == sorted(required, reverse=True)
    assert {"image", "instance", "subnet"} <= {kind.name for kind in run.resource_types}
    stream = catalog.action("logs:CreateLogStream")
    assert stream is not None
    assert [kind.name for kind in stream.resource_types] == ["log-stream"]


def test_log_groups_have_both_arn_forms() -> None:
    found = catalog.action("logs:CreateLogGroup")
    assert found is not None
    (kind,) = found.resource_types
    base = "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}"
    assert kind.arns == (base, base + ":*")


def test_condition_keys_of_action_and_of_its_resources() -> None:
    found = catalog.action("iam:PassRole")
    assert found is not None
    assert {"iam:PassedToService", "iam:AssociatedResourceArn"} <= set(found.condition_keys)
    run = catalog.action("ec2:RunInstances")
    assert run is not None
    assert {"ec2:InstanceType", "ec2:Owner", "aws:RequestTag/${TagKey}"} <= set(run.condition_keys)


def test_dependent_actions_are_those_of_the_july_data() -> None:
    found = catalog.action("ec2:RunInstances")
    assert found is not None
    assert found.dependent_actions == ("ec2:CreateTags", "iam:PassRole", "ssm:GetParameters")


@pytest.mark.parametrize(
    ("name", "only_star"),
    [("s3:ListAllMyBuckets", True), ("ec2:DescribeInstances", True), ("s3:GetObject", False)],
)
def test_actions_without_resource_level_support(name: str, only_star: bool) -> None:
    assert catalog.requires_all_resources(name) is only_star
    found = catalog.action(name)
    assert found is not None
    assert bool(found.resource_types) is not only_star


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lambda:CreateFunction", True),
        ("lambda:UpdateFunctionConfiguration", True),
        ("ecs:RegisterTaskDefinition", True),
        ("ecs:RunTask", True),
        ("ec2:RunInstances", True),
        ("ec2:AssociateIamInstanceProfile", True),
        ("eks:CreateCluster", True),
        ("glue:CreateJob", True),
        ("cloudformation:CreateStack", True),
        ("events:PutTargets", True),
        ("codebuild:CreateProject", True),
        ("s3:PutReplicationConfiguration", True),
        ("iam:AddRoleToInstanceProfile", True),
        ("apigateway:PUT", True),
        ("iam:AttachRolePolicy", False),
        ("sts:AssumeRole", False),
        ("s3:GetObject", False),
        ("lambda:GetFunction", False),
    ],
)
def test_actions_that_may_be_given_a_role(name: str, expected: bool) -> None:
    found = catalog.action(name)
    assert found is not None
    assert found.takes_role is expected


def test_requires_all_resources_of_an_unknown_action_is_unknown() -> None:
    assert catalog.requires_all_resources("s3:Nope") is None


def test_expand_everything() -> None:
    everything = catalog.expand("*")
    assert len(everything) > 22_000
    assert len(set(everything)) == len(everything)
    assert catalog.expand("*:*") is everything
    assert catalog.expand("**") == everything
    assert "s3:GetObject" in everything


@pytest.mark.parametrize(
    ("pattern", "first", "last"),
    [
        ("s3:Get*Acl", "s3:GetBucketAcl", "s3:GetObjectVersionAcl"),
        ("S3:get*aCL", "s3:GetBucketAcl", "s3:GetObjectVersionAcl"),
        ("s3:GetObjec?", "s3:GetObject", "s3:GetObject"),
        ("s3:GetObject", "s3:GetObject", "s3:GetObject"),
        ("iam:*Role", "iam:CreateRole", "iam:UpdateRole"),
        ("*:PassRole", "iam:PassRole", "iam:PassRole"),
        ("sq?:SendMessage", "sqs:SendMessage", "sqs:SendMessage"),
    ],
)
def test_expand_patterns(pattern: str, first: str, last: str) -> None:
    found = catalog.expand(pattern)
    assert found[0] == first
    assert found[-1] == last


@pytest.mark.parametrize(
    "pattern", ["", ":", "s3:", "nope:*", "s3:Zzz*", "a:b:c", "s3:Get:*", ":*", "s3*", "*Get*", "?"]
)
def test_expand_to_nothing(pattern: str) -> None:
    assert catalog.expand(pattern) == ()
    assert catalog.matching(pattern) is False


def test_a_service_star_is_the_services_actions() -> None:
    found = catalog.service("s3")
    assert found is not None
    assert catalog.expand("s3:*") == found.actions
    assert found.title == "Amazon S3"
    assert "s3:signatureAge" in {key[0].lower() + key[1:] for key in found.condition_keys}


def test_services_are_sorted_and_each_can_be_opened() -> None:
    prefixes = catalog.services()
    assert list(prefixes) == sorted(prefixes)
    for prefix in prefixes:
        found = catalog.service(prefix)
        assert found is not None
        lower = [name.lower() for name in found.actions]
        assert lower == sorted(lower)
        for kind in found.resource_types:
            assert kind.prefix == prefix
    assert catalog.service("nope") is None


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:s3:::bucket", "s3:bucket"),
        ("arn:aws:s3:::bucket/key/with:colon", "s3:object"),
        ("arn:aws:iam::111122223333:role/path/name", "iam:role"),
        ("arn:aws:logs:us-east-1:111122223333:log-group:/aws/ssm/patch", "logs:log-group"),
        ("arn:aws:logs:us-east-1:111122223333:log-group:/aws/ssm/patch:*", "logs:log-group"),
        ("arn:aws:logs:us-east-1:111122223333:log-group:g:log-stream:s", "logs:log-stream"),
        ("arn:aws:sqs:us-east-1:111122223333:queue", "sqs:queue"),
        ("arn:aws:sns:us-east-1:111122223333:topic", "sns:topic"),
        ("arn:aws:dynamodb:us-east-1:111122223333:table/t", "dynamodb:table"),
        ("arn:aws:dynamodb:us-east-1:111122223333:table/t/index/i", "dynamodb:index"),
        ("arn:aws:lambda:us-east-1:111122223333:function:f", "lambda:function"),
        ("arn:aws:kms:us-east-1:111122223333:key/abc", "kms:key"),
        ("arn:aws:kms:us-east-1:111122223333:alias/app/x", "kms:alias"),
        ("arn:aws:ssm:us-east-1:111122223333:parameter/a/b", "ssm:parameter"),
        ("arn:aws-cn:ec2:cn-north-1:111122223333:instance/i-1", "ec2:instance"),
    ],
)
def test_resource_types_of_an_arn(arn: str, expected: str) -> None:
    first = catalog.resource_types_for(arn)[0]
    assert f"{first.prefix}:{first.name}" == expected


@pytest.mark.parametrize("text", ["", "*", "bucket", "arn:aws:s3", "arn:aws:nope:::x"])
def test_no_resource_type(text: str) -> None:
    assert catalog.resource_types_for(text) == ()


def test_did_you_mean() -> None:
    assert catalog.suggest("s3:GetObjects")[0] == "s3:GetObject"
    assert catalog.suggest("s3:ListBuckets")
    assert "dynamodb:GetItem" in catalog.suggest("dynamdb:GetItem")
    assert catalog.suggest("qqqqqq:Xyz") == ()


def test_data_date_is_a_day() -> None:
    year, month, day = catalog.data_date().split("-")
    assert int(year) >= 2026
    assert 1 <= int(month) <= 12
    assert 1 <= int(day) <= 31


def test_loading_needs_no_heavy_module() -> None:
    script = """
import sys
import time
from iamlint.iam import arn, catalog, events, managed
assert not catalog._lines.__globals__["_file"].cache_info().currsize, "read at import"
catalog.action("s3:GetObject"); catalog.expand("*"); catalog.action("ec2:RunInstances").condition_keys
managed.lookup("ReadOnlyAccess").document; events.event_sources()
heavy = {"json", "sqlite3", "zipfile", "lzma", "bz2", "importlib.resources", "dataclasses", "difflib",
         "yaml", "hcl2", "boto3", "botocore", "cfnlint", "iamlint.iam.decode", "iamlint.iam.pattern"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "[]"


@settings(max_examples=150, deadline=None)
@given(st.text("getobjcl*?", max_size=12))
def test_expansion_is_that_of_matching_every_name(pattern: str) -> None:
    from iamlint.iam.pattern import matches

    service = catalog.service("s3")
    assert service is not None
    expected = tuple(
        name for name in service.actions if matches(pattern, name.partition(":")[2].lower())
    )
    assert catalog.expand("s3:" + pattern) == expected


@pytest.mark.parametrize("pattern", ["*:*?a*?e*?t*", "ec2:*a*?e*i*??*o*", "*:" + "*?" * 200])
def test_no_pattern_is_dear(pattern: str) -> None:
    before = time.process_time()
    catalog.expand(pattern)
    assert time.process_time() - before < 2.5


def test_no_template_holds_two_or_one_variable_twice() -> None:
    """AWS's reference writes a few pairs into one entry, which are taken apart."""
    for prefix in catalog.services():
        found = catalog.service(prefix)
        assert found is not None
        for kind in found.resource_types:
            for template in kind.arns:
                names = [name.lower() for name in arn.pieces(template)[1::2]]
                assert ", " not in template
                assert len(names) == len(set(names)), template
