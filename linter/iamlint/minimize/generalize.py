"""ARNs that were seen -> the patterns that stand for them: random parts give way to wildcards.

A part gives way only if its shape tells that it is made by a machine (a UUID, a date, a random
suffix of CloudFormation or Terraform) or if enough different values were seen in its position.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from iamlint.iam import pattern

ENOUGH_WITNESSES = 4
MANY = 12

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d([-/_]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<![0-9A-Za-z])(?:19|20)\d\d[-/_]?(?:0[1-9]|1[0-2])(?![0-9A-Za-z])")
_TERRAFORM_SUFFIX = re.compile(r"(?<![0-9a-f])\d{18}[0-9a-f]{8}(?![0-9a-f])")
_CLOUDFORMATION_SUFFIX = re.compile(
    r"(?<=-)(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{12,13}(?![A-Za-z0-9])"
)
_HEX = re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{8,64}(?![0-9A-Za-z])")
_EPOCH = re.compile(r"(?<!\d)\d{10}(?:\d{3})?(?!\d)")
_SHAPES = (_UUID, _TERRAFORM_SUFFIX, _DATE, _MONTH, _CLOUDFORMATION_SUFFIX, _HEX, _EPOCH)
_TOKENS = re.compile(r"([/:._-])")
_STARS = re.compile(r"\*+")

_EPHEMERAL = re.compile(
    r"(?:ec2:[^:]*:[^:]*:(?:instance|network-interface|volume|snapshot|fleet|spot-instances-request)/"
    r"|ecs:[^:]*:[^:]*:(?:task|container-instance)/(?:[^/]+/)?"
    r"|states:[^:]*:[^:]*:(?:express|execution):[^:]+:"
    r"|ssm:[^:]*:[^:]*:(?:session|managed-instance|automation-execution)/"
    r"|codebuild:[^:]*:[^:]*:build/[^:]+:"
    r"|cloudformation:[^:]*:[^:]*:(?:stack|changeSet)/[^/]+/)"
)
"""ARNs whose last part is an id of something short-lived: it gives way as a whole.

All other ids that make up a whole name (a KMS key's, a hosted zone's) name one lasting thing
and stay.
"""


def generalized(arns: Iterable[str]) -> tuple[str, ...]:
    """Patterns that together match all of the ARNs; sorted, none within another."""
    found = {_one(arn) for arn in arns}
    if len(found) >= ENOUGH_WITNESSES:
        found = _by_position(found)
    if len(found) > MANY:
        found = _by_prefix(found)
    return without_covered(found)


def without_covered(patterns: Iterable[str]) -> tuple[str, ...]:
    """The patterns that lie within no other one, sorted."""
    ordered = sorted(set(patterns))
    if not any("*" in each or "?" in each for each in ordered):
        return tuple(ordered)
    return tuple(
        each
        for each in ordered
        if not any(other != each and pattern.within(each, other) for other in ordered)
    )


def _one(arn: str) -> str:
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return arn
    head, service, rest = ":".join(parts[:5]), parts[2], parts[5]
    if service == "s3" and not parts[3] and "/" in rest:  # the objects of one bucket
        return f"{head}:{rest.split('/', 1)[0]}/*"
    short_lived = _EPHEMERAL.match(":".join(parts[2:]))
    if short_lived:
        return ":".join(parts[:2]) + ":" + short_lived[0] + "*"
    split = max(rest.rfind("/"), rest.rfind(":")) + 1
    kind, name = rest[:split], rest[split:]
    masked = _kind_masked(kind) + _masked(name)
    return f"{head}:{masked}"


def _kind_masked(kind: str) -> str:
    """The part before the name: its path elements may hold machine-made parts too."""
    first = re.match(r"[^/:]*[/:]?", kind)
    start = first.end() if first else 0
    return kind[:start] + _masked(kind[start:])


def _masked(name: str) -> str:
    """The name with machine-made parts as `*`; a name that is nothing else stays."""
    masked = name
    for shape in _SHAPES:
        masked = shape.sub("*", masked)
    if masked == name or not re.search(r"[A-Za-z0-9]{2}", masked):
        return name
    return _STARS.sub("*", masked)


def _by_position(arns: set[str]) -> set[str]:
    """Give way in the one position in which enough ARNs of otherwise equal tokens differ."""
    groups: dict[tuple[int, str, tuple[str, ...]], set[str]] = {}
    for arn in arns:
        head, rest = _halves(arn)
        tokens = _TOKENS.split(rest)
        # Token 0 is the resource's type or, where it has none, the whole name's beginning.
        for index in range(2, len(tokens), 2):
            if tokens[index]:
                key = (index, head, (*tokens[:index], "\0", *tokens[index + 1 :]))
                groups.setdefault(key, set()).add(arn)
    found = set(arns)
    for (index, head, around), members in sorted(
        groups.items(), key=lambda item: (-len(item[1]), item[0])
    ):
        enough = len(members & found) >= ENOUGH_WITNESSES
        if enough and _names_something(around, index):
            found -= members
            found.add(head + "".join(around).replace("\0", "*"))
    return found


def _halves(arn: str) -> tuple[str, str]:
    """The ARN up to the resource, and the resource."""
    parts = arn.split(":", 5)
    return (":".join(parts[:5]) + ":", parts[5]) if len(parts) == 6 else ("", arn)


def _names_something(tokens: Sequence[str], index: int) -> bool:
    """True if what stands before a position holds a name, not only a resource type."""
    words = sum(bool(re.search(r"[A-Za-z0-9]", token)) for token in tokens[:index])
    typed = "/" in tokens or ":" in tokens
    return words >= (2 if typed else 1)


def _by_prefix(arns: set[str]) -> set[str]:
    """Many ARNs of one service, region and account: their common beginning up to a delimiter."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for arn in arns:
        parts = arn.split(":", 5)
        kind = re.match(r"[^/:]*[/:]?", parts[5])[0] if len(parts) == 6 else ""  # type: ignore[index]
        groups.setdefault((*parts[:5], kind), []).append(arn)
    found: set[str] = set()
    for key, members in groups.items():
        if len(members) <= MANY:
            found.update(members)
            continue
        common = _common_prefix(members)
        stop = max(common.rfind(mark) for mark in "/:-_.") + 1
        base = len(":".join(key[:5])) + 1 + len(key[5])
        found.add(common[: max(stop, base)] + "*")
    return found


def _common_prefix(texts: Sequence[str]) -> str:
    low, high = min(texts), max(texts)
    for index, letter in enumerate(low):
        if index >= len(high) or high[index] != letter:
            return low[:index]
    return low
