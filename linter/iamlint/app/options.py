"""From parsed arguments, the environment and the configuration file to settings."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping

from iamlint.app import config as configuration
from iamlint.app import settings as convert
from iamlint.app.errors import UsageError, did_you_mean
from iamlint.app.settings import Output, Settings


def scan_settings(args: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a scan; raises UsageError."""
    paths = tuple(args.paths) or (".",)
    found = configuration_of(args, paths, environ)
    config = found.config
    choose = _Chooser(args, config, environ)
    formats = choose.many("format")
    color = choose.one("color") or "auto"
    if color not in convert.COLOR:
        raise UsageError(f"`{color}` is no choice for --color", did_you_mean(color, convert.COLOR))
    since = choose.one("since")
    account = choose.one("account")
    return Settings(
        paths=paths,
        stdin_filename=getattr(args, "stdin_filename", None),
        config=config,
        config_path=found.path,
        usage=choose.many("usage"),
        usage_from_config=not choose.given("usage"),
        since=convert.since(since) if since else "",
        min_window=convert.days(choose.one("min_window")),
        unobservable=convert.unobservable(choose.one("unobservable")),
        granularity=convert.granularity(choose.one("granularity")),
        group=convert.group(choose.one("group")),
        baseline=choose.one("baseline"),
        changed_since=choose.one("changed_since"),
        select=_codes(choose.many("select")),
        ignore=_codes(choose.many("ignore")),
        extend_select=_codes(choose.many("extend_select")),
        min_severity=convert.severity(choose.one("min_severity") or "info", "--min-severity"),
        fail_on=convert.fail_threshold(choose.one("fail_on") or "medium"),
        var_files=choose.many("var_file"),
        variables=convert.variables(args.var or ()),
        parameters=convert.parameters(choose.many("parameters")),
        account=convert.account(account) if account else None,
        region=choose.one("region"),
        trusted_accounts=tuple(map(convert.account, choose.many("trusted_accounts"))),
        trusted_orgs=choose.many("trusted_orgs"),
        outputs=tuple(map(convert.output, formats)) or (Output("text"),),
        color=convert.wants_color(color, sys.stdout.isatty(), environ),
        progress=not choose.flag("no_progress"),
        strict=choose.flag("strict"),
        ignores=not choose.flag("no_ignores"),
        jobs=convert.jobs(choose.one("jobs")),
        diff=choose.flag("diff"),
        fix=convert.fix(choose.one("fix")),
        quiet=choose.flag("quiet"),
        verbose=choose.flag("verbose"),
        statistics=choose.flag("statistics"),
        exit_zero=choose.flag("exit_zero"),
    )


class _Chooser:
    """Takes a value from the command line, else the environment, else the configuration."""

    def __init__(
        self, args: argparse.Namespace, config: configuration.Config, environ: Mapping[str, str]
    ) -> None:
        self._args, self._config, self._environ = args, config, environ

    def one(self, name: str) -> str | None:
        given = getattr(self._args, name, None)
        if given is None:
            given = self._environ.get(convert.environment_name(name))
        if given is None:
            given = getattr(self._config, name, None)
        return given

    def many(self, name: str) -> tuple[str, ...]:
        """A list by its name in the configuration; its option may be in the singular."""
        option = convert.OPTIONS.get(name, name)
        given = getattr(self._args, option, None)
        if given is None:
            text = self._environ.get(convert.environment_name(option))
            given = [item for item in text.split(",") if item] if text else None
        if given is None:
            given = getattr(self._config, name, None)
        return tuple(given or ())

    def given(self, name: str) -> bool:
        """True if the command line or the environment has the value."""
        variable = convert.environment_name(name)
        return getattr(self._args, name, None) is not None or variable in self._environ

    def flag(self, name: str) -> bool:
        given = getattr(self._args, name, None)
        if given is None:
            text = self._environ.get(convert.environment_name(name))
            given = text.lower() in ("1", "true", "yes", "on") if text else None
        if given is None:
            given = getattr(self._config, name, None)
        return bool(given)


def _codes(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


def configuration_of(
    args: argparse.Namespace, paths: tuple[str, ...], environ: Mapping[str, str] = os.environ
) -> configuration.Found:
    """The configuration that was named, else the nearest one of the first path."""
    if args.no_config:
        return configuration.Found(configuration.Config())
    named = args.config or environ.get("IAMLINT_CONFIG")
    if named:
        return configuration.load(named)
    first = os.path.abspath("." if paths[0] == "-" else paths[0])
    return configuration.find(first if os.path.isdir(first) else os.path.dirname(first))
