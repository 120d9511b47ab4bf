"""The class that every rule derives from: metadata, three hooks and the way to make a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from iamlint.finding import Confidence, Evidence, Finding, Label, Replacement, Severity
from iamlint.iam.policy import Element, Statement
from iamlint.rule.context import Context
from iamlint.rule.example import Example
from iamlint.sources.site import Owner, PolicySite
from iamlint.text import Place


class Rule:
    """One judgement.

    A subclass gives `code` (`IAM101`), `name` (reads well after "ignore"), `severity` and
    `since`, a docstring with the sections What it does, Why it matters, Use instead, Fix safety
    and References, its `examples`, and at least one hook.  Hooks are generators of findings;
    they hold no state and may be called in any order.  `default` is False for a rule that runs
    only when selected.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    confidence: ClassVar[Confidence] = "certain"
    since: ClassVar[str]
    default: ClassVar[bool] = True
    examples: ClassVar[tuple[Example, ...]] = ()

    @classmethod
    def summary(cls) -> str:
        """What the rule reports, in one line without a final stop."""
        from iamlint.rule.page import summary

        return summary(cls)

    @classmethod
    def page(cls) -> str:
        """The rule's page as Markdown, examples included."""
        from iamlint.rule.page import page

        return page(cls)

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        """Judge one policy in one place."""
        return iter(())

    def check_owner(self, owner: Owner, ctx: Context) -> Iterator[Finding]:
        """Judge one declared principal or customer managed policy with all that serves it."""
        return iter(())

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        """Judge the project as a whole."""
        return iter(())

    def finding(
        self,
        at: Element | Place,
        message: str,
        *,
        site: PolicySite | None = None,
        statement: Statement | None = None,
        owner: Owner | None = None,
        advice: str = "",
        notes: Iterable[str] = (),
        labels: Iterable[Label] = (),
        severity: Severity | None = None,
        confidence: Confidence | None = None,
        evidence: Evidence | None = None,
        replacement: Replacement | None = None,
        element: str = "",
        address: str = "",
    ) -> Finding:
        """A finding of this rule, at the very string that offends.

        Whatever of `at`, `statement`, `site` and `owner` is only possible makes the finding
        possible, and a note says on what it hangs; another one names the construct of the AWS CDK
        that made the policy.  `element` names the cause where it is not
        the text of `at`.
        """
        reasons = [
            part.possible
            for part in (at if isinstance(at, Element) else None, statement, site, owner)
            if part is not None and part.possible
        ]
        doubts = tuple(f"only {reason}" for reason in dict.fromkeys(reasons))
        declared = site or owner
        construct = declared.construct if declared is not None else None
        made_by = (f"made by the construct `{construct}` of the AWS CDK",) if construct else ()
        if isinstance(at, Element):
            place = at.place
            # What a template is filled with differs by instance: the cause is the template.
            made = str(at) not in place.text
            element = element or (place.text if made else str(at))
        else:
            place = at
        return Finding(
            rule=self.code,
            name=self.name,
            severity=self.severity if severity is None else severity,
            confidence="possible" if doubts else (confidence or self.confidence),
            message=message,
            place=place,
            address=address or (site.address if site else owner.address if owner else ""),
            principal=owner.address if owner else None,
            policy_kind=site.kind if site else None,
            advice=advice,
            notes=(*notes, *doubts, *made_by),
            labels=tuple(labels),
            evidence=evidence,
            replacement=replacement,
            site_key=site.key if site else owner.key if owner else "",
            element=element,
        )
