"""What an edit of a text means for the other policies that the same text makes.

A module that is called twice, a template of a file, a document under `for_each`: one text makes a
policy for each, and they may differ in what their variables give.
"""

from __future__ import annotations

from typing import Any

from iamlint.finding import Replacement
from iamlint.fix.language import CannotEdit, same
from iamlint.iam.encode import statement_json
from iamlint.iam.policy import Policy


def derived(other: Policy, policy: Policy, replacement: Replacement) -> dict[str, Any] | None:
    """What becomes of another policy of the same text if the text of the first is replaced.

    Elements that stay as they are written keep the meaning that they have there; those that are
    written anew mean the same everywhere.  Raises CannotEdit where this cannot be told.
    """
    document = replacement.policy
    if document is None:
        return None
    if other == policy:
        return document
    if len(other.statements) != len(policy.statements):
        raise CannotEdit("the same text makes a policy of other statements besides")
    statements = []
    for origin, new in zip(replacement.origins, document["Statement"], strict=True):
        old, own = (statement_json(each.statements[origin]) for each in (policy, other))
        statements.append({key: _element(key, value, old, own) for key, value in new.items()})
    version = document.get("Version")
    made = {"Version": other.version if version == policy.version else version}
    return {**made, "Statement": statements}


def _element(key: str, value: Any, old: dict[str, Any], own: dict[str, Any]) -> Any:
    if key in old and same(old[key], value):
        if key not in own:
            raise CannotEdit(f"the same text makes a policy without `{key}` besides")
        return own[key]
    if not isinstance(value, (str, list)):
        if "‹" in str(value):
            raise CannotEdit(f"`{key}` means something else in another policy of the same text")
        return value
    before, there = _items(old.get(key)), _items(own.get(key))
    aligned = len(before) == len(there)
    found: list[Any] = []
    for item in _items(value):
        if aligned and item in before:
            found.append(there[before.index(item)])
        elif "‹" in item or (item in before and before != there):
            raise CannotEdit(f"`{item}` means something else in another policy of the same text")
        else:
            found.append(item)
    return found


def _items(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
