"""One line a finding: `path:line:column: CODE name: message`."""

from __future__ import annotations

from iamlint import escape
from iamlint.report.base import NOT_JUDGED, Report


def render(report: Report) -> str:
    """The findings, one a line, then the policies that were not judged."""
    out = []
    for finding in report.findings:
        start = finding.place.start
        out.append(
            f"{finding.place.path}:{start.line}:{start.column}: "
            f"{finding.severity} {finding.rule} {finding.name}: {finding.message}"
        )
    told = {finding.place for finding in report.findings if finding.rule == NOT_JUDGED}
    for item in report.unresolved:
        if item.place in told:
            continue
        start = item.place.start
        out.append(
            f"{item.place.path}:{start.line}:{start.column}: not judged: {item.address}: {item.reason}"
        )
    return "".join(escape.terminal(line) + "\n" for line in out)
