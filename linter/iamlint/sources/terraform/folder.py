"""One folder of Terraform files as one module: its declarations by kind, after overrides."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Unreadable
from iamlint.sources.terraform import ast
from iamlint.text import SourceText

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")


class Assigned(msgspec.Struct, frozen=True, eq=False):
    """An attribute with the file that it stands in."""

    source: SourceText
    attribute: ast.Attribute

    @property
    def expr(self) -> ast.Expr:
        return self.attribute.expr


class Declared(msgspec.Struct, frozen=True, eq=False):
    """A block with the file that it stands in, and the blocks of override files that change it."""

    source: SourceText
    block: ast.Block
    overrides: tuple[Declared, ...] = ()

    def get(self, name: str) -> Assigned | None:
        """The attribute of that name, the last override's first."""
        for override in reversed(self.overrides):
            found = override.get(name)
            if found is not None:
                return found
        attribute = self.block.body.attributes.get(name)
        return None if attribute is None else Assigned(self.source, attribute)

    def names(self) -> tuple[str, ...]:
        """The names of all attributes."""
        found = dict.fromkeys(self.block.body.attributes)
        for override in self.overrides:
            found.update(dict.fromkeys(override.block.body.attributes))
        return tuple(found)

    def blocks(self, kind: str) -> list[Declared]:
        """The nested blocks of a type, `dynamic` ones that make it included, in source order.

        If an override has blocks of a type, they replace all blocks of that type.
        """
        for override in reversed(self.overrides):
            found = override.blocks(kind)
            if found:
                return found
        body = self.block.body
        if body.json:
            from iamlint.sources.terraform import json_syntax

            dynamic = json_syntax.blocks(body, "dynamic", 1)
            known = (*json_syntax.blocks(body, kind), *dynamic)
        else:
            known = body.blocks
        return [
            Declared(self.source, block)
            for block in known
            if block.type == kind
            or (block.type == "dynamic" and block.labels and block.labels[0].value == kind)
        ]


class Folder(msgspec.Struct, eq=False):
    """All that one module declares.

    `path` is absolute; `files` are the texts that were read; `broken` says what was not.
    """

    path: str
    files: list[SourceText] = msgspec.field(default_factory=list)
    bodies: list[tuple[SourceText, ast.Body]] = msgspec.field(default_factory=list)
    variables: dict[str, Declared] = msgspec.field(default_factory=dict)
    locals: dict[str, Assigned] = msgspec.field(default_factory=dict)
    resources: dict[tuple[str, str], Declared] = msgspec.field(default_factory=dict)
    data: dict[tuple[str, str], Declared] = msgspec.field(default_factory=dict)
    modules: dict[str, Declared] = msgspec.field(default_factory=dict)
    outputs: dict[str, Declared] = msgspec.field(default_factory=dict)
    providers: list[Declared] = msgspec.field(default_factory=list)
    broken: list[Unreadable] = msgspec.field(default_factory=list)


Parse = Callable[[SourceText], ast.File]


def is_terraform(name: str) -> bool:
    """True for the names that Terraform and OpenTofu read as configuration."""
    return name.endswith(SUFFIXES) and not name.startswith((".", "~", "#")) and name[-1] != "~"


def read_folder(path: str, sandbox: Sandbox, parse: Parse) -> Folder:
    """The module in a folder.  What can't be read is in `broken`; the rest is there."""
    folder = Folder(path)
    names = sandbox.listdir(path)
    if isinstance(names, Unreadable):
        folder.broken.append(names)
        return folder
    plain = [name for name in names if is_terraform(name)]
    tofu = {name.replace(".tofu", ".tf") for name in plain if ".tofu" in name}
    for name in sorted(plain, key=_is_override):
        if name in tofu:  # OpenTofu reads a.tofu in place of a.tf
            continue
        full = os.path.join(path, name)
        if sandbox.is_dir(full):
            continue
        source = sandbox.read(full)
        if isinstance(source, Unreadable):
            folder.broken.append(source)
            continue
        folder.files.append(source)
        file = parse(source)
        folder.bodies.append((source, file.body))
        folder.broken += [problem_of(source, error) for error in file.errors]
        declare(folder, source, file.body, override=_is_override(name))
    return folder


def _is_override(name: str) -> bool:
    stem = name.split(".")[0]
    return stem == "override" or stem.endswith("_override")


def problem_of(source: SourceText, error: ast.SyntaxProblem) -> Unreadable:
    """A syntax error as what the project tells of it."""
    line, column = source.position(error.start)
    reason = f"{error.summary[:1].lower()}{error.summary[1:]}"
    if error.note:
        reason += f"; {error.note}"
    elif error.lost_header:
        reason += f"; `{error.lost_header}` was not read"
    return Unreadable(source.path, reason, line, column, error.detail)


def declare(folder: Folder, source: SourceText, body: ast.Body, *, override: bool = False) -> None:
    """Put the declarations of a file into its folder's."""
    for block in body.blocks:
        labels = tuple(label.value for label in block.labels)
        declared = Declared(source, block)
        if block.type == "locals":
            for name, attribute in block.body.attributes.items():
                folder.locals[name] = Assigned(source, attribute)
        elif block.type == "resource" and len(labels) == 2:
            _put(folder.resources, (labels[0], labels[1]), declared, override)
        elif block.type == "data" and len(labels) == 2:
            _put(folder.data, (labels[0], labels[1]), declared, override)
        elif block.type == "variable" and len(labels) == 1:
            _put(folder.variables, labels[0], declared, override)
        elif block.type == "module" and len(labels) == 1:
            _put(folder.modules, labels[0], declared, override)
        elif block.type == "output" and len(labels) == 1:
            _put(folder.outputs, labels[0], declared, override)
        elif block.type == "provider":
            folder.providers.append(declared)


def _put(table: dict, key: object, declared: Declared, override: bool) -> None:  # type: ignore[type-arg]
    """Declare a block; one of an override file changes the arguments of the one that is there.

    Terraform refuses a second declaration elsewhere; here the first one stays and the second
    gets a key of its own, so that its policies are read too.
    """
    if key in table and override:
        old = table[key]
        table[key] = Declared(old.source, old.block, (*old.overrides, declared))
    elif key in table:
        number = 2
        while (again := _renamed(key, number)) in table:
            number += 1
        table[again] = declared
    else:
        table[key] = declared


def _renamed(key: object, number: int) -> object:
    if isinstance(key, tuple):
        return (*key[:-1], f"{key[-1]}#{number}")
    return f"{key}#{number}"
