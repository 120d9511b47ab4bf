"""Evidence of other tools: what it proves, and what it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iamlint.usage.build import build
from iamlint.usage.foreign import ForeignError, read_foreign
from iamlint.usage.observe import observe
from iamlint.usage.profile import UsageProfile, dumps, loads

ROLE = "arn:aws:iam::111122223333:role/orders"


def advisor(**more: Any) -> dict[str, Any]:
    used = {
        "ServiceName": "Amazon S3",
        "ServiceNamespace": "s3",
        "LastAuthenticated": "2026-11-01T10:00:00Z",
        "LastAuthenticatedEntity": ROLE,
        "TrackedActionsLastAccessed": [
            {"ActionName": "CreateBucket", "LastAccessedTime": "2026-10-05T10:00:00Z"},
            {"ActionName": "DeleteBucket"},
        ],
    }
    unused = {"ServiceName": "Amazon SQS", "ServiceNamespace": "sqs"}
    base = {"JobStatus": "COMPLETED", "JobCompletionDate": "2026-11-21T00:00:00Z"}
    return {**base, "ServicesLastAccessed": [used, unused], **more}


def write(folder: Path, value: object) -> Path:
    path = folder / "evidence.json"
    path.write_text(json.dumps(value))
    return path


def read(folder: Path, value: object, principal: str | None = None) -> UsageProfile:
    profile = read_foreign(write(folder, value), principal)
    assert profile is not None
    assert loads(dumps(profile)) == profile
    return profile


def test_a_service_that_iam_saw_no_use_of_is_unused_with_its_data(tmp_path: Path) -> None:
    profile = read(tmp_path, advisor())
    found = observe("sqs:SendMessage", profile.principals[ROLE], profile.coverage)
    assert (found.state, found.reason) == ("absent", "IAM saw no use of sqs since 2025-10-17")


def test_a_tried_action_is_no_proof_of_use_and_keeps_its_grant(tmp_path: Path) -> None:
    profile = read(tmp_path, advisor())
    usage = profile.principals[ROLE]
    assert usage.actions == {}
    found = observe("s3:CreateBucket", usage, profile.coverage)
    assert (found.state, found.cause) == ("not-observable", "tried")
    assert found.reason == "IAM saw it tried, the last time on 2026-10-05"
    # No other action of a service in use is said to be unused.
    assert observe("s3:DeleteBucket", usage, profile.coverage).state == "not-observable"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"JobStatus": "IN_PROGRESS"}, "is a job that is not completed: run it to its end"),
        ({"IsTruncated": True}, "is a page of a longer answer"),
        ({"ServicesLastAccessed": []}, "names no principal, or several"),
    ],
)
def test_reports_that_cannot_be_used(tmp_path: Path, more: dict[str, Any], reason: str) -> None:
    with pytest.raises(ForeignError) as caught:
        read_foreign(write(tmp_path, advisor(**more)))
    assert str(caught.value).startswith(reason)


def test_a_tried_action_leaves_the_resources_of_observed_calls_as_they_are(
    root: Path, tmp_path: Path
) -> None:
    role = "arn:aws:iam::111122223333:role/app/media-app"
    value = advisor()
    service = value["ServicesLastAccessed"][0]
    service["LastAuthenticatedEntity"] = role
    service["TrackedActionsLastAccessed"] = [
        {"ActionName": "GetObject", "LastAccessedTime": "2026-10-05T10:00:00Z"}
    ]
    profile, _ = build([root / "fixtures" / "cloudtrail", write(tmp_path, value)])
    assert profile.principals[role].actions["s3:GetObject"].resources_complete
    assert "s3:GetObject" not in profile.principals[role].possible


def test_a_generated_policy_shows_what_was_used(tmp_path: Path) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sqs:listqueues", "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": ["s3:GetBucketAcl"],
                "Resource": "arn:aws:s3:::${BucketName}",
            },
            {"Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:aws:sns:eu-west-1:1:t"},
        ],
    }
    value = {
        "jobDetails": {"status": "SUCCEEDED"},
        "generatedPolicyResult": {
            "properties": {
                "principalArn": ROLE,
                "cloudTrailProperties": {"endTime": "2026-11-20T00:00:00Z"},
            },
            "generatedPolicies": [{"policy": json.dumps(document)}],
        },
    }
    actions = read(tmp_path, value).principals[ROLE].actions
    assert sorted(actions) == ["s3:GetBucketAcl", "sns:Publish", "sqs:ListQueues"]
    assert not actions["s3:GetBucketAcl"].resources_complete
    assert actions["sns:Publish"].resources == ["arn:aws:sns:eu-west-1:1:t"]
    assert actions["sns:Publish"].resources_complete
    assert actions["sns:Publish"].last == "2026-11-20"


def test_a_recorded_policy_is_of_whom_the_user_says(tmp_path: Path) -> None:
    value = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["s3:ListAllMyBuckets"], "Resource": ["*"]}],
    }
    with pytest.raises(ForeignError, match="names no principal"):
        read_foreign(write(tmp_path, value))
    profile = read(tmp_path, value, ROLE)
    assert list(profile.principals[ROLE].actions) == ["s3:ListAllMyBuckets"]
    # A test run proves use and no disuse.
    found = observe("s3:DeleteBucket", profile.principals[ROLE], profile.coverage)
    assert found.cause == "no-coverage"


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"version": 1}', '{"Records": []}'])
def test_other_files_are_none_of_them(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    assert read_foreign(path) is None


def test_all_kinds_together(root: Path, tmp_path: Path) -> None:
    report = write(tmp_path, advisor())
    trail = root / "fixtures" / "cloudtrail" / "patch-manager"
    broken = tmp_path / "broken.json"
    broken.write_text('{"version": 1, "principals": 7}')
    profile, problems = build([trail, report, broken])
    assert [problem.path for problem in problems] == [str(broken)]
    assert problems[0].reason.endswith("expected `object`, got `int` - at `$.principals`")
    assert ROLE in profile.principals
    assert "arn:aws:iam::111122223333:role/PatchManagerRole" in profile.principals
    assert {entry.source for entry in profile.coverage} == {"cloudtrail", "access-advisor"}


def finding(*details: dict[str, Any], **more: Any) -> dict[str, Any]:
    """As `aws accessanalyzer get-finding-v2` writes it (its page in the AWS CLI reference)."""
    return {
        "id": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
        "analyzedAt": "2026-11-20T06:00:00+00:00",
        "createdAt": "2026-07-01T09:00:00+00:00",
        "updatedAt": "2026-11-19T09:00:00+00:00",
        "resource": ROLE,
        "resourceType": "AWS::IAM::Role",
        "resourceOwnerAccount": "111122223333",
        "status": "ACTIVE",
        "findingType": "UnusedPermission",
        "findingDetails": list(details),
        **more,
    }


def unused(service: str, *actions: str, **more: Any) -> dict[str, Any]:
    listed = {"actions": [{"action": name} for name in actions]} if actions else {}
    return {"unusedPermissionDetails": {"serviceNamespace": service, **listed, **more}}


def test_a_finding_that_has_stood_for_long_proves_a_service_unused(tmp_path: Path) -> None:
    profile = read(
        tmp_path, finding(unused("sqs"), unused("sns", lastAccessed="2026-03-01T00:00:00Z"))
    )
    usage = profile.principals[ROLE]
    found = observe("sqs:SendMessage", usage, profile.coverage)
    assert (found.state, found.reason) == ("absent", "IAM saw no use of sqs since 2026-07-01")
    assert usage.services["sns"].last == "2026-03-01"
    assert observe("sns:Publish", usage, profile.coverage).state == "not-observable"


def test_a_new_finding_and_one_about_actions_prove_no_service_unused(tmp_path: Path) -> None:
    young = finding(unused("sqs"), createdAt="2026-11-01T09:00:00+00:00")
    for value in (young, finding(unused("sqs", "SendMessage")), finding(unused("nosuch"))):
        profile = read(tmp_path, value)
        assert profile.principals[ROLE].services == {}
        found = observe("sqs:SendMessage", profile.principals[ROLE], profile.coverage)
        assert found.state == "not-observable"


def test_an_action_used_long_ago_is_told(tmp_path: Path) -> None:
    details = unused("s3", "s3:DeleteBucket", "CreateBucket")
    for item in details["unusedPermissionDetails"]["actions"]:
        item["lastAccessed"] = "2026-02-01T00:00:00Z"
    profile = read(tmp_path, finding(details))
    possible = profile.principals[ROLE].possible
    assert {name: use.last for name, use in possible.items()} == {
        "s3:CreateBucket": "2026-02-01",
        "s3:DeleteBucket": "2026-02-01",
    }


def test_an_unused_role(tmp_path: Path) -> None:
    details = {"unusedIamRoleDetails": {"lastAccessed": "2026-01-31T10:00:00Z"}}
    profile = read(tmp_path, finding(details, findingType="UnusedIAMRole"))
    assert profile.principals[ROLE].last == "2026-01-31"
    assert profile.coverage[0].positive_only


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (finding(findingType="ExternalAccess"), "tells nothing of permissions"),
        (finding(findingType="UnusedIAMUserAccessKey"), "tells nothing of permissions"),
        (finding(status="RESOLVED"), "is a resolved finding"),
        (finding(nextToken="x"), "is a page of a longer answer"),
        (finding(resource="arn:aws:s3:::b"), "is no role or user"),
        ({"findings": [finding()]}, "fetch each with"),
    ],
)
def test_findings_that_prove_nothing(tmp_path: Path, value: dict[str, Any], reason: str) -> None:
    with pytest.raises(ForeignError, match=reason):
        read(tmp_path, value)
