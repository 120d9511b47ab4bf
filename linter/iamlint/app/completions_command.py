"""`iamlint completions SHELL`: the script that lets a shell complete iamlint's commands and options."""

from __future__ import annotations

import argparse
import sys


def run(args: argparse.Namespace) -> int:
    """Print the script; returns the exit code."""
    import shtab

    from iamlint.app.parser import build

    sys.stdout.write(shtab.complete(build(), shell=args.shell) + "\n")
    return 0
