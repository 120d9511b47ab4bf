"""`usage build --for`: only the principals that a project declares, and what is not in the evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iamlint.app.cli import run


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
    assert run(arguments) == 0
    whole = json.loads(Path(output).read_text())
    assert set(kept["principals"]) < set(whole["principals"])
    assert kept["coverage"] == whole["coverage"]
    capsys.readouterr()
    assert run([*arguments, "--for", str(tmp_path)]) == 0
    assert json.loads(Path(output).read_text())["principals"] == {}
    assert "`aws_iam_role.gone`: the usage profile knows no role `gone`" in capsys.readouterr().err


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
