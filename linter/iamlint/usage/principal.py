"""Who made a call: the IAM principal whose policies the call exercised.

Identity elements: AWS CloudTrail User Guide, cloudtrail-event-reference-user-identity.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from iamlint.usage.event import Identity

PrincipalKind = Literal[
    "role", "sso-role", "service-linked-role", "user", "root", "service", "account", "unknown"
]
"""Roles and users have policies that a project may declare; an `sso-role` is made from a
permission set.  The others have none that iamlint could change: `root`, an AWS `service` acting
for itself, an `account` seen from outside, and what a record does not tell."""

POLICY_HOLDERS = frozenset({"role", "sso-role", "user"})


class Caller(NamedTuple):
    """A principal: its ARN (or another name, where it has none), kind and unique id.

    `arn` of a role has its path where the session issuer told it.  A session without issuer has
    lost it: `path_known` is then False and the ARN is that of the role at the root path.
    `id` (`AROA…`, `AIDA…`) tells a role from one made later under the same name; "" if not told.
    """

    arn: str
    kind: PrincipalKind
    id: str = ""
    path_known: bool = True


_SESSION = re.compile(r"arn:([\w-]+):sts::(\d{12}):assumed-role/([\w+=,.@-]+)(?:/.*)?\Z", re.S)
_IAM = re.compile(r"arn:[\w-]+:iam::(\d{12}|aws):(role|user)/(.+)\Z", re.S)
_ROOT = re.compile(r"arn:[\w-]+:iam::\d{12}:root\Z")

_SSO_PATH = "aws-reserved/sso.amazonaws.com/"
_LINKED_PATH = "aws-service-role/"


def caller(identity: Identity | None) -> Caller:
    """The principal behind a record's userIdentity.

    Order: the session issuer (a role, or the user behind federated credentials), the ARN of an
    assumed-role session, a user, root.  An AWS service that acts for itself has no ARN.  A
    record with both a principal and `invokedBy` is a call that a service made with that
    principal's permissions, so it is the principal's.
    """
    if identity is None:
        return Caller("", "unknown")
    issuer = identity.sessionContext.sessionIssuer if identity.sessionContext else None
    if issuer is not None and issuer.arn:
        return _named(issuer.arn, issuer.principalId or "")
    arn = identity.arn
    if arn:
        return _named(arn, (identity.principalId or "").partition(":")[0])
    if identity.invokedBy or identity.type == "AWSService":
        return Caller(identity.invokedBy or "", "service")
    if identity.type == "Root":
        return Caller("", "root")
    if identity.type == "AWSAccount":
        return Caller(identity.accountId or "", "account")
    return Caller("", "unknown")


def _named(arn: str, unique: str) -> Caller:
    match = _IAM.match(arn)
    if match:
        path_and_name = match[3]
        if match[2] == "user":
            return Caller(arn, "user", unique)
        if path_and_name.startswith(_LINKED_PATH):
            return Caller(arn, "service-linked-role", unique)
        return Caller(arn, "sso-role" if path_and_name.startswith(_SSO_PATH) else "role", unique)
    match = _SESSION.match(arn)
    if match:
        partition, account, name = match.groups()
        if name.startswith("AWSServiceRoleFor"):
            return Caller(
                f"arn:{partition}:iam::{account}:role/{name}", "service-linked-role", unique, False
            )
        kind: PrincipalKind = "sso-role" if name.startswith("AWSReservedSSO_") else "role"
        return Caller(f"arn:{partition}:iam::{account}:role/{name}", kind, unique, False)
    if _ROOT.match(arn):
        return Caller(arn, "root", unique)
    # Also a federated user without issuer: the session's name does not tell whose policies counted.
    return Caller("", "unknown")
