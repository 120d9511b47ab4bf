"""Condition elements against a request's context: true, false or unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Union

import msgspec

from iamlint.iam.glob import (
    Letter,
    Token,
    Tokens,
    Wild,
    automaton,
    by_segment,
    fold,
    has_letters,
    string_tokens,
    text_tokens,
)
from iamlint.iam.operators import Operator, binary, compare, moment, network, number, operator
from iamlint.iam.pattern import included, tokens_within
from iamlint.iam.policy import Condition
from iamlint.tree import Text

ContextValue = Union[str, Sequence[str], None]
"""What a request holds for a key: one value, several, or None for a key known to be absent."""


class _Unknown:
    """The type of `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
"""A context key about which nothing is known."""


class Context:
    """The context of one request; keys are compared without regard to case.

    If `complete`, a key that is not given is absent from the request, else it is unknown.  An
    empty list of values counts as absent, as it does for AWS.
    """

    __slots__ = ("_unknown", "_values", "complete")

    def __init__(self, values: Mapping[str, ContextValue], *, complete: bool = False) -> None:
        self.complete = complete
        self._unknown: frozenset[str] = frozenset()
        self._values: dict[str, tuple[str, ...]] = {}
        for key, value in values.items():
            held = () if value is None else (value,) if isinstance(value, str) else tuple(value)
            self._values[fold(key)] = held

    def get(self, key: str) -> tuple[str, ...] | _Unknown | None:
        """The values of a key, None if it is absent, UNKNOWN if nothing is known of it."""
        found = self._values.get(fold(key))
        if found is None:
            return None if self.complete and fold(key) not in self._unknown else UNKNOWN
        return found or None

    def with_defaults(
        self, values: Mapping[str, ContextValue], unknown: Iterable[str] = ()
    ) -> Context:
        """The same context with further keys where it does not name them.

        The keys of `unknown` stay unknown even if the context is complete.
        """
        context = Context(values, complete=self.complete)
        context._unknown = self._unknown | frozenset(fold(key) for key in unknown)
        context._values.update(self._values)
        return context


class Outcome(msgspec.Struct, frozen=True):
    """Whether something holds (None: unknown), and the context keys that kept it from being known."""

    holds: bool | None
    missing: tuple[str, ...] = ()


TRUE = Outcome(True)
FALSE = Outcome(False)


def all_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Three-valued AND; the first False decides."""
    missing: tuple[str, ...] = ()
    unknown = False
    for outcome in outcomes:
        if outcome.holds is False:
            return FALSE
        if outcome.holds is None:
            unknown = True
            missing += outcome.missing
    return Outcome(None, missing) if unknown else TRUE


def any_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Three-valued OR; the first True decides."""
    missing: tuple[str, ...] = ()
    unknown = False
    for outcome in outcomes:
        if outcome.holds:
            return TRUE
        if outcome.holds is None:
            unknown = True
            missing += outcome.missing
    return Outcome(None, missing) if unknown else FALSE


def negation(outcome: Outcome) -> Outcome:
    return outcome if outcome.holds is None else Outcome(not outcome.holds)


def holds(conditions: Sequence[Condition], context: Context, *, variables: bool) -> Outcome:
    """Whether all conditions of a statement hold.

    `variables` says whether `${…}` is read, which a policy of version 2008-10-17 does not.
    """
    return all_of(condition_holds(condition, context, variables) for condition in conditions)


def condition_holds(condition: Condition, context: Context, variables: bool) -> Outcome:
    """Whether one condition holds.

    Missing keys: false for a positive operator, true for a negated one, with IfExists and with
    ForAllValues; ForAnyValue is false even with IfExists.  Sources: IAM User Guide,
    reference_policies_elements_condition_operators and reference_policies_multi-value-conditions.
    """
    name, key = condition.operator.literal, condition.key.literal
    kind = operator(name) if name is not None else None
    if kind is None or key is None:
        return Outcome(None)
    outcome = _evaluate(kind, key, condition, context, variables)
    if outcome.holds is False and condition.operator.possible is not None:
        return Outcome(None)
    return outcome


def _evaluate(
    kind: Operator, key: str, condition: Condition, context: Context, variables: bool
) -> Outcome:
    held = context.get(key)
    if kind.family == "null":
        return _null(condition, held, key)
    if isinstance(held, _Unknown):
        return Outcome(None, (key,))
    if held is None:
        if kind.quantifier == "any":
            return FALSE
        return Outcome(kind.negated or kind.if_exists or kind.quantifier == "all")
    each = [_value_meets(kind, value, condition, context, variables) for value in held]
    if kind.quantifier == "all":
        return all_of(each)
    if kind.quantifier == "any" or len(each) == 1:
        return any_of(each)
    # AWS does not define an operator without quantifier on a key of several values.
    every, some = all_of(each), any_of(each)
    return every if every.holds == some.holds else Outcome(None)


def _null(condition: Condition, held: tuple[str, ...] | _Unknown | None, key: str) -> Outcome:
    wanted = {fold(value.literal or "") for value in condition.values}
    if not wanted <= {"true", "false"} or condition.open is not None:
        return Outcome(None)
    if any(value.possible for value in condition.values) and len(wanted) > 1:
        return Outcome(None)
    if isinstance(held, _Unknown):
        return TRUE if wanted == {"true", "false"} else Outcome(None, (key,))
    return Outcome(("true" if held is None else "false") in wanted)


def _value_meets(
    kind: Operator, value: str, condition: Condition, context: Context, variables: bool
) -> Outcome:
    """Whether one request value satisfies the operator over all policy values."""

    def each() -> Iterable[Outcome]:
        for element in condition.values:
            outcome = value_matches(kind, value, element.text, context, variables)
            if outcome.holds and element.possible is not None:
                outcome = Outcome(None)
            yield outcome
        if condition.open is not None:
            yield Outcome(None)

    matched = any_of(each())
    return negation(matched) if kind.negated else matched


def value_matches(
    kind: Operator, value: str, text: Text, context: Context, variables: bool
) -> Outcome:
    """Whether a request value matches one policy value under the operator's positive form."""
    if kind.family in ("string", "arn"):
        wildcards = kind.comparison == "like"
        resolved = resolve(text_tokens(text, wildcards=wildcards, variables=variables), context)
        if resolved is None:
            return FALSE  # an unresolved variable equals nothing
        tokens, missing = resolved
        if kind.family == "arn":
            answer = arn_matches(tokens, value)
        else:
            answer = tokens_within(
                string_tokens(value, wildcards=False), tokens, ignore_case=kind.ignore_case
            )
        return Outcome(answer, missing if answer is None else ())
    literal = text.literal
    if literal is None:
        return Outcome(None)
    return Outcome(_simple[kind.family](kind, value, literal))


def resolve(tokens: Tokens, context: Context) -> tuple[Tokens, tuple[str, ...]] | None:
    """Put the context's values in place of policy variables.

    Gives the tokens and the keys of variables that stay because nothing is known of them; None
    if a variable has no value and no default.  A value is text: its `*` and `?` are no wildcards.
    """
    if not has_letters(tokens):
        return tokens, ()
    found: list[Token] = []
    missing: list[str] = []
    for token in tokens:
        if not (isinstance(token, Letter) and token.kind == "variable"):
            found.append(token)
            continue
        key, comma, default = token.name.partition(",")
        held = context.get(key)
        if isinstance(held, _Unknown) or (held is not None and len(held) > 1):
            missing.append(key)
            found.append(token)
        elif held is not None:
            found += held[0]
        elif comma:
            found += default.strip().strip("'")
        else:
            return None
    return tuple(found), tuple(missing)


def arn_matches(tokens: Tokens, value: str) -> bool | None:
    """ArnLike: the wildcards of each of the first five segments stay within their segment."""
    if tokens == (Wild.STAR,):
        return True
    padded = arn_pattern(tokens)
    string = string_tokens(value, wildcards=False)
    if included(string, automaton(padded)):
        return True
    if not has_letters(tokens):
        return False
    return False if tokens_within(string, tokens) is False else None


def arn_pattern(tokens: Tokens) -> Tokens:
    """The tokens of an ArnLike value by segment; a short ARN without holes gets `:*` added."""
    colons = sum(token == ":" for token in tokens)
    if colons < 5 and not has_letters(tokens):
        tokens += (":", Wild.STAR) * (5 - colons)
    return by_segment(tokens)


def _numeric(kind: Operator, value: str, bound: str) -> bool | None:
    right = number(bound)
    if right is None:
        return None
    left = number(value)
    return left is not None and compare(kind.comparison, left, right)


def _date(kind: Operator, value: str, bound: str) -> bool | None:
    right = moment(bound)
    if right is None:
        return None
    left = moment(value)
    return left is not None and compare(kind.comparison, left, right)


def _bool(kind: Operator, value: str, bound: str) -> bool | None:
    # Anything but true and false may be a variable, which the page on Bool allows.
    return None if "${" in bound else fold(value) == fold(bound)


def _binary(kind: Operator, value: str, bound: str) -> bool | None:
    left, right = binary(value), binary(bound)
    return value == bound if left is None or right is None else left == right


def _ip(kind: Operator, value: str, bound: str) -> bool | None:
    block = network(bound)
    if block is None:
        return None
    address = network(value)
    if address is None:
        return False
    return block[0] == address[0] and block[1] <= address[1] and address[2] <= block[2]


_simple: dict[str, Callable[[Operator, str, str], bool | None]] = {
    "numeric": _numeric,
    "date": _date,
    "bool": _bool,
    "binary": _binary,
    "ip": _ip,
}
