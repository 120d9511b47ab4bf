"""JUnit XML: one test case a finding, for CI systems that show tests."""

from __future__ import annotations

from xml.sax.saxutils import escape as xml
from xml.sax.saxutils import quoteattr

from iamlint import escape
from iamlint.finding import Finding
from iamlint.report.base import Report


def render(report: Report) -> str:
    """The report as XML; policies that were not judged are skipped cases."""
    cases = [_failed(finding) for finding in report.findings]
    cases += [
        f'    <testcase classname="iamlint" name={_attribute(f"{item.place.path}: {item.address}")}>\n'
        f"      <skipped message={_attribute(item.reason)}/>\n"
        "    </testcase>\n"
        for item in report.unresolved
    ]
    if not cases:
        cases = ['    <testcase classname="iamlint" name="no findings"/>\n']
    counts = (
        f'tests="{len(cases)}" failures="{len(report.findings)}" '
        f'skipped="{len(report.unresolved)}" errors="0"'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites {counts}>\n"
        f'  <testsuite name="iamlint" {counts}>\n{"".join(cases)}  </testsuite>\n'
        "</testsuites>\n"
    )


def _failed(finding: Finding) -> str:
    start = finding.place.start
    where = f"{finding.place.path}:{start.line}:{start.column}"
    text = "\n".join(
        f"{where}: {escape.terminal(line)}"
        for line in (finding.message, *finding.notes, *([finding.advice] if finding.advice else []))
    )
    return (
        f"    <testcase classname={_attribute(finding.rule)} "
        f"name={_attribute(f'{finding.name} at {where}')} file={_attribute(finding.place.path)}>\n"
        f"      <failure type={_attribute(str(finding.severity))} message={_attribute(finding.message)}>"
        f"{xml(text)}</failure>\n"
        "    </testcase>\n"
    )


def _attribute(text: str) -> str:
    """A quoted attribute value; signs that XML 1.0 does not know are shown escaped."""
    return quoteattr(escape.terminal(text))
