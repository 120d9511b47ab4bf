"""A rule pack of its own, installed as its user would, beside the built-in rules."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = (ROOT / "docs" / "rule-packs.md").read_text(encoding="utf-8")

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["sns:Publish", "s3:*"], "Resource": "*"}],
}

RAISING = """
from iamlint.rule import Rule, Severity


class Raising(Rule):
    "Always fails."
    code, name, severity, since = "ACME002", "always-fails", Severity.LOW, "1"

    def check_site(self, site, ctx):
        raise RuntimeError("out of luck")
        yield


RULES = (Raising,)
"""


def install(folder: Path, name: str, files: dict[str, str]) -> Path:
    """The package, installed by pip into a folder of its own."""
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    source = folder / f"{name}-source"
    package = source / name
    package.mkdir(parents=True)
    for path, text in files.items():
        (package / path).write_text(text)
    (source / "pyproject.toml").write_text(
        f'[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n\n'
        f'[project]\nname = "{name.replace("_", "-")}"\nversion = "1.0"\n\n'
        f'[project.entry-points."iamlint.rules"]\nacme = "{name}:RULES"\n\n'
        f'[tool.hatch.build.targets.wheel]\npackages = ["{name}"]\n'
    )
    target = folder / f"{name}-installed"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--disable-pip-version-check", "--target"),
            *(str(target), str(source)),
        ],
        check=True,
        capture_output=True,
    )
    return target


def place(folder: Path, name: str, text: str) -> Path:
    """The package as an installer leaves it, without the time that one takes."""
    target = folder / f"{name}-installed"
    info = target / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (target / f"{name}.py").write_text(text)
    (info / "entry_points.txt").write_text(f"[iamlint.rules]\nacme = {name}:RULES\n")
    return target


def iamlint(folder: Path, *arguments: str, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "iamlint", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "policy.json").write_text(json.dumps(POLICY))
    return folder


def found(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    report: dict[str, Any] = json.loads(done.stdout)
    findings: list[dict[str, Any]] = report["findings"]
    return findings


@pytest.mark.slow
def test_the_pack_of_the_tutorial_speaks_beside_the_others(tmp_path: Path, work: Path) -> None:
    files = dict(re.findall(r"```python\n# acme_rules/(\w+\.py)\n(.*?)```", TUTORIAL, re.DOTALL))
    path = install(tmp_path, "acme_rules", files)
    done = iamlint(work, "scan", "--format", "json", path=path)
    assert done.returncode == 1
    assert {"ACME001", "IAM106"} <= {finding["rule"] for finding in found(done)}
    assert "ACME001  topic-without-owner" in iamlint(work, "rules", path=path).stdout
    assert (
        "Our topics are named after teams." in iamlint(work, "explain", "ACME001", path=path).stdout
    )
    only = iamlint(work, "scan", "--select", "topic-without-owner", "--format", "json", path=path)
    assert {finding["rule"] for finding in found(only)} == {"ACME001"}
    assert "ACME001" not in iamlint(work, "rules", path=tmp_path).stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import nothing_of_that_name\n", "the rule pack `acme` cannot be loaded"),
        (RAISING, "the rule `ACME002` (always-fails) failed on"),
    ],
    ids=["that cannot be imported", "whose rule raises"],
)
def test_a_broken_pack_is_told_and_the_others_go_on(
    tmp_path: Path, work: Path, text: str, says: str
) -> None:
    path = place(tmp_path, "acme_broken", text)
    done = iamlint(work, "scan", "--format", "json", path=path)
    assert done.returncode == 3
    findings = found(done)
    assert "IAM106" in {finding["rule"] for finding in findings}
    [fault] = [finding for finding in findings if finding["rule"] == "IAM904"]
    assert says in fault["message"]
