"""`iamlint scan --changed-since`: the findings that a change touches, judged in all their context."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from iamlint.app.cli import run

from .conftest import Scan, found
from .test_stories import CI_HCL, PATCH_HCL

STATEMENTS = """\
data "aws_iam_policy_document" "old" {
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }

  statement {
    actions   = ["sqs:*"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["billing"]
    }
  }
}

resource "aws_iam_policy" "old" {
  policy = data.aws_iam_policy_document.old.json
}
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def commit(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("_tf", ".tf")).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "change")


def lines(report: dict[str, object], rule: str) -> set[int]:
    return {item["start"]["line"] for item in found(report, rule)}


def test_nothing_changed_nothing_told(project: Path, scan: Scan) -> None:
    commit(project, main_tf=STATEMENTS)
    report = scan("--changed-since", "HEAD")
    assert (report["findings"], report["exit"]) == ([], 0)
    assert report["summary"]["sites"] == 1, "the whole is read and judged all the same"


def test_only_the_statement_that_changed(project: Path, scan: Scan) -> None:
    commit(project, main_tf=STATEMENTS)
    assert lines(scan(), "IAM106") == {3, 8}
    (project / "main.tf").write_text(STATEMENTS.replace("sqs:*", "sns:*"))
    assert lines(scan("--changed-since", "HEAD"), "IAM106") == {8}
    commit(project)
    assert lines(scan("--changed-since", "HEAD~1"), "IAM106") == {8}
    assert lines(scan("--changed-since", "HEAD"), "IAM106") == set()


def test_a_condition_taken_away_touches_its_statement(project: Path, scan: Scan) -> None:
    commit(project, main_tf=STATEMENTS)
    start = STATEMENTS.index("\n    condition")
    end = STATEMENTS.index("    }\n", start) + len("    }\n")
    (project / "main.tf").write_text(STATEMENTS[:start] + STATEMENTS[end:])
    assert lines(scan("--changed-since", "HEAD"), "IAM106") == {8}


def test_a_file_that_git_does_not_know_yet_is_all_new(project: Path, scan: Scan) -> None:
    commit(project, main_tf=STATEMENTS)
    (project / "new.tf").write_text(CI_HCL)
    paths = {item["path"] for item in scan("--changed-since", "HEAD")["findings"]}
    assert paths == {"new.tf"}


def test_a_file_that_only_moved_has_no_changed_line(project: Path, scan: Scan) -> None:
    commit(project, main_tf=STATEMENTS)
    git(project, "mv", "main.tf", "moved.tf")
    assert scan("--changed-since", "HEAD")["findings"] == []


def test_what_others_did_meanwhile_is_no_change_of_this_branch(project: Path, scan: Scan) -> None:
    commit(project, main_tf=STATEMENTS)
    git(project, "branch", "work")
    commit(project, main_tf=STATEMENTS.replace("s3:*", "s3:GetObject"))
    trunk = git(project, "rev-parse", "HEAD").strip()
    git(project, "checkout", "-q", "work")
    commit(project, other_tf=CI_HCL)
    report = scan("--changed-since", trunk)
    assert {item["path"] for item in report["findings"]} == {"other.tf"}


def test_a_change_in_a_neighbour_is_told_by_its_label(project: Path, scan: Scan) -> None:
    """A module's folder is one: the value of a local is judged where it is used."""
    policy = STATEMENTS.replace('["s3:*"]', "local.actions")
    commit(project, main_tf=policy, locals_tf='locals {\n  actions = ["s3:GetObject"]\n}\n')
    (project / "locals.tf").write_text('locals {\n  actions = ["s3:*"]\n}\n')
    report = scan("--changed-since", "HEAD")
    assert [item["path"] for item in found(report, "IAM106")] == ["locals.tf"]


def test_a_changed_file_that_cannot_be_parsed(project: Path, scan: Scan) -> None:
    commit(project, main_tf=STATEMENTS, broken_tf='resource "a" "b" {\n  x = \n}\n\n\n')
    assert scan("--changed-since", "HEAD")["findings"] == []
    (project / "broken.tf").write_text('resource "a" "b" {\n  x = \n}\n\n\n# more\n')
    assert [item["rule"] for item in scan("--changed-since", "HEAD")["findings"]] == ["IAM001"]


@pytest.mark.parametrize(
    "hidden", ["*.tf -diff\n", "*.tf binary\n", "*.tf diff=mine\n"], ids=["off", "binary", "driver"]
)
def test_attributes_of_the_repository_hide_nothing(project: Path, scan: Scan, hidden: str) -> None:
    commit(project, main_tf=STATEMENTS)
    (project / ".gitattributes").write_text(hidden)
    git(project, "config", "diff.mine.textconv", "true")
    git(project, "config", "diff.noprefix", "true")
    (project / "main.tf").write_text(STATEMENTS.replace("sqs:*", "sns:*"))
    assert lines(scan("--changed-since", "HEAD"), "IAM106") == {8}


def test_content_that_looks_like_a_patch(project: Path, scan: Scan) -> None:
    heredoc = "locals {\n  text = <<-E\n++ b/other.tf\n@@ -1 +1 @@\n%s\n  E\n}\n"
    commit(project, main_tf=STATEMENTS, a_tf=(heredoc % "x").removesuffix("\n"))
    (project / "a.tf").write_text(heredoc.replace("-1 +1", "-3 +3") % "y")
    (project / "main.tf").write_text(STATEMENTS.replace("sqs:*", "sns:*"))
    assert lines(scan("--changed-since", "HEAD"), "IAM106") == {8}


def test_names_with_strange_signs(project: Path, scan: Scan) -> None:
    for name in ('quo"te.tf', "spa ce.tf", "tab\t.tf", "ünï.tf"):
        folder = project / name.removesuffix(".tf")
        folder.mkdir()
        (folder / name).write_text(STATEMENTS)
    commit(project)
    for path in project.glob("*/*.tf"):
        path.write_text(STATEMENTS.replace("sqs:*", "sns:*"))
    report = scan("--changed-since", "HEAD")
    assert lines(report, "IAM106") == {8}
    assert len({item["path"] for item in report["findings"]}) == 4


def test_fixes_only_what_changed(project: Path, trail: str, scan: Scan) -> None:
    commit(project, main_tf=PATCH_HCL["attachment"])
    report = scan("--usage", trail, "--fix", "--changed-since", "HEAD")
    assert report["findings"] == []
    assert git(project, "status", "--short") == ""
    git(project, "rm", "-q", "--cached", "main.tf")
    git(project, "commit", "-q", "-m", "forget")
    assert scan("--usage", trail, "--fix", "--changed-since", "HEAD")["exit"] == 0
    assert "CloudWatchLogsFullAccess" not in (project / "main.tf").read_text()


def test_a_revision_that_is_not_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(project, main_tf=STATEMENTS)
    assert run(["scan", "--changed-since", "origin/main"]) == 2
    assert "git knows no revision `origin/main`" in capsys.readouterr().err
    assert run(["scan", "--changed-since", "--output=x"]) == 2
    assert not (project / "x").exists()


def test_outside_of_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(STATEMENTS)
    assert run(["scan", "--changed-since", "HEAD"]) == 2
    assert "is in no git work tree" in capsys.readouterr().err
