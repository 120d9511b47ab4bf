"""The shortcuts of `call` against the plain way: the same answer for each event, in any order."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from iamlint.usage import event
from iamlint.usage.call import Deriver, Sort
from iamlint.usage.derive import derive
from iamlint.usage.event import Record
from iamlint.usage.mapping import map_event

A = "111122223333"


def check(records: list[Record]) -> None:
    deriver = Deriver()
    sorts: dict[tuple[Any, ...], Sort] = {}
    for record in records:
        mapping = map_event(record.eventSource, record.eventName)
        if mapping.unmapped or not event.is_call(record):
            continue
        account = record.recipientAccountId or A
        key = (record.eventSource, record.eventName, record.awsRegion, account)
        sort = sorts.setdefault(key, Sort(record, account))
        answer = deriver.answer(sort, record) if sort.open else sort.answer
        assert answer is not None
        assert answer.derived == derive(mapping, record, sort.account), record.eventName


def test_published_events(published_events: Path) -> None:
    records = [
        event.decode_record(line)
        for path in sorted(published_events.glob("*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]
    random.Random(7).shuffle(records)
    check(records)


NAMES = [
    ("s3", "GetObject"), ("s3", "PutObject"), ("s3", "CopyObject"), ("s3", "ListObjectsV2"),
    ("s3", "TagResource"), ("dynamodb", "Query"), ("dynamodb", "BatchGetItem"),
    ("dynamodb", "GetRecords"), ("dynamodb", "TransactWriteItems"), ("kms", "Decrypt"),
    ("kms", "CreateAlias"), ("kms", "ReEncrypt"), ("lambda", "Invoke"),
    ("lambda", "UpdateEventSourceMapping"), ("lambda", "GetLayerVersion"),
    ("lambda", "TagResource20170331v2"), ("logs", "CreateLogStream"),
    ("logs", "PutSubscriptionFilter"), ("logs", "TagResource"), ("logs", "CreateDelivery"),
    ("secretsmanager", "GetSecretValue"), ("secretsmanager", "CreateSecret"),
    ("sqs", "SendMessage"), ("sqs", "ListQueues"), ("sts", "AssumeRole"), ("sts", "AssumeRoot"),
]  # fmt: skip

VALUES: dict[str, list[Any]] = {
    "bucketName": ["media", "logs-x", "*", None, 7],
    "key": ["a", "b/c"],
    "versionId": ["v1", ""],
    "x-amz-acl": ["private"],
    "X-Amz-Tagging": ["a=b"],
    "x-amz-copy-source": ["from-bucket/k", "/other/k"],
    "tableName": ["t", "u"],
    "indexName": ["i"],
    "requestItems": [{"t": {}}, {"u": {}}],
    "keyId": ["0e5d0ab6-097e-49d8-99ef-747ce3e5f8f4", "alias/x"],
    "targetKeyId": ["0e5d0ab6-097e-49d8-99ef-747ce3e5f8f4"],
    "aliasName": ["alias/a", "alias/b"],
    "functionName": ["f", "g:live"],
    "uUID": ["8c3f", "0f9c"],
    "qualifier": ["1"],
    "layerName": ["l"],
    "versionNumber": [1, 2],
    "logGroupName": ["/a", "/b"],
    "logStreamName": ["x", "y"],
    "destinationArn": [
        f"arn:aws:logs:eu-west-1:{A}:destination:d",
        f"arn:aws:lambda:eu-west-1:{A}:function:f",
    ],
    "resourceArn": [f"arn:aws:logs:eu-west-1:{A}:log-group:/a", f"arn:aws:s3:::media"],  # noqa: F541
    "secretId": ["s", f"arn:aws:secretsmanager:eu-west-1:{A}:secret:s-abcdef"],
    "name": ["n"],
    "queueUrl": [f"https://sqs.eu-west-1.amazonaws.com/{A}/q", "q"],
    "roleArn": [f"arn:aws:iam::{A}:role/r", f"arn:aws:iam::{A}:role/x/s"],
    "roleSessionName": ["a", "b"],
    "streamArn": [f"arn:aws:dynamodb:eu-west-1:{A}:table/t/stream/2026"],
}  # fmt: skip

RESOURCES: list[Any] = [
    None,
    [{"ARN": "arn:aws:s3:::media/k", "type": "AWS::S3::Object"}, {"ARN": "arn:aws:s3:::media"}],
    [{"ARN": f"arn:aws:s3:eu-west-1:{A}:accesspoint/p", "type": "AWS::S3::AccessPoint"}],
    [{"ARN": f"arn:aws:kms:eu-west-1:{A}:key/1b2c", "type": "AWS::KMS::Key"}],
    [{"ARN": f"arn:aws:dynamodb:eu-west-1:{A}:table/t", "type": "AWS::DynamoDB::Table"}],
]


def test_requests_at_random() -> None:
    """Requests that share some parameters and not others: none may take another's answer."""
    source = random.Random(11)
    records = []
    for number in range(4_000):
        service, name = source.choice(NAMES)
        chosen = source.sample(sorted(VALUES), source.randrange(0, 7))
        fields = {
            "eventTime": "2026-11-01T10:00:00Z",
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "awsRegion": source.choice(["eu-west-1", "cn-north-1"]),
            "recipientAccountId": A,
            "eventID": str(number),
            "requestParameters": {key: source.choice(VALUES[key]) for key in chosen} or None,
            "resources": source.choice(RESOURCES),
        }
        records.append(event.decode_record(json.dumps(fields)))
    check(records)
