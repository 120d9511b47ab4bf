"""Rules of the commonest services for the resources of a call, where names need more than a template.

A rule answers ARNs, None if the resource cannot be known, or an empty tuple to leave the call to
the general way.  ARN forms: Service Authorization Reference; deviations name their page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Union
from urllib.parse import unquote

from iamlint.iam.catalog import Action
from iamlint.usage.resource import Call, flatten, is_arn, usable
from iamlint.usage.resource_ec2 import ec2

Answer = Union[tuple[str, ...], list[str], None]
Rule = Callable[[Action, Call], Answer]


def rule_for(prefix: str) -> Rule | None:
    """The rule of a service, by its IAM prefix."""
    return _RULES.get(prefix)


@cache
def _types(action: Action) -> frozenset[str]:
    return frozenset(kind.name for kind in action.resource_types)


def _each(values: list[str] | None, make: Callable[[str], str | None]) -> Answer:
    """One ARN for each value, None if one of them gives none."""
    if values is None:
        return None
    found = [make(value) for value in values]
    return None if None in found else [arn for arn in found if arn is not None]


def _record(call: Call, service: str, head: str) -> list[str]:
    """ARNs of `resources[]` of a service whose resource part begins with `head`."""
    return [
        item.ARN
        for item in call.resources
        if item.ARN and is_arn(item.ARN) and item.ARN.split(":", 5)[2] == service
        and item.ARN.split(":", 5)[5].startswith(head)
    ]  # fmt: skip


HANDLED: dict[str, frozenset[str]] = {
    "dynamodb": frozenset({"table", "index"}),
    "kms": frozenset({"key", "alias"}),
    "lambda": frozenset(
        {"function", "function alias", "function version", "webFunction", "layer", "layerVersion"}
    ),
    "logs": frozenset({"log-group", "log-stream", "destination"}),
    "s3": frozenset({"bucket", "object", "accesspoint", "accesspointobject"}),
    "secretsmanager": frozenset({"Secret"}),
    "sqs": frozenset({"queue"}),
    "sts": frozenset({"role", "self-session"}),
}
"""The resource types that a service's rule speaks of; actions on others go the general way."""

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}\Z")


def _s3(action: Action, call: Call) -> Answer:
    types = _types(action)
    if not types <= HANDLED["s3"] or not types & {"bucket", "object"}:
        return ()
    if call.service != "s3":
        return _s3_code(call) if "object" in types else None
    if any(item.type and "AccessPoint" in item.type for item in call.resources):
        return None
    source = action.name in ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging")
    if source and call.operation in ("CopyObject", "UploadPartCopy"):
        bucket = (
            unquote(str(call.parameters.get("x-amz-copy-source", ""))).lstrip("/").split("/")[0]
        )
    else:
        bucket = call.text("bucketName") or ""
        if call.parameters.get("bucketName") is None:
            named = _record(call, "s3", "")
            bucket = named[0].split(":::", 1)[-1].split("/")[0] if named else ""
    if not _BUCKET.match(bucket):
        return None
    bucket_arn = f"arn:{call.partition}:s3:::{bucket}"
    return (bucket_arn + "/*",) if "object" in types else (bucket_arn,)


def _s3_code(call: Call) -> Answer:
    """The bucket that another service fetches from for the caller (a function's code)."""
    buckets = flatten(call.parameters).get("s3bucket", [])
    if len(buckets) != 1 or not _BUCKET.match(buckets[0]):
        return None
    return (f"arn:{call.partition}:s3:::{buckets[0]}/*",)


_TAGGED_GROUP = frozenset({"logs:TagResource", "logs:UntagResource", "logs:ListTagsForResource"})


def _logs(action: Action, call: Call) -> Answer:
    types = _types(action)
    if not types & {"log-group", "log-stream"} or call.service != "logs":
        return () if call.service == "logs" else None
    names = call.texts("logGroupName", "logGroupNames", "logGroupIdentifier", "logGroupIdentifiers",
                       "logGroupArn", "logGroupArnList", "resourceArn")  # fmt: skip
    if not names:
        return None if names is None else ()

    def group(name: str) -> str | None:
        if name.startswith("arn:"):
            name = name.removesuffix(":*")
            return name if ":log-group:" in name and is_arn(name) else None
        return call.arn("logs", f"log-group:{name}")

    groups = _each(names, group)
    if groups is None:
        return None
    if action.name in _TAGGED_GROUP:
        return groups
    # AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl: policies name a log group with
    # `:*` for all other actions; the Service Authorization Reference has the form without it.
    inside = [arn + ":*" for arn in groups]
    target = call.text("destinationArn")
    if target is not None and ":logs:" in target and "destination" in types:
        inside.append(target)
    return [*groups, *inside] if "log-group" in types else inside


def _sqs(action: Action, call: Call) -> Answer:
    url = call.text("queueUrl")
    if url is not None:
        parts = url.split("?")[0].rstrip("/").split("/")
        if len(parts) < 5 or not re.fullmatch(r"\d{12}", parts[-2]):
            return None
        return (call.arn("sqs", parts[-1], account=parts[-2]),)
    name = call.text("queueName")
    if name is not None:
        owner = call.text("queueOwnerAWSAccountId")
        return (call.arn("sqs", name, account=owner),)
    return ()


def _sns(action: Action, call: Call) -> Answer:
    named = call.text("topicArn", "targetArn", "resourceArn")
    if named is None and (subscription := call.text("subscriptionArn")) is not None:
        named = subscription.rsplit(":", 1)[0]
    if named is not None:
        return (named,) if is_arn(named) and named.count(":") == 5 else None
    if action.name == "sns:Publish":
        return None
    name = call.text("name") if action.name == "sns:CreateTopic" else None
    return (call.arn("sns", name),) if name else ()


def _dynamodb(action: Action, call: Call) -> Answer:
    types = _types(action)
    if not types <= HANDLED["dynamodb"]:
        return ()
    names = _tables(call)
    if names is None:
        return None
    if not names:
        return _record(call, "dynamodb", "table/")
    index = call.text("indexName") if "index" in types else None
    found: list[str] = []
    for name in names:
        arn = name if name.startswith("arn:") else call.arn("dynamodb", f"table/{name}")
        if not is_arn(arn):
            return None
        found += [arn, f"{arn}/index/{index}"] if index else [arn]
    return found


def _tables(call: Call) -> list[str] | None:
    """Names or ARNs of tables, also those of batches and transactions."""
    names = call.texts("tableName")
    if names is None:
        return None
    items = call.parameters.get("requestItems")
    if isinstance(items, dict):
        names += items
    elif isinstance(items, list):
        names += [str(item.get("tableName")) for item in items if isinstance(item, dict)]
    for item in call.parameters.get("transactItems") or ():
        for part in item.values() if isinstance(item, dict) else ():
            if isinstance(part, dict) and "tableName" in part:
                names.append(str(part["tableName"]))
    return names if all(map(usable, names)) else None


_FUNCTION = re.compile(
    r"(?:(?:arn:[\w-]+:lambda:[\w-]+:)?(\d{12}):function:)?([\w-]+)(?::([\w$-]+))?\Z"
)


def _lambda(action: Action, call: Call) -> Answer:
    types = _types(action)
    if not types <= HANDLED["lambda"]:
        return ()
    if types & {"function", "function alias", "function version"}:
        name = call.text("functionName")
        match = _FUNCTION.match(name) if name else None
        if match is None:
            return None if name else ()
        account, function, qualifier = match.groups()
        region = name.split(":")[3] if name and name.startswith("arn:") else call.region
        base = f"arn:{call.partition}:lambda:{region}:{account or call.account}:function:{function}"
        qualifier = qualifier or call.text("qualifier")
        return (f"{base}:{qualifier}",) if qualifier else (base,)
    if types & {"layer", "layerVersion"}:
        name = call.text("layerName", "arn")
        if name is None:
            return ()
        base = name if name.startswith("arn:") else call.arn("lambda", f"layer:{name}")
        if "layerVersion" not in types:
            return (base,)
        version = call.parameters.get("versionNumber")
        return (f"{base}:{version}",) if version else ((base,) if base.count(":") == 7 else None)
    return ()


_KEY_ID = re.compile(r"(?:mrk-)?[0-9a-f-]{32,36}\Z")


def _kms(action: Action, call: Call) -> Answer:
    if call.service != "kms":
        return None
    found = _record(call, "kms", "key/")
    types = _types(action)
    if "key" in types and not found:
        key = call.text("targetKeyId", "keyId", "destinationKeyId", "sourceKeyId")
        if key is None:
            return None
        if is_arn(key) and ":key/" in key:
            found = [key]
        elif _KEY_ID.match(key):
            found = [call.arn("kms", f"key/{key}")]
        else:
            return None
    if action.name in ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"):
        alias = call.text("aliasName")
        return [*found, call.arn("kms", alias)] if alias and alias.startswith("alias/") else None
    return found


def _secretsmanager(action: Action, call: Call) -> Answer:
    names = call.texts(
        "secretId",
        "secretIdList",
        *(("name",) if action.name == "secretsmanager:CreateSecret" else ()),
    )
    if not names:
        return None if names is None else ()

    def secret(name: str) -> str | None:
        arn = name if name.startswith("arn:") else call.arn("secretsmanager", f"secret:{name}")
        if not is_arn(arn):
            return None
        # secretsmanager/latest/userguide/auth-and-access_examples: ARNs end in six random
        # characters, and a name is granted as `name-??????`.
        whole = name.startswith("arn:") and re.search(r"-[A-Za-z0-9]{6}\Z", arn)
        return arn if whole else arn + "-??????"

    return _each(names, secret)


_SSM_KINDS = {
    "Association": "association",
    "Automation": "automation-execution",
    "Document": "document",
    "MaintenanceWindow": "maintenancewindow",
    "ManagedInstance": "managed-instance",
    "OpsItem": "opsitem",
    "OpsMetadata": "opsmetadata",
    "PatchBaseline": "patchbaseline",
}


def _ssm(action: Action, call: Call) -> Answer:
    if call.service != "ssm":
        return None
    types = _types(action)
    if types == {"parameter"}:
        return _parameters(action, call)
    tagged = call.text("resourceType")
    if tagged is not None and action.name.endswith("ForResource"):
        name = call.text("resourceId")
        if name is None:
            return None
        if tagged == "Parameter":
            return (call.arn("ssm", "parameter/" + name.lstrip("/")),)
        return (call.arn("ssm", f"{_SSM_KINDS[tagged]}/{name}"),) if tagged in _SSM_KINDS else None
    if "session" in types and action.name != "ssm:StartSession":
        # A session lives once; the next call is about another one.
        return (call.arn("ssm", "session/*"),)
    found = [
        item.ARN
        for item in call.resources
        if item.ARN and is_arn(item.ARN) and item.ARN.split(":", 5)[2] in ("ssm", "ec2")
    ]
    if "document" in types and not any(":document/" in arn for arn in found):
        name = call.text("documentName")
        if name is None and "Document" in action.name:
            name = call.text("name")
        if name is not None:
            found.append(_document(name, call))
        elif any(kind.required for kind in action.resource_types if kind.name == "document"):
            return None
    if types & {"instance", "managed-instance"}:
        instances = call.texts("instanceId", "instanceIds", "target", "resourceId")
        if instances is None or ("targets" in call.parameters and not instances):
            return None
        for name in instances:
            if name.startswith("i-"):
                found.append(call.arn("ec2", f"instance/{name}"))
            elif name.startswith("mi-"):
                found.append(call.arn("ssm", f"managed-instance/{name}"))
    return found


def _document(name: str, call: Call) -> str:
    if name.startswith("arn:"):
        return name
    # systems-manager/latest/userguide/security_iam_service-with-iam: documents of AWS have no
    # account in their ARN.
    owner = "" if name.startswith(("AWS-", "AWSEC2-", "AWSSSO-", "Amazon")) else call.account
    return call.arn("ssm", f"document/{name}", account=owner)


def _parameters(action: Action, call: Call) -> Answer:
    names = call.texts("name", "names", "path")
    if not names:
        return None if names is None else ()

    def parameter(name: str) -> str:
        if name.startswith("arn:"):
            return name
        return call.arn("ssm", "parameter/" + name.split(":")[0].lstrip("/"))

    found = [parameter(name) for name in names]
    if "path" in call.parameters:
        found = [arn.rstrip("/") for arn in found]
        found += [arn + "/*" for arn in found]
    return found


_IAM_NAMES = (
    ("role", "roleName"),
    ("user", "userName"),
    ("group", "groupName"),
    ("instance-profile", "instanceProfileName"),
    ("server-certificate", "serverCertificateName"),
)


def _iam(action: Action, call: Call) -> Answer:
    if action.name == "iam:PassRole":
        return None
    if call.service != "iam":
        return None
    found: list[str] = []
    for kind in action.resource_types:
        if kind.name == "policy":
            arn = call.text("policyArn")
            name = call.text("policyName")
            if arn:
                found.append(arn)
            elif name and action.name == "iam:CreatePolicy":
                whole = (call.text("path") or "/") + name
                found.append(call.arn("iam", f"policy{whole}", region=False))
            elif kind.required:
                return None
            continue
        parameter = dict(_IAM_NAMES).get(kind.name)
        owner = call.text(parameter) if parameter else None
        if owner is None:
            if kind.required:
                return ()
            continue
        path = call.text("path")
        if path or action.name in (
            "iam:CreateRole",
            "iam:CreateUser",
            "iam:CreateGroup",
            "iam:CreateInstanceProfile",
        ):
            found.append(call.arn("iam", f"{kind.name}{path or '/'}{owner}", region=False))
        else:
            # Names are unique whatever the path, and these calls do not tell the path.
            found.append(call.arn("iam", f"{kind.name}/{owner}", region=False))
            found.append(call.arn("iam", f"{kind.name}/*/{owner}", region=False))
    return found


def _sts(action: Action, call: Call) -> Answer:
    role = call.text("roleArn")
    if role is not None and action.name in (
        "sts:AssumeRole",
        "sts:TagSession",
        "sts:SetSourceIdentity",
    ):
        return (role,) if is_arn(role) else None
    return ()


def _ecr(action: Action, call: Call) -> Answer:
    names = call.texts("repositoryName", "repositoryNames")
    owner = call.text("registryId")
    if names is None:
        return None
    return [call.arn("ecr", f"repository/{name}", account=owner) for name in names]


def _ecs(action: Action, call: Call) -> Answer:
    if call.service != "ecs":
        return None
    cluster = (call.text("cluster", "clusterName") or "default").rsplit("/", 1)[-1]
    makers: dict[str, Callable[[], Iterable[str] | None]] = {
        "cluster": lambda: [call.arn("ecs", f"cluster/{cluster}")],
        "service": lambda: _in_cluster(
            "service", cluster, call.texts("service", "serviceName", "services"), call
        ),
        "task": lambda: _in_cluster("task", cluster, call.texts("task", "tasks"), call),
        "task-definition": lambda: _definition(call),
    }
    found: list[str] = []
    for kind in action.resource_types:
        made = makers[kind.name]() if kind.name in makers else None
        if made:
            found += made
        elif kind.required:
            return None
    return found


def _in_cluster(kind: str, cluster: str, names: list[str] | None, call: Call) -> list[str] | None:
    if not names:
        return None
    return [
        name if name.startswith("arn:") else call.arn("ecs", f"{kind}/{cluster}/{name}")
        for name in names
    ]


def _definition(call: Call) -> list[str] | None:
    """All revisions of the family: the next deployment has a new one."""
    name = call.text("taskDefinition", "family")
    if name is None:
        return None
    if name.startswith("arn:"):
        head, _, revision = name.rpartition(":")
        return [head + ":*"] if revision.isdigit() else None
    return [call.arn("ecs", f"task-definition/{name.split(':')[0]}:*")]


def _states(action: Action, call: Call) -> Answer:
    named = call.text("stateMachineArn", "activityArn", "executionArn", "resourceArn")
    if named is not None:
        return (named,) if is_arn(named) else None
    name = call.text("name")
    if name and action.name == "states:CreateStateMachine":
        return (call.arn("states", f"stateMachine:{name}"),)
    return ()


def _events(action: Action, call: Call) -> Answer:
    types = _types(action)
    if action.name == "events:PutEvents":
        entries = call.parameters.get("entries")
        if not isinstance(entries, list):
            return None
        names = [
            str(entry.get("eventBusName") or "default")
            for entry in entries
            if isinstance(entry, dict)
        ]
        if not all(map(usable, names)):
            return None
        return [
            name if name.startswith("arn:") else call.arn("events", f"event-bus/{name}")
            for name in names
        ]
    if any(name.startswith("rule") for name in types):
        rule = call.text("rule") or (call.text("name") if "Rule" in action.name else None)
        if rule is None:
            return ()
        bus = (call.text("eventBusName") or "default").rsplit("/", 1)[-1]
        return (call.arn("events", f"rule/{rule}" if bus == "default" else f"rule/{bus}/{rule}"),)
    return ()


def _cloudformation(action: Action, call: Call) -> Answer:
    name = call.text("stackName") if "stack" in _types(action) else None
    if name is None:
        return ()
    # The id after the name is another one in each life of the stack.
    if name.startswith("arn:"):
        return (name.rsplit("/", 1)[0] + "/*",) if is_arn(name) and name.count("/") == 2 else None
    return (call.arn("cloudformation", f"stack/{name}/*"),)


_RDS_PARAMETERS = {
    "cluster": "dbclusteridentifier",
    "cluster-pg": "dbclusterparametergroupname",
    "cluster-snapshot": "dbclustersnapshotidentifier",
    "db": "dbinstanceidentifier",
    "es": "subscriptionname",
    "og": "optiongroupname",
    "pg": "dbparametergroupname",
    "snapshot": "dbsnapshotidentifier",
    "subgrp": "dbsubnetgroupname",
}


def _rds(action: Action, call: Call) -> Answer:
    if call.service != "rds" or call.text("resourceName"):
        return ()
    flat = flatten(call.parameters)
    describes = action.name.startswith("rds:Describe")
    found: list[str] = []
    for kind in action.resource_types:
        parameter = _RDS_PARAMETERS.get(kind.name)
        values = flat.get(parameter, []) if parameter else []
        if values and not all(usable(value) for value in values):
            return None
        # AmazonRDS/latest/UserGuide/security_iam_id-based-policy-examples: a Describe call is
        # about all resources of the type unless it names one.
        names = values or (["*"] if describes and parameter else [])
        if not names and kind.required:
            return ()
        for name in names:
            arn = (
                name if name.startswith("arn:") else call.arn("rds", f"{kind.name}:{name.lower()}")
            )
            found.append(arn)
    return found


def _cloudwatch(action: Action, call: Call) -> Answer:
    if "alarm" not in _types(action) or call.service != "cloudwatch":
        return ()
    names = call.texts("alarmName", "alarmNames")
    if names is None:
        return None
    prefix = call.text("alarmNamePrefix")
    if prefix is not None:
        names.append(prefix + "*")
    if not names and action.name.startswith("cloudwatch:Describe"):
        names = ["*"]
    return [call.arn("cloudwatch", f"alarm:{name}") for name in names]


def _glue(action: Action, call: Call) -> Answer:
    types = _types(action)
    if not types <= {"catalog", "rootcatalog", "database", "table", "tableversion", "connection"}:
        return ()
    catalog_id = call.text("catalogId")
    if call.service != "glue" or (catalog_id is not None and catalog_id != call.account):
        return None
    verb = action.name.partition(":")[2]
    database = call.text("databaseName")
    name = call.text("name")
    if database is None and "Database" in verb:
        database = name
    table = call.text("tableName") or (name if "Table" in verb else None)
    connection = call.text("connectionName") or (name if "Connection" in verb else None)
    found: list[str] = []
    for kind in sorted(types):
        if kind in ("catalog", "rootcatalog"):
            found.append(call.arn("glue", "catalog"))
        elif kind == "database":
            found.append(call.arn("glue", f"database/{database or '*'}"))
        elif kind == "table":
            found.append(call.arn("glue", f"table/{database or '*'}/{table or '*'}"))
        elif kind == "connection":
            found.append(call.arn("glue", f"connection/{connection or '*'}"))
    return found


def _bedrock(action: Action, call: Call) -> Answer:
    model = call.text("modelId")
    if model is None or "foundation-model" not in _types(action):
        return ()
    if model.startswith("arn:"):
        return (model,) if ":foundation-model/" in model else None
    # A profile over regions (`eu.anthropic…`) needs its models in all of them.
    if re.match(r"(?:[a-z]{2}|apac|global|us-gov)\.", model):
        return None
    return (call.arn("bedrock", f"foundation-model/{model}", account=""),)


_RULES: dict[str, Rule] = {
    "bedrock": _bedrock,
    "cloudformation": _cloudformation,
    "cloudwatch": _cloudwatch,
    "dynamodb": _dynamodb,
    "ec2": ec2,
    "ecr": _ecr,
    "ecs": _ecs,
    "events": _events,
    "glue": _glue,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "rds": _rds,
    "s3": _s3,
    "secretsmanager": _secretsmanager,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
    "states": _states,
    "sts": _sts,
}


_S3_HEADERS = (
    "acl",
    "bucket-object-lock-enabled",
    "bypass-governance-retention",
    "copy-source",
    "grant-full-control",
    "grant-read",
    "grant-read-acp",
    "grant-write",
    "grant-write-acp",
    "object-lock-legal-hold",
    "object-lock-mode",
    "object-lock-retain-until-date",
    "object-ownership",
    "tagging",
)

READS: dict[str, tuple[str, ...]] = {
    "dynamodb": ("tableName", "indexName", "requestItems", "transactItems"),
    "kms": ("keyId", "targetKeyId", "destinationKeyId", "sourceKeyId", "aliasName"),
    "lambda": ("functionName", "qualifier", "layerName", "arn", "versionNumber"),
    "logs": (
        "logGroupName",
        "logGroupNames",
        "logGroupIdentifier",
        "logGroupIdentifiers",
        "logGroupArn",
        "logGroupArnList",
        "resourceArn",
        "destinationArn",
    ),
    "s3": (
        "bucketName",
        "versionId",
        *(f"x-amz-{name}" for name in _S3_HEADERS),
        *(f"X-Amz-{name.title()}" for name in _S3_HEADERS),
    ),
    "secretsmanager": ("secretId", "secretIdList", "name"),
    "sqs": ("queueUrl", "queueName", "queueOwnerAWSAccountId"),
    "sts": ("roleArn", "tags", "principalTags", "transitiveTagKeys", "sourceIdentity"),
}
"""All request parameters that a service's rule, and what depends on the request in its mapping,
look at.  Calls that agree in these have the same resources, wherever the rule gives an answer:
so each of a million S3 keys is not worked out anew."""
