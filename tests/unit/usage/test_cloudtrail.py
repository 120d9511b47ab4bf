"""Folders and files of CloudTrail, in all their shapes, to a profile."""

from __future__ import annotations

import gzip
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from iamlint.usage.cloudtrail import profile_of, read_folder, read_into
from iamlint.usage.files import Problem, Window
from iamlint.usage.merge import merge
from iamlint.usage.observe import observe, window_days
from iamlint.usage.profile import Coverage, EarlierUse, RootUse, UsageProfile, dumps, loads
from iamlint.usage.tally import Tally

ROLE = "arn:aws:iam::111122223333:role/app"
STORY = Path("fixtures/cloudtrail/patch-manager")


def record(name: str = "CreateBucket", day: str = "2026-11-01", **fields: Any) -> dict[str, Any]:
    issuer = {"type": "Role", "arn": ROLE, "principalId": "AROAEXAMPLE"}
    event = {
        "eventTime": f"{day}T10:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "recipientAccountId": "111122223333",
        "readOnly": False,
        "eventID": None,
        "userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer}},
        "requestParameters": {"bucketName": "media"},
    }
    return {**event, **fields}


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def counts(profile: UsageProfile) -> dict[str, int]:
    usage = profile.principals.get(ROLE)
    return {name: use.n for name, use in usage.actions.items()} if usage else {}


def test_the_story_as_a_whole(root: Path, golden: Callable[[str, str], None]) -> None:
    problems: list[Problem] = []
    profile = read_folder(root / STORY, problems=problems)
    assert problems == []
    golden("usage/patch-manager.json", dumps(profile))


def test_nothing_private_is_kept(root: Path) -> None:
    text = dumps(read_folder(root / STORY))
    for secret in ("jo@example.com", "198.51.100.7", "ASIAIOSFODNN7EXAMPLE", "aws-sdk-go", ".jpg"):
        assert secret not in text


def test_the_fixture_is_what_its_generator_makes(root: Path, tmp_path: Path) -> None:
    generator = _module(root / "tools" / "make_trail.py")
    generator.write(tmp_path)
    made = {
        p.relative_to(tmp_path): gzip.decompress(p.read_bytes()) for p in tmp_path.rglob("*.gz")
    }
    folder = root / STORY
    kept = {p.relative_to(folder): gzip.decompress(p.read_bytes()) for p in folder.rglob("*.gz")}
    assert made == kept


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("delivered.json", {"Records": [record()]}),
        ("delivered.json.gz", {"Records": [record()]}),
        ("lookup.json", {"Events": [{"EventId": "1", "CloudTrailEvent": json.dumps(record())}]}),
        ("bridge.json", {"detail-type": "AWS API Call via CloudTrail", "detail": record()}),
        ("bridges.json", [{"detail": record()}]),
        ("list.json", [record()]),
        ("lines.jsonl", json.dumps(record()) + "\n\n"),
        ("lines.json", json.dumps(record()) + "\n" + json.dumps(record("DeleteBucket")) + "\n"),
        ("lines.jsonl.gz", json.dumps({"detail": record()}) + "\n"),
        ("marked.json", "\ufeff" + json.dumps({"Records": [record()]})),
    ],
)
def test_shapes_of_files(tmp_path: Path, name: str, content: object) -> None:
    write(tmp_path / name, content)
    problems: list[Problem] = []
    profile = read_folder(tmp_path, problems=problems)
    assert problems == []
    assert counts(profile)["s3:CreateBucket"] == 1


def test_one_page_of_lookup_events_proves_no_absence(tmp_path: Path) -> None:
    events = [{"CloudTrailEvent": json.dumps(record())}]
    path = write(tmp_path / "a.json", {"Events": events, "NextToken": "x"})
    problems: list[Problem] = []
    profile = read_folder(tmp_path, problems=problems)
    assert profile.coverage[0].positive_only
    assert [str(problem) for problem in problems] == [
        f"`{path}` is one page of a longer answer, so what is not in it may still have been used"
    ]
    write(tmp_path / "a.json", {"Events": events, "NextToken": None})
    assert not read_folder(tmp_path).coverage[0].positive_only


def test_denied_calls_are_no_use_and_other_errors_are(tmp_path: Path) -> None:
    refused = record("DeleteBucket", errorCode="AccessDenied")
    failed = record(errorCode="BucketAlreadyOwnedByYou")
    write(tmp_path / "a.json", {"Records": [refused, failed]})
    usage = read_folder(tmp_path).principals[ROLE]
    assert list(usage.actions) == ["s3:CreateBucket"]
    assert list(usage.denied) == ["s3:DeleteBucket"]
    assert usage.denied["s3:DeleteBucket"].resources == ["arn:aws:s3:::media"]


def test_one_event_without_resource_makes_the_list_incomplete(tmp_path: Path) -> None:
    write(tmp_path / "a.json", {"Records": [record(), record(requestParameters=None)]})
    use = read_folder(tmp_path).principals[ROLE].actions["s3:CreateBucket"]
    assert (use.resources, use.resources_complete) == (["arn:aws:s3:::media"], False)


def test_calls_that_may_have_needed_an_action_make_its_list_incomplete(tmp_path: Path) -> None:
    # One call passes a role for certain, the other in all likelihood: AWS's list lacks it.
    role = "arn:aws:iam::111122223333:role/"
    function = record(
        "CreateFunction20150331",
        eventSource="lambda.amazonaws.com",
        requestParameters={"functionName": "f", "role": role + "f"},
    )
    task = record(
        "RegisterTaskDefinition",
        eventSource="ecs.amazonaws.com",
        requestParameters={"family": "t", "taskRoleArn": role + "t"},
    )
    write(tmp_path / "a.json", {"Records": [function, task]})
    (usage,) = read_folder(tmp_path).principals.values()
    assert usage.actions["iam:PassRole"].resources == [role + "f"]
    assert not usage.actions["iam:PassRole"].resources_complete


def test_an_unknown_event_is_kept_as_such(tmp_path: Path) -> None:
    write(tmp_path / "a.json", {"Records": [record("BrandNewThing"), record("BrandNewThing")]})
    assert read_folder(tmp_path).principals[ROLE].unmapped == [
        ("s3.amazonaws.com", "BrandNewThing", 2)
    ]


def test_an_event_delivered_by_two_trails_counts_once(tmp_path: Path) -> None:
    twice = record(eventID="8d0f3bd2-0001")
    shared = [record(eventID=f"id-{n}", sharedEventID="shared-1") for n in range(2)]
    write(tmp_path / "a.json", {"Records": [twice, *shared]})
    write(tmp_path / "b.json", {"Records": [twice]})
    profile = read_folder(tmp_path)
    assert counts(profile) == {"s3:CreateBucket": 2}
    assert profile.coverage[0].events == 2


def test_a_role_seen_with_and_without_issuer_is_one(tmp_path: Path) -> None:
    issuer = {"arn": "arn:aws:iam::111122223333:role/eng/app", "principalId": "AROAEXAMPLE"}
    whole = record(userIdentity={"sessionContext": {"sessionIssuer": issuer}})
    bare = record(
        userIdentity={
            "arn": "arn:aws:sts::111122223333:assumed-role/app/x",
            "principalId": "AROAEXAMPLE:x",
        }
    )
    write(tmp_path / "a.json", {"Records": [whole, bare]})
    principals = read_folder(tmp_path).principals
    assert list(principals) == ["arn:aws:iam::111122223333:role/eng/app"]
    assert principals["arn:aws:iam::111122223333:role/eng/app"].actions["s3:CreateBucket"].n == 2


def by(unique: str, name: str, day: str) -> dict[str, Any]:
    issuer = {"arn": ROLE, "principalId": unique}
    return record(name, day, userIdentity={"sessionContext": {"sessionIssuer": issuer}})


def test_a_role_made_anew_is_another_role(tmp_path: Path) -> None:
    events = [
        by("AROAOLD", "CreateBucket", "2026-10-01"),
        by("AROAOLD", "DeleteBucket", "2026-11-01"),
        by("AROANEW", "DeleteBucket", "2026-11-01"),
        by("AROANEW", "DeleteBucket", "2026-11-20"),
        record("DeleteBucket", "2026-10-05", userIdentity={"type": "Root"}),
    ]
    write(tmp_path / "a.json", {"Records": events})
    usage = read_folder(tmp_path).principals[ROLE]
    assert usage.ids == ["AROANEW"]
    assert (usage.first, usage.last) == ("2026-11-01", "2026-11-20")
    assert {name: use.n for name, use in usage.actions.items()} == {"s3:DeleteBucket": 2}
    assert usage.earlier == {
        "AROAOLD": EarlierUse(
            first="2026-10-01",
            last="2026-11-01",
            actions={"s3:CreateBucket": "2026-10-01", "s3:DeleteBucket": "2026-11-01"},
        )
    }


JO = "arn:aws:iam::111122223333:user/jo"


def as_jo(session: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    identity = {"type": "IAMUser", "arn": JO, "principalId": "AIDAEXAMPLE", **more}
    if session is not None:
        identity["sessionContext"] = session
    return record(userIdentity=identity)


def with_mfa(value: Any) -> dict[str, Any]:
    return {"attributes": {"mfaAuthenticated": value}}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([as_jo(with_mfa("true"))], None),
        ([as_jo(with_mfa("false")), as_jo(with_mfa("true"))], 1),
        ([as_jo(with_mfa(False))], 1),
        ([as_jo()], 1),  # a long-term access key
        ([as_jo({})], None),  # not told
        ([as_jo(with_mfa("false"), invokedBy="cloudformation.amazonaws.com")], None),
        ([as_jo(None, invokedBy="cloudformation.amazonaws.com")], None),
    ],
    ids=["with", "once", "boolean", "key", "not told", "a service", "a service without session"],
)
def test_calls_without_mfa_are_counted(
    tmp_path: Path, events: list[dict[str, Any]], expected: int | None
) -> None:
    write(tmp_path / "a.json", {"Records": events})
    write(tmp_path / "b.json", {"Records": [as_jo(with_mfa("true"))]})
    profile = read_folder(tmp_path)
    use = profile.principals[JO].actions["s3:CreateBucket"]
    assert (use.n, use.without_mfa or None) == (len(events) + 1, expected)
    assert ("without_mfa" in dumps(profile)) is (expected is not None)
    twice = merge([profile, profile]).principals[JO].actions["s3:CreateBucket"]
    assert (twice.without_mfa or 0) == 2 * (expected or 0)


ROOT_ARN = "arn:aws:iam::111122223333:root"


def as_root(day: str, session: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    identity = {"type": "Root", "arn": ROOT_ARN, "accountId": "111122223333"}
    if session is not None:
        identity["sessionContext"] = session
    return record(day=day, userIdentity={**identity, **more.pop("identity", {})}, **more)


def test_use_of_the_root_user_is_told_apart(tmp_path: Path) -> None:
    sign_in = {
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "eventType": "AwsConsoleSignIn",
    }
    events = [
        as_root("2026-10-03", with_mfa("true")),
        as_root("2026-10-02"),
        as_root("2026-10-04", **sign_in),
        as_root("2026-10-05", **sign_in, errorMessage="Failed authentication"),
        as_root("2026-10-06", identity={"invokedBy": "support.amazonaws.com"}),
        as_root("2026-10-07", eventType="AwsServiceEvent"),
    ]
    write(tmp_path / "a.json", {"Records": events})
    profile = read_folder(tmp_path)
    expected = RootUse(n=3, last="2026-10-04", by_key=1, by_key_last="2026-10-02")
    assert profile.root == {"111122223333": expected}
    assert profile.principals == {}
    assert loads(dumps(profile)) == profile
    assert merge([profile, profile]).root["111122223333"].n == 6


def test_without_root_nothing_is_told_of_it(tmp_path: Path) -> None:
    write(tmp_path / "a.json", {"Records": [record()]})
    assert "root" not in json.loads(dumps(read_folder(tmp_path)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # On one day, and as if both had lived at once.
        (["2026-11-01"], ["2026-11-01"]),
        (["2026-11-01", "2026-11-09"], ["2026-11-05"]),
    ],
)
def test_where_ids_do_not_follow_one_another_all_use_counts(
    tmp_path: Path, old: list[str], new: list[str]
) -> None:
    events = [by("AROAOLD", "CreateBucket", day) for day in old]
    events += [by("AROANEW", "DeleteBucket", day) for day in new]
    write(tmp_path / "a.json", {"Records": events})
    usage = read_folder(tmp_path).principals[ROLE]
    assert usage.ids == ["AROANEW", "AROAOLD"]
    assert list(usage.actions) == ["s3:CreateBucket", "s3:DeleteBucket"]
    assert usage.earlier == {}


def test_calls_without_an_id_are_the_present_role_s(tmp_path: Path) -> None:
    events = [
        by("AROAOLD", "CreateBucket", "2026-10-01"),
        by("AROANEW", "DeleteBucket", "2026-11-01"),
        by("", "PutBucketPolicy", "2026-10-01"),
    ]
    write(tmp_path / "a.json", {"Records": events})
    profile = read_folder(tmp_path)
    assert set(profile.principals[ROLE].actions) == {"s3:DeleteBucket", "s3:PutBucketPolicy"}


def test_a_service_that_acts_for_the_role_is_named(tmp_path: Path) -> None:
    issuer = {"sessionIssuer": {"arn": ROLE}}
    forwarded = record(
        userIdentity={"sessionContext": issuer, "invokedBy": "cloudformation.amazonaws.com"}
    )
    write(tmp_path / "a.json", {"Records": [forwarded]})
    assert read_folder(tmp_path).principals[ROLE].actions["s3:CreateBucket"].via == [
        "cloudformation.amazonaws.com"
    ]


def test_coverage(tmp_path: Path) -> None:
    read = record(
        "GetObject", "2026-11-05", readOnly=True, eventCategory="Data", managementEvent=False
    )
    service = record("RotateKey", "2026-10-30", eventType="AwsServiceEvent")
    write(tmp_path / "a.json", {"Records": [record(), read, service]})
    (entry,) = read_folder(tmp_path).coverage
    assert (entry.since, entry.until, entry.events, entry.files) == (
        "2026-10-30",
        "2026-11-05",
        3,
        1,
    )
    assert (entry.accounts, entry.regions) == (["111122223333"], ["eu-west-1"])
    assert entry.categories.management == ["write"]
    assert entry.categories.data == ["s3.amazonaws.com"]
    assert entry.categories.data_access == {"s3.amazonaws.com": ["read"]}
    assert entry.categories.services == ["s3.amazonaws.com"]
    assert entry.ignored == {"no API call": 1}


def tree(folder: Path, region: str, day: str, account: str = "111122223333") -> Path:
    year, month, of_month = day.split("-")
    name = f"{account}_CloudTrail_{region}_{year}{month}{of_month}T0000Z_x.json.gz"
    path = folder / "AWSLogs" / account / "CloudTrail" / region / year / month / of_month / name
    return write(path, {"Records": [record(day=day, awsRegion=region)]})


def read(folder: Path, window: Window) -> tuple[UsageProfile, list[Problem]]:
    tally = Tally()
    problems = read_into(tally, [folder], window)
    return profile_of(tally, "cloudtrail"), problems


def test_a_week_without_any_event_is_a_gap(tmp_path: Path) -> None:
    days = ["2026-10-01", "2026-10-08", "2026-10-16", "2026-11-20"]
    write(tmp_path / "a.json", {"Records": [record(day=day) for day in days[:2]]})
    write(tmp_path / "b.json", {"Records": [record(day=day) for day in days[2:]]})
    (entry,) = read_folder(tmp_path).coverage
    assert entry.gaps == [("2026-10-09", "2026-10-15"), ("2026-10-17", "2026-11-19")]
    assert window_days([entry]) == 51 - 7 - 34
    (usage,) = read_folder(tmp_path).principals.values()
    found = observe("s3:DeleteBucket", usage, [entry])
    assert found.state == "absent"
    assert "no events at all from 2026-10-09 to 2026-10-15" in found.caveat
    other = Coverage(source="cloudtrail", since="2026-10-17", until="2026-11-30")
    assert window_days([entry, other]) == 61 - 7
    whole = merge([read_folder(tmp_path / "a.json"), read_folder(tmp_path / "b.json")])
    assert loads(dumps(whole)) == whole


def test_quiet_days_are_no_gap(tmp_path: Path) -> None:
    days = [f"2026-10-{day:02}" for day in (1, 8, 15)]
    write(tmp_path / "a.json", {"Records": [record(day=day) for day in days]})
    (entry,) = read_folder(tmp_path).coverage
    assert not entry.gaps
    assert window_days([entry]) == 15


def test_a_tree_is_pruned_by_its_paths(tmp_path: Path) -> None:
    for region, day in (
        ("eu-west-1", "2026-09-01"),
        ("eu-west-1", "2026-11-01"),
        ("us-east-1", "2026-11-01"),
    ):
        tree(tmp_path, region, day)
    profile, problems = read(tmp_path, Window(since="2026-10-01", regions=("eu-west-1",)))
    assert problems == []
    assert (profile.coverage[0].files, profile.coverage[0].regions) == (1, ["eu-west-1"])
    assert profile.coverage[0].since == "2026-11-01"


def test_events_outside_the_window_do_not_count(tmp_path: Path) -> None:
    write(tmp_path / "a.json", {"Records": [record(day="2026-09-01"), record(day="2026-11-01")]})
    profile, _ = read(tmp_path, Window(since="2026-10-01"))
    assert counts(profile) == {"s3:CreateBucket": 1}
    profile, _ = read(tmp_path, Window(until="2026-10-01"))
    assert profile.coverage[0].until == "2026-09-01"


def test_other_files_of_a_log_bucket_are_left_alone(tmp_path: Path) -> None:
    tree(tmp_path, "eu-west-1", "2026-11-01")
    base = tmp_path / "AWSLogs" / "111122223333"
    write(base / "CloudTrail-Digest" / "eu-west-1" / "d.json.gz", {"digestStartTime": "x"})
    write(base / "CloudTrail-Insight" / "eu-west-1" / "i.json.gz", {"Records": []})
    write(base / "Config" / "eu-west-1" / "c.json.gz", {"fileVersion": "1.0"})
    (tmp_path / "README.txt").write_text("hello")
    profile, problems = read(tmp_path, Window())
    assert problems == []
    assert profile.coverage[0].files == 1


def test_organization_trails(tmp_path: Path) -> None:
    tree(tmp_path / "AWSLogs" / "o-abcd1234", "eu-west-1", "2026-11-01", "444455556666")
    profile, _ = read(tmp_path, Window(accounts=("111122223333",)))
    assert profile.coverage[0].files == 0
    profile, _ = read(tmp_path, Window())
    assert profile.coverage[0].files == 1


def test_progress(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / f"{number}.json", {"Records": []})
    seen: list[tuple[int, int]] = []
    read_folder(tmp_path, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_several_processes_give_the_same_profile(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iamlint.usage.parallel.WORTH_BYTES", 0)
    for number in range(5):
        write(tmp_path / f"{number}.json", {"Records": [record(day=f"2026-11-0{number + 1}"), {}]})
    (tmp_path / "bad.json").write_text("{")
    seen: list[tuple[int, int]] = []
    alone: list[Problem] = []
    together: list[Problem] = []
    one = read_folder(tmp_path, problems=alone, jobs=1)
    two = read_folder(
        tmp_path,
        problems=together,
        jobs=2,
        on_progress=lambda done, total: seen.append((done, total)),
    )
    assert dumps(one) == dumps(two)
    assert alone == together
    assert (seen[0], seen[-1]) == ((0, 6), (6, 6))


def test_published_events_to_a_profile(published_events: Path) -> None:
    problems: list[Problem] = []
    profile = read_folder(published_events, problems=problems)
    assert problems == []
    (entry,) = profile.coverage
    assert entry.events > 3_000
    assert entry.rejected == 0
    denied = sum(use.n for usage in profile.principals.values() for use in usage.denied.values())
    used = sum(use.n for usage in profile.principals.values() for use in usage.actions.values())
    assert denied > 150
    assert used > 2_500
    assert "arn:aws:iam::123837392027:user/benjamin" in profile.principals


def test_the_days_of_a_principal_are_told(root: Path) -> None:
    profile = read_folder(root / STORY)
    patch = profile.principals["arn:aws:iam::111122223333:role/PatchManagerRole"]
    assert patch.days == ["2026-10-20", "2026-10-27", "2026-11-03", "2026-11-10", "2026-11-17"]


def test_bounds_on_memory_change_no_figure(
    root: Path, published_events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = (root / STORY, published_events)
    free = [dumps(read_folder(folder)) for folder in folders]
    monkeypatch.setattr("iamlint.usage.tally._MEMO", 3)
    monkeypatch.setattr("iamlint.usage.call._FEW", 2)
    assert [dumps(read_folder(folder)) for folder in folders] == free
    # Of copies that come late, at the worst the count is another one: no action, day or resource.
    monkeypatch.setattr("iamlint.usage.recent._RECENT", 5)
    for folder in folders:
        again = read_folder(folder)
        whole = loads(free[folders.index(folder)])
        assert list(again.principals) == list(whole.principals)
        for arn, usage in again.principals.items():
            assert list(usage.actions) == list(whole.principals[arn].actions)
