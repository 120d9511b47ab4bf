"""One self-contained HTML page: for a build's artifacts, an auditor, a meeting.

Nothing is loaded from anywhere and no script runs; a content security policy says so, so that not
even a fault in the escaping lets scanned text do anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from itertools import groupby
from urllib.parse import quote

from iamlint import escape
from iamlint.finding import Finding, Replacement
from iamlint.report import words
from iamlint.report.base import DOCS, NOT_JUDGED, Report
from iamlint.report.html_frame import frame
from iamlint.sources.site import Unresolved

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def render(report: Report) -> str:
    """The whole page."""
    return "\n".join(_page(report)) + "\n"


def _page(report: Report) -> Iterator[str]:
    style = resources.files("iamlint.report").joinpath("page.css").read_text("utf-8")
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>iamlint report</title>\n<style>\n{style}</style>\n</head>\n<body>"
    yield from _head(report)
    findings = [finding for finding in report.findings if finding.rule != NOT_JUDGED]
    diffs: dict[str, Finding] = {}
    for path, group in groupby(findings, key=lambda finding: finding.place.path):
        yield f"<section>\n<h2>{escape.html(path) or 'without a place'}</h2>"
        for finding in group:
            yield from _finding(finding, diffs)
        yield "</section>"
    yield from _rules(report)
    yield from _unresolved(report)
    if report.notes:
        yield "<h2>Notes</h2>\n<ul>"
        yield from (f"<li>{escape.html_message(note)}</li>" for note in report.notes)
        yield "</ul>"
    version, date = escape.html(report.tool_version), escape.html(report.data_date)
    yield f"<footer><p>iamlint {version}, AWS data of {date}</p></footer>\n</body>\n</html>"


def _head(report: Report) -> Iterator[str]:
    counts = report.counts()
    total = sum(counts.values())
    yield "<header>\n<h1>IAM findings</h1>"
    hidden = report.suppressed_inline + report.suppressed_baseline
    yield (
        f'<p class="dim">{total:,} in {report.sites:,} policies of {report.files:,} files'
        f"; {len(report.unresolved):,} not judged; {hidden:,} ignored</p>"
    )
    if total:
        yield _bar(counts, total)
        yield "<fieldset>"
        yield from (
            f'<label><input type="checkbox" id="show-{name}" checked> '
            f'<span class="severity {name}">{name}</span> {count:,}</label>'
            for name, count in counts.items()
            if count
        )
        yield '<label><input type="checkbox" id="only-fixes"> only with a fix</label>\n</fieldset>'
    yield "</header>"


def _bar(counts: dict[str, int], total: int) -> str:
    """The share of each severity, as one stacked bar of 1,000 units."""
    shown = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    pieces, at = [], 0.0
    for name, count in counts.items():
        width = 1000 * count / total
        if count:
            pieces.append(
                f'<rect class="{name}" x="{at:.1f}" width="{width:.1f}" height="12"></rect>'
            )
        at += width
    return (
        f'<svg viewBox="0 0 1000 12" preserveAspectRatio="none" role="img" aria-label="{shown}">'
        f"{''.join(pieces)}</svg>"
    )


def _finding(finding: Finding, diffs: dict[str, Finding]) -> Iterator[str]:
    """One finding; `diffs` are those whose edit stands on the page already, by the edit."""
    replacement = finding.replacement
    fix = " fix" if replacement and replacement.edit else ""
    severity = str(finding.severity)
    yield f'<article class="{severity}{fix}" id="{escape.html(finding.fingerprint)}">'
    page = f"{DOCS}{quote(finding.rule)}.md"
    yield (
        f'<p><span class="severity {severity}">{severity}</span> '
        f'<a href="{escape.html(page)}">{escape.html(finding.rule)} {escape.html(finding.name)}</a>'
        f"<br>{escape.html_message(finding.message)}</p>"
    )
    start = finding.place.start
    where = f"{finding.place.path}:{start.line}:{start.column}"
    address = f" ({finding.address})" if finding.address else ""
    yield f'<p class="dim"><code>{escape.html(where + address)}</code></p>'
    if finding.place.source.text:
        yield from frame(finding)
    yield from (f"<p>{escape.html_message(note)}</p>" for note in finding.notes)
    if finding.confidence != "certain":
        yield f"<p>Confidence: {escape.html(finding.confidence)}</p>"
    if finding.evidence:
        yield f"<p>Evidence: {escape.html(words.evidence(finding.evidence))}</p>"
    if replacement:
        first = diffs.setdefault(replacement.edit, finding) if replacement.edit else finding
        if first is finding:
            yield from _replacement(replacement)
        else:
            yield (
                f'<p>Replacement ({replacement.applicability}): <a href="#{first.fingerprint}">'
                f"the one shown for {escape.html(first.rule)}</a></p>"
            )
    if finding.advice:
        yield f"<p>{escape.html_message(finding.advice)}</p>"
    yield "</article>"


def _replacement(replacement: Replacement) -> Iterator[str]:
    yield "<ul>"
    for reason, actions in words.by_reason(replacement.kept):
        listed = ", ".join(f"<code>{escape.html(action)}</code>" for action in actions)
        yield f"<li>keeps {listed} ({escape.html(reason)})</li>"
    if replacement.dropped:
        yield f"<li>{_dropped(replacement.dropped)}</li>"
    yield from (f"<li>proof: {escape.html(line)}</li>" for line in words.proof(replacement))
    if replacement.why_not_safe:
        yield f"<li>to review: {escape.html_message(replacement.why_not_safe)}</li>"
    yield "</ul>"
    if replacement.edit:
        yield f"<details open>\n<summary>Replacement ({replacement.applicability})</summary>"
        changed = "".join(map(_diff_line, replacement.edit.rstrip("\n").split("\n")))
        yield f"<pre>{changed}</pre>\n</details>"


def _dropped(dropped: tuple[str, ...]) -> str:
    """What falls away, a long list folded away under its sum."""
    listed = escape.html(words.dropped(dropped, True))
    if len(dropped) <= words.MAX_DROPPED:
        return f"drops {listed}"
    total = escape.html(words.dropped_by_service(dropped))
    return f"<details><summary>drops {total}</summary>{listed}</details>"


def _diff_line(line: str) -> str:
    shown = escape.html(line.rstrip("\r"))
    if line.startswith(("+++", "---", "@@")):
        return f"<b>{shown}</b>\n"
    if line.startswith("+"):
        return f"<ins>{shown}</ins>"
    return f"<del>{shown}</del>" if line.startswith("-") else f"{shown}\n"


def _rules(report: Report) -> Iterator[str]:
    """How often each rule spoke, the most frequent first."""
    counts: dict[tuple[str, str], int] = {}
    for finding in report.findings:
        key = finding.rule, finding.name
        counts[key] = counts.get(key, 0) + 1
    if not counts:
        return
    yield "<h2>By rule</h2>\n<table>"
    for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield (
            f'<tr><td class="number">{count:,}</td>'
            f"<td>{escape.html(code)}</td><td>{escape.html(name)}</td></tr>"
        )
    yield "</table>"


def _unresolved(report: Report) -> Iterator[str]:
    if report.unresolved:
        yield "<h2>Not judged, because it could not be evaluated</h2>\n<table>"
        yield from map(_unresolved_row, report.unresolved)
        yield "</table>"


def _unresolved_row(item: Unresolved) -> str:
    where = escape.html(f"{item.place.path}:{item.place.start.line}")
    return (
        f"<tr><td><code>{where}</code></td><td><code>{escape.html(item.address)}</code></td>"
        f"<td>{escape.html_message(item.reason)}</td></tr>"
    )
