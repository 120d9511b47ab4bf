"""The files that a project starts with: configuration, pre-commit hook, CI job."""

from __future__ import annotations

import json
from typing import Any

from iamlint import __version__

CONFIGURATION = ".iamlint.toml"
HOOKS = ".pre-commit-config.yaml"
WORKFLOW = ".github/workflows/iamlint.yml"
PIPELINE = ".gitlab-ci.yml"

_REPOSITORY = "https://github.com/iamlint/iamlint"
_HOOK = (
    f"- repo: {_REPOSITORY}",
    f"  rev: v{__version__}",
    "  hooks:",
    "    - id: iamlint",
)


class CannotAdd(Exception):
    """A file is written in a way that nothing can be added to it; the message says why."""


def configuration(account: str, fail_on: str, usage: str) -> str:
    """A configuration of these answers; `""` is no answer."""
    lines = [
        f'fail-on = "{fail_on}"',
        f"account = {json.dumps(account)}"
        if account
        else '# account = "111122223333"  # the account that this is deployed to',
        '# trusted-accounts = ["444455556666"]  # accounts and organizations inside the zone of trust',
        '# trusted-orgs = ["o-exampleorgid"]',
        f"usage = {json.dumps([usage])}"
        if usage
        else '# usage = ["usage.json"]  # made by `iamlint usage build`',
    ]
    return "\n".join(lines) + "\n"


def hooks(existing: str | None) -> str | None:
    """The pre-commit configuration with iamlint's hook, None where it has one; raises CannotAdd.

    All else stays as it is written.
    """
    if existing is None:
        return "\n".join(["repos:", *(f"  {line}" for line in _HOOK)]) + "\n"
    import yaml

    try:
        before = yaml.safe_load(existing)
        root = yaml.compose(existing, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise CannotAdd("it is no valid YAML") from error
    if any("iamlint" in str(each.get("repo", "")) for each in _repos(before)):
        return None
    assert isinstance(root, yaml.MappingNode)
    items = next((value for key, value in root.value if key.value == "repos"), None)
    if not isinstance(items, yaml.SequenceNode) or items.flow_style or not items.value:
        raise CannotAdd("its `repos` is no list with a line for each item")
    indent = " " * items.start_mark.column
    lines = existing.split("\n")
    at = _end(items)
    end = "\r" if "\r\n" in existing else ""
    if at == len(lines):  # the last line has no line break
        lines[-1] += end
        lines.append("")
    lines[at:at] = [indent + line + end for line in _HOOK]
    after = "\n".join(lines)
    made = yaml.safe_load("\n".join(_HOOK))
    if yaml.safe_load(after) != {**before, "repos": [*before["repos"], *made]}:
        raise CannotAdd("its layout leaves no plain place for one more item")
    return after


def _repos(document: Any) -> list[dict[str, Any]]:
    repos = document.get("repos") if isinstance(document, dict) else None
    if not isinstance(repos, list):
        raise CannotAdd("it has no list `repos`")
    return [each for each in repos if isinstance(each, dict)]


def _end(node: Any) -> int:
    """The number of lines up to the end of the last thing that is written in a node."""
    while isinstance(node.value, list) and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    mark = node.end_mark
    return int(mark.line) + (1 if mark.column else 0)


def hook_stanza() -> str:
    """What to put below `repos:` by hand."""
    return "\n".join(_HOOK) + "\n"


def workflow() -> str:
    """A GitHub Actions workflow that judges what a pull request changes."""
    return f"""\
name: iamlint

on:
  pull_request:

permissions:
  contents: read

jobs:
  iamlint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0 # iamlint compares with the branch that is merged into
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install iamlint=={__version__}
      - run: iamlint scan --format github --changed-since "origin/$BASE"
        env:
          BASE: ${{{{ github.base_ref }}}}
"""


def pipeline() -> str:
    """A GitLab CI job that judges what a merge request changes."""
    return f"""\
iamlint:
  image: python:3.12-slim
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  variables:
    GIT_DEPTH: 0 # iamlint compares with the branch that is merged into
  before_script:
    - apt-get update -q && apt-get install -qy git
    - pip install iamlint=={__version__}
  script:
    - iamlint scan --format text --format gitlab=iamlint.json --changed-since "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
  artifacts:
    when: always
    reports:
      codequality: iamlint.json
"""
