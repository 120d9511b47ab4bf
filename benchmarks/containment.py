"""How long comparisons of policies take: AWS's largest ones, and what iamlint itself writes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from iamlint.iam import catalog, managed
from iamlint.iam.compare import Answer, within
from iamlint.iam.containment.compiling import compile_rules
from iamlint.iam.containment.statementwise import proves
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Policy


def run() -> Iterator[str]:
    yield from _large()
    yield from _generated()
    yield from _all_of_aws()
    yield from _relatives()


def _large() -> Iterator[str]:
    for new, old, limit in (
        ("ReadOnlyAccess", "job-function/ViewOnlyAccess", 1.5),
        ("job-function/ViewOnlyAccess", "ReadOnlyAccess", 1.5),
        ("AdministratorAccess", "PowerUserAccess", 1.5),
    ):
        sides = _managed(new), _managed(old)
        seconds, answer = _timed(lambda sides=sides: within([sides[0]], [sides[1]]))
        yield f"{new} within {old}: {_word(answer)}, {seconds * 1000:.0f} ms (limit {limit * 1000:.0f})"


def _generated() -> Iterator[str]:
    source = Random(1)
    names = [
        name
        for name in catalog.expand("*")
        if not name.startswith(("iam:", "organizations:", "account:"))
    ]
    for count, limit in ((20, None), (100, 50), (400, None)):
        statements = [
            {
                "Effect": "Allow",
                "Action": source.sample(names, 10),
                "Resource": [f"arn:aws:s3:::b{number}/*", f"arn:aws:sqs:*:*:q{number}"],
            }
            for number in range(count // 10)
        ]
        policy = from_json({"Version": "2012-10-17", "Statement": statements}, "generated")
        seconds, answer = _timed(
            lambda policy=policy: within([policy], [_managed("PowerUserAccess")])
        )
        bound = f" (limit {limit})" if limit else ""
        yield f"{count} actions within PowerUserAccess: {_word(answer)}, {seconds * 1000:.1f} ms{bound}"


def _all_of_aws() -> Iterator[str]:
    administrator = _managed("AdministratorAccess")
    start = time.process_time()
    policies = [_managed(name) for name in managed.names()]
    decoded = time.process_time() - start
    start = time.process_time()
    own = sum(within([policy], [policy]).contained is True for policy in policies)
    wide = sum(within([policy], [administrator]).contained is True for policy in policies)
    spent = time.process_time() - start
    yield (
        f"{len(policies)} AWS managed policies: decoded in {decoded:.1f} s; {own} within themselves, "
        f"{wide} within AdministratorAccess in {spent:.1f} s"
    )


_ENDS = (
    "FullAccess",
    "ReadOnlyAccess",
    "PowerUser",
    "AdminAccess",
    "ReadOnly",
    "ReadAccess",
    "User",
)


def _relatives() -> Iterator[str]:
    """AWS's policies of one name but for its end, both ways, beside comparing statement by statement.

    That is the common shortcut: each new Allow lies in old ones, and each old Deny is kept.  It
    can prove, and never refute.
    """
    names: dict[str, list[str]] = {}
    for name in managed.names():
        end = next((end for end in _ENDS if name.endswith(end) and name != end), None)
        if end is not None:
            names.setdefault(name.removesuffix(end).rstrip("_"), []).append(name)
    pairs = [(a, b) for group in names.values() for a in group for b in group if a != b]
    pairs += [(name, "ReadOnlyAccess") for name in managed.names() if "ReadOnly" in name]
    sides = [(_managed(a), _managed(b)) for a, b in dict.fromkeys(pairs)]
    start = time.process_time()
    shortcut = sum(
        proves(compile_rules([new], most=True), compile_rules([old], most=False))
        for new, old in sides
    )
    quick = time.process_time() - start
    start = time.process_time()
    answers = Counter(_said(within([new], [old])) for new, old in sides)
    spent = time.process_time() - start
    yield (
        f"{len(sides)} pairs of related AWS policies: statement by statement {shortcut} are contained, "
        f"of the others nothing is known, {quick:.1f} s; compare says "
        + ", ".join(f"{word} {count}" for word, count in answers.most_common())
        + f", {spent:.1f} s"
    )


def _said(answer: Answer) -> str:
    if answer.contained is None:
        return "undetermined"
    if answer.unlisted:
        return "not contained beyond the catalogue"
    return "contained" if answer.contained else "not contained"


def _managed(name: str) -> Policy:
    found = managed.lookup(name.rpartition("/")[2])
    assert found is not None
    return found.policy


def _timed(work: Callable[[], Any]) -> tuple[float, Answer]:
    start = time.process_time()
    answer: Answer = work()
    return time.process_time() - start, answer


def _word(answer: Answer) -> str:
    if answer.contained is None:
        return f"undetermined ({answer.reason})"
    return "contained" if answer.contained else "not contained"


if __name__ == "__main__":
    print("\n".join(run()))
