"""Imports point down, and nothing heavy is on a hook's path."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "cfnlint",
    "boto3",
    "botocore",
    "hcl2",
    "lark",
    "rich",
    "jinja2",
    "pygls",
    "z3",
    "pyspark",
    "duckdb",
)


def test_layers_hold(root: Path) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["terraform/main.tf", "cloudformation/media.yaml"])
def test_a_plain_scan_loads_nothing_heavy(root: Path, tmp_path: Path, name: str) -> None:
    sample = root / "fixtures" / "demo" / name
    (tmp_path / sample.name).write_text(sample.read_text())
    code = (
        "import sys\n"
        "from iamlint.app.cli import run\n"
        f"code = run(['scan', '--no-config', '--exit-zero', '--format', 'concise', {sample.name!r}])\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    assert done.stdout.splitlines()[-1] == "[] 0", done.stdout + done.stderr


def test_terraform_does_not_load_yaml(root: Path, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text((root / "fixtures/demo/terraform/main.tf").read_text())
    code = (
        "import sys\n"
        "from iamlint.app.cli import run\n"
        "run(['scan', '--no-config', '--exit-zero', 'main.tf'])\n"
        "print('yaml' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1] == "False", done.stdout + done.stderr


def test_no_module_is_a_drawer(root: Path) -> None:
    """No `utils`, and no module so long that it holds more than one thought."""
    modules = [*root.glob("linter/**/*.py"), *root.glob("rules/**/*.py")]
    assert modules
    assert [
        path for path in modules if path.stem in ("utils", "util", "helpers", "misc", "common")
    ] == []
    long = {path.name: len(path.read_text().splitlines()) for path in modules}
    assert {name: lines for name, lines in long.items() if lines > 450} == {}
