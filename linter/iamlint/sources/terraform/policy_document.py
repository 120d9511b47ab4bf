"""`aws_iam_policy_document`: the policy that the AWS provider renders from its blocks.

After the provider's policy_document_data_source.go: source documents, then the statements, then
overrides; a later statement replaces an earlier one of the same Sid in its place; `&{` becomes
`${` in resources, principals and condition values; one element alone is a string, several are
sorted in reverse.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from iamlint.sources.terraform.blocks import Nested, nested
from iamlint.sources.terraform.elements import elements
from iamlint.sources.terraform.embedded import document_of
from iamlint.sources.terraform.rendering import finish
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Failed,
    Maybe,
    because,
    certain_part,
    is_null,
    text_of,
)
from iamlint.text import Place, Span
from iamlint.tree import Either, Entry, ListNode, MapNode, Node, Scalar, Text, Unknown

if TYPE_CHECKING:
    from iamlint.sources.terraform.instance import Instance
from iamlint.sources.terraform.merged_document import (
    ANY,
    DOCUMENT,
    REPLACED,
    as_string,
    canonical,
    labels,
    may_be,
    rendered_again,
)

_SOURCES = ("source_policy_documents", "source_json")


_OVERRIDES = ("override_policy_documents", "override_json")


def document(instance: Instance) -> Encoded:
    """The rendered document of one instance of the data source; computed once."""
    found = instance._values.get("json")
    if isinstance(found, Encoded):
        return found
    made = _Builder(instance).build()
    instance._values["json"] = made
    return made


class _Builder:
    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.context = instance.context()
        declared = instance.declared
        self.place = Place(declared.source, declared.block.span)
        self.statements: list[Node] = []
        self.by_sid: dict[str, int] = {}
        self.before = 0
        self.open: str | None = None
        self.version: Scalar | None = None
        self.identifier: Scalar | None = None

    def build(self) -> Encoded:
        given: set[str] = set()
        for argument in _SOURCES:
            self._documents(argument, given)
        own: list[Node] = []
        for block in nested(self.instance.declared, self.context, "statement"):
            own.append(self._statement(block))
            self.open = self.open or block.open
        fresh: set[str] = set()
        self.before = len(self.statements)
        for statement in own:
            self._add(statement, fresh)
        version = self.instance.get("version") or self._scalar("2012-10-17")
        self._settings(version, self.instance.get("policy_id"))
        earlier, self.open = self.open, None
        for argument in _OVERRIDES:
            self._documents(argument, None)
        if self.open is not None:
            self._doubt((ANY,), len(self.statements))
        self.open = earlier or self.open
        made = [Entry(self._scalar("Version"), self.version or version)]
        if self.identifier is not None:
            made.append(Entry(self._scalar("Id"), self.identifier))
        statements = ListNode(place=self.place, items=tuple(self.statements), open=self.open)
        made.append(Entry(self._scalar("Statement"), statements))
        return Encoded(
            place=self.place,
            content=MapNode(place=self.place, entries=tuple(made)),
            form="blocks",
            possible=self.instance.possible,
        )

    def _scalar(self, value: str, place: Place | None = None) -> Scalar:
        # A place of its own, empty, for what is nowhere written.
        here = place or Place(self.place.source, Span(self.place.span.start, self.place.span.start))
        return Scalar(place=here, value=value)

    def _settings(self, version: Node | None, identifier: Node | None) -> None:
        # A later document can raise the version, not lower it.
        if isinstance(version, Scalar) and (
            self.version is None or str(version.value) > str(self.version.value)
        ):
            self.version = version
        if isinstance(identifier, Scalar) and not is_null(identifier) and identifier.value != "":
            self.identifier = identifier

    # --- other documents -----------------------------------------------------------------------

    def _documents(self, argument: str, fresh: set[str] | None) -> None:
        value = self.instance.get(argument)
        if value is None:
            return
        if argument.endswith("_json"):
            items, more = [value], None
        else:
            try:
                items, more = elements(value)
            except Fail as error:
                items, more = [], str(error)
        self.open = self.open or more
        for item in items:
            self._merge(
                certain_part(item), item.possible if isinstance(item, Maybe) else None, fresh
            )

    def _merge(self, item: Node, why: str | None, fresh: set[str] | None) -> None:
        if isinstance(item, Either):
            for branch in item.branches:
                self._merge(branch, branch.possible or f"if `{item.condition}`", fresh)
            return
        found = document_of(item)
        if found is None:
            return
        tree = found[0]
        for branch in tree.branches if isinstance(tree, Either) else (tree,):
            reason = why or branch.possible
            if not isinstance(branch, MapNode):
                self.open = self.open or (
                    branch.reason if isinstance(branch, Unknown) else "a document that is no object"
                )
                continue
            branch = canonical(branch, DOCUMENT)
            self.open = self.open or branch.open
            self._settings(branch.get("Version"), branch.get("Id"))
            statements = branch.get("Statement")
            if isinstance(statements, ListNode):
                self.open = self.open or statements.open
                for statement in statements.items:
                    self._add(rendered_again(because(statement, reason)), fresh)
            elif isinstance(statements, MapNode):
                self._add(rendered_again(because(statements, reason)), fresh)
            elif statements is not None:
                self.open = self.open or "statements that are not known"

    def _add(self, statement: Node, fresh: set[str] | None) -> None:
        """Put a statement in the place of the one with the same Sid, else at the end.

        `fresh` are the Sids of the same step: the provider refuses one given twice there, so
        both statements are kept.  In overrides (None) the last one counts.  What may be replaced
        is only possible from then on.
        """
        names = labels(statement)
        name = names[0].literal if len(names) == 1 else None
        known = name is not None and name in self.by_sid
        replaces = name if known and (fresh is None or name not in fresh) else None
        self._doubt(names, len(self.statements) if fresh is None else self.before)
        if name is not None and fresh is not None:
            fresh.add(name)
        if replaces is not None and statement.possible is None:
            self.statements[self.by_sid[replaces]] = statement
            return
        if name is not None:
            self.by_sid.setdefault(name, len(self.statements))
        self.statements.append(statement)

    def _doubt(self, names: tuple[Text, ...], end: int) -> None:
        """Mark those of the first statements that one with such a Sid may replace."""
        for index, statement in enumerate(self.statements[:end] if names else ()):
            if any(may_be(name, own) for own in labels(statement) for name in names):
                self.statements[index] = because(statement, REPLACED)

    # --- own statements ------------------------------------------------------------------------

    def _statement(self, block: Nested) -> Node:
        made: list[Entry] = []

        def put(name: str, value: Node | None, place: Place | None = None) -> None:
            if value is not None:
                made.append(Entry(self._key(block, name), value))

        sid = block.get("sid")
        if sid is not None and not (isinstance(sid, Scalar) and sid.value == ""):
            put("Sid", as_string(finish(sid)))
        effect = block.get("effect")
        start = block.place.span.start
        here = Place(block.place.source, Span(start, start))
        put("Effect", Scalar(place=here, value="Allow") if effect is None else finish(effect))
        put("Action", self._list(block, "actions"))
        put("NotAction", self._list(block, "not_actions"))
        put("Resource", self._list(block, "resources", variables=True))
        put("NotResource", self._list(block, "not_resources", variables=True))
        put("Principal", self._principals(block, "principals"))
        put("NotPrincipal", self._principals(block, "not_principals"))
        put("Condition", self._conditions(block))
        return MapNode(place=block.place, entries=tuple(made), possible=block.possible)

    def _key(self, block: Nested, name: str) -> Scalar:
        """The key of an element, placed at the argument that makes it."""
        argument = _ARGUMENTS.get(name)
        found = block.declared.get(argument) if argument else None
        if found is not None:
            return Scalar(place=Place(found.source, found.attribute.name_span), value=name)
        start = block.place.span.start
        return Scalar(place=Place(block.place.source, Span(start, start)), value=name)

    def _list(self, block: Nested, argument: str, *, variables: bool = False) -> Node | None:
        value = block.get(argument)
        if value is None:
            return None
        made = self._strings(value, variables=variables, ordered=False)
        if isinstance(made, ListNode) and not made.items and made.open is None:
            return None
        return made

    def _strings(self, value: Node, *, variables: bool, ordered: bool) -> Node:
        """A list of strings as the provider renders it."""
        if isinstance(value, Failed):
            return value
        try:
            items, more = elements(value)
        except Fail:
            if not isinstance(value, Scalar):
                return finish(value)
            items, more = [value], None
        made = []
        for item in items:
            node = because(finish(certain_part(item)), item.possible)
            if is_null(node):
                continue
            made.append(_with_variables(node) if variables else node)
        if len(made) == 1 and more is None and not isinstance(made[0], Either):
            return made[0]
        if not ordered and all(isinstance(node, Scalar) and node.possible is None for node in made):
            made.sort(key=_text_key, reverse=True)
        return ListNode(place=value.place, items=tuple(made), open=more)

    def _principals(self, block: Nested, kind: str) -> Node | None:
        by_type: dict[str, list[Node]] = {}
        keys: dict[str, Scalar] = {}
        more: str | None = None
        place = block.place
        for inner in nested(block.declared, block.context, kind):
            who, names = inner.get("type"), inner.get("identifiers")
            more = more or inner.open
            if who is None or names is None:
                continue
            place = inner.place
            name = text_of(finish(who)).literal
            if name is None:
                more = more or "the type of a principal is not known"
                continue
            value = self._strings(names, variables=True, ordered=False)
            if name == "*" and isinstance(value, Scalar) and value.value == "*":
                return value
            keys.setdefault(name, Scalar(place=who.place, value=name))
            found = value.items if isinstance(value, ListNode) else (value,)
            if isinstance(value, ListNode):
                more = more or value.open
            by_type.setdefault(name, []).extend(because(node, inner.possible) for node in found)
        if not by_type and more is None:
            return None
        entries = tuple(
            Entry(
                keys[name],
                nodes[0]
                if len(nodes) == 1 and not isinstance(nodes[0], Either)
                else ListNode(place=nodes[0].place if nodes else place, items=tuple(nodes)),
            )
            for name, nodes in by_type.items()
        )
        return MapNode(place=place, entries=entries, open=more)

    def _conditions(self, block: Nested) -> Node | None:
        made: dict[str, dict[str, list[Node]]] = {}
        keys: dict[str, Scalar] = {}
        more: str | None = None
        open_values: dict[tuple[str, str], str] = {}
        places: dict[str, Place] = {}
        possible: dict[str, str | None] = {}
        for inner in nested(block.declared, block.context, "condition"):
            test, variable, values = (inner.get(n) for n in ("test", "variable", "values"))
            more = more or inner.open
            if test is None or variable is None:
                more = more or "a condition lacks its test or variable"
                continue
            operator, text = text_of(finish(test)).literal, text_of(finish(variable))
            if operator is None:
                more = more or "the test of a condition is not known"
                continue
            key = str(text)
            named = Scalar(place=variable.place, value=text if text.holes else key)
            keys.setdefault(operator, Scalar(place=test.place, value=operator))
            keys.setdefault(f"{operator} {key}", named)
            places.setdefault(operator, inner.place)
            place = values.place if values is not None else inner.place
            value = (
                self._strings(values, variables=True, ordered=True)
                if values is not None
                else ListNode(place=place, items=())
            )
            if isinstance(value, ListNode) and value.open:
                open_values[operator, key] = value.open
            found = value.items if isinstance(value, ListNode) else (value,)
            slot = made.setdefault(operator, {}).setdefault(key, [])
            slot.extend(found)
            if inner.possible is not None:
                # A condition that may not be there limits nothing for certain.
                possible[operator] = inner.possible
                more = more or inner.possible
            places.setdefault(f"{operator} {key}", place)
        if not made:
            if more is None:
                return None
            return MapNode(place=block.place, entries=(), open=more)
        operators = []
        for operator, by_key in made.items():
            entries = []
            for key, nodes in by_key.items():
                reason = open_values.get((operator, key))
                value = (
                    nodes[0]
                    if len(nodes) == 1 and reason is None and not isinstance(nodes[0], Either)
                    else ListNode(
                        place=places[f"{operator} {key}"], items=tuple(nodes), open=reason
                    )
                )
                entries.append(Entry(keys[f"{operator} {key}"], value))
            operators.append(
                Entry(
                    keys[operator],
                    MapNode(
                        place=places[operator],
                        entries=tuple(entries),
                        possible=possible.get(operator),
                    ),
                )
            )
        return MapNode(place=block.place, entries=tuple(operators), open=more)


_ARGUMENTS = {
    "Sid": "sid", "Effect": "effect", "Action": "actions", "NotAction": "not_actions",
    "Resource": "resources", "NotResource": "not_resources",
}  # fmt: skip


def _text_key(node: Node) -> str:
    return str(node.value) if isinstance(node, Scalar) else ""


def _with_variables(node: Node) -> Node:
    """`&{aws:username}` as `${aws:username}`."""
    return _mapped(node, lambda text: text.replace("&{", "${"))


def _mapped(node: Node, change: Callable[[str], str]) -> Node:
    if isinstance(node, Either):
        return Either(
            place=node.place,
            possible=node.possible,
            branches=tuple(_mapped(branch, change) for branch in node.branches),
            condition=node.condition,
        )
    if not isinstance(node, Scalar) or node.text is None or "&{" not in str(node.value):
        return node
    text = Text.of(*(change(p) if isinstance(p, str) else p for p in node.text.parts))
    literal = text.literal
    return Scalar(
        place=node.place,
        possible=node.possible,
        value=text if literal is None else literal,
        style=node.style,
    )
