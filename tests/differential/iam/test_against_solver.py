"""compare against the SMT solver cvc5 on random pairs of policies: they never disagree.

The formulas are written from the grammar and share no code with the engine.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

pytest.importorskip("cvc5", reason="cvc5 is not installed (there is no wheel for every platform)")

from benchmarks._solver.pairs import pair  # noqa: E402
from benchmarks.solver import STEPS, ask  # noqa: E402

from iamlint.iam.compare import within  # noqa: E402
from iamlint.iam.decode import from_json  # noqa: E402

EXPECTED = {"unsat": True, "sat": False}


@pytest.mark.parametrize("seed", range(6))
def test_compare_and_the_solver_agree(seed: int) -> None:
    """Of 50 pairs the solver decides at least 42, and compare 40."""
    source = Random(7000 + seed)
    solved = ours = 0
    seen = set()
    for _ in range(50):
        new, old = pair(source)
        answer = within([from_json(new, "new")], [from_json(old, "old")], witnesses="any")
        said = ask(new, old, answer, STEPS)
        solved += said != "unknown"
        ours += answer.contained is not None
        seen.add(answer.contained)
        if said != "unknown" and answer.contained is not None:
            assert EXPECTED[said] is answer.contained, (new, old, answer)
    assert solved >= 42, solved
    assert ours >= 40, ours
    assert {True, False} <= seen
