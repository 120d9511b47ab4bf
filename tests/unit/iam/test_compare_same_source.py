"""Comparing a policy with one that was made from its text: what is only possible is so in both."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from iamlint.iam.compare import Answer, within
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Policy, Statement
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Text

SOURCE = SourceText("main.tf", " " * 99)
IF_AUDIT = "if `var.audit` holds"


def statement(
    at: int, action: str, *, effect: str = "Allow", possible: str | None = IF_AUDIT, **more: Any
) -> Statement:
    """A statement that stands at an offset of the source."""
    document = {"Effect": effect, "Action": action, "Resource": "*", **more}
    read = from_json({"Version": "2012-10-17", "Statement": [document]}, "main.tf")
    return msgspec.structs.replace(
        read.statements[0], place=Place(SOURCE, Span(at, at + 1)), possible=possible, node=None
    )


INSTANCES = [statement(1, "s3:*"), statement(1, "sqs:*")]


def compare(new: list[Statement], old: list[Statement], **more: Any) -> Answer:
    sides = [
        Policy(place=Place(SOURCE, Span(0, 9)), version="2012-10-17", statements=tuple(statements))
        for statements in (new, old)
    ]
    return within(sides[:1], sides[1:], same_source=True, **more)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        # The very statement, and what is cut from it, twice.
        ([statement(1, "s3:*")], [statement(1, "s3:*")]),
        ([statement(1, "s3:GetObject"), statement(1, "s3:PutObject")], [statement(1, "s3:*")]),
        # Beside others; a Deny that is there under the same condition.
        (
            [statement(1, "s3:Get*"), statement(2, "sqs:*", possible=None)],
            [statement(1, "s3:*"), statement(2, "sqs:*", possible=None)],
        ),
        (
            [statement(1, "s3:*", possible=None), statement(2, "s3:Get*", effect="Deny")],
            [statement(1, "s3:*", possible=None), statement(2, "s3:Get*", effect="Deny")],
        ),
        # Instances of one block, none of them touched.
        (INSTANCES, INSTANCES),
    ],
)
def test_the_same_condition_holds_on_both_sides(new: list[Statement], old: list[Statement]) -> None:
    assert compare(new, old).contained is True
    # Without the promise that the source is one, nothing is proven.
    policy = Policy(place=new[0].place, version="2012-10-17", statements=tuple(new))
    other = msgspec.structs.replace(policy, statements=tuple(old))
    assert within([policy], [other]).contained is None


@pytest.mark.parametrize(
    ("new", "old"),
    [
        # Of another place, for another reason, for none.
        ([statement(2, "s3:*")], [statement(1, "s3:*")]),
        ([statement(1, "s3:*", possible="if `var.b` holds")], [statement(1, "s3:*")]),
        ([statement(1, "s3:*", possible=None)], [statement(1, "s3:*")]),
        # More than the same condition grants.
        ([statement(1, "sqs:*")], [statement(1, "s3:*")]),
        # A Deny that is there without its Allow, and one that is lost.
        (
            [statement(1, "s3:*", possible=None)],
            [statement(1, "s3:*", possible=None), statement(2, "s3:Get*", effect="Deny")],
        ),
        # Of two instances of one block, one was changed: the other may be the one that is there.
        (
            [statement(1, "s3:*", possible=None), statement(2, "s3:Get*", effect="Deny")],
            [
                statement(1, "s3:*", possible=None),
                statement(2, "s3:Get*", effect="Deny"),
                statement(2, "s3:Put*", effect="Deny"),
            ],
        ),
    ],
)
def test_other_conditions_prove_nothing(new: list[Statement], old: list[Statement]) -> None:
    answer = compare(new, old)
    assert answer.contained is None
    assert (answer.reason or "").startswith("possible: ")


def test_a_difference_beside_what_is_possible_is_shown_without_our_keys() -> None:
    new = [statement(1, "s3:*"), statement(2, "sqs:*", possible=None)]
    answer = compare(new, [statement(1, "s3:*"), statement(3, "sqs:Get*")])
    assert answer.contained is False
    assert answer.witness is not None
    assert answer.witness.action.startswith("sqs:")
    assert answer.witness.context == {}


def possible_action(at: int, action: str, why: str = "by default of variable `x`") -> Statement:
    found = statement(at, action, possible=None)
    place = Place(SOURCE, Span(50, 51))
    element = msgspec.structs.replace(
        found.actions[0], possible=why, place=place, text=Text.of(action)
    )
    return msgspec.structs.replace(found, actions=(element,))


def test_a_value_by_default_is_the_same_on_both_sides_but_no_more_is_known_of_it() -> None:
    assert compare([possible_action(1, "s3:*")], [possible_action(1, "s3:*")]).contained is True
    # It may be any other value, so neither part of it nor what it lies in is known.
    for new, old in (
        (statement(1, "s3:GetObject", possible=None), possible_action(1, "s3:*")),
        (possible_action(1, "s3:GetObject"), statement(1, "s3:*", possible=None)),
        (possible_action(1, "s3:*", "by default of variable `y`"), possible_action(1, "s3:*")),
    ):
        assert compare([new], [old]).contained is None


def test_what_is_not_wholly_known_may_stay_as_it_is() -> None:
    opened = msgspec.structs.replace(statement(1, "s3:*"), open={"Action": "`var.more`"})
    cut = statement(2, "sqs:SendMessage", possible=None)
    whole = statement(2, "sqs:*", possible=None)
    assert compare([opened, cut], [opened, whole]).contained is True
    changed = msgspec.structs.replace(
        opened,
        conditions=statement(
            1, "s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}}
        ).conditions,
    )
    assert compare([changed], [opened]).contained is None
    # A level that limits only the new side tells them apart no more, one that limits the old does.
    limit = Policy(place=cut.place, version="2012-10-17", statements=(cut,))
    assert compare([opened], [opened], old_limits=[[limit]]).contained is None
