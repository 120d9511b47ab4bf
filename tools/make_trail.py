"""Make fixtures/cloudtrail/patch-manager: a month of CloudTrail of one account, the same every time.

    python tools/make_trail.py [FOLDER]

Three roles work in account 111122223333, region eu-west-1, from 2026-10-20 to 2026-11-19:

* `PatchManagerRole`, on two instances: ssm calls of the agent, logs calls on one log group (the
  second CreateLogGroup fails with ResourceAlreadyExistsException), one denied DeleteLogGroup;
* `ci-deploy`, by web identity: a handful of cloudformation, lambda and s3 calls;
* `media-app`, a task: s3 GetObject and PutObject on the bucket `acme-media`, as data events.

Around them stands what a real trail holds and a profile must sort out: a console login, a person
with an SSO role whose session name is an e-mail address, a service's own events, root, a
service-linked role, a digest file.  The trail records S3 data events of all buckets and no others.
"""

from __future__ import annotations

import gzip
import json
import sys
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"
REGION = "eu-west-1"
LOG_GROUP = "/aws/ssm/AWS-RunPatchBaseline"
TARGET = Path(__file__).parent.parent / "fixtures" / "cloudtrail" / "patch-manager"

Event = dict[str, Any]


def _at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}")


def _role(name: str, session: str, path: str = "/") -> Event:
    unique = f"AROA{uuid.uuid5(uuid.NAMESPACE_DNS, name).hex[:17].upper()}"
    return {
        "type": "AssumedRole",
        "principalId": f"{unique}:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": unique,
                "arn": f"arn:aws:iam::{ACCOUNT}:role{path}{name}",
                "accountId": ACCOUNT,
                "userName": name,
            },
            "webIdFederationData": {},
            "attributes": {"creationDate": "2026-10-20T00:00:00Z", "mfaAuthenticated": "false"},
        },
    }


def _call(
    time: datetime,
    who: Event,
    source: str,
    name: str,
    parameters: Event | None,
    *,
    read: bool = False,
    resources: list[Event] | None = None,
    error: tuple[str, str] | None = None,
    data: bool = False,
    via: str | None = None,
    response: Event | None = None,
    region: str = REGION,
    event_type: str = "AwsApiCall",
) -> Event:
    identity = {**who, "invokedBy": via} if via else who
    key = f"{time.isoformat()} {source} {name} {json.dumps(parameters)}"
    event: Event = {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": via or "198.51.100.7",
        "userAgent": via or "aws-sdk-go/1.55.5",
    }
    if error:
        event |= {"errorCode": error[0], "errorMessage": error[1]}
    event |= {
        "requestParameters": parameters,
        "responseElements": response,
        "requestID": str(uuid.uuid5(uuid.NAMESPACE_URL, "request " + key)),
        "eventID": str(uuid.uuid5(uuid.NAMESPACE_URL, key)),
        "readOnly": read,
    }
    if resources:
        event["resources"] = resources
    return event | {
        "eventType": event_type,
        "managementEvent": not data,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data" if data else "Management",
    }


def _resource(arn: str, kind: str | None = None) -> Event:
    return {"accountId": ACCOUNT, "ARN": arn} | ({"type": kind} if kind else {})


class _Session:
    """One session of a role, with its clock."""

    def __init__(self, who: Event, time: datetime) -> None:
        self.who, self.time = who, time

    def call(self, source: str, name: str, parameters: Event | None, **more: Any) -> Event:
        self.time += timedelta(seconds=3)
        return _call(self.time, self.who, source, name, parameters, **more)


def patch_run(day: str, number: int) -> Iterator[Event]:
    """One maintenance window: the agent on two instances, then the log of the run."""
    for index, instance in enumerate(("i-0a1b2c3d4e5f60718", "i-0f9e8d7c6b5a40312")):
        who = _role("PatchManagerRole", instance)
        session = _Session(who, _at(day, f"02:{index:02}:05"))
        instance_arn = _resource(f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance}")
        yield session.call(
            "ssm",
            "UpdateInstanceInformation",
            {
                "instanceId": instance,
                "agentVersion": "3.3.2299.0",
                "platformType": "Linux",
                "agentName": "amazon-ssm-agent",
            },
            resources=[instance_arn],
        )
        yield session.call(
            "ssm",
            "ListInstanceAssociations",
            {"instanceId": instance, "maxResults": 20},
            resources=[instance_arn],
            read=True,
        )
        yield session.call(
            "ssm",
            "GetDeployablePatchSnapshotForInstance",
            {
                "instanceId": instance,
                "snapshotId": str(uuid.uuid5(uuid.NAMESPACE_OID, day + instance)),
            },
            read=True,
        )
        yield session.call(
            "ssm",
            "GetDocument",
            {"name": "AWS-RunPatchBaseline", "documentVersion": "$DEFAULT"},
            resources=[_resource(f"arn:aws:ssm:{REGION}::document/AWS-RunPatchBaseline")],
            read=True,
        )
        if index == 0:
            yield session.call(
                "logs",
                "DescribeLogGroups",
                {"logGroupNamePrefix": LOG_GROUP, "limit": 50},
                read=True,
            )
            if number < 2:
                exists = (
                    "ResourceAlreadyExistsException",
                    "The specified log group already exists",
                )
                yield session.call(
                    "logs",
                    "CreateLogGroup",
                    {"logGroupName": LOG_GROUP},
                    error=exists if number == 1 else None,
                )
        stream = f"{instance}/{day}/PatchLinux/stdout"
        yield session.call(
            "logs",
            "DescribeLogStreams",
            {"logGroupName": LOG_GROUP, "logStreamNamePrefix": stream},
            read=True,
        )
        yield session.call(
            "logs", "CreateLogStream", {"logGroupName": LOG_GROUP, "logStreamName": stream}
        )
        if number == 3 and index == 0:
            yield session.call(
                "logs",
                "DeleteLogGroup",
                {"logGroupName": LOG_GROUP},
                error=(
                    "AccessDenied",
                    f"User: {who['arn']} is not authorized to perform: logs:DeleteLogGroup on "
                    f"resource: arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{LOG_GROUP}:log-stream: "
                    "with an explicit deny in a service control policy",
                ),
            )
        yield session.call(
            "ssm",
            "PutInventory",
            {
                "instanceId": instance,
                "items": [{"typeName": "AWS:PatchSummary", "schemaVersion": "1.0"}],
            },
            resources=[
                instance_arn,
                _resource(f"arn:aws:ssm:{REGION}:{ACCOUNT}:managed-instance-inventory/{instance}"),
            ],
        )
        yield session.call(
            "ssm",
            "PutComplianceItems",
            {
                "resourceId": instance,
                "resourceType": "ManagedInstance",
                "complianceType": "Patch",
                "uploadType": "PARTIAL",
            },
        )


def deployment(day: str, number: int) -> Iterator[Event]:
    """One run of the pipeline: a change set, the code of a function, an artifact."""
    who = _role("ci-deploy", "GitHubActions")
    session = _Session(who, _at(day, "09:30:00"))
    stack = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/orders/6f1d2c30-1111-2222-3333-444455556666"
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
    service_role = f"arn:aws:iam::{ACCOUNT}:role/orders-lambda"

    yield session.call("sts", "GetCallerIdentity", None, read=True)
    yield session.call(
        "s3",
        "PutObject",
        {"bucketName": "acme-artifacts", "key": f"orders/{day}.zip"},
        data=True,
        resources=[
            {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::acme-artifacts/orders/{day}.zip"},
            _resource("arn:aws:s3:::acme-artifacts", "AWS::S3::Bucket"),
        ],
    )
    yield session.call(
        "s3",
        "GetBucketLocation",
        {"bucketName": "acme-artifacts", "location": ""},
        read=True,
        resources=[_resource("arn:aws:s3:::acme-artifacts", "AWS::S3::Bucket")],
    )
    change = {"stackName": "orders", "changeSetName": f"release-{number}"}
    yield session.call("cloudformation", "DescribeStacks", {"stackName": "orders"}, read=True)
    yield session.call(
        "cloudformation",
        "CreateChangeSet",
        {**change, "changeSetType": "UPDATE", "capabilities": ["CAPABILITY_IAM"]},
        response={
            "id": stack.replace("stack/orders", f"changeSet/release-{number}"),
            "stackId": stack,
        },
    )
    yield session.call("cloudformation", "DescribeChangeSet", change, read=True)
    yield session.call("cloudformation", "ExecuteChangeSet", change)
    if number == 0:
        yield session.call(
            "lambda",
            "CreateFunction20150331",
            {
                "functionName": "orders",
                "runtime": "python3.13",
                "role": service_role,
                "handler": "app.handler",
                "code": {"s3Bucket": "acme-artifacts", "s3Key": f"orders/{day}.zip"},
                "publish": False,
            },
            via="cloudformation.amazonaws.com",
            response={"functionName": "orders", "functionArn": function, "role": service_role},
        )
    else:
        yield session.call(
            "lambda",
            "UpdateFunctionCode20150331v2",
            {
                "functionName": "orders",
                "s3Bucket": "acme-artifacts",
                "s3Key": f"orders/{day}.zip",
                "publish": False,
            },
            via="cloudformation.amazonaws.com",
            response={"functionName": "orders", "functionArn": function, "role": service_role},
        )
    yield session.call("lambda", "GetFunction20150331v2", {"functionName": function}, read=True)
    yield session.call("cloudformation", "DescribeStackEvents", {"stackName": stack}, read=True)


def media(day: str, number: int) -> Iterator[Event]:
    """One hour of the application: it reads originals and writes thumbnails."""
    who = _role("media-app", "0123456789abcdef0123456789abcdef", "/app/")
    time = _at(day, "14:00:00")
    for index in range(6):
        time += timedelta(seconds=17)
        read = index % 3 != 2
        key = f"{'originals' if read else 'thumbnails'}/{day}/{number}{index}.jpg"
        yield _call(
            time,
            who,
            "s3",
            "GetObject" if read else "PutObject",
            {"bucketName": "acme-media", "key": key, "Host": "acme-media.s3.amazonaws.com"},
            read=read,
            data=True,
            error=("SlowDown", "Please reduce your request rate.") if index == 4 else None,
            resources=[
                {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::acme-media/{key}"},
                _resource("arn:aws:s3:::acme-media", "AWS::S3::Bucket"),
            ],
        )


def noise(day: str) -> Iterator[Event]:
    """What else a trail holds: nothing of it may end as use of the three roles."""
    sso = "AWSReservedSSO_Support_0123456789abcdef"
    person = _role(sso, "jo@example.com", f"/aws-reserved/sso.amazonaws.com/{REGION}/")
    linked = "AWSServiceRoleForAmazonSSM"
    root = {
        "type": "Root",
        "principalId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "accountId": ACCOUNT,
    }
    yield _call(
        _at(day, "08:00:00"),
        root,
        "signin",
        "ConsoleLogin",
        None,
        region="us-east-1",
        event_type="AwsConsoleSignIn",
        response={"ConsoleLogin": "Success"},
    )
    yield _call(
        _at(day, "08:01:00"),
        root,
        "iam",
        "GetAccountSummary",
        None,
        read=True,
        region="us-east-1",
    )
    yield _call(
        _at(day, "08:02:00"),
        person,
        "logs",
        "DescribeLogGroups",
        {"logGroupNamePrefix": "/aws/ssm"},
        read=True,
    )
    yield _call(
        _at(day, "08:03:00"),
        _role(linked, "AmazonSSM", "/aws-service-role/ssm.amazonaws.com/"),
        "ec2",
        "DescribeInstances",
        {"instancesSet": {}, "filterSet": {}},
        read=True,
    )
    yield _call(
        _at(day, "08:04:00"),
        {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"},
        "sts",
        "AssumeRole",
        {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/orders-lambda", "roleSessionName": "orders"},
        read=True,
        resources=[_resource(f"arn:aws:iam::{ACCOUNT}:role/orders-lambda", "AWS::IAM::Role")],
    )
    yield _call(
        _at(day, "08:05:00"),
        {"accountId": ACCOUNT, "invokedBy": "AWS Internal"},
        "kms",
        "RotateKey",
        None,
        event_type="AwsServiceEvent",
    )
    yield _call(
        _at(day, "09:29:58"),
        {
            "type": "WebIdentityUser",
            "principalId": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:repo:acme/orders:ref:refs/heads/main",
            "userName": "repo:acme/orders:ref:refs/heads/main",
            "identityProvider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com",
        },
        "sts",
        "AssumeRoleWithWebIdentity",
        {
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/ci-deploy",
            "roleSessionName": "GitHubActions",
        },
        read=True,
    )


def month() -> dict[str, list[Event]]:
    """The events by day of delivery."""
    days: dict[str, list[Event]] = {}
    for number, day in enumerate(
        ("2026-10-20", "2026-10-27", "2026-11-03", "2026-11-10", "2026-11-17")
    ):
        days.setdefault(day, []).extend(patch_run(day, number))
        days[day].extend(media(day, number))
    for number, day in enumerate(("2026-10-22", "2026-11-05", "2026-11-19")):
        days.setdefault(day, []).extend(noise(day))
        days[day].extend(deployment(day, number))
    return days


def write(folder: Path) -> None:
    """Write the tree below `folder`; what is there already is overwritten."""
    base = folder / "AWSLogs" / ACCOUNT

    def put(path: Path, content: Event) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, separators=(",", ":"))
        path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))

    for day, events in sorted(month().items()):
        year, number, of_month = day.split("-")
        stamp = f"{year}{number}{of_month}T1500Z_{uuid.uuid5(uuid.NAMESPACE_OID, day).hex[:16]}"
        name = f"{ACCOUNT}_CloudTrail_{REGION}_{stamp}.json.gz"
        put(base / "CloudTrail" / REGION / year / number / of_month / name, {"Records": events})
    put(
        base
        / "CloudTrail-Digest"
        / REGION
        / "2026"
        / "11"
        / "19"
        / f"{ACCOUNT}_CloudTrail-Digest_{REGION}_main_{REGION}_20261119T153000Z.json.gz",
        {
            "awsAccountId": ACCOUNT,
            "digestStartTime": "2026-11-19T14:30:00Z",
            "digestEndTime": "2026-11-19T15:30:00Z",
            "digestS3Bucket": "acme-trail",
            "logFiles": [],
        },
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
