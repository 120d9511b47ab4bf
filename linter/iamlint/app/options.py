"""The command line as argparse sees it, and its translation into settings."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from iamlint.app import config as configuration
from iamlint.app import settings as convert
from iamlint.app.errors import UsageError, did_you_mean
from iamlint.app.settings import Output, Settings


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are UsageErrors with a suggestion."""

    def error(self, message: str) -> NoReturn:
        unknown = [word for word in message.split() if word.startswith("--")]
        advice = did_you_mean(unknown[0], self._options()) if unknown else ""
        raise UsageError(message, advice or f"`{self.prog} --help` lists the options")

    def _options(self) -> set[str]:
        """The options of this parser and of all its commands."""
        found: set[str] = set()
        for action in self._actions:
            found.update(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                for parser in action.choices.values():
                    found |= parser._options()
        return found


def build() -> Parser:
    """The parser of the whole command line."""
    parser = Parser(
        prog="iamlint",
        description="Least privilege for IAM in Terraform and CloudFormation, with the usage that CloudTrail saw.",
        epilog="exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or configuration, 3 internal error or unreadable input",
    )
    parser.add_argument(
        "--version", action="store_true", help="print the version and the date of the AWS data"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    _scan(
        commands.add_parser(
            "scan",
            help="lint files and folders",
            description="Lint the IAM definitions under the paths.",
        )
    )
    usage = commands.add_parser("usage", help="sum CloudTrail evidence up into a usage profile")
    _usage(
        usage.add_subparsers(
            dest="usage_command", metavar="COMMAND", parser_class=Parser, required=True
        )
    )
    rules = commands.add_parser("rules", help="list the rules")
    rules.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to print (default: text)"
    )
    explain = commands.add_parser("explain", help="print the page of a rule")
    explain.add_argument(
        "rule", metavar="RULE", help="a code or name: IAM103 or full-access-managed-policy"
    )
    return parser


def _scan(parser: argparse.ArgumentParser) -> None:
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
    group(
        "--diff",
        action="store_true",
        default=None,
        help="print what the replacements would change, write nothing",
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


def _usage(commands: Any) -> None:
    build_ = commands.add_parser("build", help="read CloudTrail logs and write a usage profile")
    build_.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="files and folders of CloudTrail logs"
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
    build_.add_argument("--no-progress", action="store_true", help="no progress bar")
    show = commands.add_parser("show", help="print what a usage profile holds")
    show.add_argument("profile", metavar="FILE")
    show.add_argument("--principal", metavar="ARN", help="only this principal, with its actions")
    merge = commands.add_parser("merge", help="merge usage profiles into one")
    merge.add_argument("profiles", nargs="+", metavar="FILE")
    merge.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="the profile to write; - for standard output",
    )


def scan_settings(args: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a scan; raises UsageError."""
    paths = tuple(args.paths) or (".",)
    found = _configuration(args, paths, environ)
    config = found.config
    choose = _Chooser(args, config, environ)
    formats = choose.many("format")
    color = choose.one("color") or "auto"
    if color not in convert.COLOR:
        raise UsageError(f"`{color}` is no choice for --color", did_you_mean(color, convert.COLOR))
    since = choose.one("since")
    account = choose.one("account")
    return Settings(
        paths=paths,
        stdin_filename=args.stdin_filename,
        config=config,
        config_path=found.path,
        usage=choose.many("usage"),
        since_days=convert.days(since) if since else None,
        select=_codes(choose.many("select")),
        ignore=_codes(choose.many("ignore")),
        extend_select=_codes(choose.many("extend_select")),
        min_severity=convert.severity(choose.one("min_severity") or "info", "--min-severity"),
        fail_on=convert.fail_threshold(choose.one("fail_on") or "medium"),
        var_files=choose.many("var_file"),
        variables=convert.variables(args.var or ()),
        parameters=convert.parameters(choose.many("parameters")),
        account=convert.account(account) if account else None,
        region=choose.one("region"),
        trusted_accounts=tuple(
            map(convert.account, choose.many("trusted_account", "trusted_accounts"))
        ),
        trusted_orgs=choose.many("trusted_org", "trusted_orgs"),
        outputs=tuple(map(convert.output, formats)) or (Output("text"),),
        color=convert.wants_color(color, sys.stdout.isatty(), environ),
        progress=not choose.flag("no_progress"),
        strict=choose.flag("strict"),
        ignores=not choose.flag("no_ignores"),
        diff=choose.flag("diff"),
        quiet=choose.flag("quiet"),
        verbose=choose.flag("verbose"),
        statistics=choose.flag("statistics"),
        exit_zero=choose.flag("exit_zero"),
    )


class _Chooser:
    """Takes a value from the command line, else the environment, else the configuration."""

    def __init__(
        self, args: argparse.Namespace, config: configuration.Config, environ: Mapping[str, str]
    ) -> None:
        self._args, self._config, self._environ = args, config, environ

    def one(self, name: str) -> str | None:
        given = getattr(self._args, name, None)
        if given is None:
            given = self._environ.get(convert.environment_name(name.replace("_", "-")))
        if given is None:
            given = getattr(self._config, name, None)
        return given

    def many(self, name: str, config_name: str = "") -> tuple[str, ...]:
        given = getattr(self._args, name, None)
        if given is None:
            text = self._environ.get(convert.environment_name(name.replace("_", "-")))
            given = [item for item in text.split(",") if item] if text else None
        if given is None:
            given = getattr(self._config, config_name or name, None)
        return tuple(given or ())

    def flag(self, name: str) -> bool:
        given = getattr(self._args, name, None)
        if given is None:
            text = self._environ.get(convert.environment_name(name.replace("_", "-")))
            given = text.lower() in ("1", "true", "yes", "on") if text else None
        if given is None:
            given = getattr(self._config, name, None)
        return bool(given)


def _codes(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


def _configuration(
    args: argparse.Namespace, paths: tuple[str, ...], environ: Mapping[str, str]
) -> configuration.Found:
    if args.no_config:
        return configuration.Found(configuration.Config())
    named = args.config or environ.get("IAMLINT_CONFIG")
    if named:
        return configuration.load(Path(named))
    first = Path(os.path.abspath("." if paths[0] == "-" else paths[0]))
    return configuration.find(first if first.is_dir() else first.parent)
