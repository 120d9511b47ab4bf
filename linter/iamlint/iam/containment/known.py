"""The world as the catalogue knows it: its actions, and the resources that they act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from iamlint.iam import arn, catalog
from iamlint.iam.glob import Token, Tokens, Wild, fold, literal_of
from iamlint.iam.pattern import matches

ALL_RESOURCES: Tokens = ("*",)


def known_actions(
    patterns: Sequence[Tokens], services: Sequence[str] = ()
) -> Iterator[str | Tokens]:
    """The catalogue's actions in some patterns, in lower case; those of some services first.

    An action that the policy names in full counts as known even if the catalogue lacks it.  A
    pattern with a hole in it comes as it is.
    """
    for pattern in patterns:
        literal = literal_of(pattern)
        if literal is not None:
            yield literal
        elif all(isinstance(token, (str, Wild)) for token in pattern):
            glob = "".join(
                token.value if isinstance(token, Wild) else str(token) for token in pattern
            )
            for service in services if glob == "*" else ():
                yield from map(fold, catalog.expand(f"{service}:*"))
            yield from map(fold, catalog.expand(glob))
        else:
            yield pattern


def services_of(resources: Sequence[Tokens]) -> list[str]:
    """The services that resource patterns name in their third segment."""
    found: dict[str, None] = {}
    for tokens in resources:
        text = "".join(token if isinstance(token, str) else "*" for token in tokens)
        parts = text.split(":", 3)
        if len(parts) == 4 and parts[2].isascii() and parts[2].replace("-", "").isalnum():
            found[parts[2]] = None
    return list(found)


@lru_cache(maxsize=32768)
def resource_forms(action: str) -> tuple[Tokens, ...] | None:
    """The forms of the resources that an action is authorized against; None if not known."""
    found = catalog.action(action)
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


def exists(action: str, resource: str) -> bool:
    """False if no resource of the forms that an action acts on has such an ARN.

    The globs of `resource_forms` say less than the templates do: a bucket's name holds no `/`.
    """
    found = catalog.action(action)
    if found is None or resource == "*" or not found.resource_types:
        return True
    return any(
        template == "*" or arn.match(template, resource) is not None
        for kind in found.resource_types
        for template in kind.arns
    )


def excluded(action: str, resource: str, *, letters: bool) -> bool:
    """True if no other resource that the same patterns leave possible exists for an action.

    The resource is one that does not exist itself; `letters` says that its spelling was a
    choice.  It is sure of buckets alone: a `/` comes from a pattern, and no bucket has one.
    """
    found = catalog.action(action)
    return (
        not letters
        and found is not None
        and "/" in resource
        and all(
            arn.segments(template)[-1] == "${BucketName}"
            for kind in found.resource_types
            for template in kind.arns
            if matches(arn.glob(template), resource)
        )
    )


@lru_cache(maxsize=4096)
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
