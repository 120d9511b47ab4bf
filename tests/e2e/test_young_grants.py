"""Grants that are younger than the evidence needs are left alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from .conftest import Scan, found

ROLE = """\
resource "aws_iam_role" "media" {
  name               = "media-app"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "media" {
  role = aws_iam_role.media.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:*"
        Resource = "*"
      },
    ]
  })
}
"""
NEW = """\
      {
        Effect   = "Allow"
        Action   = ["sqs:CreateQueue", "sqs:DeleteQueue"]
        Resource = "arn:aws:sqs:eu-west-1:111122223333:jobs"
      },
    ]
"""


def commit(folder: Path, day: str) -> None:
    """Commit all, as of a day; the trail ends on 2026-11-19."""
    environ = {
        **os.environ,
        "GIT_AUTHOR_DATE": f"{day}T12:00:00Z",
        "GIT_COMMITTER_DATE": f"{day}T12:00:00Z",
    }
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    subprocess.run(["git", *who, "commit", "-qm", "x"], cwd=folder, check=True, env=environ)


def test_what_is_older_falls_and_what_is_new_stays(project: Path, scan: Scan, trail: str) -> None:
    file = project / "main.tf"
    file.write_text(ROLE)
    commit(project, "2026-06-01")
    file.write_text(ROLE.replace("    ]\n", NEW))
    commit(project, "2026-11-10")
    scan("--usage", trail, "--fix=all", ".")
    text = file.read_text()
    assert '"s3:*"' not in text
    assert '"sqs:CreateQueue", "sqs:DeleteQueue"' in text
    # Nothing more happens the second time.
    scan("--usage", trail, "--fix=all", ".")
    assert file.read_text() == text


@pytest.mark.parametrize("days", ["2026-11-10", ""])
def test_a_history_that_does_not_reach_back_tells_nothing(
    project: Path, scan: Scan, trail: str, days: str
) -> None:
    file = project / "main.tf"
    file.write_text(ROLE)
    if days:
        commit(project, days)
    scan("--usage", trail, "--fix=all", ".")
    assert '"s3:*"' not in file.read_text()


def test_a_policy_that_is_new_as_a_whole_says_why_it_is_left(
    project: Path, scan: Scan, trail: str
) -> None:
    (project / "readme.md").write_text("x")
    commit(project, "2026-06-01")
    file = project / "main.tf"
    file.write_text(ROLE)
    commit(project, "2026-11-10")
    report = scan("--usage", trail, "--fix=all", ".")
    assert file.read_text() == ROLE
    assert found(report)
    assert not found(report, "IAM501")
    # With less to ask of the evidence it is old enough.
    scan("--usage", trail, "--min-window", "5", "--fix=all", ".")
    assert file.read_text() != ROLE
