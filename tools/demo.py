"""Scan the demo project with its CloudTrail export, as `make demo` does.

    python tools/demo.py

Exits 0 if the scan ran and found what the demo is there to show.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = "fixtures/demo"
TRAIL = "fixtures/cloudtrail/patch-manager"


def main() -> int:
    command = ["scan", PROJECT, "--usage", TRAIL]
    print("$ iamlint", *command, "\n", flush=True)
    done = subprocess.run([sys.executable, "-m", "iamlint", *command], cwd=ROOT, check=False)
    # 1 is what a scan with findings answers.
    return 0 if done.returncode == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
