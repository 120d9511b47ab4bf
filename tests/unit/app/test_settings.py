"""From words to settings: the command line, the environment, the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamlint.app import config, options, parser, settings
from iamlint.app.errors import UsageError
from iamlint.app.settings import Output, Settings
from iamlint.finding import Severity


def scan(*arguments: str, **environ: str) -> Settings:
    return options.scan_settings(parser.parse(["scan", *arguments]), environ)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def test_defaults() -> None:
    plain = scan()
    assert plain.paths == (".",)
    assert plain.fail_on is Severity.MEDIUM
    assert plain.min_severity is Severity.INFO
    assert plain.outputs == (Output("text"),)
    assert plain.ignores
    assert not plain.strict


def test_the_command_line_beats_the_environment_and_that_the_configuration(tmp_path: Path) -> None:
    (tmp_path / ".iamlint.toml").write_text(
        'fail-on = "low"\nselect = ["IAM1"]\naccount = "111122223333"\n'
    )
    assert scan().fail_on is Severity.LOW
    assert scan(IAMLINT_FAIL_ON="critical").fail_on is Severity.CRITICAL
    assert scan("--fail-on", "never", IAMLINT_FAIL_ON="critical").fail_on is None
    assert scan("--select", "IAM2,IAM3").select == ("IAM2", "IAM3")
    assert scan(IAMLINT_SELECT="IAM9,IAM8").select == ("IAM9", "IAM8")
    assert scan().select == ("IAM1",)
    assert scan().account == "111122223333"
    assert scan("--no-config").select == ()


def test_flags_from_the_environment() -> None:
    assert scan(IAMLINT_STRICT="1").strict
    assert not scan(IAMLINT_STRICT="0").strict


@pytest.mark.parametrize(
    ("arguments", "message", "advice"),
    [
        (["--format", "jsno"], "`jsno` is no output format", "did you mean `json`?"),
        (["--fail-on", "hihg"], "`hihg` is no severity for --fail-on", "did you mean `high`?"),
        (["--account", "12"], "`12` is no AWS account id", "an account id has 12 digits"),
        (["--since", "soon"], "`soon` is neither a day (2026-08-01) nor a span (90d, 12w)", ""),
        (["--var", "x"], "`x` is no NAME=VALUE", ""),
        (["--selekt=x"], "unrecognized arguments: --selekt=x", "did you mean `--select`?"),
        (
            ["--config", "none.toml"],
            "cannot read the configuration `none.toml`: [Errno 2] No such file or directory: 'none.toml'",
            "",
        ),
    ],
)
def test_mistakes_are_told_with_advice(arguments: list[str], message: str, advice: str) -> None:
    with pytest.raises(UsageError) as caught:
        scan(*arguments)
    assert (str(caught.value), caught.value.advice) == (message, advice)


@pytest.mark.parametrize(
    ("text", "message", "advice"),
    [
        ("slect = []", "unknown key `slect`", "did you mean `select`?"),
        ("select = 3", "expected `array | null`, got `int` at `select`", ""),
        ("select = [", "is no valid TOML", ""),
        (
            "[[ignores]]\nrules = []\n",
            "object missing required field `because` at `ignores[0]`",
            "",
        ),
    ],
)
def test_mistakes_in_the_configuration(
    tmp_path: Path, text: str, message: str, advice: str
) -> None:
    (tmp_path / ".iamlint.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        scan()
    assert message in str(caught.value)
    assert caught.value.advice == advice


def test_the_nearest_configuration_up_to_the_git_root(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.iamlint]\nfail-on = "high"\n')
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    found = config.find(str(inner))
    assert (found.path, found.config.fail_on) == (str(tmp_path / "pyproject.toml"), "high")
    (inner / ".git").mkdir()
    assert config.find(str(inner)).path is None


@pytest.mark.parametrize(
    "text",
    [
        '[{"ParameterKey": "Env", "ParameterValue": "prod"}]',
        '{"Parameters": {"Env": "prod"}}',
        '{"Env": "prod"}',
        '{"Parameters": [{"ParameterKey": "Env", "ParameterValue": "prod"}, {"ParameterKey": "Old", "UsePreviousValue": true}]}',
    ],
)
def test_parameter_files(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.json").write_text(text)
    assert settings.parameters(["p.json"]) == {"Env": "prod"}


def test_a_parameter_file_of_no_known_shape_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('["Env=prod"]')
    with pytest.raises(UsageError, match="no CloudFormation parameters"):
        settings.parameters(["p.json"])


def test_colour() -> None:
    assert settings.wants_color("always", False, {"NO_COLOR": "1"})
    assert not settings.wants_color("auto", True, {"NO_COLOR": "1"})
    assert settings.wants_color("auto", False, {"FORCE_COLOR": "1"})
    assert not settings.wants_color("auto", True, {"TERM": "dumb"})
    assert settings.wants_color("auto", True, {})


@pytest.mark.parametrize(("text", "count"), [(None, None), ("1", 1), ("16", 16)])
def test_jobs(text: str | None, count: int | None) -> None:
    assert settings.jobs(text) == count


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "10000"])
def test_jobs_that_are_no_number_of_processes(text: str) -> None:
    with pytest.raises(UsageError, match="--jobs"):
        settings.jobs(text)
