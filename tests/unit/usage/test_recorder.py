"""Recording a command's calls, with a real SDK against a local server and with datagrams alone."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from iamlint.iam import catalog
from iamlint.usage.observe import observe
from iamlint.usage.profile import dumps, loads
from iamlint.usage.recorder import UNNAMED, Listener, _services, profile_of, record

ROLE = "arn:aws:iam::111122223333:role/app"


class _S3(BaseHTTPRequestHandler):
    """A server that knows three answers of S3."""

    def do_GET(self) -> None:
        if self.path.startswith("/secret"):
            self._answer(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
        elif self.path.startswith("/media"):
            self._answer(404, "<Error><Code>NoSuchKey</Code><Message>no</Message></Error>")
        else:
            self._answer(200, "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>")

    def _answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    http = HTTPServer(("127.0.0.1", 0), _S3)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()


SCRIPT = """
import sys, boto3
from botocore.exceptions import ClientError
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="eu-west-1")
s3.list_buckets()
for bucket in ("media", "secret"):
    try:
        s3.get_object(Bucket=bucket, Key="k")
    except ClientError:
        pass
sys.exit(7)
"""


@pytest.mark.slow
def test_a_command_with_boto3(server: str) -> None:
    pytest.importorskip("boto3", reason="boto3 is not installed")
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    found = record([sys.executable, "-c", SCRIPT, server], environment, ROLE)
    assert (found.exit_code, found.rejected) == (7, 0)
    usage = found.profile.principals[ROLE]
    assert {name: use.n for name, use in usage.actions.items()} == {
        "s3:GetObject": 1,
        "s3:ListAllMyBuckets": 1,
    }
    assert list(usage.denied) == ["s3:GetObject"]
    assert loads(dumps(found.profile)) == found.profile


def message(**fields: object) -> bytes:
    base = {"Version": 1, "Type": "ApiCall", "Service": "S3", "Api": "ListBuckets"}
    return json.dumps({**base, "Timestamp": 1_793_000_000_000, **fields}).encode()


def test_a_recording_proves_use_and_no_disuse() -> None:
    listener = Listener()
    listener.hear(message(Service="DynamoDB", Api="TransactWriteItems", Region="eu-west-1"))
    listener.hear(message(Service="CloudWatch Logs", Api="CreateLogStream"))
    profile = profile_of(listener, ROLE)
    usage = profile.principals[ROLE]
    assert list(usage.actions) == ["logs:CreateLogStream"]
    assert not usage.actions["logs:CreateLogStream"].resources_complete
    assert "dynamodb:PutItem" in usage.possible
    assert profile.coverage[0].positive_only
    assert observe("logs:DeleteLogGroup", usage, profile.coverage).cause == "no-coverage"


def test_attempts_are_no_calls_and_odd_services_are_not_lost() -> None:
    listener = Listener()
    listener.hear(message(Type="ApiCallAttempt"))
    listener.hear(message(Service="Brand New", Api="DoIt"))
    listener.hear(message(Api="DoIt"))
    usage = profile_of(listener).principals[UNNAMED]
    assert usage.actions == {}
    assert usage.unmapped == [("Brand New", "DoIt", 1), ("s3.amazonaws.com", "DoIt", 1)]


@pytest.mark.parametrize("datagram", [b"", b"{", b"\xff" * 100, b"[" * 60_000, b'{"Type": 1}'])
def test_noise_on_the_port(datagram: bytes) -> None:
    listener = Listener()
    listener.hear(datagram)
    assert (listener.rejected, listener.calls) == (1, {})


def test_the_port_is_on_the_loopback() -> None:
    with Listener() as listener:
        environment = listener.environment
        assert environment["AWS_CSM_HOST"] == "127.0.0.1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(message(), ("127.0.0.1", int(environment["AWS_CSM_PORT"])))
        while not listener.calls:
            listener.wait()
    assert list(listener.calls) == [("S3", "ListBuckets", "", False)]


def test_every_service_of_the_table_exists() -> None:
    assert len(_services()) > 400
    for prefix in _services().values():
        assert catalog.service(prefix) is not None
