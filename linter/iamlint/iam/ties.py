"""Ties between condition keys: what no request's context holds together.

Each tie is a set of conditions of which one fails in every request.  Those that AWS documents
without exception are `certain`: a proof may use them.  The others only keep an example from being
given for an answer, since AWS may make an exception that is not documented.  Source, unless one is
named: IAM User Guide, reference_policies_condition-keys, what each key's "Availability" says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

import msgspec

from iamlint.iam.glob import fold
from iamlint.iam.policy import Condition

Block = Mapping[str, Mapping[str, Any]]
"""A Condition element, as in JSON."""


class Tie(msgspec.Struct, frozen=True):
    """Conditions that never hold together, and the keys that they are about, in lower case."""

    never: tuple[Condition, ...]
    keys: frozenset[str]
    certain: bool


_PRESENT, _ABSENT = "false", "true"

_MFA: tuple[Block, ...] = (
    # The age is there "only if the principal making the call was authenticated using MFA".
    {"Null": {"aws:MultiFactorAuthAge": _PRESENT, "aws:MultiFactorAuthPresent": _ABSENT}},
    {"Null": {"aws:MultiFactorAuthAge": _PRESENT}, "Bool": {"aws:MultiFactorAuthPresent": "false"}},
)

_VIA = ("aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast")
_FORWARDED: tuple[Block, ...] = (
    # Services that call with the principal's credentials are in CalledVia, first and last among them.
    *({"Null": {key: _PRESENT}, "Bool": {"aws:ViaAWSService": "false"}} for key in _VIA),
    *({"Null": {a: _PRESENT, b: _ABSENT}} for a in _VIA for b in _VIA if a != b),
    # A service that uses its own principal does not use the caller's credentials.
    {"Bool": {"aws:ViaAWSService": "true", "aws:PrincipalIsAWSService": "true"}},
)

_ENDPOINT = (
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceVpcArn",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
)
_NETWORK: tuple[Block, ...] = tuple(
    # The address is there "except when the requester uses a VPC endpoint", these only then.
    {"Null": {"aws:SourceIp": _PRESENT, key: _PRESENT}}
    for key in _ENDPOINT
)

_ORGANIZATIONS = tuple(
    (f"aws:{whose}OrgID", f"aws:{whose}OrgPaths")
    for whose in ("Principal", "Resource", "Source", "Vpce")
)


def _together(pair: tuple[str, str]) -> tuple[Block, ...]:
    """Both are there if the account is a member of an organization, where a service gives both."""
    return tuple({"Null": {a: _PRESENT, b: _ABSENT}} for a, b in (pair, pair[::-1]))


_NAMES = ("aws:PrincipalServiceName", "aws:PrincipalServiceNamesList")
_OF_PRINCIPALS = ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:username")
_SERVICES: tuple[Block, ...] = (
    # "Present in the request when the call is made by an AWS service principal", else never.
    *({"Null": {key: _PRESENT}, "Bool": {"aws:PrincipalIsAWSService": "false"}} for key in _NAMES),
    *({"Null": {key: _ABSENT}, "Bool": {"aws:PrincipalIsAWSService": "true"}} for key in _NAMES),
    *({"Null": {key: _PRESENT, "aws:PrincipalIsAWSService": _ABSENT}} for key in _NAMES),
    *(
        {"Null": {key: _PRESENT}, "Bool": {"aws:PrincipalIsAWSService": "true"}}
        for key in _OF_PRINCIPALS
    ),
)

_ID = "?" * 12
_KINDS = {
    "User": "iam::{}:user/",
    "AssumedRole": "iam::{}:role/",
    "FederatedUser": "sts::{}:federated-user/",
    "Account": "iam::{}:root",
}


def _forms(kind: str) -> list[str]:
    """The ARNs of a kind of principal.

    The second form says less, for values in which a policy variable stands for the account or
    the name; examples are sought in the first one first.
    """
    form = "arn:aws*:" + _KINDS[kind]
    named = form.endswith("/")
    return [form.format(_ID) + "?*" * named, form.format("*") + "*" * named]


def _of_kind(kind: str) -> Block:
    return {
        "StringEquals": {"aws:PrincipalType": kind},
        "Null": {"aws:PrincipalArn": _PRESENT},
        "ArnNotLike": {"aws:PrincipalArn": _forms(kind)},
    }


_ALL_FORMS = [_forms(kind)[which] for which in (0, 1) for kind in _KINDS]
_PRINCIPALS: tuple[Block, ...] = (
    {"Null": {"aws:PrincipalArn": _PRESENT}, "ArnNotLike": {"aws:PrincipalArn": _ALL_FORMS}},
    {
        "Null": {"aws:SourceArn": _PRESENT},
        "ArnNotLike": {"aws:SourceArn": ["arn:aws*:?*:*:*:?*", "arn:aws*:*:*:*:*"]},
    },
    *map(_of_kind, _KINDS),
    # "Always included in the request context for IAM users", for no others
    # (reference_policies_variables, "Principal key values").
    {"Null": {"aws:username": _ABSENT}, "ArnLike": {"aws:PrincipalArn": _forms("User")[1]}},
    *(
        {"Null": {"aws:username": _PRESENT}, "ArnLike": {"aws:PrincipalArn": _forms(kind)[1]}}
        for kind in _KINDS
        if kind != "User"
    ),
)

_SOURCES = ("aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths")
_LIKELY: tuple[Block, ...] = (
    *(block for pair in _ORGANIZATIONS[1:] for block in _together(pair)),
    # Included "only when the call is made directly by an AWS service principal".
    *(
        {"Null": {key: _PRESENT}, "Bool": {"aws:PrincipalIsAWSService": "false"}}
        for key in _SOURCES
    ),
    *({"Null": {key: _PRESENT, "aws:PrincipalIsAWSService": _ABSENT}} for key in _SOURCES),
    *({"Null": {key: _PRESENT, other: _PRESENT}} for key in _SOURCES for other in _OF_PRINCIPALS),
    # "Always included in the request context", though AWS's own examples ask for it "if exists".
    {"Null": {"aws:ViaAWSService": _ABSENT}},
    # KMS Developer Guide, conditions-kms: a service called it for the principal.
    {
        "Null": {"kms:ViaService": _PRESENT},
        "Bool": {"aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false"},
    },
)


@cache
def _plain() -> tuple[Tie, ...]:
    certain = (
        *_MFA,
        *_FORWARDED,
        *_NETWORK,
        *_together(_ORGANIZATIONS[0]),
        *_SERVICES,
        *_PRINCIPALS,
    )
    return (
        *(_tie(block, certain=True) for block in certain),
        *(_tie(block, certain=False) for block in _LIKELY),
    )


@cache
def _keys() -> frozenset[str]:
    return frozenset[str]().union(*(tie.keys for tie in _plain())) | _WITH_VALUES


_WITH_VALUES = frozenset(
    {"aws:principalaccount", "aws:sourceaccount", "aws:resourceaccount", "aws:tagkeys"}
)
_REQUEST_TAG = "aws:requesttag/"


def is_tied(key: str) -> bool:
    """True if a folded key is tied to others."""
    return key in _keys() or key.startswith(_REQUEST_TAG)


def ties(keys: frozenset[str], values: frozenset[str]) -> tuple[Tie, ...]:
    """The ties of some keys to one another, directly or through further keys.

    `values` are the strings that the policies compare these keys with; ties of one key's value
    to another's are told for the accounts and organizations named in them.
    """
    named: set[str] = set()
    for value in values:
        for form in (_ACCOUNT, _ORGANIZATION, _PARTITION):
            named.update(form.findall(value))
    return _ties(keys, frozenset(named))


@lru_cache(maxsize=1024)
def _ties(keys: frozenset[str], named: frozenset[str]) -> tuple[Tie, ...]:
    every = (*_plain(), *_by_value(keys, named))
    near = set(keys)
    # One further key may tie two of these to each other.
    near |= {key for tie in every if len(tie.keys & keys) == 1 for key in tie.keys & _BETWEEN}
    return tuple(tie for tie in every if tie.keys <= near and tie.keys & keys)


_MOST_OWNERS = 12
"""For how many accounts and organizations ties of values are told; with more, examples that break
them are not believed, and that is all."""

_BETWEEN = frozenset({"aws:principalisawsservice", "aws:viaawsservice"})
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])")
_PARTITION = re.compile(r"arn:aws[a-z-]*")
_ORGANIZATION = re.compile(r"(?<![0-9A-Za-z-])o-[0-9a-z]{10,32}(?![0-9a-z])")


def _by_value(keys: frozenset[str], named: Iterable[str]) -> Iterator[Tie]:
    if "aws:principalarn" in keys:
        # Principals are of the policy's own partition, which the ARNs in it tell.
        own = [f"{each}:*" for each in named if each.startswith("arn:")] or ["arn:aws:*"]
        form = {"aws:PrincipalArn": sorted(own)}
        yield _tie({"Null": {"aws:PrincipalArn": _PRESENT}, "ArnNotLike": form}, certain=False)
    owners = sorted(value for value in named if not value.startswith("arn:"))
    for value in owners if len(owners) <= _MOST_OWNERS else ():
        if value.startswith("o-"):
            yield from (_tie(block, certain=True) for block in _of_organization(value))
        else:
            yield from (_tie(block, certain=True) for block in _of_account(value))
    for key in sorted(keys):
        if key.startswith(_REQUEST_TAG) and "aws:tagkeys" in keys:
            # The keys of all tags that are passed; some services may give only the tags.
            tag = {"aws:TagKeys": _literal(key[len(_REQUEST_TAG) :])}
            passed = {"Null": {key: _PRESENT}}
            yield _tie({**passed, "ForAllValues:StringNotEqualsIgnoreCase": tag}, certain=False)


def _of_account(account: str) -> tuple[Block, ...]:
    """An ARN tells the account that owns what it names, unless it leaves the account out."""
    own = {"aws:PrincipalArn": f"arn:*:*:*:{account}:*"}
    source = {"aws:SourceArn": [f"arn:*:*:*:{account}:*", "arn:*:*:*::*"]}
    other = {"aws:SourceArn": f"arn:*:*:*:{account}:*"}

    def pair(key: str, mine: Any, not_mine: Any) -> tuple[Block, ...]:
        name = next(iter(mine))
        there = {"Null": {key: _PRESENT, name: _PRESENT}}
        return (
            {"StringEquals": {key: account}, "ArnNotLike": not_mine, **there},
            {"StringNotEquals": {key: account}, "ArnLike": mine, **there},
        )

    return (
        *pair("aws:PrincipalAccount", own, own),
        *pair("aws:SourceAccount", other, source),
    )


def _of_organization(organization: str) -> Iterator[Block]:
    """The path of an organizational unit begins with the organization."""
    for identifier, paths in _ORGANIZATIONS:
        path = {paths: f"{organization}/*"}
        yield {"StringEquals": {identifier: organization}, "ForAnyValue:StringNotLike": path}
        yield {
            "Null": {identifier: _PRESENT},
            "StringNotEquals": {identifier: organization},
            "ForAnyValue:StringLike": path,
        }


@lru_cache(maxsize=256)
def owned_by(account: str) -> Tie:
    """The tie of aws:ResourceAccount to the account that the resource's ARN names."""
    return _tie(
        {
            "Null": {"aws:ResourceAccount": _PRESENT},
            "StringNotEquals": {"aws:ResourceAccount": account},
        },
        certain=True,
    )


@cache
def of_users_and_roles() -> tuple[Tie, ...]:
    """Ties of requests that users and roles make, whom identity policies are about."""
    return (
        _tie({"Bool": {"aws:PrincipalIsAWSService": "true"}}, certain=False),
        _tie({"Null": {"aws:PrincipalIsAWSService": _ABSENT}}, certain=False),
    )


def _literal(text: str) -> str:
    return "".join(f"${{{c}}}" if c in "*?$" else c for c in text)


def _tie(block: Block, *, certain: bool) -> Tie:
    from iamlint.iam.decode import from_json

    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": block}
    policy = from_json({"Version": "2012-10-17", "Statement": statement}, "ties")
    conditions = policy.statements[0].conditions
    keys = frozenset(fold(str(condition.key)) for condition in conditions)
    return Tie(conditions, keys, certain)
