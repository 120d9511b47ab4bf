"""The replacements that the stories ask for, policy by policy."""

from __future__ import annotations

import pytest

from iamlint.finding import KeptAction, Replacement
from iamlint.minimize import Refused, unobserved
from iamlint.usage.profile import DeniedUse, PrincipalUsage

from .conftest import WITH_S3_DATA, allow, attachment, grants, inline, propose, replaced, use

GROUP = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/ssm/AWS-RunPatchBaseline"
LOGS = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"

PATCH = {
    "logs:CreateLogGroup": use(2, GROUP),
    "logs:CreateLogStream": use(10, f"{GROUP}:*"),
    "logs:DescribeLogGroups": use(5, "*"),
    "logs:DescribeLogStreams": use(10, GROUP, f"{GROUP}:*"),
    "ssm:UpdateInstanceInformation": use(10),
}


def test_a_patch_manager_role_keeps_its_log_group() -> None:
    usage = PrincipalUsage(
        actions=PATCH, denied={"logs:DeleteLogGroup": DeniedUse(n=1, last="2026-10-02")}
    )
    found = replaced(attachment(LOGS), usage)
    assert found.policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "LogsLogGroup",
                "Effect": "Allow",
                "Action": [
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                "Resource": f"{GROUP}:*",
            },
            {
                "Sid": "LogsEveryLogGroup",
                "Effect": "Allow",
                "Action": "logs:DescribeLogGroups",
                "Resource": "arn:aws:logs:eu-west-1:111122223333:log-group:*",
            },
        ],
    }
    assert found.why_not_safe == ""
    assert found.proof.holds
    assert found.proof.quota == 10240
    assert KeptAction("logs:CreateLogStream", "observed 10 times, last on 2026-11-01") in found.kept
    reason = "CloudTrail does not record it; narrowed to where logs:CreateLogStream was seen"
    assert KeptAction("logs:PutLogEvents", reason) in found.kept
    assert unobserved(found) == ("logs:PutLogEvents",)
    assert {"logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:Unmask"} <= set(found.dropped)
    assert found.origins == (0, 0)


def test_put_log_events_stays_as_it_is_where_no_stream_was_made() -> None:
    found = replaced(attachment(LOGS), {"logs:DescribeLogStreams": use(4, f"{GROUP}:*")})
    assert grants(found)["logs:PutLogEvents"] == ["*"]


def test_a_bucket_wildcard_shrinks_to_the_objects_seen() -> None:
    usage = {
        "s3:GetObject": use(20, "arn:aws:s3:::acme-media/originals/1.jpg"),
        "s3:PutObject": use(10, "arn:aws:s3:::acme-media/thumbs/1.jpg"),
    }
    found = replaced(inline(allow("s3:*")), usage, categories=WITH_S3_DATA)
    assert found.policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": "arn:aws:s3:::acme-media/*",
            }
        ],
    }
    assert found.why_not_safe == ""
    assert any("data events of s3 are taken to be recorded" in note for note in found.proof.notes)


def test_without_data_events_the_data_actions_of_a_named_service_stay() -> None:
    found = replaced(inline(allow("s3:*")), {"s3:GetBucketLocation": use(2, "arn:aws:s3:::b")})
    kept = grants(found)
    assert kept["s3:GetBucketLocation"] == ["arn:aws:s3:::b"]
    assert kept["s3:GetObject"] == kept["s3:PutObject"] == ["*"]
    assert "s3:DeleteBucket" not in kept
    assert "s3:PutBucketPolicy" in found.dropped
    assert found.why_not_safe == ""


def test_an_administrator_gets_a_policy_that_a_person_can_read() -> None:
    usage = {
        "cloudformation:CreateChangeSet": use(
            3, "arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/*"
        ),
        "lambda:UpdateFunctionCode": use(
            2, "arn:aws:lambda:eu-west-1:111122223333:function:orders"
        ),
        "sts:GetCallerIdentity": use(3, "*"),
    }
    found = replaced(attachment(ADMINISTRATOR), usage)
    kept = grants(found)
    assert kept["lambda:UpdateFunctionCode"] == [
        "arn:aws:lambda:eu-west-1:111122223333:function:orders"
    ]
    assert kept["lambda:InvokeFunction"] == ["*"]  # a data event of a service in use
    assert "dynamodb:GetItem" not in kept  # of one that is not
    assert len(kept) < 12
    assert "ec2:*" in found.dropped
    assert "dynamodb" in found.why_not_safe
    assert found.proof.holds


@pytest.mark.parametrize(
    ("site", "usage", "reason"),
    [
        (attachment(LOGS), None, "no usage data"),
        (attachment("arn:aws:iam::111122223333:policy/own"), {}, "is not known"),
        (inline(allow("s3:*"), kind="boundary"), {}, "boundary"),
        (inline(allow("s3:GetObject")), {}, "was used or cannot be observed"),
        (inline(allow("s3:*"), policy=None), {}, "could not be evaluated"),
    ],
)
def test_there_is_no_replacement_without_ground(site: object, usage: object, reason: str) -> None:
    found = propose(site, usage)  # type: ignore[arg-type]
    assert isinstance(found, Refused)
    assert reason in found.reason


def test_nothing_needed_means_nothing_granted() -> None:
    site = inline(allow(["ec2:DescribeInstances", "iam:ListRoles"]))
    found = replaced(site, {"sqs:ListQueues": use()})
    assert found.policy is None
    assert found.origins == ()
    assert found.proof.holds
    assert found.proof.size == 0
    assert set(found.dropped) == {"ec2:DescribeInstances", "iam:ListRoles"}


def test_a_deny_stays_whatever_was_used() -> None:
    deny = {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}
    site = inline(allow("s3:*", Sid="Own"), deny)
    found = replaced(site, {"s3:GetBucketLocation": use(1, "arn:aws:s3:::b")})
    assert found.policy is not None
    assert found.policy["Statement"][-1] == deny
    assert found.origins[-1] == 1
    assert isinstance(found, Replacement)
