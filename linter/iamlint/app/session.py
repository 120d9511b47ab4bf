"""One scan from beginning to end, as a list of steps."""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec

from iamlint import __version__
from iamlint.app.discover import Found, discover, project_root
from iamlint.app.errors import UsageError, did_you_mean
from iamlint.app.evidence import load_usage
from iamlint.app.progress import Progress
from iamlint.app.settings import Settings
from iamlint.engine import registry, runner, selection, suppress
from iamlint.finding import Finding
from iamlint.fix import plan
from iamlint.report.base import Report, RuleInfo
from iamlint.rule import Rule
from iamlint.rule import Settings as RuleSettings
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions, Unreadable, Unresolved


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The report of a scan and what its exit code depends on."""

    report: Report
    faults: int
    unreadable_named: int


def run(settings: Settings, stdin: str | None = None) -> Outcome:
    """Scan as the settings say; raises UsageError.  `stdin` is the text for the path `-`."""
    found = _discover(settings)
    sandbox = _sandbox(settings, found, stdin)
    options = ReadOptions(
        variables=settings.variables,
        var_files=settings.var_files,
        parameters=settings.parameters,
        account=settings.account,
        region=settings.region,
    )
    with Progress("reading", enabled=settings.progress) as progress:
        project = read(found.files, sandbox, options, progress=progress)
    project.unreadable[:0] = found.unreadable
    rules, broken = _rules(settings)
    usage, notes = load_usage(settings)
    with Progress("checking", enabled=settings.progress) as progress:
        checked = runner.check(
            project, rules, usage, _rule_settings(settings), broken=broken, progress=progress
        )
    findings = [
        finding for finding in checked.findings if finding.severity >= settings.min_severity
    ]
    findings = _touching(findings, found, sandbox)
    kept = suppress.suppress(findings, project, settings.config.ignores, enabled=settings.ignores)
    findings = plan.with_edits(kept.findings, project, sandbox, options)
    return Outcome(
        report=_report(settings, project, findings, kept.count, rules, notes, found, sandbox),
        faults=checked.faults,
        unreadable_named=_unreadable_named(project, found, sandbox),
    )
