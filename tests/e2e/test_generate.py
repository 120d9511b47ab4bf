"""`iamlint generate`: the same policy in three languages, each as its own tools want it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from iamlint.app.cli import run
from iamlint.iam import catalog
from iamlint.usage.profile import (
    ActionUse,
    Categories,
    Coverage,
    PrincipalUsage,
    UsageProfile,
    dump,
)

from .conftest import granted
from .test_stories import GROUP, terraform_accepts

ROLE = "arn:aws:iam::111122223333:role/PatchManagerRole"


@pytest.fixture
def generate(project: Path, trail: str, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str, usage: str = trail, principal: str = ROLE) -> tuple[int, str, str]:
        given = ["generate", "--usage", usage, "--principal", principal, "--no-progress"]
        code = run([*given, *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def understood(path: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The policies that iamlint reads in a file."""
    run(["inspect", path, "--format", "json", "--no-progress"])
    report = json.loads(capsys.readouterr().out)
    assert report["unresolved"] == []
    return [site["policy"] for site in report["sites"] if site["policy"]]


def test_the_policy_is_what_was_used(generate: Any) -> None:
    code, out, err = generate()
    grants = granted(json.loads(out))
    assert code == 0
    assert grants["logs:CreateLogStream"] == {f"{GROUP}:*"}
    assert grants["logs:PutLogEvents"] == {f"{GROUP}:*"}
    assert "ssm:UpdateInstanceInformation" in grants
    assert "logs:DeleteLogGroup" not in grants
    assert "from 2026-10-20 to 2026-11-19 (31 days)" in err
    assert "logs:PutLogEvents (CloudTrail does not record it" in err


@pytest.mark.parametrize(
    ("language", "name"), [("terraform", "p.tf"), ("cloudformation", "p.yaml")]
)
def test_all_languages_say_the_same(
    generate: Any, project: Path, capsys: pytest.CaptureFixture[str], language: str, name: str
) -> None:
    expected = json.loads(generate("--add", "sqs:sendmessage")[1])
    options = [
        "--name",
        "patch",
        "--description",
        'for "patches" ${here}',
        "--add",
        "sqs:sendmessage",
    ]
    code, out, err = generate("--as", language, "-o", name, *options)
    assert (code, out, err) == (0, "", "")
    assert understood(name, capsys) == [expected]
    text = (project / name).read_text()
    assert text.startswith(f"# What `{ROLE}` was seen to use from 2026-10-20")
    above = text[: text.index("AddedByHand")].splitlines()[-3:]
    assert any("# added by hand" in line for line in above)
    terraform_accepts(project)


def test_terraform_attaches_and_tags(
    generate: Any, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "role.tf").write_text(
        'resource "aws_iam_role" "patch" {\n  name               = "patch"\n'
        '  assume_role_policy = "{}"\n}\n'
    )
    generate(
        "--as", "terraform", "--attach", "aws_iam_role.patch",
        "--tag", "team=ops", "--tag", "cost center=1", "-o", "p.tf",
    )  # fmt: skip
    terraform_accepts(project)
    run(["inspect", ".", "--format", "json", "--no-progress"])
    sites = json.loads(capsys.readouterr().out)["sites"]
    assert "aws_iam_role.patch" in [site["owner"] for site in sites if site["kind"] != "trust"]
    assert '"cost center" = "1"' in (project / "p.tf").read_text()


@pytest.mark.slow
def test_cfn_lint_is_content(generate: Any, project: Path) -> None:
    program = shutil.which("cfn-lint", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("cfn-lint is not installed beside this Python")
    options = ["--name", "patch", "--description", "of last month", "--attach", "PatchManagerRole"]
    generate("--as", "cloudformation", "--add", "sqs:*", "-o", "p.yaml", *options)
    done = subprocess.run([program, "p.yaml"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--add", "s3:GetObjekt"], "no action is called `s3:GetObjekt`\n  = help: did you mean `s3:GetObject`?"),
        (["--add", "s4:GetObject"], "no action is called `s4:GetObject`"),
        (["--tag", "a=b"], "a policy in JSON has no place for --tag"),
        (["--as", "cloudformation", "--tag", "a=b"], "an AWS::IAM::ManagedPolicy takes no tags"),
        (["--as", "terraform", "--tag", "a"], "`a` is no KEY=VALUE"),
        (["--as", "terraform", "--name", "a b"], "`a b` is no name for a policy"),
        (["--as", "terraform", "--attach", "PatchRole"], "`PatchRole` is no address to attach"),
        (["--as", "terraform", "--attach", "aws_iam_role.a.name\n}"], "`aws_iam_role.a.name"),
    ],
)  # fmt: skip
def test_wrong_usage(generate: Any, arguments: list[str], message: str) -> None:
    code, out, err = generate(*arguments)
    assert (code, out) == (2, "")
    assert f"iamlint: {message}" in err


def test_a_principal_that_is_not_there(generate: Any) -> None:
    code, _, err = generate(principal=ROLE.replace("Manager", "Manger"))
    assert code == 2
    assert f"did you mean `{ROLE}`?" in err


def hostile(actions: dict[str, ActionUse]) -> UsageProfile:
    window = {"since": "2026-08-01", "until": "2026-11-01"}
    coverage = Coverage(
        source="cloudtrail", categories=Categories(management=["read", "write"]), **window
    )
    return UsageProfile(coverage=[coverage], principals={ROLE: PrincipalUsage(actions=actions)})


def use(*resources: str) -> ActionUse:
    return ActionUse(n=1, first="2026-10-01", last="2026-10-01", resources=list(resources))


@pytest.mark.parametrize(
    ("language", "name"), [("terraform", "p.tf"), ("cloudformation", "p.yaml")]
)
def test_strings_of_the_evidence_stay_strings(
    generate: Any, project: Path, capsys: pytest.CaptureFixture[str], language: str, name: str
) -> None:
    queue = 'arn:aws:sqs:eu-west-1:111122223333:a"\n${file("/etc/passwd")}%{ if x }#: - {b}'
    dump(hostile({"sqs:CreateQueue": use(queue)}), project / "u.json")
    code, _, _ = generate("--as", language, "-o", name, usage="u.json")
    assert code == 0
    assert granted(understood(name, capsys)[0]) == granted(json.loads(generate(usage="u.json")[1]))
    assert "\n${file" not in (project / name).read_text()


def test_what_does_not_fit_one_policy_becomes_several(
    generate: Any, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = catalog.service("ec2")
    assert service is not None
    names = {name for name in service.actions if name.startswith("ec2:D")}
    dump(hostile({name: use() for name in names}), project / "u.json")
    code, _, err = generate("--as", "json", usage="u.json")
    assert code == 2
    assert "it does not fit into one policy; it takes 3" in err
    for language, name in (("terraform", "p.tf"), ("cloudformation", "p.yaml")):
        generate("--as", language, "-o", name, usage="u.json")
        policies = understood(name, capsys)
        assert len(policies) == 3
        assert all(len(json.dumps(each, separators=(",", ":"))) <= 6144 for each in policies)
        assert set().union(*map(granted, policies)) >= names
    terraform_accepts(project)
