"""The arguments of each command."""

from __future__ import annotations

import argparse
from typing import Any

from iamlint.app import settings as convert

_JOBS = "how many processes read CloudTrail logs (default: one per core)"


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
    group("--jobs", metavar="N", help=_JOBS)
    _deployment(parser)
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


def _deployment(parser: argparse.ArgumentParser) -> None:
    """What the source alone does not tell about where it is deployed."""
    group = parser.add_argument_group("the deployment").add_argument
    group("--var", action="append", metavar="NAME=VALUE", help="a Terraform variable (repeatable)")
    group("--var-file", action="append", metavar="FILE", help="a tfvars file (repeatable)")
    group(
        "--parameters",
        action="append",
        metavar="FILE",
        help="a CloudFormation parameter file (repeatable)",
    )
    group("--account", metavar="ID", help="the account that the code is deployed to")
    group("--region", metavar="NAME", help="the region that the code is deployed to")


def helps() -> dict[str, str]:
    """What each option of a scan does, by its name with `_` for `-`."""
    parser = argparse.ArgumentParser()
    scan(parser)
    return {action.dest: action.help or "" for action in parser._actions}


def generate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--usage",
        action="append",
        required=True,
        metavar="PATH",
        help="a usage profile, or a file or folder of CloudTrail logs (repeatable)",
    )
    add("--since", metavar="TIME", help="use only events of this last time: 90d, 12w, 6m, 1y")
    add("--principal", required=True, metavar="ARN", help="the role or user whose use it is")
    add(
        "--as",
        dest="language",
        choices=("json", "terraform", "cloudformation"),
        default="json",
        help="the language (default: json)",
    )
    add(
        "--add",
        nargs="+",
        action="extend",
        metavar="ACTION",
        help="actions to allow besides, marked as added by hand",
    )
    add("--name", metavar="NAME", help="the name of the policy (default: that of the principal)")
    add("--description", metavar="TEXT", help="its description")
    add("--tag", action="append", metavar="K=V", help="a tag (repeatable; Terraform)")
    add(
        "--attach",
        metavar="ADDRESS",
        help="the principal to attach it to: aws_iam_role.app in Terraform, a name in CloudFormation",
    )
    add("-o", "--output", metavar="FILE", help="the file to write (default: standard output)")
    add("--no-progress", action="store_true", help="no progress bar")


def simulate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="the project that declares the principal")
    group = parser.add_argument_group("the request").add_argument
    group("--principal", required=True, metavar="P", help="an ARN, or an address of the project")
    group("--action", required=True, metavar="A", help="such as s3:GetObject")
    group("--resource", required=True, metavar="R", help="an ARN, or * where the action has none")
    group("--context", action="append", metavar="K=V", help="a condition key (repeatable)")
    group("--complete-context", action="store_true", help="keys that are not given are absent")
    group("--resource-account", metavar="ID", help="the account of the resource")
    group = parser.add_argument_group("policy documents, each repeatable").add_argument
    for name, what in (
        ("--policy", "an identity-based policy of the principal"),
        ("--resource-policy", "a policy of the resource"),
        ("--boundary", "the permissions boundary"),
        ("--scp", "one level of service control policies; all levels must allow"),
        ("--rcp", "one level of resource control policies; all levels must allow"),
        ("--session-policy", "a session policy"),
        ("--endpoint-policy", "a VPC endpoint policy"),
    ):
        group(name, action="append", metavar="FILE", help=what)
    add(
        "--format",
        dest="simulate_format",
        choices=("text", "json"),
        default="text",
        help="how to print (default: text)",
    )
    add("--no-progress", action="store_true", default=None, help="no progress bar")
    add("--config", metavar="FILE", help="this configuration file, not the nearest one")
    add("--no-config", action="store_true", default=None, help="no configuration file")
    _deployment(parser)


def diff(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "base",
        nargs="?",
        metavar="BASE",
        help="a policy document, a folder or a git revision, as it was",
    )
    add(
        "head",
        nargs="?",
        metavar="HEAD",
        help="the same as it is to be (default for folders and revisions: the working folder)",
    )
    add("--certificate", metavar="FILE", help="write what the answer hangs on, to verify it again")
    add("--check", metavar="CERTIFICATE", help="verify a certificate")
    add("--allow-undetermined", action="store_true", help="exit 0 where no answer was found")
    add(
        "--world",
        choices=("open", "catalogue"),
        default="open",
        help="prove it for all that AWS may ever add, or for today's actions and forms of "
        "resources (default: open)",
    )
    add(
        "--format",
        dest="diff_format",
        choices=("text", "json"),
        default="text",
        help="how to print (default: text)",
    )
    add("--color", choices=convert.COLOR, help="colours (default: auto)")
    add("--no-progress", action="store_true", help="no progress bar")
    _deployment(parser)


def baseline(parser: argparse.ArgumentParser) -> None:
    commands = _inner(parser, "baseline_command")
    for name, does in (
        ("create", "write a baseline of all findings"),
        ("update", "write the baseline anew"),
    ):
        inner = commands.add_parser(name, help=does)
        lint(inner)
        inner.add_argument("-o", "--output", metavar="FILE", help="the baseline to write")


def inspect(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="files and folders (default: .)")
    add(
        "--format",
        dest="inspect_format",
        choices=("text", "json"),
        default="text",
        help="how to print (default: text)",
    )
    add("--color", choices=convert.COLOR, help="colours (default: auto)")
    add("--no-progress", action="store_true", default=None, help="no progress bar")
    add("--config", metavar="FILE", help="this configuration file, not the nearest one")
    add("--no-config", action="store_true", default=None, help="no configuration file")
    _deployment(parser)


def usage(parser: argparse.ArgumentParser) -> None:
    commands = _inner(parser, "usage_command")
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
    build_.add_argument("--jobs", metavar="N", help=_JOBS)
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


def rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to print (default: text)"
    )


def explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "rule", metavar="RULE", help="a code or name: IAM103 or full-access-managed-policy"
    )


def config(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("path", nargs="?", default=".", metavar="PATH", help="whose configuration (default: .)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--show",
        action="store_true",
        help="print the settings in force and where each comes from (the default)",
    )
    what.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of the configuration file"
    )
    add(
        "--format",
        dest="config_format",
        choices=("text", "json"),
        default="text",
        help="how to print the settings (default: text)",
    )
    add("--config", metavar="FILE", help="this configuration file, not the nearest one")
    add("--no-config", action="store_true", default=None, help="no configuration file")


def completions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell to complete in")


def lsp(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--stdio", action="store_true", help="speak on standard input and output, as it always does"
    )


def init(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("path", nargs="?", default=".", metavar="PATH", help="the project (default: .)")
    add("-y", "--yes", action="store_true", help="ask nothing, take what is proposed")
    add("--dry-run", action="store_true", help="print what would be written, write and ask nothing")


def _inner(parser: argparse.ArgumentParser, dest: str) -> Any:
    """The commands below a command."""
    return parser.add_subparsers(
        dest=dest, metavar="COMMAND", prog=parser.prog, parser_class=type(parser), required=True
    )
