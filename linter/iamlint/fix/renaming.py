"""Changes that are only another operator of a condition: edited where the operator is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from iamlint.fix.language import CannotEdit, FileEdit, StatementChange
from iamlint.iam.encode import statement_json
from iamlint.text import Edit, Span


def operators(changes: Sequence[StatementChange]) -> list[FileEdit] | None:
    """The edits, if nothing but operators of conditions changes; None if more does.

    An operator over several keys is not renamed, since the others would change with it.
    """
    found: list[FileEdit] = []
    for change in changes:
        names = _renamed(change)
        if names is None:
            return None
        for old, new in names.items():
            found += _edits(change, old, new)
    return found or None


def _renamed(change: StatementChange) -> dict[str, str] | None:
    """Old operators -> new ones; None if a statement changes in more than that."""
    if len(change.new) != 1:
        return None
    old, new = statement_json(change.statement), change.new[0]
    before, after = old.pop("Condition", None), new.get("Condition")
    rest = {key: _plain(value) for key, value in new.items() if key != "Condition"}
    if rest != old or not isinstance(before, dict) or not isinstance(after, dict):
        return None
    if len(before) != len(after):
        return None
    names: dict[str, str] = {}
    for (left, was), (right, now) in zip(before.items(), after.items(), strict=True):
        if _plain(now) != was:
            return None
        if left != right:
            names[left] = right
    return names or None


def _plain(value: object) -> object:
    """A value with its holes as they are shown."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def _edits(change: StatementChange, old: str, new: str) -> list[FileEdit]:
    elements = [each for each in change.statement.conditions if str(each.operator) == old]
    places = {(each.operator.place.path, each.operator.place.span) for each in elements}
    if len(elements) != 1 or len(places) != 1:
        raise CannotEdit(f"`{old}` stands over several conditions")
    place = elements[0].operator.place
    inside = [*re.finditer(rf"(?<![\w:]){re.escape(old)}(?!\w)", place.text)]
    if len(inside) != 1:
        raise CannotEdit(f"`{old}` is not written there as a word")
    start = place.span.start
    span = Span(start + inside[0].start(), start + inside[0].end())
    return [FileEdit(place.source, Edit(span, new))]
