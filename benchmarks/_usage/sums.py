"""The sums of `native.cpp` and `duck.py` with what iamlint reads by: isal, typed decoding, one key a record.

What its profile takes beyond is the rest: every field that has a say, copies of events, actions,
denials, resources from requests.
"""

import sys
from pathlib import Path
from typing import Any, Union

import msgspec
from msgspec import Raw, Struct

from iamlint.usage.inflate import inflate, steady_memory

NONE = Raw(b"null")


class Issuer(Struct, gc=False):
    arn: Union[str, None] = None


class Session(Struct, gc=False):
    sessionIssuer: Union[Issuer, None] = None


class Identity(Struct, gc=False):
    arn: Union[str, None] = None
    sessionContext: Union[Session, None] = None


class Request(Struct, gc=False):
    bucketName: Any = None


class Record(Struct, gc=False, kw_only=True):
    userIdentity: Union[Identity, None] = None
    eventTime: str
    eventSource: str
    eventName: str
    awsRegion: Union[str, None] = None
    errorCode: Union[str, None] = None
    requestParameters: Union[Request, None] = None
    eventID: Union[str, None] = None
    resources: Raw = NONE
    recipientAccountId: Union[str, None] = None


class File(Struct, gc=False):
    Records: list[Record]


def main(folder: str) -> None:
    decode = msgspec.json.Decoder(File).decode
    sums: dict[tuple[Any, ...], list[Any]] = {}
    for path in Path(folder).rglob("*.gz"):
        for record in decode(inflate(path.read_bytes())).Records:
            identity = record.userIdentity
            session = identity.sessionContext if identity is not None else None
            issuer = session.sessionIssuer if session is not None else None
            arn = issuer.arn if issuer is not None else None
            if arn is None and identity is not None:
                arn = identity.arn
            request, resources = record.requestParameters, record.resources
            key = (
                arn,
                record.eventSource,
                record.eventName,
                record.awsRegion,
                record.errorCode,
                record.recipientAccountId,
                request.bucketName if request is not None else None,
                None if resources is NONE else bytes(resources),
            )
            day = record.eventTime[:10]
            seen = sums.get(key)
            if seen is None:
                sums[key] = [1, day, day]
                continue
            seen[0] += 1
            if day < seen[1]:
                seen[1] = day
            elif day > seen[2]:
                seen[2] = day
    print(f"{sum(seen[0] for seen in sums.values())} records, {len(sums)} groups")


if __name__ == "__main__":
    with steady_memory():
        main(sys.argv[1])
