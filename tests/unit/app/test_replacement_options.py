"""What the user chooses about replacements: command line, environment and configuration."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from iamlint.app.arguments import lint as arguments
from iamlint.app.errors import UsageError
from iamlint.app.options import scan_settings
from iamlint.app.settings import Settings
from iamlint.rule import Settings as RuleSettings


def settings(*words: str, **environ: str) -> Settings:
    parser = argparse.ArgumentParser()
    arguments.scan(parser)
    return scan_settings(parser.parse_args(words), environ)


def test_rules_and_command_line_have_the_same_defaults() -> None:
    chosen, rules = settings("--no-config"), RuleSettings()
    assert chosen.min_window == rules.minimum_days == 28
    assert chosen.unobservable == rules.unobservable == "keep"
    assert chosen.granularity == rules.granularity == "action+resource"
    assert chosen.group == rules.group == "list"


def test_command_line_goes_before_environment_and_configuration(tmp_path: Path) -> None:
    config = tmp_path / "iamlint.toml"
    config.write_text(
        'min-window = 60\nunobservable = "review"\ngranularity = "action"\ngroup = "wildcard"\n'
    )
    found = settings("--config", str(config))
    assert (found.min_window, found.unobservable, found.granularity) == (60, "review", "action")
    assert found.group == "wildcard"
    assert settings("--config", str(config), "--group", "list").group == "list"
    found = settings("--config", str(config), IAMLINT_MIN_WINDOW="14")
    assert found.min_window == 14
    found = settings(
        "--config", str(config), "--min-window", "7", "--unobservable", "drop", IAMLINT_MIN_WINDOW="14"
    )  # fmt: skip
    assert (found.min_window, found.unobservable) == (7, "drop")


@pytest.mark.parametrize(
    "words",
    [
        ("--min-window", "soon"),
        ("--unobservable", "kep"),
        ("--granularity", "resource"),
        ("--group", "wild"),
    ],
)
def test_what_is_no_choice_is_said(words: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match=words[1]):
        settings("--no-config", *words)
