"""Bad input from the command line: one clear line with place and reason, and the rest goes on."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from iamlint.app.cli import run

from .conftest import Scan, found

GOOD = """\
resource "aws_iam_role_policy_attachment" "ci" {
  role       = "ci"
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"""


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("broken.tf", 'resource "aws_iam_role" "x" {\n  name = "a\n}\n', 2),
        ("unclosed.tf", 'resource "aws_iam_role" "x" {\n', 1),
        (
            "broken.yaml",
            "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  R: [AWS::IAM::Role\n",
            4,
        ),
        # A trailing comma is no fault here: CloudFormation reads JSON as YAML.
        ("broken.json", '{"Resources": {"R": {"Type": "AWS::IAM::Role"}', 1),
        ("deep.json", '{"Resources": {"R": {"Type": "AWS::IAM::Role", "x": ' + "[" * 100_000, 1),
        ("deep.yaml", "Resources: {R: {Type: 'AWS::IAM::Role', x: " + "[" * 100_000, 1),
    ],
)
def test_a_broken_file_is_a_finding_and_the_rest_goes_on(
    project: Path, scan: Scan, name: str, text: str, line: int
) -> None:
    (project / name).write_text(text)
    (project / "good.tf").write_text(GOOD)
    report = scan(".")
    broken = found(report, "IAM001")
    assert [(item["path"], item["start"]["line"]) for item in broken] == [(name, line)]
    assert len(broken[0]["message"].splitlines()) == 1
    assert [item["path"] for item in found(report, "IAM101")] == ["good.tf"]
    assert report["exit"] == 1


def test_a_broken_file_that_was_named_is_exit_code_3(project: Path, scan: Scan) -> None:
    (project / "broken.tf").write_text('resource "aws_iam_role" {{{\n')
    assert scan("broken.tf")["exit"] == 3
    assert scan("--strict", ".")["exit"] == 3
    assert scan("--exit-zero", ".")["exit"] == 0


def test_files_that_are_no_iac_are_passed_over_silently(project: Path, scan: Scan) -> None:
    (project / "notes.yaml").write_text("a: [broken\n")
    (project / "data.json").write_text('{"a": ')
    (project / "empty.tf").write_text("")
    (project / "empty.json").write_text("")
    (project / "image.template").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    (project / "latin.yaml").write_bytes("name: caf\xe9\n".encode("latin-1"))
    report = scan(".")
    assert report["findings"] == []
    assert report["exit"] == 0


def test_binary_under_a_terraform_name_is_told(project: Path, scan: Scan) -> None:
    (project / "main.tf").write_bytes(b'resource "aws_iam_role" "x" {\0\0}')
    (project / "good.tf").write_text(GOOD)
    report = scan(".")
    assert [item["path"] for item in found(report, "IAM001")] == ["main.tf"]
    assert "NUL byte" in found(report, "IAM001")[0]["message"]


def test_a_huge_file_is_told_and_not_read(project: Path, scan: Scan) -> None:
    with (project / "huge.json").open("wb") as file:
        file.write(b'{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"x": "AWS::IAM::Role')
        file.truncate(100 * 1024 * 1024)
    report = scan(".")
    assert [item["path"] for item in found(report, "IAM001")] == ["huge.json"]
    assert "100.0 MB" in found(report, "IAM001")[0]["message"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_told(project: Path, scan: Scan) -> None:
    (project / "secret").mkdir()
    (project / "secret").chmod(0)
    (project / "good.tf").write_text(GOOD)
    report = scan(".")
    (project / "secret").chmod(0o755)
    assert found(report, "IAM101")


def test_cycles_of_locals_are_told_and_end(project: Path, scan: Scan) -> None:
    (project / "main.tf").write_text(
        "locals {\n  a = local.b\n  b = local.a\n}\n\n"
        'resource "aws_iam_role_policy" "x" {\n  role = "r"\n  policy = local.a\n}\n' + GOOD
    )
    report = scan(".")
    assert [item["address"] for item in report["unresolved"]] == ["aws_iam_role_policy.x"]
    assert found(report, "IAM101")


def test_a_trail_with_broken_files_is_told_and_the_rest_counts(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = project / "logs"
    logs.mkdir()
    event = {
        "eventTime": "2026-11-01T10:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "ListBuckets",
        "eventType": "AwsApiCall",
        "awsRegion": "eu-west-1",
        "recipientAccountId": "111122223333",
        "userIdentity": {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/ann",
            "accountId": "111122223333",
        },
    }
    whole = gzip.compress(json.dumps({"Records": [event, {"eventTime": 3}]}).encode())
    (logs / "good.json.gz").write_bytes(whole)
    (logs / "cut.json.gz").write_bytes(whole[:-20])
    (logs / "other.json").write_text('{"hello": "world"}')
    (logs / "broken.json").write_text('{"Records": [')
    code = run(["usage", "build", "logs", "-o", "profile.json"])
    captured = capsys.readouterr()
    told = captured.err.splitlines()
    for name in ("cut.json.gz", "other.json", "broken.json"):
        assert sum(name in line for line in told) == 1, captured.err
    assert "Traceback" not in captured.err
    profile = json.loads((project / "profile.json").read_text())
    assert list(profile["principals"]) == ["arn:aws:iam::111122223333:user/ann"]
    assert profile["coverage"][0]["rejected"] == 1
    assert profile["coverage"][0]["files_failed"] >= 2
    assert code == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["scan", "nowhere"], "iamlint: no such file or folder: `nowhere`"),
        (["scan", "--select", "IAM999"], "iamlint: no rule matches `IAM999`"),
        (["scan", "--usage", "nowhere"], "iamlint: no such file or folder: `nowhere`"),
        (["scan", "-"], "iamlint: standard input needs a name"),
        (["explain", "IAM10"], "iamlint: no such rule: `IAM10`"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    assert run(arguments) == 2
    assert capsys.readouterr().err.splitlines()[0] == line
