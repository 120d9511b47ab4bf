"""What CloudFormation stacks made, and which of them a template's are.

The templates of a project do not say what their stacks are called.  A stack is a template's if
they have most logical ids in common, which the stack has with no other template to that extent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from iamlint.usage.profile import Stack

_KINDS = {"AWS::IAM::Role": "roles", "AWS::IAM::User": "users"}
_HALF = 0.5


def stacks_of(value: Mapping[str, Any], name: str) -> list[Stack]:
    """The stacks in the answer of `aws cloudformation describe-stack-resources` or `list-stack-resources`.

    `name` is the stack's where the answer does not tell it, as that of `list-stack-resources`.
    What was deleted, and what is no resource, is left out.
    """
    found: dict[tuple[str, str], Stack] = {}
    items = value.get("StackResources") or value.get("StackResourceSummaries")
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        logical, physical = item.get("LogicalResourceId"), item.get("PhysicalResourceId")
        if not isinstance(logical, str) or item.get("ResourceStatus") == "DELETE_COMPLETE":
            continue
        called = str(item.get("StackName") or name)
        account = _account(item.get("StackId"))
        stack = found.setdefault((called, account), Stack(name=called, account=account))
        stack.logical.append(logical)
        kind = _KINDS.get(str(item.get("ResourceType")))
        if kind is not None and isinstance(physical, str) and physical:
            getattr(stack, kind)[logical] = physical
    for stack in found.values():
        stack.logical = sorted({*stack.logical})
    return list(found.values())


def by_template(
    stacks: Iterable[Stack], templates: Mapping[str, AbstractSet[str]]
) -> dict[str, list[Stack]]:
    """The stacks of each template; `templates` are the logical ids in each.

    A stack that fits two alike is neither's.
    """
    found: dict[str, list[Stack]] = {}
    for stack in stacks:
        likeness = {name: _likeness(stack, ids) for name, ids in templates.items()}
        best = max(likeness.values(), default=0.0)
        fits = [name for name, value in likeness.items() if value == best]
        if best > _HALF and len(fits) == 1:
            found.setdefault(fits[0], []).append(stack)
    return found


def _likeness(stack: Stack, ids: AbstractSet[str]) -> float:
    """How many of the logical ids of both are in both.

    What a transform made of a resource has that one's id in front, and counts for none.
    """
    own = {each for each in stack.logical if each in ids or not _is_made(each, ids)}
    return len(own & ids) / len(own | ids) if own else 0.0


def _is_made(logical: str, ids: AbstractSet[str]) -> bool:
    # AWS SAM developer guide, sam-specification-generated-resources.
    return logical.startswith("Serverless") or any(
        logical[:end] in ids for end in range(3, len(logical))
    )


def names_of(stacks: Sequence[Stack], kind: str, logical: str) -> list[tuple[str, str]]:
    """Account ("" if not told) and name of the roles or users of that logical id."""
    found = []
    for stack in stacks:
        name = (stack.users if kind == "user" else stack.roles).get(logical)
        if name is not None:
            found.append((stack.account, name))
    return found


def _account(stack_id: object) -> str:
    parts = stack_id.split(":") if isinstance(stack_id, str) else []
    return parts[4] if len(parts) > 5 and parts[0] == "arn" else ""
