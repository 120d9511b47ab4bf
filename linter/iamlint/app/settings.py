"""The settings of one scan: command line over environment over configuration over defaults."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from iamlint.app.config import Config
from iamlint.app.errors import UsageError, did_you_mean
from iamlint.finding import MINIMUM_DAYS, Severity

FORMATS = (
    "text",
    "concise",
    "json",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "markdown",
    "html",
    "rdjson",
)
FAIL_ON = ("low", "medium", "high", "critical", "never")
COLOR = ("auto", "always", "never")


OPTIONS = {"trusted_accounts": "trusted_account", "trusted_orgs": "trusted_org"}
"""Keys of the configuration whose option, which is repeated, has another name."""


class Output(msgspec.Struct, frozen=True):
    """One report to write: a format, and a file or None for standard output."""

    format: str
    file: str | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides what a scan does."""

    paths: tuple[str, ...] = (".",)
    stdin_filename: str | None = None
    config: Config = Config()
    config_path: str | None = None
    usage: tuple[str, ...] = ()
    usage_from_config: bool = False
    since: str = ""
    min_window: int = MINIMUM_DAYS
    unobservable: Literal["keep", "review", "drop"] = "keep"
    granularity: Literal["action", "action+resource"] = "action+resource"
    group: Literal["list", "wildcard"] = "list"
    baseline: str | None = None
    changed_since: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    min_severity: Severity = Severity.INFO
    fail_on: Severity | None = Severity.MEDIUM
    var_files: tuple[str, ...] = ()
    variables: dict[str, str] = {}
    parameters: dict[str, str] = {}
    account: str | None = None
    region: str | None = None
    trusted_accounts: tuple[str, ...] = ()
    trusted_orgs: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = (Output("text"),)
    color: bool = False
    progress: bool = True
    strict: bool = False
    ignores: bool = True
    jobs: int | None = None
    diff: bool = False
    fix: Literal["safe", "all"] | None = None
    quiet: bool = False
    verbose: bool = False
    statistics: bool = False
    exit_zero: bool = False


def environment_name(option: str) -> str:
    """The variable that gives an option's default: `--fail-on` is `IAMLINT_FAIL_ON`."""
    return "IAMLINT_" + option.removeprefix("--").replace("-", "_").upper()


def severity(name: str, option: str) -> Severity:
    """A severity by name; raises UsageError."""
    try:
        return Severity[name.upper()]
    except KeyError:
        known = [str(item) for item in Severity]
        raise UsageError(
            f"`{name}` is no severity for {option}", did_you_mean(name, known)
        ) from None


def fail_threshold(name: str) -> Severity | None:
    """The threshold of --fail-on, None for `never`."""
    return None if name == "never" else severity(name, "--fail-on")


def since(text: str) -> str:
    """The day that `90d`, `12w`, `6m`, `1y` or a day means; raises UsageError."""
    import datetime

    from iamlint.usage.build import since_day

    try:
        return since_day(text, datetime.date.today())
    except ValueError as error:
        raise UsageError(str(error)) from None


def days(text: str | int | None) -> int:
    """The days of `--min-window`, four weeks for None; raises UsageError."""
    if text is None:
        return MINIMUM_DAYS
    if not re.fullmatch(r"\d{1,4}", str(text)):
        raise UsageError(f"`{text}` is no number of days for --min-window")
    return int(text)


def jobs(text: str | None) -> int | None:
    """The processes of `--jobs`, None for one per core; raises UsageError."""
    if text is None:
        return None
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        raise UsageError(f"`{text}` is no number of processes for --jobs")
    return int(text)


def unobservable(text: str | None) -> Literal["keep", "review", "drop"]:
    """What becomes of actions whose use cannot be seen; raises UsageError."""
    if text is None or text == "keep":
        return "keep"
    if text == "review":
        return "review"
    if text == "drop":
        return "drop"
    known = ("keep", "review", "drop")
    raise UsageError(f"`{text}` is no choice for --unobservable", did_you_mean(text, known))


def granularity(text: str | None) -> Literal["action", "action+resource"]:
    """What a replacement narrows; raises UsageError."""
    if text is None or text == "action+resource":
        return "action+resource"
    if text == "action":
        return "action"
    known = ("action", "action+resource")
    raise UsageError(f"`{text}` is no choice for --granularity", did_you_mean(text, known))


def group(text: str | None) -> Literal["list", "wildcard"]:
    """How a replacement writes actions; raises UsageError."""
    if text is None or text == "list":
        return "list"
    if text == "wildcard":
        return "wildcard"
    raise UsageError(f"`{text}` is no choice for --group", did_you_mean(text, ("list", "wildcard")))


def fix(text: str | None) -> Literal["safe", "all"] | None:
    """What `--fix` writes, None for nothing; raises UsageError."""
    if text is None:
        return None
    if text == "safe":
        return "safe"
    if text == "all":
        return "all"
    raise UsageError(f"`{text}` is no choice for --fix", did_you_mean(text, ("safe", "all")))


def output(text: str) -> Output:
    """One `--format NAME[=FILE]`; raises UsageError for an unknown name."""
    name, _, file = text.partition("=")
    if name not in FORMATS:
        raise UsageError(f"`{name}` is no output format", did_you_mean(name, FORMATS))
    return Output(name, file or None)


def account(text: str) -> str:
    """An AWS account id; raises UsageError if it has not 12 digits."""
    if not re.fullmatch(r"\d{12}", text):
        raise UsageError(f"`{text}` is no AWS account id", "an account id has 12 digits")
    return text


def variables(pairs: Iterable[str]) -> dict[str, str]:
    """`NAME=VALUE` arguments as a dict; raises UsageError."""
    result = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"`{pair}` is no NAME=VALUE")
        result[name] = value
    return result


def parameters(files: Iterable[str]) -> dict[str, str]:
    """CloudFormation parameters from files in any of the three usual formats.

    `[{"ParameterKey": …, "ParameterValue": …}]` (aws cloudformation), `{"Parameters": {…}}`
    (CodePipeline) and `{"Name": "value"}`.  Later files win.
    """
    result: dict[str, str] = {}
    for file in files:
        try:
            with open(file, "rb") as opened:
                data = msgspec.json.decode(opened.read())
        except (OSError, msgspec.DecodeError) as error:
            raise UsageError(f"cannot read the parameters in `{file}`: {error}") from error
        result.update(_parameters(data, file))
    return result


def _parameters(data: object, file: str) -> dict[str, str]:
    if isinstance(data, dict) and isinstance(data.get("Parameters"), (dict, list)):
        data = data["Parameters"]
    if isinstance(data, list):
        pairs = [
            (item.get("ParameterKey"), item.get("ParameterValue"))
            for item in data
            if isinstance(item, dict)
        ]
    elif isinstance(data, dict):
        pairs = list(data.items())
    else:
        pairs = []
    good = {
        key: value
        if isinstance(value, str)
        else ",".join(map(str, value))
        if isinstance(value, list)
        else str(value)
        for key, value in pairs
        if isinstance(key, str) and value is not None
    }
    if not good and data:
        raise UsageError(f"`{file}` holds no CloudFormation parameters in a known format")
    return good


def wants_color(choice: str, is_terminal: bool, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour: the option, then NO_COLOR and FORCE_COLOR, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR") or environ.get("CLICOLOR_FORCE"):
        return True
    return is_terminal and environ.get("TERM") != "dumb"
