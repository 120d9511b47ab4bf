"""What CloudTrail can show of well-known actions, each with the reason."""

from __future__ import annotations

import pytest

from iamlint.iam import catalog

EXPECTED = [
    # CloudWatch Logs: AWS lists what is recorded, and PutLogEvents is not on the list.
    ("logs:PutLogEvents", "never-logged", "absent from the list of recorded actions"),
    ("logs:CreateLogGroup", "management", "on the list"),
    ("logs:CreateLogStream", "management", "on the list"),
    ("logs:DescribeLogGroups", "management", "on the list"),
    ("logs:DescribeLogStreams", "management", "on the list"),
    ("logs:DeleteLogGroup", "management", "on the list"),
    ("logs:PutRetentionPolicy", "management", "on the list"),
    ("logs:GetLogEvents", "management", "on the list"),
    ("logs:Unmask", "permission-only", "a condition of other reads"),
    # S3: objects are data events, buckets management events.
    ("s3:GetObject", "data", "object-level"),
    ("s3:GetObjectVersion", "data", "GetObject with a version needs it; no operation of its own"),
    ("s3:PutObject", "data", "object-level"),
    ("s3:DeleteObject", "data", "object-level"),
    ("s3:ListBucket", "data", "ListObjects and HeadBucket are data events"),
    ("s3:ListAllMyBuckets", "management", "ListBuckets"),
    ("s3:PutLifecycleConfiguration", "management", "PutBucketLifecycle"),
    ("s3:PutBucketPolicy", "management", "bucket-level"),
    ("s3:BypassGovernanceRetention", "permission-only", "checked inside DeleteObject"),
    ("s3:ListBucketMultipartUploads", "management", "IAM follows its last use"),
    ("s3:CreateAccessPoint", "management", "IAM follows its last use"),
    ("s3:GetBucketMetadataTableConfiguration", "management", "bucket-level"),
    ("s3:PutAccessPointPublicAccessBlock", "unknown", "on no list"),
    # Others with data events.
    ("dynamodb:GetItem", "data", "item-level"),
    ("dynamodb:Query", "data", "item-level"),
    ("dynamodb:PartiQLSelect", "data", "ExecuteStatement needs it"),
    ("dynamodb:CreateTable", "management", "control plane"),
    ("lambda:InvokeFunction", "data", "Invoke"),
    ("lambda:GetFunction", "management", "control plane"),
    ("sqs:SendMessage", "data", "messages"),
    ("sqs:GetQueueUrl", "data", "reads of queues are data events too"),
    ("sqs:CreateQueue", "management", "control plane"),
    ("sns:Publish", "data", "messages"),
    ("kinesis:PutRecord", "data", "records"),
    ("events:PutEvents", "data", "all other operations are control plane"),
    ("events:PutRule", "management", "all operations but PutEvents and PutPartnerEvents"),
    ("cloudwatch:PutMetricData", "data", "metrics"),
    ("cloudwatch:PutMetricAlarm", "management", "control plane"),
    ("xray:PutTraceSegments", "data", "traces"),
    ("ses:SendEmail", "data", "identities"),
    ("ses:SendRawEmail", "never-logged", "SMTP needs it and is not recorded"),
    ("ssmmessages:OpenControlChannel", "data", "control channels"),
    ("ssmmessages:OpenDataChannel", "permission-only", "no operation of a public API"),
    ("ec2messages:GetMessages", "permission-only", "no operation of a public API"),
    ("bedrock:InvokeAgent", "data", "agents at run time"),
    ("bedrock:InvokeModel", "unknown", "some operations that need it are data events"),
    # Control planes.
    ("ssm:GetParameter", "management", "all control plane operations"),
    ("ssm:UpdateInstanceInformation", "management", "recorded calls of the agent"),
    ("kms:Decrypt", "management", "recorded, though a trail may leave KMS out"),
    ("ec2:RunInstances", "management", "control plane"),
    ("iam:CreateRole", "management", "control plane"),
    ("sts:AssumeRole", "management", "control plane"),
    ("secretsmanager:GetSecretValue", "management", "recorded"),
    ("apigateway:POST", "management", "the verbs of the recorded management API"),
    # No operation, so no event.
    ("iam:PassRole", "permission-only", "AWS: not tracked by CloudTrail"),
    ("sts:TagSession", "permission-only", "checked inside AssumeRole"),
    ("lambda:InvokeFunctionUrl", "data", "AWS::Lambda::Function takes in requests to its URL"),
    ("elasticfilesystem:ClientMount", "permission-only", "checked by the mount"),
    ("rds-db:connect", "permission-only", "checked when a connection is opened"),
    ("kafka-cluster:Connect", "permission-only", "checked by the brokers"),
    ("execute-api:Invoke", "never-logged", "calls of deployed APIs are not recorded"),
    ("es:ESHttpGet", "never-logged", "only the configuration API is recorded"),
    # Data planes that no page lists.
    ("iot:Publish", "unknown", "device data plane"),
    ("timestream:CreateTable", "management", "IAM follows its last use"),
    ("timestream:WriteRecords", "unknown", "data events without a list"),
    ("sagemaker:InvokeEndpoint", "unknown", "data events without a list"),
]


@pytest.mark.parametrize(("name", "expected", "reason"), EXPECTED)
def test_observability(name: str, expected: str, reason: str) -> None:
    found = catalog.action(name)
    assert found is not None
    assert found.observability == expected, reason


def test_unknown_stays_the_smaller_part() -> None:
    classes = [catalog.action(name).observability for name in catalog.expand("*")]  # type: ignore[union-attr]
    assert 0.6 < classes.count("management") / len(classes) < 0.75
    assert classes.count("unknown") / len(classes) < 0.3
