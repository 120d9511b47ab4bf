"""The world as the catalogue knows it: its actions, and the resources that they act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from iamlint.iam import arn, catalog
from iamlint.iam.containment.rules import Rule
from iamlint.iam.glob import Token, Tokens, Wild, fold, literal_of, string_tokens

ALL_RESOURCES: Tokens = ("*",)


def known_actions(rule: Rule, patterns: Sequence[Tokens]) -> Iterator[Tokens]:
    """The catalogue's actions in some patterns of a rule.

    An action that the policy names in full counts as known even if the catalogue lacks it, and
    so does a pattern with a hole in it.
    """
    for pattern in patterns:
        literal = literal_of(pattern)
        if literal is not None:
            yield pattern
        elif all(isinstance(token, (str, Wild)) for token in pattern):
            glob = "".join(
                token.value if isinstance(token, Wild) else str(token) for token in pattern
            )
            for name in catalog.expand(glob):
                yield string_tokens(fold(name), wildcards=False)
        else:
            yield pattern


@lru_cache(maxsize=4096)
def resource_forms(action: Tokens) -> tuple[Tokens, ...] | None:
    """The forms of the resources that an action is authorized against; None if not known."""
    name = literal_of(action)
    found = catalog.action(name) if name is not None else None
    if found is None:
        return None
    if not found.resource_level:
        return (ALL_RESOURCES,)
    forms: list[Tokens] = []
    for kind in found.resource_types:
        for template in kind.arns:
            if template != "*":
                forms.append(_form(template))
    if not forms or not any(kind.required for kind in found.resource_types):
        forms.append(ALL_RESOURCES)
    return tuple(dict.fromkeys(forms))


def _form(template: str) -> Tokens:
    """A template as a glob in which each variable is some text, without `:` unless it may hold it."""
    found: list[Token] = []
    rest = template
    while rest:
        before, opening, after = rest.partition("${")
        found += (Wild.STAR if character == "*" else character for character in before)
        rest = ""
        if opening:
            name, _, rest = after.partition("}")
            if arn.may_hold_colon(name):
                found += [Wild.ANY, Wild.STAR]
            else:
                found += [Wild.SEGMENT_ANY, Wild.SEGMENT_STAR]
    return tuple(found)
