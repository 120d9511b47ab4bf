"""Annotations of a GitHub Actions run: one workflow command a finding.

Source: GitHub docs, "Workflow commands for GitHub Actions".  GitHub shows ten annotations of a
kind and step; the log has them all.
"""

from __future__ import annotations

from iamlint import escape
from iamlint.finding import Finding, Severity
from iamlint.report.base import Report


def render(report: Report) -> str:
    """The workflow commands, worst findings first, and one notice for what was not judged."""
    ordered = sorted(report.findings, key=lambda finding: -finding.severity)
    lines = [_command(finding) for finding in ordered]
    if report.unresolved:
        count = len(report.unresolved)
        noun = "policy" if count == 1 else "policies"
        lines.append(
            f"::notice title=iamlint::{count} {noun} could not be evaluated, and so not judged"
        )
    return "".join(line + "\n" for line in lines)


def _command(finding: Finding) -> str:
    start, end = finding.place.start, finding.place.end
    kind = (
        "error"
        if finding.severity >= Severity.HIGH
        else "warning"
        if finding.severity == Severity.MEDIUM
        else "notice"
    )
    properties = {
        "file": finding.place.path,
        "line": str(start.line),
        "endLine": str(end.line),
        "title": f"{finding.rule} {finding.name}",
    }
    if start.line == end.line:
        # GitHub takes columns only for places on one line, the end included.
        properties |= {
            "col": str(start.column),
            "endColumn": str(max(start.column, end.column - 1)),
        }
    shown = ",".join(
        f"{name}={escape.command_property(value)}" for name, value in properties.items()
    )
    text = "\n".join(
        [finding.message, *finding.notes, *([finding.advice] if finding.advice else [])]
    )
    return f"::{kind} {shown}::{escape.command(text)}"
