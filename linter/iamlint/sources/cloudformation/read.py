"""CloudFormation templates into policy sites."""

from __future__ import annotations

from iamlint.sources.cloudformation import sam
from iamlint.sources.cloudformation.loops import expand, fill
from iamlint.sources.cloudformation.owners import owner_of
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.resources import TemplateResources
from iamlint.sources.cloudformation.sites import SiteReader
from iamlint.sources.cloudformation.template import (
    AWS_TRANSFORMS,
    Resource,
    Template,
    is_template,
    load,
    resource_of,
)
from iamlint.sources.document.document import Document
from iamlint.sources.document.parse import parse
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Owner, Project, ReadOptions, Unreadable, Unresolved
from iamlint.text import SourceText
from iamlint.tree import MapNode, Text


def read(
    source: SourceText, sandbox: Sandbox | None = None, options: ReadOptions | None = None
) -> Project:
    """The owners and policy sites of a template, and what could not be read or resolved.

    A file of several YAML documents may hold several templates.  A file that parses and is no
    template gives an empty project; one that does not parse gives one Unreadable with line and
    column.  Never raises.
    """
    project = Project(sources={source.path: source}, files=1)
    document = parse(source)
    if isinstance(document, Unreadable):
        project.unreadable.append(document)
        return project
    for root in document.roots:
        if isinstance(root, MapNode) and is_template(root):
            _read_template(project, document, root, options or ReadOptions())
    return project


def _read_template(
    project: Project, document: Document, root: MapNode, options: ReadOptions
) -> None:
    template = load(document, root)
    for place, reason in template.hidden:
        project.unresolved.append(Unresolved(place, "Resources", reason))
    resolver = Resolver(template, options)
    resources = list(_resources(project, template, resolver))
    template.resources.update({resource.logical_id: resource for resource, _ in resources})
    owners: dict[str, Owner] = {}
    for resource, names in resources:
        with resolver.looping(names):
            if resource.condition and resolver.condition(resource.condition) is False:
                continue
            owner = owner_of(resolver, resource) or sam.role_of(resolver, resource)
            if owner is not None:
                owners[owner.address] = owner
    project.owners.update({owner.key: owner for owner in owners.values()})
    project.readers.append(TemplateResources(resolver, resources))
    reader = SiteReader(resolver, project, owners)
    for resource, names in resources:
        with resolver.looping(names):
            reader.read(resource)
    reader.serving.link(project.sites)
    for name, place in template.transforms:
        if name not in AWS_TRANSFORMS and (reader.project.sites or resources):
            reason = f"the macro `{name}` may change the template before it is deployed"
            project.unresolved.append(Unresolved(place, "Transform", reason))


def _resources(
    project: Project, template: Template, resolver: Resolver
) -> list[tuple[Resource, dict[str, Text]]]:
    """All resources, those of loops included, with the values of the loops' identifiers."""
    found: list[tuple[Resource, dict[str, Text]]] = [
        (resource, {}) for resource in template.resources.values()
    ]
    for key, loop in template.loops:
        for names, name, body in expand(resolver, loop):
            if body is None:
                project.unresolved.append(Unresolved(key.place, str(key.value), name))
                continue
            logical_id = str(fill(name, names))
            resource = resource_of(logical_id, key.place, body)
            if resource is not None:
                found.append((resource, names))
    return found
