"""What a resource of the template gives to those who refer to it: its name, its ARN, an attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamlint.sources.cloudformation.alternatives import scalar, text_of
from iamlint.sources.cloudformation.references import (
    NAMED,
    REF_IS_ARN,
    UNKNOWABLE,
    ref_is_name,
)
from iamlint.sources.cloudformation.template import Resource
from iamlint.text import Place
from iamlint.tree import Hole, HoleKind, MapNode, Node, Scalar, Text

if TYPE_CHECKING:
    from iamlint.sources.cloudformation.resolver import Resolver


def resource_of(resolver: Resolver, name: str) -> Resource | None:
    """The resource of a logical id, None if the template declares none."""
    return resolver.template.resources.get(name)


def reference(resolver: Resolver, resource: Resource) -> Text:
    """What `Ref` of a resource gives."""
    kind, name = resource.type, resource.logical_id
    if kind in REF_IS_ARN:
        return _arn(resolver, resource, name)
    if ref_is_name(kind):
        given = given_name(resolver, resource)
        if given is not None:
            return given
    if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
        return Text((resolver.hole(name),))
    return Text((resolver.hole(name, "name"),))


def attribute(resolver: Resolver, resource: Resource, name: str) -> Text:
    """What `Fn::GetAtt` of a resource gives."""
    whole = f"{resource.logical_id}.{name}"
    if resource.type.startswith(UNKNOWABLE):
        return Text((resolver.hole(whole),))
    if name == "Arn" or (name == "TopicArn" and resource.type == "AWS::SNS::Topic"):
        return _arn(resolver, resource, whole)
    if name.endswith(("Name", "Id")) and ref_is_name(resource.type):
        named = NAMED[resource.type].property
        if name in (named, "TopicName", "QueueName"):
            given = given_name(resolver, resource)
            if given is not None:
                return given
    return Text((resolver.hole(whole, "resource" if name.endswith("Arn") else "name"),))


def given_name(resolver: Resolver, resource: Resource) -> Text | None:
    """The name that the author gave a resource, if it is known to be one specific name."""
    named = NAMED.get(resource.type)
    if named is None or not resource.may_hold(named.property):
        return None
    if not isinstance(resource.properties, MapNode):
        return None
    raw = resource.properties.get(named.property)
    if raw is None:
        return None
    key = resource.logical_id
    if key not in resolver.names:
        with resolver.entering(("name", key)) as fresh:
            if not fresh:
                return None
            resolver.names[key] = _certain_name(resolver.resolve(raw))
    return resolver.names[key]


def _certain_name(value: Node | None) -> Text | None:
    # A name that is only possible stays a hole: nobody may take it for certain.
    if not isinstance(value, Scalar) or value.possible:
        return None
    text = text_of(value)
    return text if text is not None and all(hole.specific for hole in text.holes) else None


def _arn(resolver: Resolver, resource: Resource, expression: str) -> Text:
    """The ARN of a resource: built from its name where the author gave one, else one hole."""
    whole = Text((resolver.hole(expression, "resource"),))
    named = NAMED.get(resource.type)
    name = given_name(resolver, resource) if named is not None else None
    if named is None or name is None:
        return whole
    path = Text.of("/")
    if "{path}" in named.arn and isinstance(resource.properties, MapNode):
        raw = resource.properties.get("Path")
        value = resolver.resolve(raw) if raw is not None else None
        if value is not None:
            text = text_of(value) if isinstance(value, Scalar) and not value.possible else None
            if text is None or not all(hole.specific for hole in text.holes):
                return whole
            path = text
    known = {
        "name": name,
        "path": path,
        "partition": resolver.pseudo("AWS::Partition"),
        "region": resolver.pseudo("AWS::Region"),
        "account": resolver.pseudo("AWS::AccountId"),
    }
    return _spelled(named.arn, known)


def spelled_out(resolver: Resolver, text: Text) -> Text:
    """A text that is one whole ARN, as its parts where its form is known; else as it is.

    Its pieces are known that way when it is split.
    """
    hole = text.parts[0] if len(text.parts) == 1 else None
    if not isinstance(hole, Hole) or hole.kind != "resource" or hole.scope != resolver.scope:
        return text
    if hole.name == "AWS::StackId":
        stack = resolver.hole("AWS::StackName", "name")
        unique = [resolver.hole(f"AWS::StackId[{number}]", "name") for number in range(5)]
        pieces = [piece for each in unique for piece in ("-", each)][1:]
        form = "arn:{partition}:cloudformation:{region}:{account}:stack/{name}/"
        return _filled(resolver, form, stack) + Text.of(*pieces)
    name, _, attribute_name = hole.name.partition(".")
    resource = resource_of(resolver, name)
    named = NAMED.get(resource.type) if resource is not None else None
    if named is None or "{path}" in named.arn or attribute_name not in ("", "Arn", "TopicArn"):
        return text
    return _filled(resolver, named.arn, resolver.hole(name, "name"))


def _filled(resolver: Resolver, form: str, name: Hole) -> Text:
    known = {
        "name": Text((name,)),
        "partition": resolver.pseudo("AWS::Partition"),
        "region": resolver.pseudo("AWS::Region"),
        "account": resolver.pseudo("AWS::AccountId"),
    }
    return _spelled(form, known)


def _spelled(form: str, known: dict[str, Text | None]) -> Text:
    """An ARN's form with its marks filled in."""
    parts: list[str | Hole] = []
    for mark, _, rest in (piece.partition("}") for piece in ("}" + form).split("{")):
        value = known.get(mark) if mark else None
        parts += (*(value.parts if value is not None else ()), rest)
    return Text.of(*parts)


def attribute_of(resolver: Resolver, name: str, attribute_name: str, place: Place) -> Node:
    """What `Fn::GetAtt` of a name gives, whether or not the template declares it."""
    resource = resource_of(resolver, name)
    if resource is None:
        # SAM makes resources of its own, above all a role for each function.
        maker = resource_of(resolver, name.removesuffix("Role"))
        made = maker is not None and maker.type.startswith("AWS::Serverless::")
        kind: HoleKind = "resource" if made and attribute_name == "Arn" else "unknown"
        return scalar(place, Text((resolver.hole(f"{name}.{attribute_name}", kind),)))
    if attribute_name.startswith("Outputs.") and resolver.stacks is not None:
        output = attribute_name.removeprefix("Outputs.")
        found = resolver.stacks.output(resolver, resource, output, place)
        if found is not None:
            return found
    return scalar(place, attribute(resolver, resource, attribute_name))
