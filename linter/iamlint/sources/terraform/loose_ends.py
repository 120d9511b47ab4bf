"""Policies that leave what was read: given to modules that were not read, or used by nothing."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.iam import managed
from iamlint.sources.site import Form, SiteKind
from iamlint.sources.terraform.arguments import shape_of
from iamlint.sources.terraform.embedded import document_of
from iamlint.sources.terraform.instance import Instance
from iamlint.sources.terraform.module import META, ModuleInstance
from iamlint.sources.terraform.policy_document import document
from iamlint.sources.terraform.values import Encoded, Failed, Maybe, because
from iamlint.tree import Either, ListNode, MapNode, Node, Scalar

MAX_DEPTH = 4
GIVEN = "if the module, which was not read, uses it so"
UNUSED = "if something that was not read uses it"

Found = tuple[str, Node, SiteKind, Form]
"""The argument with its path, the policy's tree, its kind by its statements, how it is written."""


def given_documents(call: Instance) -> Iterator[Found]:
    """The policy documents among the arguments of a module call."""
    for argument in call.declared.names():
        if argument not in META:
            value = call.get(argument)
            if value is not None:
                yield from _documents(argument, value, 0)


def _documents(shown: str, value: Node, depth: int) -> Iterator[Found]:
    if depth > MAX_DEPTH or isinstance(value, Failed):
        return
    if isinstance(value, Maybe):
        yield from _documents(shown, because(value.value, value.possible), depth)
    elif isinstance(value, Either):
        for branch in value.branches:
            yield from _documents(shown, branch, depth)
    elif isinstance(value, ListNode):
        for index, item in enumerate(value.items):
            yield from _documents(f"{shown}[{index}]", item, depth + 1)
    elif isinstance(value, MapNode):
        shape = shape_of(value)
        if shape is not None:
            found = document_of(value)
            if found is not None:
                yield shown, found[0], shape, found[1]
            return
        for entry in value.entries:
            yield from _documents(f"{shown}.{entry.key.value}", entry.value, depth + 1)
    elif isinstance(value, Encoded) or _like_json(value):
        found = document_of(value)
        if found is not None and isinstance(found[0], MapNode):
            shape = shape_of(found[0])
            if shape is not None:
                yield shown, found[0], shape, found[1]


def _like_json(value: Node) -> bool:
    text = value.text if isinstance(value, Scalar) else None
    first = text.parts[0] if text is not None and text.parts else ""
    return isinstance(first, str) and first.lstrip()[:1] == "{" and "Statement" in str(text)


def given_policies(call: Instance) -> Iterator[tuple[str, Scalar]]:
    """The ARNs of AWS managed policies among the arguments of a module call, with the argument."""
    for argument in call.declared.names():
        if argument in META:
            continue
        value = call.get(argument)
        if value is not None:
            yield from ((argument, found) for found in _arns(value, 0))


def _arns(value: Node, depth: int) -> Iterator[Scalar]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, Maybe):
        inner = because(value.value, value.possible)
        yield from _arns(inner, depth)
    elif isinstance(value, Either):
        for branch in value.branches:
            yield from _arns(branch, depth)
    elif isinstance(value, ListNode):
        for item in value.items:
            yield from _arns(item, depth + 1)
    elif isinstance(value, MapNode):
        for entry in value.entries:
            yield from _arns(entry.value, depth + 1)
    elif (
        isinstance(value, Scalar)
        and value.text is not None
        and ":aws:policy/" in str(value.value)
        and managed.is_aws_managed(value.text)
    ):
        yield value


def unused_documents(module: ModuleInstance) -> Iterator[tuple[Instance, Encoded]]:
    """The policy documents that nothing has asked for."""
    found = [
        (instance, document(instance))
        for kind, name in module.folder.data
        if kind == "aws_iam_policy_document"
        for instance in module.instances("data", kind, name)
        if not instance.asked
    ]
    # Each of these may have asked for another of them.
    yield from ((instance, encoded) for instance, encoded in found if not instance.asked)
