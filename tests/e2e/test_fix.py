"""`iamlint scan --fix` from the command line: what it writes, what it refuses, what it says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from iamlint.app.cli import run

from .conftest import Scan, contents, found
from .test_stories import CI_HCL, MEDIA_HCL, MEDIA_YAML, PATCH_CFN, PATCH_HCL


def fix(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["scan", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_several_findings_in_several_files(
    project: Path, trail: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "main.tf").write_text(PATCH_HCL["for_each"] + "\n" + MEDIA_HCL)
    (project / "media.yaml").write_text(MEDIA_YAML)
    code, out, err = fix(capsys, "--usage", trail, "--fix", ".")
    assert (code, err) == (0, "fixed 3 findings in 2 files\n")
    assert "no findings in 7 policies of 2 files" in out
    after = contents(project)
    assert fix(capsys, "--usage", trail, "--fix", ".")[::2] == (0, "")
    assert contents(project) == after
    assert not [path for path in after if path.name.startswith(".iamlint")]


def test_line_breaks_and_byte_order_mark_stay(project: Path, trail: str, scan: Scan) -> None:
    text = b"\xef\xbb\xbf" + MEDIA_HCL.replace("\n", "\r\n").encode()
    (project / "main.tf").write_bytes(text)
    os.chmod(project / "main.tf", 0o640)
    assert scan("--usage", trail, "--fix")["exit"] == 0
    after = (project / "main.tf").read_bytes()
    assert after != text
    assert after.startswith(b"\xef\xbb\xbf")
    assert after.count(b"\n") == after.count(b"\r\n")
    assert (project / "main.tf").stat().st_mode & 0o777 == 0o640


def test_safe_leaves_what_a_human_must_judge(
    project: Path, trail: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "main.tf").write_text(CI_HCL + "\n" + PATCH_HCL["attachment"])
    code, out, err = fix(capsys, "--usage", trail, "--fix", "--format", "concise")
    assert (code, err) == (1, "fixed 1 finding in 1 file\n")
    assert "IAM101" in out
    assert "AdministratorAccess" in (project / "main.tf").read_text()
    fix(capsys, "--usage", trail, "--fix=all")
    assert "AdministratorAccess" not in (project / "main.tf").read_text()


def test_a_diff_shows_what_the_level_would_write_and_writes_nothing(
    project: Path, trail: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "main.tf").write_text(CI_HCL + "\n" + PATCH_HCL["attachment"])
    before = contents(project)
    shown = {
        level: [
            line for line in fix(capsys, "--usage", trail, *level)[1].splitlines() if line[0] == "#"
        ]
        for level in (("--diff",), ("--diff", "--fix"), ("--diff", "--fix=all"))
    }
    admin, patch = "# IAM101 main.tf:16:16 (unsafe)", "# IAM103 main.tf:39:16 (safe)"
    assert list(shown.values()) == [[admin, patch], [patch], [admin, patch]]
    assert contents(project) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fix=al"], "iamlint: `al` is no choice for --fix\n  = help: did you mean `all`?\n"),
        (["--fix", "safe"], "iamlint: no such file or folder: `safe`\n"),
        (
            ["--fix", "-", "--stdin-filename", "main.tf"],
            "iamlint: --fix writes files, standard input is none\n"
            "  = help: name the file, or print with --diff\n",
        ),
    ],
)
def test_wrong_usage(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(CI_HCL))
    assert fix(capsys, *arguments)[::2] == (2, message)


def test_the_environment_may_ask_for_it(
    project: Path, trail: str, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "main.tf").write_text(MEDIA_HCL)
    monkeypatch.setenv("IAMLINT_FIX", "safe")
    assert scan("--usage", trail)["exit"] == 0
    assert "s3:*" not in (project / "main.tf").read_text()


def test_a_read_only_file_is_left_and_the_others_written(
    project: Path, trail: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "main.tf").write_text(MEDIA_HCL)
    (project / "patch.yaml").write_text(PATCH_CFN["literal.yaml"])
    os.chmod(project / "main.tf", 0o444)
    code, out, err = fix(capsys, "--usage", trail, "--fix")
    assert (code, err) == (1, "fixed 1 finding in 1 file\n")
    assert "note: not fixed: `main.tf` is read-only" in out
    assert (project / "main.tf").read_text() == MEDIA_HCL


def test_only_the_paths_that_were_given_are_written(
    project: Path, trail: str, capsys: pytest.CaptureFixture[str]
) -> None:
    head, role = PATCH_HCL["for_each"].split('resource "aws_iam_role"', 1)
    (project / "locals.tf").write_text(head)
    (project / "main.tf").write_text('resource "aws_iam_role"' + role)
    before = contents(project)
    code, out, err = fix(capsys, "--usage", trail, "--fix", "locals.tf")
    assert (code, err) == (1, "")
    assert "note: not fixed: `main.tf` is not among the paths that were given" in out
    assert contents(project) == before
    assert fix(capsys, "--usage", trail, "--fix", "locals.tf", "main.tf")[::2] == (
        0,
        "fixed 1 finding in 2 files\n",
    )


def test_a_link_out_of_the_work_tree_is_not_followed(
    project: Path, trail: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = project.parent / "outside.tf"
    outside.write_text(MEDIA_HCL)
    (project / "main.tf").symlink_to(outside)
    fix(capsys, "--usage", trail, "--fix=all", "main.tf")
    assert outside.read_text() == MEDIA_HCL
    assert (project / "main.tf").is_symlink()


def test_ignored_findings_and_those_of_the_baseline_are_not_fixed(
    project: Path, trail: str, scan: Scan
) -> None:
    ignored = MEDIA_HCL.replace(
        '= "s3:*"', '= "s3:*" # iamlint: ignore[IAM106] because the bucket moves'
    )
    (project / "main.tf").write_text(ignored)
    (project / "media.yaml").write_text(MEDIA_YAML)
    assert run(["baseline", "create", "--usage", trail, "media.yaml"]) == 0
    report = scan("--usage", trail, "--baseline", ".iamlint-baseline.json", "--fix=all")
    assert (found(report), report["exit"]) == ([], 0)
    assert (project / "main.tf").read_text() == ignored
    assert (project / "media.yaml").read_text() == MEDIA_YAML


@pytest.mark.slow
def test_the_hook_fixes_and_so_fails_once(root: Path, project: Path, trail: str) -> None:
    """The hook's own command line, as pre-commit would run it with staged files."""
    import sys

    import yaml

    hooks = {
        hook["id"]: hook for hook in yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    }
    program, *arguments = hooks["iamlint-fix"]["entry"].split()
    (project / "main.tf").write_text(PATCH_HCL["attachment"])
    command = [str(Path(sys.executable).with_name(program)), *arguments, "main.tf"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "IAMLINT_USAGE": trail},
    )
    assert (done.returncode, done.stderr) == (0, "fixed 1 finding in 1 file\n"), done.stdout
