"""The outputs of `cloudposse/label/null`, which most modules of Cloud Posse make their names with.

It creates nothing and is seldom on the machine, but `module.this.enabled` decides in hundreds of
modules whether there is a policy at all.
Source: github.com/cloudposse/terraform-null-label, main.tf and outputs.tf of 0.25.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iamlint.sources.terraform import ast
from iamlint.sources.terraform.folder import Declared
from iamlint.sources.terraform.values import is_null
from iamlint.text import Place
from iamlint.tree import Entry, MapNode, Node, Scalar, Text, Unknown

if TYPE_CHECKING:
    from iamlint.sources.terraform.instance import Instance

_SOURCE = re.compile(
    r"(?:(?:registry\.terraform\.io/|registry\.opentofu\.org/)?cloudposse/label/null"
    r"|(?:git::)?(?:https://|ssh://git@|git@)?github\.com[/:]cloudposse/terraform-null-label(?:\.git)?(?:\?.*)?)"
).fullmatch
_NAMES = frozenset({"id", "id_full", "name", "namespace", "tenant", "environment", "stage"})
"""Outputs that are one name: what is no letter, digit or hyphen is taken out of them."""


def is_label(call: Declared) -> bool:
    """True if a module call is of this module."""
    source = call.get("source")
    expr = source.expr if source is not None else None
    written = expr.literal if isinstance(expr, ast.TemplateExpr) else None
    return written is not None and _SOURCE(written) is not None


def output(instance: Instance, name: str, place: Place) -> Node:
    """An output of a call: what is known of it, else a hole."""
    if name == "enabled":
        return _enabled(instance, place)
    if name == "context":
        key = Scalar(place=place, value="enabled")
        return MapNode(
            place=place,
            entries=(Entry(key, _enabled(instance, place)),),
            open=f"`{instance.expression}` is not evaluated",
        )
    hole = instance.hole(name, "name" if name in _NAMES else None)
    if name in _NAMES:
        return Scalar(place=place, value=Text((hole,)))
    return Unknown(place=place, reason=f"`{instance.expression}` is not evaluated", hole=hole)


def _enabled(instance: Instance, place: Place) -> Node:
    """The argument of that name, else that of the context, else true."""
    given = instance.get("enabled")
    if given is None:
        context = instance.get("context")
        if isinstance(context, MapNode):
            given = context.get("enabled")
        elif context is not None:
            hole = instance.hole("enabled")
            return Unknown(place=place, reason="the context of a label is not known", hole=hole)
    if given is None or is_null(given):
        return Scalar(place=place, value=True)
    return given
