"""Archive rules of the configuration from the command line: counted, told, and refused where wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamlint.app.cli import run

from .conftest import Scan, found

POLICY = """\
resource "aws_s3_bucket_policy" "data" {
  bucket = "app-data"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::999988887777:root" }
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::app-data/*"
    }]
  })
}
"""
CONFIG = (
    'account = "111122223333"\n[[archive]]\nname = "partner"\nbecause = "the contract of May"\n'
)


def test_an_accepted_finding_is_counted(project: Path, scan: Scan) -> None:
    (project / "main.tf").write_text(POLICY)
    (project / ".iamlint.toml").write_text(CONFIG + 'principal = ["999988887777"]\n')
    report = scan()
    assert (found(report), report["exit"]) == ([], 0)
    assert report["suppressed"]["inline"] == 1
    assert [item["rule"] for item in found(scan("--no-ignores"))] == ["IAM302"]


def test_one_that_accepts_nothing_is_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "main.tf").write_text(POLICY)
    (project / ".iamlint.toml").write_text(CONFIG + 'principal = ["444455556666"]\n')
    told = "note: the archive rule `partner` hides nothing"
    assert run(["scan", "."]) == 1
    assert told in capsys.readouterr().out
    assert run(["scan", "main.tf"]) == 1
    assert told not in capsys.readouterr().out  # it may be about another file


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("", "an archive rule without criteria"),
        ('principle = ["x"]\n', "unknown key `principle`"),
        ('type = ["*"]\nuntil = "soon"\n', "`soon` is no date"),
    ],
)
def test_what_is_no_archive_rule(
    project: Path, capsys: pytest.CaptureFixture[str], more: str, says: str
) -> None:
    (project / ".iamlint.toml").write_text(CONFIG + more)
    assert run(["scan", "."]) == 2
    assert says in capsys.readouterr().err
