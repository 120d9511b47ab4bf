"""What an error code and an event type say of a call."""

from __future__ import annotations

import msgspec
import pytest

from iamlint.usage import event
from iamlint.usage.event import Record


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDenied", None),
        ("AccessDeniedException", None),
        ("Client.UnauthorizedOperation", None),
        ("UnauthorizedAccess", None),
        ("AuthorizationError", None),
        ("ForbiddenException", "User: x is not authorized to perform: a:B on resource: c"),
        ("Client.AuthFailure", "You are not authorized to perform this operation."),
    ],
)
def test_a_refusal_is_no_evidence_of_need(code: str, message: str | None) -> None:
    assert event.outcome(code, message) == "denied"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (None, None),
        ("ResourceAlreadyExistsException", None),
        ("NoSuchBucketPolicy", None),
        ("ThrottlingException", None),
        ("Client.DryRunOperation", "Request would have succeeded, but DryRun flag is set."),
        ("Client.InvalidPermission.NotFound", None),
        ("NotAuthorizedException", "Incorrect username or password."),
        ("KMSAccessDeniedException", "Lambda was unable to decrypt the environment variables"),
        ("InvalidAccessException", "Account 1 is not subscribed to AWS Security Hub"),
    ],
)
def test_any_other_error_comes_after_authorization(code: str | None, message: str | None) -> None:
    assert event.outcome(code, message) == "used"


def _record(**fields: object) -> Record:
    base = {
        "eventTime": "2026-11-01T10:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "GetUser",
    }
    return event.decode_record(msgspec.json.encode({**base, **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {"eventType": "AwsConsoleSignIn", "eventSource": "signin.amazonaws.com"},
        {"eventSource": "signin.amazonaws.com", "eventName": "GetSigninToken"},
        {"eventType": "AwsServiceEvent", "eventName": "RotateKey"},
        {"eventCategory": "Insight"},
    ],
)
def test_what_is_no_api_call(fields: dict[str, object]) -> None:
    assert not event.is_call(_record(**fields))


def test_a_call_by_default() -> None:
    assert event.is_call(_record())
    assert event.is_call(_record(eventType="AwsApiCall", eventCategory="Data"))


@pytest.mark.parametrize(
    ("fields", "data"),
    [
        ({}, False),
        ({"eventCategory": "Management", "managementEvent": True}, False),
        ({"eventCategory": "Data"}, True),
        ({"managementEvent": False}, True),
    ],
)
def test_data_events(fields: dict[str, object], data: bool) -> None:
    assert event.is_data(_record(**fields)) is data


def test_read_only_may_be_a_string_in_old_records() -> None:
    assert event.is_read(_record(readOnly="true")) is True
    assert event.is_read(_record(readOnly=False)) is False
    assert event.is_read(_record()) is None


@pytest.mark.parametrize(
    "time",
    [
        "",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-00-10",
        "20261101",
        "2026-02-30",
        "0000-01-01",
        "２０26-01-01",
    ],
)
def test_no_day(time: str) -> None:
    assert event.day(time) is None


def test_day_of_a_time() -> None:
    assert event.day("2026-08-23T10:00:00Z") == "2026-08-23"
