"""Findings with replacements -> the same findings with verified edits of their source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from iamlint.finding import Applicability, Finding, Replacement
from iamlint.fix import own, renaming, render, swap, values
from iamlint.fix.language import CannotEdit, FileEdit, Writer
from iamlint.fix.lines import Lines
from iamlint.fix.own import Reference
from iamlint.fix.verify import Swap, Verifier
from iamlint.iam.policy import Policy
from iamlint.minimize import Refused, policy_of
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Language, Owner, PolicySite, Project, ReadOptions
from iamlint.text import OverlappingEdits, SourceText, Span
from iamlint.tree import Text

_EXCLUSIVE = "aws_iam_role_policies_exclusive"


About = tuple[str, Span]


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
        return _about(self.site) if self.site is not None else None

    @property
    def change(self) -> Swap:
        assert self.site is not None
        return Swap(self.site, self.replacement, self.own)


def _about(site: PolicySite) -> About:
    place = site.place if site.policy is None else site.policy.place
    return place.path, place.span


def _limits(other: PolicySite, site: PolicySite) -> bool:
    """True if a permissions boundary is the very document of a site that grants."""
    return (
        other.kind == "boundary" != site.kind
        and other.policy is not None
        and site.policy is not None
        and _about(other) == _about(site)
    )


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
        self.sites: dict[str, list[PolicySite]] = {}
        for site in project.sites:
            self.sites.setdefault(site.key, []).append(site)
        self.verifier = Verifier(project, sandbox, options)
        self._writers: dict[tuple[str, str], Writer] = {}
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
            site = self._site(finding, frozenset(replacement.beside))
            references = own.references(site, replacement, self.project) if referring else {}
            edits = tuple(self._edits(site, replacement, references))
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
        if replacement.proof.contained is False:
            applicability = "display"  # what grants more is not written, whoever asks
        if self.shown and not draft.diff:
            draft.diff = render.diff(draft.files)
        return msgspec.structs.replace(replacement, edit=draft.diff, applicability=applicability)

    def _site(self, finding: Finding, beside: frozenset[str]) -> PolicySite:
        """The site, if what is proposed takes all into account that its text serves."""
        found = self.sites.get(finding.site_key, [])
        if not found:
            raise CannotEdit("its policy is not known")
        site = found[0]
        if site.editable is not None:
            raise CannotEdit(site.editable)
        if site.attachment is not None and site.attachment.shared is not None:
            raise CannotEdit(site.attachment.shared)
        span = (site.attachment.item if site.attachment is not None else site.place).span
        for other in self.project.sites:
            if other is site or other.place.source.path != site.place.source.path:
                continue
            if not other.owners and other.resource_type == "policy":
                continue  # the same file, read as a policy document on its own
            theirs = (other.attachment.item if other.attachment is not None else other.place).span
            if other.key in beside or (theirs != span and not _limits(other, site)):
                continue
            raise CannotEdit(f"the same text serves `{other.address}` too")
        return site

    def _edits(
        self, site: PolicySite, replacement: Replacement, references: Mapping[str, Reference]
    ) -> list[FileEdit]:
        policy = policy_of(site)
        if isinstance(policy, Refused):
            raise CannotEdit(policy.reason)
        if site.kind == "managed-attachment":
            writer = self._writer(site.language, site.block.source)
            if replacement.policy is None:
                return writer.detach(site, self.project)
            if replacement.attach:
                return [swap.edit(site, replacement.attach)]
            return writer.replace_attachment(
                site,
                self._owner(site),
                values.whole(policy, replacement.policy, _written(references)),
                self.project,
            )
        return self._inline(site, policy, replacement, references)

    def _inline(
        self,
        site: PolicySite,
        policy: Policy,
        replacement: Replacement,
        references: Mapping[str, Reference],
    ) -> list[FileEdit]:
        if replacement.policy is None:
            return self._writer(site.language, site.block.source).remove_policy(site, self.project)
        if _is_made(policy):
            writer = self._writer(site.language, site.block.source)
            return writer.whole(
                site, values.whole(policy, replacement.policy, _written(references))
            )
        changes = values.changes(policy, replacement, _written(references))
        version = replacement.policy.get("Version")
        if version != policy.version:
            if changes:
                raise CannotEdit("its version and its statements would change together")
            writer = self._writer(site.language, policy.place.source)
            return writer.version(site, policy.place.span, str(version))
        renamed = renaming.operators(changes)
        if renamed is not None:
            return renamed
        sources = {id(each.statement.place.source): each.statement.place.source for each in changes}
        if len(sources) != 1:
            raise CannotEdit("the statements are written in several files")
        (source,) = sources.values()
        return self._writer(site.language, source).statements(site, changes)

    def _owner(self, site: PolicySite) -> Owner:
        owners = [self.project.owners[key] for key in site.owners if key in self.project.owners]
        if not owners or len(owners) < len(site.owners):
            raise CannotEdit("it is not known whom the attachment serves")
        # One declaration makes several by a loop, or in a module that is called several times.
        declared = {(owner.block.path, owner.block.span) for owner in owners}
        looped = site.attachment is not None and site.attachment.form == "attribute"
        if len(declared) > 1 and not looped:
            raise CannotEdit(f"the attachment serves {len(owners)} principals")
        if len({owner.kind for owner in owners}) > 1:
            raise CannotEdit("the attachment serves principals of several kinds")
        for owner in owners:
            self._refuse_exclusive(owner)
        return owners[0]

    def _refuse_exclusive(self, owner: Owner) -> None:
        """Terraform may be told to take away all inline policies but those that it lists."""
        if owner.language != "hcl":
            return
        label = re.escape(owner.address.partition("[")[0].rpartition("module.")[2])
        for source in self.project.sources.values():
            if _EXCLUSIVE in source.text and re.search(rf"\b{label}\b", source.text):
                raise CannotEdit(f"an `{_EXCLUSIVE}` lists the inline policies")

    def _writer(self, language: Language, source: SourceText) -> Writer:
        key = (language, source.path)
        writer = self._writers.get(key)
        if writer is None:
            writer = self._writers[key] = _writer(language, source)
        return writer


def _written(references: Mapping[str, Reference]) -> dict[str, Text]:
    return {arn: each.written for arn, each in references.items()}


def _is_made(policy: Policy) -> bool:
    """True for a document that a word stands for, a policy template of AWS SAM."""
    spans = {statement.place.span for statement in policy.statements}
    return spans == {policy.place.span}


def _writer(language: Language, source: SourceText) -> Writer:
    if language == "hcl" and source.path.endswith((".tf", ".tofu")):
        from iamlint.fix.hcl import HclWriter

        return HclWriter(source)
    if language == "hcl" and source.path.endswith((".tf.json", ".tofu.json")):
        from iamlint.fix.hcl_json import HclJsonWriter

        return HclJsonWriter(source)
    if language == "hcl":
        from iamlint.fix.policy_file import PolicyFileWriter

        return PolicyFileWriter(source)
    from iamlint.fix.template import TemplateWriter

    return TemplateWriter(source)


def _displayed(replacement: Replacement, reason: str) -> Replacement:
    why = "; ".join(each for each in (replacement.why_not_safe, reason) if each)
    return msgspec.structs.replace(replacement, applicability="display", why_not_safe=why)
