"""AWS managed policies by name or ARN, with their documents.

`data/managed.txt` holds one line per policy, its fields divided by tabs: name, path, version, day
of creation, day of the last change, what AWS says to use instead, start and length of the packed
block in `data/managed.bin` that holds the document, and its start and length in the unpacked
block.  A line without a version is a policy that AWS has withdrawn.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from iamlint import data
from iamlint.iam.arn import PARTITIONS
from iamlint.tree import Hole, Text

if TYPE_CHECKING:
    from iamlint.iam.policy import Policy


class Retired(msgspec.Struct, frozen=True):
    """A managed policy that AWS has withdrawn; `successor` is a name, or empty."""

    name: str
    path: str
    successor: str


class ManagedPolicy(msgspec.Struct, frozen=True):
    """An AWS managed policy in its default version at the data's date.

    `path` begins and ends with `/`; `version` is like `v8`; `created` and `date` (of this
    version) are days.  `successor` names the policy that AWS says to use instead, or is empty.
    """

    name: str
    path: str
    version: str
    created: str
    date: str
    successor: str
    location: tuple[int, int, int, int]

    def arn(self, partition: str = "aws") -> str:
        return f"arn:{partition}:iam::aws:policy{self.path}{self.name}"

    @property
    def document(self) -> dict[str, Any]:
        """The policy document; a new value at each call."""
        start, length, inner, size = self.location
        content: dict[str, Any] = msgspec.json.decode(_block(start, length)[inner : inner + size])
        return content

    @property
    def policy(self) -> Policy:
        """The document decoded."""
        return _decoded(self)


def data_date() -> str:
    """The day of the newest policy in the data, as `2026-09-30`."""
    return _file()[0].split("\t")[1]


def names() -> tuple[str, ...]:
    """The names of all policies in the data, sorted; withdrawn ones are not among them."""
    return tuple(name for name, line in _file()[1].items() if line.split("\t")[2])


def lookup(reference: str | Text) -> ManagedPolicy | None:
    """A policy by ARN, by path and name (`job-function/ViewOnlyAccess`), or by name alone.

    The ARN may be of any partition, and its partition may be a hole.  Names are compared without
    case, as IAM keeps them unique.  None if it is no AWS managed policy, is not in the data, or
    the path is not the policy's own.
    """
    found = _line(reference)
    if found is None or not found[2]:
        return None
    name, path, version, created, date, successor, *location = found
    start, length, inner, size = map(int, location)
    return ManagedPolicy(
        name, path, version, created, date, successor, (start, length, inner, size)
    )


def retired(reference: str | Text) -> Retired | None:
    """A policy that AWS has withdrawn, by the same names as `lookup`."""
    found = _line(reference)
    return None if found is None or found[2] else Retired(found[0], found[1], found[5])


def is_aws_managed(reference: str | Text) -> bool:
    """True if an ARN is that of an AWS managed policy (owner `aws`), known or not."""
    path = _path_of_arn(reference)
    return path is not None


def suggest(reference: str, limit: int = 3) -> tuple[str, ...]:
    """Paths and names (`service-role/AWSLambdaBasicExecutionRole`) that may have been meant."""
    from difflib import get_close_matches

    wanted = reference.rpartition("/")[2].lower()
    lower = {name.lower(): name for name in names()}
    found = []
    for key in [wanted] if wanted in lower else get_close_matches(wanted, lower, limit, 0.75):
        policy = lookup(lower[key])
        assert policy is not None
        found.append(policy.path[1:] + policy.name)
    return tuple(found)


def _line(reference: str | Text) -> list[str] | None:
    wanted = _path_of_arn(reference)
    if wanted is None:
        literal = reference if isinstance(reference, str) else reference.literal
        if literal is None or ":" in literal:
            return None
        wanted = literal.removeprefix("policy/")
        if "/" not in wanted:
            line = _by_name().get(wanted.lower())
            return None if line is None else line.split("\t")
    path, _, name = ("/" + wanted.lstrip("/")).rpartition("/")
    line = _by_name().get(name.lower())
    if line is None:
        return None
    fields = line.split("\t")
    return fields if fields[1].lower() == path.lower() + "/" else None


def _path_of_arn(reference: str | Text) -> str | None:
    """What stands after `:policy/` in the ARN of an AWS managed policy; None for all else."""
    if isinstance(reference, str):
        literal: str | None = reference
    else:
        literal = reference.literal
        if literal is None:
            return _path_behind_holes(reference)
    assert literal is not None
    head, found, path = literal.partition(":iam::aws:policy/")
    if not found or not path:
        return None
    start, _, partition = head.partition(":")
    return (
        path
        if start == "arn" and (partition in PARTITIONS or partition.startswith("aws"))
        else None
    )


def _path_behind_holes(text: Text) -> str | None:
    """As `_path_of_arn`, where the partition, or `arn:` with it, is unknown."""
    *head, tail = text.parts
    if not isinstance(tail, str) or not tail.startswith(":iam::aws:policy/"):
        return None
    literal = "".join(piece for piece in head if isinstance(piece, str))
    holes = [piece for piece in head if isinstance(piece, Hole)]
    if len(holes) != 1 or any(hole.kind in ("account", "region", "resource") for hole in holes):
        return None
    # `arn:‹partition›`, `arn:aws‹suffix›`, or one hole for `arn:aws`.
    if literal and not (literal.startswith("arn:") and "arn:aws".startswith(literal.rstrip("-"))):
        return None
    return tail.removeprefix(":iam::aws:policy/") or None


@cache
def _file() -> tuple[str, dict[str, str]]:
    header, *lines = data.read_text("managed.txt").splitlines()
    return header, {line[: line.index("\t")]: line for line in lines}


@cache
def _by_name() -> dict[str, str]:
    return {name.lower(): line for name, line in _file()[1].items()}


@lru_cache(maxsize=8)
def _block(start: int, length: int) -> bytes:
    import zlib

    return zlib.decompress(data.read_slice("managed.bin", start, length))


@lru_cache(maxsize=256)
def _decoded(policy: ManagedPolicy) -> Policy:
    from iamlint.iam.decode import from_json

    return from_json(policy.document, policy.arn())
