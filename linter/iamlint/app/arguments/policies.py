"""The arguments of what answers about policies: inspect, simulate, diff, generate."""

from __future__ import annotations

import argparse

from iamlint.app import settings as convert
from iamlint.app.arguments.shared import deployment


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
    deployment(parser)


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
    deployment(parser)


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
    deployment(parser)


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
