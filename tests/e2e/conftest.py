"""Running iamlint as its user does, and the projects of the stories."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iamlint.app.cli import run as run_cli

TRAIL = Path(__file__).parent.parent.parent / "fixtures" / "cloudtrail" / "patch-manager"

Scan = Callable[..., dict[str, Any]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty git work tree as the working folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    monkeypatch.chdir(folder)
    for name in ("NO_COLOR", "FORCE_COLOR", "IAMLINT_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def scan(capsys: pytest.CaptureFixture[str]) -> Scan:
    """Scan and give the JSON report, with the exit code under `exit`."""

    def call(*arguments: str) -> dict[str, Any]:
        code = run_cli(["scan", "--format", "json", *arguments])
        captured = capsys.readouterr()
        assert captured.out, captured.err
        report: dict[str, Any] = json.loads(captured.out)
        report["exit"] = code
        return report

    return call


@pytest.fixture
def trail() -> str:
    """A month of CloudTrail of account 111122223333, region eu-west-1."""
    return str(TRAIL)


def found(report: dict[str, Any], *rules: str) -> list[dict[str, Any]]:
    """The findings of these rules (all without any)."""
    return [item for item in report["findings"] if not rules or item["rule"] in rules]


def covered(finding: dict[str, Any], folder: Path) -> str:
    """The text that a finding's primary place covers."""
    lines = (folder / finding["path"]).read_bytes().decode("utf-8").split("\n")
    start, end = finding["start"], finding["end"]
    if start["line"] == end["line"]:
        return lines[start["line"] - 1][start["column"] - 1 : end["column"] - 1]
    first = lines[start["line"] - 1][start["column"] - 1 :]
    last = lines[end["line"] - 1][: end["column"] - 1]
    return "\n".join([first, *lines[start["line"] : end["line"] - 1], last])


def apply(edit: str, folder: Path) -> None:
    """Apply a proposed edit with git, as a reviewer would."""
    done = subprocess.run(
        ["git", "apply", "--verbose", "-"],
        cwd=folder,
        input=edit.encode("utf-8"),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode() + "\n" + edit


def fixed(scan: Scan, edit: str, folder: Path, *arguments: str) -> None:
    """`--fix` makes the proposed edit, nothing is left to find, and a second run changes nothing."""
    before = contents(folder)
    apply(edit, folder)
    by_git = contents(folder)
    assert by_git != before
    for path, content in before.items():
        path.write_bytes(content)
    report = scan("--fix", *arguments)
    assert (found(report), report["exit"]) == ([], 0)
    assert contents(folder) == by_git
    again = scan("--fix", *arguments)
    assert (found(again), again["exit"]) == ([], 0)
    assert contents(folder) == by_git


def contents(folder: Path) -> dict[Path, bytes]:
    """The files of a folder, without git's own."""
    return {
        path: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }


def granted(policy: dict[str, Any]) -> dict[str, set[str]]:
    """The actions of the Allow statements, each with its resources."""
    grants: dict[str, set[str]] = {}
    for statement in policy["Statement"]:
        if statement["Effect"] != "Allow":
            continue
        actions, resources = statement["Action"], statement["Resource"]
        for action in [actions] if isinstance(actions, str) else actions:
            grants.setdefault(action, set()).update(
                [resources] if isinstance(resources, str) else resources
            )
    return grants
