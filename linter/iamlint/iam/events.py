"""What the sources know of CloudTrail's names: event sources, operations, API Gateway's verbs.

A thin reader of `data/events.json`; judging single events is `usage.mapping`'s work.
"""

from __future__ import annotations

from functools import cache

import msgspec

from iamlint import data


class _Events(msgspec.Struct):
    sources: dict[str, str]
    operations: dict[str, tuple[str, ...]]
    verbs: dict[str, str]
    excludable: tuple[str, ...]
    data_types: dict[str, tuple[str, ...]]


def event_sources() -> dict[str, str]:
    """First part of `eventSource` (`monitoring`) -> IAM prefix, only where they differ."""
    return _load().sources


def operation_actions(prefix: str, operation: str) -> tuple[str, ...] | None:
    """The actions that an API operation needs, if it is not named like its action.

    From iam-dataset's map of March 2022, as far as today's catalogue knows all actions.  Some may
    be needed only by some calls.  None if the map has no such operation.
    """
    return _load().operations.get(f"{prefix}:{operation}")


def api_gateway_verb(operation: str) -> str | None:
    """The HTTP method of an API Gateway operation (`CreateRestApi` -> `POST`), versions 1 and 2."""
    return _load().verbs.get(operation)


def excludable() -> tuple[str, ...]:
    """Prefixes whose management events a trail may be told to leave out.

    Where an export holds no event at all of such a service, absence says nothing of its actions.
    """
    return _load().excludable


def data_event_types(prefix: str) -> tuple[str, ...]:
    """The `resources.type` values by which a trail selects the data events of a service.

    `s3` -> `("AWS::S3::Object",)`; empty if none are known.
    """
    return _load().data_types.get(prefix, ())


@cache
def _load() -> _Events:
    return msgspec.json.decode(data.read_bytes("events.json"), type=_Events)
