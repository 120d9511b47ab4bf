"""Evidence asked for at AWS itself: recent events, IAM's last accessed information, Athena, stacks.

Each function gives what its files would give, through the same readers; clients are boto3's.
Nothing is changed in the account: IAM makes a report, Athena writes its result where it is told.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from iamlint.usage import shape
from iamlint.usage.athena import query, read_rows
from iamlint.usage.aws import AwsError, failures, plain
from iamlint.usage.cloudtrail import profile_of
from iamlint.usage.files import Problem, Window
from iamlint.usage.foreign import last_accessed
from iamlint.usage.profile import UsageProfile
from iamlint.usage.stacks import stacks_of
from iamlint.usage.tally import Tally

LOOKUP_DAYS = 90
"""How far back LookupEvents goes (CloudTrail API Reference, LookupEvents)."""

LOOKUP_PAUSE = 0.5
"""Seconds between its requests: it takes two a second in an account and region (the same page)."""

POLL_PAUSE = 1.0
MAX_WAIT = 1_800.0
"""Seconds that a report or a query may take."""

Sleep = Callable[[float], None]


def lookup_events(
    client: Any,
    tally: Tally,
    window: Window,
    *,
    today: date | None = None,
    sleep: Sleep = time.sleep,
    on_page: Callable[[int], None] | None = None,
) -> list[Problem]:
    """Count the management events of one region that CloudTrail keeps by itself into a tally.

    `window` bounds the days; what lies before the 90 days cannot be had and is said.  An answer
    that ends early counts, but then proves no absence.  Raises AwsError if nothing comes at all.
    """
    where = f"lookup-events:{client.meta.region_name}"
    problems: list[Problem] = []
    oldest = (today or datetime.now(timezone.utc).date()) - timedelta(days=LOOKUP_DAYS)
    if window.since and window.since < oldest.isoformat():
        problems.append(
            Problem(where, f"reaches back to {oldest} only, so {window.since} is not covered")
        )
    tally.since, tally.until = window.since, window.until
    bounds: dict[str, Any] = {}
    if window.since:
        bounds["StartTime"] = datetime.fromisoformat(max(window.since, oldest.isoformat()))
    if window.until:
        end = datetime.fromisoformat(window.until) + timedelta(days=1)
        bounds["EndTime"] = end
    pages = 0
    try:
        for page in _pages(client.lookup_events, "NextToken", sleep, MaxResults=50, **bounds):
            pages += 1
            found = shape.Decoded([])
            for event in page.get("Events") or ():
                shape.add_record(str(event.get("CloudTrailEvent") or "").encode(), found)
            if found.rejected:
                tally.seen.rejected += found.rejected
                reason = f"has {found.rejected} events that are none: {found.first_error}"
                problems.append(Problem(where, reason, found.rejected))
            tally.add(found.records)
            if on_page is not None:
                on_page(pages)
    except failures() as error:
        if not pages:
            raise AwsError(f"CloudTrail does not answer: {plain(error)}") from None
        tally.seen.partial = True
        reason = f"ended early, so what is not in it may still have been used: {plain(error)}"
        problems.append(Problem(where, reason))
    tally.settle()
    return problems


def _pages(ask: Callable[..., Any], token: str, sleep: Sleep, **fixed: Any) -> Iterator[Any]:
    """The pages of an answer, no faster than LookupEvents allows."""
    more: dict[str, Any] = {}
    while True:
        began = time.monotonic()
        page = ask(**fixed, **more)
        yield page
        if not page.get(token):
            return
        more = {token: page[token]}
        sleep(max(0.0, LOOKUP_PAUSE - (time.monotonic() - began)))


def access_advisor(client: Any, arn: str, *, sleep: Sleep = time.sleep) -> UsageProfile:
    """IAM's last accessed information of one role or user, services and actions.

    Raises AwsError if there is no report, ForeignError if it cannot be used.
    """
    try:
        job = client.generate_service_last_accessed_details(Arn=arn, Granularity="ACTION_LEVEL")
        waited = 0.0
        while True:
            report = client.get_service_last_accessed_details(JobId=job["JobId"])
            if report["JobStatus"] != "IN_PROGRESS":
                break
            if waited >= MAX_WAIT:
                raise AwsError(f"IAM's report of `{arn}` is not ready after {MAX_WAIT:.0f} s")
            sleep(POLL_PAUSE)
            waited += POLL_PAUSE
        if report["JobStatus"] == "FAILED":
            reason = (report.get("Error") or {}).get("Message") or "no reason told"
            raise AwsError(f"IAM made no report of `{arn}`: {reason}")
        services = list(report.get("ServicesLastAccessed") or ())
        page = report
        while page.get("IsTruncated"):
            page = client.get_service_last_accessed_details(
                JobId=job["JobId"], Marker=page["Marker"]
            )
            services += page.get("ServicesLastAccessed") or ()
    except failures() as error:
        raise AwsError(f"IAM makes no report of `{arn}`: {plain(error)}") from None
    whole = {**report, "ServicesLastAccessed": services, "IsTruncated": False}
    return last_accessed(whole, arn)


def stack(client: Any, name: str) -> UsageProfile:
    """What a CloudFormation stack made.  Raises AwsError (no such stack, no permission)."""
    resources: list[dict[str, Any]] = []
    try:
        [described] = client.describe_stacks(StackName=name)["Stacks"]
        for page in client.get_paginator("list_stack_resources").paginate(StackName=name):
            resources += page["StackResourceSummaries"]
    except failures() as error:
        raise AwsError(f"CloudFormation tells nothing of `{name}`: {plain(error)}") from None
    of = {"StackName": described["StackName"], "StackId": described["StackId"]}
    answer = {"StackResources": [{**resource, **of} for resource in resources]}
    return UsageProfile(stacks=stacks_of(answer, name))


_LOCATION = re.compile(r"s3://([^/]+)/(.+)\Z", re.S)


def athena(
    client: Any,
    s3: Any,
    table: str,
    window: Window,
    *,
    where: str = "",
    output: str = "",
    workgroup: str = "",
    sleep: Sleep = time.sleep,
) -> tuple[UsageProfile, list[Problem]]:
    """Run `athena.query` over a table (`database.table`) and read its result.

    `output` is the `s3://` folder for the result where the workgroup has none of its own.  The
    query is stopped if the wait is interrupted.  Raises AwsError, and ValueError for a table or
    day that is none.
    """
    sql = query(table, window.since, window.until, where)
    options: dict[str, Any] = {"QueryString": sql}
    if output:
        options["ResultConfiguration"] = {"OutputLocation": output}
    if workgroup:
        options["WorkGroup"] = workgroup
    try:
        started = client.start_query_execution(**options)["QueryExecutionId"]
        execution = _wait_for_query(client, started, sleep)
        location = (execution.get("ResultConfiguration") or {}).get("OutputLocation") or ""
        match = _LOCATION.match(location)
        if match is None:
            raise AwsError(
                "Athena says not where its result is",
                "tell it with --athena-output s3://BUCKET/FOLDER",
            )
        with TemporaryDirectory(prefix="iamlint-") as folder:
            path = Path(folder, "result.csv")
            s3.download_file(match[1], match[2], str(path))
            tally = Tally(window.since, window.until)
            problems = [
                Problem(f"athena:{table}", problem.reason, problem.records)
                for problem in read_rows(path, tally)
            ]
    except failures() as error:
        raise AwsError(f"Athena gives no result: {plain(error)}") from None
    return profile_of(tally, "athena"), problems


def _wait_for_query(client: Any, started: str, sleep: Sleep) -> Any:
    waited = 0.0
    try:
        while True:
            execution = client.get_query_execution(QueryExecutionId=started)["QueryExecution"]
            status = execution["Status"]
            if status["State"] == "SUCCEEDED":
                return execution
            if status["State"] in ("FAILED", "CANCELLED"):
                reason = status.get("StateChangeReason") or status["State"].lower()
                raise AwsError(f"Athena ran the query to no end: {plain(ValueError(reason))}")
            if waited >= MAX_WAIT:
                raise AwsError(f"Athena's query is not done after {MAX_WAIT:.0f} s")
            sleep(POLL_PAUSE)
            waited += POLL_PAUSE
    except BaseException:
        # It costs by what it reads, and nobody waits for it any more.
        with suppress(*failures()):
            client.stop_query_execution(QueryExecutionId=started)
        raise
