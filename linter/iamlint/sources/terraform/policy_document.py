"""`aws_iam_policy_document`: the policy that the AWS provider renders from its blocks.

After the provider's policy_document_data_source.go: source documents, then the statements, then
overrides; a later statement replaces an earlier one of the same Sid in its place; `&{` becomes
`${` in resources, principals and condition values; one element alone is a string, several are
sorted in reverse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamlint.sources.terraform.blocks import nested
from iamlint.sources.terraform.elements import elements
from iamlint.sources.terraform.embedded import document_of
from iamlint.sources.terraform.merged_document import (
    ANY,
    DOCUMENT,
    REPLACED,
    canonical,
    labels,
    may_be,
    rendered_again,
)
from iamlint.sources.terraform.statement_blocks import rendered
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Maybe,
    because,
    certain_part,
    is_null,
)
from iamlint.text import Place, Span
from iamlint.tree import Either, Entry, ListNode, MapNode, Node, Scalar, Text, Unknown

if TYPE_CHECKING:
    from iamlint.sources.terraform.instance import Instance

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
            own.append(rendered(block))
            self.open = self.open or block.open
        fresh: set[str] = set()
        self.before = len(self.statements)
        for each in own:
            self._add(each, fresh)
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
