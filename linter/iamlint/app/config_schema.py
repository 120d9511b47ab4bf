"""The JSON Schema of the configuration file: made from the types that read it and the options' help."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from iamlint.app.config import Config
from iamlint.app.settings import FAIL_ON, OPTIONS
from iamlint.finding import Severity

_SEVERITIES = [str(severity) for severity in Severity]

_CHOICES = {
    "min-severity": _SEVERITIES,
    "fail-on": list(FAIL_ON),
    "unobservable": ["keep", "review", "drop"],
    "granularity": ["action", "action+resource"],
    "group": ["list", "wildcard"],
}

_WITHOUT_OPTION = {
    "exclude": "files and folders that a scan of a folder leaves out: patterns with * and ?",
    "severity": "the severity of a rule, by its code",
    "principals": "the observed principal (an ARN, * allowed) of a policy owner, by its address",
    "ignores": "findings that are accepted, by rule, path and statement id",
    "archive": "findings that are accepted, by what they are about",
    "control-policies": "addresses or files of the service and resource control policies that hold for the account",
    "forbidden": "access that no policy may grant (IAM118)",
    "required-conditions": "conditions that grants of certain actions must carry (IAM119)",
}


def schema() -> dict[str, Any]:
    """The schema of `.iamlint.toml`, which is that of the table `[tool.iamlint]`, too."""
    made = msgspec.json.schema(Config)
    types = made["$defs"].pop("Config")
    helps = _helps()
    for key, about in types["properties"].items():
        _no_null(about)
        help_ = helps.get(key) or _WITHOUT_OPTION.get(key)
        if help_:
            about["description"] = help_
        if key in _CHOICES:
            about["enum"] = _CHOICES[key]
    for kind in made["$defs"].values():
        # Python 3.13 takes the indentation off docstrings, others do not.
        kind["description"] = inspect.cleandoc(kind.get("description", ""))
    types["properties"]["severity"]["additionalProperties"] = {"enum": _SEVERITIES}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **types,
        "title": "iamlint configuration",
        "$defs": made["$defs"],
    }


def _no_null(about: dict[str, Any]) -> None:
    """Take null, which TOML has not, out of a property."""
    about.pop("default", None)
    kinds = [each for each in about.pop("anyOf", ()) if each != {"type": "null"}]
    if len(kinds) == 1:
        about.update(kinds[0])
    elif kinds:
        about["anyOf"] = kinds


def _helps() -> dict[str, str]:
    """What each key does that has an option."""
    from iamlint.app.arguments.lint import helps

    said = helps()
    return {
        field.encode_name: said[option].replace(" (repeatable)", "")
        for field in msgspec.structs.fields(Config)
        if (option := OPTIONS.get(field.name, field.name)) in said
    }
