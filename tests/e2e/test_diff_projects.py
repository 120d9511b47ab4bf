"""`iamlint diff` on folders and git revisions: each new grant, where it stands, with an example."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from iamlint.app.cli import run

from .conftest import covered
from .test_stories import MEDIA_YAML, TRUST_HCL

Diff = Any

BASE = (
    'resource "aws_iam_role" "app" {\n  name = "app"\n\n'
    + TRUST_HCL
    + """\
}

resource "aws_iam_role_policy" "app" {
  role = aws_iam_role.app.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::logs/*"
      },
      {
        Effect   = "Deny"
        Action   = "s3:*"
        Resource = "arn:aws:s3:::logs/secret/*"
      },
    ]
  })
}
"""
)

MORE = """
resource "aws_iam_role_policy_attachment" "more" {
  role       = aws_iam_role.app.name
  policy_arn = "%s"
}
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "state")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def diff(project: Path, capsys: pytest.CaptureFixture[str]) -> Diff:
    """Write a base and a head, compare them, and give the report with its exit code."""

    def call(base: dict[str, str], head: dict[str, str], *arguments: str) -> Any:
        for name, files in (("base", base), ("head", head)):
            for path, text in files.items():
                (project / name / path).parent.mkdir(parents=True, exist_ok=True)
                (project / name / path).write_text(text)
        given = ["diff", "base", "head", "--no-progress", "--format", "json", *arguments]
        code = run(given)
        captured = capsys.readouterr()
        assert captured.out, captured.err
        return {**json.loads(captured.out), "exit": code}

    return call


def entries(report: Any) -> list[tuple[str, str, bool]]:
    return [(each["address"], each["kind"], each["added"]) for each in report["new_access"]]


def test_the_same_is_no_new_access(diff: Diff) -> None:
    report = diff({"main.tf": BASE}, {"main.tf": "# a comment\n" + BASE})
    assert report == {"version": 1, "new_access": [], "undetermined": [], "exit": 0}


def test_less_is_no_new_access(diff: Diff) -> None:
    report = diff({"main.tf": BASE.replace("s3:GetObject", "s3:Get*")}, {"main.tf": BASE})
    assert (report["new_access"], report["undetermined"], report["exit"]) == ([], [], 0)


def test_a_wider_statement_is_shown_with_an_example(diff: Diff, project: Path) -> None:
    report = diff({"main.tf": BASE}, {"main.tf": BASE.replace("s3:GetObject", "s3:*Object")})
    assert report["exit"] == 1
    assert report["undetermined"] == []
    (found,) = report["new_access"]
    assert entries(report) == [("aws_iam_role.app", "identity", False)]
    assert found["answer"] == "not-contained"
    assert found["witness"]["action"] in ("s3:PutObject", "s3:DeleteObject", "s3:RestoreObject")
    assert not found["witness"]["resource"].startswith("arn:aws:s3:::logs/secret/")
    assert found["granted_by"]["sid"] == "Read"
    place = {**found["granted_by"]}
    assert covered(place, project / "head").startswith('{\n        Sid      = "Read"')


def test_what_another_policy_grants_already_is_not_new(diff: Diff) -> None:
    wide = MORE % "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    narrow = MORE.replace('"more"', '"less"') % "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    assert diff({"main.tf": BASE + wide}, {"main.tf": BASE + wide + narrow})["exit"] == 0


def test_an_attachment_and_a_lost_deny(diff: Diff, project: Path) -> None:
    head = BASE + MORE % "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
    head = head.replace("logs/secret/*", "logs/secret/keys/*")
    report = diff({"main.tf": BASE}, {"main.tf": head})
    read, queue = report["new_access"]
    assert read["granted_by"]["sid"] == "Read"
    assert read["witness"]["resource"].startswith("arn:aws:s3:::logs/secret/")
    assert queue["witness"]["action"].startswith("sqs:")
    assert covered(queue["granted_by"], project / "head") == (
        '"arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"'
    )


def test_a_deny_that_nothing_here_needs_is_for_review(diff: Diff) -> None:
    deny = BASE.replace("arn:aws:s3:::logs/secret/*", "arn:aws:s3:::other/*")
    none = deny.replace("arn:aws:s3:::other/*", "arn:aws:s3:::other/x")
    report = diff({"main.tf": deny}, {"main.tf": none})
    assert (report["new_access"], report["exit"]) == ([], 1)
    assert "a Deny fell away" in report["undetermined"][0]["reason"]
    assert diff({}, {}, "--allow-undetermined")["exit"] == 0


def test_a_boundary_limits_what_is_new(diff: Diff) -> None:
    def bounded(action: str) -> str:
        boundary = f"""
resource "aws_iam_policy" "limit" {{
  name = "limit"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "{action}", Resource = "*" }}]
  }})
}}
"""
        line = '  name = "app"\n  permissions_boundary = aws_iam_policy.limit.arn\n'
        return BASE.replace('  name = "app"\n', line) + boundary

    wide = BASE.replace("s3:GetObject", "s3:*")
    inside = bounded("s3:GetObject").replace('"s3:GetObject"\n', '"s3:*"\n')
    assert entries(diff({"main.tf": BASE}, {"main.tf": wide})) != []
    report = diff({"main.tf": bounded("s3:GetObject")}, {"main.tf": inside})
    assert entries(report) == []
    report = diff({"main.tf": inside}, {"main.tf": wide})
    assert entries(report) == [("aws_iam_role.app", "identity", False)]


def test_new_principals_and_their_trust(diff: Diff) -> None:
    report = diff({"main.tf": BASE}, {"main.tf": BASE, "media.yaml": MEDIA_YAML})
    assert entries(report) == [("MediaRole", "trust", True), ("MediaRole", "identity", True)]
    assert report["new_access"][0]["witness"]["principal"] == ("Service:ecs-tasks.amazonaws.com")


def test_a_renamed_address_is_the_same_principal(diff: Diff) -> None:
    moved = BASE.replace("aws_iam_role.app.", "aws_iam_role.web.").replace(
        '"aws_iam_role" "app"', '"aws_iam_role" "web"'
    )
    assert diff({"main.tf": BASE}, {"modules/a/main.tf": moved})["exit"] == 0
    report = diff({"main.tf": BASE}, {"modules/a/main.tf": moved.replace("Get", "Put")})
    assert entries(report) == [("aws_iam_role.web", "identity", False)]


def test_resource_policies_by_themselves(diff: Diff) -> None:
    queue = """
resource "aws_sqs_queue_policy" "q" {
  queue_url = "q"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "sqs:SendMessage"
      Resource  = "*"
    }]
  })
}
"""
    public = queue.replace("arn:aws:iam::111122223333:root", "*")
    report = diff({"q.tf": queue}, {"q.tf": public})
    assert entries(report) == [("aws_sqs_queue_policy.q", "resource", False)]
    assert diff({"q.tf": public}, {"q.tf": queue})["exit"] == 0


def test_what_cannot_be_known_is_undetermined(diff: Diff) -> None:
    custom = MORE % "arn:aws:iam::111122223333:policy/custom"
    report = diff({"main.tf": BASE}, {"main.tf": BASE + custom, "broken.tf": "resource {"})
    assert (entries(report), report["exit"]) == ([], 1)
    reasons = sorted(each["reason"] for each in report["undetermined"])
    assert len(reasons) == 2
    assert reasons[0].startswith("open: the document of `arn:aws:iam::111122223333:policy/custom`")
    assert reasons[1].startswith("open: the file could not be read")
    # What was unknown and stands as it stood is no news.
    assert (
        diff({"main.tf": BASE + custom}, {"main.tf": BASE + custom, "broken.tf": ""})["exit"] == 0
    )


def test_a_new_grant_on_what_has_no_name_yet(diff: Diff) -> None:
    bucket = 'resource "aws_s3_bucket" "b" {}\n'
    head = BASE.replace('"arn:aws:s3:::logs/*"', "aws_s3_bucket.b.arn") + bucket
    head = head[: head.index('      {\n        Effect   = "Deny"')] + "    ]\n  })\n}\n" + bucket
    report = diff({"other.tf": ""}, {"main.tf": head})
    assert entries(report) == [
        ("aws_iam_role.app", "trust", True),
        ("aws_iam_role.app", "identity", True),
    ]
    found = report["new_access"][1]
    assert (found["answer"], found["reason"]) == ("not-contained", None)
    assert found["witness"]["resource"].startswith("arn:aws:s3:::")
    assert found["granted_by"]["sid"] == "Read"


def test_what_is_not_wholly_known_is_for_review_when_its_sources_change(
    diff: Diff, capsys: pytest.CaptureFixture[str]
) -> None:
    head, tail = BASE.split('"s3:GetObject"')
    text = f"{head}data.external.x.result.actions{tail}"
    assert diff({"main.tf": text}, {"main.tf": text})["exit"] == 0
    report = diff({}, {"locals.tf": "locals {\n  x = 1\n}\n"})
    assert (entries(report), report["exit"]) == ([], 1)
    assert all(each["address"] for each in report["undetermined"])
    assert all(each["stood"] for each in report["undetermined"])
    capsys.readouterr()
    assert run(["diff", "base", "head", "--no-progress"]) == 1
    told = capsys.readouterr().out
    assert "undetermined, for these stand as they stood" in told
    assert "-->" not in told, "a line for each is enough"


def revisions(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["diff", "--no-progress", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_revision_and_the_working_folder(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "infra").mkdir()
    (project / "infra" / "main.tf").write_text(BASE)
    # Attributes of the repository must not hide files from the comparison.
    (project / ".gitattributes").write_text("*.tf export-ignore\n")
    first = commit(project)
    (project / "infra" / "main.tf").write_text(BASE.replace("s3:GetObject", "s3:*"))
    code, out, err = revisions(capsys, first)
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[0] == "new access: aws_iam_role.app (identity policies)"
    assert lines[1] == " --> infra/main.tf:20:7"
    assert lines[-1] == "1 new grant"
    commit(project)
    assert revisions(capsys, "HEAD")[:2] == (0, "no new access\n")
    assert revisions(capsys, "HEAD~1", "HEAD")[0] == 1
    assert revisions(capsys, "HEAD", "HEAD~1")[0] == 0


def test_a_revision_below_its_top(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("a", "b"):
        (project / folder).mkdir()
        (project / folder / "main.tf").write_text(BASE)
    first = commit(project)
    for folder in ("a", "b"):
        (project / folder / "main.tf").write_text(BASE.replace("s3:GetObject", "s3:*"))
    monkeypatch.chdir(project / "b")
    code, out, _ = revisions(capsys, first)
    assert code == 1
    assert " --> main.tf:20:7" in out
    assert "1 new grant" in out


def test_a_link_of_a_revision_leads_nowhere_outside(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "other.tf").write_text("")
    first = commit(project)
    (project.parent / "outside.tf").write_text(BASE)
    (project / "main.tf").symlink_to(project.parent / "outside.tf")
    second = commit(project)
    _, out, _ = revisions(capsys, first, second)
    assert "aws_iam_role.app" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such"], "no such file, folder or git revision: `no-such`"),
        (["--", "--output=x"], "no such file, folder or git revision: `--output=x`"),
        ([".", "main.tf"], "`main.tf` is a file, and `.` is none"),
        ([".", ".", "--certificate", "c.json"], "--certificate is for two policy documents"),
    ],
)
def test_wrong_usage(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    (project / "main.tf").write_text(BASE)
    code, _, err = revisions(capsys, *arguments)
    assert (code, err.splitlines()[0]) == (2, f"iamlint: {message}")
    assert not (project / "x").exists()


MODULE_OLD = """\
variable "name" {}

resource "aws_iam_role" "r" {
  name               = var.name
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_iam_role_policy" "p" {
  role = aws_iam_role.r.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = [
        "sqs:ListQueues",
        "sqs:SendMessage",
      ]
      Resource = "arn:aws:sqs:eu-west-1:111122223333:one"
    }]
  })
}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        (
            '"sqs:SendMessage",\n',
            '"sqs:SendMessage",\n        "sqs:DeleteQueue",\n',
            17,
            ["not granted before: sqs:DeleteQueue"],
        ),
        (
            '"arn:aws:sqs:eu-west-1:111122223333:one"',
            '[\n        "arn:aws:sqs:eu-west-1:111122223333:one",\n'
            '        "arn:aws:sqs:eu-west-1:111122223333:two",\n      ]',
            20,
            [],
        ),
    ],
    ids=["an action", "a resource"],
)
def test_what_is_new_is_pointed_at_once_for_all_instances(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    line: int,
    told: list[str],
) -> None:
    calls = "".join(
        f'module "{name}" {{\n  source = "./app"\n  name   = "{name}"\n}}\n'
        for name in ("one", "two", "three")
    )
    for folder, text in (("base", MODULE_OLD), ("head", MODULE_OLD.replace(old, new))):
        (tmp_path / folder / "app").mkdir(parents=True)
        (tmp_path / folder / "main.tf").write_text(calls)
        (tmp_path / folder / "app" / "main.tf").write_text(text)
    assert run(["diff", str(tmp_path / "base"), str(tmp_path / "head"), "--color", "never"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "new access: module.one.aws_iam_role.r (identity policies)"
    assert lines[1].startswith(f" --> app/main.tf:{line}:")
    notes = [each.removeprefix("  = ") for each in lines if each.startswith("  = ")]
    assert [each for each in notes if each.startswith("not granted")] == told
    assert notes[-1] == "likewise for module.two.aws_iam_role.r, module.three.aws_iam_role.r"
    assert lines[-1] == "3 new grants"
