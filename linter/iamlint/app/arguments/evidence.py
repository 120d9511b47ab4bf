"""The arguments of what gathers evidence: usage and record."""

from __future__ import annotations

import argparse

from iamlint.app.arguments.shared import JOBS, subcommands


def usage(parser: argparse.ArgumentParser) -> None:
    commands = subcommands(parser, "usage_command")
    build_ = commands.add_parser("build", help="read usage evidence and write a usage profile")
    build_.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="CloudTrail files and folders, s3://BUCKET/PREFIX, lookup-events:[REGION,...], "
        "athena:TABLE, access-advisor:[ARN], stack:NAME,..., and the files that docs/usage.md lists",
    )
    build_.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="the profile to write; - for standard output",
    )
    build_.add_argument(
        "--since", metavar="TIME", help="use only events of this last time: 90d, 12w, 6m, 1y"
    )
    build_.add_argument(
        "--account",
        action="append",
        default=[],
        metavar="ID",
        help="of a trail's tree, read only this account (repeatable)",
    )
    build_.add_argument(
        "--region",
        action="append",
        default=[],
        metavar="NAME",
        help="of a trail's tree, read only this region (repeatable)",
    )
    build_.add_argument(
        "--principal", metavar="ARN", help="whose the evidence is, where it does not say (iamlive)"
    )
    build_.add_argument(
        "--for",
        dest="project",
        action="append",
        default=[],
        metavar="PATH",
        help="keep only the principals that these files and folders declare (repeatable); "
        "in a project that declares some, its own are kept without it",
    )
    build_.add_argument("--all-principals", action="store_true", help="keep all, in a project too")
    build_.add_argument("--jobs", metavar="N", help=JOBS)
    build_.add_argument(
        "--aws-profile", default="", metavar="NAME", help="the profile to ask AWS with"
    )
    build_.add_argument(
        "--mfa-code",
        default="",
        metavar="CODE",
        help="the code of the profile's MFA device; asked for on the terminal otherwise",
    )
    build_.add_argument(
        "--athena-output", default="", metavar="S3URI", help="where Athena puts its result"
    )
    build_.add_argument("--athena-workgroup", default="", metavar="NAME", help="the workgroup")
    build_.add_argument(
        "--where", default="", metavar="SQL", help="a further condition of athena:, for partitions"
    )
    build_.add_argument("--no-progress", action="store_true", help="no progress bar")
    show = commands.add_parser("show", help="print what a usage profile holds")
    show.add_argument("profile", metavar="FILE")
    show.add_argument("--principal", metavar="ARN", help="only this principal, with its actions")
    diff_ = commands.add_parser("diff", help="tell what changed in use between two profiles")
    diff_.add_argument("before", metavar="BEFORE")
    diff_.add_argument("after", metavar="AFTER")
    sql = commands.add_parser(
        "sql", help="print the SELECT for Athena or CloudTrail Lake whose result `build` reads"
    )
    sql.add_argument("--table", default="cloudtrail_logs", metavar="NAME", help="the table of logs")
    sql.add_argument("--since", metavar="TIME", help="only events of this last time: 90d, 12w, 6m")
    sql.add_argument("--where", metavar="SQL", help="a further condition, for partitions")
    merge = commands.add_parser("merge", help="merge usage profiles into one")
    merge.add_argument("profiles", nargs="+", metavar="FILE")
    merge.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="the profile to write; - for standard output",
    )


def record(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("-o", "--output", default="usage.json", metavar="FILE", help="the profile to write")
    add("--principal", metavar="ARN", help="whose calls these are")
    add("run", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="the command to run")
