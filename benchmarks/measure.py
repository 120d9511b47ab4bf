"""CPU time of whole processes, as the system accounts it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Sequence


def cpu_of(command: Sequence[str], *, runs: int = 7, cwd: str | None = None) -> float:
    """The least CPU seconds (user and system) of several runs of a command; output discarded."""
    least = float("inf")
    # An installed package has its bytecode; a checkout gets it at the first run.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        least = min(least, used)
    return least


def python(*arguments: str) -> list[str]:
    """The command that runs this Python."""
    return [sys.executable, *arguments]


def iamlint(*arguments: str) -> list[str]:
    """The command that a hook runs: the console script beside this Python."""
    return [os.path.join(os.path.dirname(sys.executable), "iamlint"), *arguments]
