"""The policy model -> AWS policy JSON, for display, size counting and comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iamlint.iam.policy import Condition, Element, Policy, Principal, Statement
from iamlint.tree import ListNode, MapNode


def to_json(policy: Policy) -> dict[str, Any]:
    """The document as a JSON reader would give it, holes as `‹name›`.

    Keys come in the order in which AWS documents them.  An element that was written as a list
    stays one; where there is no source to ask, one value is a scalar and several are a list.
    Statements whose effect is not known have no `Effect`.
    """
    document: dict[str, Any] = {}
    if policy.version is not None:
        document["Version"] = policy.version
    if policy.id is not None:
        document["Id"] = str(policy.id)
    document["Statement"] = [statement_json(statement) for statement in policy.statements]
    return document


def statement_json(statement: Statement) -> dict[str, Any]:
    """One statement as JSON."""
    found: dict[str, Any] = {}
    if statement.sid is not None:
        found["Sid"] = str(statement.sid)
    if statement.effect is not None:
        found["Effect"] = statement.effect
    if statement.has_principal:
        name = "NotPrincipal" if statement.not_principal else "Principal"
        found[name] = _principals(statement.principals)
    name = "NotAction" if statement.not_action else "Action"
    if statement.actions or "Action" not in statement.open:
        found[name] = _strings(statement.actions, _was_list(statement, name))
    if statement.has_resource:
        name = "NotResource" if statement.not_resource else "Resource"
        found[name] = _strings(statement.resources, _was_list(statement, name))
    if statement.conditions:
        found["Condition"] = _conditions(statement.conditions)
    return found


def _was_list(statement: Statement, name: str) -> bool:
    node = statement.node.get(name) if isinstance(statement.node, MapNode) else None
    return isinstance(node, ListNode)


def _strings(elements: Sequence[Element], as_list: bool) -> str | list[str]:
    texts = [str(element) for element in elements]
    return texts[0] if len(texts) == 1 and not as_list else texts


def _principals(principals: Sequence[Principal]) -> str | dict[str, Any]:
    if any(principal.kind == "*" for principal in principals):
        return "*"
    found: dict[str, list[str]] = {}
    for principal in principals:
        found.setdefault(principal.kind, []).append(str(principal.element))
    return {kind: texts[0] if len(texts) == 1 else texts for kind, texts in found.items()}


def _conditions(conditions: Sequence[Condition]) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for condition in conditions:
        keys = found.setdefault(str(condition.operator), {})
        keys[str(condition.key)] = _strings(condition.values, False)
    return found
