"""A GitLab code quality report.

Source: GitLab docs, "Code Quality", report format.  A fingerprint that comes twice is shown once
there, so ours (salted on collision by the engine) are unique.
"""

from __future__ import annotations

import msgspec

from iamlint.finding import Severity
from iamlint.report.base import Report

_SEVERITY = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def render(report: Report) -> str:
    """The report as a JSON array with a final line break."""
    rows = [
        {
            "description": f"{finding.rule} {finding.name}: {finding.message}",
            "check_name": finding.rule,
            "fingerprint": finding.fingerprint,
            "severity": _SEVERITY[finding.severity],
            "location": {
                "path": finding.place.path,
                "lines": {"begin": finding.place.start.line, "end": finding.place.end.line},
            },
        }
        for finding in report.findings
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n"
