"""AWS managed policies by name and ARN."""

from __future__ import annotations

import pytest

from iamlint.iam import managed
from iamlint.iam.decode import read_json
from iamlint.tree import Hole, Text

PARTITION = Hole("data.aws_partition.current.partition", "partition")
VARIABLE = Hole("var.prefix")


def test_every_document_can_be_read() -> None:
    for name in managed.names():
        policy = managed.lookup(name)
        assert policy is not None
        assert policy.name == name
        assert policy.path.startswith("/")
        assert policy.path.endswith("/")
        assert policy.version.startswith("v")
        assert policy.created <= policy.date <= managed.data_date()
        document = policy.document
        assert isinstance(document["Statement"], (list, dict))
        assert read_json(document, name, "managed-attachment")[1] == (), name


def test_a_policy_with_its_facts() -> None:
    policy = managed.lookup("CloudWatchLogsFullAccess")
    assert policy is not None
    assert policy.arn() == "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
    assert policy.arn("aws-cn") == "arn:aws-cn:iam::aws:policy/CloudWatchLogsFullAccess"
    assert "logs:*" in policy.document["Statement"][0]["Action"]
    assert str(policy.policy.statements[0].actions[0]) == "logs:*"


@pytest.mark.parametrize(
    ("written", "arn"),
    [
        ("AdministratorAccess", "arn:aws:iam::aws:policy/AdministratorAccess"),
        ("administratoraccess", "arn:aws:iam::aws:policy/AdministratorAccess"),
        ("ViewOnlyAccess", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"),
        ("job-function/ViewOnlyAccess", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"),
        ("/job-function/ViewOnlyAccess", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"),
        (
            "arn:aws-us-gov:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        ),
        ("arn:aws-eusc:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ],
)
def test_names_paths_and_partitions(written: str, arn: str) -> None:
    policy = managed.lookup(written)
    assert policy is not None
    assert policy.arn() == arn
    assert managed.lookup(Text.of(written)) == policy


@pytest.mark.parametrize(
    "text",
    [
        Text.of("arn:", PARTITION, ":iam::aws:policy/ReadOnlyAccess"),
        Text.of("arn:", Hole("AWS::Partition", "partition"), ":iam::aws:policy/ReadOnlyAccess"),
        Text.of("arn:", VARIABLE, ":iam::aws:policy/ReadOnlyAccess"),
        Text.of(VARIABLE, ":iam::aws:policy/ReadOnlyAccess"),
        Text.of("arn:aws", VARIABLE, ":iam::aws:policy/ReadOnlyAccess"),
    ],
)
def test_a_hole_for_the_partition_is_seen_through(text: Text) -> None:
    policy = managed.lookup(text)
    assert policy is not None
    assert policy.name == "ReadOnlyAccess"
    assert managed.is_aws_managed(text)


@pytest.mark.parametrize(
    "text",
    [
        Text.of("arn:", PARTITION, ":iam::aws:policy/", Hole("var.name")),
        Text.of(
            "arn:", PARTITION, ":iam::", Hole("AWS::AccountId", "account"), ":policy/ReadOnlyAccess"
        ),
        Text.of(Hole("aws_iam_policy.p.arn", "resource")),
        Text.of("x", VARIABLE, ":iam::aws:policy/ReadOnlyAccess"),
        Text.of(Hole("AWS::AccountId", "account"), ":iam::aws:policy/ReadOnlyAccess"),
        Text.of(VARIABLE, PARTITION, ":iam::aws:policy/ReadOnlyAccess"),
    ],
)
def test_other_holes_leave_the_policy_unknown(text: Text) -> None:
    assert managed.lookup(text) is None


@pytest.mark.parametrize(
    "written",
    [
        "",
        "/",
        "arn:aws:iam::111122223333:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:role/ReadOnlyAccess",
        "arn:azure:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/",
        "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole",
        "service-role/ReadOnlyAccess",
        "NoSuchPolicy",
    ],
)
def test_what_is_no_aws_managed_policy_is_none(written: str) -> None:
    assert managed.lookup(written) is None


def test_a_wrong_path_is_explained() -> None:
    wrong = "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"
    assert managed.is_aws_managed(wrong)
    assert managed.suggest(wrong) == ("service-role/AWSLambdaBasicExecutionRole",)
    assert "ReadOnlyAccess" in managed.suggest("ReadOnlyAcess")


def test_withdrawn_policies_are_known_with_their_successor() -> None:
    gone = managed.retired("arn:aws:iam::aws:policy/AWSLambdaFullAccess")
    assert gone is not None
    assert gone.successor == "AWSLambda_FullAccess"
    assert managed.lookup("AWSLambdaFullAccess") is None
    assert "AWSLambdaFullAccess" not in managed.names()
    assert managed.retired("ReadOnlyAccess") is None
    assert managed.retired("NoSuchPolicy") is None


def test_deprecated_policies_name_a_policy_that_exists() -> None:
    old = managed.lookup("AmazonEC2RoleforSSM")
    assert old is not None
    assert old.successor == "AmazonSSMManagedInstanceCore"
    for name in managed.names():
        policy = managed.lookup(name)
        assert policy is not None
        if policy.successor:
            assert managed.lookup(policy.successor) is not None, name


def test_a_document_is_not_shared() -> None:
    policy = managed.lookup("ReadOnlyAccess")
    assert policy is not None
    policy.document.clear()
    assert policy.document
