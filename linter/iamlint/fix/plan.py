"""Findings with replacements -> the same findings with verified edits of their source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from iamlint.finding import Applicability, Finding, Replacement
from iamlint.fix import own, render
from iamlint.fix.editor import About, Editor, text_of
from iamlint.fix.language import CannotEdit, FileEdit
from iamlint.fix.lines import Lines
from iamlint.fix.own import Reference
from iamlint.fix.verify import Swap, Verifier
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions
from iamlint.text import OverlappingEdits, SourceText


class Planned(msgspec.Struct, frozen=True):
    """A finding with its replacement's edit, and the edit piece by piece; no pieces, no edit.

    `about` is the text whose meaning the edit changes, by path and span: of two edits of one
    policy each was verified with the rest of it as it stands.  `own` are the references that are
    written for ARNs of the project's own resources.
    """

    finding: Finding
    edits: tuple[FileEdit, ...] = ()
    about: About | None = None
    own: Mapping[str, Reference] = {}


def plan(
    findings: Iterable[Finding],
    project: Project,
    sandbox: Sandbox,
    options: ReadOptions,
    *,
    shown: bool = True,
) -> list[Planned]:
    """Plan an edit for each replacement and verify it by reading the result.

    Unless it is to be shown, the edit is told by its pieces only and not as a diff.

    Each finding's edit stands for itself: those of two findings about one place exclude each
    other.  A replacement without an edit has applicability `display`, and says why.
    """
    planner = _Planner(project, sandbox, options, shown)
    found = list(findings)
    planner.prepare(found)
    return [
        Planned(finding) if finding.replacement is None else planner.planned(finding)
        for finding in found
    ]


def with_edits(
    findings: Iterable[Finding], project: Project, sandbox: Sandbox, options: ReadOptions
) -> list[Finding]:
    """Fill in `edit` and `applicability` of each replacement."""
    return [each.finding for each in plan(findings, project, sandbox, options)]


class _Draft(msgspec.Struct):
    """An edit on its way: its pieces and files, and why there is none after all."""

    replacement: Replacement
    site: PolicySite | None = None
    edits: tuple[FileEdit, ...] = ()
    own: Mapping[str, Reference] = {}
    refusal: str = ""
    diff: str = ""

    @property
    def files(self) -> dict[str, tuple[SourceText, str]]:
        return render.edited(self.edits)

    @property
    def about(self) -> About | None:
        return text_of(self.site) if self.site is not None else None

    @property
    def change(self) -> Swap:
        assert self.site is not None
        return Swap(self.site, self.replacement, self.own)


def apart(drafts: Sequence[_Draft]) -> list[list[_Draft]]:
    """The drafts in batches within which no two touch one policy, the same or neighbouring lines."""
    batches: list[tuple[list[_Draft], Lines, set[About | None]]] = []
    for draft in drafts:
        lines = Lines.of(draft.edits)
        for batch, taken, about in batches:
            if draft.about not in about and not taken.meet(lines):
                batch.append(draft)
                taken.add(lines)
                about.add(draft.about)
                break
        else:
            batches.append(([draft], lines, {draft.about}))
    return [batch for batch, _, _ in batches]


def _key(finding: Finding) -> tuple[str, int]:
    return finding.site_key, id(finding.replacement)


class _Planner:
    """Plans edits for the findings of one project; the same replacement is planned once."""

    def __init__(
        self, project: Project, sandbox: Sandbox, options: ReadOptions, shown: bool
    ) -> None:
        self.project = project
        self.shown = shown
        self.editor = Editor(project)
        self.verifier = Verifier(project, sandbox, options)
        self._drafts: dict[tuple[str, int], _Draft] = {}

    def prepare(self, findings: Iterable[Finding]) -> None:
        """Draft all edits, and verify together those that do not touch one another.

        What is not found right together is verified alone: one wrong edit costs the others
        nothing but time.
        """
        batches: dict[tuple[str, ...], list[_Draft]] = {}
        for finding in findings:
            replacement = finding.replacement
            if replacement is None or _key(finding) in self._drafts:
                continue
            draft = self._draft(finding, replacement)
            if draft.own and not self._holds(draft):
                draft = self._draft(finding, replacement, referring=False)
            self._drafts[_key(finding)] = draft
            if draft.site is not None:
                paths = {each.source.path for each in draft.edits}
                together = self.verifier.together(paths, [draft.site])
                batches.setdefault(together, []).append(draft)
        for drafts in batches.values():
            for batch in apart(drafts):
                self._verify(batch)

    def planned(self, finding: Finding) -> Planned:
        assert finding.replacement is not None
        draft = self._drafts[_key(finding)]
        edited = self._edited(finding.replacement, draft)
        return Planned(
            msgspec.structs.replace(finding, replacement=edited),
            draft.edits if not draft.refusal else (),
            draft.about,
            draft.own,
        )

    def _draft(
        self, finding: Finding, replacement: Replacement, *, referring: bool = True
    ) -> _Draft:
        try:
            if not replacement.proof.well_formed or replacement.parts:
                raise CannotEdit("what would be written does not fit into one policy")
            site = self.editor.site(finding.site_key, frozenset(replacement.beside))
            references = own.references(site, replacement, self.project) if referring else {}
            edits = tuple(self.editor.edits(site, replacement, references))
            render.applied(edits)  # they must not overlap
            return _Draft(replacement, site, edits, references)
        except CannotEdit as refusal:
            return _Draft(replacement, refusal=refusal.reason)
        except OverlappingEdits:
            return _Draft(replacement, refusal="its parts would overlap")

    def _holds(self, draft: _Draft) -> bool:
        """True if references mean what they are meant to: else the ARNs themselves are written."""
        try:
            self.verifier.check_all(draft.files, [draft.change])
        except CannotEdit:
            return False
        return True

    def _verify(self, batch: Sequence[_Draft]) -> None:
        if len(batch) > 1:
            try:
                files = render.edited([edit for draft in batch for edit in draft.edits])
                self.verifier.check_all(files, [draft.change for draft in batch])
                return
            except (CannotEdit, OverlappingEdits):
                pass
        for draft in batch:
            try:
                self.verifier.check_all(draft.files, [draft.change])
            except CannotEdit as refusal:
                draft.refusal = refusal.reason

    def _edited(self, replacement: Replacement, draft: _Draft) -> Replacement:
        if draft.refusal:
            return _displayed(replacement, f"no edit: {draft.refusal}")
        safe = replacement.proven and not replacement.why_not_safe
        applicability: Applicability = "safe" if safe else "unsafe"
        if replacement.proof.contained is False and replacement.purpose != "meant":
            applicability = "display"  # what grants more unmeant is not written, whoever asks
        if self.shown and not draft.diff:
            draft.diff = render.diff(draft.files)
        return msgspec.structs.replace(replacement, edit=draft.diff, applicability=applicability)


def _displayed(replacement: Replacement, reason: str) -> Replacement:
    why = "; ".join(each for each in (replacement.why_not_safe, reason) if each)
    return msgspec.structs.replace(replacement, applicability="display", why_not_safe=why)
