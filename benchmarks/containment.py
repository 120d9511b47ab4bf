"""How long comparisons of policies take: AWS's largest ones, and what iamlint itself writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from iamlint.iam import catalog, managed
from iamlint.iam.compare import Answer, within
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Policy


def run() -> Iterator[str]:
    yield from _large()
    yield from _generated()
    yield from _all_of_aws()


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
