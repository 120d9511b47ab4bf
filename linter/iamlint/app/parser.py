"""The command line: its commands, and the parser of the one that is asked for."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

from iamlint.app.errors import UsageError, did_you_mean


class Command(NamedTuple):
    """A command: what it does, and the modules that have its arguments and that run it."""

    does: str
    arguments: str
    module: str

    def add(self, name: str, parser: argparse.ArgumentParser) -> None:
        """Add the arguments: those of the function with the command's name."""
        getattr(import_module(f"iamlint.app.arguments.{self.arguments}"), name)(parser)


COMMANDS = {
    "scan": Command("lint files and folders", "lint", "scan_command"),
    "inspect": Command(
        "print what iamlint understood: every policy with its owner and its unknowns",
        "policies",
        "inspect_command",
    ),
    "generate": Command(
        "write a least-privilege policy from usage", "policies", "generate_command"
    ),
    "simulate": Command(
        "decide one request: allow, deny or unknown", "policies", "simulate_command"
    ),
    "diff": Command("tell what new access a change of policies grants", "policies", "diff_command"),
    "baseline": Command("accept today's findings", "lint", "baseline_command"),
    "usage": Command(
        "sum CloudTrail evidence up into a usage profile", "evidence", "usage_command"
    ),
    "record": Command(
        "run a command and record its AWS calls into a usage profile",
        "evidence",
        "record_command",
    ),
    "init": Command(
        "write a configuration, a pre-commit hook and a CI job, after asking",
        "setup",
        "init_command",
    ),
    "config": Command(
        "print the settings in force, or the schema of the configuration",
        "setup",
        "config_command",
    ),
    "lsp": Command("serve findings and their replacements to an editor", "setup", "lsp_command"),
    "completions": Command(
        "print a script that completes commands and options in a shell",
        "setup",
        "completions_command",
    ),
    "rules": Command("list the rules", "setup", "rules_command"),
    "explain": Command("print the page of a rule", "setup", "rules_command"),
}
"""Each command by its name; the module's `run` takes the arguments and gives the exit code."""

WIDTH = 100


class Formatter(argparse.HelpFormatter):
    """Help of a fixed width, or that of `COLUMNS`.

    argparse makes a formatter for every argument; asking the terminal each time costs start-up.
    """

    def __init__(self, prog: str) -> None:
        columns = os.environ.get("COLUMNS", "")
        super().__init__(prog, width=int(columns) if columns.isdigit() else WIDTH)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are UsageErrors with a suggestion."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": Formatter, **options})

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse, but what may follow an option that needs no value is not taken for it.

        `--fix .` fixes the folder; a value is glued on, as in `--fix=all`.
        """
        bare = {
            option: f"{option}={action.const}"
            for action in self._actions
            if action.nargs == "?"
            for option in action.option_strings
        }
        given = list(args or ())
        end = given.index("--") if "--" in given else len(given)
        given[:end] = [bare.get(argument, argument) for argument in given[:end]]
        return super().parse_known_args(given, namespace)

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


def parse(given: Sequence[str]) -> argparse.Namespace:
    """The arguments of a command line, the command under `command`; raises UsageError.

    Only the parser of the command that is asked for is made: making all of them takes longer
    than reading a small file.
    """
    if given and given[0] in COMMANDS:
        name = given[0]
        command = COMMANDS[name]
        parser = Parser(prog=f"iamlint {name}", description=_sentence(command.does))
        command.add(name, parser)
        args = parser.parse_args(given[1:])
        args.command, args.version = name, False
        return args
    return build().parse_args(given)


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
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", prog="iamlint", parser_class=Parser
    )
    for name, command in COMMANDS.items():
        does = command.does
        command.add(name, commands.add_parser(name, help=does, description=_sentence(does)))
    return parser


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
