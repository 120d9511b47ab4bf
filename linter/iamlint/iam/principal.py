"""Who makes a request, and whom a Principal element means."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from iamlint.iam.glob import string_tokens, text_tokens
from iamlint.iam.pattern import tokens_within
from iamlint.iam.policy import Principal, Statement
from iamlint.tree import Text

CallerKind = Literal[
    "user", "role", "session", "federated-user", "root", "service", "federated", "canonical-user",
    "anonymous", "unknown",
]  # fmt: skip

Strength = Literal["direct", "role", "account", "everyone"]
"""How a resource-based policy means the caller.

`direct`: by the very user or session, which boundary and session policies do not limit;
`role`: by its role; `account`: by its account, which delegates to identity policies;
`everyone`: by `*`.
"""


class Caller(msgspec.Struct, frozen=True):
    """A requesting principal.

    `value` is the ARN, service name, provider or canonical id; `account` its account where it
    has one; `role` the name of the role behind a session.
    """

    kind: CallerKind
    value: str
    account: str | None = None
    role: str | None = None

    @property
    def has_identity(self) -> bool:
        """True if identity-based policies can be attached to it or its role."""
        return self.kind in ("user", "role", "session", "federated-user", "unknown")

    @property
    def service_linked(self) -> bool:
        return self.kind == "role" and ":role/aws-service-role/" in self.value


@lru_cache(maxsize=4096)
def caller(text: str) -> Caller:
    """Read a principal as a user writes it.

    An ARN (`arn:aws:iam::111122223333:role/x`, a user, `assumed-role/…`, `federated-user/…`,
    `root`, a SAML or OIDC provider), a 12-digit account (its root), a service
    (`ec2.amazonaws.com`), a web identity provider, a canonical user id, or `*` for anonymous.
    A type in front (`Service:x`) decides where the form does not.
    """
    for prefix, kind in _PREFIXES.items():
        if text.startswith(prefix):
            return Caller(kind, text[len(prefix) :])
    if text.startswith("AWS:"):
        text = text[len("AWS:") :]
    if text in ("*", "", "anonymous"):
        return Caller("anonymous", text)
    if is_account(text):
        return Caller("root", f"arn:aws:iam::{text}:root", text)
    if text.startswith("arn:"):
        return _of_arn(text)
    if len(text) == 64 and all(character in "0123456789abcdef" for character in text):
        return Caller("canonical-user", text)
    if text.endswith((".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")):
        federated = text.startswith("cognito-identity.")
        return Caller("federated" if federated else "service", text)
    return Caller("federated" if "." in text else "unknown", text)


_PREFIXES: dict[str, CallerKind] = {
    "Service:": "service",
    "Federated:": "federated",
    "CanonicalUser:": "canonical-user",
}


def _of_arn(arn: str) -> Caller:
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return Caller("unknown", arn)
    account = parts[4] if is_account(parts[4]) else None
    kind, _, name = parts[5].partition("/")
    if parts[2] == "sts":
        if kind == "assumed-role":
            return Caller("session", arn, account, name.partition("/")[0])
        return Caller("federated-user" if kind == "federated-user" else "unknown", arn, account)
    if kind == "root":
        return Caller("root", arn, account)
    if kind == "user":
        return Caller("user", arn, account)
    if kind == "role":
        return Caller("role", arn, account, name.rpartition("/")[2])
    if kind in ("saml-provider", "oidc-provider"):
        return Caller("federated", arn, account)
    return Caller("unknown", arn, account)


def is_account(text: str) -> bool:
    """True for the 12 digits of an account id."""
    return len(text) == 12 and text.isascii() and text.isdigit()


class Meant(msgspec.Struct, frozen=True):
    """Whether a statement's Principal means the caller (None: unknown), and how if it does."""

    holds: bool | None
    strength: Strength = "everyone"


def meant(statement: Statement, who: Caller, *, bounded: bool = False) -> Meant:
    """Whether Principal or NotPrincipal of a statement takes in the caller.

    `bounded` says that the caller has a permissions boundary: a Deny with NotPrincipal denies
    every such principal.  A statement without either matches nobody.  Source: IAM User Guide,
    reference_policies_elements_principal and …_notprincipal.
    """
    if not statement.has_principal:
        return Meant(None if "Principal" in statement.open else False)
    best = _among(statement.principals, who)
    if not statement.not_principal:
        if not best.holds and "Principal" in statement.open:
            return Meant(None)
        return best
    if bounded and statement.effect == "Deny" and who.has_identity:
        return Meant(True)
    if best.holds is None or (best.holds is False and "Principal" in statement.open):
        return Meant(None)
    if not best.holds:
        return Meant(True)
    if best.strength != "account" and who.account is not None:
        # The account (and for a session the role) must be listed too, else the Deny may bite.
        account = _among(statement.principals, Caller("root", "", who.account))
        if not account.holds:
            return Meant(None)
    return Meant(False)


_ORDER: tuple[Strength, ...] = ("direct", "role", "account", "everyone")


def _among(principals: Sequence[Principal], who: Caller) -> Meant:
    """The strongest of the principals that mean the caller."""
    found = [one(principal, who) for principal in principals]
    certain = [each for each in found if each.holds]
    if certain:
        strongest = min(certain, key=lambda each: _ORDER.index(each.strength))
        # The account is no weaker than everyone when both mean the caller.
        return (
            Meant(True, "everyone")
            if strongest.strength == "account"
            and any(each.strength == "everyone" for each in certain)
            else strongest
        )
    return Meant(None if any(each.holds is None for each in found) else False)


def one(principal: Principal, who: Caller) -> Meant:
    """Whether one principal of a policy means the caller."""
    found = _one(principal, who)
    if found.holds and principal.element.possible is not None:
        return Meant(None, found.strength)
    return found


def _one(principal: Principal, who: Caller) -> Meant:
    text = principal.element.text
    literal = text.literal
    if principal.kind == "*" or (principal.kind == "AWS" and literal == "*"):
        # `{"AWS": "*"}` and `"*"` mean the same where both may stand, anonymous included.
        if principal.kind == "AWS" and who.kind in ("service", "federated", "canonical-user"):
            return Meant(False)
        return Meant(True)
    wanted = {"service": "Service", "federated": "Federated", "canonical-user": "CanonicalUser"}
    if principal.kind != wanted.get(who.kind, "AWS"):
        return Meant(False)
    if who.kind == "anonymous":
        return Meant(False)
    if principal.kind != "AWS":
        if literal == "*":
            # AWS's policy checks take it for every provider; of services nothing is documented.
            return Meant(True if principal.kind == "Federated" else None)
        return Meant(_same(text, who.value), "direct")
    if who.kind == "unknown":
        return Meant(None)
    if literal is None:
        return _with_holes(text, who)
    return _account_principal(caller(literal), who)


def _account_principal(named: Caller, who: Caller) -> Meant:
    if named.kind == "root":
        return Meant(named.account == who.account, "direct" if who.kind == "root" else "account")
    if named.kind == "unknown":
        # A unique id (AROA…, AIDA…) of a deleted principal, or no principal at all.
        return Meant(None if not named.value.startswith("arn:") else False)
    if who.kind == "root":
        return Meant(False)
    if named.value == who.value:
        return Meant(True, "role" if who.kind == "role" else "direct")
    if named.account != who.account:
        return Meant(False)
    if named.kind == "role" and who.kind == "session":
        return Meant(named.role == who.role, "role")
    if named.kind == "session" and who.kind == "role" and named.role == who.role:
        return Meant(None, "direct")  # it depends on the name of the session
    return Meant(False)


def _with_holes(text: Text, who: Caller) -> Meant:
    exact = _same(text, who.value)
    if exact:
        return Meant(True, "role" if who.kind == "role" else "direct")
    account = [f"arn:aws:iam::{who.account}:root", str(who.account)]
    if who.role is not None:
        account += [f"arn:aws:iam::{who.account}:role/{who.role}"]
    if exact is None or any(_same(text, each) is not False for each in account):
        return Meant(None)
    return Meant(False)


def _same(text: Text, value: str) -> bool | None:
    """Whether a principal is a value; a `*` inside a principal is no wildcard."""
    return tokens_within(string_tokens(value, wildcards=False), text_tokens(text, wildcards=False))
