"""Which ARNs a call was authorized on: told by the request, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from iamlint.iam import catalog
from iamlint.usage import event
from iamlint.usage.derive import derive
from iamlint.usage.mapping import map_event

A = "111122223333"
R = "eu-west-1"


def arns(
    source: str,
    name: str,
    parameters: dict[str, Any] | None = None,
    *,
    action: str | None = None,
    resources: list[dict[str, Any]] | None = None,
    response: dict[str, Any] | None = None,
    region: str = R,
) -> tuple[str, ...] | None:
    """The ARNs of the (first) action of a call."""
    record = event.decode_record(
        msgspec.json.encode(
            {
                "eventTime": "2026-11-01T10:00:00Z",
                "eventSource": f"{source}.amazonaws.com",
                "eventName": name,
                "awsRegion": region,
                "recipientAccountId": A,
                "requestParameters": parameters,
                "resources": resources,
                "responseElements": response,
            }
        )
    )
    needed = dict(derive(map_event(record.eventSource, record.eventName), record, A).needed)
    return needed[action] if action is not None else next(iter(needed.values()))


def logs(rest: str) -> str:
    return f"arn:aws:logs:{R}:{A}:log-group:{rest}"


CASES: list[tuple[str, str, dict[str, Any], set[str] | None]] = [
    # CloudWatch Logs: policies name a group with `:*`, tagging calls without.
    ("logs", "CreateLogGroup", {"logGroupName": "/a"}, {logs("/a"), logs("/a:*")}),
    ("logs", "DescribeLogStreams", {"logGroupName": "/a"}, {logs("/a"), logs("/a:*")}),
    ("logs", "CreateLogStream", {"logGroupName": "/a", "logStreamName": "s"}, {logs("/a:*")}),
    ("logs", "FilterLogEvents", {"logGroupIdentifier": logs("/a")}, {logs("/a"), logs("/a:*")}),
    ("logs", "TagResource", {"resourceArn": logs("/a"), "tags": {"k": "v"}}, {logs("/a")}),
    ("logs", "DescribeLogGroups", {"logGroupNamePrefix": "/a"}, {"*"}),
    # S3: an object is its bucket's, a bucket its own.
    ("s3", "GetObject", {"bucketName": "b", "key": "k/1.txt"}, None),
    ("s3", "GetObject", {"bucketName": "media", "key": "k/1.txt"}, {"arn:aws:s3:::media/*"}),
    ("s3", "GetBucketAcl", {"bucketName": "media"}, {"arn:aws:s3:::media"}),
    ("s3", "ListObjectsV2", {"bucketName": "media", "prefix": "k/"}, {"arn:aws:s3:::media"}),
    ("s3", "ListBuckets", {"Host": "s3.eu-west-1.amazonaws.com"}, {"*"}),
    ("s3", "GetObject", {"bucketName": "*", "key": "*"}, None),
    ("s3", "GetObject", {"bucketName": "${aws:username}", "key": "k"}, None),
    ("s3", "GetObject", {}, None),
    # SQS, SNS
    (
        "sqs",
        "GetQueueAttributes",
        {"queueUrl": f"https://sqs.{R}.amazonaws.com/{A}/jobs"},
        {f"arn:aws:sqs:{R}:{A}:jobs"},
    ),
    (
        "sqs",
        "SendMessage",
        {"queueUrl": f"https://queue.amazonaws.com/444455556666/jobs"},  # noqa: F541
        {f"arn:aws:sqs:{R}:444455556666:jobs"},
    ),
    ("sqs", "SendMessage", {"queueUrl": "jobs"}, None),
    ("sqs", "CreateQueue", {"queueName": "jobs"}, {f"arn:aws:sqs:{R}:{A}:jobs"}),
    ("sns", "Publish", {"topicArn": f"arn:aws:sns:{R}:{A}:t"}, {f"arn:aws:sns:{R}:{A}:t"}),
    ("sns", "Publish", {"phoneNumber": "+15550100"}, None),
    (
        "sns",
        "Unsubscribe",
        {"subscriptionArn": f"arn:aws:sns:{R}:{A}:t:0f9c"},
        {f"arn:aws:sns:{R}:{A}:t"},
    ),
    # DynamoDB
    ("dynamodb", "GetItem", {"tableName": "t"}, {f"arn:aws:dynamodb:{R}:{A}:table/t"}),
    (
        "dynamodb",
        "Query",
        {"tableName": "t", "indexName": "i"},
        {f"arn:aws:dynamodb:{R}:{A}:table/t", f"arn:aws:dynamodb:{R}:{A}:table/t/index/i"},
    ),
    (
        "dynamodb",
        "BatchGetItem",
        {"requestItems": {"t": {}, "u": {}}},
        {f"arn:aws:dynamodb:{R}:{A}:table/t", f"arn:aws:dynamodb:{R}:{A}:table/u"},
    ),
    (
        "dynamodb",
        "TransactGetItems",
        {"transactItems": [{"get": {"tableName": "t"}}, {"get": {"tableName": "u"}}]},
        {f"arn:aws:dynamodb:{R}:{A}:table/t", f"arn:aws:dynamodb:{R}:{A}:table/u"},
    ),
    # Lambda: name, partial ARN, ARN, qualifier
    ("lambda", "GetFunction20150331v2", {"functionName": "f"}, {f"arn:aws:lambda:{R}:{A}:function:f"}),
    (
        "lambda",
        "Invoke",
        {"functionName": "444455556666:function:f"},
        {f"arn:aws:lambda:{R}:444455556666:function:f"},
    ),
    (
        "lambda",
        "Invoke",
        {"functionName": f"arn:aws:lambda:us-east-1:{A}:function:f:live"},
        {f"arn:aws:lambda:us-east-1:{A}:function:f:live"},
    ),
    (
        "lambda",
        "Invoke",
        {"functionName": "f", "qualifier": "$LATEST"},
        {f"arn:aws:lambda:{R}:{A}:function:f:$LATEST"},
    ),
    # KMS: an alias does not tell its key
    ("kms", "Decrypt", {"keyId": "0e5d0ab6-097e-49d8-99ef-747ce3e5f8f4"},
     {f"arn:aws:kms:{R}:{A}:key/0e5d0ab6-097e-49d8-99ef-747ce3e5f8f4"}),
    ("kms", "Encrypt", {"keyId": "alias/app"}, None),
    # Secrets Manager: ARNs end in six random characters
    (
        "secretsmanager",
        "GetSecretValue",
        {"secretId": "db"},
        {f"arn:aws:secretsmanager:{R}:{A}:secret:db-??????"},
    ),
    (
        "secretsmanager",
        "GetSecretValue",
        {"secretId": f"arn:aws:secretsmanager:{R}:{A}:secret:db-aB3dE6"},
        {f"arn:aws:secretsmanager:{R}:{A}:secret:db-aB3dE6"},
    ),
    # Systems Manager
    ("ssm", "GetParameter", {"name": "/app/db"}, {f"arn:aws:ssm:{R}:{A}:parameter/app/db"}),
    ("ssm", "GetParameter", {"name": "db:3"}, {f"arn:aws:ssm:{R}:{A}:parameter/db"}),
    (
        "ssm",
        "GetParametersByPath",
        {"path": "/app/", "recursive": True},
        {f"arn:aws:ssm:{R}:{A}:parameter/app", f"arn:aws:ssm:{R}:{A}:parameter/app/*"},
    ),
    ("ssm", "GetDocument", {"name": "AWS-RunPatchBaseline"}, {f"arn:aws:ssm:{R}::document/AWS-RunPatchBaseline"}),
    ("ssm", "GetDocument", {"name": "mine"}, {f"arn:aws:ssm:{R}:{A}:document/mine"}),
    (
        "ssm",
        "SendCommand",
        {"documentName": "mine", "instanceIds": ["i-0dbc91f429e48eeed"]},
        {f"arn:aws:ssm:{R}:{A}:document/mine", f"arn:aws:ec2:{R}:{A}:instance/i-0dbc91f429e48eeed"},
    ),
    ("ssm", "SendCommand", {"documentName": "mine", "targets": [{"key": "tag:a", "values": ["b"]}]}, None),
    (
        "ssm",
        "ListTagsForResource",
        {"resourceType": "Parameter", "resourceId": "/app/db"},
        {f"arn:aws:ssm:{R}:{A}:parameter/app/db"},
    ),
    # IAM: calls seldom tell the path; names are unique without it
    (
        "iam",
        "GetRole",
        {"roleName": "r"},
        {f"arn:aws:iam::{A}:role/r", f"arn:aws:iam::{A}:role/*/r"},
    ),
    ("iam", "CreateRole", {"roleName": "r", "path": "/app/"}, {f"arn:aws:iam::{A}:role/app/r"}),
    ("iam", "CreateRole", {"roleName": "r"}, {f"arn:aws:iam::{A}:role/r"}),
    (
        "iam",
        "CreatePolicyVersion",
        {"policyArn": f"arn:aws:iam::{A}:policy/p"},
        {f"arn:aws:iam::{A}:policy/p"},
    ),
    ("sts", "AssumeRole", {"roleArn": "arn:aws:iam::444455556666:role/x/r"}, {"arn:aws:iam::444455556666:role/x/r"}),
    # containers
    ("ecr", "DescribeImages", {"repositoryName": "a/b"}, {f"arn:aws:ecr:{R}:{A}:repository/a/b"}),
    ("ecr", "DescribeImages", {"repositoryName": "a", "registryId": "444455556666"},
     {f"arn:aws:ecr:{R}:444455556666:repository/a"}),
    (
        "ecs",
        "UpdateService",
        {"cluster": "c", "service": "s"},
        {f"arn:aws:ecs:{R}:{A}:service/c/s"},
    ),
    ("ecs", "RunTask", {"taskDefinition": "web:12"}, {f"arn:aws:ecs:{R}:{A}:task-definition/web:*"}),
    ("states", "StartExecution", {"stateMachineArn": f"arn:aws:states:{R}:{A}:stateMachine:s"},
     {f"arn:aws:states:{R}:{A}:stateMachine:s"}),
    ("events", "PutRule", {"name": "r"}, {f"arn:aws:events:{R}:{A}:rule/r"}),
    ("events", "PutRule", {"name": "r", "eventBusName": "b"}, {f"arn:aws:events:{R}:{A}:rule/b/r"}),
    ("events", "PutEvents", {"entries": [{"source": "a"}]}, {f"arn:aws:events:{R}:{A}:event-bus/default"}),
    ("cloudformation", "DescribeStacks", {"stackName": "s"}, {f"arn:aws:cloudformation:{R}:{A}:stack/s/*"}),
    # EC2: ids tell their type; what other accounts may share has no sure account
    ("ec2", "StopInstances", {"instancesSet": {"items": [{"instanceId": "i-0dbc91f429e48eeed"}]}},
     {f"arn:aws:ec2:{R}:{A}:instance/i-0dbc91f429e48eeed"}),
    ("ec2", "DeleteSubnet", {"subnetId": "subnet-096553f59d783f082"},
     {f"arn:aws:ec2:{R}:*:subnet/subnet-096553f59d783f082"}),
    ("ec2", "DeleteSnapshot", {"snapshotId": "snap-083d3b857c13988bc"},
     {f"arn:aws:ec2:{R}::snapshot/snap-083d3b857c13988bc"}),
    ("ec2", "CreateVpc", {"cidrBlock": "10.0.0.0/16"}, {f"arn:aws:ec2:{R}:{A}:vpc/*"}),
    ("ec2", "DetachNetworkInterface", {"attachmentId": "eni-attach-02aca13293a6fe1b9"}, None),
    ("ec2", "DescribeInstances", {}, {"*"}),
    # the general way: templates filled from parameters of a like name
    ("rds", "DeleteDBInstance", {"dBInstanceIdentifier": "Main"}, {f"arn:aws:rds:{R}:{A}:db:main"}),
    ("rds", "DescribeDBInstances", {}, {f"arn:aws:rds:{R}:{A}:db:*"}),
    ("guardduty", "GetDetector", {"detectorId": "6ec1aa76"}, {f"arn:aws:guardduty:{R}:{A}:detector/6ec1aa76"}),
    ("kinesis", "DescribeStream", {"streamName": "s"}, {f"arn:aws:kinesis:{R}:{A}:stream/s"}),
    ("kinesis", "DescribeStream", {"streamName": "s*"}, None),
    ("kinesis", "DescribeStream", {}, None),
    ("apigateway", "CreateStage", {"apiId": "a1"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("source", "name", "parameters", "expected"), CASES)
def test_resources_of_a_call(
    source: str, name: str, parameters: dict[str, Any], expected: set[str] | None
) -> None:
    found = arns(source, name, parameters)
    assert (None if found is None else set(found)) == expected


def test_a_copy_reads_its_source_and_writes_its_target() -> None:
    parameters = {"bucketName": "to-bucket", "key": "k", "x-amz-copy-source": "/from-bucket/k%201"}
    assert arns("s3", "CopyObject", parameters, action="s3:PutObject") == (
        "arn:aws:s3:::to-bucket/*",
    )
    assert arns("s3", "CopyObject", parameters, action="s3:GetObject") == (
        "arn:aws:s3:::from-bucket/*",
    )


def test_the_record_names_the_key_behind_an_alias() -> None:
    key = f"arn:aws:kms:{R}:{A}:key/0e5d0ab6-097e-49d8-99ef-747ce3e5f8f4"
    resources = [{"ARN": key, "type": "AWS::KMS::Key", "accountId": A}]
    assert arns("kms", "Encrypt", {"keyId": "alias/app"}, resources=resources) == (key,)


def test_a_passed_role_is_used() -> None:
    role = f"arn:aws:iam::{A}:role/app/f"
    parameters = {"functionName": "f", "role": role, "code": {"s3Bucket": "*", "s3Key": "f.zip"}}
    name = "CreateFunction20150331"
    assert arns("lambda", name, parameters, action="iam:PassRole") == (role,)
    assert arns("lambda", name, parameters, action="s3:GetObject") is None
    parameters["code"] = {"s3Bucket": "code-bucket", "s3Key": "f.zip"}
    assert arns("lambda", name, parameters, action="s3:GetObject") == (
        "arn:aws:s3:::code-bucket/*",
    )


def test_a_role_passed_by_its_name_is_possible() -> None:
    def possible(parameters: dict[str, Any]) -> tuple[str, ...]:
        record = event.decode_record(
            msgspec.json.encode(
                {
                    "eventTime": "2026-11-01T10:00:00Z",
                    "eventSource": "autoscaling.amazonaws.com",
                    "eventName": "CreateLaunchConfiguration",
                    "awsRegion": R,
                    "requestParameters": parameters,
                }
            )
        )
        return derive(map_event(record.eventSource, record.eventName), record, A).possible

    assert "iam:PassRole" in possible({"iamInstanceProfile": "web"})
    assert "iam:PassRole" in possible({"launchConfigurationName": "web", "iamInstanceProfile": "w"})


def test_what_a_service_named_is_no_part_of_the_grant() -> None:
    """The next call makes another server: its id is the service's choice."""
    plan = {"backupPlanArn": f"arn:aws:backup:{R}:{A}:backup-plan:8c3f-0f9c"}
    assert arns("backup", "CreateBackupPlan", {"tags": {}}, response=plan) == (
        f"arn:aws:backup:{R}:{A}:backup-plan:*",
    )
    group = f"arn:aws:elasticloadbalancing:{R}:{A}:targetgroup/web/"
    found = arns(
        "elasticloadbalancing",
        "CreateTargetGroup",
        {"targetGroupName": "web"},
        response={"targetGroups": [{"targetGroupArn": group + "0f9c"}]},
    )
    assert found == (group + "*",)


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eusc-de-east-1", "aws-eusc")],
)
def test_partitions(region: str, partition: str) -> None:
    assert arns("s3", "GetBucketAcl", {"bucketName": "media"}, region=region) == (
        f"arn:{partition}:s3:::media",
    )


def test_published_events(published_events: Path) -> None:
    """ARNs for at least 85 of 100 kinds of calls with parameters on resource-level actions."""
    tried: set[tuple[str, str]] = set()
    found: set[tuple[str, str]] = set()
    for path in sorted(published_events.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            record = event.decode_record(line)
            mapping = map_event(record.eventSource, record.eventName)
            if not event.is_call(record) or bytes(record.requestParameters) in (b"null", b"{}"):
                continue
            account = record.recipientAccountId or A
            for name, resources in derive(mapping, record, account).needed:
                action = catalog.action(name)
                assert action is not None
                if not action.resource_level:
                    assert resources == ("*",)
                    continue
                tried.add((record.eventName, name))
                if resources is not None:
                    found.add((record.eventName, name))
                    assert all(arn.startswith("arn:") for arn in resources)
    assert len(tried) > 150
    assert len(found) / len(tried) >= 0.95
