"""A `terragrunt.hcl` as the call of a module: which folder, with which inputs.

What is literal is evaluated, through includes, locals and other configurations that are read;
outputs of dependencies, the environment and commands are known to the deployment alone.
Source: docs.terragrunt.com, reference of blocks, attributes and functions, 2026.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from iamlint.sources.site import Unreadable
from iamlint.sources.terraform import ast, syntax
from iamlint.sources.terraform.body_syntax import body_of
from iamlint.sources.terraform.folder import Declared, Folder, declare, problem_of
from iamlint.sources.terraform.functions import Call
from iamlint.sources.terraform.module import ModuleInstance
from iamlint.sources.terraform.values import Failed, is_null
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Entry, Hole, MapNode, Node, Scalar, Unknown

if TYPE_CHECKING:
    from iamlint.sources.terraform.session import Session

FILE = "terragrunt.hcl"
MAX_DEPTH = 8
"""How many configurations may include or read one another."""

MAX_FILES = 100
"""How many configurations one unit may be made of."""

OPEN_NAMES = frozenset({"dependency", "values", "feature", "unit", "stack"})
"""What expressions refer to that only a run of Terragrunt knows."""


class Unit(msgspec.Struct, frozen=True, eq=False):
    """One unit, in a folder: the module that it deploys as a root module of its own.

    `target` is the module's folder, None where it can't be read; then `root` is a module that
    calls it.  Of inputs that are not known, `open` says why.
    """

    folder: str
    source: SourceText
    root: ModuleInstance
    place: Place
    target: str | None = None
    open: str | None = None
    broken: Sequence[Unreadable] = ()


class Configuration(ModuleInstance):
    """One configuration file, evaluated for the unit in the folder `unit`.

    `caller` is the file that includes it, None for one that stands for itself.
    """

    unit: str
    caller: Configuration | None

    def __init__(self, session: Session, source: SourceText, path: str, unit: str, depth: int):
        folder = Folder(os.path.dirname(path))
        read = syntax.read(source)
        body = read.body
        declare(folder, source, body)
        folder.broken += [problem_of(source, error) for error in read.errors]
        super().__init__(session, folder)
        self.source = source
        self.body = body
        self.unit = unit
        self.level = depth
        self.caller = None
        self.left = [MAX_FILES]
        self._includes: dict[str, Configuration | str] | None = None

    # --- what expressions refer to ------------------------------------------------------------

    def reference(self, mode: str, kind: str, name: str, place: Place) -> Node:
        """`include.name` and what else is no resource here."""
        shown = f"{kind}.{name}"
        if kind == "include":
            found = self.includes().get(name)
            if isinstance(found, Configuration):
                return found.exposed(place)
            unnamed = self.includes().get("")
            if isinstance(unnamed, Configuration):
                return unnamed.exposed(place).get(name) or self._open(shown, place)
            return Failed(place=place, reason=found or f"`{shown}` is not there", hole=Hole(shown))
        if kind in OPEN_NAMES:
            return self._open(shown, place)
        return Failed(place=place, reason=f"`{shown}` is not defined here", hole=Hole(shown))

    def _open(self, shown: str, place: Place) -> Unknown:
        reason = f"`{shown}` is known to the deployment alone"
        return Unknown(place=place, reason=reason, hole=Hole(shown, "unknown", self.unit))

    def exposed(self, place: Place) -> MapNode:
        """What other configurations see of this one: its locals and its inputs."""
        items = [
            Entry(Scalar(place=place, value=name), self.local(name, place))
            for name in self.folder.locals
        ]
        parts = [Entry(Scalar(place=place, value="locals"), _map(place, items))]
        parts.append(Entry(Scalar(place=place, value="inputs"), self.given_inputs()))
        return _map(place, parts, open_="only locals and inputs of a configuration are read")

    def own(self, call: Call) -> Node | None:
        """Terragrunt's own functions."""
        from iamlint.sources.terraform.terragrunt_functions import value_of

        return value_of(self, call)

    # --- includes and what is merged ----------------------------------------------------------

    def includes(self) -> dict[str, Configuration | str]:
        """The included configurations by name, or why one can't be read."""
        if self._includes is None:
            self._includes = {}
            for block in self.body.blocks:
                if block.type == "include":
                    name = block.labels[0].value if block.labels else ""
                    self._includes[name] = self._included(block)
        return self._includes

    def _included(self, block: ast.Block) -> Configuration | str:
        attribute = block.body.attributes.get("path")
        if attribute is None:
            return "an `include` without a path"
        path = text_of_path(self.context(self.source).eval(attribute.expr))
        if path is None:
            return "the path of an `include` is not known"
        return self.other(path, self.unit)

    def other(self, path: str, unit: str | None = None) -> Configuration | str:
        """Another configuration, or why it can't be read; `unit` None makes it one of its own."""
        full = os.path.normpath(os.path.join(self.folder.path, path))
        if self.session.sandbox.is_dir(full):
            full = os.path.join(full, FILE)
        self.left[0] -= 1
        if self.level >= MAX_DEPTH or self.left[0] < 0:
            return "configurations are nested too deeply"
        source = self.session.sandbox.read(full)
        if isinstance(source, Unreadable):
            return f"`{source.path}` {source.reason}"
        found = Configuration(
            self.session, source, full, unit or os.path.dirname(full), self.level + 1
        )
        found.caller = self if unit else None
        found.left = self.left
        return found

    def given_inputs(self) -> Node:
        """The inputs of this file with those of its includes below them."""
        place = Place(self.source, Span(0, 0))
        attribute = self.body.attributes.get("inputs")
        own: Node = _map(place, [])
        if attribute is not None:
            own = self._once(
                ("inputs",), place, lambda: self.context(self.source).eval(attribute.expr)
            )
        for block in self.body.blocks:
            if block.type != "include":
                continue
            found = self.includes()[block.labels[0].value if block.labels else ""]
            strategy = _literal(block, "merge_strategy") or "shallow"
            if strategy == "no_merge":
                continue
            below: Node = (
                found.given_inputs()
                if isinstance(found, Configuration)
                else Failed(place=place, reason=found, hole=Hole("include"))
            )
            own = _merged(below, own, deep=strategy == "deep")
        return own

    def module_source(self) -> tuple[Node, Place] | None:
        """The source of the module: this file's, else that of the first include that has one."""
        for block in self.body.blocks:
            if block.type == "terraform" and (found := block.body.attributes.get("source")):
                place = Place(self.source, found.expr.span)
                return self.context(self.source).eval(found.expr), place
        for included in self.includes().values():
            if isinstance(included, Configuration) and (above := included.module_source()):
                return above
        return None


def read_unit(path: str, session: Session) -> Unit | None:
    """The unit of a terragrunt.hcl; None where there is none: no file, or one to be included."""
    source = session.sandbox.read(path)
    if isinstance(source, Unreadable):
        return None
    folder = os.path.dirname(path)
    file = Configuration(session, source, path, folder, 0)
    written = file.module_source()
    if written is None and not session.folder(folder).files:
        return None
    value, place = written or (None, Place(source, Span(0, 0)))
    inputs = file.given_inputs()
    open_ = inputs.open if isinstance(inputs, MapNode) else _why(inputs)
    entries = inputs.entries if isinstance(inputs, MapNode) else ()
    known = {
        str(entry.key.value): _kept(entry.value, str(entry.key.value), folder) for entry in entries
    }
    target = folder if value is None else _target(folder, value, session)
    if target is None:
        call = _as_call(file, entries, place, value)
        return Unit(folder, source, call, place, None, open_, file.folder.broken)
    root = ModuleInstance(session, session.folder(target))
    root.told = known
    return Unit(folder, source, root, place, target, open_, file.folder.broken)


def _target(folder: str, value: Node, session: Session) -> str | None:
    """The module's folder, None if it is not on this machine."""
    written = text_of_path(value)
    local = written.partition("?")[0] if written is not None else ""
    if not local.startswith((".", os.sep)):
        return None
    path = os.path.normpath(os.path.join(folder, local.replace("//", "/")))
    return path if session.sandbox.is_dir(path) else None


def _as_call(
    file: Configuration, inputs: Sequence[Entry], place: Place, source: Node | None
) -> Configuration:
    """The configuration as a module that calls the one which can't be read, with these inputs.

    So it is told as any other module that was not read, and policies among its inputs are judged.
    """
    given = {"source": source, **{str(entry.key.value): entry.value for entry in inputs}}
    attributes = [
        ast.Attribute(place.span.start, place.span.end, name, place.span.start, ast.Given(*place.span, value))
        for name, value in given.items()
        if value is not None
    ]  # fmt: skip
    name = os.path.basename(file.folder.path) or "unit"
    start, end = place.span
    label = ast.Label(start, start, name)
    body = body_of(start, end, attributes)
    block = ast.Block(start, end, "module", (label,), start, body)
    file.folder.modules[name] = Declared(place.source, block)
    return file


def _why(value: Node) -> str:
    return value.reason if isinstance(value, Unknown) else "it is no object of inputs"


def _kept(value: Node, name: str, scope: str) -> Node:
    """An input; one that could not be evaluated is unknown, not left to the variable's default."""
    if isinstance(value, Failed):
        hole = Hole(f"inputs.{name}", "unknown", scope)
        return Unknown(place=value.place, reason=value.reason, hole=hole)
    return value


def _map(place: Place, entries: list[Entry], open_: str | None = None) -> MapNode:
    return MapNode(place=place, entries=tuple(entries), open=open_)


def _merged(below: Node, above: Node, *, deep: bool) -> Node:
    """Two objects of inputs as one; of equal keys the upper one's, or both merged."""
    if not isinstance(above, MapNode):
        return above
    if not isinstance(below, MapNode):
        return msgspec.structs.replace(above, open=above.open or _why(below))
    values = {str(entry.key.value): entry for entry in below.entries}
    for entry in above.entries:
        name = str(entry.key.value)
        under = values.get(name)
        if deep and under is not None and isinstance(entry.value, MapNode):
            entry = Entry(entry.key, _merged(under.value, entry.value, deep=True))
        values[name] = entry
    return _map(above.place, list(values.values()), above.open or below.open)


def _literal(block: ast.Block, name: str) -> str | None:
    attribute = block.body.attributes.get(name)
    expr = attribute.expr if attribute is not None else None
    return expr.literal if isinstance(expr, ast.TemplateExpr) else None


def text_of_path(value: Node) -> str | None:
    """A path that is wholly known."""
    if isinstance(value, Scalar) and isinstance(value.value, str) and not is_null(value):
        return value.value
    return None
