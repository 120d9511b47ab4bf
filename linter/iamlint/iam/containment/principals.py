"""Resource-based and trust policies: one question for each kind of principal that they tell apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from iamlint.iam.containment.rules import Atom, Rule, Rules
from iamlint.iam.containment.spelling import OUTSIDER, OUTSIDER_ROLE
from iamlint.iam.glob import literal_of, string_tokens
from iamlint.iam.operators import operator
from iamlint.iam.policy import Condition, Element
from iamlint.iam.principal import Caller, caller, meant
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Text

_NOWHERE = Place(SourceText("", ""), Span(0, 0))


class Representative(msgspec.Struct, frozen=True):
    """A principal that stands for all whom the policies treat alike.

    `pins` are conditions on the context that follow from who it is.
    """

    principal: str
    pins: tuple[Atom, ...]

    @property
    def who(self) -> Caller:
        return caller(self.principal)

    @property
    def signed(self) -> bool:
        """True if its requests have the keys that those of IAM principals always have."""
        return _is_iam(self.who)


def representatives(rules: Sequence[Rule]) -> list[Representative]:
    """Principals of which one shows a difference if any does.

    They are those that the rules name, one nameless user and role of each account that they
    name, a session of each role, and for each type of principal one that nobody names.
    """
    found: dict[str, None] = {}
    accounts: dict[str, None] = {}
    for rule in rules:
        for kind, tokens in rule.who.named if rule.who is not None else ():
            literal = literal_of(tokens)
            if literal is None or literal == "*":
                continue
            if kind != "AWS":
                found[f"{kind}:{literal}"] = None
                continue
            named = caller(literal)
            if named.account is not None:
                accounts[named.account] = None
            if named.kind not in ("unknown", "anonymous", "root"):
                found[named.value] = None
            if named.kind == "role":
                found[f"arn:aws:sts::{named.account}:assumed-role/{named.role}/session"] = None
            elif named.kind == "session":
                found[f"arn:aws:iam::{named.account}:role/{named.role}"] = None
    for account in accounts:
        found[f"arn:aws:iam::{account}:role/nameless"] = None
        found[f"arn:aws:iam::{account}:user/nameless"] = None
        found[f"arn:aws:iam::{account}:root"] = None
    ordered = ["*", *found, "Service:nameless.amazonaws.com", "Federated:nameless.example.com", "CanonicalUser:" + "0" * 64]  # fmt: skip
    others = [Representative(name, tuple(_pins(caller(name)))) for name in dict.fromkeys(ordered)]
    outside = tuple(_pins_of_outsider(list(accounts)))
    return [
        Representative(OUTSIDER, (*outside, _null("aws:username", "false"))),
        Representative(OUTSIDER_ROLE, (*outside, _null("aws:username", "true"))),
        *others,
    ]


def has_unknown_principals(rules: Sequence[Rule]) -> bool:
    """True if a rule names a principal by a hole."""
    return any(
        literal_of(tokens) is None
        for rule in rules
        if rule.who is not None
        for _, tokens in rule.who.named
    )


def _is_iam(who: Caller) -> bool:
    """True for principals of an account; services and federated callers do not sign as one."""
    return who.kind not in ("anonymous", "service", "federated", "canonical-user")


def _pins(who: Caller) -> Iterator[Atom]:
    if not _is_iam(who):
        for key in _OF_IAM_PRINCIPALS:
            yield _null(key, "true")
    if who.kind == "service":
        yield _bool("aws:PrincipalIsAWSService", "true")
        yield _equals("aws:PrincipalServiceName", who.value)
    elif who.kind == "anonymous":
        yield _null("aws:PrincipalIsAWSService", "true")
        yield _equals("aws:PrincipalAccount", "anonymous")
    if who.account is None:
        if who.kind != "anonymous":
            yield _null("aws:PrincipalAccount", "true")
        return
    yield _equals("aws:PrincipalAccount", who.account)
    if who.kind == "user" and not who.value.endswith("/nameless"):
        yield _equals("aws:username", who.value.rpartition("/")[2])
    else:
        yield _null("aws:username", "false" if who.kind == "user" else "true")
    if who.value.endswith("/nameless"):
        yield _equals("aws:PrincipalArn", f"arn:*:iam::{who.account}:*", like=True)
    elif who.kind in ("user", "role", "root"):
        yield _equals("aws:PrincipalArn", who.value)
    elif who.kind == "session":
        yield _equals("aws:PrincipalArn", f"arn:*:iam::{who.account}:role/*{who.role}", like=True)


_OF_IAM_PRINCIPALS = (
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:username",
)


def _null(key: str, value: str) -> Atom:
    return _said("Null", key, value)


def _bool(key: str, value: str) -> Atom:
    return _said("Bool", key, value)


def _said(name: str, key: str, value: str) -> Atom:
    kind = operator(name)
    assert kind is not None
    condition = Condition(_element(name), _element(key), (_element(value),))
    return Atom(kind, key.lower(), (), (value,), condition)


def _pins_of_outsider(accounts: list[str]) -> Iterator[Atom]:
    """He is of none of the accounts that are named."""
    if accounts:
        yield _strings("StringNotEquals", "aws:PrincipalAccount", accounts)
        arns = [f"arn:*:iam::{account}:*" for account in accounts]
        yield _strings("StringNotLike", "aws:PrincipalArn", arns)


def _equals(key: str, value: str, *, like: bool = False) -> Atom:
    return _strings("StringLike" if like else "StringEquals", key, [value])


def _strings(name: str, key: str, values: list[str]) -> Atom:
    kind = operator(name)
    assert kind is not None
    condition = Condition(_element(name), _element(key), tuple(map(_element, values)))
    patterns = tuple(string_tokens(v, wildcards=kind.comparison == "like") for v in values)
    return Atom(kind, key.lower(), patterns, (), condition)


def _element(text: str) -> Element:
    return Element(Text.of(text), _NOWHERE)


class Narrowed(msgspec.Struct, frozen=True):
    """Both sides as they are for one principal; `delegated` if the old side only delegates."""

    new: Rules
    old: Rules
    delegated: bool


def narrow(new: Rules, old: Rules, principal: Representative, *, strict: bool) -> Narrowed:
    """The rules that apply to a principal: of the new side as many as may, of the old as must.

    A grant to an account leaves the decision to its identity policies, one to a principal does
    not.  With `strict`, the old side's grants to the account count only against new ones of the
    same kind.
    """
    who = principal.who
    after, before = Rules(), Rules()
    after.inexact, before.inexact = new.inexact, old.inexact
    # Where it is not known whom a statement is about, no rule says just what it says.
    each = (*new.allows, *new.denies, *old.allows, *old.denies)
    unknown = any(meant(rule.statement, who).holds is None for rule in each)
    after.lossy = new.lossy or old.lossy or unknown
    direct = False
    for rule in new.allows:
        found = meant(rule.statement, who)
        if found.holds is not False:
            direct = direct or found.strength != "account"
            after.allows.append(rule.without_principals(principal.pins))
            if found.holds is None:
                after.inexact = after.inexact or "it is not known whether a principal is meant"
    after.denies = [
        rule.without_principals() for rule in new.denies if meant(rule.statement, who).holds
    ]
    delegated = False
    for rule in old.allows:
        found = meant(rule.statement, who)
        if not found.holds:
            if found.holds is None:
                before.inexact = before.inexact or "it is not known whether a principal is meant"
            continue
        if found.strength == "account" and direct and who.kind != "root":
            delegated = True
            if strict:
                continue
        before.allows.append(rule.without_principals())
    for rule in old.denies:
        found = meant(rule.statement, who)
        if found.holds is not False:
            before.denies.append(rule.without_principals())
            if found.holds is None:
                before.inexact = before.inexact or "it is not known whether a principal is meant"
    return Narrowed(after, before, delegated)
