"""The resource policies of APIs of AWS SAM: lists of accounts, addresses and VPCs, and statements.

Source: AWS SAM Developer Guide, ApiAuth and ResourcePolicyStatement.  SAM writes a statement for
each path and method of the API; all of them together are the API, `execute-api:/*`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from iamlint.sources.cloudformation.alternatives import scalar, text_of
from iamlint.sources.cloudformation.parts import Part
from iamlint.sources.cloudformation.template import Resource, maps_and_nodes, string
from iamlint.text import Place
from iamlint.tree import Entry, ListNode, MapNode, Node, Scalar, Text

if TYPE_CHECKING:
    from iamlint.sources.cloudformation.sites import SiteReader

_WHOLE = "execute-api:/*"
_CUSTOM = "CustomStatements"
_NOT_EDITABLE = "SAM makes statements of its lists"
_ACCOUNTS = {"AwsAccountWhitelist": "Allow", "AwsAccountBlacklist": "Deny"}
_LIMITS = {
    "IpRangeWhitelist": ("NotIpAddress", "aws:SourceIp"),
    "IpRangeBlacklist": ("IpAddress", "aws:SourceIp"),
    "IntrinsicVpcBlacklist": ("StringEquals", "aws:SourceVpc"),
    "IntrinsicVpceBlacklist": ("StringEquals", "aws:SourceVpce"),
    "IntrinsicVpcWhitelist": ("StringNotEquals", "aws:SourceVpc"),
    "IntrinsicVpceWhitelist": ("StringNotEquals", "aws:SourceVpce"),
    "SourceVpcBlacklist": ("StringEquals", ""),
    "SourceVpcWhitelist": ("StringNotEquals", ""),
}
"""The condition under which SAM denies, by list; `""` for a key that each item's prefix tells."""


def read(reader: SiteReader, resource: Resource, possible: str | None) -> None:
    """Add the resource policy of an API."""
    common = _common(reader)
    found = [
        part
        for part in reader.parts(resource, "Auth/ResourcePolicy")
        if isinstance(part.value, MapNode)
    ]
    if not found and common is not None:
        found = [Part("Auth.ResourcePolicy", common.value, common, None)]
        common = None
    for part in found:
        assert isinstance(part.value, MapNode)
        entries = list(part.value.entries)
        if common is not None and isinstance(common.value, MapNode):
            entries += common.value.entries
        if [entry.key.value for entry in entries] == [_CUSTOM]:
            # Nothing but statements of its author's own, which may be edited.
            statements = Entry(scalar(entries[0].key.place, Text.of("Statement")), entries[0].value)
            document = MapNode(place=entries[0].value.place, entries=(statements,))
            inner = Part(f"{part.argument}.{_CUSTOM}", document, entries[0], part.possible)
            reader.document(resource, inner, "resource", possible, ())
            continue
        policy = _policy(reader, resource, part, entries)
        reader.document(
            resource, part._replace(value=policy), "resource", possible, (), _NOT_EDITABLE
        )


def events(reader: SiteReader, resource: Resource, possible: str | None) -> None:
    """Add what the events of a function or state machine add to the policies of their APIs.

    That the API which SAM makes for events has a policy of `Globals` is said.
    """
    common = _common(reader)
    for part in reader.parts(resource, "Events"):
        for key, event in maps_and_nodes(part.value):
            if not isinstance(event, MapNode) or string(event.get("Type")) != "Api":
                continue
            properties = event.get("Properties")
            if not isinstance(properties, MapNode):
                properties = MapNode(place=key.place, entries=())
            if common is not None and properties.get("RestApiId") is None:
                hidden = "the policy of the API that SAM makes for events is not evaluated"
                reader.unresolved(common.key.place, "ServerlessRestApi.Auth.ResourcePolicy", hidden)
            auth = properties.get("Auth")
            policy = auth.get("ResourcePolicy") if isinstance(auth, MapNode) else None
            if isinstance(policy, MapNode):
                argument = f"{part.argument}.{key.value}.Properties.Auth.ResourcePolicy"
                own = Part(argument, policy, None, part.possible)
                found = _policy(reader, resource, own, list(policy.entries), _method(properties))
                made = own._replace(value=found)
                reader.document(resource, made, "resource", possible, (), _NOT_EDITABLE)


def _method(event: MapNode) -> str:
    """The path and method of an event, in all stages, as `Resource` writes them."""
    path, method = string(event.get("Path")), string(event.get("Method"))
    if path is None or method is None:
        return _WHOLE
    wild = re.sub(r"\{[^}]*\}", "*", path)
    return f"execute-api:/*/{'*' if method.lower() == 'any' else method.upper()}{wild}"


def _common(reader: SiteReader) -> Entry | None:
    """The policy that `Globals` gives to all APIs."""
    node: Node | None = reader.template.globals
    for name in ("Api", "Auth"):
        node = node.get(name) if isinstance(node, MapNode) else None
    return node.entry("ResourcePolicy") if isinstance(node, MapNode) else None


def _policy(
    reader: SiteReader,
    resource: Resource,
    part: Part,
    entries: list[Entry],
    target: str = _WHOLE,
) -> MapNode:
    """The document that SAM makes of the lists."""
    statements: list[Node] = []
    custom: list[Node] = []
    allowed = False
    for entry in entries:
        name, place = str(entry.key.value), entry.value.place
        items = tuple(_items(reader, entry.value))
        if name == _CUSTOM:
            custom += items
        elif name in _ACCOUNTS:
            accounts = _map(place, {"AWS": ListNode(place=place, items=items)})
            statements.append(_statement(place, target, _ACCOUNTS[name], accounts))
        elif name in _LIMITS:
            if not allowed:
                statements.append(_statement(place, target, "Allow", scalar(place, Text.of("*"))))
                allowed = True
            statements.append(_denied(place, target, *_LIMITS[name], items))
        else:
            address = f"{resource.logical_id}.{part.argument}"
            hidden = f"the statements that SAM makes of `{name}` are not evaluated"
            reader.unresolved(entry.key.place, address, hidden)
    whole = ListNode(place=part.value.place, items=(*statements, *custom))
    return _map(part.value.place, {"Statement": whole})


def _items(reader: SiteReader, node: Node) -> Iterator[Node]:
    value = node if isinstance(node, ListNode) else reader.resolver.resolve(node)
    if isinstance(value, ListNode):
        yield from value.items
    elif value is not None:
        yield value


def _denied(place: Place, target: str, operator: str, key: str, items: tuple[Node, ...]) -> MapNode:
    by_key: dict[str, list[Node]] = {}
    for item in items:
        text = text_of(item)
        first = text.parts[0] if text is not None and text.parts else ""
        endpoint = isinstance(first, str) and first.startswith("vpce-")
        prefixed = "aws:SourceVpce" if endpoint else "aws:SourceVpc"
        by_key.setdefault(key or prefixed, []).append(item)
    values: dict[str, Node] = {
        each: ListNode(place=place, items=tuple(found)) for each, found in by_key.items()
    }
    everyone = scalar(place, Text.of("*"))
    condition = _map(place, {operator: _map(place, values)})
    return _statement(place, target, "Deny", everyone, condition)


def _statement(
    place: Place, target: str, effect: str, principal: Node, condition: Node | None = None
) -> MapNode:
    elements: dict[str, Node] = {
        "Effect": Scalar(place=place, value=effect),
        "Principal": principal,
        "Action": Scalar(place=place, value="execute-api:Invoke"),
        "Resource": Scalar(place=place, value=target),
    }
    if condition is not None:
        elements["Condition"] = condition
    return _map(place, elements)


def _map(place: Place, values: dict[str, Node]) -> MapNode:
    entries = tuple(Entry(Scalar(place=place, value=key), node) for key, node in values.items())
    return MapNode(place=place, entries=entries)
