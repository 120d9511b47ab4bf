"""SARIF 2.1.0 for code scanning.

Source: OASIS SARIF 2.1.0 and GitHub's page "SARIF support for code scanning" (security-severity
bands, precision, the one partial fingerprint that is read).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from iamlint.finding import Finding, Severity
from iamlint.report.base import Report, RuleInfo
from iamlint.report.edits import changes
from iamlint.report.linehash import line_hashes
from iamlint.text import Place, SourceText

_LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# GitHub: over 9.0 is critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, below that low.
_SECURITY_SEVERITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "1.0",
}


def render(report: Report) -> str:
    """The report as SARIF with a final line break."""
    return msgspec.json.format(msgspec.json.encode(document(report)), indent=2).decode() + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as a SARIF log of one run."""
    codes = [rule.code for rule in report.rules]
    index = {code: position for position, code in enumerate(codes)}
    hashes: dict[SourceText, list[str]] = {}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "iamlint",
                        "semanticVersion": report.tool_version,
                        "informationUri": "https://github.com/iamlint/iamlint",
                        "rules": [_rule(rule) for rule in report.rules],
                        "properties": {"dataDate": report.data_date},
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {
                    "%SRCROOT%": {"description": {"text": "the folder that iamlint ran in"}}
                },
                "results": [_result(finding, index, hashes) for finding in report.findings],
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            {
                                "level": "note",
                                "message": {"text": f"not judged: {item.address}: {item.reason}"},
                                "locations": [_location(item.place)],
                            }
                            for item in report.unresolved
                        ],
                    }
                ],
            }
        ],
    }


def _rule(rule: RuleInfo) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.page or rule.summary, "markdown": rule.page or rule.summary},
        "helpUri": rule.url,
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": {
            "tags": ["security", "iam"],
            "precision": "high",
            "security-severity": _SECURITY_SEVERITY[rule.severity],
        },
    }


def _result(
    finding: Finding, index: dict[str, int], hashes: dict[SourceText, list[str]]
) -> dict[str, Any]:
    source = finding.place.source
    if source not in hashes:
        hashes[source] = line_hashes(source.text)
    of_file = hashes[source]
    line = finding.place.start.line
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": _LEVEL[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(finding.place, finding.address)],
        "partialFingerprints": {"iamlint/v1": finding.fingerprint},
        "properties": {"confidence": finding.confidence},
    }
    if line <= len(of_file):
        result["partialFingerprints"]["primaryLocationLineHash"] = of_file[line - 1]
    if finding.rule in index:
        result["ruleIndex"] = index[finding.rule]
    if finding.labels:
        result["relatedLocations"] = [
            {**_location(label.place), "id": number, "message": {"text": label.message}}
            for number, label in enumerate(finding.labels)
        ]
    if fix := _fix(finding):
        result["fixes"] = [fix]
    return result


def _fix(finding: Finding) -> dict[str, Any] | None:
    """The whole replacement, all its files at once."""
    replacement = finding.replacement
    files: dict[str, list[dict[str, Any]]] = {}
    for change in changes(replacement.edit) if replacement is not None else ():
        region = {
            "startLine": change.line,
            "startColumn": 1,
            "endLine": change.line + change.count,
            "endColumn": 1,
        }
        content = {"text": change.text}
        files.setdefault(change.path, []).append(
            {"deletedRegion": region, "insertedContent": content}
        )
    if replacement is None or not files:
        return None
    return {
        "description": {"text": f"{finding.advice or 'replace it'} ({replacement.applicability})"},
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": replacements}
            for path, replacements in files.items()
        ],
    }


def _message(finding: Finding) -> str:
    lines = [finding.message, *finding.notes]
    if finding.advice:
        lines.append(finding.advice)
    return ". ".join(lines)


def _location(place: Place, address: str = "") -> dict[str, Any]:
    start, end = place.start, place.end
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(place.path),
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        }
    }
    if address:
        location["logicalLocations"] = [{"fullyQualifiedName": address, "kind": "resource"}]
    return location


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
