"""Sources of usage that are asked at AWS: `s3://…`, `lookup-events:`, `access-advisor:`, `athena:`, `stack:`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from iamlint.app.errors import UsageError
from iamlint.app.progress import Progress

if TYPE_CHECKING:
    from iamlint.usage.files import Window
    from iamlint.usage.profile import UsageProfile

LOOKUP, ADVISOR, ATHENA, STACK = "lookup-events:", "access-advisor:", "athena:", "stack:"


class Access(msgspec.Struct, frozen=True):
    """How AWS is reached, as the command line says; "" for what boto3 finds by itself."""

    profile: str = ""
    mfa_code: str = ""
    athena_output: str = ""
    athena_workgroup: str = ""
    where: str = ""
    progress: bool = True

    def session(self, what: str) -> Any:
        from iamlint.usage.aws import AwsError, session

        code = self.mfa_code
        answer: Callable[[str], str] | None = (lambda prompt: code) if code else None
        try:
            return session(self.profile or None, answer, what)
        except AwsError as error:
            raise UsageError(str(error), error.advice) from error


def is_live(source: str) -> bool:
    """True for a source that is no path of this machine."""
    return source.startswith(("s3://", LOOKUP, ADVISOR, ATHENA, STACK))


def comes_last(source: str) -> bool:
    """True for a source that asks about the principals of the others."""
    return source == ADVISOR


def ask(
    source: str, since: str, access: Access, known: Sequence[str]
) -> tuple[UsageProfile, tuple[str, ...]]:
    """The profile of one such source, and what of it was not had, a line each.  Raises UsageError.

    `known` are the principals that other sources named.
    """
    from iamlint.usage.aws import AwsError
    from iamlint.usage.foreign import ForeignError

    kind, _, rest = source.partition(":")
    try:
        if kind + ":" == LOOKUP:
            return _lookup(rest, since, access)
        if kind + ":" == ATHENA:
            return _athena(rest, since, access)
        if kind + ":" == STACK:
            return _stacks(rest.split(","), access), ()
        return _advisor([rest] if rest else known, access)
    except AwsError as error:
        raise UsageError(str(error), error.advice) from error
    except (ForeignError, ValueError) as error:
        raise UsageError(f"`{source}` {error}") from error


def _lookup(regions: str, since: str, access: Access) -> tuple[UsageProfile, tuple[str, ...]]:
    from iamlint.usage import live
    from iamlint.usage.aws import client
    from iamlint.usage.cloudtrail import profile_of
    from iamlint.usage.files import Window
    from iamlint.usage.tally import Tally

    session = access.session("asking CloudTrail")
    tally = Tally()
    problems = []
    for region in regions.split(",") if regions else [None]:
        with Progress(f"asking CloudTrail {region or ''}".rstrip(), enabled=access.progress) as bar:
            problems += live.lookup_events(
                client(session, "cloudtrail", region),
                tally,
                Window(since=since),
                on_page=lambda pages, bar=bar: bar(pages, 0),  # type: ignore[misc]
            )
    return profile_of(tally, "cloudtrail"), tuple(map(str, problems))


def _athena(table: str, since: str, access: Access) -> tuple[UsageProfile, tuple[str, ...]]:
    from iamlint.usage import live
    from iamlint.usage.aws import client
    from iamlint.usage.files import Window

    session = access.session("asking Athena")
    made, problems = live.athena(
        client(session, "athena"),
        client(session, "s3"),
        table or "cloudtrail_logs",
        Window(since=since),
        where=access.where,
        output=access.athena_output,
        workgroup=access.athena_workgroup,
    )
    return made, tuple(map(str, problems))


def _stacks(names: Sequence[str], access: Access) -> UsageProfile:
    from iamlint.usage import live
    from iamlint.usage.aws import client
    from iamlint.usage.merge import merge

    asked = client(access.session("asking CloudFormation"), "cloudformation")
    return merge([live.stack(asked, name) for name in names])


def _advisor(arns: Sequence[str], access: Access) -> tuple[UsageProfile, tuple[str, ...]]:
    from iamlint.usage import live
    from iamlint.usage.aws import AwsError, client
    from iamlint.usage.foreign import ForeignError
    from iamlint.usage.merge import merge

    if not arns:
        raise UsageError(
            "access-advisor: has no principal to ask about",
            "name one (access-advisor:ARN), or add a source that knows some",
        )
    iam = client(access.session("asking IAM"), "iam")
    made, problems = [], []
    with Progress("asking IAM", enabled=access.progress) as bar:
        for done, arn in enumerate(arns):
            bar(done, len(arns))
            try:
                made.append(live.access_advisor(iam, arn))
            except (AwsError, ForeignError) as error:
                if len(arns) == 1:
                    raise
                problems.append(f"access-advisor:{arn}: {error}")
    return merge(made), tuple(problems)


def from_s3(source: str, window: Window, access: Access) -> tuple[str, tuple[str, ...]]:
    """The folder that mirrors an S3 location, and what of it could not be fetched."""
    from pathlib import Path

    from iamlint.usage.aws import AwsError, client
    from iamlint.usage.s3 import mirror

    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    base = Path(cache, "iamlint", "trails")
    session = access.session("reading s3://")
    try:
        with Progress(f"fetching {source}", enabled=access.progress) as bar:
            problems = mirror(source, base, window, client=client(session, "s3"), on_progress=bar)
    except AwsError as error:
        raise UsageError(str(error), error.advice) from error
    return str(base / source.removeprefix("s3://")), tuple(str(problem) for problem in problems)
