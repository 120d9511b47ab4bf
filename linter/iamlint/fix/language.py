"""What planning an edit asks of a language: the interface of `hcl` and `template`.

A writer looks at source text and answers edits of it; it never writes files.  Where it is not
sure it raises `CannotEdit`, and the replacement is then shown without an edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Union

import msgspec

from iamlint.iam.policy import Element, Statement
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.text import Edit, SourceText, Span
from iamlint.tree import Text

Value = Union[str, bool, int, float, None, Text, list["Value"], dict[str, "Value"]]
"""JSON data whose strings may have holes.  A `str` is literal: what looks like an interpolation in
it must be escaped when it is written; a hole of a Text is written as the source expression that
it stands for (`${aws_s3_bucket.b.arn}`, `!Sub`)."""


class Given(str):
    """A string whose value comes from a parameter's or variable's default, or from a branch.

    Written out it would no longer follow what it comes from, so no writer renders it: it can only
    stay where it stands.
    """


class CannotEdit(Exception):
    """Why there is no edit, in words that follow "no edit: "."""

    @property
    def reason(self) -> str:
        return str(self)


def refuse_given(value: object) -> None:
    """Raise CannotEdit for a string that may not be written out."""
    if isinstance(value, Given):
        raise CannotEdit(
            f"`{value}` would no longer follow the parameter or variable it comes from"
        )


OPPOSITE = {"Action": "NotAction", "Resource": "NotResource"}
"""Elements whose opposite a replacement may turn into them."""


def same(old: object, new: Value) -> bool:
    """True if an element keeps its meaning: holes as they are shown, one item as a list of one."""
    return _plain(old) == _plain(new)


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, list):
        plain = [_plain(each) for each in value]
        return plain[0] if len(plain) == 1 else plain
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value


class FileEdit(msgspec.Struct, frozen=True):
    """An edit of one file's text."""

    source: SourceText
    edit: Edit


class StatementChange(msgspec.Struct, frozen=True):
    """One statement of a site's policy and the statements that take its place (AWS JSON).

    `new` is empty if the statement falls away.  Keys of a new statement that are equal to those
    of the old one should keep their text, so that comments and layout stay.
    """

    index: int
    statement: Statement
    new: tuple[dict[str, Value], ...]

    def shown(self, name: str) -> Shown:
        """What the strings of an element of the old statement stand for, by where they stand."""
        elements: Sequence[Element] = ()
        if name in ("Action", "NotAction"):
            elements = self.statement.actions
        elif name in ("Resource", "NotResource"):
            elements = self.statement.resources
        return Shown(tuple((each.place.span, str(each)) for each in elements))


class Shown(msgspec.Struct, frozen=True):
    """Strings with their places: tells the items of a list apart, whatever expressions they are."""

    strings: tuple[tuple[Span, str], ...] = ()

    def at(self, span: Span) -> str | None:
        """The one string that stands within a span; None if there is none or there are several."""
        found = {
            string
            for place, string in self.strings
            if span.start <= place.start and place.end <= span.end
        }
        return found.pop() if len(found) == 1 else None


class Writer(Protocol):
    """Edits of policies in one language."""

    def statements(self, site: PolicySite, changes: Sequence[StatementChange]) -> list[FileEdit]:
        """Edit the statements of a policy that is written at the site (forms `value`, `blocks`, `text`).

        At least one statement of the policy is left.
        """

    def whole(self, site: PolicySite, policy: dict[str, Value]) -> list[FileEdit]:
        """Write a document in the place of a word that stands for one."""

    def version(self, site: PolicySite, document: Span, version: str) -> list[FileEdit]:
        """Write the version of the policy document that a span covers, whether it has one or not."""

    def remove_policy(self, site: PolicySite, project: Project) -> list[FileEdit]:
        """Take an inline policy away with what only serves it; a managed one cannot be."""

    def detach(self, site: PolicySite, project: Project) -> list[FileEdit]:
        """Take a managed policy's attachment away: the resource, the list item or the map entry."""

    def replace_attachment(
        self, site: PolicySite, owner: Owner, policy: dict[str, Value], project: Project
    ) -> list[FileEdit]:
        """Put an inline policy of the owner in the place of an attachment.

        Terraform: a new `aws_iam_role_policy` (user, group likewise) with `jsonencode`, its name
        after the attachment and the project's way of naming.  CloudFormation: an entry in the
        `Policies` of the role, user or group.
        """
