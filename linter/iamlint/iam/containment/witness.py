"""Candidates spelled out as requests, and replayed through `decide` before they are believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from iamlint.iam import arn, catalog
from iamlint.iam.condition import Context, ContextValue
from iamlint.iam.containment.branch import Candidate
from iamlint.iam.containment.rules import PRIVATE
from iamlint.iam.containment.search import Word, spelled
from iamlint.iam.decide import Decision, PolicySet, Request, decide
from iamlint.iam.decode import from_json
from iamlint.iam.glob import Automaton, Letter, fold
from iamlint.iam.matching import Reading
from iamlint.iam.policy import Policy
from iamlint.iam.principal import caller, is_account

_ACCOUNT, _OTHER_ACCOUNT = "111122223333", "444455556666"
_ACCOUNT_KEYS = ("aws:resourceaccount", "aws:principalaccount", "aws:sourceaccount")
OUTSIDER = "arn:aws:iam::999999999999:user/outsider"
OUTSIDER_ROLE = "arn:aws:iam::999999999999:role/outsider"
"""Principals that no policy names."""
_NO_GLOBS = Automaton(())


class Sides(msgspec.Struct, frozen=True):
    """The policies of both sides as `decide` takes them."""

    new: PolicySet
    old: PolicySet


class Replay(msgspec.Struct, frozen=True):
    """A request with what both sides say of it."""

    request: Request
    new: Decision
    old: Decision

    @property
    def shows_difference(self) -> bool:
        return self.new.allowed is True and self.old.allowed is False


def sides_of(
    new: Sequence[Policy],
    old: Sequence[Policy],
    new_limits: Sequence[Sequence[Policy]] = (),
    old_limits: Sequence[Sequence[Policy]] = (),
) -> Sides:
    """The policies as layers of `decide`, according to whether they name principals."""
    if not any(s.has_principal for policy in (*new, *old) for s in policy.statements):
        return Sides(
            PolicySet(identity=new, scp=new_limits), PolicySet(identity=old, scp=old_limits)
        )
    everything = [_everything()]
    return Sides(
        PolicySet(identity=everything, trust=new, scp=new_limits),
        PolicySet(identity=everything, trust=old, scp=old_limits),
    )


def judge(request: Request, sides: Sides, reading: Reading = "whole") -> Replay:
    """What both sides say of a request.

    Identity policies are compared for what they say themselves: if the resource turns out to be
    another account's, that account delegates to the principal's.  Likewise resource-based ones:
    the principal's identity policies allow everything.
    """
    new, old = sides.new, sides.old
    if new.trust is None:
        resource = (_delegation(caller(request.principal).account or _ACCOUNT),)
        new = msgspec.structs.replace(new, resource=resource)
        old = msgspec.structs.replace(old, resource=resource)
    return Replay(
        request, decide(request, new, reading=reading), decide(request, old, reading=reading)
    )


def replay(
    candidate: Candidate,
    sides: Sides,
    reading: Reading,
    principal: str | None = None,
    values: Mapping[Letter, str] | None = None,
) -> Replay | None:
    """The candidate as a request that shows a difference, or the first that was tried.

    None if it holds a hole for which `values` gives no value to try, or contradicts itself.
    """
    tried: Replay | None = None
    for request in requests(candidate, principal, values or {}):
        found = judge(request, sides, reading)
        if found.shows_difference:
            return found
        tried = tried or found
    return tried


@lru_cache(maxsize=1)
def _everything() -> Policy:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": statement}
    return from_json(document, "identity policies that allow everything")


@lru_cache(maxsize=256)
def _delegation(account: str) -> Policy:
    """A resource's policy that leaves everything to the identity policies of an account."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": account},
        "Action": "*",
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Statement": statement}
    return from_json(document, "the resource's policy", "resource")


def requests(
    candidate: Candidate, principal: str | None, values: Mapping[Letter, str]
) -> Iterator[Request]:
    """The candidate with the most lifelike choice of fresh parts first."""
    for account in (_ACCOUNT, _OTHER_ACCOUNT):
        yield from _requests_of(candidate, principal, account, values)
        if not any(key in _ACCOUNT_KEYS for key in candidate.context):
            break


def _requests_of(
    candidate: Candidate, principal: str | None, account: str, values: Mapping[Letter, str]
) -> Iterator[Request]:
    """The candidate's requests in which accounts that are fresh are this one."""
    words: list[Word] = [candidate.action.word, candidate.resource.word]
    for held in candidate.context.values():
        words += held or ()
    names = {symbol for word in words for symbol in word if isinstance(symbol, Letter)}
    names -= values.keys()
    if any(letter.kind != "variable" for letter in names):
        return
    context: dict[str, ContextValue] = {}
    letters = dict(values)
    own = caller(principal).account if principal is not None else None
    for key in ("aws:principalaccount", "aws:resourceaccount"):
        context[key] = own or _ACCOUNT
    _bind(names, candidate, letters, context)
    for key in ("aws:principalaccount", "aws:resourceaccount"):
        if key not in {letter.name for letter in names}:
            del context[key]
    for key, found in candidate.context.items():
        if found is None:
            context.setdefault(key, None)
        elif key in _ACCOUNT_KEYS and found == ((None,),):
            context[key] = account
        else:
            texts = tuple(spelled(word, _NO_GLOBS, letters) for word in found)
            context[key] = texts[0] if len(texts) == 1 else texts
    action = _canonical(spelled(candidate.action.word, candidate.action.machine, letters))
    resource = spelled(candidate.resource.word, candidate.resource.machine, letters)
    for where in _lifelike(resource, action):
        request = _request(where, action, _as_written(context, candidate), principal)
        if not _contradicts_itself(request):
            yield request


def _canonical(action: str) -> str:
    """The action as AWS spells it, if the catalogue knows it."""
    known = catalog.action(action)
    return action if known is None else known.name


def _bind(
    names: set[Letter],
    candidate: Candidate,
    letters: dict[Letter, str],
    context: dict[str, ContextValue],
) -> None:
    """Give each policy variable the value of its key, or a fresh one."""
    for number, letter in enumerate(sorted(names, key=str)):
        key, comma, default = letter.name.partition(",")
        values = candidate.context.get(key)
        if (
            values is not None
            and len(values) == 1
            and not any(isinstance(symbol, Letter) for symbol in values[0])
        ):
            letters[letter] = spelled(values[0], _NO_GLOBS, {})
        elif key in candidate.context and values is None and comma:
            letters[letter] = default.strip().strip("'")
        else:
            held = context.get(key)
            letters[letter] = held if isinstance(held, str) else f"value-{number}xq"
            context[key] = letters[letter]


def _lifelike(resource: str, action: str) -> Iterator[str]:
    """The ARN with usual values where it has single fresh characters, then as it is."""
    parts = resource.split(":", 5)
    if len(parts) == 6:
        usual = ("arn", "aws", action.partition(":")[0], "us-east-1", _ACCOUNT)
        changed = [
            better if part in _FRESH and part else part
            for part, better in zip(parts, usual, strict=False)
        ]
        if parts[5] in _FRESH:
            parts[5] = "example"
        better = ":".join([*changed, parts[5]])
        if not _has_form(action, better):
            # Nothing says that this kind of resource has no region, account or name.
            filled = [part or example for part, example in zip(changed, usual, strict=True)]
            name = parts[5] + ("" if parts[5][-1:].isalnum() else "example")
            yield ":".join([*filled, name])
        if better != resource:
            yield better
    yield resource


def _has_form(action: str, resource: str) -> bool:
    """True if it is a resource of the action, or of some other of its service."""
    acted, owner = catalog.action(action), catalog.service(resource.split(":", 3)[2])
    kinds = (*(acted.resource_types if acted else ()), *(owner.resource_types if owner else ()))
    return any(
        arn.match(template, resource) is not None for kind in kinds for template in kind.arns
    )


_FRESH = frozenset("xyzwvqkjab")


def _request(
    resource: str, action: str, context: dict[str, ContextValue], principal: str | None
) -> Request:
    parts = resource.split(":", 5)
    account = parts[4] if len(parts) == 6 and is_account(parts[4]) else _ACCOUNT
    known = {fold(key): value for key, value in context.items()}
    name, own = known.get("aws:username"), known.get("aws:principalarn")
    if principal is None or principal.endswith(("/outsider", "/nameless")):
        if isinstance(own, str) and caller(own).kind in ("user", "role"):
            principal = own
        elif principal is None:
            who = f"user/{name}" if isinstance(name, str) else "role/example"
            principal = f"arn:aws:iam::{account}:{who}"
        elif ":user/" in principal and isinstance(name, str):
            principal = principal.rpartition("/")[0] + f"/{name}"
    return Request(
        principal=principal,
        action=action,
        resource=resource,
        context=context,
        complete_context=True,
    )


def _as_written(context: dict[str, ContextValue], candidate: Candidate) -> dict[str, ContextValue]:
    """The context with its keys spelled as the policies spell them.

    Keys that no condition names and no variable needs only said who the principal is.
    """
    rules = (*candidate.positives, *candidate.negatives)
    names = {
        fold(str(condition.key)): str(condition.key)
        for rule in rules
        for condition in rule.statement.conditions
    }
    return {
        names.get(key, key): value
        for key, value in context.items()
        if (key in names or key not in candidate.context) and not key.startswith(PRIVATE)
    }


def _contradicts_itself(request: Request) -> bool:
    """True if the context says another ARN, account or name of the principal than he has."""
    context, who = Context(request.context), caller(request.principal)
    account, own = context.get("aws:PrincipalAccount"), context.get("aws:PrincipalArn")
    if isinstance(account, tuple) and who.account is not None and account != (who.account,):
        return True
    name = context.get("aws:username")
    if who.kind == "user" and (name is None or isinstance(name, tuple)):
        return name != (who.value.rpartition("/")[2],)
    if who.kind in ("role", "session", "root") and isinstance(name, tuple):
        return True
    if isinstance(own, tuple) and who.kind in ("user", "role", "root"):
        return own != (who.value,) and caller(own[0]).kind in ("user", "role", "root")
    return False
