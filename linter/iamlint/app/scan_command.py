"""`iamlint scan`: run a session, write its reports, answer with the exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter

import msgspec

from iamlint import escape
from iamlint.app import options, session
from iamlint.app.errors import UsageError
from iamlint.app.settings import Output, Settings
from iamlint.report.base import Report

OK, FINDINGS, INTERNAL = 0, 1, 3
STDIN = "-"


def run(args: argparse.Namespace) -> int:
    """Scan, print and return the exit code; raises UsageError."""
    settings = options.scan_settings(args)
    texts: dict[str, str] = {}
    if STDIN in settings.paths:
        settings, texts = _with_standard_input(settings)
    outcome = session.run(settings, texts)
    if settings.diff:
        _print_diffs(outcome.report, settings)
    else:
        for output in settings.outputs:
            _write(output, outcome.report, settings)
    if outcome.fixed and not settings.quiet:
        findings = _counted(outcome.fixed, "finding")
        print(f"fixed {findings} in {_counted(outcome.written, 'file')}", file=sys.stderr)
    if settings.statistics:
        _print_statistics(outcome.report)
    return exit_code(outcome, settings)


def _with_standard_input(settings: Settings) -> tuple[Settings, dict[str, str]]:
    """The settings with a name for the path `-`, and the text that goes by it."""
    name = settings.stdin_filename
    if not name:
        raise UsageError("standard input needs a name", "give --stdin-filename NAME")
    if settings.fix and not settings.diff:
        raise UsageError(
            "--fix writes files, standard input is none", "name the file, or print with --diff"
        )
    if settings.changed_since:
        raise UsageError("--changed-since compares files, standard input is none")
    paths = tuple(name if path == STDIN else path for path in settings.paths)
    return msgspec.structs.replace(settings, paths=paths), {name: sys.stdin.read()}


def exit_code(outcome: session.Outcome, settings: Settings) -> int:
    """0 nothing at or above --fail-on, 1 findings, 3 internal error or input not read."""
    if outcome.faults or outcome.unreadable_named:
        return INTERNAL
    if settings.strict and (outcome.unreadable or outcome.report.unresolved):
        return INTERNAL
    if settings.exit_zero or settings.fail_on is None:
        return OK
    failing = any(finding.severity >= settings.fail_on for finding in outcome.report.findings)
    return FINDINGS if failing else OK


def _write(output: Output, report: Report, settings: Settings) -> None:
    text = _render(output, report, settings)
    if output.file is None:
        sys.stdout.write(text)
        return
    try:
        with open(output.file, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"cannot write `{output.file}`: {error.strerror or error}") from error


def _render(output: Output, report: Report, settings: Settings) -> str:
    if output.format == "text":
        from iamlint.report import text

        color = settings.color and output.file is None
        return text.render(report, color=color, summary=not settings.quiet)
    from iamlint.report.formats import renderer

    return renderer(output.format)(report)


def _print_diffs(report: Report, settings: Settings) -> None:
    """Each proposed edit once, under a line that says what it is for; `git apply` reads it.

    With --fix only those that it would write.
    """
    seen: set[str] = set()
    for finding in report.findings:
        replacement = finding.replacement
        if replacement is None or not replacement.edit or replacement.edit in seen:
            continue
        if settings.fix == "safe" and replacement.applicability != "safe":
            continue
        seen.add(replacement.edit)
        start = finding.place.start
        where = f"{finding.place.path}:{start.line}:{start.column}"
        print(escape.terminal(f"# {finding.rule} {where} ({replacement.applicability})"))
        sys.stdout.write(
            "".join(line + os.linesep for line in escape.lines(replacement.edit.rstrip("\n")))
        )


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _print_statistics(report: Report) -> None:
    counts = Counter((finding.rule, finding.name) for finding in report.findings)
    for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        print(f"{count:>6}  {code}  {name}", file=sys.stderr)
