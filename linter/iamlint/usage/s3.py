"""Trail files from an S3 bucket, brought into a folder: pruned, in parallel, resumable.

The folder is a mirror of the part of the bucket that the window needs; a file that is there with
its size is not fetched again, so a run that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from iamlint.usage import aws
from iamlint.usage.aws import AwsError, plain
from iamlint.usage.cloudtrail import Progress
from iamlint.usage.files import Problem, Window, is_wanted

WORKERS = 16
_MOST_DAYS = 400
"""Beyond this many days a region is listed as a whole, not day by day."""


class S3Error(AwsError):
    """The bucket cannot be read at all."""


class _Object(NamedTuple):
    key: str
    size: int


def connect(profile: str | None = None, mfa_code: Callable[[str], str] | None = None) -> Any:
    """An S3 client; see `aws.session`.  Raises AwsError."""
    return aws.client(aws.session(profile, mfa_code, "reading s3://"), "s3")


def mirror(
    uri: str,
    folder: Path,
    window: Window,
    *,
    client: Any = None,
    today: date | None = None,
    on_progress: Progress | None = None,
) -> list[Problem]:
    """Bring the trail files below `s3://bucket/prefix` that the window needs into `folder`.

    Raises S3Error if the bucket cannot be listed; a file that cannot be fetched is a problem.
    """
    match = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", uri, re.S)
    if match is None:
        raise S3Error(f"`{uri}` is no S3 location", "write it as s3://BUCKET/PREFIX")
    bucket, prefix = match[1], match[2] or ""
    client = client if client is not None else connect()
    problems: list[Problem] = []
    wanted: list[tuple[_Object, Path]] = []
    try:
        for found in _objects(client, bucket, prefix, window, today or date.today()):
            target = _target(folder / bucket, found.key)
            if target is None:
                problems.append(Problem(f"s3://{bucket}/{found.key}", "has a name that is no path"))
            elif not (target.exists() and target.stat().st_size == found.size):
                wanted.append((found, target))
    except Exception as error:  # noqa: BLE001 - botocore makes its errors at run time
        raise S3Error(f"cannot list `{uri}`: {plain(error)}") from None
    report = on_progress or (lambda done, total: None)
    report(0, len(wanted))
    with ThreadPoolExecutor(WORKERS) as pool:
        futures = {
            pool.submit(_fetch, client, bucket, found.key, target): found
            for found, target in wanted
        }
        for done, future in enumerate(as_completed(futures), 1):
            failure = future.exception()
            if failure is not None:
                key = futures[future].key
                problems.append(
                    Problem(f"s3://{bucket}/{key}", f"cannot be fetched: {plain(failure)}")
                )
            report(done, len(wanted))
    return sorted(problems, key=lambda problem: problem.path)


def _objects(
    client: Any, bucket: str, prefix: str, window: Window, today: date
) -> Iterator[_Object]:
    """The log files that the window needs, listed by account, region and day where the tree allows."""
    base = prefix if not prefix or prefix.endswith("/") else prefix + "/"
    if "AWSLogs/" not in base:
        base += "AWSLogs/"
    accounts = list(_folders(client, bucket, base))
    organizations = [name for name in accounts if re.search(r"/o-[a-z0-9]+/\Z", name)]
    for name in organizations:
        accounts += _folders(client, bucket, name)
    accounts = [name for name in accounts if re.search(r"/\d{12}/\Z", "/" + name)]
    if not accounts:
        yield from _list(client, bucket, prefix, window)
        return
    for account in accounts:
        if window.accounts and account.rstrip("/")[-12:] not in window.accounts:
            continue
        for region in _folders(client, bucket, account + "CloudTrail/"):
            if window.regions and region.rstrip("/").rsplit("/", 1)[-1] not in window.regions:
                continue
            for part in _days(region, window, today):
                yield from _list(client, bucket, part, window)


def _days(region: str, window: Window, today: date) -> Iterator[str]:
    """The prefixes of the days of a region that the window needs; delivery may be a day late."""
    if not window.since:
        yield region
        return
    day = date.fromisoformat(window.since)
    last = date.fromisoformat(window.until) + timedelta(days=1) if window.until else today
    if (last - day).days > _MOST_DAYS:
        yield region
        return
    while day <= last:
        yield f"{region}{day:%Y/%m/%d}/"
        day += timedelta(days=1)


def _folders(client: Any, bucket: str, prefix: str) -> Iterator[str]:
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix, Delimiter="/"
    )
    for page in pages:
        for item in page.get("CommonPrefixes") or ():
            yield item["Prefix"]


def _list(client: Any, bucket: str, prefix: str, window: Window) -> Iterator[_Object]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for item in page.get("Contents") or ():
            key = item["Key"]
            if key.endswith((".json.gz", ".json")) and is_wanted(key, window):
                yield _Object(key, item["Size"])


def _target(folder: Path, key: str) -> Path | None:
    """Where a key is kept; None for one that would lead out of the folder."""
    parts = key.split("/")
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        return None
    return folder.joinpath(*parts)


def _fetch(client: Any, bucket: str, key: str, target: Path) -> None:
    """One object, whole or not at all: written aside, then put in its place."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = target.with_name(target.name + ".part")
    body = client.get_object(Bucket=bucket, Key=key)["Body"]
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for chunk in iter(lambda: body.read(2**20), b""):
            file.write(chunk)
    os.replace(aside, target)
