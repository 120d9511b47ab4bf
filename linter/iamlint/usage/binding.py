"""Which principals of a profile are a declared role or user, by name, path or the pattern of its name.

The primitives for binding a project to a profile.  Order of what counts: configuration and state
come first and are others' work; here are literal names, then the names that tools generate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from iamlint.iam.pattern import matches

How = Literal["by name", "inferred from the name prefix", "inferred from the stack's naming", ""]


class Match(msgspec.Struct, frozen=True):
    """The principals that fit, sorted; `how` says by what, "" if none fits.

    Several mean that the source does not tell them apart (one template in many accounts, several
    generated names): their use counts together.
    """

    arns: tuple[str, ...] = ()
    how: How = ""

    @property
    def inferred(self) -> bool:
        return self.how not in ("by name", "")


_PRINCIPAL = re.compile(r"arn:[\w-]+:iam::(\d{12}):(role|user)(/(?:.*/)?)([^/]+)\Z", re.S)


def match_principal(
    known: Iterable[str],
    kind: str,
    *,
    name: str | None = None,
    name_prefix: str | None = None,
    path: str | None = None,
    account: str | None = None,
    stack: str | None = None,
    logical_id: str | None = None,
) -> Match:
    """The principals among `known` (ARNs) that a declaration is.

    `kind` is `role`, `user` or `permission-set`.  With `name`, its letters decide (AWS keeps
    names unique without case) and `path`, if given, must agree.  Else `name_prefix` is
    Terraform's, with 26 characters to follow.  Else `logical_id`, with `stack` where the stack's
    name is known, is CloudFormation's `<stack>-<LogicalId>-<random>`, either part of which may be
    cut to fit 64 characters.  `name` may hold `*` where the source does not tell (an account's
    alias, a stage): then it counts as inferred.
    """
    candidates = []
    for arn in known:
        found = _PRINCIPAL.match(arn)
        if found is None or (account is not None and found[1] != account):
            continue
        if (found[2] == "user") != (kind == "user"):
            continue
        candidates.append((arn, found[3], found[4]))
    if kind == "permission-set":
        return _permission_set(candidates, name)
    if name is not None:
        fits = [
            arn
            for arn, at, called in candidates
            if matches(name, called, ignore_case=True) and _path_agrees(path, at)
        ]
        return _match(fits, "inferred from the name prefix" if "*" in name else "by name")
    if name_prefix is not None:
        shape = re.compile(re.escape(name_prefix) + r"\d{18}[0-9a-f]{8}\Z")
        fits = [
            arn for arn, at, called in candidates if shape.match(called) and _path_agrees(path, at)
        ]
        return _match(fits, "inferred from the name prefix")
    if logical_id is not None:
        fits = [
            arn
            for arn, at, called in candidates
            if is_generated(called, logical_id, stack) and _path_agrees(path, at)
        ]
        return _match(fits, "inferred from the stack's naming")
    return Match()


def is_generated(name: str, logical_id: str, stack: str | None = None) -> bool:
    """True if CloudFormation may have made this name for a resource of a stack.

    AWS CloudFormation User Guide, aws-properties-name: stack name, logical id and a random
    suffix, joined by `-`; parts are cut where the whole would be too long.
    """
    head, dash, random = name.rpartition("-")
    if not dash or not re.fullmatch(r"[A-Za-z0-9]{8,14}", random):
        return False
    if stack is not None:
        # A cut part is a beginning of the whole one; only long names are cut.
        return any(
            head == f"{stack[:a]}-{logical_id[:b]}"
            for a, b in _cuts(len(stack), len(logical_id), len(head) - 1, len(name))
        )
    rest, dash, own = head.rpartition("-")
    if not dash or not rest or not own:
        return False
    return own == logical_id or (len(name) >= 60 and len(own) >= 8 and logical_id.startswith(own))


def _cuts(stack: int, own: int, room: int, whole: int) -> Iterable[tuple[int, int]]:
    if stack + own == room:
        yield stack, own
    elif whole >= 60:
        for kept in range(max(1, room - own), min(stack, room - 1) + 1):
            yield kept, room - kept


def _path_agrees(path: str | None, actual: str) -> bool:
    # A session without issuer shows the root path whatever the role's path is.
    return path is None or actual in (path, "/")


_SSO = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{12,16}\Z")


def _permission_set(candidates: list[tuple[str, str, str]], name: str | None) -> Match:
    """The roles that IAM Identity Center made of a permission set, in all accounts."""
    if name is None:
        return Match()
    fits = []
    for arn, _, called in candidates:
        found = _SSO.match(called)
        if found and found[1].lower() == name.lower():
            fits.append(arn)
    return _match(fits, "by name")


def _match(arns: list[str], how: How) -> Match:
    return Match(tuple(sorted(arns)), how) if arns else Match()
