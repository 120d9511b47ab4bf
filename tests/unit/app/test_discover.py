"""Which files are looked at."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from iamlint.app.discover import discover, project_root
from iamlint.app.errors import UsageError


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "a.tf",
        "sub/b.yaml",
        ".terraform/modules/m/x.tf",
        "node_modules/p/t.json",
        "out/gen.tf",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_folders_without_the_projects_own_source_are_passed_over(tree: Path) -> None:
    assert discover(["."]).files == ("a.tf", "out/gen.tf", "sub/b.yaml")


def test_what_git_ignores_is_passed_over_unless_named(tree: Path) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    (tree / ".gitignore").write_text("out/\n")
    assert [name for name in discover(["."]).files if name.endswith(("tf", "yaml"))] == [
        "a.tf",
        "sub/b.yaml",
    ]
    found = discover(["out/gen.tf", "out"])
    assert found.files == ("out/gen.tf",)
    assert found.named == {"out/gen.tf"}


def test_a_hook_in_the_scanned_repository_is_not_run(tree: Path) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    hook = tree / "hook.sh"
    hook.write_text("#!/bin/sh\ntouch ran\n")
    hook.chmod(0o755)
    subprocess.run(["git", "config", "core.fsmonitor", str(hook)], check=True)
    discover(["."])
    assert not (tree / "ran").exists()


def test_excluded_patterns(tree: Path) -> None:
    assert discover(["."], ["sub/*", "out"]).files == ("a.tf",)


def test_a_path_that_is_not_there_is_the_users_mistake(tree: Path) -> None:
    with pytest.raises(UsageError, match=r"no such file or folder: `nope\.tf`"):
        discover(["nope.tf"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_reported(tree: Path) -> None:
    (tree / "sub").chmod(0)
    found = discover(["."])
    (tree / "sub").chmod(0o755)
    assert [item.path for item in found.unreadable] == ["./sub"]


def test_the_root_is_the_work_tree_else_the_working_folder(
    tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert project_root("sub/b.yaml") == str(tree)
    (tree / "sub" / ".git").mkdir()
    assert project_root("sub/b.yaml") == str(tree / "sub")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert project_root(str(elsewhere)) == str(elsewhere)
