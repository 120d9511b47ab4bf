"""The arguments of what lints: scan and baseline."""

from __future__ import annotations

import argparse

from iamlint.app import settings as convert
from iamlint.app.arguments.shared import JOBS, deployment, subcommands


def scan(parser: argparse.ArgumentParser) -> None:
    lint(parser)
    group = parser.add_argument_group("replacements").add_argument
    group(
        "--fix",
        nargs="?",
        const="safe",
        metavar="=safe|all",
        help="write the replacements that are proven (safe, the default), or those that need a human too (all)",
    )
    group(
        "--diff",
        action="store_true",
        default=None,
        help="print what the replacements would change, write nothing; with --fix=safe|all only those",
    )
    group(
        "--unobservable",
        metavar="keep|review|drop",
        help="what becomes of granted actions whose use CloudTrail cannot show: they stay (keep, the default), stay but need a human (review), or fall away and need a human (drop)",
    )
    group(
        "--granularity",
        metavar="action|action+resource",
        help="what replacements narrow: actions alone, or resources too (default: action+resource)",
    )
    group(
        "--group",
        metavar="list|wildcard",
        help="how replacements write actions: one by one (list, the default), or as wildcards that take in no other known action (wildcard), which else only a quota brings about",
    )


def lint(parser: argparse.ArgumentParser) -> None:
    """What decides which findings there are and how they are told."""
    add = parser.add_argument
    add(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files and folders (default: .); - reads standard input",
    )
    add("--stdin-filename", metavar="NAME", help="the name that standard input goes by")
    group = parser.add_argument_group("evidence").add_argument
    group(
        "--usage",
        action="append",
        metavar="PATH",
        help="a usage profile, or a file or folder of CloudTrail logs (repeatable)",
    )
    group("--since", metavar="TIME", help="use only events of this last time: 90d, 12w, 6m, 1y")
    group(
        "--min-window",
        metavar="DAYS",
        help="with evidence of fewer days nothing is unused, and no replacement safe (default: 28)",
    )
    group("--jobs", metavar="N", help=JOBS)
    deployment(parser)
    group = parser.add_argument_group("zone of trust").add_argument
    group(
        "--trusted-account",
        action="append",
        metavar="ID",
        help="an account inside the zone of trust (repeatable)",
    )
    group(
        "--trusted-org",
        action="append",
        metavar="ID",
        help="an organization inside the zone of trust (repeatable)",
    )
    group = parser.add_argument_group("selection").add_argument
    group(
        "--select",
        action="append",
        metavar="CODES",
        help="only these rules; codes, prefixes or names, comma separated",
    )
    group("--ignore", action="append", metavar="CODES", help="not these rules")
    group(
        "--extend-select",
        action="append",
        metavar="CODES",
        help="these rules too (some are off by default)",
    )
    group("--baseline", metavar="FILE", help="leave out the findings that this file accepts")
    group(
        "--changed-since",
        metavar="REV",
        help="report only what touches lines that changed since the working folder left this git revision; all else is still read",
    )
    group(
        "--min-severity",
        metavar="LEVEL",
        help="report from this severity on: info, low, medium, high, critical",
    )
    group(
        "--fail-on",
        metavar="LEVEL",
        help="exit 1 from this severity on: low, medium, high, critical, never (default: medium)",
    )
    group(
        "--no-ignores",
        action="store_true",
        default=None,
        help="report what ignores in the source would hide, too",
    )
    group(
        "--strict",
        action="store_true",
        default=None,
        help="exit 3 if anything could not be read or evaluated",
    )
    group("--exit-zero", action="store_true", default=None, help="exit 0 even with findings")
    group = parser.add_argument_group("output").add_argument
    group(
        "--format",
        action="append",
        metavar="NAME[=FILE]",
        help=f"{', '.join(convert.FORMATS)} (default: text), repeatable",
    )
    group("--statistics", action="store_true", default=None, help="count the findings of each rule")
    group("--color", choices=convert.COLOR, help="colours (default: auto)")
    group("--no-progress", action="store_true", default=None, help="no progress bar")
    group("-q", "--quiet", action="store_true", default=None, help="only findings, no summary")
    group(
        "-v",
        "--verbose",
        action="store_true",
        default=None,
        help="list everything that the report would cut short",
    )
    group = parser.add_argument_group("configuration").add_argument
    group("--config", metavar="FILE", help="this configuration file, not the nearest one")
    group("--no-config", action="store_true", default=None, help="no configuration file")


def baseline(parser: argparse.ArgumentParser) -> None:
    commands = subcommands(parser, "baseline_command")
    for name, does in (
        ("create", "write a baseline of all findings"),
        ("update", "write the baseline anew"),
    ):
        inner = commands.add_parser(name, help=does)
        lint(inner)
        inner.add_argument("-o", "--output", metavar="FILE", help="the baseline to write")


def helps() -> dict[str, str]:
    """What each option of a scan does, by its name with `_` for `-`."""
    parser = argparse.ArgumentParser()
    scan(parser)
    return {action.dest: action.help or "" for action in parser._actions}
