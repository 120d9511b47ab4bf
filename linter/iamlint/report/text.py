"""The report for people: source frames, evidence, proof and the proposed edit as a diff."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint import escape
from iamlint.finding import Finding, Replacement
from iamlint.report import words
from iamlint.report.base import NOT_JUDGED, Report
from iamlint.report.frame import frame
from iamlint.report.style import Style

MAX_KEPT = 12
MAX_UNRESOLVED = 10


def render(report: Report, *, color: bool = False, summary: bool = True) -> str:
    """The whole report; `summary` False leaves out all that is no finding."""
    style = Style(color)
    out: list[str] = []
    shown: dict[str, Finding] = {}
    for finding in report.findings:
        if finding.rule == NOT_JUDGED:
            continue  # listed below, a line each
        out += _finding(finding, report, style, shown)
        out.append("")
    if not summary:
        return "".join(line + "\n" for line in out)
    out += _unresolved(report, style)
    out += [f"{style('cyan', 'note')}: {escape.terminal(note)}" for note in report.notes]
    out += _summary(report, style)
    return "\n".join(out) + "\n"


def _finding(
    finding: Finding, report: Report, style: Style, shown: dict[str, Finding]
) -> Iterator[str]:
    """One finding; `shown` are those whose edit stands in the report already, by the edit."""
    head = style.severity(finding.severity, f"{finding.severity}[{finding.rule}]")
    name = style("bold", f"{finding.name}: {escape.terminal(finding.message)}")
    yield f"{head} {name}"
    position = finding.place.start
    path = finding.place.path
    where = f"{path}:{position.line}:{position.column}" if path else "no line of code"
    arrow = style("blue", "-->")
    address = f"  ({escape.terminal(finding.address)})" if finding.address else ""
    yield f" {arrow} {escape.terminal(where)}{style('dim', address)}"
    if finding.place.source.text:
        yield from _frames(finding, style)
    for note in finding.notes:
        yield _remark(style, "note", note)
    if finding.confidence != "certain":
        yield _remark(style, "confidence", finding.confidence)
    if finding.evidence:
        yield _remark(style, "evidence", words.evidence(finding.evidence))
    if finding.replacement:
        edit = finding.replacement.edit
        first = shown.setdefault(edit, finding) if edit else finding
        if first is finding:
            yield from _replacement(finding.replacement, report, style)
        else:
            line = first.place.start.line
            where = f"{first.rule} at {first.place.path}:{line}"
            kind = f"fix ({finding.replacement.applicability})"
            yield _remark(style, kind, f"the one shown above for {where}")
    if finding.advice:
        yield _remark(style, "help", finding.advice)


def _frames(finding: Finding, style: Style) -> Iterator[str]:
    """One frame with the primary place and the labels of its file, then one per other file."""
    primary = finding.place.source.path
    here = [label for label in finding.labels if label.place.path == primary]
    yield from frame(
        [(finding.place, ""), *((label.place, label.message) for label in here)], style
    )
    for label in finding.labels:
        if label.place.path == primary:
            continue
        position = label.place.start
        where = f"{label.place.path}:{position.line}:{position.column}"
        yield f" {style('blue', ':::')} {escape.terminal(where)}"
        yield from frame([(label.place, label.message)], style)


def _remark(style: Style, kind: str, text: str) -> str:
    return f"  {style('blue', '=')} {style('bold', kind)}: {escape.terminal(text)}"


def _replacement(replacement: Replacement, report: Report, style: Style) -> Iterator[str]:
    kept = replacement.kept if report.verbose else replacement.kept[:MAX_KEPT]
    for reason, actions in words.by_reason(kept):
        yield _remark(style, "keeps", f"{', '.join(actions)} ({reason})")
    if len(kept) < len(replacement.kept):
        yield _remark(style, "keeps", f"{len(replacement.kept) - len(kept)} more (-v lists them)")
    if replacement.dropped:
        yield _remark(style, "drops", words.dropped(replacement.dropped, report.verbose))
    yield from (_remark(style, "proof", line) for line in words.proof(replacement))
    if replacement.why_not_safe:
        yield _remark(style, "review", replacement.why_not_safe)
    if replacement.edit and report.diffs:
        yield _remark(style, f"fix ({replacement.applicability})", "")[:-1].rstrip()
        yield from (
            f"    {_diff_line(line, style)}" for line in escape.lines(replacement.edit.rstrip("\n"))
        )


def _diff_line(line: str, style: Style) -> str:
    if line.startswith(("+++", "---")):
        return style("bold", line)
    if line.startswith("@@"):
        return style("cyan", line)
    if line.startswith("+"):
        return style("green", line)
    return style("red", line) if line.startswith("-") else line


def _unresolved(report: Report, style: Style) -> Iterator[str]:
    """Policies that could not be judged: the first few, and how many there are."""
    shown = report.unresolved if report.verbose else report.unresolved[:MAX_UNRESOLVED]
    if not shown:
        return
    yield style("bold", "not judged, because they could not be evaluated:")
    for item in shown:
        where = f"{item.place.path}:{item.place.start.line}"
        yield f"  {escape.terminal(where)}: {escape.terminal(item.address)}: {escape.terminal(item.reason)}"
    if len(shown) < len(report.unresolved):
        yield f"  … and {len(report.unresolved) - len(shown)} more (-v lists them)"
    yield ""


def _summary(report: Report, style: Style) -> Iterator[str]:
    counts = report.counts()
    total = sum(counts.values())
    policies = f"{report.sites:,} {'policy' if report.sites == 1 else 'policies'}"
    files = f"{report.files:,} {'file' if report.files == 1 else 'files'}"
    if total:
        parts = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        noun = "finding" if total == 1 else "findings"
        yield style("bold", f"{total} {noun} ({parts}) in {policies} of {files}")
    else:
        yield style("green", f"no findings in {policies} of {files}")
    extra = []
    if report.unresolved:
        extra.append(f"{len(report.unresolved)} not judged")
    if report.suppressed_inline:
        extra.append(f"{report.suppressed_inline} ignored in source")
    if report.suppressed_baseline:
        extra.append(f"{report.suppressed_baseline} in the baseline")
    if extra:
        yield style("dim", "; ".join(extra))
