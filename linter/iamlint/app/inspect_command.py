"""`iamlint inspect`: what iamlint understood of the files."""

from __future__ import annotations

import argparse
import sys

from iamlint.app import inputs, options, settings
from iamlint.report import inspection


def run(args: argparse.Namespace) -> int:
    """Print every policy site; returns the exit code."""
    chosen = options.scan_settings(args)
    project = inputs.read_project(chosen)
    if args.inspect_format == "json":
        sys.stdout.write(inspection.render_json(project))
    else:
        color = settings.wants_color(args.color or "auto", sys.stdout.isatty())
        sys.stdout.write(inspection.render_text(project, color=color))
    return 0
