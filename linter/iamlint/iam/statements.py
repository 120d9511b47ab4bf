"""One statement of a policy out of its node: once for each reading of its Effect and Condition."""

from __future__ import annotations

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
from iamlint.iam.policy import Effect, Element, Principal, Statement
from iamlint.text import Place
from iamlint.tree import MapNode, Node, Scalar, Unknown

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


class Statements:
    """Reads the statements of one document of a kind, noting problems."""

    def __init__(self, kind: str, problems: Problems) -> None:
        self.kind = kind
        self.problems = problems
        self._sids: set[str] = set()

    def read(self, node: MapNode, why: str | None) -> list[Statement]:
        """The statement, once for each reading of its Effect and Condition."""
        problems = self.problems
        keyed, more = entries(node, "a statement", problems)
        values = {key: value for key, _, value in keyed}
        opened: dict[str, str] = {}
        for key, scalar, _ in keyed:
            if key not in _STATEMENT_KEYS and unknown_key(
                problems, key, scalar, _STATEMENT_KEYS, "a statement"
            ):
                opened["Condition"] = f"`{key}` is no element of a statement"
        sid = one(values.get("Sid"), "Sid", problems)
        self._check_sid(sid)

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

    def _check_sid(self, sid: Element | None) -> None:
        literal = sid.literal if sid is not None else None
        if sid is None or not literal:
            return
        if self.kind in _ALPHANUMERIC_SID and not (literal.isascii() and literal.isalnum()):
            self.problems.malformed("`Sid` may hold letters and digits only", sid.place)
        if sid.possible is None:
            if literal in self._sids:
                self.problems.malformed(f"`Sid` `{literal[:60]}` is given twice", sid.place)
            self._sids.add(literal)


def one(node: Node | None, name: str, problems: Problems) -> Element | None:
    """An optional element of one string (Sid, Id)."""
    for value, why in branches(node) if node is not None else ():
        if isinstance(value, Unknown):
            continue  # a label decides nothing
        text = plain_text(value) if isinstance(value, Scalar) else None
        if text is not None:
            return Element(text, value.place, why)
        if not (isinstance(value, Scalar) and value.value is None and why is not None):
            problems.malformed(f"`{name}` must be a string, not {describe(value)}", value.place)
    return None


def unknown_key(
    problems: Problems, key: str, scalar: Scalar, known: tuple[str, ...], what: str
) -> str:
    """Note a key that the grammar does not have, with the one that may have been meant."""
    near = {name.lower(): name for name in known}.get(key.lower())
    if near is None:
        from difflib import get_close_matches

        near = next(iter(get_close_matches(key[:40], known, 1)), None)
    hint = f", did you mean `{near}`" if near else ""
    return problems.malformed(f"`{key[:60]}` is no element of {what}{hint}", scalar.place)


def _note(opened: dict[str, str], name: str, reason: str | None) -> None:
    """Mark an element as open, keeping the first reason."""
    if reason is not None:
        opened.setdefault(name, reason)
