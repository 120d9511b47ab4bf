"""Bad CloudTrail input: one line each, nothing lost around it, nothing raised, memory bounded."""

from __future__ import annotations

import gzip
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from iamlint.usage.cloudtrail import read_folder
from iamlint.usage.files import Problem
from iamlint.usage.profile import UsageProfile

ROLE = "arn:aws:iam::111122223333:role/app"
GOOD: dict[str, Any] = {
    "eventTime": "2026-11-01T10:00:00Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "CreateBucket",
    "awsRegion": "eu-west-1",
    "recipientAccountId": "111122223333",
    "userIdentity": {"sessionContext": {"sessionIssuer": {"arn": ROLE}}},
    "requestParameters": {"bucketName": "media"},
}
WHOLE = json.dumps({"Records": [GOOD]}).encode()


def outcome(folder: Path) -> tuple[UsageProfile, list[Problem]]:
    problems: list[Problem] = []
    return read_folder(folder, problems=problems), problems


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json.gz", gzip.compress(WHOLE)[:-20], "is truncated: the gzip stream has no end"),
        ("a.json.gz", b"\x1f\x8b", "is truncated: the gzip stream has no end"),
        ("a.json.gz", b"\x1f\x8b" + b"\xff" * 200, "is damaged: "),
        (
            "a.json.gz",
            gzip.compress(WHOLE) + b"trailing",
            "is damaged: bytes that are no gzip follow its end",
        ),
        ("a.json.gz", b"", "is empty"),
        ("a.json", b"   \n", "is empty"),
        ("a.json", b"{", "is not JSON: "),
        ("a.json", WHOLE[:-30], "is not JSON: "),
        ("a.json", b"\x00\x01\x02\xff", "is not JSON: "),
        ("a.json", b'"text"', "is no CloudTrail file: "),
        ("a.json", b"{}", "is no CloudTrail file: it has neither `Records` nor `Events`"),
        ("a.json", b'{"Records": 7}', "is no CloudTrail file: `Records` is no list"),
        ("a.json", b'{"Records": {"a": 1}}', "is no CloudTrail file: `Records` is no list"),
        ("a.json", b"[" * 200_000, "is not JSON: "),
        ("a.json", b'{"Records":' + b"[" * 200_000, "is "),
    ],
)
def test_one_bad_file_beside_a_good_one(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "good.json").write_bytes(WHOLE)
    profile, problems = outcome(tmp_path)
    (problem,) = problems
    assert problem.path == str(tmp_path / name)
    assert problem.reason.startswith(reason)
    assert "\n" not in str(problem)
    assert profile.principals[ROLE].actions["s3:CreateBucket"].n == 1
    assert (profile.coverage[0].files, profile.coverage[0].files_failed) == (2, 1)


@pytest.mark.parametrize(
    "bad",
    [
        {"eventName": 7},
        {"eventName": None},
        {"userIdentity": "root"},
        {"eventTime": 20261101},
        {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": ["x"]}}}},
    ],
)
def test_one_bad_record_among_good_ones(tmp_path: Path, bad: dict[str, Any]) -> None:
    records = [GOOD] * 4 + [{**GOOD, **bad}] + [GOOD] * 4
    (tmp_path / "a.json").write_text(json.dumps({"Records": records}))
    profile, (problem,) = outcome(tmp_path)
    assert profile.principals[ROLE].actions["s3:CreateBucket"].n == 8
    assert profile.coverage[0].rejected == 1
    assert profile.coverage[0].files_failed == 0
    assert problem.records == 1
    assert problem.reason.startswith("has 1 of 9 records that are none: ")


@pytest.mark.parametrize("time", ["", "yesterday", "0000-00-00T00:00:00Z", "9" * 5_000])
def test_a_record_without_a_day(tmp_path: Path, time: str) -> None:
    records = [GOOD, {**GOOD, "eventTime": time}]
    (tmp_path / "a.json").write_text(json.dumps({"Records": records}))
    profile, (problem,) = outcome(tmp_path)
    assert profile.coverage[0].rejected == 1
    assert problem.reason == "has 1 of 2 records without a valid time"


@pytest.mark.parametrize(
    "odd",
    [
        {"requestParameters": {"bucketName": 10**400}},
        {"requestParameters": "HIDDEN_DUE_TO_SECURITY_REASONS"},
        {"requestParameters": {"omitted": True, "reason": "requestParameters too large"}},
        {"requestParameters": ["a"]},
        {"requestParameters": {"bucketName": {"a": ["b", {"c": None}]}}},
        {"requestParameters": {"bucketName": "a\u0000b"}},
        {"resources": ["text"]},
        {"resources": {"a": 1}},
        {"resources": [{"ARNPrefix": "arn:aws:s3:::b/", "type": "AWS::S3::Object"}]},
        {"responseElements": "x" * 100_000},
        {"unknown": 10**400},
    ],
)
def test_odd_parameters_lose_the_resource_and_not_the_call(
    tmp_path: Path, odd: dict[str, Any]
) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"Records": [{**GOOD, **odd}]}))
    profile, problems = outcome(tmp_path)
    assert problems == []
    assert profile.principals[ROLE].actions["s3:CreateBucket"].n == 1


def test_deep_parameters(tmp_path: Path) -> None:
    deep = '{"a":' * 50_000 + "1" + "}" * 50_000
    text = json.dumps({"Records": [GOOD, {**GOOD, "requestParameters": "DEEP"}]})
    (tmp_path / "a.json").write_text(text.replace('"DEEP"', deep))
    profile, problems = outcome(tmp_path)
    assert profile.principals[ROLE].actions["s3:CreateBucket"].n == 1
    assert [problem.records for problem in problems] == [1]
    assert profile.coverage[0].rejected == 1


def test_all_members_of_a_gzip_count(tmp_path: Path) -> None:
    half = len(WHOLE) // 2
    parts = gzip.compress(WHOLE[:half]) + gzip.compress(WHOLE[half:]) + b"\0" * 512
    (tmp_path / "a.json.gz").write_bytes(parts)
    profile, problems = outcome(tmp_path)
    assert problems == []
    assert profile.principals[ROLE].actions["s3:CreateBucket"].n == 1


def test_a_bomb_is_not_inflated(tmp_path: Path) -> None:
    block = gzip.compress(b" " * 2**20)
    (tmp_path / "a.json.gz").write_bytes(block * 200)
    profile, (problem,) = outcome(tmp_path)
    assert problem.reason == "inflates to more than a trail's file may hold; it may be a bomb"
    assert profile.coverage[0].files_failed == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "a.json").write_bytes(WHOLE)
    closed.chmod(0)
    try:
        _, (problem,) = outcome(tmp_path)
    finally:
        closed.chmod(0o700)
    assert problem.reason == "cannot be read: permission denied"


def test_a_missing_source(tmp_path: Path) -> None:
    _, problems = outcome(tmp_path / "nowhere")
    assert problems == [Problem(str(tmp_path / "nowhere"), "does not exist")]


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "a" / "x.json").write_bytes(WHOLE)
    (tmp_path / "a" / "same.json").symlink_to(tmp_path / "a" / "x.json")
    profile, problems = outcome(tmp_path)
    assert problems == []
    assert profile.coverage[0].files == 1


def test_bytes_at_random(tmp_path: Path) -> None:
    """Damage at any place: the reader answers, and what it counts is consistent."""
    source = random.Random(1)
    content = json.dumps({"Records": [GOOD] * 20}).encode()
    for number in range(150):
        damaged = bytearray(content)
        for _ in range(source.randrange(1, 6)):
            damaged[source.randrange(len(damaged))] = source.randrange(256)
        (tmp_path / f"{number}.json").write_bytes(damaged)
    profile, problems = outcome(tmp_path)
    entry = profile.coverage[0]
    assert entry.files == 150
    assert entry.files_failed == sum(problem.records == 0 for problem in problems)
    assert entry.rejected == sum(problem.records for problem in problems)
    assert entry.events > 0


def test_wildcards_in_a_call_do_not_enter_a_policy(tmp_path: Path) -> None:
    records = [
        {**GOOD, "requestParameters": {"bucketName": name}} for name in ("*", "a?", "${x}", "a b\n")
    ]
    (tmp_path / "a.json").write_text(json.dumps({"Records": records}))
    profile, _ = outcome(tmp_path)
    use = profile.principals[ROLE].actions["s3:CreateBucket"]
    assert (use.resources, use.resources_complete) == ([], False)
