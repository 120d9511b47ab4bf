"""`iamlint record`: run a command and keep the AWS calls that it makes as a usage profile."""

from __future__ import annotations

import argparse
import os
import sys

from iamlint import __version__, escape
from iamlint.app.errors import UsageError
from iamlint.app.usage_command import write


def run(args: argparse.Namespace) -> int:
    """Run the command; the exit code is the command's own."""
    from iamlint.usage.recorder import record

    command = args.run[1:] if args.run[:1] == ["--"] else args.run
    if not command:
        raise UsageError("record needs a command", "iamlint record -o usage.json -- aws s3 ls")
    try:
        recording = record(command, os.environ, args.principal)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"cannot run `{command[0]}`: {reason}") from error
    recording.profile.tool = f"iamlint {__version__}"
    write(recording.profile, args.output)
    if recording.rejected:
        print(f"iamlint: {recording.rejected} messages could not be read", file=sys.stderr)
    heard = recording.profile.principals.values()
    if not any(usage.actions or usage.denied or usage.unmapped for usage in heard):
        print(
            escape.terminal(
                "iamlint: no call was heard: the SDK must support client-side monitoring "
                "(boto3, the aws CLI and most AWS SDKs do)"
            ),
            file=sys.stderr,
        )
    return recording.exit_code
