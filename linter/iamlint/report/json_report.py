"""The report for scripts: JSON, version 1, as the interface page gives it."""

from __future__ import annotations

from typing import Any

import msgspec

from iamlint.finding import Finding, Replacement
from iamlint.report.base import Report
from iamlint.text import Place, Position

VERSION = 1


def render(report: Report) -> str:
    """The report as indented JSON with a final line break."""
    return msgspec.json.format(msgspec.json.encode(document(report)), indent=2).decode() + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "version": VERSION,
        "tool": {"name": "iamlint", "version": report.tool_version, "data_date": report.data_date},
        "findings": [_finding(finding) for finding in report.findings],
        "unresolved": [
            {
                "path": item.place.path,
                "line": item.place.start.line,
                "address": item.address,
                "reason": item.reason,
            }
            for item in report.unresolved
        ],
        "suppressed": {
            "inline": report.suppressed_inline,
            "baseline": report.suppressed_baseline,
        },
        "summary": {"files": report.files, "sites": report.sites, **report.counts()},
    }


def _finding(finding: Finding) -> dict[str, Any]:
    evidence = finding.evidence
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": str(finding.severity),
        "confidence": finding.confidence,
        "message": finding.message,
        **_place(finding.place),
        "address": finding.address,
        "principal": finding.principal,
        "policy_kind": finding.policy_kind,
        "labels": [{**_place(label.place), "message": label.message} for label in finding.labels],
        "evidence": evidence
        and {
            "observed": evidence.observed,
            "window_days": evidence.window_days,
            "last_used": evidence.last_used,
            "unobservable": list(evidence.unobservable),
        },
        "replacement": finding.replacement and _replacement(finding.replacement),
        "fingerprint": finding.fingerprint,
    }


def _replacement(replacement: Replacement) -> dict[str, Any]:
    proof = replacement.proof
    document: dict[str, Any] = {
        "policy": replacement.policy,
        "edit": replacement.edit,
        "applicability": replacement.applicability,
        "proof": {
            "contained": proof.contained,
            "sufficient": proof.sufficient,
            "well_formed": proof.well_formed,
            "size": proof.size,
        },
    }
    if replacement.why_not_safe:
        document["review"] = replacement.why_not_safe
    if proof.notes:
        document["proof"]["notes"] = list(proof.notes)
    if replacement.attach:
        document["attach"] = replacement.attach
    if replacement.parts:
        document["parts"] = list(replacement.parts)
    if replacement.references:
        document["references"] = replacement.references
    return document


def _place(place: Place) -> dict[str, Any]:
    return {"path": place.path, "start": _position(place.start), "end": _position(place.end)}


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}
