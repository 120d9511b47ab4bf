"""A request context in which some conditions all hold and none of some statements does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Union

import msgspec

from iamlint.iam.containment.rules import Atom, Rule
from iamlint.iam.containment.search import Budget, Word
from iamlint.iam.containment.tied import Limit, tied
from iamlint.iam.containment.values import Found, Wanted, find_value

Values = Union[tuple[Word, ...], None]
"""What a key holds: its values, or None where it is absent."""

ALWAYS_PRESENT = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:useragent",
        "aws:userid",
    }
)
"""Keys that every signed request has.  Source: IAM User Guide, reference_policies_condition-keys."""

Requirement = tuple[Atom, bool]


class Fitting(msgspec.Struct, frozen=True):
    """A context by key; `unlikely` if it breaks ties to which AWS may make exceptions."""

    values: dict[str, Values]
    unlikely: bool = False


class Contexts:
    """Finds contexts; remembers what it found out about single keys."""

    def __init__(self, budget: Budget, *, signed: bool = True) -> None:
        self.budget = budget
        self.signed = signed
        self._known: dict[frozenset[tuple[object, bool]], tuple[bool, Values]] = {}
        self.unsure = False

    def find(
        self, required: Sequence[Atom], refused: Sequence[Rule], account: str | None = None
    ) -> Fitting | None:
        """A context for all of `required` in which each of `refused` has a condition that fails.

        Keys are tied to one another, and to the account that the resource's ARN names: a context
        breaks none of the ties that are certain, and of the others only if each does.  None if
        there is none; `unsure` is then set if that was not decided for some key.
        """
        atoms = (*required, *(atom for rule in refused for atom in rule.atoms))
        certain, likely = tied(atoms, account, signed=self.signed)
        if likely:
            found = self._find(required, [*refused, *certain, *likely])
            if found is not None:
                return Fitting(found)
        found = self._find(required, [*refused, *certain])
        return None if found is None else Fitting(found, unlikely=bool(likely))

    def _find(self, required: Sequence[Atom], refused: Sequence[Limit]) -> dict[str, Values] | None:
        by_key: dict[str, list[Requirement]] = {}
        for atom in required:
            by_key.setdefault(atom.key, []).append((atom, True))
        for key, requirements in by_key.items():
            if self._key(key, requirements) is None:
                return None
        rules = list({rule.limits: rule for rule in refused}.values())
        if any(not rule.atoms for rule in rules):
            return None
        # A rule whose conditions contain another's fails wherever that one does.
        rules = [rule for rule in rules if not any(other.limits < rule.limits for other in rules)]
        rules.sort(key=lambda rule: len(rule.atoms))
        return self._falsify(rules, 0, by_key)

    def _falsify(
        self, rules: Sequence[Limit], at: int, by_key: dict[str, list[Requirement]]
    ) -> dict[str, Values] | None:
        if at == len(rules):
            found: dict[str, Values] = {}
            for key, requirements in by_key.items():
                held = self._key(key, requirements)
                if held is None:
                    return None
                found[key] = held[1]
            return found
        self.budget.spend()
        rule = rules[at]
        for atom in rule.atoms:
            before = by_key.get(atom.key, [])
            if (atom, False) in before:
                return self._falsify(rules, at + 1, by_key)
        for atom in rule.atoms:
            more = [*by_key.get(atom.key, []), (atom, False)]
            if self._key(atom.key, more) is not None:
                found_with = self._falsify(rules, at + 1, {**by_key, atom.key: more})
                if found_with is not None:
                    return found_with
        return None

    def _key(
        self, key: str, requirements: Sequence[Requirement]
    ) -> tuple[Literal[True], Values] | None:
        """What a key may hold under the requirements; None if nothing."""
        name = frozenset((atom.text, sign) for atom, sign in requirements)
        if name not in self._known:
            self._known[name] = self._search(key, requirements)
        possible, held = self._known[name]
        return (True, held) if possible else None

    def _search(self, key: str, requirements: Sequence[Requirement]) -> tuple[bool, Values]:
        present = [(atom, sign) for atom, sign in requirements if atom.kind.family != "null"]
        null = [(atom, sign) for atom, sign in requirements if atom.kind.family == "null"]
        if all(_null_holds(atom, absent=False) == sign for atom, sign in null):
            values = self._present(present)
            if values == "maybe":
                self.unsure = True
            elif values is not None:
                return True, values
        may_lack = not (self.signed and key in ALWAYS_PRESENT)
        if may_lack and all(holds_if_absent(atom) == sign for atom, sign in requirements):
            return True, None
        return False, None

    def _present(
        self, requirements: Sequence[Requirement]
    ) -> Union[tuple[Word, ...], Literal["maybe"], None]:
        """Values for a key that is there: one, or several where set operators ask for them."""
        plain: list[Wanted] = []
        every: list[Wanted] = []
        some: list[Wanted] = []
        for atom, sign in requirements:
            kind = atom.kind
            wanted = (atom, sign != kind.negated)
            if kind.quantifier is None:
                plain.append(wanted)
            elif (kind.quantifier == "all") == sign:
                every.append(wanted)
            else:
                some.append(wanted)
        if plain:
            return _one(find_value([*plain, *every, *some], self.budget))
        if not some:
            return _one(find_value(every, self.budget))
        found: list[Word] = []
        for wanted in some:
            value = find_value([*every, wanted], self.budget)
            if value is None or value == "maybe":
                return value
            if value not in found:
                found.append(value)
        return tuple(found)


def _one(found: Found) -> Union[tuple[Word, ...], Literal["maybe"], None]:
    return found if found is None or found == "maybe" else (found,)


def holds_if_absent(atom: Atom) -> bool:
    """Whether a condition holds where its key is absent."""
    kind = atom.kind
    if kind.family == "null":
        return _null_holds(atom, absent=True)
    if kind.quantifier == "any":
        return False
    return kind.negated or kind.if_exists or kind.quantifier == "all"


def _null_holds(atom: Atom, *, absent: bool) -> bool:
    return ("true" if absent else "false") in {point.lower() for point in atom.points}
