"""The principals and customer managed policies that a template declares."""

from __future__ import annotations

from iamlint.sources.cloudformation.alternatives import holds, text_of
from iamlint.sources.cloudformation.properties import PRINCIPAL_NAMES, PRINCIPALS
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.template import Resource, construct_path, string
from iamlint.sources.site import Owner, OwnerKind
from iamlint.tree import MapNode, Node, Scalar, Text


def owner_of(resolver: Resolver, resource: Resource) -> Owner | None:
    """The owner that a resource declares, None if it declares none."""
    kind = PRINCIPALS.get(resource.type)
    if kind is None:
        return None
    return make_owner(resolver, resource, kind, resource.logical_id, PRINCIPAL_NAMES[resource.type])


def make_owner(
    resolver: Resolver, resource: Resource, kind: OwnerKind, reference: str, name_property: str
) -> Owner:
    """An owner of a kind that stands for the logical id `reference`.

    Its name is None only where CloudFormation makes it, of the stack's name, the logical id and
    random characters.  A name that hangs on a parameter's default has a hole there: of several
    stacks of one template the default names but one.
    """
    template = resolver.template
    name = _given(resolver, resource, name_property)
    path = _given(resolver, resource, "Path")
    condition = resource.condition
    undecided = condition is not None and resolver.condition(condition) is None
    return Owner(
        key=f"{template.scope}#{reference}",
        address=reference,
        kind=kind,
        language=template.document.language,
        place=resource.name,
        block=resource.block,
        reference=reference,
        name=name,
        path=path,
        possible=holds(condition) if condition is not None and undecided else None,
        construct=construct_path(resource) if template.made_by_cdk else None,
    )


def _given(resolver: Resolver, resource: Resource, name: str) -> Text | None:
    """The string of a property with a hole for what is not certain; None if it is not there."""
    properties = resource.properties
    raw = properties.get(name) if isinstance(properties, MapNode) else None
    if raw is None:
        return None
    with resolver.without_defaults():
        value = resolver.resolve(raw)
    if value is None:
        return None
    text = text_of(value) if isinstance(value, Scalar) and not value.possible else None
    return text or Text((resolver.hole(f"{resource.logical_id}.{name}"),))


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
