"""Edits of a JSON file that Terraform reads with `file` or `templatefile`."""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.fix import json_edit
from iamlint.fix.language import CannotEdit, FileEdit, StatementChange, Value
from iamlint.fix.version import in_json
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.text import SourceText, Span
from iamlint.tree import Text


class PolicyFileWriter:
    """Writes into the policy file; what uses the file is not touched."""

    def __init__(self, source: SourceText) -> None:
        self.source = source

    def statements(self, site: PolicySite, changes: Sequence[StatementChange]) -> list[FileEdit]:
        """Edit statements; strings that `templatefile` would read otherwise are not written."""
        if site.policy is None:
            raise CannotEdit("the policy could not be evaluated")
        spans = [statement.place.span for statement in site.policy.statements]
        edits = json_edit.statement_edits(self.source, spans, changes, _quoted)
        return [FileEdit(self.source, edit) for edit in edits]

    def whole(self, site: PolicySite, policy: dict[str, Value]) -> list[FileEdit]:
        """No word stands for a document here."""
        raise CannotEdit("the policy is not written out")

    def version(self, site: PolicySite, document: Span, version: str) -> list[FileEdit]:
        """Write the version into the document."""
        return [FileEdit(self.source, edit) for edit in in_json(self.source, document, version)]

    def remove_policy(self, site: PolicySite, project: Project) -> list[FileEdit]:
        """A file is not removed."""
        raise CannotEdit("the policy is a file of its own")

    def detach(self, site: PolicySite, project: Project) -> list[FileEdit]:
        """A file attaches nothing."""
        raise CannotEdit("the policy is a file of its own")

    def replace_attachment(
        self, site: PolicySite, owner: Owner, policy: dict[str, Value], project: Project
    ) -> list[FileEdit]:
        """A file attaches nothing."""
        raise CannotEdit("the policy is a file of its own")


def _quoted(string: str | Text) -> str:
    if isinstance(string, Text) or "${" in string or "%{" in string:
        raise CannotEdit(f"`{string}` may mean something else in a template file")
    return json_edit.quoted(string)
