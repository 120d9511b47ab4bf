"""CloudTrail records: their typed decoding, and what an error code or event type says of them.

Record contents: AWS CloudTrail User Guide, cloudtrail-event-reference-record-contents.  Only the
fields that a profile needs are decoded; request, response and resources stay raw until asked for.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal, Union

import msgspec
from msgspec import Raw, Struct

NO_RAW = Raw(b"null")


class Issuer(Struct, frozen=True, gc=False):
    """sessionContext.sessionIssuer: the role or user that lent the credentials."""

    principalId: Union[str, None] = None
    arn: Union[str, None] = None


class Attributes(Struct, frozen=True, gc=False):
    """sessionContext.attributes: whether the session began with MFA."""

    mfaAuthenticated: Union[str, bool, None] = None


class SessionContext(Struct, frozen=True, gc=False):
    sessionIssuer: Union[Issuer, None] = None
    attributes: Union[Attributes, None] = None


class Identity(Struct, frozen=True, gc=False):
    """userIdentity, without session names, addresses and keys."""

    type: Union[str, None] = None
    principalId: Union[str, None] = None
    arn: Union[str, None] = None
    accountId: Union[str, None] = None
    sessionContext: Union[SessionContext, None] = None
    invokedBy: Union[str, None] = None


class Record(Struct, frozen=True, gc=False, kw_only=True):
    """One CloudTrail record; `eventTime`, `eventSource` and `eventName` must be there.

    The fields stand in the order in which CloudTrail writes them, which the decoder tries first.
    """

    userIdentity: Union[Identity, None] = None
    eventTime: str
    eventSource: str
    eventName: str
    awsRegion: Union[str, None] = None
    errorCode: Union[str, None] = None
    errorMessage: Union[str, None] = None
    requestParameters: Raw = NO_RAW
    responseElements: Raw = NO_RAW
    eventID: Union[str, None] = None
    readOnly: Union[bool, str, None] = None
    resources: Raw = NO_RAW
    eventType: Union[str, None] = None
    managementEvent: Union[bool, None] = None
    recipientAccountId: Union[str, None] = None
    sharedEventID: Union[str, None] = None
    eventCategory: Union[str, None] = None


class LogFile(Struct, frozen=True, gc=False):
    """A delivered log file; decoding it whole is several times faster than record by record."""

    Records: list[Record]


class RawLogFile(Struct, frozen=True, gc=False):
    """A delivered log file whose records are decoded one at a time, so that one bad one is not all."""

    Records: list[Raw]


class LookupEvent(Struct, frozen=True, gc=False):
    """One entry of `aws cloudtrail lookup-events`: the record is JSON inside a JSON string."""

    CloudTrailEvent: str


class LookupFile(Struct, frozen=True, gc=False):
    Events: list[LookupEvent]


class Resource(Struct, frozen=True, gc=False):
    """An element of `resources`; data events of some services give `ARNPrefix` instead of `ARN`."""

    ARN: Union[str, None] = None
    type: Union[str, None] = None
    accountId: Union[str, None] = None


DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, MemoryError)
"""All that decoding hostile bytes may raise."""

decode_file = msgspec.json.Decoder(LogFile).decode
decode_raw_file = msgspec.json.Decoder(RawLogFile).decode
decode_lookup = msgspec.json.Decoder(LookupFile).decode
decode_record = msgspec.json.Decoder(Record).decode
decode_resources = msgspec.json.Decoder(Union[list[Resource], None]).decode


def decode_object(raw: Raw) -> dict[str, Any]:
    """A JSON object; an empty one for anything else, and for what does not decode."""
    if raw is NO_RAW:
        return {}
    try:
        value = msgspec.json.decode(raw)
    except DECODE_ERRORS:
        return {}
    return value if isinstance(value, dict) else {}


def by_key(identity: Identity) -> bool:
    """True for a call that a user or root signed with a long-term access key: it has no session."""
    return (
        identity.type in ("IAMUser", "Root")
        and identity.sessionContext is None
        and identity.invokedBy is None
    )


def lacks_mfa(identity: Identity) -> bool:
    """True if a record says that its caller had not shown an MFA device; False is no evidence.

    Long-term access keys never show one.  Of what a service does for a caller, and of sessions
    without attributes, the record does not tell.
    """
    if identity.invokedBy is not None:
        return False
    context = identity.sessionContext
    if context is None:
        return by_key(identity)
    told = context.attributes.mfaAuthenticated if context.attributes is not None else None
    return told is False or (isinstance(told, str) and told.lower() == "false")


Outcome = Literal["used", "denied"]

_DENIED = frozenset(
    {
        "accessdenied",
        "accessdeniederror",
        "accessdeniedexception",
        "authorizationerror",
        "authorizationerrorexception",
        "unauthorizedaccess",
        "unauthorizedoperation",
    }
)
_MAYBE_DENIED = ("auth", "denied", "forbidden", "permi", "privilege")
_REFUSAL = "not authorized to perform"


def outcome(error_code: str | None, message: str | None = None) -> Outcome:
    """`denied` if the error says that authorization refused the call, else `used`.

    Every other error (`NoSuchBucketPolicy`, `ThrottlingException`, `Client.DryRunOperation`,
    `ResourceAlreadyExistsException`) counts as use: the permission was needed.  Codes that name
    other refusals too (Cognito's `NotAuthorizedException` is a wrong password, Lambda's
    `KMSAccessDeniedException` comes after lambda:InvokeFunction was allowed) are denials only if
    the message has IAM's words.  A prefix such as `Client.` is not part of the code.
    """
    if not error_code:
        return "used"
    meaning = _meaning(error_code)
    if meaning is not None:
        return meaning
    return "denied" if message and _REFUSAL in message.lower() else "used"


def is_clear(error_code: str) -> bool:
    """True for an error code that tells the outcome by itself, whatever the message."""
    return _meaning(error_code) is not None


@lru_cache(maxsize=10_000)
def _meaning(error_code: str) -> Outcome | None:
    """What a code says by itself; None where the message has a say."""
    code = error_code.lower().rsplit(".", 1)[-1].rsplit(":", 1)[-1]
    if code in _DENIED or code.endswith("unauthorizedoperation"):
        return "denied"
    return None if any(word in code for word in _MAYBE_DENIED) else "used"


SIGN_IN = "AwsConsoleSignIn"
SERVICE_EVENT = "AwsServiceEvent"
_NO_CALL_TYPES = frozenset(
    {
        SIGN_IN,
        SERVICE_EVENT,
        "AwsConsoleAction",
        "AwsCloudTrailInsight",
        "AwsVpceEvent",
    }
)
_NO_CALL_SOURCES = frozenset({"signin.amazonaws.com"})
_NO_CALL_CATEGORIES = frozenset({"Insight", "NetworkActivity"})


def is_call(record: Record) -> bool:
    """False for what CloudTrail records beside API calls: sign-ins, services' own events, insights."""
    return (
        record.eventType not in _NO_CALL_TYPES
        and record.eventSource not in _NO_CALL_SOURCES
        and record.eventCategory not in _NO_CALL_CATEGORIES
    )


def is_data(record: Record) -> bool:
    """True for a data event, which a trail records only where it was told to."""
    if record.eventCategory is not None:
        return record.eventCategory == "Data"
    return record.managementEvent is False


def is_read(record: Record) -> bool | None:
    """The record's `readOnly`, which old records write as a string; None where it is missing."""
    if isinstance(record.readOnly, str):
        return {"true": True, "false": False}.get(record.readOnly.lower())
    return record.readOnly


_DAY = re.compile(r"20[1-9]\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\Z", re.A)


def day(time: str) -> str | None:
    """The day of an event time (`2026-08-23T10:00:00Z` -> `2026-08-23`), None if it is no time.

    CloudTrail is of 2013: what is said of other centuries is damage, and would stretch the window.
    """
    head = time[:10]
    if not _DAY.match(head):
        return None
    # The thirtieth of February has the form of a day.
    return head if int(head[8:]) < 29 or _is_date(head) else None


def _is_date(text: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
