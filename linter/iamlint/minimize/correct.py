"""Corrections: the same policy with another version or other conditions, and what that changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from iamlint.finding import Proof, Replacement
from iamlint.iam.compare import Answer, within
from iamlint.iam.decode import read_json
from iamlint.iam.encode import to_json
from iamlint.iam.policy import Element, Policy, Principal, Statement
from iamlint.minimize.quota import minified_size, of_kind
from iamlint.sources.site import PolicySite
from iamlint.tree import Text


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written otherwise.

    `statements` maps the index of a statement to those that take its place.  `version` is the
    version to write, None to leave it.  `same`: nothing may be granted less either; else less is
    what is meant.  `doubts` are what a human must judge,
    `beside` the sites that the same text serves besides.
    """

    statements: Mapping[int, Sequence[Statement]] = {}
    version: str | None = None
    same: bool = False
    more: bool = False
    doubts: Sequence[str] = ()
    beside: Sequence[PolicySite] = ()


def corrected(site: PolicySite, correction: Correction) -> Replacement | None:
    """The site's policy with a correction; None where it is not wholly known.

    Its `edit` is empty, as that of every replacement before `iamlint.fix`.
    """
    old = site.policy
    if old is None or old.open is not None or site.kind == "managed-attachment":
        return None
    if any(not old.statements[index].complete for index in correction.statements):
        return None
    statements: list[Statement] = []
    origins: list[int] = []
    for index, statement in enumerate(old.statements):
        new = correction.statements.get(index, (statement,))
        statements += new
        origins += [index] * len(new)
    version = correction.version or old.version
    policy = msgspec.structs.replace(old, version=version, statements=tuple(statements))
    document = to_json(policy)
    doubts = list(correction.doubts)
    proof = _proof(site, old, policy, correction, doubts)
    return Replacement(
        policy=document,
        kept=(),
        dropped=(),
        proof=proof,
        why_not_safe="; ".join(doubts),
        origins=tuple(origins),
        purpose="meant" if correction.more else "correction",
        beside=tuple(each.key for each in correction.beside),
    )


def _proof(
    site: PolicySite, old: Policy, new: Policy, correction: Correction, doubts: list[str]
) -> Proof:
    """What is granted before and after, and whether the document fits; adds what is in doubt."""
    document = to_json(new)
    size, quota = minified_size(document), of_kind(site)
    notes: list[str] = []
    # A statement that stays takes its unknown parts from the very text of the old one.
    before = within([new], [old], same_source=True)
    if before.contained is None and _each_is_less(correction, old):
        before = Answer(contained=True)
    if before.contained is True:
        notes.append("everything that it grants was granted before")
    else:
        notes.append(_difference(before, "it would grant what was not granted before"))
        doubts.append(notes[-1])
    if correction.same:
        after = within([old], [new], same_source=True)
        if after.contained is True:
            notes.append("everything that was granted still is")
        else:
            notes.append(_difference(after, "it would not grant all that was granted before"))
            doubts.append(notes[-1])
    fits = quota is None or size <= quota
    if not fits:
        notes.append(f"it has {size:,} characters, more than the {quota:,} that its kind may have")
        doubts.append(notes[-1])
    decoded, problems = read_json(document, "correction", site.kind)
    return Proof(
        contained=before.contained,
        sufficient=None,
        well_formed=fits and decoded is not None and not problems,
        size=size,
        quota=size if quota is None else quota,
        notes=tuple(notes),
    )


def _each_is_less(correction: Correction, old: Policy) -> bool:
    """True if each statement that changes allows less, or denies more, whoever its principals are.

    For principals that are not wholly known: those of a new statement are among those of the one
    whose place it takes, so it is enough that it holds for everyone.
    """
    if correction.version is not None:
        return False
    for index, new in correction.statements.items():
        statement = old.statements[index]
        least, most = [statement], list(new)
        if statement.effect == "Deny":
            if any(each.principals != statement.principals for each in new):
                return False
            least, most = most, least
        if any(
            each.effect != statement.effect
            or each.not_principal
            or not set(_principals(each)) <= set(_principals(statement))
            for each in (*new, statement)
        ):
            return False
        wide = [_of_everyone(old, each) for each in (most, least)]
        if within([wide[0]], [wide[1]], same_source=True).contained is not True:
            return False
    return True


def _principals(statement: Statement) -> list[tuple[str, str]]:
    return [(each.kind, str(each.element)) for each in statement.principals]


def _of_everyone(policy: Policy, statements: Sequence[Statement]) -> Policy:
    """Statements as those of an Allow for anyone at all."""
    place = policy.place
    anyone = (Principal(kind="AWS", element=Element(Text.of("*"), place)),)
    return msgspec.structs.replace(
        policy,
        statements=tuple(
            msgspec.structs.replace(each, effect="Allow", principals=anyone) for each in statements
        ),
    )


def _difference(answer: Answer, what: str) -> str:
    if answer.contained is None:
        return f"whether {what} is open: {answer.reason}"
    if answer.witness is None:
        return what
    return f"{what}: `{answer.witness.action}` on `{answer.witness.resource}`"
