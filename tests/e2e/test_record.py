"""`iamlint record`: the calls of a command, heard from the SDK itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from iamlint.app.cli import run

ROLE = "arn:aws:iam::111122223333:role/app"

# Nothing listens on the discard port: the SDK tells of its call and of the failure to connect.
CALLS = """
import boto3, botocore.config, botocore.exceptions
config = botocore.config.Config(retries={"max_attempts": 0}, connect_timeout=1)
client = boto3.client("s3", endpoint_url="http://127.0.0.1:9", config=config)
for call in (client.list_buckets, lambda: client.head_object(Bucket="b", Key="k")):
    try:
        call()
    except botocore.exceptions.EndpointConnectionError:
        pass
raise SystemExit(7)
"""


def test_boto3_calls_are_recorded_as_positive_evidence(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("boto3")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": "/nonexistent",
    }.items():
        monkeypatch.setenv(name, value)
    arguments = [
        "record",
        "-o",
        "usage.json",
        "--principal",
        ROLE,
        "--",
        sys.executable,
        "-c",
        CALLS,
    ]
    assert run(arguments) == 7, "the exit code is the command's own"
    text = (project / "usage.json").read_text()
    profile = json.loads(text)
    assert profile["coverage"][0]["positive_only"] is True
    usage = profile["principals"][ROLE]
    assert set(usage["actions"]) == {"s3:ListAllMyBuckets", "s3:GetObject"}
    assert usage["actions"]["s3:GetObject"]["resources_complete"] is False
    assert "AKIA" not in text


def test_a_command_that_cannot_be_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["record", "--", "./no-such-command"]) == 2
    assert capsys.readouterr().err.startswith("iamlint: cannot run `./no-such-command`: ")
    assert run(["record"]) == 2
