"""Arguments that several commands have."""

from __future__ import annotations

import argparse
from typing import Any

JOBS = "how many processes read CloudTrail logs (default: one per core)"


def deployment(parser: argparse.ArgumentParser) -> None:
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


def subcommands(parser: argparse.ArgumentParser, dest: str) -> Any:
    """The commands below a command."""
    return parser.add_subparsers(
        dest=dest, metavar="COMMAND", prog=parser.prog, parser_class=type(parser), required=True
    )
