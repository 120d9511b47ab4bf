"""Compares random policies with `compare` and with the SMT solver cvc5, and counts agreement.

A counterexample of ours is given to the solver as the request to weigh, a proof of ours it must
find again by itself.  The bound on its work is its own count of steps, so that results repeat.

    python -m benchmarks solver
    python -m benchmarks.solver [--pairs N] [--limit STEPS] [--seed N]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any, Literal

from benchmarks._solver.pairs import pair
from iamlint.iam.compare import Answer, within
from iamlint.iam.decode import from_json

Said = Literal["sat", "unsat", "unknown"]

STEPS = 60_000
"""The solver's bound for one question; most that it can decide take far fewer."""


def ask(new: dict[str, Any], old: dict[str, Any], answer: Answer, steps: int) -> Said:
    """Whether a request shows a difference, as the solver sees it.

    `sat` if it takes our witness for one, or finds one; `unsat` if there is none.
    """
    import cvc5.pythonic as smt

    from benchmarks._solver.encoding import Encoding

    encoding = Encoding(new, old)
    question = encoding.question()
    witness = answer.witness
    rounds: list[list[Any]] = [[]]
    if witness is not None:
        context = {
            key.lower(): (value,) if isinstance(value, str) else tuple(value)
            for key, value in witness.context.items()
            if value is not None
        }
        rounds.insert(0, encoding.is_request(witness.action, witness.resource, context))
    said: Said = "unknown"
    for more in rounds:
        solver = smt.Solver()
        solver.setOption("rlimit-per", str(steps))
        solver.setOption("strings-exp", "true")
        solver.add(*question, *more)
        said = str(solver.check())
        if said == "sat" or (said == "unsat" and not more):
            break
        if said == "unsat":
            return "unsat"  # the solver says that our witness shows no difference
    return said


def compared(pairs: int, steps: int, seed: int) -> Iterator[str]:
    """Each disagreement, then the counts."""
    source = Random(seed)
    counts: Counter[str] = Counter()
    spent = {"compare": 0.0, "cvc5": 0.0}
    for _ in range(pairs):
        new, old = pair(source)
        start = time.process_time()
        answer = within([from_json(new, "new")], [from_json(old, "old")], witnesses="any")
        middle = time.process_time()
        said = ask(new, old, answer, steps)
        spent["compare"] += middle - start
        spent["cvc5"] += time.process_time() - middle
        expected = {True: "unsat", False: "sat", None: None}[answer.contained]
        if expected is None:
            word = str(answer.reason).partition(":")[0]
            counts[f"undecided by compare ({word}), {said} to cvc5"] += 1
        elif said == "unknown":
            shown = "contained" if answer.contained else "not contained"
            counts[f"undecided by cvc5, {shown} to compare"] += 1
        elif said == expected:
            shown = "contained" if answer.contained else "not contained"
            counts[f"agree: {shown}"] += 1
        else:
            counts["DISAGREE"] += 1
            yield f"DISAGREE: compare {answer}, cvc5 {said}: {new} against {old}"
    shown = ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
    times = ", ".join(f"{name} {used:.1f} s" for name, used in spent.items())
    yield f"{pairs:,} pairs: {shown}; {times}"


def run() -> Iterator[str]:
    """Five thousand pairs, where cvc5 is installed."""
    try:
        import cvc5  # noqa: F401
    except ImportError:
        yield "not run: cvc5 is not installed"
        return
    yield from compared(5000, STEPS, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--limit", type=int, default=STEPS, help="the solver's, in its own steps")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    lines = list(compared(args.pairs, args.limit, args.seed))
    print("\n".join(lines))
    return 1 if len(lines) > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
