"""Tree nodes of any reader -> the policy model, with problems instead of exceptions."""

from __future__ import annotations

from typing import Any

from iamlint.iam.elements import (
    Problems,
    branches,
    describe,
    entries,
    strings,
)
from iamlint.iam.encode import to_json
from iamlint.iam.plain import plain_tree
from iamlint.iam.policy import Policy, Problem, Statement
from iamlint.iam.statements import Statements, one, unknown_key
from iamlint.text import Place
from iamlint.tree import ListNode, MapNode, Node, Scalar, Unknown

__all__ = ["decode", "from_json", "read_json", "to_json"]

VERSIONS = ("2012-10-17", "2008-10-17")
_DOCUMENT_KEYS = ("Version", "Id", "Statement")


def decode(node: Node, kind: str) -> tuple[Policy | None, tuple[Problem, ...]]:
    """Read a policy document.

    `kind` is a site kind (`identity`, `trust`, `resource`, `boundary`, `managed-attachment`,
    `scp`, `rcp`, or `session`): it decides which elements must and may not be there.  Never
    raises.  The policy is None where no branch of the node is an object.  What is dropped because it is
    malformed or unknown marks its statement or the policy as open, so nobody takes the rest for
    the whole.  Grammar: IAM User Guide, reference_policies_grammar.
    """
    problems = Problems()
    reader = _Reader(kind, problems)
    found: list[Policy] = []
    left_out: str | None = None
    for branch, why in branches(node):
        if isinstance(branch, MapNode):
            found.append(reader.document(branch, why))
        elif isinstance(branch, Unknown):
            left_out = problems.unresolved(
                f"the policy could not be evaluated: {branch.reason}", branch.place
            )
        elif isinstance(branch, Scalar) and branch.value is None and why is not None:
            continue
        elif isinstance(branch, Scalar) and branch.text is not None and branch.text.holes:
            left_out = problems.unresolved(
                f"the policy could not be evaluated: `{branch.text}`", branch.place
            )
        else:
            left_out = problems.malformed(
                f"a policy must be an object, not {describe(branch)}", branch.place
            )
    return _merged(found, node.place, left_out), tuple(problems.found)


def from_json(
    document: dict[str, Any] | str, name: str, kind: str = "managed-attachment"
) -> Policy:
    """Read a document that stands in no source file; `‹name›` in its strings stays text.

    Its places point into the document pretty-printed, under the path `name`.  Raises ValueError
    if it is no policy at all; use `read_json` for documents that nobody vouches for.
    """
    policy, problems = read_json(document, name, kind)
    if policy is None:
        raise ValueError(f"{name}: {problems[0].message if problems else 'no policy'}")
    return policy


def read_json(
    document: object, name: str, kind: str = "identity"
) -> tuple[Policy | None, tuple[Problem, ...]]:
    """As `decode`, for JSON text or what a JSON reader made of it.  Never raises."""
    return decode(plain_tree(document, name), kind)


def _merged(found: list[Policy], place: Place, left_out: str | None) -> Policy | None:
    """One policy of all branches; its statements say themselves that they are only possible."""
    if not found:
        return None
    first = found[0]
    if len(found) == 1 and left_out is None:
        return first
    opened = left_out or next((policy.open for policy in found if policy.open), None)
    if any(policy.version != first.version for policy in found):
        opened = opened or "its branches differ in `Version`"
    return Policy(
        place=place,
        version=first.version,
        statements=tuple(statement for policy in found for statement in policy.statements),
        id=first.id,
        open=opened,
    )


class _Reader:
    """Reads documents of one kind, noting problems."""

    def __init__(self, kind: str, problems: Problems) -> None:
        self.kind = kind
        self.problems = problems

    def document(self, node: MapNode, why: str | None) -> Policy:
        keyed, opened = entries(node, "the policy", self.problems)
        values = {key: value for key, _, value in keyed}
        for key, scalar, _ in keyed:
            if key not in _DOCUMENT_KEYS:
                opened = unknown_key(self.problems, key, scalar, _DOCUMENT_KEYS, "a policy")
        version, version_open = self._version(values.get("Version"))
        opened = opened or version_open
        identifier = one(values.get("Id"), "Id", self.problems)
        statements: list[Statement] = []
        if "Statement" in values:
            statements, more = self._statements(values["Statement"], why)
            opened = opened or more
        elif not node.open:
            opened = self.problems.malformed("the policy has no `Statement`", node.place)
        return Policy(
            place=node.place,
            version=version,
            statements=tuple(statements),
            id=identifier,
            open=opened,
        )

    def _version(self, node: Node | None) -> tuple[str | None, str | None]:
        if node is None:
            return None, None
        texts, opened = strings(node, "Version", self.problems)
        values = {element.literal for element in texts}
        if len(values) == 1 and not opened and isinstance(node, Scalar):
            value = values.pop()
            if value is None:
                return None, self.problems.unresolved("`Version` is not known", node.place)
            if value not in VERSIONS:
                message = f"`{value[:40]}` is no policy version, use `{VERSIONS[0]}`"
                return value, self.problems.malformed(message, node.place)
            return value, None
        if opened:
            return None, opened
        if len(values) > 1:
            return None, self.problems.unresolved("`Version` is not known", node.place)
        return None, self.problems.malformed("`Version` must be one string", node.place)

    def _statements(self, node: Node, why: str | None) -> tuple[list[Statement], str | None]:
        found: list[Statement] = []
        opened: str | None = None
        statement = Statements(self.kind, self.problems)
        for outer, reason in branches(node, why):
            if isinstance(outer, ListNode):
                if outer.open:
                    opened = self.problems.unresolved(
                        f"`Statement` may hold more: {outer.open}", outer.place
                    )
                elif not outer.items:
                    self.problems.malformed("`Statement` is empty", outer.place)
                items = [pair for item in outer.items for pair in branches(item, reason)]
            else:
                items = [(outer, reason)]
            for item, possible in items:
                if isinstance(item, MapNode):
                    found += statement.read(item, possible)
                elif isinstance(item, Unknown):
                    opened = self.problems.unresolved(
                        f"a statement could not be evaluated: {item.reason}", item.place
                    )
                elif isinstance(item, Scalar) and item.text is not None and item.text.holes:
                    opened = self.problems.unresolved(
                        f"a statement could not be evaluated: `{item.text}`", item.place
                    )
                elif isinstance(item, Scalar) and item.value is None and possible != why:
                    continue
                else:
                    opened = self.problems.malformed(
                        f"a statement must be an object, not {describe(item)}", item.place
                    )
        return found, opened
