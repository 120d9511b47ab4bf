"""Whatever a deployment chooses, the value it gets is among those that the resolver leaves open.

A second evaluator, which knows all parameters and so needs no holes, says what a deployment gets.
"""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.template import load
from iamlint.sources.document.document import Document
from iamlint.sources.document.parse import parse
from iamlint.sources.site import ReadOptions
from iamlint.text import SourceText
from iamlint.tree import Either, ListNode, MapNode, Node, Scalar, Text, Unknown, plain

GONE = object()
MAPPING = {"a": {"x": "one", "y": "two"}, "b": {"x": "three", "y": "two"}}
CONDITIONS: dict[str, Any] = {
    "IsA": {"Fn::Equals": [{"Ref": "Stage"}, "a"]},
    "NotA": {"Fn::Not": [{"Condition": "IsA"}]},
    "Given": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Default"}, "d"]}]},
    "Both": {"Fn::And": [{"Condition": "IsA"}, {"Condition": "Given"}]},
    "Any": {"Fn::Or": [{"Condition": "IsA"}, {"Fn::Equals": [{"Ref": "Free"}, "a"]}]},
    "Always": {"Fn::Equals": ["a", "a"]},
}
PARAMETERS = {
    "Stage": {"Type": "String", "AllowedValues": ["a", "b"]},
    "Default": {"Type": "String", "Default": "d"},
    "Free": {"Type": "String"},
    "Only": {"Type": "String", "AllowedValues": ["x"]},
    "Wild": {"Type": "String", "AllowedValues": ["*", "x"]},
    "Many": {"Type": "CommaDelimitedList", "Default": "m,n"},
}
DEPLOYMENTS = st.fixed_dictionaries(
    {
        "Stage": st.sampled_from(["a", "b"]),
        "Default": st.sampled_from(["d", "a", ""]),
        "Free": st.sampled_from(["a", "*", "x-y"]),
        "Only": st.just("x"),
        "Wild": st.sampled_from(["*", "x"]),
        "Many": st.sampled_from(["m,n", "k", "a,b,c"]),
    }
)
NAMES = st.sampled_from(["Stage", "Default", "Free", "Only", "Wild", "AWS::Region"])

STRINGS = st.recursive(
    st.sampled_from(["a", "b", "", "x-y", "s3:*"])
    | NAMES.map(lambda name: {"Ref": name})
    | st.lists(NAMES, max_size=3).map(
        lambda names: {"Fn::Sub": "-".join(f"${{{name}}}" for name in names) + "${!v}"}
    ),
    lambda inner: (
        st.tuples(st.sampled_from(sorted(CONDITIONS)), inner, inner).map(
            lambda parts: {"Fn::If": list(parts)}
        )
        | st.tuples(st.sampled_from(["", "-"]), st.lists(inner, max_size=3)).map(
            lambda parts: {"Fn::Join": list(parts)}
        )
        | st.tuples(inner, inner).map(
            lambda parts: {"Fn::Sub": ["${v}/${w}", {"v": parts[0], "w": parts[1]}]}
        )
        | st.tuples(st.sampled_from(["0", "1"]), inner).map(
            lambda parts: {"Fn::Select": [parts[0], {"Fn::Split": ["-", parts[1]]}]}
        )
        | st.sampled_from(["x", "y"]).map(
            lambda key: {"Fn::FindInMap": ["Map", {"Ref": "Stage"}, key]}
        )
    ),
    max_leaves=6,
)
NOTHING = {"Ref": "AWS::NoValue"}
VALUES = st.recursive(
    STRINGS | st.just(NOTHING) | st.just({"Ref": "Many"}),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["k", "l"]), inner, max_size=2)
        | st.tuples(st.sampled_from(sorted(CONDITIONS)), inner, inner).map(
            lambda parts: {"Fn::If": list(parts)}
        )
    ),
    max_leaves=8,
)


class Failed(Exception):
    """A deployment that CloudFormation would refuse."""


def deployed(value: Any, given: dict[str, str]) -> Any:
    """What CloudFormation makes of a value when it knows all parameters."""
    if isinstance(value, list):
        return [item for raw in value if (item := deployed(raw, given)) is not GONE]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (name, argument), *_ = value.items()
        if name == "Ref":
            if argument == "AWS::NoValue":
                return GONE
            if argument == "AWS::Region":
                return "eu-west-1"
            return given[argument].split(",") if argument == "Many" else given[argument]
        if name == "Fn::If":
            return deployed(argument[1 if condition(argument[0], given) else 2], given)
        if name == "Fn::Join":
            return argument[0].join(text(item) for item in deployed(argument[1], given))
        if name == "Fn::Sub":
            body, variables = argument if isinstance(argument, list) else (argument, {})
            known = {key: text(deployed(raw, given)) for key, raw in variables.items()}
            known["AWS::Region"] = "eu-west-1"
            filled = re.sub(r"\$\{([^!}]+)\}", lambda m: {**given, **known}[m[1]], body)
            return filled.replace("${!", "${")
        if name == "Fn::Select":
            items = deployed(argument[1], given)
            if int(argument[0]) >= len(items):
                raise Failed
            return items[int(argument[0])]
        if name == "Fn::Split":
            return text(deployed(argument[1], given)).split(argument[0])
        if name == "Fn::FindInMap":
            return MAPPING[deployed(argument[1], given)][argument[2]]
    return {key: item for key, raw in value.items() if (item := deployed(raw, given)) is not GONE}


def condition(name: str, given: dict[str, str]) -> bool:
    return {
        "IsA": given["Stage"] == "a",
        "NotA": given["Stage"] != "a",
        "Given": given["Default"] != "d",
        "Both": given["Stage"] == "a" and given["Default"] != "d",
        "Any": given["Stage"] == "a" or given["Free"] == "a",
        "Always": True,
    }[name]


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Failed
    return value


def covers(node: Node | None, value: Any, *, by_default: bool) -> bool:
    """True if a value is among those that a node stands for.

    `by_default`: the deployment leaves all defaults as they are; else a value that is only
    possible by default may be any other.
    """
    if node is None:
        return value is GONE
    if not by_default and "by default" in (node.possible or ""):
        return True
    if isinstance(node, Unknown):
        return True
    if isinstance(node, Either):
        return any(covers(branch, value, by_default=by_default) for branch in node.branches)
    if isinstance(node, Scalar):
        if node.value is None:
            return value is GONE
        if isinstance(node.value, Text):
            pattern = "".join(
                re.escape(part) if isinstance(part, str) else "(?s:.*)" for part in node.value.parts
            )
            return isinstance(value, str) and re.fullmatch(pattern, value) is not None
        return bool(node.value == value)
    if isinstance(node, ListNode):
        return isinstance(value, list) and covers_list(node.items, value, by_default)
    assert isinstance(node, MapNode)
    if not isinstance(value, dict) or not set(value) <= set(node.keys()):
        return False
    return all(
        covers(entry.value, value.get(str(entry.key.value), GONE), by_default=by_default)
        for entry in node.entries
    )


def covers_list(items: tuple[Node, ...], value: list[Any], by_default: bool) -> bool:
    if not items:
        return not value
    first, rest = items[0], items[1:]
    taken = value and covers(first, value[0], by_default=by_default)
    if taken and covers_list(rest, value[1:], by_default):
        return True
    # What is only possible may be missing.
    optional = first.possible is not None or isinstance(first, Either)
    return optional and covers_list(rest, value, by_default)


def resolver(value: Any, given: dict[str, str]) -> tuple[Resolver, Node]:
    template = {
        "Parameters": PARAMETERS,
        "Mappings": {"Map": MAPPING},
        "Conditions": CONDITIONS,
        "Resources": {"R": {"Type": "AWS::X::Y", "Properties": {"V": value}}},
    }
    document = parse(SourceText("t", json.dumps(template)))
    assert isinstance(document, Document)
    root = document.roots[0]
    assert isinstance(root, MapNode)
    loaded = load(document, root)
    properties = loaded.resources["R"].properties
    assert isinstance(properties, MapNode)
    node = properties.get("V")
    assert node is not None
    region = "eu-west-1" if given else None
    return Resolver(loaded, ReadOptions(parameters=given, region=region)), node


@given(VALUES, DEPLOYMENTS)
@settings(max_examples=400, deadline=None)
def test_what_a_deployment_gets_was_left_open(value: Any, given: dict[str, str]) -> None:
    try:
        wanted = deployed(value, given)
    except Failed:
        return
    by_default = given["Default"] == "d" and given["Many"] == "m,n"
    symbolic, node = resolver(value, {})
    assert covers(symbolic.resolve(node), wanted, by_default=by_default)


@given(VALUES, DEPLOYMENTS)
@settings(max_examples=200, deadline=None)
def test_with_all_parameters_given_there_is_one_value(value: Any, given: dict[str, str]) -> None:
    try:
        wanted = deployed(value, given)
    except Failed:
        return
    concrete, node = resolver(value, given)
    result = concrete.resolve(node)
    assert (GONE if result is None else plain(result)) == wanted
