"""From a replacement to the edits of the language that its policy is written in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from iamlint.finding import Replacement
from iamlint.fix import renaming, swap, values
from iamlint.fix.language import CannotEdit, FileEdit, Writer
from iamlint.fix.own import Reference
from iamlint.iam.policy import Policy
from iamlint.minimize import Refused, policy_of
from iamlint.sources.site import Language, Owner, PolicySite, Project
from iamlint.text import SourceText, Span
from iamlint.tree import Text

_EXCLUSIVE = "aws_iam_role_policies_exclusive"

About = tuple[str, Span]


def text_of(site: PolicySite) -> About:
    """The text whose meaning an edit of a site changes, by path and span."""
    place = site.place if site.policy is None else site.policy.place
    return place.path, place.span


class Editor:
    """Asks the writers of each language for edits, and refuses where a text serves others too."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sites: dict[str, list[PolicySite]] = {}
        for site in project.sites:
            self.sites.setdefault(site.key, []).append(site)
        self._writers: dict[tuple[str, str], Writer] = {}

    def site(self, key: str, beside: frozenset[str]) -> PolicySite:
        """The site, if what is proposed takes all into account that its text serves."""
        found = self.sites.get(key, [])
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

    def edits(
        self, site: PolicySite, replacement: Replacement, references: Mapping[str, Reference]
    ) -> list[FileEdit]:
        if replacement.attach:
            return [swap.edit(site, replacement.attach)]
        policy = policy_of(site)
        if isinstance(policy, Refused):
            raise CannotEdit(policy.reason)
        if site.kind == "managed-attachment":
            writer = self._writer(site.language, site.block.source)
            if replacement.policy is None:
                return writer.detach(site, self.project)
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


def _limits(other: PolicySite, site: PolicySite) -> bool:
    """True if a permissions boundary is the very document of a site that grants."""
    return (
        other.kind == "boundary" != site.kind
        and other.policy is not None
        and site.policy is not None
        and text_of(other) == text_of(site)
    )


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
