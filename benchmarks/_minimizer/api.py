"""The API calls that the workloads make: the request as CloudTrail shows it, and its authorizations."""

from __future__ import annotations

import random
from typing import Any

from benchmarks._minimizer.model import (
    ACCOUNT,
    GLOBAL_REGION,
    REGION,
    Auth,
    Call,
    arn,
    iam,
    uuid,
)


def read(service: str, name: str, parameters: dict[str, Any] | None, *needs: Auth) -> Call:
    """A management event that only reads."""
    region = GLOBAL_REGION if service in ("iam", "ce", "route53", "organizations") else REGION
    return Call(service, name, parameters, needs, read=True, region=region)


def write(service: str, name: str, parameters: dict[str, Any] | None, *needs: Auth) -> Call:
    """A management event that changes something."""
    region = GLOBAL_REGION if service in ("iam", "ce", "route53", "organizations") else REGION
    return Call(service, name, parameters, needs, read=False, region=region)


def plain(service: str, *names: str) -> list[Call]:
    """Reading calls without request parameters, authorized against `*`."""
    return [read(service, name, None, Auth(f"{service}:{name}")) for name in names]


# S3


def s3_object(
    operation: str, bucket: str, key: str, *, error: str = "", action: str | None = None
) -> Call:
    """A data event on one object; its key is different each time."""
    resource = f"arn:aws:s3:::{bucket}/{key}"
    auth = Auth(action or f"s3:{operation}", resource, f"arn:aws:s3:::{bucket}/*")
    return Call(
        "s3",
        operation,
        {"bucketName": bucket, "key": key, "Host": f"{bucket}.s3.{REGION}.amazonaws.com"},
        (auth,),
        read=operation.startswith(("Get", "Head")),
        recorded="data",
        error=error,
        resources=(("AWS::S3::Object", resource), ("AWS::S3::Bucket", f"arn:aws:s3:::{bucket}")),
    )


def s3_list(bucket: str, prefix: str) -> Call:
    """Listing a bucket's objects: a data event as well."""
    bucket_arn = f"arn:aws:s3:::{bucket}"
    return Call(
        "s3",
        "ListObjects",
        {"bucketName": bucket, "prefix": prefix, "list-type": "2"},
        (Auth("s3:ListBucket", bucket_arn),),
        read=True,
        recorded="data",
        resources=(("AWS::S3::Object", f"{bucket_arn}/{prefix}"), ("AWS::S3::Bucket", bucket_arn)),
    )


def s3_bucket(operation: str, bucket: str, action: str | None = None) -> Call:
    """A management event about a bucket."""
    return read(
        "s3",
        operation,
        {"bucketName": bucket, "Host": f"s3.{REGION}.amazonaws.com"},
        Auth(action or f"s3:{operation}", f"arn:aws:s3:::{bucket}"),
    )


# Data planes


def dynamodb(operation: str, table: str, *, index: str = "", error: str = "") -> Call:
    """An item operation: a data event."""
    table_arn = arn("dynamodb", f"table/{table}")
    parameters = {"tableName": table, **({"indexName": index} if index else {})}
    # A query of an index is authorized against the index alone.
    resource = f"{table_arn}/index/{index}" if index else table_arn
    return Call(
        "dynamodb",
        operation,
        parameters,
        (Auth(f"dynamodb:{operation}", resource),),
        read=operation in ("GetItem", "Query", "Scan", "BatchGetItem"),
        recorded="data",
        error=error,
        resources=(("AWS::DynamoDB::Table", table_arn),),
    )


def sqs(operation: str, queue: str) -> Call:
    """A message operation: a data event."""
    resource = arn("sqs", queue)
    return Call(
        "sqs",
        operation,
        {"queueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{queue}"},
        (Auth(f"sqs:{operation}", resource),),
        read=operation.startswith(("Get", "List", "Receive")),
        recorded="data",
        resources=(("AWS::SQS::Queue", resource),),
    )


def publish(topic: str) -> Call:
    """A message to a topic: a data event."""
    resource = arn("sns", topic)
    return Call(
        "sns",
        "Publish",
        {"topicArn": resource},
        (Auth("sns:Publish", resource),),
        read=False,
        recorded="data",
        resources=(("AWS::SNS::Topic", resource),),
    )


def invoke(function: str, family: str = "", enough: int = 1) -> Call:
    """An invocation: a data event named `Invoke`."""
    resource = arn("lambda", f"function:{function}")
    return Call(
        "lambda",
        "Invoke",
        {"functionName": function, "invocationType": "Event"},
        (
            Auth(
                "lambda:InvokeFunction",
                resource,
                arn("lambda", f"function:{family}") if family else "",
                enough,
            ),
        ),
        read=False,
        recorded="data",
        resources=(("AWS::Lambda::Function", resource),),
    )


def unseen(*needs: Auth) -> Call:
    """A call that no trail of this account records."""
    service, _, name = needs[0].action.partition(":")
    return Call(service, name, None, needs, read=False, recorded="never")


def logs_written(group: str, stream: str) -> Call:
    """PutLogEvents."""
    head = arn("logs", f"log-group:{group}:log-stream:")
    return unseen(Auth("logs:PutLogEvents", head + stream, head + "*"))


def traces() -> list[Call]:
    """What the X-Ray daemon sends."""
    return [
        unseen(Auth("xray:PutTraceSegments")),
        unseen(Auth("xray:PutTelemetryRecords")),
    ]


def metrics() -> Call:
    """PutMetricData."""
    return unseen(Auth("cloudwatch:PutMetricData"))


# Management events


def log_stream(group: str, stream: str) -> Call:
    """CreateLogStream: a runtime opens a stream of its own."""
    head = arn("logs", f"log-group:{group}:log-stream:")
    return write(
        "logs",
        "CreateLogStream",
        {"logGroupName": group, "logStreamName": stream},
        Auth("logs:CreateLogStream", head + stream, head + "*"),
    )


def logs(operation: str, group: str, *, action: str | None = None) -> Call:
    """A reading call on one log group."""
    return read(
        "logs",
        operation,
        {"logGroupName": group},
        Auth(action or f"logs:{operation}", arn("logs", f"log-group:{group}:log-stream:")),
    )


def log_groups(prefix: str) -> Call:
    """DescribeLogGroups is authorized against all groups, whatever prefix it asks for."""
    return read(
        "logs",
        "DescribeLogGroups",
        {"logGroupNamePrefix": prefix},
        Auth("logs:DescribeLogGroups", arn("logs", "log-group::log-stream:")),
    )


def secret(name: str, suffix: str) -> Call:
    """GetSecretValue by name; the ARN ends in six letters that the request does not show."""
    return read(
        "secretsmanager",
        "GetSecretValue",
        {"secretId": name},
        Auth(
            "secretsmanager:GetSecretValue",
            arn("secretsmanager", f"secret:{name}-{suffix}"),
            arn("secretsmanager", f"secret:{name}-??????"),
        ),
    )


def kms(operation: str, key: str, service: str) -> Call:
    """A use of a key that a service makes for the principal."""
    resource = arn("kms", f"key/{key}")
    via = f"{service}.amazonaws.com"
    context = (("kms:ViaService", f"{service}.{REGION}.amazonaws.com"),)
    return Call(
        "kms",
        operation,
        {"keyId": resource, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
        (Auth(f"kms:{operation}", resource, context=context),),
        read=True,
        via=via,
        resources=(("AWS::KMS::Key", resource),),
    )


def parameter(*names: str) -> Call:
    """GetParameter or GetParameters."""
    one = len(names) == 1
    request: dict[str, Any] = {"name": names[0]} if one else {"names": list(names)}
    operation = "GetParameter" if one else "GetParameters"
    return read(
        "ssm",
        operation,
        {**request, "withDecryption": True},
        *(Auth(f"ssm:{operation}", arn("ssm", f"parameter{name}")) for name in names),
    )


def interface(rng: random.Random, subnet: str, group: str) -> list[Call]:
    """What Lambda does in a VPC with the function's role; the interface has no id before."""
    eni = f"eni-0{rng.getrandbits(64):016x}"
    made = arn("ec2", f"network-interface/{eni}")
    family = arn("ec2", "network-interface/*")
    create = write(
        "ec2",
        "CreateNetworkInterface",
        {"subnetId": subnet, "groupSet": {"items": [{"groupId": group}]}},
        Auth("ec2:CreateNetworkInterface", made, family),
        Auth("ec2:CreateNetworkInterface", arn("ec2", f"subnet/{subnet}")),
        Auth("ec2:CreateNetworkInterface", arn("ec2", f"security-group/{group}")),
    )
    describe = read("ec2", "DescribeNetworkInterfaces", {}, Auth("ec2:DescribeNetworkInterfaces"))
    delete = write(
        "ec2",
        "DeleteNetworkInterface",
        {"networkInterfaceId": eni},
        Auth("ec2:DeleteNetworkInterface", made, family),
    )
    return [each._replace(via="lambda.amazonaws.com") for each in (create, describe, delete)]


def athena(rng: random.Random, workgroup: str) -> list[Call]:
    """A query and its answer; only the first call names the work group."""
    resource = arn("athena", f"workgroup/{workgroup}")
    identity = uuid(rng)
    return [
        write(
            "athena",
            "StartQueryExecution",
            {"queryString": "***OMITTED***", "workGroup": workgroup},
            Auth("athena:StartQueryExecution", resource),
        ),
        read(
            "athena",
            "GetQueryExecution",
            {"queryExecutionId": identity},
            Auth("athena:GetQueryExecution", resource),
        ),
        read(
            "athena",
            "GetQueryResults",
            {"queryExecutionId": identity},
            Auth("athena:GetQueryResults", resource),
        ),
    ]


def glue_table(
    operation: str, database: str, table: str, family: str = "", enough: int = 1
) -> Call:
    """A call about a table, authorized against catalogue, database and table."""
    action = f"glue:{operation}"
    named = {"tableInput": {"name": table}} if operation == "CreateTable" else {"name": table}
    if operation in ("GetPartitions", "BatchCreatePartition"):
        named = {"tableName": table}
    make = read if operation.startswith("Get") else write
    return make(
        "glue",
        operation,
        {"databaseName": database, **named},
        Auth(action, arn("glue", "catalog")),
        Auth(action, arn("glue", f"database/{database}")),
        Auth(
            action,
            arn("glue", f"table/{database}/{table}"),
            arn("glue", f"table/{database}/{family}") if family else "",
            enough,
        ),
    )


def execution(machine: str) -> Call:
    """StartExecution of a state machine."""
    resource = arn("states", f"stateMachine:{machine}")
    return write(
        "states", "StartExecution", {"stateMachineArn": resource},
        Auth("states:StartExecution", resource),
    )  # fmt: skip


def role(operation: str, called: str, /, *more: Auth, **parameters: Any) -> Call:
    """A call of IAM about a role."""
    make = read if operation.startswith(("Get", "List")) else write
    return make(
        "iam",
        operation,
        {"roleName": called, **parameters},
        Auth(f"iam:{operation}", iam(f"role/{called}")),
        *more,
    )


def pass_role(name: str, service: str) -> Auth:
    """The authorization to pass a role, which has no event of its own."""
    return Auth("iam:PassRole", iam(f"role/{name}"), context=(("iam:PassedToService", service),))


def function(operation: str, called: str, /, *more: Auth, **parameters: Any) -> Call:
    """A management call of Lambda about a function; the event's name bears the API's version."""
    make = read if operation.startswith(("Get", "List")) else write
    event = _LAMBDA_EVENTS.get(operation, operation)
    return make(
        "lambda",
        event,
        {"functionName": called, **parameters},
        Auth(f"lambda:{operation}", arn("lambda", f"function:{called}")),
        *more,
    )


_LAMBDA_EVENTS = {
    "CreateFunction": "CreateFunction20150331",
    "GetFunction": "GetFunction20150331v2",
    "ListFunctions": "ListFunctions20150331",
    "PublishVersion": "PublishVersion20150331",
    "UpdateAlias": "UpdateAlias20150331",
    "UpdateFunctionCode": "UpdateFunctionCode20150331v2",
}


def repository(operation: str, name: str) -> Call:
    """A call of ECR about a repository."""
    make = read if operation.startswith(("Batch", "Get", "Describe")) else write
    return make(
        "ecr",
        operation,
        {"repositoryName": name, "registryId": ACCOUNT},
        Auth(f"ecr:{operation}", arn("ecr", f"repository/{name}")),
    )


def session(rng: random.Random, instance: str, person: str) -> list[Call]:
    """A shell on an instance: opened and closed."""
    identity = f"{person}-{letters_and_digits(rng)}"
    family = arn("ssm", "session/*")
    return [
        write(
            "ssm",
            "StartSession",
            {"target": instance, "documentName": "SSM-SessionManagerRunShell"},
            Auth("ssm:StartSession", arn("ec2", f"instance/{instance}"), arn("ec2", "instance/*")),
            Auth("ssm:StartSession", arn("ssm", "document/SSM-SessionManagerRunShell")),
        ),
        write(
            "ssm",
            "TerminateSession",
            {"sessionId": identity},
            Auth("ssm:TerminateSession", arn("ssm", f"session/{identity}"), family),
        ),
    ]


def letters_and_digits(rng: random.Random) -> str:
    """The random end of a session's id."""
    return "0" + "".join(rng.choice("0123456789abcdef") for _ in range(16))


def snapshot(database: str, name: str, family: str, enough: int = 1) -> list[Call]:
    """A snapshot of a database, made with tags, and looked after."""
    made = arn("rds", f"snapshot:{name}")
    kin = arn("rds", f"snapshot:{family}")
    return [
        write(
            "rds",
            "CreateDBSnapshot",
            {"dBInstanceIdentifier": database, "dBSnapshotIdentifier": name},
            Auth("rds:CreateDBSnapshot", arn("rds", f"db:{database}")),
            Auth("rds:CreateDBSnapshot", made, kin, enough),
        ),
        read(
            "rds",
            "DescribeDBSnapshots",
            {"dBSnapshotIdentifier": name},
            Auth("rds:DescribeDBSnapshots", made, kin, enough),
        ),
    ]
