"""Which planned edits are made in one pass: those that were asked for and do not touch one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

from iamlint.finding import Finding
from iamlint.fix.editor import About
from iamlint.fix.language import FileEdit
from iamlint.fix.lines import Lines
from iamlint.fix.own import Reference
from iamlint.fix.plan import Planned
from iamlint.fix.render import edited
from iamlint.text import SourceText

Level = Literal["safe", "all"]


class Repair(msgspec.Struct, frozen=True):
    """An edit in its pieces, and the findings that it serves; `own` as in Planned."""

    edits: tuple[FileEdit, ...]
    findings: tuple[Finding, ...]
    own: Mapping[str, Reference] = {}

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(each.source.path for each in self.edits)


class Chosen(msgspec.Struct, frozen=True):
    """The repairs of one pass.

    `left` are findings whose edits touch the same text as a chosen one: after a pass they are
    planned anew, on what then stands there.
    """

    repairs: tuple[Repair, ...]
    left: tuple[Finding, ...]

    @property
    def taken(self) -> tuple[Finding, ...]:
        return tuple(finding for repair in self.repairs for finding in repair.findings)

    @property
    def files(self) -> dict[str, tuple[SourceText, str]]:
        """Files by path with their old and new text."""
        return files(self.repairs)


def files(repairs: Iterable[Repair]) -> dict[str, tuple[SourceText, str]]:
    """What repairs that go together make of their files: old and new text by path."""
    return edited([edit for repair in repairs for edit in repair.edits])


def wanted(finding: Finding, level: Level) -> bool:
    """True if the level allows the finding's edit to be written."""
    replacement = finding.replacement
    levels = ("safe",) if level == "safe" else ("safe", "unsafe")
    return replacement is not None and replacement.applicability in levels


def choose(
    planned: Iterable[Planned],
    level: Level = "safe",
    allowed: Callable[[Planned], bool] = lambda each: True,
) -> Chosen:
    """The edits of one pass: those of the wanted applicability that do not touch one another.

    Findings that share an edit are served by it together.  Edits that fall on neighbouring lines,
    or into one policy, are kept apart too, since each was verified alone.
    """
    served: dict[tuple[FileEdit, ...], list[Finding]] = {}
    own: dict[tuple[FileEdit, ...], Mapping[str, Reference]] = {}
    left: list[Finding] = []
    touched = Lines()
    policies: set[About] = set()
    for each in planned:
        if not each.edits or not wanted(each.finding, level) or not allowed(each):
            continue
        if each.edits in served:
            served[each.edits].append(each.finding)
            continue
        lines = Lines.of(each.edits)
        if touched.meet(lines) or each.about in policies:
            left.append(each.finding)
            continue
        touched.add(lines)
        if each.about is not None:
            policies.add(each.about)
        served[each.edits] = [each.finding]
        own[each.edits] = each.own
    repairs = tuple(
        Repair(edits, tuple(findings), own[edits]) for edits, findings in served.items()
    )
    return Chosen(repairs, tuple(left))
