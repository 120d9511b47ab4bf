"""Evidence asked for at AWS: pages, pauses, failures half-way, with answers in AWS's shapes."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from typing import Any

import pytest

from iamlint.usage import live
from iamlint.usage.aws import AwsError, client, session
from iamlint.usage.cloudtrail import profile_of
from iamlint.usage.files import Window
from iamlint.usage.foreign import ForeignError
from iamlint.usage.tally import Tally

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
from botocore.stub import ANY, Stubber  # noqa: E402

ROLE = "arn:aws:iam::111122223333:role/app"
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.delenv("AWS_PROFILE", raising=False)


def stubbed(service: str) -> tuple[Any, Any]:
    made = boto3.client(service, region_name="eu-west-1")
    stub = Stubber(made)
    stub.activate()
    return made, stub


def entry(number: int, text: str | None = None) -> dict[str, Any]:
    event = {
        "eventTime": "2026-11-01T10:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "CreateBucket",
        "awsRegion": "eu-west-1",
        "recipientAccountId": "111122223333",
        "readOnly": False,
        "eventID": str(number),
        "userIdentity": {"sessionContext": {"sessionIssuer": {"arn": ROLE}}},
        "requestParameters": {"bucketName": "media"},
    }
    return {"EventId": str(number), "CloudTrailEvent": text or json.dumps(event)}


def test_all_pages_no_faster_than_allowed() -> None:
    made, stub = stubbed("cloudtrail")
    since = datetime(2026, 10, 1)
    asked = {"MaxResults": 50, "StartTime": since}
    stub.add_response("lookup_events", {"Events": [entry(1), entry(2)], "NextToken": "a"}, asked)
    stub.add_response(
        "lookup_events", {"Events": [entry(2), entry(3, "{}")]}, {**asked, "NextToken": "a"}
    )
    tally, pauses = Tally(), list[float]()
    problems = live.lookup_events(
        made, tally, Window(since="2026-10-01"), today=TODAY, sleep=pauses.append
    )
    profile = profile_of(tally, "cloudtrail")
    assert profile.principals[ROLE].actions["s3:CreateBucket"].n == 2
    assert not profile.coverage[0].positive_only
    assert profile.coverage[0].rejected == 1
    assert [str(problem)[:45] for problem in problems] == [
        "`lookup-events:eu-west-1` has 1 events that a"
    ]
    assert len(pauses) == 1
    assert 0.3 < pauses[0] <= 0.5
    stub.assert_no_pending_responses()


def test_what_ended_early_proves_no_absence() -> None:
    made, stub = stubbed("cloudtrail")
    stub.add_response("lookup_events", {"Events": [entry(1)], "NextToken": "a"})
    stub.add_client_error("lookup_events", "ThrottlingException", "Rate exceeded")
    tally = Tally()
    problems = live.lookup_events(made, tally, Window(), today=TODAY, sleep=lambda _: None)
    assert "ended early, so what is not in it may still have been used" in problems[0].reason
    assert profile_of(tally, "cloudtrail").coverage[0].positive_only


def test_no_answer_at_all() -> None:
    made, stub = stubbed("cloudtrail")
    stub.add_client_error("lookup_events", "AccessDeniedException", "not authorized")
    with pytest.raises(AwsError, match="CloudTrail does not answer: an error occurred"):
        live.lookup_events(made, Tally(), Window(), today=TODAY)


def test_ninety_days_are_all_there_are() -> None:
    made, stub = stubbed("cloudtrail")
    stub.add_response(
        "lookup_events", {"Events": []}, {"MaxResults": 50, "StartTime": datetime(2026, 8, 22)}
    )
    problems = live.lookup_events(made, Tally(), Window(since="2026-01-01"), today=TODAY)
    assert problems[0].reason == "reaches back to 2026-08-22 only, so 2026-01-01 is not covered"


def report(status: str = "COMPLETED", **more: Any) -> dict[str, Any]:
    at = datetime(2026, 11, 20, tzinfo=timezone.utc)
    return {
        "JobStatus": status,
        "JobCreationDate": at,
        "JobCompletionDate": at,
        "ServicesLastAccessed": [],
        **more,
    }


def test_the_report_of_a_role() -> None:
    made, stub = stubbed("iam")
    job = {"JobId": "x" * 36}
    stub.add_response(
        "generate_service_last_accessed_details",
        job,
        {"Arn": ROLE, "Granularity": "ACTION_LEVEL"},
    )
    used = {
        "ServiceName": "S3",
        "ServiceNamespace": "s3",
        "LastAuthenticated": datetime(2026, 11, 3, tzinfo=timezone.utc),
        "TrackedActionsLastAccessed": [
            {
                "ActionName": "CreateBucket",
                "LastAccessedTime": datetime(2026, 11, 2, tzinfo=timezone.utc),
            }
        ],
    }
    unused = {"ServiceName": "SQS", "ServiceNamespace": "sqs"}
    name = "get_service_last_accessed_details"
    stub.add_response(name, report("IN_PROGRESS"), job)
    stub.add_response(name, report(ServicesLastAccessed=[used], IsTruncated=True, Marker="m"), job)
    stub.add_response(name, report(ServicesLastAccessed=[unused]), {**job, "Marker": "m"})
    waits: list[float] = []
    usage = live.access_advisor(made, ROLE, sleep=waits.append).principals[ROLE]
    assert waits == [live.POLL_PAUSE]
    assert usage.services["s3"].last == "2026-11-03"
    assert usage.services["sqs"].last == ""
    assert usage.services["sqs"].since == "2025-10-16"
    assert usage.possible["s3:CreateBucket"].last == "2026-11-02"


def test_a_report_that_failed_and_one_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "get_service_last_accessed_details"
    made, stub = stubbed("iam")
    stub.add_response("generate_service_last_accessed_details", {"JobId": "x" * 36})
    stub.add_response(name, report("FAILED", Error={"Message": "no such role", "Code": "x"}))
    with pytest.raises(AwsError, match=r"made no report of `.*`: no such role"):
        live.access_advisor(made, ROLE)
    monkeypatch.setattr(live, "MAX_WAIT", 2.0)
    made, stub = stubbed("iam")
    stub.add_response("generate_service_last_accessed_details", {"JobId": "x" * 36})
    for _ in range(4):
        stub.add_response(name, report("IN_PROGRESS"))
    with pytest.raises(AwsError, match="is not ready after 2 s"):
        live.access_advisor(made, ROLE, sleep=lambda _: None)
    made, stub = stubbed("iam")
    stub.add_response("generate_service_last_accessed_details", {"JobId": "x" * 36})
    stub.add_response(name, report())
    with pytest.raises(ForeignError, match="is no role or user"):
        live.access_advisor(made, "arn:aws:iam::111122223333:policy/long-enough")


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_query_that_athena_gives_up(state: str) -> None:
    made, stub = stubbed("athena")
    stub.add_response(
        "start_query_execution",
        {"QueryExecutionId": "q"},
        {"QueryString": ANY, "WorkGroup": "audit"},
    )
    stub.add_response(
        "get_query_execution",
        {"QueryExecution": {"Status": {"State": state, "StateChangeReason": "TABLE_NOT_FOUND"}}},
    )
    stub.add_response("stop_query_execution", {}, {"QueryExecutionId": "q"})
    with pytest.raises(AwsError, match="Athena ran the query to no end: tABLE_NOT_FOUND"):
        live.athena(made, None, "db.trail", Window(), workgroup="audit")


def test_an_interrupted_wait_stops_the_query() -> None:
    made, stub = stubbed("athena")
    stub.add_response("start_query_execution", {"QueryExecutionId": "q"})
    stub.add_response("get_query_execution", {"QueryExecution": {"Status": {"State": "RUNNING"}}})
    stub.add_response("stop_query_execution", {}, {"QueryExecutionId": "q"})

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        live.athena(made, None, "db.trail", Window(), sleep=interrupt)
    stub.assert_no_pending_responses()


def test_no_profile_and_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AwsError, match="no connection to AWS: the config profile"):
        session("nosuch")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(AwsError, match="you must specify a region"):
        client(session(), "athena")


def test_what_a_stack_made() -> None:
    client, stubber = stubbed("cloudformation")
    identifier = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/0a1b2c3d"
    now = datetime(2026, 11, 1, tzinfo=timezone.utc)
    about = {"StackName": "shop", "StackId": identifier, "CreationTime": now}
    stubber.add_response(
        "describe_stacks", {"Stacks": [{**about, "StackStatus": "CREATE_COMPLETE"}]}
    )
    for logical, token in (("Role", "more"), ("Other", None)):
        summary = {
            "LogicalResourceId": logical,
            "PhysicalResourceId": f"shop-{logical}-1A2B3C4D",
            "ResourceType": "AWS::IAM::Role",
            "LastUpdatedTimestamp": now,
            "ResourceStatus": "CREATE_COMPLETE",
        }
        page = {"StackResourceSummaries": [summary], **({"NextToken": token} if token else {})}
        stubber.add_response("list_stack_resources", page)
    with stubber:
        [stack] = live.stack(client, "shop").stacks or ()
    assert (stack.name, stack.account) == ("shop", "111122223333")
    assert stack.roles == {"Role": "shop-Role-1A2B3C4D", "Other": "shop-Other-1A2B3C4D"}


def test_no_such_stack() -> None:
    client, stubber = stubbed("cloudformation")
    stubber.add_client_error("describe_stacks", "ValidationError", "Stack with id x does not exist")
    with stubber, pytest.raises(AwsError, match="tells nothing of `x`"):
        live.stack(client, "x")
