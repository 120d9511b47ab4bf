"""Fixes of rules that need no usage, written by `--fix` in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Scan, found

TERRAFORM = """\
data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:Get*", "s3:GetObject"]
    resources = ["arn:aws:s3:::data/*"]
  }
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::data/a/*"]
  }
}
resource "aws_iam_policy" "app" {
  name   = "app"
  policy = data.aws_iam_policy_document.app.json
}
"""
TEMPLATE = """\
Resources:
  App:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: [s3:GetObject, s3:Get*]  # reads
            Resource: arn:aws:s3:::data/*
          - Effect: Allow
            Action: s3:GetObject
            Resource: arn:aws:s3:::data/a/*
"""


@pytest.mark.parametrize(("name", "text"), [("main.tf", TERRAFORM), ("app.yaml", TEMPLATE)])
def test_what_is_said_twice_is_taken_away(project: Path, scan: Scan, name: str, text: str) -> None:
    (project / name).write_text(text)
    before = found(scan(), "IAM012")
    assert len(before) == 2
    assert {item["replacement"]["applicability"] for item in before} == {"safe"}
    assert found(scan("--fix"), "IAM012") == []
    after = (project / name).read_text()
    assert "data/a/*" not in after
    assert "s3:GetObject" not in after
    assert "s3:Get*" in after


CONFIG = """\
[[required-conditions]]
name = "perimeter"
actions = ["s3:PutObject"]
condition = { StringEquals = { "aws:ResourceOrgID" = "o-ours" } }
"""


@pytest.mark.parametrize(("name", "text"), [("main.tf", TERRAFORM), ("app.yaml", TEMPLATE)])
def test_a_demanded_condition_is_added_where_that_is_asked_for(
    project: Path, scan: Scan, name: str, text: str
) -> None:
    one = text.replace("s3:Get*", "s3:PutObject").replace("s3:GetObject", "s3:PutObject")
    (project / ".iamlint.toml").write_text(CONFIG)
    (project / name).write_text(one)
    assert found(scan(), "IAM119")
    assert found(scan("--fix"), "IAM119")
    assert "o-ours" not in (project / name).read_text()
    assert found(scan("--fix=all"), "IAM119") == []
    assert "o-ours" in (project / name).read_text()


@pytest.mark.parametrize(("name", "text"), [("main.tf", TERRAFORM), ("app.yaml", TEMPLATE)])
def test_a_misspelt_action_is_named_right_where_that_is_asked_for(
    project: Path, scan: Scan, name: str, text: str
) -> None:
    (project / name).write_text(text.replace("s3:GetObject", "s3:PutObjct", 1))
    (finding,) = found(scan("--fix"), "IAM003")
    assert "s3:PutObjct" in (project / name).read_text()
    assert finding["replacement"]["applicability"] == "unsafe"
    assert finding["replacement"]["proof"]["contained"] is False
    assert found(scan("--fix=all"), "IAM003") == []
    after = (project / name).read_text()
    assert "s3:PutObject" in after
    assert "s3:PutObjct" not in after


ATTACHED = """\
resource "aws_iam_role_policy_attachment" "ssm" {
  role       = "web"
  policy_arn = "arn:aws:iam::aws:policy/POLICY"  # patches
}
"""
LISTED = """\
Resources:
  Web:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: ec2.amazonaws.com}
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - !Sub "arn:${AWS::Partition}:iam::aws:policy/POLICY"  # patches
"""
OLD, NEW = "service-role/AmazonEC2RoleforSSM", "AmazonSSMManagedInstanceCore"


@pytest.mark.parametrize(("name", "text"), [("main.tf", ATTACHED), ("web.yaml", LISTED)])
@pytest.mark.parametrize(
    ("old", "new", "contained"),
    [(OLD, NEW, False), ("AWSLambdaReadOnlyAccess", "AWSLambda_ReadOnlyAccess", None)],
)
def test_a_successor_is_attached_where_that_is_asked_for(
    project: Path, scan: Scan, name: str, text: str, old: str, new: str, contained: bool | None
) -> None:
    (project / name).write_text(text.replace("POLICY", old))
    (finding,) = found(scan("--fix"), "IAM104")
    assert old in (project / name).read_text()
    assert finding["replacement"]["applicability"] == "unsafe"
    assert finding["replacement"]["proof"]["contained"] is contained
    assert found(scan("--fix=all"), "IAM104") == []
    assert (project / name).read_text() == text.replace("POLICY", new)


def test_a_successor_is_not_attached_twice(project: Path, scan: Scan) -> None:
    one = "        - arn:aws:iam::aws:policy/"
    (project / "web.yaml").write_text(LISTED.replace("POLICY", OLD) + one + NEW + "\n")
    (finding,) = found(scan("--fix=all"), "IAM104")
    assert finding["replacement"] is None


QUEUE = """\
data "aws_caller_identity" "me" {}

resource "aws_sqs_queue_policy" "orders" {
  queue_url = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "SERVICE" }
      Action    = "sqs:SendMessage"
      Resource  = "arn:aws:sqs:eu-west-1:${data.aws_caller_identity.me.account_id}:orders"
    }]
  })
}
"""
QUEUED = """\
Resources:
  Orders:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [orders]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: SERVICE}
            Action: sqs:SendMessage
            Resource: !Sub arn:aws:sqs:eu-west-1:${AWS::AccountId}:orders
"""


@pytest.mark.parametrize(
    ("name", "text", "own"),
    [
        ("main.tf", QUEUE, "data.aws_caller_identity.me.account_id"),
        ("queue.yaml", QUEUED, "AWS::AccountId"),
    ],
)
@pytest.mark.parametrize("account", ["", "444455556666"])
def test_sources_of_one_account_are_demanded_where_that_is_asked_for(
    project: Path, scan: Scan, name: str, text: str, own: str, account: str
) -> None:
    given = ["--account", account] if account else []
    (project / name).write_text(text.replace("SERVICE", "s3.amazonaws.com"))
    (finding,) = found(scan("--fix", *given), "IAM207")
    assert finding["replacement"]["applicability"] == "unsafe"
    assert finding["replacement"]["proof"]["contained"] is True
    assert found(scan("--fix=all", *given), "IAM207") == []
    after = (project / name).read_text()
    assert account in after[after.index("aws:SourceAccount") :]
    assert after.count(own) == (1 if account else 2)


def test_a_service_that_tells_no_account_is_left(project: Path, scan: Scan) -> None:
    (project / "queue.yaml").write_text(QUEUED.replace("SERVICE", "sns.amazonaws.com"))
    (finding,) = found(scan("--fix=all"), "IAM207")
    assert finding["replacement"] is None


ABSENT = """\
data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::data/*"]
    condition {
      test     = "OPERATOR"
      variable = "aws:SourceVpce"
      values   = ["vpce-0a1b2c3d"]
    }
  }
}
resource "aws_iam_policy" "app" {
  name   = "app"
  policy = data.aws_iam_policy_document.app.json
}
"""
ABSENT_TOO = """\
Resources:
  App:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: arn:aws:s3:::data/*
            Condition:
              OPERATOR: {"aws:SourceVpce": vpce-0a1b2c3d}
"""


@pytest.mark.parametrize(("name", "text"), [("main.tf", ABSENT), ("app.yaml", ABSENT_TOO)])
@pytest.mark.parametrize("operator", ["ForAllValues:StringEquals", "ForAllValues:StringNotEquals"])
def test_a_condition_asks_for_its_key_where_that_is_asked_for(
    project: Path, scan: Scan, name: str, text: str, operator: str
) -> None:
    (project / name).write_text(text.replace("OPERATOR", operator))
    (finding,) = found(scan("--fix"), "IAM009")
    assert finding["replacement"]["applicability"] == "unsafe"
    assert finding["replacement"]["proof"]["contained"] is True
    assert found(scan("--fix=all"), "IAM009") == []
    after = (project / name).read_text()
    negated = "Not" in operator
    assert ("Null" in after, operator in after) == (negated, negated)


LOST = """\
data "aws_iam_policy_document" "app" {
  statement {
    sid       = "Reads"
    actions   = ["s3:GetObject", "s3:ListAllMyBuckets"]
    resources = ["arn:aws:s3:::data/a"]
  }
}
resource "aws_iam_policy" "app" {
  name   = "app"
  policy = data.aws_iam_policy_document.app.json
}
"""
LOST_TOO = """\
Resources:
  App:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: Reads
            Effect: Allow
            Action: [s3:GetObject, s3:ListAllMyBuckets]
            Resource: arn:aws:s3:::data/a
"""


@pytest.mark.parametrize(("name", "text"), [("main.tf", LOST), ("app.yaml", LOST_TOO)])
@pytest.mark.parametrize("alone", [False, True])
def test_what_accepts_only_all_gets_its_own_statement_where_that_is_asked_for(
    project: Path, scan: Scan, name: str, text: str, alone: bool
) -> None:
    if alone:
        text = text.replace('"s3:GetObject", ', "").replace("s3:GetObject, ", "")
    (project / name).write_text(text)
    (finding,) = found(scan("--fix"), "IAM006")
    assert finding["replacement"]["applicability"] == "unsafe"
    assert finding["replacement"]["proof"]["contained"] is False
    assert found(scan("--fix=all"), "IAM006") == []
    after = (project / name).read_text()
    assert after.count("s3:ListAllMyBuckets") == 1
    assert ("data/a" in after) is not alone
    assert '"*"' in after
