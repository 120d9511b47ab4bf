"""Trail files from a bucket, against a local server that speaks enough of S3."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest

from iamlint.usage.cloudtrail import read_folder
from iamlint.usage.files import Window
from iamlint.usage.s3 import S3Error, mirror

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 20)


class Bucket:
    """Objects, what was asked for, and which key is to fail."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.broken = ""

    def put(self, region: str, day: str, account: str = "111122223333", head: str = "") -> str:
        event = {
            "eventTime": f"{day}T10:00:00Z",
            "eventSource": "s3.amazonaws.com",
            "eventName": "CreateBucket",
            "awsRegion": region,
            "recipientAccountId": account,
            "userIdentity": {
                "sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{account}:role/app"}}
            },
        }
        key = f"{head}AWSLogs/{account}/CloudTrail/{region}/{day.replace('-', '/')}/x.json.gz"
        self.objects[key] = gzip.compress(json.dumps({"Records": [event]}).encode())
        return key


class Handler(BaseHTTPRequestHandler):
    bucket: Bucket

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query, keep_blank_values=True)
        key = unquote(url.path).split("/", 2)[2] if url.path.count("/") > 1 else ""
        if "list-type" in query:
            self._list(query["prefix"][0], query.get("delimiter", [""])[0])
        elif key in self.bucket.objects and key != self.bucket.broken:
            self.bucket.asked.append(key)
            self._answer(200, self.bucket.objects[key])
        else:
            self._answer(403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>")

    def _list(self, prefix: str, delimiter: str) -> None:
        self.bucket.asked.append(f"list {prefix}")
        folders: set[str] = set()
        parts = []
        for key, content in sorted(self.bucket.objects.items()):
            if not key.startswith(prefix):
                continue
            rest = key[len(prefix) :]
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.split(delimiter)[0] + delimiter)
            else:
                parts.append(
                    f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size></Contents>"
                )
        parts += [
            f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"
            for name in sorted(folders)
        ]
        body = (
            f"<ListBucketResult><IsTruncated>false</IsTruncated>{''.join(parts)}</ListBucketResult>"
        )
        self._answer(200, body.encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def bucket() -> Iterator[tuple[Bucket, Any]]:
    made = Bucket()
    handler = type("Bound", (Handler,), {"bucket": made})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{http.server_port}",
        region_name="eu-west-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI",
    )
    yield made, client
    http.shutdown()
    http.server_close()


def fetched(bucket: Bucket) -> list[str]:
    return sorted(name for name in bucket.asked if not name.startswith("list "))


def test_only_what_the_window_needs(bucket: tuple[Bucket, Any], tmp_path: Path) -> None:
    made, client = bucket
    wanted = made.put("eu-west-1", "2026-11-18")
    made.put("us-east-1", "2026-11-18")
    made.put("eu-west-1", "2026-08-01")
    made.put("eu-west-1", "2026-11-18", "444455556666")
    window = Window(since="2026-11-17", accounts=("111122223333",), regions=("eu-west-1",))
    assert mirror("s3://acme-trail", tmp_path, window, client=client, today=TODAY) == []
    assert fetched(made) == [wanted]
    # Whole months of other days are not even listed.
    assert not any("2026/08" in name for name in made.asked)
    profile = read_folder(tmp_path, window=window)
    assert list(profile.principals) == ["arn:aws:iam::111122223333:role/app"]


def test_an_interrupted_run_goes_on(bucket: tuple[Bucket, Any], tmp_path: Path) -> None:
    made, client = bucket
    first, second = made.put("eu-west-1", "2026-11-17"), made.put("eu-west-1", "2026-11-18")
    made.broken = second
    (problem,) = mirror("s3://acme-trail/", tmp_path, Window(), client=client)
    assert problem.path == f"s3://acme-trail/{second}"
    assert problem.reason.startswith("cannot be fetched: an error occurred (AccessDenied)")
    made.broken, made.asked = "", []
    seen: list[tuple[int, int]] = []
    again = mirror(
        "s3://acme-trail/",
        tmp_path,
        Window(),
        client=client,
        on_progress=lambda done, total: seen.append((done, total)),
    )
    assert again == []
    assert fetched(made) == [second]
    assert seen == [(0, 1), (1, 1)]
    assert first not in fetched(made)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("head", ["", "org/", "a/b/"])
def test_prefixes_and_organizations(bucket: tuple[Bucket, Any], tmp_path: Path, head: str) -> None:
    made, client = bucket
    key = made.put("eu-west-1", "2026-11-18", head=head)
    made.objects[key.replace("AWSLogs/", "AWSLogs/o-abcd1234/")] = made.objects[key]
    made.objects[f"{head}AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/d.json.gz"] = b"x"
    assert mirror(f"s3://acme-trail/{head}", tmp_path, Window(), client=client) == []
    assert len(fetched(made)) == 2


def test_a_key_cannot_lead_out_of_the_folder(bucket: tuple[Bucket, Any], tmp_path: Path) -> None:
    made, client = bucket
    made.objects["logs/../../evil.json"] = b"{}"
    (problem,) = mirror("s3://acme-trail/logs/", tmp_path / "in", Window(), client=client)
    assert problem.reason == "has a name that is no path"
    assert not (tmp_path / "evil.json").exists()


@pytest.mark.parametrize("uri", ["s3://", "s3://A", "s3://x y/z", "http://acme-trail/"])
def test_no_location(uri: str, tmp_path: Path) -> None:
    with pytest.raises(S3Error, match="is no S3 location"):
        mirror(uri, tmp_path, Window(), client=object())


def test_a_bucket_that_cannot_be_listed(tmp_path: Path) -> None:
    client = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:9",
        region_name="eu-west-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI",
        config=boto3.session.Config(retries={"total_max_attempts": 1}, connect_timeout=1),
    )
    with pytest.raises(S3Error, match="cannot list `s3://acme-trail`: could not connect"):
        mirror("s3://acme-trail", tmp_path, Window(), client=client)
