"""What a cold `iamlint scan one.tf` costs, against `python -c pass` (limit: 10 times)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import cpu_of, iamlint, python

LIMIT = 10.0
SAMPLE = Path(__file__).parent.parent / "fixtures" / "demo" / "terraform" / "main.tf"


def run() -> Iterator[str]:
    """Bare interpreter, version, one file."""
    bare = cpu_of(python("-c", "pass"), runs=15)
    yield f"python -c pass           {bare * 1000:7.1f} ms CPU   1.0x"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "one.tf").write_text(SAMPLE.read_text())
        (Path(folder) / "one.yaml").write_text(
            (SAMPLE.parent.parent / "cloudformation" / "media.yaml").read_text()
        )
        for label, arguments in (
            ("iamlint --version", ["--version"]),
            ("iamlint scan one.tf", ["scan", "one.tf"]),
            ("iamlint scan one.yaml", ["scan", "one.yaml"]),
        ):
            cost = cpu_of(iamlint(*arguments), runs=11, cwd=folder)
            note = f"  (limit {LIMIT:.0f}x)" if label.endswith(".tf") else ""
            yield f"{label:<24} {cost * 1000:7.1f} ms CPU {cost / bare:5.1f}x{note}"
