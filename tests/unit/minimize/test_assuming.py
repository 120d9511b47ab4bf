"""Actions that S3 alone makes use of fall away where the role does not let S3 in."""

from __future__ import annotations

from typing import Any

import pytest

from iamlint.iam.decode import from_json

from .conftest import allow, grants, inline, replaced, use

REPLICATION = "s3:ReplicateObject"


def trust(*principals: dict[str, Any]) -> Any:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": each, "Action": "sts:AssumeRole"}
            for each in principals
        ],
    }
    return inline(key="m#trust", kind="trust", policy=from_json(document, "m#trust", "trust"))


@pytest.mark.parametrize(
    ("trusts", "kept"),
    [
        ((), True),  # who may work under the role is not known
        ((trust({"Service": "lambda.amazonaws.com"}),), False),
        ((trust({"AWS": "arn:aws:iam::111122223333:root"}),), False),
        ((trust({"Service": ["lambda.amazonaws.com", "s3.amazonaws.com"]}),), True),
        ((trust("*"),), True),  # type: ignore[arg-type]
    ],
)
def test_replication_is_for_s3_itself(trusts: tuple[Any, ...], kept: bool) -> None:
    site = inline(allow(["s3:GetObject", REPLICATION, "ec2:DescribeInstances", "ec2:RunInstances"]))
    found = replaced(site, {"ec2:DescribeInstances": use(1, "*")}, *trusts)
    assert (REPLICATION in grants(found)) is kept
    assert "s3:GetObject" in grants(found)


def test_a_call_that_another_policy_grants_may_need_an_action_of_this_one() -> None:
    site = inline(
        allow(["s3:BypassGovernanceRetention", "ec2:DescribeInstances", "ec2:RunInstances"])
    )
    usage = {"ec2:DescribeInstances": use(1, "*")}
    assert "s3:BypassGovernanceRetention" not in grants(replaced(site, usage))
    other = inline(allow("s3:DeleteObject"), key="m#other")
    kept = replaced(site, usage, other)
    assert "s3:BypassGovernanceRetention" in grants(kept)
    assert any("s3:DeleteObject may need it" in each.reason for each in kept.kept)
    unknown = inline(key="m#other", policy=None)
    assert "s3:BypassGovernanceRetention" in grants(replaced(site, usage, unknown))
