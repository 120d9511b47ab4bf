"""The real pre-commit runs our hook on a bad and on a good commit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BAD = """\
resource "aws_iam_role_policy_attachment" "ci" {
  role       = "ci"
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"""
GOOD = BAD.replace("AdministratorAccess", "AmazonSSMManagedInstanceCore")


@pytest.mark.slow
def test_try_repo_fails_on_a_bad_commit_and_passes_on_a_good_one(
    root: Path, tmp_path: Path
) -> None:
    pre_commit = Path(sys.executable).with_name("pre-commit")
    if not pre_commit.exists():
        pytest.skip("pre-commit is not installed beside this Python")
    if not (root / ".git").exists():
        pytest.skip("pre-commit needs the project as a git repository")
    work = tmp_path / "work"
    work.mkdir()
    environment = {
        **os.environ,
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
        "GIT_AUTHOR_NAME": "test",
        "GIT_AUTHOR_EMAIL": "test@example.com",
        "GIT_COMMITTER_NAME": "test",
        "GIT_COMMITTER_EMAIL": "test@example.com",
    }

    def run(*command: str, expect: int | None = 0) -> str:
        done = subprocess.run(
            command, cwd=work, env=environment, capture_output=True, text=True, check=False
        )
        output = done.stdout + done.stderr
        assert expect is None or done.returncode == expect, output
        return output

    run("git", "init", "-q", ".")
    (work / "main.tf").write_text(BAD)
    (work / "notes.yaml").write_text("nothing: here\n")
    run("git", "add", ".")
    hook = (str(pre_commit), "try-repo", str(root), "iamlint", "--verbose")
    output = run(*hook, expect=1)
    assert "IAM101" in output
    assert "main.tf:3:16" in output
    run("git", "commit", "-qm", "bad", "--no-verify")

    (work / "main.tf").write_text(GOOD)
    run("git", "add", ".")
    output = run(*hook)
    assert "Passed" in output
    run("git", "commit", "-qm", "good", "--no-verify")

    (work / "notes.yaml").write_text("still: nothing\n")
    run("git", "add", ".")
    assert "Passed" in run(*hook), "files that are no IaC are passed over"
