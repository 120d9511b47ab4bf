"""Usage asked for at AWS, against a local moto server; without moto they are skipped."""

from __future__ import annotations

import gzip
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iamlint.usage.athena import COLUMNS

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
server = pytest.importorskip(
    "moto.moto_server.threaded_moto_server", reason="moto[server] is not installed"
)
pytestmark = pytest.mark.slow

ROLE = "arn:aws:iam::111122223333:role/app"
BUCKET = "acme-trail"
FILES = 400


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def environ(endpoint: str, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
    }


@pytest.fixture
def s3(endpoint: str) -> Iterator[Any]:
    made = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="example",
    )
    made.create_bucket(Bucket=BUCKET)
    yield made
    urllib.request.urlopen(
        urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST"), timeout=10
    )


def trail(number: int) -> tuple[str, bytes]:
    event = {
        "eventTime": f"2026-11-{number % 28 + 1:02}T10:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "CreateBucket",
        "awsRegion": "eu-west-1",
        "recipientAccountId": "111122223333",
        "eventID": str(number),
        "userIdentity": {"sessionContext": {"sessionIssuer": {"arn": ROLE}}},
        "requestParameters": {"bucketName": "media"},
    }
    day = f"2026/11/{number % 28 + 1:02}"
    key = f"AWSLogs/111122223333/CloudTrail/eu-west-1/{day}/{number}.json.gz"
    # What does not compress, so that fetching takes a moment.
    padding = os.urandom(2_000).hex()
    return key, gzip.compress(json.dumps({"Records": [event], "padding": padding}).encode())


def build(*arguments: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "iamlint",
        "usage",
        "build",
        *arguments,
        "--no-progress",
        "--all-principals",
    ]


def test_an_interrupted_build_goes_on_where_it_stopped(
    s3: Any, environ: dict[str, str], tmp_path: Path
) -> None:
    for number in range(FILES):
        key, content = trail(number)
        s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    output = tmp_path / "usage.json"
    command = build(f"s3://{BUCKET}", "-o", str(output))
    first = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    cache = tmp_path / "cache"
    deadline = time.monotonic() + 60
    while len(list(cache.rglob("*.gz"))) < 20 and time.monotonic() < deadline:
        time.sleep(0.005)
    first.send_signal(signal.SIGKILL)
    first.wait()
    fetched = {path: path.stat().st_mtime_ns for path in cache.rglob("*.gz")}
    assert 20 <= len(fetched) < FILES
    assert not output.exists()
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list(cache.rglob("*.gz"))) == FILES
    # What was there was not fetched again.
    assert {path: path.stat().st_mtime_ns for path in fetched} == fetched
    assert json.loads(output.read_text())["coverage"][0]["events"] == FILES


def queue(endpoint: str, rows: list[dict[str, str]]) -> None:
    """What Athena is to answer next."""
    data = [{"Data": [{"VarCharValue": row.get(name, "")} for name in COLUMNS]} for row in rows]
    header = {"Data": [{"VarCharValue": name} for name in COLUMNS]}
    body = {
        "region": "eu-west-1",
        "results": [{"rows": [header, *data], "column_info": [{"Name": name} for name in COLUMNS]}],
    }
    request = urllib.request.Request(
        f"{endpoint}/moto-api/static/athena/query-results",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 201


def test_athena_runs_the_query(
    endpoint: str, s3: Any, environ: dict[str, str], tmp_path: Path
) -> None:
    row = {
        "issuer_arn": ROLE,
        "identity_type": "AssumedRole",
        "account": "111122223333",
        "region": "eu-west-1",
        "event_source": "s3.amazonaws.com",
        "event_name": "CreateBucket",
        "read_only": "false",
        "refused": "0",
        "names_role": "0",
        "request": "bucketName=media",
        "n": "12",
        "first_day": "2026-11-01",
        "last_day": "2026-11-09",
    }
    queue(endpoint, [row])
    output = tmp_path / "usage.json"
    command = build("athena:db.trail", "--athena-output", f"s3://{BUCKET}/a", "-o", str(output))
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    use = json.loads(output.read_text())["principals"][ROLE]["actions"]["s3:CreateBucket"]
    assert (use["n"], use["resources"]) == (12, ["arn:aws:s3:::media"])


@pytest.fixture
def with_mfa(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """A profile whose role asks for a code."""
    (tmp_path / "config").write_text(
        "[profile audit]\n"
        f"role_arn = {ROLE}\n"
        "source_profile = me\n"
        "mfa_serial = arn:aws:iam::111122223333:mfa/me\n"
        "[profile me]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"
    )
    return {
        name: value
        for name, value in environ.items()
        if name not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    }


def test_a_profile_with_mfa_and_its_code(s3: Any, with_mfa: dict[str, str], tmp_path: Path) -> None:
    key, content = trail(1)
    s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    output = tmp_path / "usage.json"
    command = build(
        f"s3://{BUCKET}", "-o", str(output), "--aws-profile", "audit", "--mfa-code", "123456"
    )
    done = subprocess.run(
        command, env=with_mfa, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(json.loads(output.read_text())["principals"]) == [ROLE]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_the_code_is_asked_for_on_the_terminal(
    s3: Any, with_mfa: dict[str, str], tmp_path: Path
) -> None:
    key, content = trail(1)
    s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    output = tmp_path / "usage.json"
    command = build(f"s3://{BUCKET}", "-o", str(output), "--aws-profile", "audit")
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, with_mfa)
    said = b""
    deadline = time.monotonic() + 60
    while b"MFA code" not in said and time.monotonic() < deadline:
        if select.select([terminal], [], [], 1)[0]:
            said += os.read(terminal, 4096)
    assert b"MFA code for arn:aws:iam::111122223333:mfa/me" in said
    os.write(terminal, b"123456\n")
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        pass  # the terminal is closed with its program
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert list(json.loads(output.read_text())["principals"]) == [ROLE]


BOTO3 = """
import boto3
s3 = boto3.client("s3")
s3.create_bucket(Bucket="recorded", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
s3.put_object(Bucket="recorded", Key="a", Body=b"x")
boto3.client("sqs").create_queue(QueueName="q")
"""


def test_boto3_s_calls_to_a_server_are_recorded(
    s3: Any, environ: dict[str, str], tmp_path: Path
) -> None:
    used = recorded([sys.executable, "-c", BOTO3], environ, tmp_path)
    assert set(used) == {"s3:CreateBucket", "s3:PutObject", "sqs:CreateQueue"}


def test_the_aws_cli_s_calls_to_a_server_are_recorded(
    s3: Any, environ: dict[str, str], tmp_path: Path
) -> None:
    aws = shutil.which("aws", path=os.path.dirname(sys.executable)) or shutil.which("aws")
    if aws is None:
        pytest.skip("there is no aws CLI")
    (tmp_path / "note.txt").write_text("x")
    used = recorded(
        [aws, "s3", "cp", str(tmp_path / "note.txt"), f"s3://{BUCKET}/"], environ, tmp_path
    )
    assert set(used) == {"s3:PutObject"}
    used = recorded([aws, "s3api", "list-objects-v2", "--bucket", BUCKET], environ, tmp_path)
    assert set(used) == {"s3:ListBucket"}


def recorded(command: list[str], environ: dict[str, str], folder: Path) -> dict[str, Any]:
    """The actions in the profile of a recorded command, which says that it proves no absence."""
    output = folder / "recorded.json"
    record = [
        sys.executable,
        "-m",
        "iamlint",
        "record",
        "-o",
        str(output),
        "--principal",
        ROLE,
        "--",
    ]
    environ = {**environ, "AWS_DEFAULT_REGION": "eu-west-1"}
    done = subprocess.run(
        [*record, *command], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    profile = json.loads(output.read_text())
    assert profile["coverage"][0]["positive_only"]
    actions: dict[str, Any] = profile["principals"][ROLE]["actions"]
    return actions
