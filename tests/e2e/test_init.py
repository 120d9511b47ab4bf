"""`iamlint init`, `config` and `completions`: what a project starts with."""

from __future__ import annotations

import difflib
import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import msgspec
import pytest
import yaml

from iamlint.app import starter
from iamlint.app.cli import run
from iamlint.app.config import load

HOOK = "- repo: https://github.com/iamlint/iamlint"

LAYOUTS = {
    "flush": "repos:\n- repo: local\n  hooks:\n  - id: a\n",
    "indented": "default_stages: [commit]\nrepos:\n  - repo: local\n    hooks:\n      - id: a\n",
    "more keys after": "repos:\n  - repo: local\n    hooks: [{id: a}]\n\nfail_fast: true\n",
    "literal block": "repos:\n- repo: local\n  hooks:\n  - id: a\n    entry: |\n      one\n      two\n",
    "comment after": "repos:\n- repo: local\n  hooks:\n  - id: a # why\n# the end\n",
    "no last line break": "repos:\n- repo: local\n  hooks:\n  - id: a",
    "windows": "repos:\r\n- repo: local\r\n  hooks:\r\n  - id: a\r\n",
    "windows without last": "repos:\r\n- repo: local\r\n  hooks:\r\n  - id: a",
}


@pytest.mark.parametrize("existing", LAYOUTS.values(), ids=LAYOUTS)
def test_a_hook_is_added_and_nothing_else_changes(existing: str) -> None:
    after = starter.hooks(existing)
    assert after is not None
    changes = list(difflib.ndiff(existing.splitlines(), after.splitlines()))
    assert not [line for line in changes if line.startswith("- ")]
    assert sum(line.startswith("+ ") for line in changes) == 4
    assert ("\r\n" in existing) == ("\r\n" in after)
    assert after.count("\n") == after.count("\r\n") or "\r\n" not in after
    repos = yaml.safe_load(after)["repos"]
    assert repos[-1]["hooks"] == [{"id": "iamlint"}]
    assert starter.hooks(after) is None, "once is enough"


@pytest.mark.parametrize(
    "existing", ["repos: []\n", "repos: [{repo: local}]\n", "a: [\n", "[]\n", "", "repos: &a\n"]
)
def test_a_hook_that_has_no_place_is_left_to_the_user(existing: str) -> None:
    with pytest.raises(starter.CannotAdd):
        starter.hooks(existing)


def test_yes_writes_what_dry_run_shows(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".github").mkdir()
    (project / ".pre-commit-config.yaml").write_text(LAYOUTS["flush"])
    assert run(["init", "--dry-run"]) == 0
    assert HOOK in capsys.readouterr().out
    assert sorted(path.name for path in project.iterdir()) == [
        ".git",
        ".github",
        ".pre-commit-config.yaml",
    ]
    assert run(["init", "--yes"]) == 0
    assert load(str(project / ".iamlint.toml")).config.fail_on == "medium"
    assert HOOK in (project / ".pre-commit-config.yaml").read_text()
    workflow = yaml.safe_load((project / ".github/workflows/iamlint.yml").read_text())
    steps = workflow["jobs"]["iamlint"]["steps"]
    assert "--changed-since" in steps[-1]["run"]
    assert "${{" not in steps[-1]["run"], "a branch's name is no code"
    capsys.readouterr()
    assert run(["init", "--yes"]) == 0
    again = capsys.readouterr().out
    assert "wrote" not in again
    assert "configures iamlint already" in again


def test_the_real_pre_commit_takes_the_configuration(project: Path) -> None:
    clientlib = pytest.importorskip("pre_commit.clientlib")
    assert run(["init", "--yes"]) == 0
    loaded = clientlib.load_config(str(project / ".pre-commit-config.yaml"))
    assert [hook["id"] for hook in loaded["repos"][0]["hooks"]] == ["iamlint"]


def test_it_asks_and_listens(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter(["12", "111122223333", "hihg", "high", "usage.json", "", "no"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    assert run(["init"]) == 0
    written = msgspec.toml.decode((project / ".iamlint.toml").read_text())
    assert written == {"fail-on": "high", "account": "111122223333", "usage": ["usage.json"]}
    assert not (project / ".pre-commit-config.yaml").exists()
    assert "did you mean `high`?" in capsys.readouterr().out


def test_it_needs_someone_to_answer(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert run(["init", "--yes", "nowhere"]) == 2


def test_gitlab_gets_a_job_of_its_own_or_a_text_to_paste(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "remote", "add", "origin", "git@gitlab.example.com:a/b.git"], check=True)
    assert run(["init", "--yes"]) == 0
    job = yaml.safe_load((project / ".gitlab-ci.yml").read_text())["iamlint"]
    assert job["artifacts"]["reports"] == {"codequality": "iamlint.json"}
    (project / ".gitlab-ci.yml").write_text("build:\n  script: make\n")
    capsys.readouterr()
    assert run(["init", "--yes"]) == 0
    assert "put this job into .gitlab-ci.yml" in capsys.readouterr().out
    assert (project / ".gitlab-ci.yml").read_text() == "build:\n  script: make\n"


def test_config_tells_where_each_setting_comes_from(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".iamlint.toml").write_text(
        'fail-on = "high"\ntrusted-accounts = ["111122223333"]\n[severity]\nIAM204 = "low"\n'
    )
    monkeypatch.setenv("IAMLINT_TRUSTED_ACCOUNT", "444455556666")
    assert run(["config", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["file"] == ".iamlint.toml"
    settings = shown["settings"]
    assert settings["fail-on"] == {"value": "high", "from": "file"}
    assert settings["trusted-accounts"] == {"value": "444455556666", "from": "environment"}
    assert settings["severity"] == {"value": {"IAM204": "low"}, "from": "file"}
    assert settings["min-severity"] == {"value": "info", "from": "default"}
    assert "ignores" not in settings
    assert run(["config"]) == 0
    assert 'trusted-accounts = "444455556666"  (IAMLINT_TRUSTED_ACCOUNT)' in capsys.readouterr().out


def test_the_schema_knows_the_configuration(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "--schema"]) == 0
    printed = capsys.readouterr().out
    assert printed == (root / "docs/schema/configuration.json").read_text(), "run make docs"
    validator = jsonschema.Draft202012Validator(json.loads(printed))
    jsonschema.Draft202012Validator.check_schema(json.loads(printed))
    readme = (root / "README.md").read_text()
    examples = [part.partition("```")[0] for part in readme.split("```toml\n")[1:]]
    assert examples
    for example in examples:
        assert list(validator.iter_errors(msgspec.toml.decode(example))) == []
    for wrong in ({"fail-on": "hihg"}, {"fail_on": "high"}, {"account": 1}, {"severity": {"a": 1}}):
        assert list(validator.iter_errors(wrong)), wrong
    described = json.loads(printed)["properties"]
    assert [key for key, about in described.items() if not about.get("description")] == []


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_bash_completes_commands_and_options(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["completions", "bash"]) == 0
    (project / "script").write_text(capsys.readouterr().out)

    def completed(*words: str) -> list[str]:
        line = " ".join(f"'{word}'" for word in words)
        command = (
            f"source ./script; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; "
            "_shtab_iamlint; printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert completed("iamlint", "sc") == ["scan"]
    assert completed("iamlint", "scan", "--chan") == ["--changed-since"]
