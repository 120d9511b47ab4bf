"""How files are shared out to processes, and that it changes no figure."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from iamlint.usage.cloudtrail import read_folder
from iamlint.usage.files import Problem
from iamlint.usage.parallel import Chunk, chunks, read_parallel
from iamlint.usage.profile import dumps

KB = 1024


@pytest.fixture(autouse=True)
def _always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iamlint.usage.parallel.WORTH_BYTES", 0)
    monkeypatch.setattr("iamlint.usage.parallel._CHUNK_BYTES", 4 * KB)


def delivered(
    folder: Path,
    account: str,
    minute: int,
    size: int = KB,
    region: str = "eu-west-1",
    trail: str = "a",
) -> Path:
    stamp = f"20261001T{minute // 60:02}{minute % 60:02}Z"
    path = folder / f"{account}_CloudTrail_{region}_{stamp}_{trail}.json"
    path.write_bytes(b" " * size)
    return path


def test_an_account_stays_together(tmp_path: Path) -> None:
    files = [
        delivered(tmp_path, account, minute)
        for minute in range(20)
        for account in ("111111111111", "222222222222", "333333333333", "444444444444")
    ]
    parts = chunks(files, 2)
    assert sorted(path for part in parts for path in part.files) == sorted(files)
    for part in parts:
        assert len({path.name[:12] for path in part.files}) == 1
        assert [*part.files] == sorted(part.files)
        assert part.before == ()


def test_the_largest_comes_first_and_small_accounts_go_together(tmp_path: Path) -> None:
    large = [delivered(tmp_path, "111111111111", minute, 64 * KB) for minute in range(2)]
    small = [delivered(tmp_path, f"{number:012}", 0, 10) for number in range(3)]
    parts = chunks([*small, *large], 2)
    assert parts[0].files[0] in large
    assert parts[-1].files == small


def test_one_account_is_cut_by_region_and_then_by_time(tmp_path: Path) -> None:
    files = [
        delivered(tmp_path, "111111111111", minute, 8 * KB, region)
        for minute in range(0, 600, 10)
        for region in ("eu-west-1", "us-east-1")
    ]
    parts = chunks(files, 2)
    assert sorted(path for part in parts for path in part.files) == sorted(files)
    for part in parts:
        assert len({path.name.split("_")[2] for path in part.files}) == 1
        if part.files[0] not in files[:2]:
            # No more than a tenth is looked at twice, and only what was delivered just before.
            assert 1 <= len(part.before) <= max(1, len(part.files) // 10)
            first = files.index(part.files[0])
            assert list(part.before) == files[first - 2 * len(part.before) : first : 2]


def test_what_was_delivered_long_before_is_not_looked_at(tmp_path: Path) -> None:
    files = [delivered(tmp_path, "111111111111", 120 * number, 8 * KB) for number in range(12)]
    assert len(chunks(files, 2)) > 1
    assert all(part.before == () for part in chunks(files, 2))


def event(number: int) -> dict[str, object]:
    return {
        "eventTime": "2026-10-01T10:00:00Z",
        "eventSource": "sqs.amazonaws.com",
        "eventName": "ListQueues",
        "awsRegion": "eu-west-1",
        "eventID": f"event-{number}",
        "recipientAccountId": "111111111111",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/u"},
        "requestParameters": {"padding": f"{number:040}" * 20},
    }


def test_an_event_of_two_trails_counts_once_whichever_process_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iamlint.usage.parallel._CHUNK_BYTES", KB * KB)
    for at in range(60):
        for trail in ("a", "b"):
            # The other trail delivers it a file later.
            known = 20 * (at - (trail == "b"))
            path = delivered(tmp_path, "111111111111", 5 * at, trail=trail)
            records = [event(number) for number in range(max(0, known), known + 20)]
            path.write_text(json.dumps({"Records": records}))
    one, two = (read_folder(tmp_path, jobs=jobs) for jobs in (1, 2))
    (use,) = (usage.actions["sqs:ListQueues"] for usage in one.principals.values())
    assert use.n == 60 * 20
    assert dumps(one) == dumps(two)


def test_a_file_before_that_is_none_is_told_once(tmp_path: Path) -> None:
    for at in range(40):
        delivered(tmp_path, "111111111111", 5 * at).write_text("{" + " " * 4000)
    alone: list[Problem] = []
    together: list[Problem] = []
    one = read_folder(tmp_path, problems=alone, jobs=1)
    two = read_folder(tmp_path, problems=together, jobs=2)
    assert len(alone) == 40
    assert alone == together
    assert dumps(one) == dumps(two)


def _ends_if_told(chunk: Chunk) -> int:
    if chunk.files[0].name == "die" and os.getpid() != _PARENT:
        os._exit(9)
    return len(chunk.files)


_PARENT = os.getpid()


def test_what_a_lost_process_leaves_is_done_here() -> None:
    parts = [Chunk([Path("die")]), *(Chunk([Path(str(at)), Path("x")]) for at in range(5))]
    seen: list[int] = []
    assert sum(read_parallel(_ends_if_told, parts, 2, seen.append)) == 11
    assert seen[-1] == 11
