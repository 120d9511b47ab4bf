"""`iamlint lsp`: findings and their replacements in an editor."""

from __future__ import annotations

import argparse

from iamlint.app.errors import UsageError


def run(_args: argparse.Namespace) -> int:
    """Serve on standard input and output until the editor ends it; returns the exit code."""
    try:
        from iamlint.app.language_server import make
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError("the language server needs pygls", "pip install 'iamlint[lsp]'") from error
    make().start_io()
    return 0
