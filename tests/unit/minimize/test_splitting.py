"""A replacement that is too large for one policy, in several."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.iam.compare import within
from iamlint.iam.decode import from_json
from iamlint.minimize.quota import MANAGED, minified_size
from iamlint.minimize.splitting import fits, split

from .conftest import allow, inline, replaced, use

A = "111122223333"


def queues(count: int) -> list[str]:
    """ARNs of queues with nothing in common that a wildcard could stand for."""
    return [f"arn:aws:sqs:eu-west-1:{A}:{n * 7919 % 100_003:x}of{n}words" for n in range(count)]


def test_what_does_not_fit_as_one_is_divided() -> None:
    wanted = queues(300)
    site = inline(allow("sqs:*", wanted))
    unseen = replaced(site, {"sqs:CreateQueue": use(300, *wanted[:5])})
    assert unseen.proof.quota == MANAGED
    assert len(unseen.parts) > 1
    assert all(minified_size(each) <= MANAGED for each in unseen.parts)
    assert unseen.proof.holds
    assert f"it takes {len(unseen.parts)} managed policies" in unseen.why_not_safe
    assert any("characters, and one may have 6,144" in note for note in unseen.proof.notes)


def test_what_fits_is_not_divided() -> None:
    assert replaced(inline(allow("sqs:*")), {"sqs:CreateQueue": use(1, *queues(1))}).parts == ()


def test_what_no_number_of_policies_holds_is_said_to_be_too_large() -> None:
    wanted = queues(1500)
    found = replaced(inline(allow("sqs:*", wanted)), {"sqs:CreateQueue": use(9, wanted[0])})
    assert found.parts == ()
    assert found.proof.well_formed is False


names = st.lists(st.sampled_from(queues(400)), min_size=1, max_size=300, unique=True)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["Allow", "Deny"]), names, st.booleans()), min_size=1, max_size=3
    )
)
def test_the_parts_say_what_the_whole_says(drawn: list[tuple[str, list[str], bool]]) -> None:
    statements: list[dict[str, Any]] = [
        {"Effect": effect, "Action": "sqs:*", "NotResource" if negated else "Resource": arns}
        for effect, arns, negated in drawn
    ]
    parts = split(statements)
    whole = {"Version": "2012-10-17", "Statement": statements}
    joined = {
        "Version": "2012-10-17",
        "Statement": [s for each in parts for s in each["Statement"]],
    }
    old, new = from_json(whole, "whole"), from_json(joined, "parts")
    assert within([new], [old]).contained is True
    assert within([old], [new]).contained is True
    if not any(negated for _, _, negated in drawn):
        assert fits(parts) is (len(parts) <= 10), json.dumps(parts)[:200]
