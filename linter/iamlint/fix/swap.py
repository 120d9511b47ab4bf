"""Another AWS managed policy in the place of the attached one: its name where the name is written."""

from __future__ import annotations

from iamlint.fix.language import CannotEdit, FileEdit
from iamlint.sources.site import PolicySite
from iamlint.text import Edit, Span

_POLICY = ":policy"


def attached(arn: str, name: str) -> str:
    """The ARN of another managed policy in the same partition; `name` begins with its path."""
    return arn.partition(_POLICY)[0] + _POLICY + name


def edit(site: PolicySite, name: str) -> FileEdit:
    """Write the path and name of another policy where those of the attached one are written."""
    if site.arn is None:
        raise CannotEdit("it is not known which policy is attached")
    place = site.place
    if site.editable is not None:
        raise CannotEdit(site.editable)
    written, old = place.text, str(site.arn).rpartition(_POLICY)[2]
    if written.count(_POLICY + old) == 1:
        start = place.span.start + written.index(_POLICY + old) + len(_POLICY)
        return FileEdit(place.source, Edit(Span(start, start + len(old)), name))
    short = old.rpartition("/")[2]
    if written.count(short) != 1 or name.count("/") != 1:
        raise CannotEdit("the name of the policy is not written where it is attached")
    start = place.span.start + written.index(short)
    return FileEdit(place.source, Edit(Span(start, start + len(short)), name.rpartition("/")[2]))
