"""Resources of a plan or state as instances, as if a configuration had them written out."""

from __future__ import annotations

import msgspec

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions
from iamlint.sources.terraform import ast
from iamlint.sources.terraform.attributes import IDS
from iamlint.sources.terraform.folder import Declared, Folder
from iamlint.sources.terraform.instance import Instance
from iamlint.sources.terraform.module import ModuleInstance
from iamlint.sources.terraform.plan.configuration import Configuration
from iamlint.sources.terraform.plan.snapshot import Resource, Snapshot
from iamlint.sources.terraform.policy_document import document
from iamlint.sources.terraform.references import hole_kind
from iamlint.sources.terraform.resource_types import (
    CUSTOMER_MANAGED,
    LIKELY,
    concerns,
    documents_of,
)
from iamlint.sources.terraform.session import Session
from iamlint.sources.terraform.values import Encoded, is_null
from iamlint.text import SourceText
from iamlint.tree import Entry, Hole, ListNode, MapNode, Node, Scalar, Unknown

DOCUMENT = "aws_iam_policy_document"
DEFERRED = "the plan does not tell whether the document is used as it is"


class Instances:
    """Makes the instances of one plan or state.

    `untold` are the addresses whose nested policies the plan neither knows nor denies.
    """

    def __init__(self, snapshot: Snapshot, sandbox: Sandbox, options: ReadOptions) -> None:
        self.snapshot = snapshot
        self.configuration = Configuration(snapshot)
        folder = Folder(path=snapshot.source.path)
        folder.files.append(snapshot.source)
        self.root = ModuleInstance(Session(sandbox, options), folder)
        self._modules = {"": self.root}
        self.untold: list[str] = []
        self._documents: dict[str, Node] = {}

    def all(self) -> list[Instance]:
        """The instances that may hold or attach a policy, in the order of the file."""
        return [
            self._instance(resource)
            for resource in self.snapshot.resources.values()
            if resource.mode == "managed" and concerns(resource.type, resource.values.keys())
        ]

    def _module(self, address: str) -> ModuleInstance:
        found = self._modules.get(address)
        if found is None:
            root = self.root
            found = ModuleInstance(root.session, root.folder, root, root, address, {})
            self._modules[address] = found
        return found

    def _instance(self, resource: Resource) -> Instance:
        written = self.configuration.expressions(resource)
        items: list[ast.Attribute | ast.Block] = []
        for entry in resource.values.entries:
            name = str(entry.key.value)
            if is_null(entry.value):
                continue
            unset = written is not None and written.get(name) is None
            if unset and name in _nested_of(resource.type):
                # A configuration does not list `dynamic` blocks, so there may be one.
                if isinstance(entry.value, Unknown):
                    self.untold.append(resource.address)
                    continue
            elif unset and name not in ("name", "arn"):
                continue  # the provider's own, or what other resources make of it
            items += self._items(resource, name, entry)
        declared = _declared(resource, "resource", items)
        return self._made(resource, declared)

    def _made(self, resource: Resource, declared: Declared) -> Instance:
        return Instance(
            self._module(resource.module),
            declared,
            "data" if resource.mode == "data" else "resource",
            resource.address,
            resource.expression,
            None,
            {},
            None,
            None,
        )

    def _items(
        self, resource: Resource, name: str, entry: Entry
    ) -> list[ast.Attribute | ast.Block]:
        value = entry.value
        if resource.type in CUSTOMER_MANAGED and isinstance(value, (ListNode, MapNode)):
            return list(_blocks(name, value))
        if isinstance(value, Unknown):
            value = self.traced(resource, name, value)
        return [_attribute(name, entry.key, value)]

    # --- unknown values ------------------------------------------------------------------------

    def traced(self, resource: Resource, name: str, value: Unknown) -> Node:
        """An unknown value as what it comes from, where the configuration tells that."""
        origin = self.configuration.origin(resource, name)
        if origin is not None:
            source, attribute = origin.resource, origin.attribute
            if source.type == DOCUMENT and attribute in ("json", "minified_json", ""):
                return self._document(source, value)
            if source.mode == "managed" and name not in _documents_of(resource.type):
                attribute = attribute or ("arn" if "arn" in name.split("_") else "id")
                if attribute == "id" and IDS.get(source.type) == "arn":
                    attribute = "arn"
                named = f"{source.expression}.{attribute}"
                hole = Hole(named, hole_kind(attribute), source.module)
                return msgspec.structs.replace(value, hole=hole)
        names = self.configuration.references(resource, name)
        if names and value.reason.startswith("the plan"):
            shown = ", ".join(f"`{each}`" for each in names[:4])
            more = " and more" if len(names) > 4 else ""
            reason = f"{value.reason}: it depends on {shown}{more}"
            return msgspec.structs.replace(value, reason=reason)
        return value

    def _document(self, source: Resource, value: Unknown) -> Node:
        """The document of a data source that is read only when the plan is applied."""
        known = source.values.get("json")
        if isinstance(known, Scalar):
            return known
        found = self._documents.get(source.address)
        if found is None:
            self._documents[source.address] = value  # of a document that needs itself
            found = self._documents[source.address] = self._deferred(source)
        return found

    def _deferred(self, source: Resource) -> Node:
        items: list[ast.Attribute | ast.Block] = []
        more: str = DEFERRED
        for entry in source.values.entries:
            name = str(entry.key.value)
            if is_null(entry.value) or name in ("json", "minified_json", "id"):
                continue
            if name != "statement":
                items += self._items(source, name, entry)
            elif isinstance(entry.value, ListNode):
                for index, item in enumerate(entry.value.items):
                    if isinstance(item, MapNode):
                        items.append(_block("statement", item))
                    else:
                        more = f"its statement {index + 1} is not known"
            else:
                more = "its statements are not known"
        made = document(self._made(source, _declared(source, "data", items)))
        content = made.content
        assert isinstance(content, MapNode)
        entries = tuple(
            Entry(each.key, _opened(each.value, more)) if each.key.value == "Statement" else each
            for each in content.entries
        )
        content = MapNode(place=content.place, entries=entries)
        return Encoded(place=made.place, content=content, form="blocks", possible=made.possible)


def _documents_of(kind: str) -> frozenset[str]:
    """The arguments that hold policy documents: what one refers to is a part of it at most."""
    return LIKELY | {row.path.partition(".")[0] for row in documents_of(kind)}


def _nested_of(kind: str) -> frozenset[str]:
    """The nested blocks that hold policy documents."""
    paths = (row.path.partition(".") for row in documents_of(kind))
    return frozenset(head for head, _, rest in paths if rest)


def _opened(statements: Node, reason: str) -> Node:
    if not isinstance(statements, ListNode):
        return statements
    return msgspec.structs.replace(statements, open=statements.open or reason)


def _declared(resource: Resource, kind: str, items: list[ast.Attribute | ast.Block]) -> Declared:
    source: SourceText = resource.whole.source
    start, end = resource.whole.span
    named = resource.named.span
    labels = (
        ast.Label(named.start, named.end, resource.type),
        ast.Label(named.start, named.end, resource.name),
    )
    return Declared(
        source, ast.Block(start, end, kind, labels, named.end, _body(start, end, items))
    )


def _body(start: int, end: int, items: list[ast.Attribute | ast.Block]) -> ast.Body:
    attributes = {item.name: item for item in items if isinstance(item, ast.Attribute)}
    blocks = tuple(item for item in items if isinstance(item, ast.Block))
    return ast.Body(start, end, tuple(items), attributes, blocks)


def _attribute(name: str, key: Scalar, value: Node) -> ast.Attribute:
    start, end = value.place.span
    named = key.place.span
    return ast.Attribute(named.start, end, name, named.end, ast.Given(start, end, value))


def _block(kind: str, value: MapNode) -> ast.Block:
    """An object as a nested block, and lists of objects in it likewise."""
    start, end = value.place.span
    items: list[ast.Attribute | ast.Block] = []
    for entry in value.entries:
        name = str(entry.key.value)
        inner = entry.value
        nested = name in ("principals", "not_principals", "condition")
        if is_null(inner):
            continue
        if nested:
            items += _blocks(name, inner)
        else:
            items.append(_attribute(name, entry.key, inner))
    return ast.Block(start, end, kind, (), start, _body(start, end, items))


def _blocks(kind: str, value: Node) -> list[ast.Block]:
    """A list of objects as nested blocks; one that is unknown as a block that may be there."""
    found: list[ast.Block] = []
    for item in value.items if isinstance(value, ListNode) else (value,):
        if isinstance(item, MapNode):
            found.append(_block(kind, item))
        else:
            start, end = item.place.span
            label = ast.Label(start, end, kind)
            each = ast.Attribute(start, end, "for_each", end, ast.Given(start, end, item))
            content = ast.Block(start, end, "content", (), start, _body(start, end, []))
            body = _body(start, end, [each, content])
            found.append(ast.Block(start, end, "dynamic", (label,), start, body))
    return found
