"""The finished report of one run: what every renderer is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from iamlint.finding import Finding, Severity
from iamlint.sources.site import Unresolved

NOT_JUDGED = "IAM002"
"""The rule that tells what was not judged; reports list that by itself."""

DOCS = "https://github.com/iamlint/iamlint/blob/main/docs/rules/"


class RuleInfo(msgspec.Struct, frozen=True):
    """What a renderer says of a rule besides its findings."""

    code: str
    name: str
    summary: str
    severity: Severity
    page: str = ""

    @property
    def url(self) -> str:
        return f"{DOCS}{self.code}.md"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Findings in reading order, what was left out and why, and the counts.

    `unresolved` lists policies that could not be judged, `notes` what else the reader must know
    (a usage profile that covers too little, a reader that fell back).  `shown` tells whether a
    finding counts for the exit code (at or above `--fail-on`).
    """

    findings: Sequence[Finding]
    unresolved: Sequence[Unresolved] = ()
    notes: Sequence[str] = ()
    rules: Sequence[RuleInfo] = ()
    files: int = 0
    sites: int = 0
    suppressed_inline: int = 0
    suppressed_baseline: int = 0
    tool_version: str = ""
    data_date: str = ""
    verbose: bool = False
    diffs: bool = True

    def counts(self) -> dict[str, int]:
        """The number of findings by severity, critical first."""
        return {
            str(severity): sum(finding.severity == severity for finding in self.findings)
            for severity in sorted(Severity, reverse=True)
        }


Renderer = Callable[[Report], str]
"""A renderer turns a report into the whole text to print or write."""
