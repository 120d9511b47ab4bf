"""Trails in Athena or CloudTrail Lake: one flat SELECT that sums them up there, and its result read back.

The query only groups; what events mean is decided here, on its rows, as for files.  It says of a
request what the rules of services look at (`services.READS`), so the resources of other calls stay
unknown.  Plain Trino SQL without UNNEST: it runs as it is in Athena, and transpiled elsewhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from iamlint.iam import catalog
from iamlint.usage import event as events
from iamlint.usage.call import Sort
from iamlint.usage.derive import Derived, derive
from iamlint.usage.event import Attributes, Identity, Issuer, Record, SessionContext
from iamlint.usage.files import Problem
from iamlint.usage.rows import NoRows, rows_of
from iamlint.usage.services import READS
from iamlint.usage.tally import Tally

COLUMNS = (
    "issuer_arn",
    "issuer_id",
    "identity_type",
    "identity_arn",
    "identity_id",
    "identity_account",
    "invoked_by",
    "mfa",
    "account",
    "region",
    "event_source",
    "event_name",
    "event_type",
    "event_category",
    "read_only",
    "error_code",
    "refused",
    "resource_arns",
    "request",
    "names_role",
    "n",
    "first_day",
    "last_day",
)

_SEPARATOR = "\x1f"
_NAME = re.compile(r'[A-Za-z_][\w$-]*(?:\.[A-Za-z_][\w$-]*){0,2}\Z|"[^"]+"\Z')
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


def query(table: str = "cloudtrail_logs", since: str = "", until: str = "", where: str = "") -> str:
    """The SELECT over a table made as AWS documents it (Athena User Guide, cloudtrail-logs).

    `since` and `until` are days.  `where` is a further condition, for the table's partitions.
    Raises ValueError for what is no table name or day.
    """
    if not _NAME.match(table):
        raise ValueError(f"`{table}` is no table name")
    conditions = []
    for value, sign in ((since, ">="), (until, "<=")):
        if value:
            if not _DAY.match(value):
                raise ValueError(f"`{value}` is no day")
            conditions.append(f"substr(eventtime, 1, 10) {sign} '{value}'")
    conditions += [where] if where else []
    expressions = _expressions()
    select = ",\n".join(f"  {expressions[name]} AS {name}" for name in COLUMNS)
    keys = ", ".join(str(number) for number in range(1, len(COLUMNS) - 2))
    text = f"SELECT\n{select}\nFROM {table}\n"
    if conditions:
        text += "WHERE " + "\n  AND ".join(conditions) + "\n"
    return text + f"GROUP BY {keys}\n"


def _expressions() -> dict[str, str]:
    arn = "useridentity.arn"
    return {
        "issuer_arn": "useridentity.sessioncontext.sessionissuer.arn",
        "issuer_id": "useridentity.sessioncontext.sessionissuer.principalid",
        "identity_type": "useridentity.type",
        # Session names are left out: they are e-mail addresses, or as many as there are instances.
        "identity_arn": (
            f"CASE WHEN {arn} LIKE '%:assumed-role/%' "
            f"THEN split_part({arn}, '/', 1) || '/' || split_part({arn}, '/', 2) ELSE {arn} END"
        ),
        "identity_id": "split_part(useridentity.principalid, ':', 1)",
        "identity_account": "useridentity.accountid",
        "invoked_by": "useridentity.invokedby",
        # A call without session is signed with a long-term access key.
        "mfa": (
            "CASE WHEN useridentity.sessioncontext IS NULL THEN 'key' "
            "ELSE useridentity.sessioncontext.attributes.mfaauthenticated END"
        ),
        "account": "recipientaccountid",
        "region": "awsregion",
        "event_source": "eventsource",
        "event_name": "eventname",
        "event_type": "eventtype",
        "event_category": "eventcategory",
        "read_only": "readonly",
        "error_code": "errorcode",
        "refused": "CASE WHEN errormessage LIKE '%not authorized to perform%' THEN 1 ELSE 0 END",
        "resource_arns": (
            "CASE WHEN eventsource = 's3.amazonaws.com' THEN CASE WHEN cardinality("
            "filter(resources, r -> r.type LIKE '%AccessPoint%')) > 0 THEN 'AccessPoint' END "
            "ELSE array_join(array_sort(transform("
            "filter(resources, r -> r.arn IS NOT NULL), r -> r.arn)), ' ') END"
        ),
        "request": _request(),
        "names_role": "CASE WHEN requestparameters LIKE '%:role/%' THEN 1 ELSE 0 END",
        "n": "count(*)",
        "first_day": "min(substr(eventtime, 1, 10))",
        "last_day": "max(substr(eventtime, 1, 10))",
    }


def _request() -> str:
    """What the rules look at, as `name=value` joined by a separator."""
    cases = []
    for prefix, names in sorted(READS.items()):
        parts = ", ".join(_part(prefix, name) for name in names if not name.startswith("X-Amz-"))
        joined = f"array_join(ARRAY[{parts}], chr(31))"
        cases.append(f"    WHEN '{prefix}.amazonaws.com' THEN {joined}")
    return "CASE eventsource\n" + "\n".join(cases) + "\n  END"


def _part(prefix: str, name: str) -> str:
    value = _parameter(name)
    if name.startswith("x-amz-"):
        # Signed URLs write the names of headers with capitals.
        value = f"coalesce({value}, {_parameter('X-Amz-' + name[6:].title())})"
    if name == "x-amz-copy-source":
        return f"'{name}=' || split_part(ltrim({value}, '/'), '/', 1)"
    if prefix == "s3" and name != "bucketName":
        # That it is given is enough; the values are as many as the objects.
        return f"CASE WHEN {value} IS NOT NULL THEN '{name}=1' END"
    return f"'{name}=' || {value}"


def _parameter(name: str) -> str:
    return f"json_extract_scalar(requestparameters, '$[\"{name}\"]')"


def read_rows(path: str | Path, tally: Tally) -> list[Problem]:
    """Count the rows of the query's result (CSV, also gzipped, or Parquet) into a tally; problems as values."""
    tally.seen.files += 1
    bad = 0
    first = ""
    try:
        for row in rows_of(path, COLUMNS, optional=("mfa",)):
            try:
                _count(row, tally)
            except (ValueError, TypeError, msgspec.ValidationError) as error:
                bad += 1
                first = first or str(error)
    except NoRows as error:
        tally.settle()
        tally.seen.files_failed += 1
        return [Problem(str(path), str(error))]
    tally.settle()
    tally.seen.rejected += bad
    return [Problem(str(path), f"has {bad} rows that are none: {first}", bad)] if bad else []


def _count(row: dict[str, str], tally: Tally) -> None:
    n, first, last = int(row["n"]), events.day(row["first_day"]), events.day(row["last_day"])
    if n < 1 or first is None or last is None or first > last:
        raise ValueError("count or days make no sense")
    if not row["event_source"] or not row["event_name"]:
        raise ValueError("no event source or name")
    request = dict(part.split("=", 1) for part in row["request"].split(_SEPARATOR) if "=" in part)
    record = _record(row, request)
    sort = Sort(record, record.recipientAccountId or row["identity_account"])
    derived = None
    if not sort.mapping.unmapped and not sort.ignored:
        derived = _derive(sort, record, row["names_role"] == "1")
    refused = "not authorized to perform" if row["refused"] == "1" else None
    denied = events.outcome(record.errorCode, refused) == "denied"
    tally.add_counted(record, sort, derived, denied=denied, n=n, first=first, last=last)


def _record(row: dict[str, str], request: dict[str, str]) -> Record:
    issuer = Issuer(arn=row["issuer_arn"] or None, principalId=row["issuer_id"] or None)
    mfa = row.get("mfa") or ""
    session = SessionContext(issuer, Attributes(mfa) if mfa else None)
    identity = Identity(
        type=row["identity_type"] or None,
        arn=row["identity_arn"] or None,
        principalId=row["identity_id"] or None,
        accountId=row["identity_account"] or None,
        invokedBy=row["invoked_by"] or None,
        sessionContext=None if mfa == "key" and not issuer.arn else session,
    )
    marks = row["resource_arns"].split()
    resources: list[dict[str, Any]] = [
        {"type": mark} if mark == "AccessPoint" else {"ARN": mark} for mark in marks
    ]
    return Record(
        eventTime=row["first_day"],
        eventSource=row["event_source"],
        eventName=row["event_name"],
        awsRegion=row["region"] or None,
        errorCode=row["error_code"] or None,
        eventType=row["event_type"] or None,
        recipientAccountId=row["account"] or None,
        readOnly=row["read_only"].lower() or None,
        eventCategory=row["event_category"] or None,
        userIdentity=identity,
        resources=msgspec.Raw(msgspec.json.encode(resources)),
        requestParameters=msgspec.Raw(msgspec.json.encode(request)),
    )


def _derive(sort: Sort, record: Record, names_role: bool) -> Derived:
    """What the calls of a row needed; resources only where the query told all that has a say."""
    mapping = sort.mapping
    if sort.reader is not None:
        found = derive(mapping, record, sort.account)
        needed, possible = found.needed, {*found.possible}
    else:
        needed = tuple((name, _everywhere(name)) for name in mapping.required)
        told = (name for names in (mapping.when, mapping.may, mapping.unless) for name, _ in names)
        possible = {*mapping.optional, *told} - {*mapping.required}
        if any(
            action is not None and action.takes_role
            for action in map(catalog.action, mapping.required)
        ):
            possible.add("iam:PassRole")
    if names_role and sort.passes:
        possible.add("iam:PassRole")
    return Derived(needed, tuple(sorted(possible)))


def _everywhere(name: str) -> tuple[str, ...] | None:
    action = catalog.action(name)
    return ("*",) if action is not None and not action.resource_level else None
