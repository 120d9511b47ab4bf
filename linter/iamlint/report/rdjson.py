"""Reviewdog's diagnostic format, for review comments.

Source: reviewdog/reviewdog, proto/rdf.  Columns there count UTF-8 bytes, 1-based.
"""

from __future__ import annotations

from typing import Any

import msgspec

from iamlint.finding import Finding, Severity
from iamlint.report.base import DOCS, Report
from iamlint.report.edits import changes
from iamlint.text import Place, Position


def render(report: Report) -> str:
    """The report as one DiagnosticResult with a final line break."""
    document = {
        "source": {"name": "iamlint", "url": "https://github.com/iamlint/iamlint"},
        "diagnostics": [_diagnostic(finding) for finding in report.findings],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _diagnostic(finding: Finding) -> dict[str, Any]:
    severity = (
        "ERROR"
        if finding.severity >= Severity.HIGH
        else "WARNING"
        if finding.severity == Severity.MEDIUM
        else "INFO"
    )
    diagnostic: dict[str, Any] = {
        "message": "\n".join([finding.message, *finding.notes]),
        "location": _location(finding.place),
        "severity": severity,
        "code": {"value": finding.rule, "url": f"{DOCS}{finding.rule}.md"},
        "related_locations": [
            {"message": label.message, "location": _location(label.place)}
            for label in finding.labels
        ],
    }
    if suggestions := _suggestions(finding):
        diagnostic["suggestions"] = suggestions
    return diagnostic


def _suggestions(finding: Finding) -> list[dict[str, Any]]:
    """The replacement, if it is one run of lines in the finding's own file.

    Each suggestion is taken by itself there; half of a replacement would be a wrong one.
    """
    if finding.replacement is None:
        return []
    made = list(changes(finding.replacement.edit))
    if len(made) != 1 or made[0].path != finding.place.path:
        return []
    (change,) = made
    end = {"line": change.line + change.count, "column": 1}
    return [
        {"range": {"start": {"line": change.line, "column": 1}, "end": end}, "text": change.text}
    ]


def _location(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "range": {"start": _position(place, place.start), "end": _position(place, place.end)},
    }


def _position(place: Place, position: Position) -> dict[str, int]:
    before = place.source.line(position.line)[: position.column - 1]
    return {"line": position.line, "column": len(before.encode("utf-8", "replace")) + 1}
