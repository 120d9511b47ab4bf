"""Conditions of a template in three values: true, false, or for the deployment to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamlint.sources.cloudformation.alternatives import alternatives, text_of
from iamlint.sources.cloudformation.level import MAX_NESTING
from iamlint.sources.cloudformation.template import string
from iamlint.tree import ListNode, MapNode, Node

if TYPE_CHECKING:
    from iamlint.sources.cloudformation.resolver import Resolver


def evaluate(resolver: Resolver, node: Node) -> bool | None:
    """Whether a condition function holds.  Defaults of parameters decide nothing."""
    level = resolver.level
    if level.depth > MAX_NESTING:
        return None
    level.depth += 1
    try:
        return _evaluate(resolver, node)
    finally:
        level.depth -= 1


def _evaluate(resolver: Resolver, node: Node) -> bool | None:
    if not isinstance(node, MapNode) or len(node.entries) != 1:
        return None
    key, argument = node.entries[0].key.value, node.entries[0].value
    if key == "Condition":
        name = string(argument)
        return resolver.condition(name) if name is not None else None
    if not isinstance(argument, ListNode):
        return None
    if key == "Fn::Equals" and len(argument.items) == 2:
        return _equal(resolver, argument.items[0], argument.items[1])
    inner = [evaluate(resolver, item) for item in argument.items]
    if key == "Fn::Not" and len(inner) == 1:
        return None if inner[0] is None else not inner[0]
    if key == "Fn::And" and inner:
        return False if False in inner else None if None in inner else True
    if key == "Fn::Or" and inner:
        return True if True in inner else None if None in inner else False
    return None


def _equal(resolver: Resolver, left: Node, right: Node) -> bool | None:
    answers = set()
    for one, _ in alternatives(resolver.value(left)):
        for other, _ in alternatives(resolver.value(right)):
            # A default is only what holds if nobody says otherwise.
            by_default = any("by default" in (node.possible or "") for node in (one, other))
            texts = text_of(one), text_of(other)
            if by_default or None in texts or any(text and text.holes for text in texts):
                return None
            answers.add(texts[0] == texts[1])
    return answers.pop() if len(answers) == 1 else None
