"""One scan from beginning to end, as a list of steps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from iamlint import __version__
from iamlint.app.config import Condition, Forbidden, RequiredCondition
from iamlint.app.discover import Found, discover, project_root
from iamlint.app.errors import UsageError
from iamlint.app.progress import Progress
from iamlint.app.scope import Scope
from iamlint.app.settings import Settings
from iamlint.engine import baseline, registry, runner, selection, suppress
from iamlint.engine.archive import EXTERNAL, ArchiveRule
from iamlint.finding import Finding
from iamlint.report.base import Report, RuleInfo
from iamlint.rule import Demand, Rule
from iamlint.rule import Settings as RuleSettings
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions

if TYPE_CHECKING:
    from iamlint.app.changes import Changes
    from iamlint.usage.profile import UsageProfile

STDIN = "-"


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


def run(settings: Settings, stdin: str | None = None) -> Outcome:
    """Scan as the settings say; raises UsageError.  `stdin` is the text for the path `-`."""
    found = _discover(settings)
    sandbox = _sandbox(settings, found, stdin)
    options = _read_options(settings, found, sandbox)
    installed = registry.load()
    rules = _rules(settings, installed)
    usage, notes = _usage(settings)
    scope = Scope(found, sandbox, _changes(settings, found))

    def judge(sandbox: Sandbox) -> _Judged:
        project = _read(settings, found, sandbox, options)
        with Progress("checking", enabled=settings.progress) as progress:
            checked = runner.check(
                project,
                rules,
                usage,
                _rule_settings(settings),
                broken=installed.broken,
                progress=progress,
            )
        # Before the scope is looked at, else an ignore in a neighbouring file would seem unused.
        kept = suppress.suppress(
            checked.findings,
            project,
            entries=settings.config.ignores,
            archive=_archive(settings),
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
        sandbox = _sandbox(settings, found, stdin)  # the one before holds the old text
        judged = judge(sandbox)
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
    """How many findings were fixed in how many files, and what was not, and why."""

    fixed: int = 0
    written: int = 0
    notes: tuple[str, ...] = ()


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
    if STDIN in settings.paths:
        raise UsageError(
            "--fix writes files, standard input is none", "name the file, or print with --diff"
        )
    from iamlint.fix.repair import Judged, repair

    def found(state: Sandbox) -> Judged:
        judged = first if state is sandbox else judge(state)
        return Judged(judged.accepted.findings, judged.project)

    done = repair(found, sandbox, options, settings.fix, scope.paths.__contains__)
    notes = tuple(f"not fixed: `{each.path}` {each.reason}" for each in done.refusals)
    return _Fixing(len(done.fixed), len(done.paths), notes)


def read_project(settings: Settings) -> Project:
    """Only the reading, for commands that judge nothing; raises UsageError."""
    found = _discover(settings)
    sandbox = _sandbox(settings, found, None)
    return _read(settings, found, sandbox, _read_options(settings, found, sandbox))


def _read(settings: Settings, found: Found, sandbox: Sandbox, options: ReadOptions) -> Project:
    with Progress("reading", enabled=settings.progress) as progress:
        project = read(found.files, sandbox, options, progress=progress)
    project.unreadable[:0] = found.unreadable
    return project


def _changes(settings: Settings, found: Found) -> Changes | None:
    """What changed since the revision that was named, None if none was."""
    if settings.changed_since is None:
        return None
    if STDIN in settings.paths:
        raise UsageError("--changed-since compares files, standard input is none")
    from iamlint.app.changes import changes
    from iamlint.app.revision import work_tree

    works = []
    for path in settings.paths:
        work = work_tree(path if os.path.isdir(path) else os.path.dirname(path))
        if work is None:
            raise UsageError(f"`{path}` is in no git work tree", "--changed-since asks git")
        works.append(work)
    return changes(settings.changed_since, dict.fromkeys(works), found.files)


def _discover(settings: Settings) -> Found:
    paths = [path for path in settings.paths if path != STDIN]
    found = discover(paths, settings.config.exclude)
    if STDIN not in settings.paths:
        return found
    if not settings.stdin_filename:
        raise UsageError("standard input needs a name", "give --stdin-filename NAME")
    name = os.path.normpath(settings.stdin_filename)
    return Found((*found.files, name), found.named | {name}, found.unreadable)


def _sandbox(settings: Settings, found: Found, stdin: str | None) -> Sandbox:
    """A sandbox that reaches as far as the projects of the paths do."""
    starts: Iterable[str] = (
        settings.stdin_filename or "." if path == STDIN else path for path in settings.paths
    )
    roots = dict.fromkeys(project_root(start) for start in starts)
    sandbox = Sandbox(*roots)
    if stdin is not None and settings.stdin_filename:
        sandbox = sandbox.with_text(settings.stdin_filename, stdin)
    return sandbox


def _read_options(settings: Settings, found: Found, sandbox: Sandbox) -> ReadOptions:
    return ReadOptions(
        variables=settings.variables,
        var_files=settings.var_files,
        parameters=settings.parameters,
        account=settings.account,
        region=settings.region,
        named=frozenset(map(sandbox.display, found.named)),
    )


def _rules(settings: Settings, installed: registry.Registry) -> tuple[Rule, ...]:
    """The rules to run; raises UsageError."""
    try:
        return selection.select(
            installed.rules,
            select=settings.select,
            ignore=settings.ignore,
            extend_select=settings.extend_select,
        )
    except selection.UnknownSelector as error:
        advice = (
            f"did you mean `{error.suggestion}`?"
            if error.suggestion
            else "`iamlint rules` lists them"
        )
        raise UsageError(f"no rule matches `{error.selector}`", advice) from error


def _rule_settings(settings: Settings) -> RuleSettings:
    return RuleSettings(
        account=settings.account,
        trusted_accounts=settings.trusted_accounts,
        trusted_organizations=settings.trusted_orgs,
        principals=settings.config.principals,
        severities=settings.config.severity,
        minimum_days=settings.min_window,
        unobservable=settings.unobservable,
        granularity=settings.granularity,
        forbidden=tuple(_demand(each, each.unless) for each in settings.config.forbidden),
        required=tuple(
            _demand(each, each.condition) for each in settings.config.required_conditions
        ),
    )


def _archive(settings: Settings) -> list[ArchiveRule]:
    return [
        ArchiveRule(
            because=each.because,
            rules=tuple(each.rules) or EXTERNAL,
            name=each.name,
            type=tuple(each.type),
            resource=tuple(each.resource),
            principal=tuple(each.principal),
            condition={
                key: [value] if isinstance(value, str) else value
                for key, value in each.condition.items()
            },
            until=each.until,
        )
        for each in settings.config.archive
    ]


def _demand(each: Forbidden | RequiredCondition, condition: Condition) -> Demand:
    return Demand(
        actions=tuple(each.actions),
        resources=tuple(each.resources),
        condition=condition,
        kinds=tuple(each.kinds),
        name=each.name,
        because=each.because,
    )


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
