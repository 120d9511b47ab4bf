"""The arguments of what sets iamlint up and tells about it."""

from __future__ import annotations

import argparse


def init(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("path", nargs="?", default=".", metavar="PATH", help="the project (default: .)")
    add("-y", "--yes", action="store_true", help="ask nothing, take what is proposed")
    add("--dry-run", action="store_true", help="print what would be written, write and ask nothing")


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


def lsp(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--stdio", action="store_true", help="speak on standard input and output, as it always does"
    )


def completions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell to complete in")


def rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to print (default: text)"
    )


def explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "rule", metavar="RULE", help="a code or name: IAM103 or full-access-managed-policy"
    )
