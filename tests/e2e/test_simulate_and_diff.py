"""`iamlint simulate` and `iamlint diff` on files, as a shell sees them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iamlint.app.cli import run

ROLE = "arn:aws:iam::111122223333:role/app"
KEY = "arn:aws:s3:::logs/a"


def policy(**statement: Any) -> str:
    base = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::logs/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**base, **statement}]})


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run(arguments)
    captured = capsys.readouterr()
    assert captured.out, captured.err
    return code, json.loads(captured.out)


def simulate(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    request = ("--principal", ROLE, "--action", "s3:GetObject", "--resource", KEY)
    own = ("--resource-account", "111122223333", "--format", "json")
    return answer(capsys, "simulate", *request, *own, *arguments)


@pytest.fixture
def files(project: Path) -> Path:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    for name, text in {
        "read.json": policy(Sid="Read"),
        "mfa.json": policy(Sid="Mfa", Condition=mfa),
        "all.json": policy(Sid="All", Action="s3:*"),
        "deny.json": policy(Sid="No", Effect="Deny", Action="*", Resource="*"),
        "ec2.json": policy(Action="ec2:*", Resource="*"),
        "list.yaml": "Version: '2012-10-17'\nStatement:\n- Effect: Allow\n  Action: s3:GetObject\n  Resource: arn:aws:s3:::logs/*\n",
    }.items():
        (project / name).write_text(text)
    return project


def test_an_allow_names_the_statement(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = simulate(capsys, "--policy", "read.json")
    assert (code, report["decision"]) == (0, "allow")
    assert [
        (item["path"], item["sid"], item["effect"], item["layer"]) for item in report["matched"]
    ] == [("read.json", "Read", "Allow", "identity")]
    start = report["matched"][0]["start"]
    assert (files / "read.json").read_text()[start["column"] - 1] == "{"


def test_denials_exit_with_1(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = simulate(capsys, "--policy", "ec2.json")
    assert (code, report["decision"], report["matched"]) == (1, "implicit-deny", [])
    code, report = simulate(
        capsys, "--policy", "read.json", "--scp", "all.json", "--scp", "deny.json"
    )
    assert (code, report["decision"]) == (1, "explicit-deny")
    assert ("deny.json", "scp") in [(item["path"], item["layer"]) for item in report["matched"]]
    code, report = simulate(capsys, "--policy", "read.json", "--boundary", "ec2.json")
    assert (code, report["decision"]) == (1, "implicit-deny")


def test_a_decision_that_hangs_on_a_key_is_unknown(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = simulate(capsys, "--policy", "mfa.json")
    assert (code, report["decision"]) == (3, "unknown")
    assert report["missing_context"] == ["aws:MultiFactorAuthPresent"]
    key = "aws:multifactorauthpresent"
    assert simulate(capsys, "--policy", "mfa.json", "--context", f"{key}=true")[0] == 0
    assert simulate(capsys, "--policy", "mfa.json", "--context", f"{key}=false")[0] == 1
    assert simulate(capsys, "--policy", "mfa.json", "--complete-context")[0] == 1


def test_a_principal_of_the_project(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "main.tf").write_text(
        'resource "aws_iam_role" "app" {\n  name = "app"\n  assume_role_policy = "{}"\n}\n\n'
        'resource "aws_iam_role_policy" "app" {\n  role = aws_iam_role.app.id\n'
        f"  policy = <<EOF\n{policy()}\nEOF\n}}\n"
    )
    for principal in (ROLE, "aws_iam_role.app"):
        code, report = answer(
            capsys,
            "simulate",
            "main.tf",
            "--principal",
            principal,
            "--account",
            "111122223333",
            "--action",
            "s3:GetObject",
            "--resource",
            KEY,
            "--resource-account",
            "111122223333",
            "--format",
            "json",
        )
        assert (code, report["matched"][0]["path"]) == (0, "main.tf")
    assert (
        run(
            [
                "simulate",
                "main.tf",
                "--principal",
                "aws_iam_role.ap",
                "--action",
                "a:b",
                "--resource",
                "*",
            ]
        )
        == 2
    )
    assert "did you mean `aws_iam_role.app`?" in capsys.readouterr().err


def test_diff_answers_with_a_witness_or_a_proof(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = answer(capsys, "diff", "read.json", "all.json", "--format", "json")
    assert (code, report["answer"]) == (1, "not-contained")
    witness = report["witness"]
    assert witness["action"].startswith("s3:")
    assert not witness["action"].startswith("s3:Get")
    assert witness["resource"].startswith("arn:aws:s3:::logs/")
    assert (report["granted_by"]["path"], report["granted_by"]["sid"]) == ("all.json", "All")
    # The witness is a request that the new policy allows and the old does not.
    for name, expected in (("all.json", 0), ("read.json", 1)):
        assert (
            run(
                [
                    "simulate",
                    "--policy",
                    name,
                    "--principal",
                    witness["principal"],
                    "--action",
                    witness["action"],
                    "--resource",
                    witness["resource"],
                    "--resource-account",
                    witness["principal"].split(":")[4],
                ]
            )
            == expected
        )
        capsys.readouterr()

    code, report = answer(capsys, "diff", "all.json", "mfa.json", "--format", "json")
    assert (code, report["answer"], report["witness"]) == (0, "contained", None)
    code, report = answer(capsys, "diff", "read.json", "list.yaml", "--format", "json")
    assert (code, report["answer"]) == (0, "contained")


def test_a_proof_for_today_says_so(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
    (files / "listed.json").write_text(policy(Action=listed))
    (files / "wide.json").write_text(policy(Action="sts:AssumeRole*"))
    sides = ("listed.json", "wide.json")
    code, report = answer(capsys, "diff", *sides, "--format", "json")
    assert (code, report["answer"]) == (1, "not-contained")
    assert report["reading"].startswith("any, beyond the catalogue of 20")
    assert run(["diff", *sides]) == 1
    assert "lists no such request" in capsys.readouterr().out
    today = ("--world", "catalogue")
    code, report = answer(capsys, "diff", *sides, *today, "--format", "json")
    assert (code, report["answer"], report["reason"]) == (0, "contained", None)
    assert report["reading"].startswith("any, catalogue of 20")
    assert run(["diff", *sides, *today, "--certificate", "c.json"]) == 0
    assert "everything that it grants today" in capsys.readouterr().out
    document = json.loads((files / "c.json").read_text())
    assert document["world"] == "catalogue"
    assert run(["diff", "--check", "c.json"]) == 0
    (files / "c.json").write_text(json.dumps({**document, "world": "open"}))
    assert run(["diff", "--check", "c.json"]) == 1


@pytest.mark.parametrize(("base", "head"), [("read.json", "all.json"), ("all.json", "mfa.json")])
def test_a_certificate_is_verified_again(
    files: Path, capsys: pytest.CaptureFixture[str], base: str, head: str
) -> None:
    (files / "proofs").mkdir()
    certificate = "proofs/c.json"
    run(["diff", base, head, "--certificate", certificate])
    document = json.loads((files / certificate).read_text())
    assert document["catalogue"]
    assert [len(document[side][0]) for side in ("new", "old")] == [71, 71]
    assert run(["diff", "--check", certificate]) == 0
    assert "the certificate holds" in capsys.readouterr().out
    # Layout does not matter, meaning does; a forged answer is found out.
    (files / head).write_text(json.dumps(json.loads((files / head).read_text()), indent=4))
    assert run(["diff", "--check", certificate]) == 0
    forged = {"contained": "not-contained", "not-contained": "contained"}[document["answer"]]
    (files / certificate).write_text(json.dumps({**document, "answer": forged}))
    assert run(["diff", "--check", certificate]) in (1, 2)
    (files / certificate).write_text(json.dumps(document))
    (files / head).write_text(policy(Action="sqs:*"))
    assert run(["diff", "--check", certificate]) == 1
    assert run(["diff", "--check", head]) == 2
    assert "this is no certificate" in capsys.readouterr().err


def test_documents_that_are_none(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "broken.json").write_text('{"Version": ')
    (files / "other.json").write_text('{"a": 1}')
    for arguments, line in (
        (["diff", "read.json", "broken.json"], "iamlint: `broken.json`:1:13 "),
        (["diff", "read.json", "other.json"], "iamlint: `other.json` holds no policy document"),
        (["diff", "read.json", "none.json"], "iamlint: no such file: `none.json`"),
        (["diff", "read.json"], "iamlint: diff needs two policy documents"),
    ):
        assert run(arguments) == 2
        assert capsys.readouterr().err.startswith(line)
