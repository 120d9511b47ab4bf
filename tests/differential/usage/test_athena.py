"""The SELECT for Athena, transpiled and run in DuckDB, against the reader of files.

Both packages are for this comparison alone; without them only the text and the reading of rows
are tested.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from iamlint.usage.athena import COLUMNS, query, read_rows
from iamlint.usage.cloudtrail import profile_of, read_folder
from iamlint.usage.profile import UsageProfile
from iamlint.usage.services import READS
from iamlint.usage.tally import Tally

ROW = {
    "issuer_arn": "arn:aws:iam::111122223333:role/app",
    "issuer_id": "AROAEXAMPLE",
    "identity_type": "AssumedRole",
    "account": "111122223333",
    "region": "eu-west-1",
    "event_source": "s3.amazonaws.com",
    "event_name": "GetObject",
    "event_category": "Data",
    "read_only": "true",
    "refused": "0",
    "request": "bucketName=media\x1fversionId=1",
    "names_role": "0",
    "n": "12",
    "first_day": "2026-10-01",
    "last_day": "2026-10-09",
}


def rows(path: Path, *changes: dict[str, str]) -> Path:
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        for change in changes:
            writer.writerow({**dict.fromkeys(COLUMNS, ""), **ROW, **change})
    return path


def read(path: Path) -> tuple[UsageProfile, list[str]]:
    tally = Tally()
    problems = read_rows(path, tally)
    return profile_of(tally, "athena"), [problem.reason for problem in problems]


def test_rows(tmp_path: Path) -> None:
    path = rows(
        tmp_path / "r.csv",
        {},
        {"event_name": "PutObject", "error_code": "AccessDenied", "read_only": "false"},
        {"event_source": "ec2.amazonaws.com", "event_name": "StopInstances", "request": ""},
        {"event_source": "lambda.amazonaws.com", "event_name": "UpdateAlias", "names_role": "1"},
    )
    profile, problems = read(path)
    assert problems == []
    usage = profile.principals["arn:aws:iam::111122223333:role/app"]
    assert usage.actions["s3:GetObject"].n == 12
    assert usage.actions["s3:GetObject"].resources == ["arn:aws:s3:::media/*"]
    assert usage.actions["s3:GetObject"].resources_complete
    assert "s3:GetObjectVersion" in usage.actions
    assert list(usage.denied) == ["s3:PutObject"]
    assert not usage.actions["ec2:StopInstances"].resources_complete
    assert "iam:PassRole" in usage.possible
    assert profile.coverage[0].events == 48


def test_without_mfa(tmp_path: Path) -> None:
    user = {
        "issuer_arn": "",
        "issuer_id": "",
        "identity_type": "IAMUser",
        "identity_arn": "arn:aws:iam::111122223333:user/jo",
        "identity_account": "111122223333",
        "n": "1",
    }
    root = {**user, "identity_type": "Root", "identity_arn": "arn:aws:iam::111122223333:root"}
    told = [{**user, "mfa": mfa} for mfa in ("key", "false", "true", "")]
    profile, _ = read(rows(tmp_path / "r.csv", *told, {**root, "mfa": "key"}))
    use = profile.principals["arn:aws:iam::111122223333:user/jo"].actions["s3:GetObject"]
    assert (use.n, use.without_mfa) == (4, 2)
    assert profile.root["111122223333"].by_key == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"n": "x"}, "has 1 rows that are none: invalid literal"),
        ({"n": "0"}, "has 1 rows that are none: count or days make no sense"),
        ({"first_day": "soon"}, "has 1 rows that are none: count or days make no sense"),
        ({"event_name": ""}, "has 1 rows that are none: no event source or name"),
    ],
)
def test_bad_rows_among_good_ones(tmp_path: Path, change: dict[str, str], reason: str) -> None:
    profile, problems = read(rows(tmp_path / "r.csv", {}, change, {}))
    assert profile.coverage[0].events == 24
    assert profile.coverage[0].rejected == 1
    assert problems[0].startswith(reason)


def test_what_is_no_result(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("a,b\n1,2\n")
    assert read(path)[1] == ["is no result of iamlint's query: it has no column `issuer_arn`"]
    path.write_bytes(b"\xff\xfe\x00")
    assert read(path)[1][0].startswith("cannot be read: ")


def test_a_result_is_a_source_like_any_other(tmp_path: Path) -> None:
    profile = read_folder(rows(tmp_path / "r.csv", {}))
    assert profile.principals["arn:aws:iam::111122223333:role/app"].actions["s3:GetObject"].n == 12


@pytest.mark.parametrize("table", ["x; drop table y", "", "a b", "1a"])
def test_no_table(table: str) -> None:
    with pytest.raises(ValueError, match="is no table name"):
        query(table)


def test_the_window_is_in_the_query() -> None:
    text = query("db.trail", "2026-08-01", "2026-08-31", "region = 'eu-west-1'")
    assert "FROM db.trail\nWHERE substr(eventtime, 1, 10) >= '2026-08-01'" in text
    assert text.endswith("AND region = 'eu-west-1'\nGROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, "
                         "13, 14, 15, 16, 17, 18, 19, 20\n")  # fmt: skip
    with pytest.raises(ValueError, match="is no day"):
        query(since="yesterday")


ISSUER = "STRUCT(type VARCHAR, principalid VARCHAR, arn VARCHAR)"
IDENTITY = (
    "STRUCT(type VARCHAR, principalid VARCHAR, arn VARCHAR, accountid VARCHAR, invokedby VARCHAR, "
    f"sessioncontext STRUCT(attributes STRUCT(mfaauthenticated VARCHAR), sessionissuer {ISSUER}))"
)
TABLE = f"""CREATE TABLE cloudtrail_logs (eventtime VARCHAR, eventsource VARCHAR, eventname VARCHAR,
awsregion VARCHAR, errorcode VARCHAR, errormessage VARCHAR, eventtype VARCHAR, eventcategory VARCHAR,
readonly VARCHAR, recipientaccountid VARCHAR, requestparameters VARCHAR, useridentity {IDENTITY},
resources STRUCT(arn VARCHAR, accountid VARCHAR, type VARCHAR)[])"""


def load(connection: Any, events: list[dict[str, Any]]) -> None:
    """The events as the table that AWS documents for Athena holds them."""
    connection.execute(TABLE)
    for event in events:
        identity = event.get("userIdentity") or {}
        session = identity.get("sessionContext")
        issuer = (session or {}).get("sessionIssuer") or {}
        attributes = (session or {}).get("attributes") or {}
        request = event.get("requestParameters")
        resources = event.get("resources") or []
        connection.execute(
            f"INSERT INTO cloudtrail_logs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            f"?::JSON::{IDENTITY}, ?::JSON::STRUCT(arn VARCHAR, accountid VARCHAR, type VARCHAR)[])",
            [
                event["eventTime"],
                event["eventSource"],
                event["eventName"],
                event.get("awsRegion"),
                event.get("errorCode"),
                event.get("errorMessage"),
                event.get("eventType"),
                event.get("eventCategory")
                or ("Data" if event.get("managementEvent") is False else None),
                None if event.get("readOnly") is None else str(event["readOnly"]).lower(),
                event.get("recipientAccountId"),
                None if request is None else json.dumps(request),
                json.dumps(
                    {
                        "type": identity.get("type"),
                        "principalid": identity.get("principalId"),
                        "arn": identity.get("arn"),
                        "accountid": identity.get("accountId"),
                        "invokedby": identity.get("invokedBy"),
                        "sessioncontext": None if session is None else {
                            "attributes": {"mfaauthenticated": attributes.get("mfaAuthenticated")},
                            "sessionissuer": {key.lower(): issuer.get(key) for key in ("type", "principalId", "arn")}
                        },
                    }
                ),
                json.dumps(
                    [
                        {"arn": item.get("ARN"), "accountid": item.get("accountId"), "type": item.get("type")}
                        for item in resources
                        if isinstance(item, dict)
                    ]
                ),
            ],
        )  # fmt: skip


def compare(events: list[dict[str, Any]], folder: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    sqlglot = pytest.importorskip("sqlglot", reason="sqlglot is not installed")
    for number, event in enumerate(events):
        event.pop("sharedEventID", None)
        event["eventID"] = str(number)
    files = folder / "files"
    files.mkdir()
    (files / "all.json").write_text(json.dumps({"Records": events}))
    connection = duckdb.connect()
    load(connection, events)
    (sql,) = sqlglot.transpile(query(), read="trino", write="duckdb")
    result = connection.execute(sql)
    names = [column[0] for column in result.description]
    found = [dict(zip(names, map(_text, row), strict=True)) for row in result.fetchall()]
    by_rows, problems = read(rows(folder / "rows.csv", *found))
    assert problems == []
    by_files = read_folder(files)
    assert list(by_rows.principals) == list(by_files.principals)
    for arn, usage in by_files.principals.items():
        other = by_rows.principals[arn]
        assert other.unmapped == usage.unmapped
        assert _counts(other.denied) == _counts(usage.denied)
        # iam:PassRole needs the whole request; from rows it is possible at most.
        ours = {name: use for name, use in usage.actions.items() if name != "iam:PassRole"}
        told = {name for name, use in ours.items() if name not in other.actions}
        assert told <= set(other.possible)
        assert _counts({n: use for n, use in ours.items() if n not in told}) == _counts(
            other.actions
        )
        for name, use in other.actions.items():
            if name in ours:
                assert use.without_mfa == usage.actions[name].without_mfa, name
            if use.resources_complete:
                assert usage.actions[name].resources == use.resources, name
            elif name.partition(":")[0] in READS and name in ours:
                assert not ours[name].resources_complete or use.resources_complete is False
    one, two = by_files.coverage[0], by_rows.coverage[0]
    assert (one.accounts, one.regions, one.events) == (two.accounts, two.regions, two.events)
    assert one.categories == two.categories
    assert one.ignored == two.ignored
    assert by_rows.root == by_files.root


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _counts(uses: dict[str, Any]) -> dict[str, tuple[int, str]]:
    return {name: (use.n, use.last) for name, use in uses.items()}


def test_the_story(root: Path, tmp_path: Path) -> None:
    events: list[dict[str, Any]] = []
    for path in sorted((root / "fixtures" / "cloudtrail").rglob("*_CloudTrail_*.json.gz")):
        events += json.loads(gzip.decompress(path.read_bytes()))["Records"]
    compare(events, tmp_path)


def test_published_events(published_events: Path, tmp_path: Path) -> None:
    events = [
        json.loads(line)
        for path in sorted(published_events.glob("stratus*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    compare(events, tmp_path)


def test_rows_in_parquet_are_the_same(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = [{**dict.fromkeys(COLUMNS), **ROW, "n": number + 1} for number in range(3)]
    as_csv = rows(tmp_path / "r.csv", *({**ROW, "n": str(number + 1)} for number in range(3)))
    path = tmp_path / "r.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(table), path)
    assert read(path) == read(as_csv)
    parquet.write_table(pyarrow.Table.from_pylist([{"a": 1}]), path)
    assert read(path)[1] == ["is no result of iamlint's query: it has no column `issuer_arn`"]
    path.write_bytes(path.read_bytes()[:100])
    assert read(path)[1][0].startswith("cannot be read: ")


def test_parquet_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "r.parquet"
    path.write_bytes(b"PAR1")
    assert read(path)[1] == ["is Parquet: pip install 'iamlint[parquet]'"]


def test_damaged_results(tmp_path: Path) -> None:
    good = gzip.compress(rows(tmp_path / "r.csv", *[{}] * 2_000).read_bytes())
    path = tmp_path / "r.csv.gz"
    for content in (good[:-200], good[:60] + b"\xff" * 40 + good[100:]):
        path.write_bytes(content)
        profile, problems = read(path)
        assert problems[0].startswith("cannot be read: ")
        assert profile.coverage[0].files_failed == 1
    # Rows that end early, and a line without end.
    (tmp_path / "r.csv").write_text(",".join(COLUMNS) + "\na,b\n" + "x" * 3_000_000)
    profile, problems = read(tmp_path / "r.csv")
    assert problems
    assert profile.principals == {}
