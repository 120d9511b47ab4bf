"""From a policy to its replacement: statements, safety, quotas, other policies, proof."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iamlint.iam import catalog
from iamlint.iam.decode import from_json
from iamlint.minimize import Options
from iamlint.minimize.compact import compact
from iamlint.minimize.prove import prove
from iamlint.usage.profile import PrincipalUsage

from .conftest import PLACE, WITH_S3_DATA, allow, attachment, grants, inline, replaced, use

A = "111122223333"
ROLE = f"arn:aws:iam::{A}:role/orders"


def statements(found: Any) -> list[dict[str, Any]]:
    assert found.policy is not None
    return list(found.policy["Statement"])


def test_each_statement_is_cut_for_itself() -> None:
    condition = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
    site = inline(
        allow(["sqs:SendMessage", "sqs:CreateQueue"], Sid="Queues", Condition=condition),
        allow(["sns:ListTopics", "ec2:DescribeInstances"], Sid="Lists"),
    )
    found = replaced(site, {"ec2:DescribeInstances": use(1, "*")})
    assert statements(found) == [
        allow("sqs:SendMessage", Sid="Queues", Condition=condition),
        allow("ec2:DescribeInstances", Sid="Lists"),
    ]
    assert found.origins == (0, 1)


def test_one_statement_may_become_several() -> None:
    site = inline(allow(["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:TagQueue"], Sid="Queues"))
    found = replaced(
        site,
        {
            "sqs:CreateQueue": use(1, f"arn:aws:sqs:eu-west-1:{A}:a"),
            "sqs:DeleteQueue": use(1, f"arn:aws:sqs:eu-west-1:{A}:b"),
        },
    )
    assert [(each["Sid"], each["Resource"]) for each in statements(found)] == [
        ("Queues", f"arn:aws:sqs:eu-west-1:{A}:a"),
        ("Queues2", f"arn:aws:sqs:eu-west-1:{A}:b"),
    ]


def test_an_action_used_elsewhere_only_falls_away() -> None:
    site = inline(allow("sqs:DeleteQueue", f"arn:aws:sqs:eu-west-1:{A}:own"), allow("ec2:Run*"))
    found = replaced(site, {"sqs:DeleteQueue": use(1, f"arn:aws:sqs:eu-west-1:{A}:other")})
    assert found.policy is None
    assert "sqs:DeleteQueue" in found.dropped


def test_not_action_becomes_a_list_of_actions() -> None:
    site = inline({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
    found = replaced(site, {"ec2:DescribeInstances": use(1, "*"), "iam:ListRoles": use(1, "*")})
    assert grants(found) == {"ec2:DescribeInstances": ["*"]}
    assert "cloudwatch" in found.why_not_safe


def test_not_resource_stays() -> None:
    site = inline({"Effect": "Allow", "Action": "sqs:*", "NotResource": "arn:aws:sqs:*:*:secret"})
    found = replaced(site, {"sqs:DeleteQueue": use(1, f"arn:aws:sqs:eu-west-1:{A}:a")})
    assert {each["NotResource"] for each in statements(found)} == {"arn:aws:sqs:*:*:secret"}
    assert found.proof.contained is True


def test_unknown_actions_stay_as_they_are_written() -> None:
    site = inline(allow(["newservice:DoIt", "ec2:RunInstances"]))
    found = replaced(site, {"newservice:DoIt": use()})
    assert [each["Action"] for each in statements(found)] == ["newservice:DoIt"]
    assert any("not in the catalogue" in each.reason for each in found.kept)


def test_patterns_stay_where_all_that_they_take_in_is_kept() -> None:
    site = inline(
        allow(["dynamodb:Batch*Item", "dynamodb:DeleteTable"], "arn:aws:dynamodb:*:*:table/t")
    )
    found = replaced(site, {"sqs:ListQueues": use()})
    assert [each["Action"] for each in statements(found)] == ["dynamodb:Batch*Item"]


def test_passing_a_role_is_narrowed_to_the_roles_seen() -> None:
    usage = {
        "lambda:CreateFunction": use(1, f"arn:aws:lambda:eu-west-1:{A}:function:f"),
        "iam:PassRole": use(1, ROLE),
    }
    found = replaced(inline(allow(["iam:*", "lambda:CreateFunction"])), usage)
    (passing,) = [each for each in statements(found) if each["Action"] == "iam:PassRole"]
    assert passing["Resource"] == ROLE
    assert found.proof.holds
    # A condition might deny a call that nobody knows to pass roles, so it is only advised.
    assert "Condition" not in passing
    assert any("`lambda.amazonaws.com`" in note for note in found.proof.notes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"since": "2026-10-20"}, "covers 13 days"),
        ({"files_failed": 2}, "2 files of the evidence could not be read"),
        ({"options": Options(inferred="by the prefix of its name")}, "by the prefix of its name"),
        ({"options": Options(unobservable="drop")}, "not all kept"),
    ],
)
def test_weak_evidence_is_never_safe(changes: dict[str, Any], words: str) -> None:
    site = inline(allow(["ec2:DescribeInstances", "ec2:RunInstances"]))
    found = replaced(site, {"ec2:DescribeInstances": use(1, "*")}, **changes)
    assert words in found.why_not_safe


def test_data_events_of_others_say_little() -> None:
    site = inline(allow(["s3:GetObject", "ec2:DescribeInstances", "ec2:RunInstances"]))
    usage = {"ec2:DescribeInstances": use(1, "*")}
    found = replaced(site, usage, categories=WITH_S3_DATA)
    assert "no data event of s3 by this principal" in found.why_not_safe
    vouched = Options(vouched=frozenset({"s3"}))
    assert replaced(site, usage, categories=WITH_S3_DATA, options=vouched).why_not_safe == ""


def test_managed_policies_may_have_other_users() -> None:
    site = inline(
        allow(["ec2:DescribeInstances", "ec2:RunInstances"]), resource_type="aws_iam_policy"
    )
    found = replaced(site, {"ec2:DescribeInstances": use(1, "*")})
    assert "outside this project" in found.why_not_safe
    assert found.proof.quota == 6144


def test_what_a_narrower_policy_grants_is_not_granted_twice() -> None:
    own = inline(allow("ec2:DescribeInstances"), key="m#own", address="aws_iam_role_policy.own")
    wide = inline(allow(["ec2:Describe*", "sqs:ListQueues"]))
    usage = {"ec2:DescribeInstances": use(5, "*"), "sqs:ListQueues": use(1, "*")}
    found = replaced(wide, usage, own)
    assert grants(found) == {"sqs:ListQueues": ["*"]}
    assert any("`aws_iam_role_policy.own`" in note for note in found.proof.notes)
    assert found.proof.holds
    # The narrower one does not lean back, nor does anyone on what is only possible.
    unsure = inline(allow("ec2:DescribeInstances"), key="m#own", possible="if `x` holds")
    assert "ec2:DescribeInstances" in grants(replaced(wide, usage, unsure))
    limited = inline(
        allow("ec2:DescribeInstances", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        key="m#own",
    )
    assert "ec2:DescribeInstances" in grants(replaced(wide, usage, limited))


@pytest.mark.parametrize(("kind", "quota"), [("role", 10240), ("user", 2048), ("group", 5120)])
def test_quotas_are_those_of_inline_policies(kind: Any, quota: int) -> None:
    found = replaced(
        attachment("arn:aws:iam::aws:policy/AmazonSQSFullAccess"),
        {"sqs:ListQueues": use()},
        kind=kind,
    )
    assert found.proof.quota == quota


def test_other_inline_policies_take_their_share() -> None:
    other = inline(allow("ec2:RunInstances"), key="m#other")
    size = len(
        json.dumps(
            {"Version": "2012-10-17", "Statement": [allow("ec2:RunInstances")]},
            separators=(",", ":"),
        )
    )
    site = attachment("arn:aws:iam::aws:policy/AmazonSQSFullAccess")
    assert replaced(site, {"sqs:ListQueues": use()}, other).proof.quota == 10240 - size


def test_wildcards_save_room_only_where_they_add_nothing() -> None:
    kept = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"]
    assert compact(kept, ["sqs:*"]) == ["sqs:Get*", "sqs:SendMessage"]
    assert compact(kept, kept) == kept
    assert compact(["sqs:GetQueueUrl", "sqs:SendMessage"], ["sqs:*"]) == [
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
    ]


def test_the_proof_finds_what_is_wrong() -> None:
    def policy(*each: dict[str, Any]) -> Any:
        return from_json({"Version": "2012-10-17", "Statement": list(each)}, "p", "identity")

    usage = PrincipalUsage(actions={"s3:GetObject": use(2, "arn:aws:s3:::b/x")})
    old = policy(allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::b/*"))

    def proof(*each: dict[str, Any], quota: int = 1000) -> Any:
        document = {"Version": "2012-10-17", "Statement": list(each)}
        return prove(old, policy(*each), document, usage, quota=quota)

    good = proof(allow("s3:GetObject", "arn:aws:s3:::b/*"))
    assert (good.contained, good.sufficient, good.well_formed) == (True, True, True)
    wider = proof(allow(["s3:GetObject", "s3:DeleteObject"], "arn:aws:s3:::b/*"))
    assert wider.contained is not True
    less = proof(allow("s3:PutObject", "arn:aws:s3:::b/*"))
    assert less.sufficient is False
    assert any("`s3:GetObject` on `arn:aws:s3:::b/x`" in note for note in less.notes)
    limited = proof(
        allow(
            "s3:GetObject",
            "arn:aws:s3:::b/*",
            Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        )
    )
    assert limited.sufficient is not True
    large = proof(allow("s3:GetObject", "arn:aws:s3:::b/*"), quota=20)
    assert not large.well_formed
    assert PLACE.path == "main.tf"


def test_conditions_that_stay_are_no_doubt() -> None:
    condition = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
    site = inline(allow("sqs:*", Condition=condition))
    found = replaced(site, {"sqs:CreateQueue": use(1, f"arn:aws:sqs:eu-west-1:{A}:a")})
    assert found.proof.sufficient is True
    assert all(each["Condition"] == condition for each in statements(found))


def test_a_second_run_has_nothing_more_to_say() -> None:
    usage = {"sqs:CreateQueue": use(1, f"arn:aws:sqs:eu-west-1:{A}:a")}
    found = replaced(inline(allow("sqs:*")), usage)
    again = inline(*statements(found))
    from iamlint.minimize import Refused

    from .conftest import propose

    assert isinstance(propose(again, usage), Refused)


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2026-10-03", "30 days of evidence rule out weekly use of what falls away, not monthly use"),
        ("2026-07-01", "124 days of evidence rule out monthly use of what falls away, not yearly use"),
        ("2026-10-28", "5 days of evidence rule out daily use of what falls away, not weekly use"),
    ],
)  # fmt: skip
def test_the_window_tells_what_it_can_rule_out(since: str, words: str) -> None:
    site = inline(allow(["ec2:DescribeInstances", "ec2:RunInstances"]))
    found = replaced(site, {"ec2:DescribeInstances": use(1, "*")}, since=since)
    assert words in found.proof.notes


def test_wildcards_on_request_add_nothing_and_stay_within_the_original() -> None:
    usage = {
        name: use(1, f"arn:aws:sqs:eu-west-1:{A}:a")
        for name in ("sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes")
    }
    queue = f"arn:aws:sqs:eu-west-1:{A}:a"
    site = inline(allow("sqs:*", queue))
    found = replaced(site, usage, options=Options(group="wildcard"))
    listed = replaced(site, usage)
    written = set(grants(found))
    assert any(name.endswith("*") for name in written)
    assert not any(name.endswith("*") for name in grants(listed))
    whole = {name for each in written for name in catalog.expand(each)}
    assert whole == {name for each in grants(listed) for name in catalog.expand(each)}
    assert found.proof.holds
    assert any("wildcards as asked for" in note for note in found.proof.notes)
    # What the author listed stays a list.
    named = inline(allow([*sorted(grants(listed)), "sqs:PurgeQueue"], queue))
    assert not any("*" in name for name in grants(replaced(named, usage, options=Options(group="wildcard"))))  # fmt: skip
