"""From events to actions, trap by trap."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iamlint.iam import catalog
from iamlint.usage import event
from iamlint.usage.mapping import exception_rows, map_event

S3_PUT = ("s3:PutObject",)

REQUIRED: list[tuple[str, str, tuple[str, ...]]] = [
    # S3's operations are seldom named like its actions.
    ("s3", "ListObjects", ("s3:ListBucket",)),
    ("s3", "ListObjectsV2", ("s3:ListBucket",)),
    ("s3", "ListObjectVersions", ("s3:ListBucketVersions",)),
    ("s3", "HeadObject", ("s3:GetObject",)),
    ("s3", "HeadBucket", ("s3:ListBucket",)),
    ("s3", "GetObject", ("s3:GetObject",)),
    ("s3", "ListBuckets", ("s3:ListAllMyBuckets",)),
    ("s3", "CopyObject", ("s3:PutObject", "s3:GetObject")),
    ("s3", "UploadPartCopy", ("s3:PutObject", "s3:GetObject")),
    ("s3", "DeleteObjects", ("s3:DeleteObject",)),
    ("s3", "CreateMultipartUpload", S3_PUT),
    ("s3", "UploadPart", S3_PUT),
    ("s3", "CompleteMultipartUpload", S3_PUT),
    ("s3", "AbortMultipartUpload", ("s3:AbortMultipartUpload",)),
    ("s3", "ListParts", ("s3:ListMultipartUploadParts",)),
    ("s3", "PutBucketLifecycle", ("s3:PutLifecycleConfiguration",)),
    ("s3", "GetBucketLifecycle", ("s3:GetLifecycleConfiguration",)),
    ("s3", "DeleteBucketLifecycle", ("s3:PutLifecycleConfiguration",)),
    ("s3", "GetBucketEncryption", ("s3:GetEncryptionConfiguration",)),
    ("s3", "DeleteBucketEncryption", ("s3:PutEncryptionConfiguration",)),
    ("s3", "PutBucketReplication", ("s3:PutReplicationConfiguration",)),
    ("s3", "GetBucketReplication", ("s3:GetReplicationConfiguration",)),
    ("s3", "DeleteBucketReplication", ("s3:PutReplicationConfiguration",)),
    (
        "s3",
        "DeleteBucketIntelligentTieringConfiguration",
        ("s3:PutIntelligentTieringConfiguration",),
    ),
    ("s3", "DeleteBucketOwnershipControls", ("s3:PutBucketOwnershipControls",)),
    ("s3", "DeleteBucketCors", ("s3:PutBucketCORS",)),
    ("s3", "GetBucketCors", ("s3:GetBucketCORS",)),
    ("s3", "DeleteBucketTagging", ("s3:PutBucketTagging",)),
    ("s3", "GetBucketPublicAccessBlock", ("s3:GetBucketPublicAccessBlock",)),
    ("s3", "DeleteAccountPublicAccessBlock", ("s3:PutAccountPublicAccessBlock",)),
    ("s3", "PutBucketObjectLockConfiguration", ("s3:PutBucketObjectLockConfiguration",)),
    ("s3", "GetAccelerateConfiguration", ("s3:GetAccelerateConfiguration",)),
    ("s3", "PutBucketNotification", ("s3:PutBucketNotification",)),
    ("s3", "SelectObjectContent", ("s3:GetObject",)),
    # Lambda writes API dates into its names.
    ("lambda", "Invoke", ("lambda:InvokeFunction",)),
    ("lambda", "CreateFunction20150331", ("lambda:CreateFunction",)),
    ("lambda", "UpdateFunctionCode20150331v2", ("lambda:UpdateFunctionCode",)),
    ("lambda", "GetFunction20150331v2", ("lambda:GetFunction",)),
    ("cloudfront", "CreateDistribution2020_05_31", ("cloudfront:CreateDistribution",)),
    # A version that belongs to the action's name stays.
    ("lambda", "ListFunctions20150331", ("lambda:ListFunctions",)),
    ("access-analyzer", "ListFindingsV2", ("access-analyzer:ListFindings",)),
    # DynamoDB
    ("dynamodb", "TransactGetItems", ("dynamodb:GetItem",)),
    ("dynamodb", "BatchGetItem", ("dynamodb:BatchGetItem",)),
    ("streams.dynamodb", "GetRecords", ("dynamodb:GetRecords",)),
    # other names of services
    ("monitoring", "PutMetricAlarm", ("cloudwatch:PutMetricAlarm",)),
    ("cloudcontrolapi", "CreateResource", ("cloudformation:CreateResource",)),
    ("pricelist", "GetProducts", ("pricing:GetProducts",)),
    ("rdsdata", "ExecuteStatement", ("rds-data:ExecuteStatement",)),
    ("amazonmq", "CreateBroker", ("mq:CreateBroker",)),
    ("pinpoint", "GetApps", ("mobiletargeting:GetApps",)),
    ("tagging", "GetResources", ("tag:GetResources",)),
    ("servicecatalog-appregistry", "ListApplications", ("servicecatalog:ListApplications",)),
    # one operation, other or several actions
    ("kms", "ReEncrypt", ("kms:ReEncryptFrom", "kms:ReEncryptTo")),
    ("kms", "GenerateDataKeyWithoutPlaintext", ("kms:GenerateDataKeyWithoutPlaintext",)),
    ("budgets", "CreateBudget", ("budgets:ModifyBudget",)),
    ("budgets", "DescribeBudgets", ("budgets:ViewBudget",)),
    ("sqs", "SendMessageBatch", ("sqs:SendMessage",)),
    ("sns", "PublishBatch", ("sns:Publish",)),
    ("apigateway", "CreateRestApi", ("apigateway:POST",)),
    ("apigateway", "GetRestApis", ("apigateway:GET",)),
    ("apigateway", "UpdateStage", ("apigateway:PATCH",)),
    ("apigateway", "CreateApi", ("apigateway:POST",)),
    ("apigateway", "DeleteApi", ("apigateway:DELETE",)),
    # named alike
    ("ec2", "RunInstances", ("ec2:RunInstances",)),
    ("ecs", "RunTask", ("ecs:RunTask",)),
    ("secretsmanager", "GetSecretValue", ("secretsmanager:GetSecretValue",)),
    ("states", "StartExecution", ("states:StartExecution",)),
    ("ssm", "StartSession", ("ssm:StartSession",)),
    ("sso", "ListInstances", ("sso:ListInstances",)),
    ("identitystore", "ListUsers", ("identitystore:ListUsers",)),
    ("es", "CreateDomain", ("es:CreateDomain",)),
    ("elasticloadbalancing", "CreateLoadBalancer", ("elasticloadbalancing:CreateLoadBalancer",)),
    ("cloudformation", "CreateStack", ("cloudformation:CreateStack",)),
    ("sts", "AssumeRole", ("sts:AssumeRole",)),
]


@pytest.mark.parametrize(("source", "name", "required"), REQUIRED)
def test_what_a_call_needs(source: str, name: str, required: tuple[str, ...]) -> None:
    found = map_event(f"{source}.amazonaws.com", name)
    assert (found.required, found.unmapped) == (required, False)


@pytest.mark.parametrize(
    ("source", "name", "optional"),
    [
        ("ec2", "RunInstances", {"ssm:GetParameters"}),
        ("ecs", "RunTask", {"iam:PassRole"}),
        ("lambda", "CreateFunction20150331", {"iam:PassRole"}),
        ("s3", "PutBucketReplication", {"iam:PassRole"}),
        (
            "dynamodb",
            "TransactWriteItems",
            {
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
                "dynamodb:ConditionCheckItem",
            },
        ),
        (
            "dynamodb",
            "ExecuteStatement",
            {
                "dynamodb:PartiQLSelect",
                "dynamodb:PartiQLInsert",
                "dynamodb:PartiQLUpdate",
                "dynamodb:PartiQLDelete",
            },
        ),
        ("s3", "DeleteObjects", {"s3:DeleteObjectVersion"}),
    ],
)
def test_what_a_call_may_need_besides(source: str, name: str, optional: set[str]) -> None:
    assert optional <= set(map_event(f"{source}.amazonaws.com", name).optional)


@pytest.mark.parametrize(
    ("source", "name", "given", "needed"),
    [
        ("s3", "GetObject", ["versionid"], "s3:GetObjectVersion"),
        ("s3", "PutObject", ["x-amz-acl"], "s3:PutObjectAcl"),
        ("s3", "PutObject", ["x-amz-tagging"], "s3:PutObjectTagging"),
        ("lambda", "CreateFunction20150331", ["s3bucket"], "s3:GetObject"),
        ("ec2", "RunInstances", ["tagspecificationset"], "ec2:CreateTags"),
        ("sts", "AssumeRole", ["transitivetagkeys"], "sts:TagSession"),
    ],
)
def test_what_the_request_tells(source: str, name: str, given: list[str], needed: str) -> None:
    found = map_event(f"{source}.amazonaws.com", name)
    assert needed in found.needed(given)
    assert needed not in found.needed([])
    assert needed not in found.optional


@pytest.mark.parametrize(
    ("source", "name", "given", "possible"),
    [
        ("ec2", "RunInstances", ["launchtemplate"], "iam:PassRole"),
        ("ec2", "RunInstances", ["launchtemplate"], "ec2:CreateTags"),
        ("ec2", "RunInstances", ["iaminstanceprofile"], "iam:PassRole"),
        ("cloudformation", "CreateStack", ["rolearn"], "iam:PassRole"),
    ],
)
def test_what_is_possible_only_with_a_parameter(
    source: str, name: str, given: list[str], possible: str
) -> None:
    found = map_event(f"{source}.amazonaws.com", name)
    assert possible in found.possible(given)
    assert possible not in found.possible([])


@pytest.mark.parametrize(
    ("source", "name", "tags", "action"),
    [
        ("ec2", "AuthorizeSecurityGroupIngress", "tagspecificationset", "ec2:CreateTags"),
        ("ec2", "CreateSnapshots", "copytagsfromsource", "ec2:CreateTags"),
        ("rds", "CreateDBSnapshot", "tags", "rds:AddTagsToResource"),
        ("elasticloadbalancing", "CreateTargetGroup", "tags", "elasticloadbalancing:AddTags"),
    ],
)
def test_tagging_is_possible_only_where_there_are_tags(
    source: str, name: str, tags: str, action: str
) -> None:
    found = map_event(f"{source}.amazonaws.com", name)
    assert action in found.possible(["name", tags])
    assert action not in found.possible(["name"])
    # A request that the record leaves out may have had some.
    assert action in found.possible([])


def test_what_is_possible_only_without_a_parameter() -> None:
    found = map_event("cloudformation.amazonaws.com", "DescribeStacks")
    assert found.possible([]) == ("cloudformation:ListStacks",)
    assert found.possible(["stackname"]) == ()


@pytest.mark.parametrize(
    "name",
    ["GetCallerIdentity", "GetSessionToken", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"],
)
def test_calls_that_need_no_permission(name: str) -> None:
    found = map_event("sts.amazonaws.com", name)
    assert (found.required, found.optional, found.unmapped) == ((), (), False)
    assert found.reason == "needs no permission of its caller"


@pytest.mark.parametrize(
    ("source", "name", "reason"),
    [
        (
            "nosuchservice.amazonaws.com",
            "DoIt",
            "`nosuchservice.amazonaws.com` is no known service",
        ),
        ("s3.amazonaws.com", "DoIt", "no action of `s3` is known for it"),
        ("s3.amazonaws.com", "Get*", "no action of `s3` is known for it"),
        ("", "", "`` is no known service"),
    ],
)
def test_no_guess(source: str, name: str, reason: str) -> None:
    found = map_event(source, name)
    assert (found.unmapped, found.required, found.optional, found.reason) == (True, (), (), reason)


def test_every_row_has_a_source_and_existing_actions() -> None:
    for row in exception_rows():
        assert row.source, row.event
        for action in (*row.required, *row.optional, *row.when, *row.may, *row.unless):
            known = catalog.action(action)
            assert known is not None, (row.event, action)
            assert known.name == action


def test_no_event_has_two_rows() -> None:
    names = [row.event.lower() for row in exception_rows()]
    assert len(names) == len(set(names))


def test_published_events_map_to_actions_or_to_a_reason(published_events: Path) -> None:
    """Each pair of source and name of thousands of real events; none is lost."""
    unmapped = set()
    pairs = set()
    for path in sorted(published_events.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            record = event.decode_record(line)
            if not event.is_call(record):
                continue
            pair = (record.eventSource, record.eventName)
            pairs.add(pair)
            found = map_event(*pair)
            for action in (*found.required, *found.optional):
                assert catalog.action(action) is not None, json.dumps(pair)
            if found.unmapped:
                assert found.reason
                unmapped.add(pair)
            else:
                assert found.required or found.optional or found.reason
    assert len(pairs) > 400
    # A console-internal call of S3, and one of CloudHSM Classic, which AWS has retired.
    assert unmapped == {
        ("s3.amazonaws.com", "GetStorageLensDashboardDataInternal"),
        ("cloudhsm.amazonaws.com", "ListLunaClients"),
    }
