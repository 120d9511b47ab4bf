"""What is known of a template's parameters: given values, allowed values, defaults, types."""

from __future__ import annotations

from iamlint.sources.cloudformation.template import Template, string
from iamlint.text import Place
from iamlint.tree import (
    Either,
    Hole,
    HoleKind,
    ListNode,
    Node,
    Scalar,
    Text,
    Unknown,
)

MAX_ALLOWED = 12
"""More allowed values than this are not told apart."""

_LISTS = ("CommaDelimitedList", "List<")


def parameter(template: Template, name: str, given: dict[str, str]) -> Node:
    """The value of a parameter.

    In this order: the value given by the user; the only allowed value; all allowed values, as
    Either; the default, as only possible; a hole.  A list parameter gives a ListNode.
    """
    declared = template.parameters[name]
    kind = string(declared.get("Type")) or "String"
    place = declared.place
    if name in given:
        return _typed(given[name], kind, place, None)
    if kind.startswith("AWS::SSM::Parameter::Value"):
        # The default is the name of a parameter in SSM, not its value.
        return hole(template, name, kind, place)
    allowed = declared.get("AllowedValues")
    if isinstance(allowed, ListNode) and allowed.items and not is_list(kind):
        values = [item for item in allowed.items if isinstance(item, Scalar)]
        if len(values) == len(allowed.items) == 1:
            return _typed(_string(values[0]), kind, values[0].place, None)
        if len(values) == len(allowed.items) <= MAX_ALLOWED:
            branches = tuple(
                _typed(
                    _string(item), kind, item.place, f"if parameter `{name}` is `{_string(item)}`"
                )
                for item in values
            )
            return Either(place=place, branches=branches, condition=f"parameter {name}")
        return hole(template, name, kind, place)
    default = declared.get("Default")
    if isinstance(default, Scalar) and default.value is not None:
        return _typed(_string(default), kind, default.place, f"by default of parameter `{name}`")
    return hole(template, name, kind, place)


def hole(template: Template, name: str, kind: str, place: Place) -> Node:
    """The unknown value of a parameter: a string with a hole, or an open list."""
    known: HoleKind = "name" if _specific(kind) else "unknown"
    unknown = Hole(name, known, template.scope)
    if is_list(kind):
        reason = f"parameter `{name}` has no default"
        return Unknown(place=place, reason=reason, hole=unknown)
    return Scalar(place=place, value=Text((unknown,)))


def in_a_string(template: Template, name: str, value: Node) -> Node:
    """The value of a parameter as a piece of a longer string.

    Of several allowed values without wildcards it matters little which it is: they become one
    specific name, so that the string stays one string.
    """
    if isinstance(value, Either):
        texts = [branch.value for branch in value.branches if isinstance(branch, Scalar)]
        plain = all(isinstance(text, str) and _plain_name(text) for text in texts)
        if plain and len(texts) == len(value.branches):
            unknown = Hole(name, "name", template.scope)
            return Scalar(place=value.place, value=Text((unknown,)))
    return value


def _plain_name(text: str) -> bool:
    return bool(text) and not any(char in "*?$:/" for char in text)


def _typed(value: str, kind: str, place: Place, possible: str | None) -> Node:
    if not is_list(kind):
        return Scalar(place=place, value=value, possible=possible)
    items = tuple(Scalar(place=place, value=item.strip()) for item in value.split(","))
    return ListNode(place=place, items=items, possible=possible)


def is_list(kind: str) -> bool:
    return kind.startswith(_LISTS) or kind.startswith("AWS::SSM::Parameter::Value<List<")


def _specific(kind: str) -> bool:
    """True for types that CloudFormation checks to be an existing thing or a number."""
    return kind == "Number" or (kind.startswith("AWS::") and not kind.startswith("AWS::SSM::"))


def _string(node: Scalar) -> str:
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    if node.style == "plain" and node.value is not None:
        return node.place.text
    return str(node.value if node.value is not None else "")
