"""The ties between condition keys as statements that apply to no request."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Union

from iamlint.iam.containment.compiling import atoms_of
from iamlint.iam.containment.rules import Atom, Rule
from iamlint.iam.glob import Wild


class Never:
    """Conditions that never hold together, in the shape of a rule's."""

    __slots__ = ("atoms", "limits")

    def __init__(self, atoms: tuple[Atom, ...]) -> None:
        self.atoms = atoms
        self.limits = frozenset(atom.text for atom in atoms)


Limit = Union[Rule, Never]
"""What must not apply: one of its conditions must fail."""


def tied(
    atoms: Iterable[Atom], account: str | None, *, signed: bool
) -> tuple[tuple[Never, ...], tuple[Never, ...]]:
    """The ties between the keys of some conditions: those that are certain, and the others.

    `account` is that of the resource's ARN; `signed` requests are those of users and roles.
    """
    near = [atom for atom in atoms if atom.key.startswith(_PREFIXES)]
    if not near:
        return (), ()
    from iamlint.iam.ties import is_tied

    mine = [atom for atom in near if is_tied(atom.key)]
    if not mine:
        return (), ()
    keys = frozenset(atom.key for atom in mine)
    return _nevers(
        keys, frozenset(_values(mine)), account if RESOURCE_ACCOUNT in keys else None, signed
    )


_PREFIXES = ("aws:", "kms:")
RESOURCE_ACCOUNT = "aws:resourceaccount"
_SERVICE = "aws:principalisawsservice"


@lru_cache(maxsize=1024)
def _nevers(
    keys: frozenset[str], values: frozenset[str], account: str | None, signed: bool
) -> tuple[tuple[Never, ...], tuple[Never, ...]]:
    from iamlint.iam.ties import of_users_and_roles, owned_by, ties

    found = list(ties(keys, values))
    if account is not None:
        found.append(owned_by(account))
    if signed and (_SERVICE in keys or any(_SERVICE in tie.keys for tie in found)):
        found += of_users_and_roles()
    return (
        tuple(Never(atoms_of(tie.never)) for tie in found if tie.certain),
        tuple(Never(atoms_of(tie.never)) for tie in found if not tie.certain),
    )


def _values(atoms: Iterable[Atom]) -> Iterable[str]:
    """What the conditions compare with, policy variables and holes left out."""
    for atom in atoms:
        for tokens in atom.patterns:
            yield "".join(
                token if isinstance(token, str) else "*" if isinstance(token, Wild) else "\0"
                for token in tokens
            )
