"""Markdown for the comment on a pull request or a job summary."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint import escape
from iamlint.finding import Finding
from iamlint.report.base import DOCS, Report

MAX_DETAILS = 50


def render(report: Report) -> str:
    """A summary line, a table of all findings, and the proposed edits folded away."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    counts = report.counts()
    total = sum(counts.values())
    yield "### iamlint"
    yield ""
    if total:
        shown = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        yield f"**{total} {'finding' if total == 1 else 'findings'}** ({shown}) in {report.sites:,} policies of {report.files:,} files"
    else:
        yield f"No findings in {report.sites:,} policies of {report.files:,} files"
    if report.unresolved:
        yield ""
        count = len(report.unresolved)
        noun = "policy" if count == 1 else "policies"
        yield f"{count} {noun} could not be evaluated, and so not judged."
    if total:
        yield ""
        yield "| severity | rule | where | what |"
        yield "|---|---|---|---|"
        yield from (_row(finding) for finding in report.findings)
    edits = [
        finding for finding in report.findings if finding.replacement and finding.replacement.edit
    ]
    for finding in edits[:MAX_DETAILS]:
        yield from _details(finding)
    if len(edits) > MAX_DETAILS:
        yield ""
        yield f"… and {len(edits) - MAX_DETAILS} more replacements."


def _row(finding: Finding) -> str:
    start = finding.place.start
    where = _cell(escape.markdown_code(f"{finding.place.path}:{start.line}"))
    rule = f"[{finding.rule}]({DOCS}{finding.rule}.md) {escape.markdown(finding.name)}"
    return f"| {finding.severity} | {rule} | {where} | {_cell(escape.markdown_message(finding.message))} |"


def _cell(text: str) -> str:
    """Text within a table cell, where even a code span needs its bars escaped."""
    return text.replace("\\|", "|").replace("|", "\\|")


def _details(finding: Finding) -> Iterator[str]:
    replacement = finding.replacement
    assert replacement is not None
    start = finding.place.start
    title = escape.html(f"{finding.rule} {finding.place.path}:{start.line}")
    edit = escape.lines(replacement.edit.rstrip("\n"))
    fence = "```"
    while any(fence in line for line in edit):
        fence += "`"
    yield ""
    yield f"<details><summary>{title}: proposed replacement ({replacement.applicability})</summary>"
    yield ""
    yield f"{fence}diff"
    yield from edit
    yield fence
    yield ""
    yield "</details>"
