"""CloudTrail files to a profile: CPU seconds, beside other ways and the limit of one in C++.

Two jobs are measured.  *Sums* group records by who, what, where, error and bucket, the same groups
in each program.  The *profile* is the whole job: what else has a say, copies of events, actions,
denials, resources.  The tree is resampled: published events beside the project where they are
there, else those of the fixtures, given to some hundred principals over a month, in files as
CloudTrail delivers them.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import cpu_of

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(__file__).parent / "_usage"
MEGABYTES = int(os.environ.get("IAMLINT_BENCH_MB", "300"))
RECORDS_PER_FILE = 3_000
TRAILSCRAPER_PYTHON = os.environ.get("IAMLINT_BENCH_TRAILSCRAPER", sys.executable)
"""trailscraper wants older packages than the tests: it may have an environment of its own."""

OURS = "import sys; from iamlint.usage.cloudtrail import read_folder; read_folder(sys.argv[1], jobs=int(sys.argv[2]))"
PEER = """
import sys, glob, gzip, json
sums = {}
for path in glob.glob(sys.argv[1] + "/**/*.gz", recursive=True):
    with gzip.open(path) as file:
        for event in json.load(file)["Records"]:
            identity = event.get("userIdentity") or {}
            issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
            key = (issuer.get("arn") or identity.get("arn"), event["eventSource"], event["eventName"],
                   event.get("awsRegion"), event.get("errorCode"),
                   str(event.get("resources")), str((event.get("requestParameters") or {}).get("bucketName")))
            time = event["eventTime"]
            seen = sums.setdefault(key, [0, time, time])
            seen[0] += 1
            seen[1] = min(seen[1], time)
            seen[2] = max(seen[2], time)
"""
FLOOR = """
import sys, glob
from iamlint.usage import event, inflate
with inflate.steady_memory():
    for path in glob.glob(sys.argv[1] + "/**/*.gz", recursive=True):
        with open(path, "rb") as file:
            event.decode_file(inflate.inflate(file.read()))
"""


TRAILSCRAPER_COMMAND = """
"{python}" -c 'from trailscraper.cli import root_group; root_group()' select \\
  --log-dir "{folder}" --from 2026-09-30 --to 2026-11-02 |
"{python}" -c 'from trailscraper.cli import root_group; root_group()' generate
"""


ROUNDS = 5


def run() -> Iterator[str]:
    """Figures for one tree: CPU seconds, MB/s of inflated data, memory, speed-up of two processes.

    The programs take turns, for what else the machine does slows down all alike.  trailscraper,
    the one other that makes actions, reads one account of the tree.
    """
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as scratch:
        tree, work = Path(made), Path(scratch)
        size, count = make_tree(tree, MEGABYTES)
        yield f"{size / 1e6:.0f} MB inflated, {count:,} events; load of the machine {os.getloadavg()[0]:.1f}"
        account = tree / "AWSLogs" / "000000000001"
        share = _bytes(account) / _bytes(tree)
        commands, missing = _commands(made, work, account)
        _check(commands, count)
        taken = {name: float("inf") for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                taken[name] = min(taken[name], cpu_of(command, runs=1))
        if TRAILSCRAPER in taken:
            taken[TRAILSCRAPER] /= share
        for name, cpu in taken.items():
            part = f" (from {share:.0%} of it)" if name == TRAILSCRAPER else ""
            yield f"{name:<34} {cpu:6.2f} CPU-s  {size / 1e6 / cpu:6.0f} MB/s{part}"
        yield from missing
        for ours, theirs, asked in ASKED:
            if theirs in taken:
                part = taken[ours] / taken[theirs]
                yield f"{ours}: {part:.2f} of {theirs} (1/{1 / part:.1f}); asked: {asked}"
        one, two = _wall(made, 1), _wall(made, 2)
        yield f"two processes: {one / two:.2f} times as fast (wall {one:.2f} s to {two:.2f} s); asked: 1.7"
        (alone, _), (own, others) = _cpu(made, 1), _cpu(made, 2)
        yield (
            f"two processes: {(own + others) / alone:.2f} of the CPU of one: "
            f"{alone / (own + others / 2):.2f} times as fast on two cores that do nothing else"
        )
        yield f"memory: {_memory(tree):.0f} MB for all, {_memory(account):.0f} MB for an eighth"


PROFILE, SUMS, READ = "iamlint, profile", "iamlint's reader, sums", "iamlint's reader, nothing else"
NATIVE, DUCK = "simdjson and libdeflate, sums", "DuckDB, sums"
DUCK_PROFILE, TRAILSCRAPER = "DuckDB, iamlint's SELECT, profile", "trailscraper, policies"
ASKED = (
    (SUMS, NATIVE, "1.7"),
    (READ, NATIVE, "no more, it is part of both"),
    (PROFILE, NATIVE, "no more, C++ makes no profile"),
    (SUMS, DUCK, "1/3"),
    (PROFILE, DUCK_PROFILE, "1/3"),
    (PROFILE, TRAILSCRAPER, "1/25"),
)


def _commands(tree: str, work: Path, account: Path) -> tuple[dict[str, list[str]], list[str]]:
    """What there is to run, and why the rest is not."""
    python, missing = sys.executable, []
    commands = {
        PROFILE: [python, "-c", OURS, tree, "1"],
        SUMS: [python, str(PROGRAMS / "sums.py"), tree],
        READ: [python, "-c", FLOOR, tree],
        "gzip and json, sums": [python, "-c", PEER, tree],
    }
    program, reason = _native(work)
    if program:
        commands[NATIVE] = [program, tree]
    else:
        missing.append(f"{NATIVE}: skipped, {reason}")
    if importlib.util.find_spec("duckdb") and importlib.util.find_spec("sqlglot"):
        import sqlglot

        from iamlint.usage.athena import query

        select = work / "select.sql"
        select.write_text(sqlglot.transpile(query(), read="trino", write="duckdb")[0])
        commands[DUCK] = [python, str(PROGRAMS / "duck.py"), tree]
        script = str(PROGRAMS / "duck_profile.py")
        commands[DUCK_PROFILE] = [python, script, tree, str(select), str(work)]
    else:
        missing.append("DuckDB: skipped, not installed")
    if _has_trailscraper():
        script = TRAILSCRAPER_COMMAND.format(python=TRAILSCRAPER_PYTHON, folder=account)
        commands[TRAILSCRAPER] = ["sh", "-c", script]
    else:
        missing.append(
            "trailscraper: skipped, tell the Python that has it in IAMLINT_BENCH_TRAILSCRAPER"
        )
    return commands, missing


def _check(commands: dict[str, list[str]], count: int) -> None:
    """All that sum up must have seen the same."""
    said = {name: _said(commands[name]) for name in (SUMS, NATIVE, DUCK) if name in commands}
    assert len(set(said.values())) == 1, said
    assert said[SUMS].startswith(f"{count} records, "), said
    if DUCK_PROFILE in commands:
        assert _said(commands[DUCK_PROFILE]).startswith(f"{count} records, ")


def _said(command: list[str]) -> str:
    """What a program prints: that all have counted the same."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _native(folder: Path) -> tuple[str, str]:
    """The limit in C++, built with what is there; else why it is not."""
    compiler = shutil.which("c++")
    if compiler is None:
        return "", "no C++ compiler"
    program, source = str(folder / "native"), str(PROGRAMS / "native.cpp")
    command = [compiler, "-O3", "-std=c++17", source, "-o", program, "-lsimdjson", "-ldeflate"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return "", "it does not build: libsimdjson-dev and libdeflate-dev are needed"
    return program, ""


def _has_trailscraper() -> bool:
    command = [TRAILSCRAPER_PYTHON, "-c", "import trailscraper"]
    return not subprocess.run(command, capture_output=True, check=False).returncode


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.gz"))


def make_tree(folder: Path, megabytes: int, seed: int = 7) -> tuple[int, int]:
    """Write an AWSLogs tree; answers its inflated size in bytes and the number of events."""
    source = random.Random(seed)
    base = list(_events())
    principals = [_principal(source, number) for number in range(400)]
    weights = [1 / (rank + 1) ** 0.9 for rank in range(len(principals))]
    own = [source.choices(base, k=source.choice([6, 15, 40])) for _ in principals]
    here: dict[str, list[int]] = {}
    for at, principal in enumerate(principals):
        here.setdefault(principal["accountId"], []).append(at)
    size = count = number = 0
    while size < megabytes * 1_000_000:
        account, region = f"{source.randrange(1, 9):012}", source.choice(["us-east-1", "eu-west-1"])
        day = source.randrange(1, 31)
        records = []
        # A call is recorded in the account that it was made in: mostly the caller's own.
        there = here[account]
        for index in source.choices(there, [weights[at] for at in there], k=RECORDS_PER_FILE):
            event = dict(source.choice(own[index]))
            event["userIdentity"] = principals[index]
            event["eventTime"] = f"2026-10-{day:02}T{source.randrange(24):02}:00:00Z"
            event["awsRegion"], event["recipientAccountId"] = region, account
            event["eventID"] = str(uuid.UUID(int=source.getrandbits(128)))
            event.pop("sharedEventID", None)
            if event["eventSource"] == "s3.amazonaws.com" and event.get("requestParameters"):
                key = f"{source.getrandbits(40):x}"
                event["requestParameters"] = {**event["requestParameters"], "key": key}
            records.append(event)
        text = json.dumps({"Records": records}, separators=(",", ":")).encode()
        path = folder / "AWSLogs" / account / "CloudTrail" / region / "2026" / "10" / f"{day:02}"
        path.mkdir(parents=True, exist_ok=True)
        name = f"{account}_CloudTrail_{region}_202610{day:02}T0000Z_{number:06}.json.gz"
        (path / name).write_bytes(gzip.compress(text, 6))
        size, count, number = size + len(text), count + len(records), number + 1
    return size, count


def _events() -> Iterator[dict[str, Any]]:
    published = sorted((ROOT.parent / "shared" / "data" / "cloudtrail").glob("*.jsonl"))
    for path in published:
        for line in path.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            if len(line) < 20_000 and isinstance(event.get("eventName"), str):
                yield event
    if not published:
        for path in sorted((ROOT / "fixtures" / "cloudtrail").rglob("*_CloudTrail_*.json.gz")):
            yield from json.loads(gzip.decompress(path.read_bytes()))["Records"]


def _principal(source: random.Random, number: int) -> dict[str, Any]:
    account, unique = f"{source.randrange(1, 9):012}", f"AROA{number:017}"
    arn = f"arn:aws:iam::{account}:role/app-{number}"
    issuer = {"type": "Role", "principalId": unique, "arn": arn, "accountId": account}
    return {
        "type": "AssumedRole",
        "principalId": f"{unique}:session",
        "arn": f"arn:aws:sts::{account}:assumed-role/app-{number}/session",
        "accountId": account,
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
    }


FORCE = "import iamlint.usage.parallel as p; p.WORTH_BYTES = 0; "


def _wall(folder: str, jobs: int) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", FORCE + OURS, folder, str(jobs)], check=True)
        best = min(best, time.perf_counter() - start)
    return best


TOLD = """
import resource
for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
    used = resource.getrusage(whose)
    print(used.ru_utime + used.ru_stime)
"""


def _cpu(folder: str, jobs: int) -> tuple[float, float]:
    """The CPU seconds of the process itself and of those that it starts."""
    code = FORCE + OURS + "\n" + TOLD
    runs = [_said([sys.executable, "-c", code, folder, str(jobs)]).split() for _ in range(3)]
    own, others = min(([float(part) for part in run] for run in runs), key=sum)
    return own, others


def _memory(folder: Path) -> float:
    """The greatest resident size of a run, in MB."""
    code = f"{OURS}; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), "1"], check=True, capture_output=True, text=True
    )
    return int(done.stdout) / 1024
