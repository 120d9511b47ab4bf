"""The policies of AWS SAM resources: entries of `Policies` and the roles that SAM makes for them.

Source: AWS SAM Developer Guide, AWS::Serverless::Function and AWS::Serverless::StateMachine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iamlint.sources.cloudformation import sam_apis, sam_connectors
from iamlint.sources.cloudformation.alternatives import joined, scalar
from iamlint.sources.cloudformation.owners import make_owner
from iamlint.sources.cloudformation.parts import Part
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.sam_templates import expand
from iamlint.sources.cloudformation.template import Resource, maps_and_nodes
from iamlint.sources.site import Owner
from iamlint.tree import Entry, ListNode, MapNode, Node, Scalar, Text

if TYPE_CHECKING:
    from iamlint.sources.cloudformation.sites import SiteReader

WITH_POLICIES = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
"""Types for which SAM makes a role out of `Policies`, unless `Role` names one."""

_GLOBAL = {"AWS::Serverless::Function": "Function", "AWS::Serverless::StateMachine": "StateMachine"}
_SUPPORTED_GLOBALS = ("AssumeRolePolicyDocument", "PermissionsBoundary")


def role_of(resolver: Resolver, resource: Resource) -> Owner | None:
    """The role that SAM makes for a resource; None if it makes none."""
    if resource.type not in WITH_POLICIES or not resolver.template.is_sam:
        return None
    properties = resource.properties
    if isinstance(properties, MapNode) and properties.get("Role") is not None:
        return None
    return make_owner(resolver, resource, "role", f"{resource.logical_id}Role", "RoleName")


def read(reader: SiteReader, resource: Resource, possible: str | None) -> None:
    """Add the sites of a SAM resource."""
    if resource.type == sam_connectors.CONNECTOR:
        sam_connectors.read(reader, resource, possible)
        return
    if resource.type == "AWS::Serverless::Api":
        sam_apis.read(reader, resource, possible)
    if resource.type == "AWS::Serverless::GraphQLApi":
        _data_sources(reader, resource)
    if resource.type not in WITH_POLICIES:
        return
    sam_apis.events(reader, resource, possible)
    owners = reader.serving.principals(resource)
    for part in _parts(reader, resource, "AssumeRolePolicyDocument"):
        reader.document(resource, part, "trust", possible, owners)
    for part in _parts(reader, resource, "PermissionsBoundary"):
        reader.attachments.one(resource, part, None, possible, owners, "boundary")
    if not owners:
        # With a role of its own SAM ignores `Policies`.
        return
    for part in reader.parts(resource, "Policies"):
        for branch, reason in reader.resolver.branches(part.value):
            why = joined(possible, part.possible, reason)
            if isinstance(branch, ListNode):
                for number, item in enumerate(branch.items):
                    inner = Part(f"{part.argument}[{number}]", item, None, None)
                    _entry(reader, resource, inner, branch, why, owners)
            else:
                inner = Part(part.argument, branch, part.entry, None)
                _entry(reader, resource, inner, None, why, owners)


def _data_sources(reader: SiteReader, resource: Resource) -> None:
    """Say which data sources get a role that SAM makes with a policy of its own."""
    for kind in ("DynamoDb", "Lambda"):
        for part in reader.parts(resource, f"DataSources/{kind}"):
            for key, source in maps_and_nodes(part.value):
                if source.get("ServiceRoleArn") is None if isinstance(source, MapNode) else True:
                    address = f"{resource.logical_id}.{part.argument}.{key.value}"
                    hidden = "the role that SAM makes for this data source is not evaluated"
                    reader.unresolved(key.place, address, hidden)


def _entry(
    reader: SiteReader,
    resource: Resource,
    part: Part,
    container: ListNode | None,
    possible: str | None,
    owners: tuple[str, ...],
) -> None:
    """One entry of `Policies`: a name or ARN, a document, or a policy template."""
    for branch, reason in reader.resolver.branches(part.value):
        both = joined(possible, reason)
        inner = part._replace(value=branch)
        address = f"{resource.logical_id}.{part.argument}"
        if isinstance(branch, Scalar):
            named = part._replace(value=_with_arn(reader, branch))
            reader.attachments.one(resource, named, container, both, owners)
        elif isinstance(branch, MapNode) and branch.get("Statement") is not None:
            reader.document(resource, inner, "identity", both, owners)
        elif reader.resolver.call(branch) is not None:
            reader.attachments.one(resource, inner, container, both, owners)
        elif isinstance(branch, MapNode) and branch.get("PolicyDocument") is not None:
            hidden = "SAM ignores a policy inside `PolicyDocument`"
            reader.unresolved(branch.place, address, hidden, ignored=True)
        elif isinstance(branch, MapNode) and branch.get("Effect") is not None:
            hidden = "SAM ignores a statement outside a policy"
            reader.unresolved(branch.place, address, hidden, ignored=True)
        elif isinstance(branch, MapNode) and branch.entries:
            for entry in branch.entries:
                policy = expand(reader.resolver, entry)
                if isinstance(policy, str):
                    reader.unresolved(entry.key.place, address, policy)
                    continue
                expanded = part._replace(value=policy)
                reader.document(resource, expanded, "identity", both, owners)
        else:
            reader.unresolved(branch.place, address, "it is no policy that SAM knows")


def _with_arn(reader: SiteReader, name: Scalar) -> Node:
    """A managed policy's name as its ARN, which SAM looks up in a table of its own."""
    if not isinstance(name.value, str) or name.value.startswith("arn:"):
        return name
    from iamlint.iam import managed  # its index is read for names only

    policy = managed.lookup(name.value)
    if policy is None:
        return name
    partition = reader.resolver.pseudo("AWS::Partition") or Text.of("aws")
    return scalar(
        name.place, Text.of("arn:", *partition.parts, policy.arn("").removeprefix("arn:"))
    )


def _parts(reader: SiteReader, resource: Resource, name: str) -> Iterator[Part]:
    """A property of the resource, or else of `Globals`."""
    found = list(reader.parts(resource, name))
    if found or name not in _SUPPORTED_GLOBALS or reader.template.globals is None:
        yield from found
        return
    section = reader.template.globals.get(_GLOBAL[resource.type])
    entry: Entry | None = section.entry(name) if isinstance(section, MapNode) else None
    if entry is not None:
        yield Part(name, entry.value, entry, None)
