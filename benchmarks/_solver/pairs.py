"""Random pairs of small policies that use each part of the grammar and that a solver can decide."""

from __future__ import annotations

from random import Random
from typing import Any

Json = dict[str, Any]

ACTIONS = [
    "*", "s3:*", "s3:Get*", "s3:GetObject", "S3:getobject", "s3:?etObject", "s3:*Object", "s3:PutObject",
    "s3:GetObjectAcl", "ec2:*", "ec2:Run*", "*:Get*",
]  # fmt: skip
PLACES = [
    "*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x", "arn:aws:s3:::b/x/*", "arn:aws:s3:::*", "arn:aws:s3:::b/${*}",
    "arn:*:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::${aws:username}", "arn:aws:s3:::b/?",
    "arn:aws:s3:::b/${aws:PrincipalTag/team, 'x'}/*", "arn:aws:ec2:*:*:instance/*",
    "arn:aws:ec2:us-east-1:111122223333:instance/i-1", "arn:aws:s3:::b/bob/*",
]  # fmt: skip

FAMILIES: dict[str, tuple[list[str], list[str], list[Any]]] = {
    "string": (
        ["aws:username", "aws:PrincipalTag/team", "s3:prefix"],
        ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"],
        ["a", "b", "A", "a*", "*", "a?", "bob", "${aws:username}"],
    ),
    "set": (
        ["aws:TagKeys", "s3:Tags"],
        ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"],
        ["a", "b", "a*", "*", "?"],
    ),
    "arn": (
        ["lambda:SourceFunctionArn"],
        ["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"],
        ["arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:role/x", "*", "arn:aws:iam::111122223333:role/x", "arn:*:*:*:*:user/*"],
    ),
    "numeric": (
        ["s3:max-keys"],
        ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"],
        ["1", "5", "5.5", 10],
    ),
    "date": (
        ["aws:TokenIssueTime"],
        ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"],
        ["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "1767225600"],
    ),
    "bool": (["aws:MultiFactorAuthPresent"], ["Bool"], ["true", "false", True]),
    "ip": (
        ["aws:VpcSourceIp"],
        ["IpAddress", "NotIpAddress"],
        ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.1", "2001:db8::/32"],
    ),
    "binary": (["x:Binary"], ["BinaryEquals"], ["eHl6", "QUJD"]),
}  # fmt: skip
"""By kind of value: keys, operators, values.  Keys of `set` are only asked by set operators."""


def conditions(source: Random, most: int = 2) -> Json:
    found: Json = {}
    for _ in range(source.choice([0, 1, 1, most])):
        family = source.choice(["string", "string", *FAMILIES])
        keys, operators, values = FAMILIES[family]
        key = source.choice(keys)
        if source.random() < 0.12:
            found["Null"] = {key: source.choice(["true", "false"])}
            continue
        quantifier = source.choice(["ForAllValues:", "ForAnyValue:"]) if family == "set" else ""
        suffix = "IfExists" if source.random() < 0.25 else ""
        name = quantifier + source.choice(operators) + suffix
        found[name] = {key: source.sample(values, source.choice([1, 1, 2]))}
    return found


def statement(source: Random, *, deny: float = 0.2) -> Json:
    found: Json = {"Effect": "Deny" if source.random() < deny else "Allow"}
    for name, values in (("Action", ACTIONS), ("Resource", PLACES)):
        chosen = source.sample(values, source.choice([1, 1, 2]))
        negated = source.random() < 0.15
        found["Not" + name if negated else name] = chosen if len(chosen) > 1 else chosen[0]
    limits = conditions(source)
    if limits:
        found["Condition"] = limits
    return found


def changed(source: Random, statement: Json) -> Json:
    """A statement that is likely to be inside another, or to hold it."""
    found = dict(statement)
    for name, values in (("Action", ACTIONS), ("Resource", PLACES)):
        if name in found and source.random() < 0.35:
            found[name] = source.choice(values)
    if source.random() < 0.4:
        found["Condition"] = {**found.get("Condition", {}), **conditions(source, 1)}
    if source.random() < 0.15:
        found.pop("Condition", None)
    return found


def pair(source: Random) -> tuple[Json, Json]:
    """A new and an old policy; in most pairs the new one is made of the old one's statements."""
    version = "2008-10-17" if source.random() < 0.1 else "2012-10-17"
    old = [statement(source, deny=0), *(statement(source) for _ in range(source.choice([0, 1])))]
    new = [statement(source, deny=0)]
    if source.random() < 0.85:
        new = [changed(source, old[0]), *old[1:]][: source.choice([1, 2, 2])]
    if source.random() < 0.2:
        new.append(statement(source, deny=0.7))
    return {"Version": version, "Statement": new}, {"Version": version, "Statement": old}
