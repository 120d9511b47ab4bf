"""Run every benchmark, or those named: `python -m benchmarks [NAME…]`.

Each module of this folder has `run() -> Iterable[str]`, whose lines say what was measured side
by side with a peer or a limit.  Figures are CPU seconds of the process (user and system), the
least of several runs: wall time says little on a shared machine.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path


def main(names: list[str]) -> int:
    """Run the benchmarks and print their tables."""
    known = [
        module.name
        for module in pkgutil.iter_modules([str(Path(__file__).parent)])
        if not module.name.startswith("_") and module.name != "measure"
    ]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    for name in names or known:
        print(f"## {name}", flush=True)
        for line in importlib.import_module(f"benchmarks.{name}").run():
            print(line, flush=True)
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
