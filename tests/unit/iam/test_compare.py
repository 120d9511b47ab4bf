"""Containment: proofs, counterexamples, and what stays open, case by case."""

from __future__ import annotations

import time
from typing import Any

import pytest

from iamlint.iam import catalog, managed
from iamlint.iam.compare import Answer, shows_difference, within
from iamlint.iam.decode import decode, from_json
from iamlint.iam.filling import filled, holes_of
from iamlint.iam.policy import Policy
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Entry, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

ACCOUNT = "111122223333"


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def policy(
    *statements: dict[str, Any], version: str | None = "2012-10-17", kind: str = "identity"
) -> Policy:
    document: dict[str, Any] = {"Statement": list(statements)}
    if version is not None:
        document["Version"] = version
    return from_json(document, "policy.json", kind)


def compare(new: Any, old: Any, **more: Any) -> Answer:
    sides = [[side] if isinstance(side, Policy) else [policy(*side)] for side in (new, old)]
    answer = within(*sides, **more)
    if answer.contained is False and not more:
        assert answer.witness is not None
        assert shows_difference(answer.witness, *sides)
    return answer


def where(context_key: str, operator: str, *values: Any) -> dict[str, Any]:
    return {"Condition": {operator: {context_key: list(values)}}}


CONTAINED: list[tuple[Any, Any]] = [
    ([allow("logs:CreateLogGroup")], [allow("logs:*")]),
    ([allow("s3:GetObject", "arn:aws:s3:::b/x/*")], [allow("s3:Get*", "arn:aws:s3:::b/*")]),
    # No single statement grants it, both together do.
    ([allow("s3:GetObject", ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"])],
     [allow("s3:*", "arn:aws:s3:::a/*"), allow("s3:*", "arn:aws:s3:::b/*")]),
    ([allow("s3:*")], [allow("s3:*", **where("aws:SecureTransport", "Bool", "true")),
                       allow("s3:*", **where("aws:SecureTransport", "Bool", "false"))]),
    ([allow("a:b", **where("k:n", "NumericLessThan", 5))], [allow("a:b", **where("k:n", "NumericLessThanEquals", 5))]),
    ([allow("a:b", **where("aws:SourceIp", "IpAddress", "10.1.0.0/16"))],
     [allow("a:b", **where("aws:SourceIp", "IpAddress", "10.0.0.0/8"))]),
    ([allow("a:b", **where("aws:PrincipalTag/x", "StringEquals", "ab"))],
     [allow("a:b", **where("aws:principaltag/X", "StringLike", "a*"))]),
    ([allow("a:b", **where("k:s", "StringEquals", "AB"))], [allow("a:b", **where("k:s", "StringEqualsIgnoreCase", "ab"))]),
    ([allow("a:b", **where("aws:TagKeys", "ForAllValues:StringEquals", "x"))],
     [allow("a:b", **where("aws:TagKeys", "ForAllValues:StringLike", "x", "y*"))]),
    ([allow("s3:GetObject")], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
    ([{"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"}],
     [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
    ([allow("s3:*", "arn:aws:s3:::a")], [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::b*"}]),
    ([allow("s3:*", "arn:aws:s3:::b/${aws:username}/*")], [allow("s3:*", "arn:aws:s3:::b/*")]),
    ([allow("s3:*"), deny("s3:Delete*")], [allow("s3:*"), deny("s3:DeleteBucket")]),
    ([allow("s3:GetObject")], [allow("s3:*"), deny("s3:Put*")]),
]  # fmt: skip


@pytest.mark.parametrize(("new", "old"), CONTAINED, ids=range(len(CONTAINED)))
def test_contained(new: Any, old: Any) -> None:
    answer = compare(new, old)
    assert answer.contained is True, answer
    assert answer.witness is None


NOT_CONTAINED: list[tuple[Any, Any, str]] = [
    ([allow("logs:*")], [allow("logs:Create*")], "logs:AssociateKmsKey"),
    ([allow("s3:GetObject", "arn:aws:s3:::b/*")], [allow("s3:GetObject", "arn:aws:s3:::b/x*")], "s3:GetObject"),
    ([allow("s3:*")], [allow("s3:*"), deny("s3:DeleteBucket", "arn:aws:s3:::b")], "s3:DeleteBucket"),
    ([allow("s3:PutObject")], [allow("s3:PutObject", **where("aws:SecureTransport", "Bool", "true"))], "s3:PutObject"),
    ([allow("s3:PutObject", **where("aws:MultiFactorAuthPresent", "BoolIfExists", "true"))],
     [allow("s3:PutObject", **where("aws:MultiFactorAuthPresent", "Bool", "true"))], "s3:PutObject"),
    ([allow("s3:PutObject", **where("k:s", "StringEqualsIgnoreCase", "ab"))],
     [allow("s3:PutObject", **where("k:s", "StringEquals", "ab", "AB"))], "s3:PutObject"),
    ([allow("s3:PutObject", "arn:aws:s3:::b/*")], [allow("s3:PutObject", "arn:aws:s3:::b/${aws:username}/*")], "s3:PutObject"),
    ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], [allow("s3:*")], "a2c:GetContainerizationJobDetails"),
]  # fmt: skip


@pytest.mark.parametrize(("new", "old", "action"), NOT_CONTAINED, ids=range(len(NOT_CONTAINED)))
def test_not_contained_comes_with_a_request_of_a_known_action(
    new: Any, old: Any, action: str
) -> None:
    answer = compare(new, old)
    assert answer.contained is False, answer
    assert answer.witness is not None
    assert answer.witness.action == action
    assert answer.granted_by is not None


def test_a_lost_deny_is_named() -> None:
    answer = compare([allow("s3:*")], [allow("s3:*"), deny("s3:PutObject")])
    assert answer.lost_deny is not None
    assert answer.lost_deny.effect == "Deny"


def test_variables_of_the_old_version_are_text() -> None:
    old = policy(allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}"), version=None)
    new = policy(allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}"))
    assert compare(new, old).contained is False
    literal = policy(allow("s3:GetObject", "arn:aws:s3:::b/${$}{aws:username}"))
    assert compare(literal, old).contained is True
    assert compare(old, literal).contained is True


def test_a_variable_that_only_old_statements_hold_is_given_a_value() -> None:
    new = policy(allow("s3:GetObject", "arn:aws:s3:::b/x/*"))
    old = policy(allow("s3:GetObject", "arn:aws:s3:::b/${aws:PrincipalTag/team, 'x'}/*"))
    answer = compare(new, old)
    assert answer.contained is False
    assert answer.witness is not None
    assert answer.witness.context["aws:principaltag/team"] != "x"
    left_out = {
        "Effect": "Allow",
        "Action": "s3:*",
        "NotResource": "arn:aws:s3:::b/${aws:username}/*",
    }
    answer = compare(policy(left_out), policy({**left_out, "Action": "s3:Get*"}))
    assert answer.contained is False


def test_a_future_action_is_not_called_contained() -> None:
    listed = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
    answer = compare([allow("sts:AssumeRole*")], [allow(listed)])
    assert (answer.contained, answer.unlisted) == (False, True)
    assert answer.witness is not None
    assert answer.witness.action.startswith("sts:assumerole")


def test_readings_of_the_colon_are_told_apart() -> None:
    new, old = (
        [allow("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:/a*")],
        [allow("logs:PutLogEvents", "arn:aws:logs:*:*:/a*")],
    )
    answer = compare(new, old)
    assert answer.contained is None
    assert answer.reason is not None
    assert answer.reason.startswith("reading-colon: ")


def test_boundaries_are_layers() -> None:
    wide, narrow = policy(allow("*")), policy(allow("s3:*"), deny("s3:PutObject"))
    bounded = within([wide], [narrow], new_limits=[[narrow]])
    assert bounded.contained is True
    free = within([wide], [wide], old_limits=[[narrow]])
    assert free.contained is False
    both = within([policy(allow("s3:Get*"))], [wide], old_limits=[[narrow]])
    assert both.contained is True


def resource(principal: Any, action: str = "s3:GetObject", **more: Any) -> dict[str, Any]:
    return {**allow(action, "arn:aws:s3:::b/*", **more), "Principal": principal}


ROLE = f"arn:aws:iam::{ACCOUNT}:role/x"


@pytest.mark.parametrize(
    ("new", "old", "contained", "principal"),
    [
        ({"AWS": ACCOUNT}, "*", True, None),
        ("*", {"AWS": ACCOUNT}, False, "arn:aws:iam::999999999999:user/outsider"),
        ({"AWS": ACCOUNT}, {"AWS": ROLE}, False, f"arn:aws:iam::{ACCOUNT}:role/nameless"),
        ({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/x/s"}, {"AWS": ROLE}, True, None),
        ({"AWS": ROLE}, {"AWS": ACCOUNT}, None, None),
        ({"Service": "ec2.amazonaws.com"}, {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}, True, None),
        ({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}, {"Service": "ec2.amazonaws.com"}, False, "Service:lambda.amazonaws.com"),
    ],
)  # fmt: skip
def test_principals(new: Any, old: Any, contained: bool | None, principal: str | None) -> None:
    answer = compare(policy(resource(new), kind="resource"), policy(resource(old), kind="resource"))
    assert answer.contained is contained, answer
    assert (answer.witness.principal if answer.witness else None) == principal
    if contained is None:
        assert answer.reason is not None
        assert answer.reason.startswith("delegation: ")


def test_a_dropped_condition_of_a_trust_policy_is_found() -> None:
    def trust(**more: Any) -> Policy:
        statement = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        return policy({**statement, **more}, kind="trust")

    guarded = trust(**where("aws:MultiFactorAuthPresent", "Bool", "true"))
    assert compare(guarded, trust()).contained is True
    answer = compare(trust(), guarded)
    assert answer.contained is False
    assert answer.witness is not None
    assert answer.witness.context == {"aws:MultiFactorAuthPresent": "false"}


# Holes, possibilities and open lists, as readers make them

PLACE = Place(SourceText("main.tf", "x"), Span(0, 1))


def tree(value: Any) -> Node:
    if isinstance(value, Node):
        return value
    if isinstance(value, dict):
        pairs = (Entry(Scalar(place=PLACE, value=k), tree(v)) for k, v in value.items())
        return MapNode(place=PLACE, entries=tuple(pairs))
    if isinstance(value, list):
        return ListNode(place=PLACE, items=tuple(map(tree, value)))
    return Scalar(place=PLACE, value=value)


def read(*statements: Any) -> Policy:
    found, _ = decode(tree({"Version": "2012-10-17", "Statement": list(statements)}), "identity")
    assert found is not None
    return found


BUCKET = Hole("aws_s3_bucket.b.arn", "resource")
UNKNOWN = Unknown(place=PLACE, reason="variable `x` has no value", hole=Hole("var.x"))


def test_holes_stand_for_one_value() -> None:
    inside, whole = Text.of(BUCKET, "/logs/*"), Text.of(BUCKET, "/*")
    assert (
        compare(read(allow("s3:GetObject", inside)), read(allow("s3:*", whole))).contained is True
    )
    other = Text.of(Hole("aws_s3_bucket.c.arn", "resource"), "/*")
    answer = compare(read(allow("s3:GetObject", other)), read(allow("s3:*", whole)))
    assert answer.contained is None
    assert answer.reason is not None
    assert answer.reason.startswith("hole: ")


ACCOUNT_HOLE = Hole("data.aws_caller_identity.me.account_id", "account")
NAME = Hole("var.name", "name")
ANY = Hole("var.anything")
OTHER = Hole("aws_s3_bucket.c.arn", "resource")
EVERY_OBJECT = "arn:aws:s3:::*/*"

STEADY: list[tuple[Any, Any]] = [
    (EVERY_OBJECT, Text.of(BUCKET, "/*")),
    (Text.of(BUCKET, "/*"), Text.of(BUCKET, "/logs/*")),
    (Text.of("arn:aws:s3:::logs-", NAME, "/*"), Text.of("arn:aws:s3:::logs-", NAME, "/x/*")),
    ([Text.of(BUCKET, "/*"), EVERY_OBJECT], [Text.of(BUCKET, "/*"), Text.of(OTHER, "/*")]),
]  # fmt: skip


@pytest.mark.parametrize(("new", "old"), STEADY, ids=range(len(STEADY)))
def test_a_difference_for_all_values_of_a_hole_is_one(new: Any, old: Any) -> None:
    sides = read(allow("s3:GetObject", new)), read(allow("s3:GetObject", old))
    answer = within([sides[0]], [sides[1]])
    assert answer.contained is False, answer
    assert answer.witness is not None
    assert answer.witness.resource.startswith("arn:aws:s3:::")
    assert answer.given
    concrete = [filled(side, {h: answer.given[str(h)] for h in holes_of(side)}) for side in sides]
    assert shows_difference(answer.witness, concrete[:1], concrete[1:])


@pytest.mark.parametrize("action", ["s3:ListBucket", "s3:GetObject", "s3:*"])
def test_a_grant_on_an_unnamed_resource_is_one(action: str) -> None:
    sides = [read(allow(action, Text.of(BUCKET)))], [read(allow("sqs:*"))]
    answer = within(*sides)
    assert answer.contained is False, answer
    assert answer.witness is not None
    assert answer.witness.resource == answer.given[str(BUCKET)]


HANGING: list[tuple[Any, Any]] = [
    (EVERY_OBJECT, Text.of(ANY, "/*")),
    (Text.of(BUCKET, "/*"), Text.of(OTHER, "/*")),
    (Text.of(BUCKET, "/*"), "arn:aws:s3:::logs/*"),
    ("arn:aws:s3:::logs/*", Text.of(BUCKET, "/*")),
    (Text.of(ANY, "/*"), Text.of(ANY, "/x/*")),
    (Text.of(BUCKET, "/*"), "arn:aws:s3:::logs/x/*"),
]  # fmt: skip


@pytest.mark.parametrize(("new", "old"), HANGING, ids=range(len(HANGING)))
def test_what_hangs_on_a_hole_stays_open(new: Any, old: Any) -> None:
    answer = compare(read(allow("s3:GetObject", new)), read(allow("s3:GetObject", old)))
    assert answer.contained is None, answer
    assert answer.reason is not None
    assert answer.reason.startswith("hole: ")


def test_holes_in_conditions_take_part() -> None:
    mine = where("aws:SourceAccount", "StringEquals", Text.of(ACCOUNT_HOLE))
    free, bound = read(allow("s3:GetObject")), read(allow("s3:GetObject", **mine))
    answer = within([free], [bound])
    assert answer.contained is False, answer
    assert within([bound], [free]).contained is True
    fixed = read(allow("s3:GetObject", **where("aws:SourceAccount", "StringEquals", ACCOUNT)))
    assert within([bound], [fixed]).contained is None


def test_what_is_only_possible_never_proves() -> None:
    maybe = Scalar(place=PLACE, value="s3:*", possible="by default of variable `x`")
    answer = compare([allow("s3:*")], read(allow(maybe)))
    assert answer.contained is None
    assert answer.reason is not None
    assert answer.reason.startswith("possible: ")
    assert compare(read(allow(maybe)), [allow("s3:*")]).contained is True


def test_open_lists_are_taken_at_their_worst() -> None:
    some = read(allow(["s3:GetObject", UNKNOWN]))
    assert compare(some, [allow("s3:*")]).contained is None
    assert compare(some, [allow("*")]).contained is True
    assert compare([allow("s3:GetObject")], some).contained is True
    assert compare([allow("s3:PutObject")], some).contained is None
    more = read(allow("s3:*"), UNKNOWN)
    assert compare([allow("s3:*")], more).contained is None
    assert compare(more, [allow("*")]).contained is None


# AWS's own policies


def test_every_aws_managed_policy_is_within_itself_and_administrator_access() -> None:
    admin = managed.lookup("AdministratorAccess")
    assert admin is not None
    for name in managed.names():
        found = managed.lookup(name)
        assert found is not None
        assert within([found.policy], [found.policy]).contained is True
        assert within([found.policy], [admin.policy]).contained is True


def test_large_policies_are_compared_in_time() -> None:
    """Limits in seconds of CPU; what is measured is a small part of them."""

    def seconds(new: Policy, old: Policy) -> float:
        start = time.process_time()
        within([new], [old])
        return time.process_time() - start

    read, view, power = (
        found.policy
        for name in ("ReadOnlyAccess", "ViewOnlyAccess", "PowerUserAccess")
        if (found := managed.lookup(name)) is not None
    )
    assert seconds(read, view) < 1.5
    assert seconds(view, read) < 1.5
    actions = [name for name in catalog.expand("*") if not name.startswith(("iam:", "org", "acc"))]
    hundred = [
        allow(actions[number * 97 : number * 97 + 10], f"arn:aws:s3:::b{number}/*")
        for number in range(10)
    ]
    generated = policy(*hundred)
    assert min(seconds(generated, power) for _ in range(3)) < 0.05


def test_the_larger_of_two_policies_gives_a_known_action() -> None:
    read_only, power = managed.lookup("ReadOnlyAccess"), managed.lookup("PowerUserAccess")
    assert read_only is not None
    assert power is not None
    answer = within([power.policy], [read_only.policy])
    assert answer.contained is False
    admin = managed.lookup("AdministratorAccess")
    assert admin is not None
    answer = within([admin.policy], [power.policy])
    assert answer.contained is False
    assert answer.witness is not None
    assert answer.witness.action.startswith(("account:", "iam:", "organizations:"))


# The two strengths


STS = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]


def test_among_what_the_catalogue_knows_a_list_may_contain_a_wildcard() -> None:
    sides = [policy(allow("sts:AssumeRole*"))], [policy(allow(STS))]
    answer = within(*sides, world="catalogue")
    assert (answer.contained, answer.world) == (True, "catalogue")
    strict = within(*sides)
    assert (strict.contained, strict.unlisted) == (False, True)


def test_a_proof_in_the_open_world_stays_one_when_less_is_asked() -> None:
    answer = within([policy(allow(STS))], [policy(allow("sts:*"))], world="catalogue")
    assert (answer.contained, answer.world) == (True, "open")


def test_a_known_action_refutes_both_strengths() -> None:
    sides = [policy(allow("sts:*"))], [policy(allow(STS))]
    for answer in (within(*sides), within(*sides, world="catalogue")):
        assert (answer.contained, answer.unlisted) == (False, False)


def test_resources_of_no_known_form_do_not_count_in_the_catalogue() -> None:
    """No bucket's name has a slash, and ListBucket is about buckets alone."""
    new = policy(allow("s3:ListBucket", ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]))
    old = policy(allow("s3:ListBucket", "arn:aws:s3:::b"))
    answer = within([new], [old])
    assert (answer.contained, answer.unlisted) == (False, True)
    answer = within([new], [old], world="catalogue")
    assert (answer.contained, answer.world) == (True, "catalogue")


def test_an_unlisted_request_looks_like_one() -> None:
    """The catalogue lists no resource that fsx:DescribeVolumes is about."""
    new = [allow("fsx:DescribeVolumes", "arn:aws:fsx:*:*:volume/*/*")]
    answer = compare(new, [allow("fsx:CreateVolume", "*")])
    assert (answer.contained, answer.unlisted) == (False, True)
    assert answer.witness is not None
    assert answer.witness.action == "fsx:DescribeVolumes"
    assert answer.witness.resource.startswith("arn:aws:fsx:us-east-1:111122223333:volume/")


def test_a_listed_request_is_preferred_among_principals() -> None:
    def grant(principal: str, action: str) -> dict[str, Any]:
        return resource({"AWS": principal}, action, Resource="*")

    new = [grant("*", "sts:AssumeRole*"), grant(ACCOUNT, "sqs:SendMessage")]
    old = [grant("*", each) for each in STS]
    answer = within([policy(*new, kind="resource")], [policy(*old, kind="resource")])
    assert (answer.contained, answer.unlisted) == (False, False)
    assert answer.witness is not None
    assert answer.witness.action == "sqs:SendMessage"


def test_principals_keep_the_strength_apart() -> None:
    new = policy(resource({"AWS": ACCOUNT}, "sts:AssumeRole*"), kind="resource")
    old = policy(*(resource({"AWS": ACCOUNT}, each) for each in STS), kind="resource")
    answer = within([new], [old], world="catalogue")
    assert (answer.contained, answer.world) == (True, "catalogue")


@pytest.mark.parametrize("resource", ["execute-api:/*", "function:name:*"])
def test_a_resource_that_is_no_arn_is_not_taken_for_nothing(resource: str) -> None:
    def policy(effect: str, *resources: str) -> Policy:
        statements = [
            {"Effect": effect, "Action": "execute-api:Invoke", "Resource": item}
            for item in resources
        ]
        return from_json({"Version": "2012-10-17", "Statement": statements}, "p.json")

    own, everything, nothing = policy("Allow", resource), policy("Allow", "*"), policy("Allow")
    assert within([own], [own]).contained is True, "the same text grants the same"
    assert within([own], [nothing]).contained is None
    assert (within([own], [nothing]).reason or "").startswith("open:")
    assert within([everything], [everything, policy("Deny", resource)]).contained is not True
    assert within([policy("Allow", "arn:aws:s3:::b")], [everything]).contained is True
