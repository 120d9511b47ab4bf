"""The command line: runs a command and turns its outcome into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import cast

from iamlint import __version__, escape
from iamlint.app.errors import UsageError

OK, FINDINGS, USAGE, INTERNAL = 0, 1, 2, 3


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; never raises."""
    _utf8_output()
    try:
        return _dispatch(arguments)
    except UsageError as error:
        print(f"iamlint: {escape.terminal(str(error))}", file=sys.stderr)
        if error.advice:
            print(f"  = help: {escape.terminal(error.advice)}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("iamlint: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (head, less) went away: not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:  # noqa: BLE001 - the last border: a bug of ours, told as such
        return _internal_error(error, arguments)


def _dispatch(arguments: Sequence[str]) -> int:
    from iamlint.app.parser import COMMANDS, build, parse

    try:
        args = parse(arguments)
    except SystemExit as stop:  # --help
        return int(stop.code or 0)
    if args.version:
        return _version()
    if args.command is None:
        build().print_help()
        return USAGE
    command = import_module(f"iamlint.app.{COMMANDS[args.command].module}")
    return cast(int, command.run(args))


def _version() -> int:
    from iamlint.iam.catalog import data_date

    print(f"iamlint {__version__} (AWS data of {data_date()})")
    return OK


def _internal_error(error: Exception, arguments: Sequence[str]) -> int:
    kind = type(error).__name__
    print(f"iamlint: internal error: {kind}: {escape.terminal(str(error))}", file=sys.stderr)
    if "-v" in arguments or "--verbose" in arguments:
        import traceback

        for line in traceback.format_exception(error):
            print(escape.terminal(line.rstrip("\n")), file=sys.stderr)
    else:
        print(
            "  = help: this is a bug in iamlint; -v shows where, please report it", file=sys.stderr
        )
    return INTERNAL


def _utf8_output() -> None:
    """Write UTF-8 whatever the locale says; a sign that cannot be written is shown escaped."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="backslashreplace")
