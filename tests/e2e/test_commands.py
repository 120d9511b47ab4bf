"""The commands around a scan: inspect, usage, baseline, rules, standard input, diffs, ignores."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from iamlint.app.cli import run

from .conftest import Scan, apply, found

ADMIN = """\
resource "aws_iam_role" "ci" {
  name = "ci-deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codebuild.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "ci" {
  role       = aws_iam_role.ci.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_role_policy" "ci" {
  role = aws_iam_role.ci.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "${aws_s3_bucket.b.arn}/*"
    }]
  })
}

resource "aws_s3_bucket" "b" {}
"""


def output(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(arguments) == code
    return capsys.readouterr().out


def test_inspect_shows_every_site_with_its_owner_and_its_holes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "main.tf").write_text(ADMIN)
    report = json.loads(output(capsys, "inspect", "--format", "json"))
    assert report["version"] == 1
    assert report["unresolved"] == []
    sites = {site["address"]: site for site in report["sites"]}
    assert {address: site["kind"] for address, site in sites.items()} == {
        "aws_iam_role.ci": "trust",
        "aws_iam_role_policy_attachment.ci": "managed-attachment",
        "aws_iam_role_policy.ci": "identity",
    }
    assert {site["owner"] for site in sites.values()} == {"aws_iam_role.ci"}
    inline = sites["aws_iam_role_policy.ci"]
    assert inline["policy"]["Statement"][0]["Resource"] == "‹aws_s3_bucket.b.arn›/*"
    attached = sites["aws_iam_role_policy_attachment.ci"]
    assert attached["arn"] == "arn:aws:iam::aws:policy/AdministratorAccess"
    assert (attached["start"], attached["end"]) == (
        {"line": 15, "column": 16},
        {"line": 15, "column": 61},
    )
    text = output(capsys, "inspect")
    assert "identity aws_iam_role_policy.ci  main.tf:20:23" in text
    assert text.splitlines()[-1].startswith("3 policies, ")


def test_usage_build_is_deterministic_and_shows_and_merges(
    project: Path, trail: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output(capsys, "usage", "build", trail, "-o", "one.json")
    output(capsys, "usage", "build", trail, "-o", "two.json")
    one = (project / "one.json").read_bytes()
    assert one == (project / "two.json").read_bytes()
    for secret in (b"ASIA", b"198.51.100", b"@", b"i-0a1b2c3d4e5f60718/2026"):
        assert secret not in one, "a profile holds no keys, addresses or session names"
    shown = output(capsys, "usage", "show", "one.json")
    assert "arn:aws:iam::111122223333:role/PatchManagerRole" in shown
    role = "arn:aws:iam::111122223333:role/PatchManagerRole"
    detail = output(capsys, "usage", "show", "one.json", "--principal", role)
    assert "logs:DeleteLogGroup" in detail
    assert "denied" in next(line for line in detail.splitlines() if "DeleteLogGroup" in line)
    output(capsys, "usage", "merge", "one.json", "two.json", "-o", "merged.json")
    merged = json.loads((project / "merged.json").read_text())
    single = json.loads(one)
    name = "logs:CreateLogStream"
    assert (
        merged["principals"][role]["actions"][name]["n"]
        == 2 * single["principals"][role]["actions"][name]["n"]
    )


def test_a_profile_and_its_logs_give_the_same_findings(
    project: Path, scan: Scan, trail: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "main.tf").write_text(ADMIN)
    output(capsys, "usage", "build", trail, "-o", "../usage.json")
    assert scan("--usage", "../usage.json") == scan("--usage", trail)


def test_a_baseline_hides_what_is_known_and_tells_what_lapsed(
    project: Path, scan: Scan, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "main.tf").write_text(ADMIN)
    assert scan()["exit"] == 1
    output(capsys, "baseline", "create")
    known = ("--baseline", ".iamlint-baseline.json")
    report = scan(*known)
    assert (report["exit"], report["findings"]) == (0, [])
    assert report["suppressed"]["baseline"] >= 1
    # A line above moves everything: the fingerprint has no line numbers in it.
    (project / "main.tf").write_text("# moved\n\n" + ADMIN)
    assert scan(*known)["exit"] == 0
    # Another grant is not what was accepted.
    (project / "main.tf").write_text(ADMIN.replace("AdministratorAccess", "PowerUserAccess"))
    report = scan(*known)
    assert [item["rule"] for item in found(report)] == ["IAM102"]
    text = output(capsys, "scan", *known, code=1)
    assert "match no finding any more" in text
    assert run(["baseline", "create"]) == 2
    assert run(["baseline", "update"]) == 0
    capsys.readouterr()
    assert scan(*known)["exit"] == 0


def test_standard_input_is_judged_under_its_name(
    project: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "main.tf").write_text("")
    monkeypatch.setattr(sys, "stdin", io.StringIO(ADMIN))
    report = scan("-", "--stdin-filename", "main.tf")
    assert [(item["rule"], item["path"]) for item in found(report)] == [("IAM101", "main.tf")]


def test_a_named_file_is_judged_within_its_module_and_only_it_is_reported(
    project: Path, scan: Scan
) -> None:
    (project / "role.tf").write_text(ADMIN)
    (project / "locals.tf").write_text(
        'locals {\n  arn = "arn:aws:iam::aws:policy/AdministratorAccess"\n}\n'
    )
    (project / "other.tf").write_text(
        'resource "aws_iam_role_policy_attachment" "other" {\n'
        "  role       = aws_iam_role.ci.name\n  policy_arn = local.arn\n}\n"
    )
    assert [item["path"] for item in found(scan("role.tf"), "IAM101")] == ["role.tf"]
    # The finding stands at the literal, which is in locals.tf.
    assert [item["path"] for item in found(scan("locals.tf"), "IAM101")] == ["locals.tf"]


def test_diff_prints_patches_and_writes_nothing(
    project: Path, trail: str, scan: Scan, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "main.tf").write_text(ADMIN)
    patch = output(capsys, "scan", "--usage", trail, "--diff", code=1)
    assert patch.startswith("# IAM101 main.tf:15:16")
    assert (project / "main.tf").read_text() == ADMIN
    apply(patch, project)
    assert found(scan("--usage", trail), "IAM101") == []


def test_ignores_in_source_are_counted_and_can_be_switched_off(project: Path, scan: Scan) -> None:
    line = 'policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"'
    ignored = ADMIN.replace(line, line + " # iamlint: ignore[IAM101] because break-glass")
    (project / "main.tf").write_text(ignored)
    report = scan()
    assert (report["exit"], report["findings"]) == (0, [])
    assert report["suppressed"] == {"inline": 1, "baseline": 0}
    assert [item["rule"] for item in found(scan("--no-ignores"))] == ["IAM101"]


def test_rules_and_explain(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    listed = output(capsys, "rules")
    assert any(
        line.startswith("IAM103  full-access-managed-policy") for line in listed.splitlines()
    )
    page = output(capsys, "explain", "iam103")
    assert page == output(capsys, "explain", "full-access-managed-policy")
    assert "Why it matters" in page


def test_version_tells_the_date_of_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    import re

    assert re.fullmatch(
        r"iamlint \d+\.\d+\.\d+ \(AWS data of \d{4}-\d\d-\d\d\)\n", output(capsys, "--version")
    )


@pytest.mark.parametrize(
    "name", ["json", "sarif", "github", "gitlab", "junit", "markdown", "rdjson", "concise"]
)
def test_every_format_can_be_written_beside_another(
    project: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (project / "main.tf").write_text(ADMIN)
    text = output(capsys, "scan", "--format", "text", "--format", f"{name}=out.txt", code=1)
    assert "IAM101" in text
    assert "IAM101" in (project / "out.txt").read_text()


def test_findings_below_the_threshold_do_not_fail(project: Path, scan: Scan) -> None:
    (project / "main.tf").write_text(ADMIN)
    assert scan("--fail-on", "critical")["exit"] == 1
    assert scan("--fail-on", "never")["exit"] == 0
    assert scan("--exit-zero")["exit"] == 0
    assert scan("--ignore", "IAM101")["exit"] == 0
    assert scan("--select", "IAM2")["findings"] == []
