"""`python -m iamlint` and the console script."""

from __future__ import annotations

import gc
import sys

# A run makes many small objects that live to its end; looking for garbage among them every 700
# takes a tenth of the time of a short run.
_GC_THRESHOLD = 50_000


def main() -> None:
    """Run the command line and exit with its code."""
    gc.set_threshold(_GC_THRESHOLD)
    from iamlint.app.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
