"""Terragrunt's own functions: folders and other configurations; what only a run knows is a hole."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from iamlint.sources.site import Unreadable
from iamlint.sources.terraform import syntax
from iamlint.sources.terraform.functions import Call
from iamlint.sources.terraform.values import Encoded, because_deep, text_of
from iamlint.tree import Entry, Hole, HoleKind, MapNode, Node, Scalar, Text

if TYPE_CHECKING:
    from iamlint.sources.terraform.terragrunt import Configuration

_ACCOUNT: dict[str, HoleKind] = {
    "get_aws_account_id": "account",
    "get_aws_account_alias": "name",
    "get_aws_caller_identity_arn": "resource",
    "get_aws_caller_identity_user_id": "name",
}
_OF_A_RUN = frozenset(
    {"run_cmd", "sops_decrypt_file", "get_platform", "get_terraform_command", "get_working_dir",
     "get_terraform_cli_args", "get_terraform_commands_that_need_vars", "get_default_retryable_errors",
     "get_terraform_commands_that_need_input", "get_terraform_commands_that_need_locking",
     "get_terraform_commands_that_need_parallelism", "get_terragrunt_source_cli_flag"}
)  # fmt: skip


def value_of(file: Configuration, call: Call) -> Node | None:
    """The value of a function of Terragrunt; None for what is none."""
    if call.name in _ACCOUNT:
        hole = Hole(call.expression, _ACCOUNT[call.name], file.unit)
        return Scalar(place=call.place, value=Text((hole,)))
    if call.name in _OF_A_RUN:
        return call.unknown(f"`{call.name}` is known to the deployment alone")
    function = _FUNCTIONS.get(call.name)
    return None if function is None else function(file, call)


def _find(file: Configuration, call: Call) -> Node:
    """`find_in_parent_folders`: the nearest file of that name above the unit."""
    name = _argument(call, 0) or "terragrunt.hcl"
    at = os.path.dirname(file.unit)
    sandbox = file.session.sandbox
    while sandbox.contains(at):
        path = os.path.join(at, name)
        if sandbox.exists(path):
            return call.result(path)
        above = os.path.dirname(at)
        if above == at:
            break
        at = above
    if len(call.args) > 1:
        return call.args[1]
    return call.failed(f"there is no `{name}` in the folders above")


def _read_config(file: Configuration, call: Call) -> Node:
    path = _argument(call, 0)
    if path is None:
        return call.unknown("the path of a configuration is not known")
    found = file.other(path)
    if isinstance(found, str):
        return call.args[1] if len(call.args) > 1 else call.failed(found)
    return found.exposed(call.place)


def _read_tfvars(file: Configuration, call: Call) -> Node:
    """`read_tfvars_file`: the file's values as JSON text."""
    path = _argument(call, 0)
    if path is None:
        return call.unknown("the path of a file of variables is not known")
    source = file.session.sandbox.read(os.path.join(file.folder.path, path))
    if isinstance(source, Unreadable):
        return call.failed(f"`{source.path}` {source.reason}")
    context = file.context(source)
    entries = tuple(
        Entry(Scalar(place=call.place, value=name), context.eval(attribute.expr))
        for name, attribute in syntax.read(source).body.attributes.items()
    )
    content = MapNode(place=call.place, entries=entries)
    return Encoded(place=call.place, content=content, form="value")


def _environment(_: Configuration, call: Call) -> Node:
    name = _argument(call, 0) or "…"
    if len(call.args) > 1:
        return because_deep(call.args[1], f"by default of the environment variable `{name}`")
    return call.unknown(f"the environment variable `{name}` is known to the deployment alone")


def _parent(file: Configuration, call: Call) -> str:
    """The folder of an included configuration, seen from the unit or from the included one."""
    if file.caller is not None:
        return file.folder.path
    name = _argument(call, 0)
    for key, found in file.includes().items():
        if not isinstance(found, str) and (name is None or key == name):
            return found.folder.path
    return file.folder.path


def _root(file: Configuration) -> str:
    """The folder of the repository, as far as it may be read."""
    at = file.unit
    sandbox = file.session.sandbox
    while sandbox.contains(at):
        if sandbox.exists(os.path.join(at, ".git")):
            return at
        if os.path.dirname(at) == at or not sandbox.contains(os.path.dirname(at)):
            return at
        at = os.path.dirname(at)
    return file.unit


def _relative(path: str, start: str) -> str:
    return os.path.relpath(path, start).replace(os.sep, "/")


def _argument(call: Call, index: int) -> str | None:
    return text_of(call.args[index]).literal if len(call.args) > index else None


_FUNCTIONS: dict[str, Callable[[Configuration, Call], Node]] = {
    "find_in_parent_folders": _find,
    "read_terragrunt_config": _read_config,
    "read_tfvars_file": _read_tfvars,
    "get_env": _environment,
    "get_terragrunt_dir": lambda file, call: call.result(file.unit),
    "get_original_terragrunt_dir": lambda file, call: call.result(file.unit),
    "get_parent_terragrunt_dir": lambda file, call: call.result(_parent(file, call)),
    "path_relative_to_include": lambda file, call: call.result(
        _relative(file.unit, _parent(file, call))
    ),
    "path_relative_from_include": lambda file, call: call.result(
        _relative(_parent(file, call), file.unit)
    ),
    "get_repo_root": lambda file, call: call.result(_root(file)),
    "get_path_from_repo_root": lambda file, call: call.result(_relative(file.unit, _root(file))),
    "get_path_to_repo_root": lambda file, call: call.result(_relative(_root(file), file.unit)),
    "mark_as_read": lambda file, call: call.args[0] if call.args else call.failed("a path is needed"),
    "mark_glob_as_read": lambda file, call: call.unknown("the files of a pattern are not listed"),
}  # fmt: skip
