"""References to the project's own resources in the place of their ARNs, where they mean the same.

Only where the ARN is that of the resource wherever it is deployed, and where the resource does
not need in turn what is edited: neither Terraform nor CloudFormation makes what goes in circles.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

import msgspec

from iamlint.finding import Replacement
from iamlint.minimize.own_resources import own_resource
from iamlint.sources.document.parse import parse
from iamlint.sources.site import PolicySite, Project, Resource, Unreadable
from iamlint.sources.terraform.ast import Block
from iamlint.sources.terraform.syntax import read
from iamlint.text import Place, SourceText
from iamlint.tree import MapNode, Text

_ADDRESS = re.compile(
    r"\b(?:data\.[\w-]+\.[\w-]+|module\.[\w-]+|local\.[\w-]+|[a-z]\w*_\w*\.[A-Za-z_][\w-]*)"
)


class Reference(msgspec.Struct, frozen=True):
    """What is written for an ARN, and how it is read again: a template's reader knows the ARN."""

    written: Text
    read: Text


Graph = Mapping[str, str]
"""What is declared in a module or template, by address, with its text."""


def references(
    site: PolicySite, replacement: Replacement, project: Project
) -> dict[str, Reference]:
    """ARNs of the replacement's resources -> the references to write for them."""
    if not replacement.references or replacement.beside:
        return {}
    place = site.place if site.policy is None else site.policy.place
    if site.language == "hcl" and not place.path.endswith((".tf", ".tofu")):
        return {}  # a file that is read as text has no names for resources
    found: dict[str, Reference] = {}
    for pattern in replacement.references:
        own = own_resource(pattern, site, project)
        if own is None or not own.exact or own.arn.reference is None:
            continue
        graph = _graph(own.resource, place, project)
        edited = _around(site.block if site.policy is None else place, graph, site)
        if edited and not _needs(_name(own.resource), edited, graph, site):
            written = Text.of(own.arn.reference, own.suffix)
            known = own.arn.text + Text.of(own.suffix)
            found[pattern] = Reference(written, written if site.language == "hcl" else known)
    return found


def _name(resource: Resource) -> str:
    """A resource's address in its own module, without the key of an instance."""
    return resource.reference.partition("[")[0]


def _graph(resource: Resource, place: Place, project: Project) -> Graph:
    """The declarations of the module or template that has both; empty if none has."""
    source = resource.block.source
    if resource.language != "hcl":
        return dict(_template(source)) if source.path == place.path else {}
    folder = posixpath.dirname(source.path)
    if posixpath.dirname(place.path) != folder:
        return {}
    return {
        address: text
        for path, each in project.sources.items()
        if posixpath.dirname(path) == folder and path.endswith((".tf", ".tofu"))
        for address, text in _module(each)
    }


def _module(source: SourceText) -> Iterator[tuple[str, str]]:
    for block in read(source).body.blocks:
        text = source.text[block.start : block.end]
        if block.type == "locals":
            for name, each in block.body.attributes.items():
                yield f"local.{name}", source.text[each.start : each.end]
        elif (address := _address(block)) is not None:
            yield address, text


def _address(block: Block) -> str | None:
    labels = [label.value for label in block.labels]
    if block.type == "resource":
        return ".".join(labels)
    return ".".join([block.type, *labels]) if block.type in ("data", "module") else None


def _template(source: SourceText) -> Iterator[tuple[str, str]]:
    document = parse(source)
    for root in () if isinstance(document, Unreadable) else document.roots:
        section = root.get("Resources") if isinstance(root, MapNode) else None
        for entry in section.entries if isinstance(section, MapNode) else ():
            yield str(entry.key.value), source.slice(entry.value.place.span)


def _around(place: Place, graph: Graph, site: PolicySite) -> str:
    """The declaration that holds the edited text; `""` if it is not known."""
    if site.language != "hcl":
        name = site.address
        return name if name in graph else ""
    for block in read(place.source).body.blocks:
        if block.start <= place.span.start < block.end:
            if block.type != "locals":
                return _address(block) or ""
            for name, each in block.body.attributes.items():
                if each.start <= place.span.start < each.end:
                    return f"local.{name}"
    return ""


def _needs(start: str, wanted: str, graph: Graph, site: PolicySite) -> bool:
    """True if a declaration refers to another, over any number of others between."""
    seen, todo = {start}, [start]
    while todo:
        text = graph.get(todo.pop(), "")
        if site.language == "hcl":
            named = {match[0] for match in _ADDRESS.finditer(text)}
        else:
            named = set(re.findall(r"\w+", text))
        for name in (named & set(graph)) - seen:
            if name == wanted:
                return True
            seen.add(name)
            todo.append(name)
    return start == wanted
