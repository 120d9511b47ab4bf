"""S3, DynamoDB, RDS and Glue: data at rest."""

from __future__ import annotations

import re
from urllib.parse import unquote

from iamlint.iam.catalog import Action
from iamlint.usage.resource import Call, flatten, is_arn, usable
from iamlint.usage.services.answer import Answer, recorded, types_of

S3_TYPES = frozenset({"bucket", "object", "accesspoint", "accesspointobject"})
DYNAMODB_TYPES = frozenset({"table", "index"})

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}\Z")


def s3(action: Action, call: Call) -> Answer:
    types = types_of(action)
    if not types <= S3_TYPES or not types & {"bucket", "object"}:
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
            named = recorded(call, "s3", "")
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


def dynamodb(action: Action, call: Call) -> Answer:
    types = types_of(action)
    if not types <= DYNAMODB_TYPES:
        return ()
    names = _tables(call)
    if names is None:
        return None
    if not names:
        return recorded(call, "dynamodb", "table/")
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


def rds(action: Action, call: Call) -> Answer:
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


def glue(action: Action, call: Call) -> Answer:
    types = types_of(action)
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
