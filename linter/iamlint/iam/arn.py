"""ARNs: taken apart, matched against AWS's templates, filled from them.

An ARN is `arn:partition:service:region:account:resource`; the resource may hold further colons.
Templates are those of the Service Authorization Reference, with `${Variable}` for a value:
``arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from iamlint.tree import Hole, Text

PARTITIONS = (
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
)
"""The partitions of AWS (AWS Regions and Endpoints; `aws-eusc` is the European Sovereign Cloud)."""

WITH_COLON = frozenset(
    {
        "objectname",
        "resourceid",
        "resourcepath",
        "encodedpackagegrouppattern",
        "snapshotname",
        "clustersnapshotname",
    }
)
"""Variables whose values may hold `:`, in lower case.

S3 keys, API paths, RDS's own snapshots, versions of Bedrock's models (`…-text-v2:0`).
"""

WITHOUT_SLASH = frozenset({"bucketname"})
"""Variables whose values never hold `/`, where a template beside theirs goes on with one."""


class Arn(NamedTuple):
    """The six parts of an ARN or ARN pattern; `prefix` is `arn` (or a pattern of it)."""

    prefix: str
    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return ":".join(self)

    @property
    def is_pattern(self) -> bool:
        """True if it holds a wildcard or a policy variable, so names no single resource."""
        return any("*" in part or "?" in part or "${" in part for part in self)


def split(arn: str) -> Arn | None:
    """The parts of an ARN or ARN pattern; None if it has fewer than six or does not begin `arn`.

    Colons inside `${…}` do not separate.
    """
    parts = segments(arn)
    return Arn(*parts) if len(parts) == 6 and parts[0] == "arn" else None


class TextArn(msgspec.Struct, frozen=True, kw_only=True):
    """The six parts of an ARN with holes.

    `certain` is False if a hole of unknown content stands before the resource: it may hold
    colons, and then the parts are others.
    """

    partition: Text
    service: Text
    region: Text
    account: Text
    resource: Text
    certain: bool = True

    @property
    def parts(self) -> tuple[Text, Text, Text, Text, Text]:
        return (self.partition, self.service, self.region, self.account, self.resource)


def split_text(text: Text) -> TextArn | None:
    """The parts of an ARN or pattern with holes; None if the literal text shows no six parts.

    A hole that is a whole ARN (kind `resource`) shows none.
    """
    parts: list[list[str | Hole]] = [[]]
    certain = True
    for piece in text.parts:
        if isinstance(piece, Hole):
            if len(parts) < 6 and piece.kind in ("unknown", "resource"):
                certain = False
            parts[-1].append(piece)
            continue
        head, *rest = segments(piece, 7 - len(parts))
        parts[-1].append(head)
        parts += [[segment] for segment in rest]
    if len(parts) != 6 or parts[0] != ["arn"]:
        return None
    _, partition, service, region, account, resource = (Text.of(*part) for part in parts)
    return TextArn(
        partition=partition,
        service=service,
        region=region,
        account=account,
        resource=resource,
        certain=certain,
    )


def may_hold_colon(variable: str) -> bool:
    """True if the value of a template's variable may hold `:`, as object keys do."""
    return variable.lower() in WITH_COLON


def variables(template: str) -> tuple[str, ...]:
    """The names of a template's variables in order of first appearance."""
    return tuple(dict.fromkeys(pieces(template)[1::2]))


def fill(template: str, values: Mapping[str, str], *, default: str | None = None) -> str | None:
    """The template with its variables replaced; names are compared without case.

    A variable without a value becomes `default`, or the answer is None if there is no default.
    """
    known = {name.lower(): value for name, value in values.items()}
    parts = pieces(template)
    for at in range(1, len(parts), 2):
        value = known.get(parts[at].lower(), default)
        if value is None:
            return None
        parts[at] = value
    return "".join(parts)


def glob(template: str) -> str:
    """The pattern of all ARNs that a template describes: each variable becomes `*`."""
    parts = pieces(template)
    parts[1::2] = ["*"] * (len(parts) // 2)
    return "".join(parts)


def match(template: str, arn: str) -> dict[str, str] | None:
    """The values of a template's variables in a concrete ARN; None if it is of another form.

    Each variable takes at least one character, the earlier ones as few as possible; none but
    those of object keys and API paths hold `:`.  A `*` of the template takes anything.
    """
    form, parts = segments(template), segments(arn)
    if len(form) != 6 or len(parts) != 6:
        return None
    found: dict[str, str] = {}
    for segment, part in zip(form, parts, strict=True):
        if "${" not in segment and "*" not in segment:
            if segment != part:
                return None
        elif not _match_segment(segment, part, found):
            return None
    return found


def specificity(template: str) -> tuple[int, int]:
    """How much a template says, for choosing among several that match: more is more specific."""
    resource = pieces(segments(template)[-1])
    return (sum(map(len, resource[::2])), -len(resource))


def _match_segment(segment: str, part: str, found: dict[str, str]) -> bool:
    parts = pieces(segment.replace("*", "${*}"))
    head, tail = parts[0], parts[-1]
    if len(part) < len(head) + len(tail) or not part.startswith(head) or not part.endswith(tail):
        return False
    at, end = len(head), len(part) - len(tail)
    last = len(parts) - 2
    for index in range(1, len(parts), 2):
        name = parts[index]
        least = 0 if name == "*" else 1
        if index == last:
            stop = end
        else:
            stop = part.find(parts[index + 1], at + least, end) if parts[index + 1] else at + least
        if stop < at + least:
            return False
        value = part[at:stop]
        if name != "*" and not _fits(name, value, found):
            return False
        at = stop + (len(parts[index + 1]) if index != last else 0)
    return True


def _fits(name: str, value: str, found: dict[str, str]) -> bool:
    low = name.lower()
    if ":" in value and low not in WITH_COLON:
        return False
    if "/" in value and low in WITHOUT_SLASH:
        return False
    return found.setdefault(name, value) == value


def pieces(template: str) -> list[str]:
    """Literal, variable, literal, …, literal: always an odd number of pieces."""
    found: list[str] = []
    at = 0
    while True:
        start = template.find("${", at)
        stop = template.find("}", start) if start != -1 else -1
        if stop == -1:
            found.append(template[at:])
            return found
        found += (template[at:start], template[start + 2 : stop])
        at = stop + 1


def segments(text: str, limit: int = 6) -> list[str]:
    """At most `limit` parts between colons that do not stand inside `${…}`."""
    if "${" not in text:
        return text.split(":", limit - 1)
    parts: list[str] = []
    start = at = 0
    while len(parts) < limit - 1:
        colon = text.find(":", at)
        if colon == -1:
            break
        opened = text.find("${", at, colon)
        closed = text.find("}", opened) if opened != -1 else -1
        if closed != -1:
            at = closed + 1
            continue
        parts.append(text[start:colon])
        start = at = colon + 1
    return [*parts, text[start:]]
