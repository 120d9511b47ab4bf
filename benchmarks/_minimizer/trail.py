"""Calls as CloudTrail delivers them: gzipped log files in an AWSLogs tree, a file per day and region."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks._minimizer.model import ACCOUNT, Call, Workload, uuid


class Event(NamedTuple):
    """A call at its time; `allowed` is whether the original policies allowed it."""

    when: date
    workload: Workload
    call: Call
    allowed: bool


def recorded(call: Call, data_events: bool) -> bool:
    """True if a trail records the call."""
    return call.recorded == "management" or (call.recorded == "data" and data_events)


def write(root: Path, day: date, events: Iterable[Event], data_events: bool, seed: int) -> int:
    """Write the log files of one day; the number of records."""
    rng = random.Random(f"trail/{seed}/{day}")
    by_region: dict[str, list[dict[str, Any]]] = {}
    count = 0
    for number, event in enumerate(events):
        if recorded(event.call, data_events):
            record = _record(event, number, rng)
            by_region.setdefault(event.call.region, []).append(record)
            count += 1
    for region, records in by_region.items():
        folder = root / f"AWSLogs/{ACCOUNT}/CloudTrail/{region}/{day:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{ACCOUNT}_CloudTrail_{region}_{day:%Y%m%d}T2355Z_{day:%d%m%Y}abcdefgh.json.gz"
        content = msgspec.json.encode({"Records": records})
        (folder / name).write_bytes(gzip.compress(content, 1, mtime=0))
    return count


def _record(event: Event, number: int, rng: random.Random) -> dict[str, Any]:
    call, role = event.call, event.workload.role
    seconds = number * 7 % 86_400
    time = f"{event.when}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"
    unique = f"AROA{abs(hash_of(role)):016d}"[:20]
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"{unique}:session",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/session",
            "accountId": ACCOUNT,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": unique,
                    "arn": event.workload.arn,
                    "accountId": ACCOUNT,
                    "userName": role,
                },
                "attributes": {"creationDate": time, "mfaAuthenticated": "false"},
            },
        },
        "eventTime": time,
        "eventSource": f"{_SOURCES.get(call.service, call.service)}.amazonaws.com",
        "eventName": call.name,
        "awsRegion": call.region,
        "sourceIPAddress": call.via or "198.51.100.7",
        "userAgent": call.via or "aws-sdk-go-v2/1.30.3",
        "requestParameters": call.parameters,
        "responseElements": None,
        "requestID": uuid(rng),
        "eventID": uuid(rng),
        "readOnly": call.read,
        "eventType": "AwsApiCall",
        "managementEvent": call.recorded == "management",
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management" if call.recorded == "management" else "Data",
    }
    if call.via:
        record["userIdentity"]["invokedBy"] = call.via
    if call.resources:
        record["resources"] = [
            {"type": kind, "ARN": arn, "accountId": ACCOUNT} for kind, arn in call.resources
        ]
    if not event.allowed:
        record["errorCode"] = "UnauthorizedOperation" if call.service == "ec2" else "AccessDenied"
        record["errorMessage"] = (
            f"User: {record['userIdentity']['arn']} is not authorized to perform: "
            f"{call.needs[0].action} because no identity-based policy allows the action"
        )
    elif call.error:
        record["errorCode"] = call.error
        record["errorMessage"] = "the request failed"
    return record


def hash_of(text: str) -> int:
    """A number of a text, the same in every process."""
    return int.from_bytes(text.encode()[-6:], "big")


_SOURCES = {"cloudwatch": "monitoring"}
