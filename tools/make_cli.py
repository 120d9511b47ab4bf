"""Write docs/cli.md: the help of every command, as `--help` prints it.

python tools/make_cli.py
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from iamlint.app.parser import build

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"

INTRODUCTION = """\
<!-- made by tools/make_cli.py from the command line itself -->

# The command line

Each default can be set in the [configuration](../README.md#ignores-and-configuration) and as an environment variable: `--fail-on` is `IAMLINT_FAIL_ON`; lists are comma separated there.

Exit codes: 0 nothing at or above `--fail-on` (for `diff`: nothing new is granted; for `simulate`: allowed); 1 findings (new access or undetermined; denied); 2 wrong usage or configuration; 3 internal error, input that was named and could not be read, or with `--strict` anything that could not be read or evaluated (for `simulate`: unknown).
"""


def page() -> str:
    """The whole page."""
    # The width of a terminal would change the wrapping.
    os.environ["COLUMNS"] = "100"
    sections = [INTRODUCTION]
    for parser in _parsers(build()):
        sections.append(f"## {parser.prog}\n\n```\n{parser.format_help().rstrip()}\n```\n")
    return "\n".join(sections)


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in dict.fromkeys(action.choices.values()):
                yield from _parsers(inner)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
