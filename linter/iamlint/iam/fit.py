"""Whether a Resource of a policy can name a resource that an action works on.

Compares the resource with the ARN formats of the action's resource types as sets of strings.
What AWS documents may lack a format, so False is strong evidence of a mistake, not proof.
"""

from __future__ import annotations

from typing import NamedTuple, Union

from iamlint.iam import catalog
from iamlint.iam.arn import WITH_COLON, WITHOUT_SLASH, pieces, segments
from iamlint.tree import Hole, Text

_LONGEST = 512
"""Longer resources are not compared: the work grows with the product of both lengths."""

_ACCOUNT = 4
"""The place of the account among the parts of an ARN."""


_FUNCTION = ":function:${FunctionName}"


class _Some(NamedTuple):
    """One character, or with `many` a run of any length, free of those in `banned`."""

    banned: str
    many: bool


_RUN, _ONE = _Some("", True), _Some("", False)
_Token = Union[str, _Some]


def fits(action: str, resource: str | Text) -> bool | None:
    """True if the pattern covers an ARN of a type that the action accepts, False if it cannot.

    None if the action is unknown, if it accepts only `*` and the pattern is more than that, or
    if a hole decides.
    """
    known = catalog.action(action)
    if known is None:
        return None
    text = Text.of(resource) if isinstance(resource, str) else resource
    literal = text.literal
    if literal is not None and not literal.strip("*"):
        return bool(literal)
    if str(text).startswith("execute-api:/"):
        # Policies of API Gateway may leave out the API: it fills the ARN in when it stores them.
        return known.prefix == "execute-api"
    templates = [template for kind in known.resource_types for template in kind.arns]
    # A call of a version or an alias is a call on the qualified ARN (Lambda Developer Guide,
    # "Controlling access to versions and aliases"); the reference lists the bare one alone.
    templates += [f"{t}:${{Qualifier}}" for t in templates if t.endswith(_FUNCTION)]
    if not known.resource_level:
        # AWS is not uniform in what such a call's resource is: a wildcard may happen to match.
        return False if literal is not None and not _has_wildcard(literal) else None
    if not templates or len(str(text)) > _LONGEST:
        return None
    if not any(_overlap(_template(template), _pattern(text)) for template in templates):
        return False
    return True if literal is not None else None


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text or "${" in text


def _template(template: str) -> list[_Token]:
    tokens: list[_Token] = []
    parts = segments(template)
    for at, part in enumerate(parts):
        if at:
            tokens.append(":")
        for index, piece in enumerate(pieces(part)):
            if index % 2 == 0:
                tokens += [_RUN if char == "*" else char for char in piece]
            elif at < 5:
                # AWS's own resources have an empty account (arn:aws:ssm:us-east-1::document/…).
                if at != _ACCOUNT:
                    tokens.append(_Some(":/", False))
                tokens.append(_Some(":/", True))
            else:
                low = piece.lower()
                banned = ("" if low in WITH_COLON else ":") + ("/" if low in WITHOUT_SLASH else "")
                tokens.append(_Some(banned, True))
    return tokens


def _pattern(text: Text) -> list[_Token]:
    tokens: list[_Token] = []
    for piece in text.parts:
        if isinstance(piece, Hole):
            tokens.append(_RUN)
            continue
        for index, part in enumerate(pieces(piece)):
            if index % 2:
                tokens.append(_RUN)
            else:
                tokens += [_RUN if char == "*" else _ONE if char == "?" else char for char in part]
    return tokens


def _overlap(a: list[_Token], b: list[_Token]) -> bool:
    """True if some string is described by both."""
    todo, seen = [(0, 0)], {(0, 0)}
    while todo:
        i, j = todo.pop()
        if i == len(a) and j == len(b):
            return True
        left = a[i] if i < len(a) else None
        right = b[j] if j < len(b) else None
        left_runs = isinstance(left, _Some) and left.many
        right_runs = isinstance(right, _Some) and right.many
        steps = [(i + 1, j)] if left_runs else []
        if right_runs:
            steps.append((i, j + 1))
        if left is not None and right is not None and _share(left, right):
            steps.append((i + (not left_runs), j + (not right_runs)))
        for step in steps:
            if step not in seen:
                seen.add(step)
                todo.append(step)
    return False


def _share(left: _Token, right: _Token) -> bool:
    """True if one character can be next on both sides."""
    if isinstance(left, str):
        return left == right if isinstance(right, str) else left not in right.banned
    return right not in left.banned if isinstance(right, str) else True
