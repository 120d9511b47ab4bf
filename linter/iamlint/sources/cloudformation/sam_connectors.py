"""The connectors of AWS SAM, expanded into the policies and permissions that they make.

Source: AWS SAM Developer Guide, "Managing resource permissions with AWS SAM connectors", and the
profiles of aws-sam-translator.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from iamlint import data
from iamlint.sources.cloudformation import permissions
from iamlint.sources.cloudformation.alternatives import alternatives, holds, joined, text_of
from iamlint.sources.cloudformation.owners import referred
from iamlint.sources.cloudformation.parts import Part
from iamlint.sources.cloudformation.template import Resource, maps_and_nodes, string
from iamlint.sources.document.json_reader import scan
from iamlint.text import Place
from iamlint.tree import Entry, ListNode, MapNode, Node, Scalar, Text

if TYPE_CHECKING:
    from iamlint.sources.cloudformation.sites import SiteReader

CONNECTOR = "AWS::Serverless::Connector"

_NOT_EDITABLE = "a SAM connector makes it"
_MADE = {
    "AWS_IAM_ROLE_MANAGED_POLICY": "AWS::IAM::ManagedPolicy",
    "AWS_SQS_QUEUE_POLICY": "AWS::SQS::QueuePolicy",
    "AWS_SNS_TOPIC_POLICY": "AWS::SNS::TopicPolicy",
    "AWS_LAMBDA_PERMISSION": "AWS::Lambda::Permission",
}
_OF_SAM = {
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
    "AWS::Serverless::Api": "AWS::ApiGateway::RestApi",
    "AWS::Serverless::HttpApi": "AWS::ApiGatewayV2::Api",
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
}
_VALUES = ("Arn", "ResourceId", "Name", "Qualifier")


class _Refused(Exception):
    """Why SAM makes nothing of a connector."""


class _End(NamedTuple):
    """One end of a connector: its type, what stands for it, the owners that its role is."""

    type: str
    values: dict[str, Text]
    roles: tuple[str, ...]
    possible: str | None


def embedded(reader: SiteReader, resource: Resource, possible: str | None) -> None:
    """Add what the connectors make that are attached to a resource, their source."""
    if not resource.may_hold("Connectors"):
        return
    for key, connector in maps_and_nodes(resource.body.get("Connectors")):
        argument = f"Connectors.{key.value}"
        properties = connector.get("Properties") if isinstance(connector, MapNode) else None
        condition = string(connector.get("Condition")) if isinstance(connector, MapNode) else None
        decided = reader.resolver.condition(condition) if condition is not None else True
        if decided is False:
            continue
        why = joined(
            possible, holds(condition) if condition is not None and decided is None else None
        )
        own = _map(key.place, {"Id": Scalar(place=key.place, value=resource.logical_id)})
        added = properties.get("SourceReference") if isinstance(properties, MapNode) else None
        if isinstance(added, MapNode):
            own = replace(own, entries=(*own.entries, *added.entries))
        span = type(key.place.span)(key.place.span.start, connector.place.span.end)
        _connect(reader, resource, argument, own, properties, Place(key.place.source, span), why)


def read(reader: SiteReader, resource: Resource, possible: str | None) -> None:
    """Add what a connector makes that is a resource of its own."""
    properties = resource.properties
    source = properties.get("Source") if isinstance(properties, MapNode) else None
    _connect(reader, resource, "", source, properties, resource.block, possible)


def _connect(
    reader: SiteReader,
    resource: Resource,
    argument: str,
    source: Node | None,
    properties: Node | None,
    place: Place,
    possible: str | None,
) -> None:
    address = ".".join(filter(None, (resource.logical_id, argument)))
    written = properties.get("Destination") if isinstance(properties, MapNode) else None
    several = isinstance(written, ListNode)
    for number, destination in enumerate(
        written.items if isinstance(written, ListNode) else (written,)
    ):
        name = f"Destination[{number}]" if several else ""
        part = Part(".".join(filter(None, (argument, name))), _at(place), None, None)
        try:
            if not isinstance(source, MapNode) or not isinstance(destination, MapNode):
                raise _Refused("a connector needs a source and a destination")
            assert isinstance(properties, MapNode)
            ends = {
                "Source": _end(reader, source, destination),
                "Destination": _end(reader, destination, source),
            }
            wanted = _permissions(reader, properties.get("Permissions"))
            _make(reader, resource, part, ends, wanted, possible)
        except _Refused as refused:
            reader.unresolved(place, address, f"what the connector grants is not known: {refused}")


def _at(place: Place) -> Node:
    """A node that only says where something stands."""
    return Scalar(place=place, value=None)


def _make(
    reader: SiteReader,
    resource: Resource,
    part: Part,
    ends: dict[str, _End],
    wanted: list[str],
    possible: str | None,
) -> None:
    """Add the sites that a connector makes between two resources."""
    source, destination = ends["Source"], ends["Destination"]
    profile = _table()["connectors"].get(source.type, {}).get(destination.type)
    if profile is None:
        raise _Refused(f"SAM connects no `{source.type}` to a `{destination.type}`")
    for each in wanted:
        if each not in profile["permissions"]:
            raise _Refused(f"this connector has no permission `{each}`")
    together = [sorted(each) for each in profile["together"]]
    if together and wanted not in together:
        raise _Refused("SAM does not give these permissions without others")
    given = {
        f"{end}{name}": value for end, each in ends.items() for name, value in each.values.items()
    }
    made = resource.as_type(_MADE[profile["makes"]])
    why = joined(possible, source.possible, destination.possible)
    of = ends[profile["of"]]
    place = part.value.place
    rows = [profile["permissions"][each] for each in profile["permissions"] if each in wanted]
    with reader.resolver.looping(given):
        if profile["makes"] == "AWS_LAMBDA_PERMISSION":
            for row in rows:
                target = {"FunctionName": {"Ref": f"{profile['of']}Arn"}}
                written = reader.resolver.value(_tree({**row, **target}, place))
                assert isinstance(written, MapNode)
                policy = permissions.lambda_policy(reader.resolver, written)
                reader.document(
                    made, part._replace(value=policy), "resource", why, (), _NOT_EDITABLE
                )
            return
        statements = [statement for row in rows for statement in row["Statement"]]
        tree = _tree({"Version": "2012-10-17", "Statement": statements}, place)
        policy = reader.resolver.value(tree)
    whole = part._replace(value=policy)
    if profile["makes"] == "AWS_IAM_ROLE_MANAGED_POLICY":
        reader.document(made, whole, "identity", why, of.roles, _NOT_EDITABLE)
    else:
        reader.document(made, whole, "resource", why, (), _NOT_EDITABLE)


def _end(reader: SiteReader, written: MapNode, other: MapNode) -> _End:
    """One end of a connector, by its logical id or by properties of its own."""
    name = string(written.get("Id"))
    reasons: list[str | None] = []

    def known(node: Node | None, what: str) -> Text | None:
        if node is None:
            return None
        choices = alternatives(reader.resolver.value(node))
        reasons.extend(reason for _, reason in choices[:1])
        text = text_of(choices[0][0]) if len(choices) == 1 else None
        return text or Text((reader.resolver.hole(what),))

    values = {each: known(written.get(each), each) for each in _VALUES}
    if name is None:
        kind = string(written.get("Type"))
        if kind is None:
            raise _Refused("one of its ends has no type")
        role = written.get("RoleName")
        roles = tuple(reader.serving.owners_named(role)) if role is not None else ()
        found = {each: text for each, text in values.items() if text is not None}
        return _End(_OF_SAM.get(kind, kind), found, roles, joined(*reasons))
    resource = reader.template.resources.get(name)
    if resource is None:
        raise _Refused(f"there is no resource `{name}`")
    kind = _OF_SAM.get(resource.type, resource.type)
    row = _table()["connected"].get(kind, {"role": None, "values": {}})
    found = {}
    for each, value in row["values"].items():
        text = values.get(each)
        if text is None:
            node = value if isinstance(value, str) else _call(value, name)
            text = known(_tree(node, written.place), f"{name}.{each}")
        if text is not None:
            found[each] = text
    return _End(kind, found, _roles(reader, resource, row["role"], other), joined(*reasons))


def _roles(
    reader: SiteReader, resource: Resource, argument: str | None, other: MapNode
) -> tuple[str, ...]:
    """The keys of the roles that a resource runs as."""
    own = reader.owners.get(f"{resource.logical_id}Role")
    if resource.type.startswith("AWS::Serverless::"):
        if own is not None and own.place == resource.name:
            return (own.key,)
        argument = "Role" if argument is not None else None
    properties = resource.properties
    if argument is None or not isinstance(properties, MapNode):
        return ()
    role = properties.get(argument)
    if argument == "Targets":
        role = _role_of_target(reader, role, other)
    name = referred(role) if role is not None else None
    owner = reader.owners.get(name or "")
    return (owner.key,) if owner is not None else ()


def _role_of_target(reader: SiteReader, targets: Node | None, other: MapNode) -> Node | None:
    """The role of the target of an EventBridge rule that is the other end."""
    given = other.get("Arn")
    wanted = text_of(reader.resolver.value(given)) if given is not None else None
    for target in targets.items if isinstance(targets, ListNode) else ():
        arn = target.get("Arn") if isinstance(target, MapNode) else None
        if arn is None or not isinstance(target, MapNode):
            continue
        by_id = referred(arn) is not None and referred(arn) == string(other.get("Id"))
        if by_id or (wanted is not None and text_of(reader.resolver.value(arn)) == wanted):
            return target.get("RoleArn")
    return None


def _permissions(reader: SiteReader, written: Node | None) -> list[str]:
    value = reader.resolver.value(written) if written is not None else None
    items = value.items if isinstance(value, ListNode) else ()
    names = sorted({name for item in items if (name := string(item)) is not None})
    if not names or any(string(item) is None for item in items):
        raise _Refused("its permissions are not known")
    return names


def _call(value: list[str], name: str) -> dict[str, Any]:
    return {"Ref": name} if len(value) == 1 else {value[0]: [name, value[1]]}


def _tree(value: object, place: Place) -> Node:
    return scan(json.dumps(value), lambda start, end: place)


def _map(place: Place, values: dict[str, Node]) -> MapNode:
    entries = tuple(Entry(Scalar(place=place, value=key), node) for key, node in values.items())
    return MapNode(place=place, entries=entries)


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(data.read_text("sam.json"))
    return table
