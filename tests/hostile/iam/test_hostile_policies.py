"""Policies that were made to break the engine: an answer or a problem, in bounded time."""

from __future__ import annotations

import time
from typing import Any

import pytest

from iamlint.iam.compare import within
from iamlint.iam.decide import PolicySet, Request, decide
from iamlint.iam.decode import from_json, read_json, to_json
from iamlint.iam.pattern import matches, overlaps, text_within
from iamlint.iam.pattern import within as glob_within
from iamlint.tree import Hole, Text

USER = "arn:aws:iam::111122223333:user/bob"


def document(**statement: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*", **statement}],
    }


def seconds(work: Any) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


SHAPES: list[Any] = [
    None, True, 0, 1e400, -1.5, "", "x", "\0", "\ud800", "x" * 1_000_000, [], [[]], {}, {"": ""},
    {"\ud800": "\0"}, [None], [{}], {"a": {"b": {"c": []}}}, 10**5000,
]  # fmt: skip


@pytest.mark.parametrize("value", SHAPES, ids=range(len(SHAPES)))
def test_any_value_in_any_place(value: Any) -> None:
    shapes: list[Any] = [value, {"Version": value}, {"Statement": value}, {"Statement": [value]}]
    for key in ("Sid", "Effect", "Action", "NotAction", "Resource", "Principal", "Condition", "Id"):
        shapes += [document(**{key: value}), document(**{key: [value]})]
    shapes += [
        document(Condition={"StringLike": value}),
        document(Condition={"StringLike": {"aws:username": value}}),
        document(
            Condition={
                "NumericLessThan": {"s3:max-keys": value},
                "IpAddress": {"aws:SourceIp": value},
            }
        ),
        document(Condition={value if isinstance(value, str) else "Bool": {"aws:username": "x"}}),
        document(Principal={"AWS": value}),
    ]
    request = Request(USER, "s3:GetObject", "arn:aws:s3:::b/k", {"aws:username": "x"})
    for shape in shapes:
        for kind in ("identity", "trust", "resource"):
            policy, problems = read_json(shape, "p.json", kind)
            for problem in problems:
                assert problem.place.start.line >= 1
            if policy is not None:
                to_json(policy)
                decide(request, PolicySet(identity=[policy], resource=[policy]))
                assert within([policy], [policy], states=2000).contained is not False


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def test_deep_nesting_is_a_problem() -> None:
    for shape in (document(Action=deep(10_000)), deep(10_000)):
        _, problems = read_json(shape, "p.json")
        assert problems
    _, problems = read_json('{"Statement":' * 50_000 + "1" + "}" * 50_000, "p.json")
    assert problems


def test_ten_thousand_statements() -> None:
    statements = [
        {"Effect": "Allow", "Action": f"s3:Get{number}", "Resource": f"arn:aws:s3:::b{number}/*"}
        for number in range(10_000)
    ]
    big = {"Version": "2012-10-17", "Statement": statements}
    policy, problems = read_json(big, "p.json")
    assert policy is not None
    assert problems == ()
    request = Request(USER, "s3:Get9999", "arn:aws:s3:::b9999/k")
    assert decide(request, PolicySet(identity=[policy])).effect == "allow"
    same = within([policy], [policy])
    assert same.contained in (True, None)


def test_a_megabyte_in_a_pattern() -> None:
    long = "a" * 1_000_000
    assert matches(long + "*", long)
    assert not matches("*" + long + "b*", long)
    assert matches("*a" * 1000 + "*", long)
    policy, problems = read_json(document(Resource="arn:aws:s3:::" + long), "p.json")
    assert problems
    assert policy is not None
    assert "Resource" in policy.statements[0].open


@pytest.mark.parametrize("piece", ["*a", "a*", "?*", "*a?", "?a*b"])
def test_cost_of_hostile_patterns_grows_about_linearly(piece: str) -> None:
    """Four times the size may cost sixteen times (words of an int) but never more."""

    def work(size: int) -> float:
        glob, other, text = piece * size, piece * (size + 1), "a" * (2 * size)

        def run() -> None:
            matches(glob + "b", text)
            glob_within(glob, other)
            overlaps(glob, other)
            text_within(Text.of(glob, Hole("x"), glob), Text.of(other, "*"))

        return min(seconds(run) for _ in range(2))

    small, large = work(250), work(1000)
    assert large < max(40 * small, 0.5), (small, large)


def test_many_stars_in_a_comparison_end() -> None:
    def policy(text: str) -> Any:
        return from_json(
            document(Resource=[f"arn:aws:s3:::{text * 8}{i}*" for i in range(12)]), "p"
        )

    for new, old in (("*a", "*b"), ("*a?", "*?a"), ("*a", "*a*")):
        spent = seconds(
            lambda new=new, old=old: within([policy(new)], [policy(old)], states=20_000)
        )
        assert spent < 10


def test_the_bound_is_in_states_so_answers_repeat() -> None:
    new = from_json(document(Resource=[f"arn:aws:s3:::*{c}*?{c}*" for c in "abcdefgh"]), "new")
    old = from_json(
        {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::*{c}*??*",
             "Condition": {"StringLike": {"aws:username": f"{c}*"}}} for c in "abcdefgh"
        ]}, "old",
    )  # fmt: skip
    answers = {within([new], [old], states=50).reason for _ in range(3)}
    assert answers == {"state-cap: the comparison has more than 50 states"}


@pytest.mark.parametrize("form", ["Resource", "NotResource"])
def test_thousands_of_statements_that_must_not_apply(form: str) -> None:
    """However many old statements overlap a new one, there is an answer."""

    def statement(number: int, **more: Any) -> dict[str, Any]:
        return {"Effect": "Allow", "Action": "s3:*", form: f"arn:aws:s3:::*{number}*", **more}

    old = {
        "Version": "2012-10-17",
        "Statement": [
            statement(n, Condition={"StringLike": {f"aws:PrincipalTag/{n}": f"a*{n}"}})
            for n in range(1500)
        ],
    }
    new = document(Resource="arn:aws:s3:::b*")
    spent = time.process_time()
    answer = within([from_json(new, "new")], [from_json(old, "old")])
    assert time.process_time() - spent < 30
    assert answer.contained is not True
