"""The arguments of a resource that hold policies: their values, kinds and whether to edit them."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.sources.site import (
    SiteKind,
)
from iamlint.sources.terraform.blocks import nested
from iamlint.sources.terraform.expressions import Context
from iamlint.sources.terraform.folder import Declared
from iamlint.sources.terraform.instance import Instance
from iamlint.sources.terraform.resource_types import (
    Document,
)
from iamlint.sources.terraform.values import Failed, Maybe, is_null, kind_name
from iamlint.text import Place
from iamlint.tree import Hole, ListNode, MapNode, Node, Scalar, Text, Unknown


def shape_of(tree: MapNode) -> SiteKind | None:
    """What kind of IAM policy a tree is by its statements; None if it is none."""
    statements = tree.get("Statement")
    items = statements.items if isinstance(statements, ListNode) else (statements,)
    for item in items:
        if isinstance(item, MapNode) and item.get("Effect") is not None:
            if item.get("Principal") is None and item.get("NotPrincipal") is None:
                return "identity"
            named = item.get("Resource") is not None or item.get("NotResource") is not None
            return "resource" if named or not _assumes(item.get("Action")) else "trust"
    return None


def _assumes(actions: Node | None) -> bool:
    """True for actions of AWS STS alone, as trust policies have them."""
    items = actions.items if isinstance(actions, ListNode) else (actions,)
    return all(isinstance(item, Scalar) and str(item.value).startswith("sts:") for item in items)


def kind_of(document: Document, instance: Instance) -> SiteKind | None:
    if document.kind != "scp":
        return document.kind
    given = instance.get("type")
    name = given.value if isinstance(given, Scalar) else "SERVICE_CONTROL_POLICY"
    if name == "RESOURCE_CONTROL_POLICY":
        return "rcp"
    return "scp" if name == "SERVICE_CONTROL_POLICY" or isinstance(name, Text) else None


def values_of(instance: Instance, path: str) -> Iterator[tuple[str, Node, str | None]]:
    """The values of an argument, also in nested blocks: its path, the value, why only possible."""
    head, _, rest = path.partition(".")
    found = instance.get(head)
    if found is not None:
        yield from _inside(head, found, rest, None)
    if rest:
        yield from _nested(instance.declared, instance.context(), head, rest, "", None)


def _nested(
    declared: Declared, context: Context, kind: str, rest: str, shown: str, possible: str | None
) -> Iterator[tuple[str, Node, str | None]]:
    """The values in the nested blocks of a type, and in the blocks in these."""
    head, _, more = rest.partition(".")
    for index, block in enumerate(nested(declared, context, kind)):
        at = f"{shown}{kind}[{index}]"
        value = block.get(head)
        why = possible or block.possible
        if value is not None and not more:
            yield f"{at}.{head}", value, why
        elif value is not None:
            yield from _inside(f"{at}.{head}", value, more, why)
        if more:
            yield from _nested(block.declared, block.context, head, more, f"{at}.", why)


def _inside(
    shown: str, value: Node, rest: str, possible: str | None
) -> Iterator[tuple[str, Node, str | None]]:
    """The values below an argument that is an object or a list of objects."""
    possible = possible or value.possible
    if isinstance(value, Maybe):
        value = value.value
    if not rest or isinstance(value, Unknown):
        yield shown, value, possible
    elif isinstance(value, MapNode):
        head, _, more = rest.partition(".")
        inner = value.get(head)
        if inner is not None:
            yield from _inside(f"{shown}.{head}", inner, more, possible)
    elif isinstance(value, ListNode):
        for index, item in enumerate(value.items):
            yield from _inside(f"{shown}[{index}]", item, rest, possible)
    elif not is_null(value):
        reason = f"{kind_name(value)} where an object with `{rest}` is needed"
        yield shown, Failed(place=value.place, reason=reason, hole=Hole(shown)), possible


def uneditable(instance: Instance, place: Place) -> str | None:
    """Why the text at a place may not be rewritten, None if it may."""
    if "/.terraform/" in f"/{place.path}":
        return "it stands in a downloaded module"
    if not place.path:
        return "it was given on the command line"
    if place.path.endswith((".tfvars", ".tfvars.json")):
        return "it is the value of a variable"
    if place.path.endswith(".hcl"):
        return "it stands in a configuration of Terragrunt"
    body = instance.module.body_of(place.source)
    for block in body.blocks if body is not None else ():
        if block.type == "variable" and block.start <= place.span.start < block.end:
            return "it is the default of a variable"
    return None
