"""A proof against the same source holds whichever of the conditions in the source are true."""

from __future__ import annotations

from itertools import product
from random import Random

import msgspec
import pytest

from iamlint.iam.compare import within
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Policy, Statement
from iamlint.text import Place, SourceText, Span

SOURCE = SourceText("main.tf", " " * 99)
ACTIONS = ["s3:*", "s3:Get*", "s3:GetObject", "s3:PutObject", "sqs:*", "sqs:SendMessage"]
RESOURCES = ["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*"]


def original(source: Random) -> list[Statement]:
    """Statements of a source, some of them under a condition, some of one place."""
    found = []
    for index in range(source.choice([1, 2, 3])):
        document = {
            "Effect": "Deny" if source.random() < 0.3 else "Allow",
            "Action": source.sample(ACTIONS, source.choice([1, 2])),
            "Resource": source.choice(RESOURCES),
        }
        if source.random() < 0.3:
            document["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}
        read = from_json({"Version": "2012-10-17", "Statement": document}, "main.tf").statements[0]
        at = source.choice([index, index, 7])
        why = source.choice([None, "if `a` holds", "if `b` holds"])
        place = Place(SOURCE, Span(at, at + 1))
        found.append(msgspec.structs.replace(read, place=place, possible=why, node=None))
    return found


def replaced(source: Random, statements: list[Statement]) -> list[Statement]:
    """What may be made of them: kept, left out, cut to fewer actions, widened, made certain."""
    found: list[Statement] = []
    for statement in statements:
        kind = source.choice(
            ["kept", "kept", "kept", "out", "cut", "cut", "split", "wide", "certain"]
        )
        if kind in ("kept", "wide", "certain"):
            found.append(statement)
        if kind == "cut":
            found.append(msgspec.structs.replace(statement, actions=statement.actions[:1]))
        if kind == "split":
            found += [
                msgspec.structs.replace(statement, actions=(action,))
                for action in statement.actions
            ]
        if kind == "wide":
            other = source.choice(statements)
            found[-1] = msgspec.structs.replace(statement, resources=other.resources)
        if kind == "certain":
            found[-1] = msgspec.structs.replace(statement, possible=None)
    return found


def policy(statements: list[Statement]) -> Policy:
    return Policy(
        place=Place(SOURCE, Span(0, 99)), version="2012-10-17", statements=tuple(statements)
    )


def settled(statements: list[Statement], there: dict[tuple[Place, str], bool]) -> Policy:
    """The policy as it is once the conditions of the source are known."""
    return policy(
        [
            msgspec.structs.replace(each, possible=None)
            for each in statements
            if each.possible is None or there[each.place, each.possible]
        ]
    )


@pytest.mark.parametrize("seed", range(8))
def test_no_outcome_of_the_conditions_refutes_a_proof(seed: int) -> None:
    source = Random(seed)
    proven = helped = 0
    for _ in range(60):
        old = original(source)
        new = replaced(source, old)
        answer = within([policy(new)], [policy(old)], same_source=True)
        if answer.contained is not True:
            continue
        proven += 1
        helped += within([policy(new)], [policy(old)]).contained is None
        guards = list(dict.fromkeys((s.place, s.possible) for s in old if s.possible is not None))
        for outcome in product([True, False], repeat=len(guards)):
            there = dict(zip(guards, outcome, strict=True))
            sides = [settled(new, there)], [settled(old, there)]
            assert within(*sides).contained is not False, (old, new, there)
    assert proven > 10
    assert helped > 3
