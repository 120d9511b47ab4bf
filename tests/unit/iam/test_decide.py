"""One request against the layers, as AWS's pages on evaluation tell it."""

from __future__ import annotations

from typing import Any

import pytest

from iamlint.iam import catalog, rcp
from iamlint.iam.decide import PolicySet, Request, decide
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Policy

ACCOUNT, ELSEWHERE = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/bob"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
OBJECT = "arn:aws:s3:::b/k"


def policy(
    *statements: dict[str, Any], kind: str = "identity", version: str = "2012-10-17"
) -> Policy:
    return from_json({"Version": version, "Statement": list(statements)}, "policy.json", kind)


def allow(action: str = "s3:*", resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str = "s3:*", resource: str = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def bucket(principal: Any, effect: str = "Allow", **more: Any) -> Policy:
    statement = {**allow(**more), "Effect": effect, "Principal": principal}
    return policy(statement, kind="resource")


def effect(
    principal: str = USER, *, action: str = "s3:GetObject", at: str = OBJECT,
    context: dict[str, Any] | None = None, complete: bool = True, owner: str | None = ACCOUNT,
    **layers: Any,
) -> str:  # fmt: skip
    request = Request(
        principal,
        action,
        at,
        context or {},
        complete_context=complete,
        resource_account=owner,
    )
    return decide(request, PolicySet(**layers)).effect


def test_nothing_allows_by_default() -> None:
    assert effect() == "implicit-deny"
    assert effect(identity=[policy(allow("s3:Put*"))]) == "implicit-deny"


def test_a_deny_anywhere_wins() -> None:
    allowing = [policy(allow())]
    assert effect(identity=[*allowing, policy(deny())]) == "explicit-deny"
    assert effect(identity=allowing, resource=[bucket("*", "Deny")]) == "explicit-deny"
    assert effect(identity=allowing, boundary=[policy(allow(), deny())]) == "explicit-deny"
    assert (
        effect(identity=allowing, scp=[[policy(allow("*"))], [policy(deny())]]) == "explicit-deny"
    )


def test_same_account_either_side_allows() -> None:
    assert effect(identity=[policy(allow())]) == "allow"
    assert effect(resource=[bucket({"AWS": USER})]) == "allow"
    assert effect(resource=[bucket("*")]) == "allow"
    # The account as principal delegates to its identity policies.
    assert effect(resource=[bucket({"AWS": ACCOUNT})]) == "implicit-deny"


def test_across_accounts_both_sides_must_allow() -> None:
    identity, resource = [policy(allow())], [bucket({"AWS": ACCOUNT})]
    assert effect(owner=ELSEWHERE, identity=identity) == "implicit-deny"
    assert effect(owner=ELSEWHERE, resource=resource) == "implicit-deny"
    assert effect(owner=ELSEWHERE, identity=identity, resource=resource) == "allow"


def test_an_unknown_account_matters_only_where_it_decides() -> None:
    identity = [policy(allow())]
    assert effect(owner=None, identity=identity) == "allow"
    assert effect(owner=None, identity=identity, resource=[bucket("*")]) == "allow"
    assert effect(owner=None, resource=[bucket({"AWS": USER})]) == "unknown"


@pytest.mark.parametrize("layer", ["boundary", "session", "endpoint"])
def test_limits_must_allow(layer: str) -> None:
    limit = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Principal": "*"}
    limits = [policy(limit, kind="resource")]
    assert effect(identity=[policy(allow())], **{layer: limits}) == "implicit-deny"
    limits = [policy({**limit, "Action": "s3:*"}, kind="resource")]
    assert effect(identity=[policy(allow())], **{layer: limits}) == "allow"


def test_all_levels_of_scps_must_allow() -> None:
    everything, other = [policy(allow("*"))], [policy(allow("ec2:*"))]
    identity = [policy(allow())]
    assert effect(identity=identity, scp=[everything, everything]) == "allow"
    assert effect(identity=identity, scp=[everything, other]) == "implicit-deny"
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    assert effect(linked, identity=identity, scp=[other]) == "allow"


def test_rcps_deny_and_need_no_allow() -> None:
    identity = [policy(allow("*"))]
    nothing = policy({**deny("s3:*"), "Principal": "*"}, kind="rcp")
    assert effect(identity=identity, rcp=[[nothing]]) == "explicit-deny"
    harmless = policy({**deny("kms:*"), "Principal": "*"}, kind="rcp")
    assert effect(identity=identity, rcp=[[harmless]]) == "allow"
    other = policy({**deny("*"), "Principal": "*"}, kind="rcp")
    assert effect(action="dynamodb:GetItem", identity=identity, rcp=[[other]]) == "explicit-deny"
    # AWS does not list EC2, but may by now; retiring a grant is exempt.
    assert effect(action="ec2:RunInstances", identity=identity, rcp=[[other]]) == "unknown"
    assert effect(action="kms:RetireGrant", identity=identity, rcp=[[other]]) == "allow"


def test_the_services_that_rcps_limit_are_dated_data() -> None:
    assert rcp.listed().read >= "2026-09-26"
    assert {"s3", "sts", "kms", "sqs", "secretsmanager", "dynamodb"} <= rcp.listed().services
    assert all(catalog.service(prefix) is not None for prefix in rcp.listed().services)
    assert rcp.limits("S3:GetObject") is True
    assert rcp.limits("ec2:RunInstances") is None
    assert rcp.limits("kms:retiregrant") is False


def test_naming_a_session_passes_its_boundary_and_naming_its_role_does_not() -> None:
    boundary = [policy(allow("ec2:*"))]
    assert effect(SESSION, resource=[bucket({"AWS": SESSION})], boundary=boundary) == "allow"
    assert effect(SESSION, resource=[bucket({"AWS": ROLE})], boundary=boundary) == "implicit-deny"
    assert effect(USER, resource=[bucket({"AWS": USER})], boundary=boundary) == "allow"
    assert effect(USER, resource=[bucket("*")], boundary=boundary) == "unknown"


def test_a_trust_policy_must_allow_itself() -> None:
    identity = [policy(allow("*"))]

    def trust(principal: Any) -> list[Policy]:
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        return [policy(statement, kind="trust")]

    def assume(who: str, principal: Any, **layers: Any) -> str:
        return effect(who, action="sts:AssumeRole", at=ROLE, trust=trust(principal), **layers)

    assert assume(USER, {"AWS": USER}) == "allow"
    assert assume(USER, {"AWS": ELSEWHERE}, identity=identity) == "implicit-deny"
    assert assume(USER, {"AWS": ACCOUNT}) == "implicit-deny"
    assert assume(USER, {"AWS": ACCOUNT}, identity=identity) == "allow"
    assert assume("ec2.amazonaws.com", {"Service": "ec2.amazonaws.com"}) == "allow"
    assert assume("lambda.amazonaws.com", {"Service": "ec2.amazonaws.com"}) == "implicit-deny"


def test_a_key_policy_must_allow_itself() -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
    asked: dict[str, Any] = {"action": "kms:Decrypt", "at": key}
    identity = [policy(allow("kms:*"))]
    assert (
        effect(**asked, identity=identity, resource=[bucket({"AWS": ELSEWHERE}, action="kms:*")])
        == "implicit-deny"
    )
    assert (
        effect(**asked, identity=identity, resource=[bucket({"AWS": ACCOUNT}, action="kms:*")])
        == "allow"
    )
    assert effect(**asked, resource=[bucket({"AWS": ACCOUNT}, action="kms:*")]) == "implicit-deny"


def test_not_principal() -> None:
    identity = [policy(allow())]

    def denying(*listed: str) -> list[Policy]:
        return [policy({**deny(), "NotPrincipal": {"AWS": list(listed)}}, kind="resource")]

    assert effect(identity=identity, resource=denying(ELSEWHERE)) == "explicit-deny"
    assert effect(identity=identity, resource=denying(USER, ACCOUNT)) == "allow"
    assert effect(identity=identity, resource=denying(USER)) == "unknown"
    boundary = [policy(allow("*"))]
    assert (
        effect(identity=identity, resource=denying(USER, ACCOUNT), boundary=boundary)
        == "explicit-deny"
    )


def test_anonymous_requests_have_only_the_resource_policy() -> None:
    assert effect("*", resource=[bucket("*")]) == "allow"
    assert effect("*", resource=[bucket({"AWS": ACCOUNT})]) == "implicit-deny"


def test_root_needs_no_identity_policy_but_obeys_scps() -> None:
    assert effect(f"arn:aws:iam::{ACCOUNT}:root") == "allow"
    scp = [[policy(allow("ec2:*"))]]
    assert effect(f"arn:aws:iam::{ACCOUNT}:root", scp=scp) == "implicit-deny"


MFA = "aws:MultiFactorAuthPresent"
ABSENT, FALSE, TRUE_ = {MFA: None}, {MFA: "false"}, {MFA: "true"}


@pytest.mark.parametrize(
    ("statement", "absent", "false", "true"),
    [
        (allow(Condition={"Bool": {MFA: "true"}}), "implicit-deny", "implicit-deny", "allow"),
        (allow(Condition={"BoolIfExists": {MFA: "true"}}), "allow", "implicit-deny", "allow"),
        (allow(Condition={"Null": {MFA: "false"}}), "implicit-deny", "allow", "allow"),
        (deny(Condition={"Bool": {MFA: "false"}}), "allow", "explicit-deny", "allow"),
        (
            deny(Condition={"BoolIfExists": {MFA: "false"}}),
            "explicit-deny",
            "explicit-deny",
            "allow",
        ),
        (deny(Condition={"Null": {MFA: "true"}}), "explicit-deny", "allow", "allow"),
    ],
)
def test_the_mfa_table(statement: dict[str, Any], absent: str, false: str, true: str) -> None:
    base = [] if statement["Effect"] == "Allow" else [policy(allow())]
    found = [
        effect(identity=[*base, policy(statement)], context=context)
        for context in (ABSENT, FALSE, TRUE_)
    ]
    assert found == [absent, false, true]


def test_missing_context_is_named() -> None:
    request = Request(USER, "s3:GetObject", OBJECT)
    limited = policy(
        allow(Condition={"Bool": {MFA: "true"}, "StringEquals": {"aws:PrincipalTag/a": "b"}})
    )
    decision = decide(request, PolicySet(identity=[limited]))
    assert decision.effect == "unknown"
    assert decision.missing_context == (MFA, "aws:PrincipalTag/a")
    assert [(m.layer, m.certain) for m in decision.matched] == [("identity", False)]


def test_context_that_cannot_matter_is_not_asked_for() -> None:
    request = Request(USER, "s3:GetObject", OBJECT)
    policies = [policy(allow(), allow(Condition={"Bool": {MFA: "true"}}))]
    assert decide(request, PolicySet(identity=policies)).effect == "allow"


def test_the_username_of_a_user_is_known_and_variables_of_2008_are_text() -> None:
    own = allow(resource="arn:aws:s3:::b/${aws:username}/*")
    asked = {"at": "arn:aws:s3:::b/bob/k"}
    assert effect(**asked, identity=[policy(own)]) == "allow"
    assert effect(**asked, identity=[policy(own, version="2008-10-17")]) == "implicit-deny"
    assert effect(ROLE, **asked, identity=[policy(own)]) == "implicit-deny"


def test_a_value_is_no_pattern() -> None:
    own = allow(resource="arn:aws:s3:::b/${aws:PrincipalTag/t}/*")
    context = {"aws:PrincipalTag/t": "*"}
    assert (
        effect(identity=[policy(own)], context=context, at="arn:aws:s3:::b/x/k") == "implicit-deny"
    )
    assert effect(identity=[policy(own)], context=context, at="arn:aws:s3:::b/*/k") == "allow"


def test_set_operators_on_absent_keys() -> None:
    every = allow(Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}})
    some = allow(Condition={"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": ["a"]}})
    assert effect(identity=[policy(every)]) == "allow"
    assert effect(identity=[policy(some)]) == "implicit-deny"
    assert effect(identity=[policy(every)], context={"aws:TagKeys": ["a", "b"]}) == "implicit-deny"
    assert effect(identity=[policy(some)], context={"aws:TagKeys": ["a", "b"]}) == "allow"


def test_arns_are_compared_segment_by_segment() -> None:
    like = allow(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}})
    good = {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:topic"}
    bad = {"aws:SourceArn": "arn:aws:sns:eu-west-1:1:111122223333:topic"}
    assert effect(identity=[policy(like)], context=good) == "allow"
    assert effect(identity=[policy(like)], context=bad) == "implicit-deny"


def test_the_reading_of_wildcards_in_a_resource() -> None:
    request = Request(USER, "logs:X", "arn:aws:logs:r:1:log-group:/a", complete_context=True)
    policies = PolicySet(identity=[policy(allow("*", "arn:aws:logs:*:*:/a"))])
    assert decide(request, policies).effect == "allow"
    assert decide(request, policies, reading="segment").effect == "implicit-deny"
