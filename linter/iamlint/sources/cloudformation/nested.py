"""Resources that are stacks themselves: where their template is, and what they pass to it.

Source: AWS::CloudFormation::Stack, AWS::CloudFormation::StackSet, AWS::Serverless::Application;
`aws cloudformation package` and `sam build` take paths of local files where they take URLs.
"""

from __future__ import annotations

import posixpath
import re
from typing import Literal, NamedTuple

from iamlint.sources.cloudformation.template import Resource, Template, string
from iamlint.text import Place
from iamlint.tree import ListNode, MapNode, Node, Scalar

STACK, STACK_SET = "AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"
APPLICATION = "AWS::Serverless::Application"

MARKS = (STACK, APPLICATION)
"""Texts of which one stands in every template that holds another one."""

_LOCATION = {STACK: "TemplateURL", STACK_SET: "TemplateURL", APPLICATION: "Location"}
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Nested(NamedTuple):
    """Where the template of a nested stack is.

    `file`: in the file of this path; `body`: in `value`, a map or a text; `elsewhere`: nowhere in
    the project, for the `reason`.
    """

    where: Literal["file", "body", "elsewhere"]
    value: Node
    argument: str
    path: str = ""
    reason: str = ""

    @property
    def place(self) -> Place:
        return self.value.place


def nested(template: Template, resource: Resource) -> Nested | None:
    """The template of a resource that is a stack; None for all other resources."""
    argument = _LOCATION.get(resource.type)
    properties = resource.properties if argument is not None else None
    if argument is None or not isinstance(properties, MapNode):
        return None
    body = properties.get("TemplateBody")
    if body is not None and resource.type != APPLICATION:
        return Nested("body", body, "TemplateBody")
    value = properties.get(argument)
    if value is None:
        return None
    asset = _asset(resource, argument)
    url = asset if asset is not None else string(value)
    if url is not None and not _URL.match(url):
        folder = posixpath.dirname(template.source.path)
        return Nested("file", value, argument, posixpath.normpath(posixpath.join(folder, url)))
    shown = f" at `{url}`" if url is not None else ""
    if isinstance(value, MapNode) and value.get("ApplicationId") is not None:
        shown = " in the Serverless Application Repository"
    reason = f"the template of the nested stack{shown} is not part of this project"
    return Nested("elsewhere", value, argument, reason=reason)


def passed(resource: Resource, name: str) -> Node | None:
    """The raw value that a stack passes for a parameter of its template."""
    properties = resource.properties
    given = properties.get("Parameters") if isinstance(properties, MapNode) else None
    if isinstance(given, MapNode):
        return given.get(name)
    for item in given.items if isinstance(given, ListNode) else ():
        if isinstance(item, MapNode) and string(item.get("ParameterKey")) == name:
            return item.get("ParameterValue")
    return None


def _asset(resource: Resource, argument: str) -> str | None:
    """The file beside a template of the AWS CDK that becomes a property of a resource."""
    metadata = resource.body.get("Metadata")
    if not isinstance(metadata, MapNode):
        return None
    named = metadata.get("aws:asset:property")
    if not isinstance(named, Scalar) or named.value != argument:
        return None
    return string(metadata.get("aws:asset:path"))
