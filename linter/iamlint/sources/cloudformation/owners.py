"""The principals and customer managed policies that a template declares."""

from __future__ import annotations

from iamlint.sources.cloudformation.alternatives import holds, text_of
from iamlint.sources.cloudformation.properties import PRINCIPAL_NAMES, PRINCIPALS
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.template import Resource, string
from iamlint.sources.site import Owner, OwnerKind
from iamlint.tree import MapNode, Node, Scalar, Text

_GENERATED_LENGTH = 64
"""CloudFormation cuts generated names to what the type allows; role names may have 64 characters."""

_SUFFIX_LENGTH = 14
"""A generated name ends in a hyphen and 12 or 13 random characters."""


def owner_of(resolver: Resolver, resource: Resource) -> Owner | None:
    """The owner that a resource declares, None if it declares none."""
    kind = PRINCIPALS.get(resource.type)
    if kind is None:
        return None
    return make_owner(resolver, resource, kind, resource.logical_id, PRINCIPAL_NAMES[resource.type])


def make_owner(
    resolver: Resolver, resource: Resource, kind: OwnerKind, reference: str, name_property: str
) -> Owner:
    """An owner of a kind that stands for the logical id `reference`."""
    template = resolver.template
    properties = resource.properties
    name: Text | None = None
    prefix: Text | None = None
    path: Text | None = None
    if isinstance(properties, MapNode):
        name = _one(resolver, properties.get(name_property))
        path = _one(resolver, properties.get("Path"))
    if name is None and not _has(properties, name_property):
        prefix = _generated(resolver, reference)
    condition = resource.condition
    undecided = condition is not None and resolver.condition(condition) is None
    return Owner(
        key=f"{template.source.path}#{reference}",
        address=reference,
        kind=kind,
        language=template.document.language,
        place=resource.name,
        block=resource.block,
        reference=reference,
        name=name,
        name_prefix=prefix,
        path=path,
        possible=holds(condition) if condition is not None and undecided else None,
    )


def _generated(resolver: Resolver, reference: str) -> Text | None:
    """The beginning of the name that CloudFormation generates: stack, logical id, random end."""
    stack = resolver.pseudo("AWS::StackName")
    # A long logical id is cut, and how far depends on the length of the stack's name.
    if stack is None or len(reference) > (_GENERATED_LENGTH - _SUFFIX_LENGTH) // 2 - 1:
        return None
    return stack + Text.of(f"-{reference}-")


def _one(resolver: Resolver, raw: Node | None) -> Text | None:
    """The one string of a property; None if it is absent, undecided or no string."""
    value = resolver.resolve(raw) if raw is not None else None
    if not isinstance(value, Scalar) or value.possible:
        return None
    text = text_of(value)
    # A parameter without a default may be anything: no name to look for.
    return text if text is not None and all(hole.specific for hole in text.holes) else None


def _has(properties: Node | None, name: str) -> bool:
    return isinstance(properties, MapNode) and properties.get(name) is not None


def referred(raw: Node) -> str | None:
    """The logical id that `Ref` or `Fn::GetAtt` of a node names, else None."""
    if not isinstance(raw, MapNode) or len(raw.entries) != 1:
        return None
    key, argument = raw.entries[0].key.value, raw.entries[0].value
    if key == "Ref":
        return string(argument)
    if key == "Fn::GetAtt":
        items = getattr(argument, "items", None)
        first = string(items[0]) if items else string(argument)
        return first.partition(".")[0] if first else None
    if key == "Fn::Sub":
        text = string(argument) or ""
        inner = text[2:-1] if text.startswith("${") and text.endswith("}") else ""
        return inner.partition(".")[0] if inner and "{" not in inner else None
    return None
