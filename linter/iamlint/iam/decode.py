"""Tree nodes of any reader -> the policy model, with problems instead of exceptions."""

from __future__ import annotations

from typing import Any

from iamlint.iam.elements import (
    MAX_ALTERNATIVES,
    Alternative,
    Problems,
    branches,
    conditions,
    describe,
    entries,
    joined,
    plain_text,
    principals,
    strings,
)
from iamlint.iam.encode import to_json
from iamlint.iam.plain import plain_tree
from iamlint.iam.policy import Effect, Element, Policy, Principal, Problem, Statement
from iamlint.text import Place
from iamlint.tree import ListNode, MapNode, Node, Scalar, Unknown

__all__ = ["decode", "from_json", "read_json", "to_json"]

VERSIONS = ("2012-10-17", "2008-10-17")
_DOCUMENT_KEYS = ("Version", "Id", "Statement")
_STATEMENT_KEYS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_NO_PRINCIPAL = {"identity", "boundary", "managed-attachment", "scp", "session"}
_ALPHANUMERIC_SID = {"identity", "boundary", "managed-attachment", "trust"}


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
                opened = self._unknown_key(key, scalar, _DOCUMENT_KEYS, "a policy") or opened
        version, version_open = self._version(values.get("Version"))
        opened = opened or version_open
        identifier = self._one(values.get("Id"), "Id")
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

    def _one(self, node: Node | None, name: str) -> Element | None:
        """An optional element of one string (Sid, Id)."""
        for value, why in branches(node) if node is not None else ():
            if isinstance(value, Unknown):
                continue  # a label decides nothing
            text = plain_text(value) if isinstance(value, Scalar) else None
            if text is not None:
                return Element(text, value.place, why)
            if not (isinstance(value, Scalar) and value.value is None and why is not None):
                self.problems.malformed(
                    f"`{name}` must be a string, not {describe(value)}", value.place
                )
        return None

    def _statements(self, node: Node, why: str | None) -> tuple[list[Statement], str | None]:
        found: list[Statement] = []
        opened: str | None = None
        seen: set[str] = set()
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
                    found += self._statement(item, possible, seen)
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

    def _statement(self, node: MapNode, why: str | None, seen: set[str]) -> list[Statement]:
        """The statement, once for each reading of its Effect and Condition."""
        problems = self.problems
        keyed, more = entries(node, "a statement", problems)
        values = {key: value for key, _, value in keyed}
        opened: dict[str, str] = {}
        for key, scalar, _ in keyed:
            if key not in _STATEMENT_KEYS and self._unknown_key(
                key, scalar, _STATEMENT_KEYS, "a statement"
            ):
                opened["Condition"] = f"`{key}` is no element of a statement"
        sid = self._one(values.get("Sid"), "Sid")
        self._check_sid(sid, seen)

        def pick(name: str) -> tuple[Node | None, bool, str]:
            """The node of an element or of its Not-form, and which of them it is."""
            negated = f"Not{name}"
            if name in values and negated in values:
                opened[name] = problems.malformed(
                    f"`{name}` and `{negated}` exclude each other", values[negated].place
                )
            if name in values:
                return values[name], False, name
            return values.get(negated), negated in values, negated

        action, not_action, written = pick("Action")
        actions: tuple[Element, ...] = ()
        if action is not None:
            actions, reason = strings(action, written, problems)
            _note(opened, "Action", reason)
            self._check_actions(actions, opened)
        resource, not_resource, written = pick("Resource")
        resources: tuple[Element, ...] = ()
        if resource is not None:
            resources, reason = strings(resource, written, problems)
            _note(opened, "Resource", reason)
        who, not_principal, written = pick("Principal")
        named: tuple[Principal, ...] = ()
        if who is not None:
            named, reason = principals(who, written, problems)
            _note(opened, "Principal", reason)
        if more:
            for name, present in (
                ("Action", action),
                ("Resource", resource),
                ("Principal", who),
                ("Condition", values.get("Condition")),
            ):
                if present is None:
                    _note(opened, name, more)
        self._check_presence(node, action, resource, who, opened)
        effects = self._effects(values.get("Effect"), node, more)
        limits: list[Alternative] = [((), None, None)]
        if "Condition" in values:
            limits = conditions(values["Condition"], problems)
        if len(effects) * len(limits) > MAX_ALTERNATIVES:
            reason = problems.unresolved("too many undecided branches in a statement", node.place)
            limits = [((), "under undecided branches", reason)]
        found: list[Statement] = []
        for effect, effect_place, effect_why, effect_open in effects:
            for held, limit_why, limit_open in limits:
                own = dict(opened)
                _note(own, "Condition", limit_open)
                _note(own, "Effect", effect_open)
                found.append(
                    Statement(
                        place=node.place,
                        node=node,
                        possible=joined(joined(why, effect_why), limit_why),
                        sid=sid,
                        effect=effect,
                        effect_place=effect_place,
                        actions=actions,
                        not_action=not_action,
                        resources=resources,
                        not_resource=not_resource,
                        has_resource=resource is not None,
                        principals=named,
                        not_principal=not_principal,
                        has_principal=who is not None,
                        conditions=held,
                        open=own,
                    )
                )
        return found

    def _effects(
        self, node: Node | None, statement: MapNode, more: str | None
    ) -> list[tuple[Effect | None, Place | None, str | None, str | None]]:
        """Each value the Effect may have: effect, place, why only possible, why unknown."""
        if node is None:
            if more is None:
                more = self.problems.malformed("the statement has no `Effect`", statement.place)
            return [(None, None, None, more)]
        found: list[tuple[Effect | None, Place | None, str | None, str | None]] = []
        for branch, why in branches(node):
            value = branch.text if isinstance(branch, Scalar) else None
            if value is not None and value.literal == "Allow":
                found.append(("Allow", branch.place, why, None))
            elif value is not None and value.literal == "Deny":
                found.append(("Deny", branch.place, why, None))
            elif isinstance(branch, Unknown) or (value is not None and value.holes):
                reason = self.problems.unresolved("`Effect` is not known", branch.place)
                found.append((None, branch.place, why, reason))
            else:
                given = f"`{str(value)[:40]}`" if value is not None else describe(branch)
                reason = self.problems.malformed(
                    f"`Effect` must be `Allow` or `Deny`, not {given}", branch.place
                )
                found.append((None, branch.place, why, reason))
        return found

    def _check_presence(
        self,
        node: MapNode,
        action: Node | None,
        resource: Node | None,
        who: Node | None,
        opened: dict[str, str],
    ) -> None:
        """Which elements the kind of policy asks for and forbids."""
        problems, place = self.problems, node.place
        if action is None and "Action" not in opened:
            opened["Action"] = problems.malformed("the statement has no `Action`", place)
        if self.kind == "trust":
            if resource is not None:
                problems.malformed("a trust policy must not have a `Resource`", resource.place)
        elif resource is None and "Resource" not in opened:
            opened["Resource"] = problems.malformed("the statement has no `Resource`", place)
        if self.kind in _NO_PRINCIPAL:
            if who is not None:
                label = "an identity policy" if self.kind == "identity" else "such a policy"
                problems.malformed(f"{label} must not have a `Principal`", who.place)
        elif who is None and "Principal" not in opened:
            opened["Principal"] = problems.malformed("the statement has no `Principal`", place)

    def _check_actions(self, actions: tuple[Element, ...], opened: dict[str, str]) -> None:
        for element in actions:
            literal = element.literal
            if literal is None:
                if len(element.text.parts) == 1 and not element.text.holes[0].specific:
                    self.problems.unresolved(f"an action is not known: `{element}`", element.place)
            elif ":" not in literal and literal != "*":
                self.problems.malformed(
                    f"`{literal[:60]}` is no action, it lacks the service prefix", element.place
                )

    def _check_sid(self, sid: Element | None, seen: set[str]) -> None:
        literal = sid.literal if sid is not None else None
        if sid is None or not literal:
            return
        if self.kind in _ALPHANUMERIC_SID and not (literal.isascii() and literal.isalnum()):
            self.problems.malformed("`Sid` may hold letters and digits only", sid.place)
        if sid.possible is None:
            if literal in seen:
                self.problems.malformed(f"`Sid` `{literal[:60]}` is given twice", sid.place)
            seen.add(literal)

    def _unknown_key(
        self, key: str, scalar: Scalar, known: tuple[str, ...], what: str
    ) -> str | None:
        near = {name.lower(): name for name in known}.get(key.lower())
        if near is None:
            from difflib import get_close_matches

            near = next(iter(get_close_matches(key[:40], known, 1)), None)
        hint = f", did you mean `{near}`" if near else ""
        return self.problems.malformed(f"`{key[:60]}` is no element of {what}{hint}", scalar.place)


def _note(opened: dict[str, str], name: str, reason: str | None) -> None:
    """Mark an element as open, keeping the first reason."""
    if reason is not None:
        opened.setdefault(name, reason)
