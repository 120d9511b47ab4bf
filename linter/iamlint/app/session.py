"""One scan from beginning to end, as a list of steps."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from iamlint import __version__
from iamlint.app import chosen
from iamlint.app.discover import Found
from iamlint.app.errors import UsageError
from iamlint.app.inputs import Texts, inputs
from iamlint.app.progress import Progress
from iamlint.app.scope import Scope
from iamlint.app.settings import Settings
from iamlint.engine import baseline, registry, runner, suppress
from iamlint.finding import Finding
from iamlint.report.base import Report, RuleInfo
from iamlint.rule import Rule
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions

if TYPE_CHECKING:
    from iamlint.app.changes import Changes
    from iamlint.app.young import Young
    from iamlint.usage.profile import UsageProfile


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The report of a scan and what its exit code depends on.

    `faults` counts rules that crashed, `unreadable` the files that could not be read, and
    `unreadable_named` those of them that the user named.  `fixed` counts findings that are gone
    because their edits were written, `written` the files.
    """

    report: Report
    faults: int
    unreadable: int
    unreadable_named: int
    fixed: int = 0
    written: int = 0


class _Judged(msgspec.Struct, frozen=True):
    """What one look at the sources gave: all of it, and what is left to report."""

    project: Project
    checked: runner.Checked
    hidden: int
    accepted: baseline.Compared
    remarks: tuple[str, ...] = ()


def run(settings: Settings, texts: Texts | None = None) -> Outcome:
    """Scan as the settings say, with texts for what is not as in the files; raises UsageError."""
    given = inputs(settings, texts)
    sandbox, options = given.sandbox, given.options
    installed = registry.load()
    rules = chosen.rules(settings, installed)
    usage, notes = _usage(settings)
    written = _young(settings, usage, given.found)
    scope = Scope(given.found, sandbox, _changes(settings, given.found))

    def judge(sandbox: Sandbox) -> _Judged:
        project = given.read(sandbox)
        with Progress("checking", enabled=settings.progress) as progress:
            checked = runner.check(
                project,
                rules,
                usage,
                chosen.rule_settings(settings),
                broken=installed.broken,
                progress=progress,
                written=written,
            )
        # Before the scope is looked at, else an ignore in a neighbouring file would seem unused.
        kept = suppress.suppress(
            checked.findings,
            project,
            entries=settings.config.ignores,
            archive=chosen.archive(settings),
            enabled=settings.ignores,
            rules=rules,
            known=installed.rules,
        )
        findings = [
            finding
            for finding in scope.findings(kept.findings, project)
            if finding.severity >= settings.min_severity
        ]
        hidden = len(scope.findings(kept.hidden, project))
        # An entry of the configuration may be about files that are not looked at this time.
        idle = () if scope.named or settings.changed_since else kept.idle
        remarks = (*kept.expired, *idle)
        return _Judged(project, checked, hidden, _compared(findings, settings), remarks)

    judged = judge(sandbox)
    scope.settle()
    fixing = _fix(settings, judge, judged, sandbox, options, scope)
    if fixing.written or fixing.notes:
        sandbox = inputs(settings, texts).sandbox  # the one before holds the old text
        judged = fixing.judged or judge(sandbox)
    project, accepted = judged.project, judged.accepted
    return Outcome(
        report=Report(
            findings=_with_edits(accepted.findings, project, sandbox, options),
            unresolved=scope.unresolved(project.unresolved),
            notes=[
                *notes,
                *fixing.notes,
                *judged.remarks,
                *scope.notes(project),
                *_lapsed(accepted, settings),
            ],
            rules=_infos(rules, settings),
            files=project.files,
            sites=len(project.sites),
            suppressed_inline=judged.hidden,
            suppressed_baseline=accepted.hidden,
            tool_version=__version__,
            data_date=_data_date(),
            verbose=settings.verbose,
        ),
        faults=judged.checked.faults,
        unreadable=len(project.unreadable),
        unreadable_named=sum(item.path in scope.named for item in project.unreadable),
        fixed=fixing.fixed,
        written=fixing.written,
    )


class _Fixing(msgspec.Struct, frozen=True):
    """How many findings were fixed in how many files, and what was not, and why.

    `judged` is what is found in the files as they are now, None if they must be looked at again.
    """

    fixed: int = 0
    written: int = 0
    notes: tuple[str, ...] = ()
    judged: _Judged | None = None


def _fix(
    settings: Settings,
    judge: Callable[[Sandbox], _Judged],
    first: _Judged,
    sandbox: Sandbox,
    options: ReadOptions,
    scope: Scope,
) -> _Fixing:
    """Write the fixes that were asked for; `--diff` writes nothing.

    `first` is what is judged of the sandbox as it is.
    """
    if settings.fix is None or settings.diff:
        return _Fixing()
    from iamlint.fix.repair import Judged, repair

    judgements: list[tuple[Judged, _Judged]] = []

    def found(state: Sandbox) -> Judged:
        judged = first if state is sandbox else judge(state)
        judgements.append((Judged(judged.accepted.findings, judged.project), judged))
        return judgements[-1][0]

    done = repair(found, sandbox, options, settings.fix, scope.paths.__contains__)
    notes = tuple(f"not fixed: `{each.path}` {each.reason}" for each in done.refusals)
    # What changed since a revision is not what it was before.
    now = done.now if settings.changed_since is None else None
    judged = next((judged for told, judged in judgements if told is now), None)
    return _Fixing(len(done.fixed), len(done.paths), notes, judged)


def _changes(settings: Settings, found: Found) -> Changes | None:
    """What changed since the revision that was named, None if none was."""
    if settings.changed_since is None:
        return None
    from iamlint.app.changes import changes
    from iamlint.app.revision import work_tree

    works = []
    for path in settings.paths:
        work = work_tree(path if os.path.isdir(path) else os.path.dirname(path))
        if work is None:
            raise UsageError(f"`{path}` is in no git work tree", "--changed-since asks git")
        works.append(work)
    return changes(settings.changed_since, dict.fromkeys(works), found.files)


def _compared(findings: Sequence[Finding], settings: Settings) -> baseline.Compared:
    if settings.baseline is None:
        return baseline.Compared(tuple(findings), 0, ())
    from iamlint.app.baseline_command import read as read_baseline

    return baseline.compare(findings, read_baseline(settings.baseline))


def _lapsed(compared: baseline.Compared, settings: Settings) -> list[str]:
    if not compared.lapsed:
        return []
    count = len(compared.lapsed)
    entries = "entry" if count == 1 else "entries"
    return [
        f"{count} {entries} of `{settings.baseline}` match no finding any more; "
        "`iamlint baseline update` takes them out"
    ]


def _usage(settings: Settings) -> tuple[UsageProfile | None, list[str]]:
    """The usage profile of the run, and notes about it."""
    if not settings.usage:
        return None, []
    from iamlint.app.evidence import load_usage

    return load_usage(settings)


def _young(settings: Settings, usage: UsageProfile | None, found: Found) -> Young | None:
    """What tells which text is too young to be judged by the usage; None where nothing does."""
    if usage is None:
        return None
    from iamlint.app.young import young

    return young(usage, settings.min_window, found.files)


def _with_edits(
    findings: Sequence[Finding], project: Project, sandbox: Sandbox, options: ReadOptions
) -> Sequence[Finding]:
    """Findings whose replacements have their source edits; costs nothing where there are none."""
    if not any(finding.replacement for finding in findings):
        return findings
    from iamlint.fix import plan

    return plan.with_edits(findings, project, sandbox, options)


def _infos(rules: Sequence[Rule], settings: Settings) -> list[RuleInfo]:
    """The pages of the rules, for the one format that carries them."""
    if not any(output.format == "sarif" for output in settings.outputs):
        return []
    return [
        RuleInfo(rule.code, rule.name, rule.summary(), rule.severity, rule.page()) for rule in rules
    ]


def _data_date() -> str:
    from iamlint.iam.catalog import data_date

    return data_date()
