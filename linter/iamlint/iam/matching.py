"""Whether a statement's Action, Resource and Condition take in a request."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from iamlint.iam.condition import (
    FALSE,
    TRUE,
    Context,
    Outcome,
    all_of,
    any_of,
    holds,
    negation,
    resolve,
)
from iamlint.iam.glob import (
    Tokens,
    Wild,
    automaton,
    by_segment,
    fold,
    has_letters,
    string_tokens,
    text_tokens,
)
from iamlint.iam.pattern import included, matches, text_matches, tokens_within
from iamlint.iam.policy import Element, Statement
from iamlint.tree import Text

Reading = Literal["whole", "segment", "trailing"]
"""How far a wildcard in a Resource reaches.

`whole`: over the whole string, `:` included, which is how AWS itself has been seen to decide.
`segment`: wildcards in the first five segments of an ARN do not match `:`.  `trailing`: of these
only a `*` that ends its segment does, as the current page on Resource says.
"""


def statement_applies(
    statement: Statement,
    action: str,
    resource: str,
    context: Context,
    *,
    variables: bool,
    reading: Reading = "whole",
) -> Outcome:
    """Whether the statement takes in the action, the resource and the context.

    Principals are looked at elsewhere.  What is only possible, open or unknown about the
    statement makes the answer unknown instead of true (or false).
    """
    found = action_applies(statement, action)
    if found.holds is False:
        return FALSE
    where = resource_applies(statement, resource, context, variables=variables, reading=reading)
    if where.holds is False:
        return FALSE
    limits = holds(statement.conditions, context, variables=variables)
    if limits.holds is not False and "Condition" in statement.open:
        limits = Outcome(None)
    together = all_of((found, where, limits))
    if together.holds and (statement.possible is not None or statement.effect is None):
        return Outcome(None)
    return together


def action_applies(statement: Statement, action: str) -> Outcome:
    """Whether Action or NotAction takes in an action, whose case does not matter."""
    lowered = fold(action)

    def each(element: Element) -> Outcome:
        literal = element.literal
        if literal is not None:
            return TRUE if matches(_folded(literal), lowered) else FALSE
        return Outcome(text_matches(element.text, Text.of(action), ignore_case=True))

    return _among(
        [_certain(each(element), element) for element in statement.actions],
        negated=statement.not_action,
        is_open="Action" in statement.open,
    )


@lru_cache(maxsize=32768)
def _folded(text: str) -> str:
    return fold(text)


def resource_applies(
    statement: Statement,
    resource: str,
    context: Context,
    *,
    variables: bool,
    reading: Reading = "whole",
) -> Outcome:
    """Whether Resource or NotResource takes in a resource; a statement with neither does.

    A variable without a value matches no resource.  What a NotResource with one means is not
    documented, so it is unknown.
    """
    if not statement.has_resource:
        return Outcome(None) if "Resource" in statement.open else TRUE
    found: list[Outcome] = []
    for element in statement.resources:
        outcome = element_matches(element, resource, context, variables=variables, reading=reading)
        if outcome is None:
            outcome = Outcome(None) if statement.not_resource else FALSE
        found.append(_certain(outcome, element))
    return _among(found, negated=statement.not_resource, is_open="Resource" in statement.open)


def element_matches(
    element: Element, resource: str, context: Context, *, variables: bool, reading: Reading
) -> Outcome | None:
    """Whether one resource pattern matches; None if it has a variable without a value."""
    literal = element.literal
    if literal is not None and reading == "whole" and not (variables and "${" in literal):
        return Outcome(matches(literal, resource))
    resolved = resolve(text_tokens(element.text, variables=variables), context)
    if resolved is None:
        return None
    tokens, missing = resolved
    string = string_tokens(resource, wildcards=False)
    if reading == "whole":
        answer = tokens_within(string, tokens)
    else:
        answer = included(string, automaton(read_tokens(tokens, reading)))
        if not answer and has_letters(tokens):
            answer = False if tokens_within(string, tokens) is False else None
    return Outcome(answer, missing if answer is None else ())


def read_tokens(tokens: Tokens, reading: Reading) -> Tokens:
    """The tokens of a resource pattern under a reading; a lone `*` matches everything.

    A short ARN pattern is taken to go on with `:*`, as AWS reads it in identity policies.
    """
    if reading == "whole" or tokens == (Wild.STAR,):
        return tokens
    colons = sum(token == ":" for token in tokens)
    if colons < 5 and not has_letters(tokens):
        tokens += (":", Wild.STAR) * (5 - colons)
    segmented = by_segment(tokens)
    if reading == "segment":
        return segmented
    return tuple(
        Wild.STAR
        if token is Wild.SEGMENT_STAR and segmented[index + 1 : index + 2] in ((), (":",))
        else token
        for index, token in enumerate(segmented)
    )


def _certain(outcome: Outcome, element: Element) -> Outcome:
    return Outcome(None) if outcome.holds and element.possible is not None else outcome


def _among(found: Sequence[Outcome], *, negated: bool, is_open: bool) -> Outcome:
    outcome = any_of((*found, Outcome(None))) if is_open else any_of(found)
    return negation(outcome) if negated else outcome
