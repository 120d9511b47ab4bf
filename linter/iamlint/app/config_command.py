"""`iamlint config`: the settings in force with where each comes from, or the schema of the file."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

import msgspec

from iamlint import escape
from iamlint.app import options
from iamlint.app.arguments.lint import helps
from iamlint.app.config import Config, Found
from iamlint.app.settings import OPTIONS, Settings, environment_name
from iamlint.finding import Severity

Origin = Literal["environment", "file", "default"]


class Setting(msgspec.Struct, frozen=True):
    """One key of the configuration: its value and who said it."""

    key: str
    value: Any
    origin: Origin
    variable: str


def run(args: argparse.Namespace) -> int:
    """Print the settings or the schema; returns the exit code."""
    if args.schema:
        from iamlint.app.config_schema import schema

        sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
        return 0
    found = options.configuration_of(args, (args.path,))
    settings = list(in_force(found, os.environ))
    path = os.path.relpath(found.path) if found.path else None
    if args.config_format == "json":
        shown = {each.key: {"value": each.value, "from": each.origin} for each in settings}
        print(json.dumps({"version": 1, "file": path, "settings": shown}, indent=2))
        return 0
    print(f"configuration file: {escape.terminal(path or 'none')}")
    for each in settings:
        origin = each.variable if each.origin == "environment" else each.origin
        value = escape.terminal(json.dumps(each.value, ensure_ascii=False))
        print(f"  {each.key} = {value}  ({origin})")
    return 0


def in_force(found: Found, environ: Mapping[str, str]) -> Iterator[Setting]:
    """Each key with a value: the environment's, else the file's, else the default."""
    known = helps()
    defaults = _defaults(known)
    said = msgspec.to_builtins(found.config)
    unsaid = msgspec.to_builtins(Config())
    for field in msgspec.structs.fields(Config):
        key = field.encode_name
        option = OPTIONS.get(field.name, field.name)
        variable = environment_name(option)
        if option in known and variable in environ:
            yield Setting(key, environ[variable], "environment", variable)
        elif said[key] != unsaid[key]:
            yield Setting(key, said[key], "file", variable)
        elif field.name in defaults:
            yield Setting(key, defaults[field.name], "default", variable)


def _defaults(known: Collection[str]) -> dict[str, Any]:
    """What a scan goes by that nobody said anything to, where there is an option for it."""
    settings = msgspec.structs.asdict(Settings())
    return {
        name: str(value) if isinstance(value, Severity) else value
        for name, value in settings.items()
        if name in known and value not in (None, (), {}, "")
    }
