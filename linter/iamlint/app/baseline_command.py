"""`iamlint baseline`: accept today's findings."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from iamlint import escape
from iamlint.app import options, session
from iamlint.app.errors import UsageError
from iamlint.engine import baseline

DEFAULT = ".iamlint-baseline.json"


def run(args: argparse.Namespace) -> int:
    """Write the baseline of the paths; returns the exit code.

    `create` refuses to overwrite a file, `update` writes it anew and tells what came and went.
    """
    settings = options.scan_settings(args)
    file = Path(args.output or settings.baseline or DEFAULT)
    old = baseline.Baseline()
    if args.baseline_command == "create" and file.exists():
        raise UsageError(f"`{file}` is there already", "`iamlint baseline update` writes it anew")
    if args.baseline_command == "update":
        old = read(str(file))
    outcome = session.run(msgspec.structs.replace(settings, baseline=None))
    if outcome.faults:
        print("iamlint: a rule failed; the baseline is not written", file=sys.stderr)
        return 3
    new = baseline.make(outcome.report.findings)
    try:
        file.write_text(baseline.dumps(new), encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"cannot write `{file}`: {error.strerror or error}") from error
    before = {entry.fingerprint for entry in old.findings}
    after = {entry.fingerprint for entry in new.findings}
    print(
        f"{len(after):,} findings in `{escape.terminal(str(file))}` "
        f"({len(after - before):,} new, {len(before - after):,} gone)",
        file=sys.stderr,
    )
    return 0


def read(file: str) -> baseline.Baseline:
    """The baseline in a file; raises UsageError."""
    try:
        return baseline.loads(Path(file).read_bytes())
    except OSError as error:
        raise UsageError(
            f"cannot read the baseline `{file}`: {(error.strerror or str(error)).lower()}",
            "`iamlint baseline create` makes one",
        ) from error
    except baseline.BaselineError as error:
        raise UsageError(f"`{file}` {error}") from error
