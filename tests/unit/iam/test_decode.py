"""Documents of every shape become a policy, with problems at their places."""

from __future__ import annotations

from typing import Any

import pytest

from iamlint.iam.decode import decode, from_json, read_json, to_json
from iamlint.iam.policy import Policy, Problem
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Either, Entry, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

SOURCE = SourceText("main.tf", "x" * 100)


def place(at: int = 0) -> Place:
    return Place(SOURCE, Span(at, at + 1))


def tree(value: Any) -> Node:
    """Plain data as nodes; nodes in it stay what they are."""
    if isinstance(value, Node):
        return value
    if isinstance(value, dict):
        pairs = tuple(Entry(Scalar(place=place(), value=k), tree(v)) for k, v in value.items())
        return MapNode(place=place(), entries=pairs)
    if isinstance(value, list):
        return ListNode(place=place(), items=tuple(tree(item) for item in value))
    return Scalar(place=place(), value=value)


def unknown() -> Unknown:
    return Unknown(place=place(7), reason="variable `x` has no value", hole=Hole("var.x"))


def either(*values: Any) -> Either:
    return Either(place=place(), branches=tuple(tree(v) for v in values), condition="var.prod")


def read(statement: Any, kind: str = "identity") -> tuple[Policy, list[str]]:
    document = {"Version": "2012-10-17", "Statement": statement}
    policy, problems = decode(tree(document), kind)
    assert policy is not None
    return policy, [f"{problem.kind}: {problem.message}" for problem in problems]


GOOD = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def test_scalars_stand_for_lists() -> None:
    policy, problems = read({**GOOD, "Condition": {"Bool": {"aws:SecureTransport": True}}})
    (statement,) = policy.statements
    assert problems == []
    assert [str(action) for action in statement.actions] == ["s3:GetObject"]
    assert [str(value) for value in statement.conditions[0].values] == ["true"]
    assert statement.complete


def test_numbers_in_conditions_are_written_as_json_does() -> None:
    policy, problems = read(
        {**GOOD, "Condition": {"NumericLessThan": {"s3:max-keys": [10, 1.5, 3.0]}}}
    )
    assert problems == []
    assert [str(v) for v in policy.statements[0].conditions[0].values] == ["10", "1.5", "3"]


@pytest.mark.parametrize(
    ("element", "kinds"),
    [
        ("*", ["*"]),
        ({"AWS": "*"}, ["AWS"]),
        ({"AWS": ["111122223333", "arn:aws:iam::111122223333:role/x"]}, ["AWS", "AWS"]),
        ({"AWS": 111122223333}, ["AWS"]),
        ({"Service": "ec2.amazonaws.com", "Federated": "x"}, ["Service", "Federated"]),
        ({"CanonicalUser": "a" * 64}, ["CanonicalUser"]),
    ],
)
def test_every_form_of_principal(element: Any, kinds: list[str]) -> None:
    statement = {"Effect": "Allow", "Principal": element, "Action": "sts:AssumeRole"}
    policy, problems = read(statement, "trust")
    assert problems == []
    assert [principal.kind for principal in policy.statements[0].principals] == kinds


def test_an_unknown_action_list_is_open_and_a_problem() -> None:
    policy, problems = read({**GOOD, "Action": unknown()})
    assert policy.statements[0].open == {
        "Action": "`Action` could not be evaluated: variable `x` has no value"
    }
    assert problems == ["unresolved: `Action` could not be evaluated: variable `x` has no value"]


def test_an_unknown_list_item_keeps_the_others() -> None:
    policy, problems = read({**GOOD, "Resource": ["arn:aws:s3:::b", unknown()]})
    assert [str(r) for r in policy.statements[0].resources] == ["arn:aws:s3:::b"]
    assert "Resource" in policy.statements[0].open
    assert len(problems) == 1


def test_an_unknown_statement_opens_the_policy() -> None:
    policy, problems = read([GOOD, unknown()])
    assert len(policy.statements) == 1
    assert policy.open == "a statement could not be evaluated: variable `x` has no value"
    assert len(problems) == 1


def test_branches_are_all_kept_as_possible() -> None:
    policy, _ = read({**GOOD, "Action": either("s3:*", ["ec2:*", "iam:*"])})
    found = [(str(a), a.possible) for a in policy.statements[0].actions]
    reason = "under condition `var.prod`"
    assert found == [("s3:*", reason), ("ec2:*", reason), ("iam:*", reason)]


def test_branches_of_effect_and_condition_are_statements_of_their_own() -> None:
    limit = {"Bool": {"aws:SecureTransport": "true"}}
    policy, _ = read({**GOOD, "Effect": either("Allow", "Deny"), "Condition": either(limit, None)})
    assert [(s.effect, len(s.conditions)) for s in policy.statements] == [
        ("Allow", 1),
        ("Allow", 0),
        ("Deny", 1),
        ("Deny", 0),
    ]
    assert all(statement.possible for statement in policy.statements)


def test_branches_of_the_document() -> None:
    first = {"Version": "2012-10-17", "Statement": [GOOD]}
    policy, problems = decode(either(first, None), "identity")
    assert policy is not None
    assert problems == ()
    assert [statement.possible for statement in policy.statements] == ["under condition `var.prod`"]
    policy, problems = decode(either(first, unknown()), "identity")
    assert policy is not None
    assert policy.open is not None
    assert [problem.kind for problem in problems] == ["unresolved"]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ({**GOOD, "Effect": "allow"}, "`Effect` must be `Allow` or `Deny`, not `allow`"),
        ({"Action": "s3:*", "Resource": "*"}, "the statement has no `Effect`"),
        ({"Effect": "Allow", "Action": "s3:*"}, "the statement has no `Resource`"),
        ({"Effect": "Allow", "Resource": "*"}, "the statement has no `Action`"),
        ({**GOOD, "Action": 5}, "`Action` must hold strings, but here is a number"),
        ({**GOOD, "Action": [["s3:*"]]}, "`Action` must hold strings, but here is a list"),
        ({**GOOD, "Action": "s3"}, "`s3` is no action, it lacks the service prefix"),
        ({**GOOD, "NotAction": "s3:*"}, "`Action` and `NotAction` exclude each other"),
        (
            {**GOOD, "Conditon": {}},
            "`Conditon` is no element of a statement, did you mean `Condition`",
        ),
        ({**GOOD, "Principal": "*"}, "an identity policy must not have a `Principal`"),
        ({**GOOD, "Condition": "x"}, "`Condition` must be an object, not a string"),
        (
            {**GOOD, "Condition": {"Bool": "x"}},
            "`Bool` must be an object of condition keys, not a string",
        ),
        ({**GOOD, "Sid": "a b"}, "`Sid` may hold letters and digits only"),
        ([{**GOOD, "Sid": "a"}, {**GOOD, "Sid": "a"}], "`Sid` `a` is given twice"),
        ("x", "a statement must be an object, not a string"),
        ([], "`Statement` is empty"),
    ],
)
def test_what_aws_would_reject_is_a_problem(statement: Any, message: str) -> None:
    _, problems = read(statement)
    assert problems == [f"malformed: {message}"]


def test_what_is_dropped_marks_the_statement_as_open() -> None:
    policy, _ = read({**GOOD, "Resource": {"a": 1}})
    assert policy.statements[0].resources == ()
    assert "Resource" in policy.statements[0].open


def test_duplicate_keys_are_problems_at_the_second_key() -> None:
    policy, problems = read_json('{"Statement": [], "Statement": {}}', "p.json")
    assert policy is not None
    assert [(p.kind, p.place.text) for p in problems if p.kind == "duplicate-key"] == [
        ("duplicate-key", '"Statement"')
    ]


def test_places_point_into_the_pretty_printed_document() -> None:
    policy = from_json({"Version": "2012-10-17", "Statement": [GOOD]}, "p.json")
    action = policy.statements[0].actions[0]
    assert action.place.text == '"s3:GetObject"'
    assert (action.place.start.line, action.place.path) == (6, "p.json")


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "null", "7", '"x"', "[]", "{}"])
def test_text_that_is_no_policy_is_a_problem(text: str) -> None:
    policy, problems = read_json(text, "p.json")
    assert problems
    assert policy is None or policy.open is not None


def test_from_json_reads_no_holes_and_raises_on_what_is_no_policy() -> None:
    policy = from_json({"Statement": {**GOOD, "Resource": "‹a›/*"}}, "p.json")
    assert policy.statements[0].resources[0].text == Text.of("‹a›/*")
    with pytest.raises(ValueError, match="a policy must be an object"):
        from_json("[]", "p.json")


def test_json_comes_back_as_it_was() -> None:
    document = {
        "Version": "2012-10-17",
        "Id": "x",
        "Statement": [
            {
                "Sid": "A",
                "Effect": "Deny",
                "NotPrincipal": {"AWS": ["1", "2"], "Service": "x"},
                "NotAction": ["s3:*"],
                "NotResource": "*",
                "Condition": {"StringLike": {"a:b": ["x", "y"], "a:c": "z"}},
            },
            {"Effect": "Allow", "Principal": "*", "Action": "a:b", "Resource": ["*"]},
        ],
    }
    policy, problems = read_json(document, "p.json", "resource")
    assert problems == ()
    assert policy is not None
    assert to_json(policy) == document


def test_problems_never_hide() -> None:
    """A problem that is not about form alone leaves its mark on the model."""
    policy, problems = read({**GOOD, "Effect": unknown()})
    assert isinstance(problems, list)
    assert policy.statements[0].effect is None
    assert not policy.statements[0].complete
    assert isinstance(Problem("malformed", "x", place()), Problem)
