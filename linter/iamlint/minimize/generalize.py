"""ARNs that were seen -> the patterns that stand for them: random parts give way to wildcards.

A part gives way only if its shape tells that it is made by a machine (a UUID, a date, a random
suffix of CloudFormation or Terraform) or if enough different values were seen in its position.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from iamlint.iam import pattern

ENOUGH_WITNESSES = 4
ENOUGH_MADE = 2
"""For names of what the principal itself made: what it makes next has none of the names seen."""
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
_LETTERS_AND_DIGITS = re.compile(r"(?<![0-9A-Za-z])[0-9a-z]{10,40}(?![0-9A-Za-z])")
_CHANGE = re.compile(r"[a-z](?=[0-9])|[0-9](?=[a-z])")
_TIMES = (_DATE, _MONTH)
_IDS = (_UUID, _TERRAFORM_SUFFIX, _CLOUDFORMATION_SUFFIX, _HEX, _EPOCH)
_OWN_ID = re.compile(
    r"[a-z]{1,12}(?:-[a-z]{1,12})?-(?=[0-9a-f]*\d)[0-9a-f]{17}|mrk-[0-9a-f]{32}"
    r"|(?:acl|ami|cgw|dopt|eipalloc|eni|fs|igw|nat|pcx|pl|rtb|sg|snap|subnet|tgw|vgw|vol|vpc|vpce"
    r"|vpn)-[0-9a-f]{8}"
)
"""An id that AWS gives: `vpc-`, `fs-`, `mrk-` is its kind, no name of the user's (17 hexadecimal
digits, 8 for older ones; EC2 User Guide, resource-ids)."""
_TOKENS = re.compile(r"([/:._-])")
_STARS = re.compile(r"\*+")

_EPHEMERAL = re.compile(
    r"(?:ec2:[^:]*:[^:]*:(?:instance|network-interface|volume|snapshot|fleet|spot-instances-request)/"
    r"|ecs:[^:]*:[^:]*:(?:task|container-instance)/(?:[^/]+/)?"
    r"|states:[^:]*:[^:]*:(?:express|execution):[^:]+:"
    r"|ssm:[^:]*:[^:]*:(?:session|managed-instance|automation-execution)/"
    r"|codebuild:[^:]*:[^:]*:build/[^:]+:"
    r"|cloudformation:[^:]*:[^:]*:(?:stack|changeSet)/[^/]+/"
    r"|dynamodb:[^:]*:[^:]*:table/[^/]+/(?:stream|backup|export|import)/)"
)
"""ARNs whose last part is an id of something short-lived: it gives way as a whole.

All other ids that make up a whole name (a KMS key's, a hosted zone's) name one lasting thing
and stay.
"""


def generalized(arns: Iterable[str], made: Collection[str] = ()) -> tuple[str, ...]:
    """Patterns that together match all of the ARNs; sorted, none within another.

    `made` are those that the principal itself made: fewer of them tell what varies.
    """
    arns = set(arns)
    found = {_one(arn) for arn in arns}
    own = {_one(arn) for arn in arns.intersection(made)}
    if len(own) >= ENOUGH_MADE:
        found = (found - own) | _by_position(own, ENOUGH_MADE)
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
    """The part before the name: its path elements may hold machine-made parts too.

    An element that is an id as a whole names the thing that the rest belongs to, and stays.
    """
    first = re.match(r"[^/:]*[/:]?", kind)
    start = first.end() if first else 0
    path = kind[start:]
    for shape in _TIMES:
        path = shape.sub("*", path)
    elements = (each if each == "*" else _masked(each) for each in re.split(r"([/:])", path))
    return kind[:start] + "".join(elements)


def _masked(name: str) -> str:
    """The name with machine-made parts as `*`; a name that is nothing else stays."""
    if _OWN_ID.fullmatch(name):
        return name
    masked = name
    for shape in (*_TIMES, *_IDS):
        masked = shape.sub("*", masked)
    masked = _LETTERS_AND_DIGITS.sub(_random, masked)
    if masked == name or not re.search(r"[A-Za-z0-9]{2}", masked):
        return name
    return _STARS.sub("*", masked)


def _random(token: re.Match[str]) -> str:
    """`*` for a token that changes between letters and digits as only random ones do."""
    changes = len(_CHANGE.findall(token[0]))
    return "*" if changes >= (3 if len(token[0]) >= 12 else 4) else token[0]


def _by_position(arns: set[str], witnesses: int = ENOUGH_WITNESSES) -> set[str]:
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
        enough = len(members & found) >= witnesses
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
