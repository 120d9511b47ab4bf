"""What an organization forbids and demands, from the configuration to the finding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iamlint.app.cli import run

POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "kms:Schedule*",
        "Resource": "arn:aws:kms:eu-west-1:111122223333:key/a",
    },
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.json").write_text(json.dumps(POLICY, indent=1))
    return tmp_path


def _configure(folder: Path, text: str) -> None:
    (folder / ".iamlint.toml").write_text(text)


def test_forbidden_and_required(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _configure(
        folder,
        """
        [[forbidden]]
        name = "keys stay"
        actions = ["kms:ScheduleKeyDeletion"]
        unless = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
        because = "a deleted key cannot be brought back"

        [[required-conditions]]
        actions = ["kms:*"]
        condition = { StringEquals = { "aws:PrincipalOrgID" = ["o-a", "o-b"] } }
        """,
    )
    assert run(["scan", "--format", "json", "policy.json"]) == 1
    found = {f["rule"]: f for f in json.loads(capsys.readouterr().out)["findings"]}
    assert found["IAM118"]["message"] == "this grants what `keys stay` forbids"
    assert found["IAM119"]["message"] == "this grant lacks the condition on `aws:PrincipalOrgID`"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[forbidden]]\nactions = []\n", "`actions` is empty"),
        ('[[forbidden]]\nactions = ["GetObject"]\n', "`GetObject` is no action"),
        (
            '[[forbidden]]\nactions = ["s3:*"]\nunless = {StringEqual = {a = "b"}}\n',
            "`StringEqual` is no condition operator",
        ),
        ('[[required-conditions]]\nactions = ["s3:*"]\ncondition = {}\n', "`condition` is empty"),
        (
            '[[required-conditions]]\nactions = ["s3:*"]\ncondition = {Bool = {a = []}}\n',
            "has no key or no value",
        ),
        ('[[forbidden]]\nactions = ["s3:*"]\nkinds = ["scp"]\n', "'scp'"),
    ],
)
def test_what_can_mean_nothing_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    _configure(folder, text)
    assert run(["scan", "policy.json"]) == 2
    assert message in capsys.readouterr().err
