"""A CloudFormation template as its parts: parameters, mappings, conditions and resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

from iamlint.sources.document.document import Document
from iamlint.text import Place, SourceText, Span
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


class Resource:
    """One resource as declared.

    `name` is the key that declares it; `body` its map, which is read when it is first asked for;
    `block` the key and the body together.  `raw` is where the body stands if it is written
    without escapes, so that a word that is not there is not in it either.
    """

    __slots__ = ("_body", "_raw", "_read", "logical_id", "name", "type")

    def __init__(
        self,
        logical_id: str,
        type: str,
        name: Place,
        read: Callable[[], MapNode],
        raw: Span | None = None,
    ) -> None:
        self.logical_id = logical_id
        self.type = type
        self.name = name
        self._read = read
        self._raw = raw
        self._body: MapNode | None = None

    @property
    def body(self) -> MapNode:
        if self._body is None:
            self._body = self._read()
        return self._body

    @property
    def block(self) -> Place:
        start, end = self.name.span
        return Place(self.name.source, Span(start, max(end, self.body.place.span.end)))

    @property
    def properties(self) -> Node | None:
        return self.body.get("Properties")

    @property
    def condition(self) -> str | None:
        if not any(map(self.may_hold, ("Condition:", 'Condition"', "Condition'"))):
            return None
        node = self.body.get("Condition")
        return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None

    def may_hold(self, word: str) -> bool:
        """False if a string is certainly not in the body, told without reading it."""
        if self._raw is None:
            return True
        return self.name.source.text.find(word, *self._raw) != -1

    def as_type(self, kind: str) -> Resource:
        """The resource as if it were of another type."""
        return Resource(self.logical_id, kind, self.name, lambda: self.body, self._raw)


class Template:
    """The sections of a template, raw: nothing in it is evaluated.

    `section` gives the value of a key of the template; it is asked for when it is needed.
    `loops` are `Fn::ForEach` entries among the resources, by their key; `hidden` are places where
    there may be resources that the template does not show, with the reason.  `scope` tells the
    template from others: the path of its file, and of one `inside` another one the place there.
    """

    def __init__(
        self,
        document: Document,
        section: Callable[[str], Node | None],
        resources: Iterable[tuple[Scalar, Resource | Node]],
        scope: str | None = None,
        *,
        inside: bool = False,
    ) -> None:
        self.source: SourceText = document.source
        self.document = document
        self.section = section
        self.scope = document.source.path if scope is None else scope
        self.inside = inside
        self.resources: dict[str, Resource] = {}
        self.loops: list[tuple[Scalar, Node]] = []
        self.hidden: list[tuple[Place, str]] = []
        for key, value in resources:
            self._declare(str(key.value), key, value)
        self.transforms = tuple(_transforms(section("Transform")))
        self.is_sam = any(name == SAM_TRANSFORM for name, _ in self.transforms)

    def _declare(self, name: str, key: Scalar, value: Resource | Node) -> None:
        if name.startswith("Fn::ForEach"):
            self.loops.append((key, value.body if isinstance(value, Resource) else value))
        elif name == "Fn::Transform":
            self.hidden.append((key.place, "`Fn::Transform` may add resources"))
        elif isinstance(value, Unknown):
            self.hidden.append((value.place, value.reason))
        elif isinstance(value, MapNode) and isinstance(kind := value.get("Type"), Unknown):
            self.hidden.append((kind.place, kind.reason))
        elif isinstance(value, Resource):
            if name in self.resources:
                reason = f"`{name}` is given again below, which counts"
                self.hidden.append((self.resources[name].name, reason))
            self.resources[name] = value

    @cached_property
    def parameters(self) -> dict[str, MapNode]:
        return _maps(self.section("Parameters"))

    @cached_property
    def mappings(self) -> dict[str, MapNode]:
        return _maps(self.section("Mappings"))

    @cached_property
    def conditions(self) -> dict[str, Node]:
        found = maps_and_nodes(self.section("Conditions"))
        return {str(key.value): value for key, value in found}

    @cached_property
    def outputs(self) -> dict[str, MapNode]:
        return _maps(self.section("Outputs"))

    @cached_property
    def globals(self) -> MapNode | None:
        found = self.section("Globals")
        return found if isinstance(found, MapNode) else None

    @cached_property
    def made_by_cdk(self) -> bool:
        return any(mark in self.source.text for mark in _CDK_MARKS)


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
    section = root.get("Resources")
    found = [
        (key, resource_of(str(key.value), key.place, value) or value)
        for key, value in maps_and_nodes(section)
    ]
    if isinstance(section, Unknown):
        found.append((Scalar(place=section.place, value=""), section))
    return Template(document, root.get, found, scope, inside=inside)


def resource_of(logical_id: str, name: Place, body: Node) -> Resource | None:
    """A resource from its key and body; None if the body is no map or has no type."""
    kind = string(body.get("Type")) if isinstance(body, MapNode) else None
    if kind is None or not isinstance(body, MapNode):
        return None
    return Resource(logical_id, kind, name, lambda: body)


def construct_path(resource: Resource) -> str | None:
    """The path of the CDK construct that made a resource, None if the CDK did not make it."""
    if not resource.may_hold("aws:cdk:path"):
        return None
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


def _transforms(node: Node | None) -> Iterator[tuple[str, Place]]:
    items: tuple[Any, ...] = node.items if isinstance(node, ListNode) else (node,)
    for item in items:
        if (name := string(item)) is not None or (
            isinstance(item, MapNode) and (name := string(item.get("Name"))) is not None
        ):
            yield name, item.place
