"""`usage build --for`: only the principals that a project declares, and what is not in the evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iamlint.app.cli import run
from iamlint.app.declared import to_ask
from iamlint.usage.profile import PrincipalUsage, UsageProfile


def test_only_what_is_declared(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_iam_role" "gone" {\n  name = "gone"\n  assume_role_policy = "{}"\n}\n'
    )
    trail = str(root / "fixtures" / "cloudtrail" / "patch-manager")
    output = str(tmp_path / "usage.json")
    arguments = ["usage", "build", trail, "--no-progress", "-o", output]
    assert run([*arguments, "--for", str(root / "fixtures" / "demo")]) == 0
    kept = json.loads(Path(output).read_text())
    assert run([*arguments, "--all-principals"]) == 0
    whole = json.loads(Path(output).read_text())
    assert set(kept["principals"]) < set(whole["principals"])
    assert kept["coverage"] == whole["coverage"]
    capsys.readouterr()
    assert run([*arguments, "--for", str(tmp_path)]) == 0
    assert json.loads(Path(output).read_text())["principals"] == {}
    assert "`aws_iam_role.gone`: the usage profile knows no role `gone`" in capsys.readouterr().err


DECLARED = """resource "aws_iam_role" "patch" {
  name               = "PatchManagerRole"
  assume_role_policy = "{}"
}
"""
KEPT = "arn:aws:iam::111122223333:role/PatchManagerRole"


@pytest.mark.parametrize(
    ("mark", "text", "arguments", "alone"),
    [
        (".git/HEAD", DECLARED, [], True),
        (".iamlint.toml", DECLARED, [], True),
        (".git/HEAD", DECLARED, ["--all-principals"], False),
        ("notes", DECLARED, [], False),
        (".git/HEAD", 'resource "aws_s3_bucket" "b" {}\n', [], False),
        (".iamlint.toml", DECLARED + "}", [], False),
    ],
)
def test_in_a_project_its_own_are_kept(
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    mark: str,
    text: str,
    arguments: list[str],
    alone: bool,
) -> None:
    (tmp_path / mark).parent.mkdir(exist_ok=True)
    (tmp_path / mark).write_text("")
    (tmp_path / "main.tf").write_text(text)
    monkeypatch.chdir(tmp_path)
    trail = str(root / "fixtures" / "cloudtrail" / "patch-manager")
    assert run(["usage", "build", trail, "--no-progress", "-o", "usage.json", *arguments]) == 0
    kept = json.loads((tmp_path / "usage.json").read_text())["principals"]
    told = capsys.readouterr().err
    assert (list(kept) == [KEPT]) is alone
    assert ("principals are kept, those that this project declares" in told) is alone


def test_a_project_that_cannot_be_read_keeps_all(
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / ".iamlint.toml").write_text("nonsense = 1\n")
    monkeypatch.chdir(tmp_path)
    trail = str(root / "fixtures" / "cloudtrail" / "patch-manager")
    code = run(["usage", "build", trail, "--no-progress", "-o", "usage.json"])
    told = capsys.readouterr().err
    assert code == 0, told
    assert len(json.loads((tmp_path / "usage.json").read_text())["principals"]) > 1
    assert "all principals are kept, for what this project declares cannot be read" in told


def test_the_principals_that_are_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.tf").write_text(
        DECLARED
        + 'resource "aws_iam_user" "ci" {\n  name = "ci"\n  path = "/bots/"\n}\n'
        + 'resource "aws_iam_role" "any" {\n  assume_role_policy = "{}"\n}\n'
    )
    monkeypatch.chdir(tmp_path)
    known = UsageProfile(principals={KEPT: PrincipalUsage(), KEPT + "2": PrincipalUsage()})
    assert to_ask(known, []) == [KEPT, KEPT + "2"], "this folder is no project"
    assert to_ask(known, ["."]) == [KEPT]
    (tmp_path / ".iamlint.toml").write_text('account = "111122223333"\n')
    assert to_ask(UsageProfile(), []) == [KEPT, "arn:aws:iam::111122223333:user/bots/ci"]


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        ([], 4),
        (["--account", "111111111111"], 2),
        (["--account", "111111111111", "--region", "eu-west-1"], 1),
        (["--region", "eu-west-1", "--region", "us-east-1"], 4),
        (["--region", "sa-east-1"], 0),
    ],
)
def test_part_of_a_trail_s_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], files: int
) -> None:
    for account in ("111111111111", "222222222222"):
        for region in ("eu-west-1", "us-east-1"):
            folder = tmp_path / "AWSLogs" / account / "CloudTrail" / region / "2026" / "10" / "01"
            folder.mkdir(parents=True)
            (folder / "a.json").write_text('{"Records": []}')
    monkeypatch.chdir(tmp_path)
    assert run(["usage", "build", "AWSLogs", "-o", "u.json", "--no-progress", *arguments]) == 0
    assert json.loads((tmp_path / "u.json").read_text())["coverage"][0]["files"] == files


def test_for_and_all_contradict(capsys: pytest.CaptureFixture[str], root: Path) -> None:
    trail = str(root / "fixtures" / "cloudtrail" / "patch-manager")
    assert run(["usage", "build", trail, "-o", "-", "--for", ".", "--all-principals"]) == 2
    assert "contradict each other" in capsys.readouterr().err


@pytest.mark.parametrize("source", ["access-advisor:", "athena:no table"])
def test_sources_that_cannot_be_asked(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("boto3")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    assert run(["usage", "build", source, "-o", str(tmp_path / "x.json")]) == 2
    said = capsys.readouterr().err
    assert "no principal to ask about" in said or "`no table` is no table name" in said
