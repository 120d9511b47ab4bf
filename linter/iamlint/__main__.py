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
    _import_msgspec()
    from iamlint.app.cli import run

    sys.exit(run(sys.argv[1:]))


def _import_msgspec() -> None:
    """Import msgspec as it is where typing_extensions is not installed.

    It asks typing_extensions, if that is there, for names that typing has as well; importing it
    takes a tenth of a short run.
    """
    if "typing_extensions" in sys.modules:
        return
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]


if __name__ == "__main__":
    main()
