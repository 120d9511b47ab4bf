"""Candidates spelled out as requests: which account, name or ARN a fresh part stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from iamlint.iam import arn, catalog
from iamlint.iam.condition import Context, ContextValue
from iamlint.iam.containment.branch import Candidate
from iamlint.iam.containment.rules import PRIVATE
from iamlint.iam.containment.search import OTHER, PREFERRED, Word, spelled
from iamlint.iam.decide import Request
from iamlint.iam.glob import Automaton, Letter, fold, has_letters
from iamlint.iam.principal import caller, is_account

ACCOUNTS = ("111122223333", "444455556666", "777788889999")
"""What a fresh account is tried as; policies may name some of them."""

_OF_ACCOUNTS = (
    "aws:resourceaccount",
    "aws:principalaccount",
    "aws:sourceaccount",
    "aws:principalarn",
    "aws:sourcearn",
)
OUTSIDER = "arn:aws:iam::999999999999:user/outsider"
OUTSIDER_ROLE = "arn:aws:iam::999999999999:role/outsider"
"""Principals that no policy names."""
_NO_GLOBS = Automaton(())


def requests(
    candidate: Candidate, principal: str | None, values: Mapping[Letter, str]
) -> Iterator[Request]:
    """The candidate with the most lifelike choice of fresh parts first.

    None of them contradicts itself.  There are none if a hole has no value in `values`.
    """
    if candidate.unlikely:
        return
    # A variable of a pattern that must not match has no value unless it is given one.
    free = frozenset(_variables(candidate))
    for given in (frozenset[Letter](), free) if free else (free,):
        for account in ACCOUNTS:
            yield from _requests_of(candidate, principal, account, values, given)
            if not any(key in _OF_ACCOUNTS for key in candidate.context):
                break


def _variables(candidate: Candidate) -> Iterator[Letter]:
    """The policy variables of all statements that are looked at whose keys nothing is asked of."""
    for rule in (*candidate.positives, *candidate.negatives):
        for tokens in (*rule.resources, *(t for atom in rule.atoms for t in atom.patterns)):
            for token in tokens if has_letters(tokens) else ():
                if not isinstance(token, Letter) or token.kind != "variable":
                    continue
                if token.name.partition(",")[0] not in candidate.context:
                    yield token


def _requests_of(
    candidate: Candidate,
    principal: str | None,
    account: str,
    values: Mapping[Letter, str],
    given: frozenset[Letter],
) -> Iterator[Request]:
    """The candidate's requests in which accounts that are fresh are this one.

    The variables of `given` have a fresh value besides those that the candidate holds.
    """
    words: list[Word] = [candidate.action.word, candidate.resource.word]
    for held in candidate.context.values():
        words += held or ()
    names = {symbol for word in words for symbol in word if isinstance(symbol, Letter)}
    names -= values.keys()
    names |= given
    if any(letter.kind != "variable" for letter in names):
        return
    context: dict[str, ContextValue] = {}
    letters = dict(values)
    own = caller(principal).account if principal is not None else None
    for key in ("aws:principalaccount", "aws:resourceaccount"):
        context[key] = own or account
    _bind(names, candidate, letters, context)
    for key in ("aws:principalaccount", "aws:resourceaccount"):
        if key not in {letter.name for letter in names}:
            del context[key]
    for key, found in candidate.context.items():
        if found is None:
            context.setdefault(key, None)
        else:
            mine = _told(candidate, key) or account
            fresh = _fresh(key, candidate)
            texts = tuple(_text(key, word, letters, mine, fresh) for word in found)
            context[key] = texts[0] if len(texts) == 1 else texts
    action = _canonical(spelled(candidate.action.word, candidate.action.machine, letters))
    resource = spelled(candidate.resource.word, candidate.resource.machine, letters)
    owner = context.get("aws:resourceaccount")
    owner = owner if isinstance(owner, str) and is_account(owner) else account
    for where in _lifelike(resource, action, owner):
        request = _request(where, action, _as_written(context, candidate), principal, account)
        if not _contradicts_itself(request):
            yield request


_SAME = (
    ("aws:principalaccount", "aws:principalarn"),
    ("aws:sourceaccount", "aws:sourcearn"),
)
"""Keys that tell the same account."""


def _told(candidate: Candidate, key: str) -> str | None:
    """The account that the other key of a pair tells, if it is known."""
    for pair in _SAME:
        for other in pair if key in pair else ():
            for word in candidate.context.get(other) or ():
                text = "".join(symbol if isinstance(symbol, str) else "\0" for symbol in word)
                account = text if other == pair[0] else (text.split(":", 5) + [""] * 5)[4]
                if is_account(account):
                    return account
    return None


def _fresh(key: str, candidate: Candidate) -> str:
    """A character that no condition on a key names, or the last resort."""
    named = {
        fold(token)
        for rule in (*candidate.positives, *candidate.negatives)
        for atom in rule.atoms
        if atom.key == key
        for tokens in atom.patterns
        for token in tokens
        if isinstance(token, str)
    }
    return next((each for each in PREFERRED if fold(each) not in named), OTHER)


def _text(key: str, word: Word, letters: Mapping[Letter, str], account: str, fresh: str) -> str:
    """A value of a key; the fresh parts of an ARN are the usual ones, a fresh account the given."""
    if key in _OF_ACCOUNTS and word == (None,):
        return account
    parts: list[Word] = [()]
    for symbol in word:
        if symbol == ":" and len(parts) < 6:
            parts.append(())
        else:
            parts[-1] = (*parts[-1], symbol)
    if len(parts) == 6 and parts[0] == tuple("arn"):
        usual = (None, "aws", None, "us-east-1", account, None)
        for index, (part, better) in enumerate(zip(parts, usual, strict=True)):
            empty = not part and not (index == 4 and key == "aws:principalarn")
            if better is not None and not empty and all(symbol is None for symbol in part):
                parts[index] = tuple(better)
        word = tuple(symbol for part in parts for symbol in (":", *part))[1:]
    return "".join(
        fresh
        if symbol is None
        else letters.get(symbol, "")
        if isinstance(symbol, Letter)
        else symbol
        for symbol in word
    )


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


def _lifelike(resource: str, action: str, account: str) -> Iterator[str]:
    """The ARN with usual values where it has single fresh characters, then as it is."""
    parts = resource.split(":", 5)
    if len(parts) == 6:
        usual = ("arn", "aws", action.partition(":")[0], "us-east-1", account)
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
    resource: str,
    action: str,
    context: dict[str, ContextValue],
    principal: str | None,
    account: str,
) -> Request:
    known = {fold(key): value for key, value in context.items()}
    said, parts = known.get("aws:principalaccount"), resource.split(":", 5)
    owner = parts[4] if len(parts) == 6 and is_account(parts[4]) else account
    if isinstance(said, str) and is_account(said):
        home = said
    elif account == ACCOUNTS[0]:
        home = owner
    else:
        home = next(each for each in ACCOUNTS if each != owner)  # as a guest, then
    name, own = known.get("aws:username"), known.get("aws:principalarn")
    if principal is None or principal.endswith(("/outsider", "/nameless")):
        if isinstance(own, str) and caller(own).kind in ("user", "role", "federated-user"):
            principal = own
        elif principal is None:
            who = f"user/{name}" if isinstance(name, str) else "role/example"
            principal = f"arn:aws:iam::{home}:{who}"
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
    """True if the context holds together what no request's does.

    It may say another ARN, account or name of the principal than he has, another account of the
    resource than its ARN, or break a tie between keys.
    """
    context, who = Context(request.context), caller(request.principal)
    owner, parts = context.get("aws:ResourceAccount"), request.resource.split(":", 5)
    named = parts[4] if len(parts) == 6 and is_account(parts[4]) else None
    if isinstance(owner, tuple) and named is not None and owner != (named,):
        return True
    is_service = context.get("aws:PrincipalIsAWSService")
    if isinstance(is_service, tuple) and (who.kind == "service") != (is_service == ("true",)):
        return True
    if request.context:
        from iamlint.iam.contradiction import contradiction

        if contradiction(request.context):
            return True
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
