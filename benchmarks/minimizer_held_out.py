"""The minimizer on days and seeds that nobody looked at while it was made: is it as good there?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from benchmarks._minimizer.study import METHODS
from benchmarks.minimizer import EVIDENCE, HEAD, HORIZONS, evidence, row, study

CUTS = ((date(2026, 4, 10), 11, 4), (date(2026, 8, 21), 12, 9), (date(2026, 2, 3), 13, 2))


def run() -> Iterator[str]:
    """The same tables at 90 days."""
    outcome = study(CUTS, EVIDENCE)
    for setting in EVIDENCE:
        yield f"{setting.days} days, {evidence(setting)}"
        yield HEAD
        for method in METHODS:
            yield row(outcome, setting, HORIZONS[-1], method)
        yield ""
