"""Condition keys: which exist, of what type, and which of them a request of an action may hold."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec

from iamlint import data
from iamlint.iam import catalog


class ConditionKey(msgspec.Struct, frozen=True):
    """A condition key.

    `name` is as AWS spells it, with `${TagKey}` for a part that the policy chooses.  `type` is
    that of the Service Authorization Reference (`String`, `ARN`, `Bool`, `Numeric`, `Date`,
    `IPAddress`, `Binary`, `ArrayOf…`), or empty if unknown.
    """

    name: str
    type: str
    is_global: bool

    @property
    def multivalued(self) -> bool:
        """True if a request holds a set of values, so `ForAnyValue` and `ForAllValues` have sense."""
        return self.type.startswith("ArrayOf")


class _Global(msgspec.Struct):
    keys: dict[str, str]


def find(key: str) -> ConditionKey | None:
    """A key in any case, with its tag key or other part filled in; None if AWS has no such key."""
    wanted = key.lower()
    prefix = wanted.partition(":")[0]
    for known in (_global_keys(), _service_keys(prefix)):
        for index in (wanted, *_stems(wanted)):
            if index in known:
                return known[index]
    return None


def available(key: str, action: str) -> bool | None:
    """True if a request of an action may hold a key; None if the action or the key is not known.

    Global keys may be in any request, though tags of the request or resource only in those whose
    action takes them.  A key may belong to a resource type of the action alone.
    """
    found, known = find(key), catalog.action(action)
    if found is None or known is None:
        return None
    if found.is_global and not found.name.startswith(
        ("aws:RequestTag/", "aws:ResourceTag/", "aws:TagKeys")
    ):
        return True
    listed = {*known.condition_keys}.union(*(t.condition_keys for t in known.resource_types))
    return _stem(found.name) in {_stem(name) for name in listed}


def suggest(key: str, limit: int = 3) -> tuple[str, ...]:
    """Keys that someone who wrote `key` may have meant, the likeliest first."""
    from difflib import get_close_matches

    prefix = key.lower().partition(":")[0]
    known = {**_service_keys(prefix), **_global_keys()}
    return tuple(known[hit].name for hit in get_close_matches(key.lower(), known, limit, 0.75))


def _stems(key: str) -> Iterator[str]:
    """What may come before the part of a key that the policy chooses, longest first.

    `aws:RequestTag/team` has it after a slash, `kms:EncryptionContext:aws:s3:arn` after a colon.
    """
    for at in range(len(key) - 1, key.find(":"), -1):
        if key[at] in "/:":
            yield key[: at + 1]


def _index(keys: dict[str, str], *, is_global: bool) -> dict[str, ConditionKey]:
    found: dict[str, ConditionKey] = {}
    for name, kind in keys.items():
        found.setdefault(_stem(name), ConditionKey(name, kind, is_global))
    return found


def _stem(name: str) -> str:
    """A key as the reference has it, lower case, without the part that a policy chooses.

    The reference writes that part as ${TagKey}, for S3 as <key>, for some services as tag-key.
    """
    stem = name.lower().partition("${")[0].partition("<")[0]
    return stem.removesuffix("tag-key") if stem.endswith("/tag-key") else stem


@cache
def _global_keys() -> dict[str, ConditionKey]:
    content = msgspec.json.decode(data.read_bytes("condition_keys.json"), type=_Global)
    return _index(content.keys, is_global=True)


@cache
def _service_keys(prefix: str) -> dict[str, ConditionKey]:
    service = catalog.service(prefix)
    return {} if service is None else _index(service.condition_keys, is_global=False)
