"""Policies as formulas over the strings, numbers and flags of one request.

Written from the grammar, with regular expressions for patterns; it shares no code with the engine.
Policy variables may stand where no wildcard is before them; a key may hold as many values as
there are set operators on it, of which each needs one at most.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import cvc5.pythonic as smt

Json = dict[str, Any]
Context = dict[str, Sequence[str]]

NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotlike": "arnlike",
    "arnnotequals": "arnequals",
    "notipaddress": "ipaddress",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}
_IPV6 = 1 << 40
"""Added to IPv6 addresses, so that both versions are one line of numbers."""


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def any_of(terms: Sequence[Any]) -> Any:
    return terms[0] if len(terms) == 1 else smt.Or(*terms, smt.BoolVal(False))


def all_of(terms: Sequence[Any]) -> Any:
    return terms[0] if len(terms) == 1 else smt.And(*terms, smt.BoolVal(True))


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def text(value: str) -> Any:
    return smt.Re(smt.StringVal(value))


def not_colon() -> Any:
    return smt.Union(smt.Range(" ", "9"), smt.Range(";", "~"))


def regex(pieces: Sequence[str], *, segments: bool = False, fold: bool = False) -> Any:
    """A regular expression; the pieces are single characters, or `**` and `??` for wildcards."""
    parts: list[Any] = []
    literal, colons = "", 0
    for piece in pieces:
        colons += piece == ":"
        one = not_colon() if segments and colons < 5 else smt.AllChar()
        letter = fold and piece.isalpha()
        if piece not in ("**", "??") and not letter:
            literal += piece
            continue
        if literal:
            parts.append(text(literal))
            literal = ""
        if letter:
            parts.append(smt.Union(text(piece.lower()), text(piece.upper())))
        else:
            parts.append(smt.Star(one) if piece == "**" else one)
    if literal or not parts:
        parts.append(text(literal))
    return parts[0] if len(parts) == 1 else smt.Concat(*parts)


class Encoding:
    """One question: what is not known of a request, and what two policies say of it."""

    def __init__(self, new: Json, old: Json) -> None:
        self.new, self.old = new, old
        self.action, self.resource = smt.String("action"), smt.String("resource")
        self.slots: dict[str, list[Any]] = {}
        self.flags: dict[str, list[Any]] = {}
        self.domain: list[Any] = []
        self._request()

    def question(self) -> list[Any]:
        """A request that the new policy allows and the old one does not."""
        found = [self._allows(self.new), smt.Not(self._allows(self.old))]
        return [*found, *self.domain]

    def is_request(self, action: str, resource: str, context: Context) -> list[Any]:
        """It is this very request; keys that it does not give are absent."""
        terms = [
            self.action == smt.StringVal(action.lower()),
            self.resource == smt.StringVal(resource),
        ]
        for key, slots in self.slots.items():
            held = context.get(key, ())
            for at, (slot, flag) in enumerate(zip(slots, self.flags[key], strict=True)):
                terms.append(flag if at < len(held) else smt.Not(flag))
                if at < len(held):
                    terms.append(self._equals(slot, held[at]))
            if len(held) > len(slots):
                terms.append(smt.BoolVal(False))
        return terms

    def _request(self) -> None:
        """An action in lower case, for its case does not matter; an ARN, or `*`."""
        small = smt.Union(smt.Range(" ", "9"), smt.Range(";", "@"), smt.Range("[", "~"))
        word = smt.Plus(small)
        filled, segment = smt.Plus(not_colon()), smt.Star(not_colon())
        colon = text(":")
        arn = smt.Concat(
            text("arn:"), filled, colon, filled, colon, segment, colon, segment, colon,
            smt.Plus(smt.AllChar()),
        )  # fmt: skip
        self.domain += [
            smt.InRe(self.action, smt.Concat(word, colon, word)),
            smt.Or(self.resource == smt.StringVal("*"), smt.InRe(self.resource, arn)),
        ]

    def _key(self, name: str, base: str = "string") -> tuple[list[Any], list[Any]]:
        """The values that a key may hold, and whether each is there."""
        name = name.lower()
        if name not in self.slots:
            make = {"bool": smt.Bool, "ipaddress": smt.Int}.get(base)
            if make is None:
                make = smt.Real if base.startswith(("numeric", "date")) else smt.String
            asked = str((self.new, self.old)).lower().count(f"'{name}'")
            count = max(1, asked) if name in ("aws:tagkeys", "s3:tags") else 1
            slots = [make(f"{name} {at}") for at in range(count)]
            flags = [smt.Bool(f"has {name} {at}") for at in range(count)]
            self.slots[name], self.flags[name] = slots, flags
            self.domain += [smt.Implies(flags[at + 1], flags[at]) for at in range(count - 1)]
            if base == "ipaddress":
                inside = [smt.And(v >= 0, v < 1 << 32) for v in slots]
                beyond = [smt.And(v >= _IPV6, v < _IPV6 + (1 << 128)) for v in slots]
                self.domain += [smt.Or(a, b) for a, b in zip(inside, beyond, strict=True)]
        return self.slots[name], self.flags[name]

    def _equals(self, slot: Any, held: str) -> Any:
        if held == "x" and not isinstance(slot, smt.StringRef):
            return smt.BoolVal(True)  # any value, for nothing but its being there was asked
        if isinstance(slot, smt.BoolRef):
            return slot if held == "true" else smt.Not(slot)
        if isinstance(slot, smt.StringRef):
            return slot == smt.StringVal(held)
        if slot.is_int():
            address = ipaddress.ip_address(held)
            return slot == int(address) + (0 if address.version == 4 else _IPV6)
        return slot == smt.RealVal(str(number(held)))

    def _matches(self, subject: Any, pattern: str, variables: bool, **how: bool) -> Any:
        """A string is one of those that a pattern with policy variables describes."""
        wild = how.pop("wild", True)
        pieces: list[str] = []
        at = 0
        while at < len(pattern):
            variable = re.compile(r"\$\{([^}]*)\}").match(pattern, at) if variables else None
            if variable is None:
                character = pattern[at]
                at += 1
                pieces.append(character * 2 if wild and character in "*?" else character)
            elif variable.group(1) in ("*", "?", "$"):
                pieces.append(variable.group(1))
                at = variable.end()
            else:
                assert "**" not in pieces
                assert "??" not in pieces
                rest = pattern[variable.end() :]
                return self._after_variable(subject, "".join(pieces), variable.group(1), rest, wild)
        return smt.InRe(subject, regex(pieces, **how))

    def _after_variable(
        self, subject: Any, before: str, variable: str, rest: str, wild: bool
    ) -> Any:
        name, comma, default = variable.partition(",")
        (slot,), (flag,) = self._key(name.strip())
        whole = [
            smt.And(flag, self._stands(subject, before, slot, rest, wild)),
        ]
        if comma:
            value = smt.StringVal(default.strip().strip("'"))
            whole.append(smt.And(smt.Not(flag), self._stands(subject, before, value, rest, wild)))
        return any_of(whole)

    def _stands(self, subject: Any, before: str, value: Any, rest: str, wild: bool) -> Any:
        head = smt.Concat(smt.StringVal(before), value) if before else value
        if not rest:
            return subject == head
        length = smt.Length(head)
        tail = smt.SubString(subject, length, smt.Length(subject) - length)
        return smt.And(smt.PrefixOf(head, subject), self._matches(tail, rest, False, wild=wild))

    def _atom(self, operator: str, name: str, values: list[Any], variables: bool) -> Any:
        texts = [str(v).lower() if isinstance(v, bool) else str(v) for v in values]
        quantifier, _, base = operator.lower().rpartition(":")
        if base == "null":
            return any_of([self._null(name, each == "true") for each in texts])
        if_exists = base.endswith("ifexists")
        base = base.removesuffix("ifexists")
        negated = base in NEGATED
        base = NEGATED.get(base, base)
        slots, flags = self._key(name, base)
        each = []
        for slot in slots:
            hit = any_of([self._hits(base, slot, value, variables) for value in texts])
            each.append(smt.Not(hit) if negated else hit)
        pairs = list(zip(flags, each, strict=True))
        if quantifier == "forallvalues":
            return all_of([smt.Implies(flag, holds) for flag, holds in pairs])
        if quantifier == "foranyvalue":
            return any_of([smt.And(flag, holds) for flag, holds in pairs])
        flag, holds = pairs[0]
        return smt.Or(smt.Not(flag), holds) if negated or if_exists else smt.And(flag, holds)

    def _null(self, name: str, absent: bool) -> Any:
        families = {"s3:max-keys": "numeric", "aws:tokenissuetime": "date"}
        families |= {"aws:multifactorauthpresent": "bool", "aws:vpcsourceip": "ipaddress"}
        flag = self._key(name, families.get(name.lower(), "string"))[1][0]
        return smt.Not(flag) if absent else flag

    def _hits(self, base: str, slot: Any, value: str, variables: bool) -> Any:
        if base.startswith("arn"):
            if value == "*":
                return smt.BoolVal(True)
            padded = value + ":*" * (5 - value.count(":"))
            return self._matches(slot, padded, variables, segments=True)
        if base == "stringequalsignorecase":
            return self._matches(slot, value, variables, wild=False, fold=True)
        if base.startswith(("string", "binary")):
            return self._matches(slot, value, variables, wild=base == "stringlike")
        if base == "bool":
            return slot if value == "true" else smt.Not(slot)
        if base == "ipaddress":
            block = ipaddress.ip_network(value, False)
            shift = 0 if block.version == 4 else _IPV6
            return smt.And(slot >= int(block[0]) + shift, slot <= int(block[-1]) + shift)
        bound = smt.RealVal(str(number(value)))
        kind = base.replace("numeric", "").replace("date", "")
        return {
            "equals": lambda: slot == bound,
            "lessthan": lambda: slot < bound,
            "lessthanequals": lambda: slot <= bound,
            "greaterthan": lambda: slot > bound,
            "greaterthanequals": lambda: slot >= bound,
        }[kind]()

    def _applies(self, statement: Json, variables: bool) -> Any:
        terms = []
        for element, subject in (("Action", self.action), ("Resource", self.resource)):
            values = many(statement.get(element, statement.get("Not" + element)))
            if element == "Action":
                found = [self._matches(subject, each.lower(), False) for each in values]
            else:
                found = [self._matches(subject, each, variables) for each in values]
            terms.append(any_of(found) if element in statement else smt.Not(any_of(found)))
        for operator, keys in statement.get("Condition", {}).items():
            for key, values in keys.items():
                terms.append(self._atom(operator, key, many(values), variables))
        return all_of(terms)

    def _allows(self, document: Json) -> Any:
        variables = document["Version"] == "2012-10-17"

        def of(effect: str) -> Any:
            found = [each for each in document["Statement"] if each["Effect"] == effect]
            return any_of([self._applies(each, variables) for each in found])

        return smt.And(of("Allow"), smt.Not(of("Deny")))
