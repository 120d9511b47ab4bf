"""Edits of policies in Terraform's JSON syntax: JSON text in a string, and statements as objects."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from iamlint.fix import json_edit, layout
from iamlint.fix.json_scan import members
from iamlint.fix.language import (
    OPPOSITE,
    CannotEdit,
    FileEdit,
    StatementChange,
    Value,
    refuse_given,
    same,
)
from iamlint.fix.version import in_json
from iamlint.iam.encode import statement_json
from iamlint.iam.policy import Element, Statement
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.sources.terraform.strings import decode_json, units
from iamlint.text import Edit, Place, SourceText, Span
from iamlint.tree import Text

ARGUMENTS = {
    "Sid": "sid",
    "Effect": "effect",
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
"""What the elements of a statement are called in an `aws_iam_policy_document`."""


class Escaped:
    """JSON text as it stands inside a JSON string, and the same text without its escapes."""

    def __init__(self, source: SourceText, span: Span) -> None:
        self.outer, self.span = source, span
        raw = source.text[span.start : span.end]
        self.inner = SourceText(source.path, decode_json(raw))
        places = list(units(raw, "json"))
        self._starts = [span.start + start for start, _ in places] + [span.end]
        self._ends = [span.start, *(span.start + end for _, end in places)]

    def inside(self, span: Span) -> Span:
        """A span of the file as a span of the text without escapes."""
        return Span(bisect_left(self._starts, span.start), bisect_left(self._ends, span.end))

    def change(self, change: StatementChange) -> StatementChange:
        """A change with its places in the text without escapes."""

        def moved(elements: tuple[Element, ...]) -> tuple[Element, ...]:
            return tuple(
                msgspec.structs.replace(each, place=self._place(each.place)) for each in elements
            )

        old = change.statement
        statement: Statement = msgspec.structs.replace(
            old,
            place=self._place(old.place),
            actions=moved(old.actions),
            resources=moved(old.resources),
        )
        return msgspec.structs.replace(change, statement=statement)

    def _place(self, place: Place) -> Place:
        if place.source is not self.outer:
            raise CannotEdit("a statement is written in another file")
        return Place(self.inner, self.inside(place.span))

    def outside(self, edits: Sequence[Edit]) -> list[Edit]:
        """Edits of the text without escapes as edits of the file."""
        return [
            Edit(
                Span(self._starts[edit.span.start], max(self._starts[edit.span.start], self._ends[edit.span.end])),
                json.dumps(edit.replacement, ensure_ascii=False)[1:-1],
            )
            for edit in edits
        ]  # fmt: skip


class HclJsonWriter:
    """Writes policies into one `.tf.json` file; resources are neither added nor taken away."""

    def __init__(self, source: SourceText) -> None:
        self.source = source

    def statements(self, site: PolicySite, changes: Sequence[StatementChange]) -> list[FileEdit]:
        """Edit statements that are JSON text in a string, or objects of a policy document."""
        if site.policy is None:
            raise CannotEdit("the policy could not be evaluated")
        statements = site.policy.statements
        if any(statement.place.source is not self.source for statement in statements):
            raise CannotEdit("a statement is written in another file")
        if site.form == "text":
            text = Escaped(self.source, site.place.span)
            spans = [text.inside(statement.place.span) for statement in statements]
            moved = [text.change(change) for change in changes]
            edits = json_edit.statement_edits(text.inner, spans, moved, json_edit.template)
            return self._of(text.outside(edits))
        if site.form == "blocks":
            return self._of(self._objects([each.place.span for each in statements], changes))
        raise CannotEdit("an expression inside a JSON string is not edited")

    def _objects(self, spans: Sequence[Span], changes: Sequence[StatementChange]) -> list[Edit]:
        text = self.source.text
        ordered = sorted(set(spans))
        for before, after in pairwise(ordered):
            if text[before.end : after.start].strip() != ",":
                raise CannotEdit("the statements are not in one list")
        found: list[Edit] = []
        gone: set[int] = set()
        for change in changes:
            if not change.new:
                gone.add(ordered.index(change.statement.place.span))
            elif len(change.new) > 1:
                raise CannotEdit("a statement would have to be split in Terraform's JSON syntax")
            else:
                found += self._object(change)
        if len(gone) == len(ordered):
            raise CannotEdit("no statement would be left")
        return found + [Edit(span, "") for span in layout.without_items(text, ordered, gone)]

    def _object(self, change: StatementChange) -> list[Edit]:
        source = self.source
        old, new = statement_json(change.statement), change.new[0]
        written = {each.key: each for each in members(source.text, change.statement.place.span)}
        found: list[Edit] = []
        for name, value in new.items():
            if same(old.get(name), value):
                continue
            argument = ARGUMENTS.get(name)
            member = written.get(argument or "")
            opposite = written.get(ARGUMENTS.get(OPPOSITE.get(name, ""), ""))
            if argument is None or (member is None and opposite is None):
                raise CannotEdit(f"`{name}` is not written in the statement")
            if member is None:
                assert opposite is not None
                found.append(Edit(opposite.key_span, json_edit.quoted(argument)))
                member = opposite
            listed: Value = value if isinstance(value, list) else [value]
            if name in ("Sid", "Effect"):
                listed = value
            shown, step = change.shown(name), layout.unit(source.text)
            text = json_edit.member_value(source, member, listed, quoted, step, shown)
            found.append(Edit(member.value, text))
        turned = {OPPOSITE.get(name) for name in new}
        if any(name not in new and name not in turned for name in old):
            raise CannotEdit("an element of a statement would fall away")
        return found

    def version(self, site: PolicySite, document: Span, version: str) -> list[FileEdit]:
        """Write the version into JSON text in a string."""
        if site.form != "text":
            raise CannotEdit("the version is not written in Terraform's JSON syntax")
        text = Escaped(self.source, document)
        edits = in_json(text.inner, Span(0, len(text.inner.text)), version)
        return self._of(text.outside(edits))

    def whole(self, site: PolicySite, policy: dict[str, Value]) -> list[FileEdit]:
        """No word stands for a document here."""
        raise CannotEdit("the policy is not written out")

    def remove_policy(self, site: PolicySite, project: Project) -> list[FileEdit]:
        """Resources are not taken away."""
        raise CannotEdit("resources are not taken away from Terraform's JSON syntax")

    def detach(self, site: PolicySite, project: Project) -> list[FileEdit]:
        """Resources are not taken away."""
        raise CannotEdit("resources are not taken away from Terraform's JSON syntax")

    def replace_attachment(
        self, site: PolicySite, owner: Owner, policy: dict[str, Value], project: Project
    ) -> list[FileEdit]:
        """Resources are not added."""
        raise CannotEdit("resources are not added to Terraform's JSON syntax")

    def _of(self, edits: Sequence[Edit]) -> list[FileEdit]:
        return [FileEdit(self.source, edit) for edit in edits]


def quoted(string: str | Text) -> str:
    """A string of Terraform's JSON syntax: a template inside a JSON string."""
    refuse_given(string)
    parts = (string,) if isinstance(string, str) else string.parts
    return json_edit.quoted(
        "".join(
            part.replace("${", "$${").replace("%{", "%%{")
            if isinstance(part, str)
            else f"${{{part.name}}}"
            for part in parts
        )
    )
