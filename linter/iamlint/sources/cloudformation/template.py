"""A CloudFormation template as its parts: parameters, mappings, conditions and resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from iamlint.sources.document.document import Document
from iamlint.text import Place, SourceText
from iamlint.tree import ListNode, MapNode, Node, Scalar, Unknown

_CDK_MARKS = ('"aws:cdk:path"', "aws:cdk:path:", "AWS::CDK::Metadata", "/cdk-bootstrap/")

SAM_TRANSFORM = "AWS::Serverless-2016-10-31"

AWS_TRANSFORMS = frozenset(
    (
        SAM_TRANSFORM,
        "AWS::LanguageExtensions",
        "AWS::CodeDeployBlueGreen",
        "AWS::CodeStar",
        "AWS::SecretsManager-2020-07-23",
        "AWS::SecretsManager-2024-09-16",
        "AWS::ServiceCatalog",
    )
)
"""Transforms of AWS's own that leave the IAM parts of a template as they are written."""


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """One resource as declared.

    `body` is its map, `name` the key that declares it, `block` the key and the body together.
    """

    logical_id: str
    type: str
    body: MapNode
    name: Place
    block: Place

    @property
    def properties(self) -> Node | None:
        return self.body.get("Properties")

    @property
    def condition(self) -> str | None:
        node = self.body.get("Condition")
        return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """The sections of a template, raw: nothing in it is evaluated.

    `loops` are `Fn::ForEach` entries among the resources, by their key; `hidden` are places where
    there may be resources that the template does not show, with the reason.  `scope` tells the
    template from others: the path of its file, and of one `inside` another one the place there.
    """

    source: SourceText
    document: Document
    scope: str
    root: MapNode
    parameters: dict[str, MapNode]
    mappings: dict[str, MapNode]
    conditions: dict[str, Node]
    outputs: dict[str, MapNode]
    resources: dict[str, Resource]
    loops: tuple[tuple[Scalar, Node], ...]
    hidden: tuple[tuple[Place, str], ...]
    transforms: tuple[tuple[str, Place], ...]
    globals: MapNode | None = None
    made_by_cdk: bool = False
    inside: bool = False

    @property
    def is_sam(self) -> bool:
        return any(name == SAM_TRANSFORM for name, _ in self.transforms)


def is_template(root: Node) -> bool:
    """True if a tree has the marks of a template: its version, or resources with types."""
    if not isinstance(root, MapNode):
        return False
    resources = root.get("Resources")
    known = root.get("AWSTemplateFormatVersion") is not None or root.get("Transform") is not None
    if not isinstance(resources, MapNode):
        return known and isinstance(resources, Unknown)
    if known:
        return True
    return any(
        isinstance(entry.value, MapNode) and "::" in str(string(entry.value.get("Type")) or "")
        for entry in resources.entries
    )


def load(
    document: Document, root: MapNode, scope: str | None = None, *, inside: bool = False
) -> Template:
    """The template whose tree is `root`; parts of a wrong shape are left out."""
    resources: dict[str, Resource] = {}
    loops: list[tuple[Scalar, Node]] = []
    hidden: list[tuple[Place, str]] = []
    section = root.get("Resources")
    if isinstance(section, Unknown):
        hidden.append((section.place, section.reason))
    for entry in maps_and_nodes(section):
        key, value = entry
        name = str(key.value)
        if name.startswith("Fn::ForEach"):
            loops.append(entry)
        elif name == "Fn::Transform":
            hidden.append((key.place, "`Fn::Transform` may add resources"))
        elif isinstance(value, Unknown):
            hidden.append((value.place, value.reason))
        elif (resource := resource_of(name, key.place, value)) is not None:
            if name in resources:
                hidden.append(
                    (resources[name].name, f"`{name}` is given again below, which counts")
                )
            resources[name] = resource
    return Template(
        source=document.source,
        document=document,
        scope=document.source.path if scope is None else scope,
        root=root,
        parameters=_maps(root.get("Parameters")),
        mappings=_maps(root.get("Mappings")),
        conditions={str(key.value): value for key, value in maps_and_nodes(root.get("Conditions"))},
        outputs=_maps(root.get("Outputs")),
        resources=resources,
        loops=tuple(loops),
        hidden=tuple(hidden),
        transforms=tuple(_transforms(root.get("Transform"))),
        globals=_map(root.get("Globals")),
        made_by_cdk=any(mark in document.source.text for mark in _CDK_MARKS),
        inside=inside,
    )


def resource_of(logical_id: str, name: Place, body: Node) -> Resource | None:
    """A resource from its key and body; None if the body is no map or has no type."""
    kind = string(body.get("Type")) if isinstance(body, MapNode) else None
    if kind is None or not isinstance(body, MapNode):
        return None
    span = type(name.span)(name.span.start, max(name.span.end, body.place.span.end))
    block = Place(name.source, span)
    return Resource(logical_id=logical_id, type=kind, body=body, name=name, block=block)


def construct_path(resource: Resource) -> str | None:
    """The path of the CDK construct that made a resource, None if the CDK did not make it."""
    metadata = resource.body.get("Metadata")
    return string(metadata.get("aws:cdk:path")) if isinstance(metadata, MapNode) else None


def string(node: Node | None) -> str | None:
    """The value of a literal string node, else None."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def maps_and_nodes(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    """The entries of a map; nothing for what is no map."""
    if isinstance(node, MapNode):
        yield from ((entry.key, entry.value) for entry in node.entries)


def _maps(node: Node | None) -> dict[str, MapNode]:
    pairs = maps_and_nodes(node)
    return {str(key.value): value for key, value in pairs if isinstance(value, MapNode)}


def _map(node: Node | None) -> MapNode | None:
    return node if isinstance(node, MapNode) else None


def _transforms(node: Node | None) -> Iterator[tuple[str, Place]]:
    items: tuple[Any, ...] = node.items if isinstance(node, ListNode) else (node,)
    for item in items:
        if (name := string(item)) is not None or (
            isinstance(item, MapNode) and (name := string(item.get("Name"))) is not None
        ):
            yield name, item.place
