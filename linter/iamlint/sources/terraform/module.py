"""A module in use: a folder with its inputs, its names and what it declares."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from iamlint.sources.terraform import ast
from iamlint.sources.terraform.context import Names
from iamlint.sources.terraform.expansion import expand
from iamlint.sources.terraform.expressions import Context
from iamlint.sources.terraform.folder import Declared, Folder
from iamlint.sources.terraform.instance import Instance, key_scalar
from iamlint.sources.terraform.module_files import Files
from iamlint.sources.terraform.session import Session
from iamlint.sources.terraform.types import ANY, Converter, Type, read_type, unknown_of
from iamlint.sources.terraform.values import (
    Failed,
    because_deep,
    is_null,
)
from iamlint.text import Place, SourceText
from iamlint.tree import Entry, Hole, ListNode, MapNode, Node, Scalar, Text

if TYPE_CHECKING:
    from iamlint.sources.terraform.functions import Call

MAX_MODULE_DEPTH = 20


class ModuleInstance(Files):
    """A module as it is called: `inputs` are None for a root module.

    `address` is `""` or `module.a["k"]`; `scope` tells names of different instances apart.
    `told` are values of a root module's variables that are weaker than its tfvars.
    """

    def __init__(
        self,
        session: Session,
        folder: Folder,
        root: ModuleInstance | None = None,
        parent: ModuleInstance | None = None,
        address: str = "",
        inputs: dict[str, Lazy] | None = None,
        possible: str | None = None,
        call_name: str = "",
    ) -> None:
        self.session = session
        self.folder = folder
        self.root = root or self
        self.parent = parent
        self.address = address
        self.inputs = inputs
        self.possible = possible
        self.scope = address
        self.host = self
        self.depth: int = parent.depth + 1 if parent else 0
        self.call_name = call_name
        self._values: dict[Any, Node] = {}
        self._busy: set[Any] = set()
        self._expanding: set[Any] = set()
        self._blocks: dict[Any, list[Instance]] = {}
        self._assigned: Names | None = None
        self.told: Names = {}

    def body_of(self, source: SourceText) -> ast.Body | None:
        """The syntax of a configuration file of this session; None for any other text."""
        return self.session.bodies.get(id(source))

    def _once(self, key: object, place: Place, make: Callable[[], Node]) -> Node:
        """A value that is computed once; one that needs itself is an error."""
        found = self._values.get(key)
        if found is not None:
            return found
        shown = ".".join(map(str, key)) if isinstance(key, tuple) else str(key)
        if key in self._busy:
            return Failed(
                place=place,
                reason=f"`{shown}` refers to itself",
                hole=Hole(shown, "unknown", self.scope),
            )
        self._busy.add(key)
        try:
            found = make()
        finally:
            self._busy.discard(key)
        self._values[key] = found
        return found

    def context(self, source: SourceText, names: Names | None = None) -> Context:
        return Context(self, source, names or {})

    def variable(self, name: str, place: Place) -> Node:
        return self._once(("var", name), place, lambda: self._variable(name, place))

    def _variable(self, name: str, place: Place) -> Node:
        declared = self.folder.variables.get(name)
        hole = Hole(f"var.{name}", "unknown", self.scope)
        if declared is None:
            return Failed(place=place, reason=f"the variable `{name}` is not declared", hole=hole)
        stated = declared.get("type")
        wanted = read_type(stated.expr) if stated else ANY
        default = declared.get("default")
        given = self._given(name, wanted)
        context = self.context(declared.source)
        converter = Converter(context.eval)
        if given is not None and default is not None and is_null(given):
            nullable = declared.get("nullable")
            if nullable is not None and context.eval(nullable.expr) == context.scalar(
                nullable.expr, False
            ):
                given = None
        if given is not None:
            return converter.convert(given, wanted)
        if default is not None:
            value = converter.convert(context.eval(default.expr), wanted)
            if self.inputs is not None:
                return value  # its caller is here and leaves it at that
            return because_deep(value, f"by default of variable `{name}`")
        reason = f"variable `{name}` has no value"
        return unknown_of(wanted, hole, Place(declared.source, declared.block.span), reason, None)

    def _given(self, name: str, wanted: Type) -> Node | None:
        if self.inputs is not None:
            lazy = self.inputs.get(name)
            return lazy.value() if lazy else None
        if self._assigned is None:
            from iamlint.sources.terraform.assignments import assignments

            self._assigned = assignments(self)
        found = self._assigned.get(name)
        structured = wanted.name not in ("any", "string", "number", "bool")
        if structured and isinstance(found, Scalar) and not found.place.path:
            from iamlint.sources.terraform.assignments import typed

            return typed(self, found)
        return found

    def local(self, name: str, place: Place) -> Node:
        found = self.folder.locals.get(name)
        if found is None:
            hole = Hole(f"local.{name}", "unknown", self.scope)
            return Failed(place=place, reason=f"the local `{name}` is not declared", hole=hole)
        return self._once(
            ("local", name), place, lambda: self.context(found.source).eval(found.expr)
        )

    def own(self, call: Call) -> Node | None:
        """Functions that only this kind of module knows: none."""
        del call
        return None

    def output(self, name: str, place: Place) -> Node:
        """The value of one of this module's outputs."""
        found = self.folder.outputs.get(name)
        value = found.get("value") if found else None
        if value is None:
            hole = Hole(f"{self.address}.{name}", "unknown")
            return Failed(place=place, reason=f"the module has no output `{name}`", hole=hole)
        return self._once(
            ("output", name), place, lambda: self.context(value.source).eval(value.expr)
        )

    def path(self, name: str, place: Place) -> Node:
        """`path.module`, `path.root` and `path.cwd`, relative to the root module."""
        if name == "module":
            relative = os.path.relpath(self.folder.path, self.root.folder.path)
            return Scalar(place=place, value=relative.replace(os.sep, "/"))
        if name == "root":
            return Scalar(place=place, value=".")
        return Scalar(place=place, value=Text((Hole(f"path.{name}", "name"),)))

    def call(self, name: str, place: Place) -> Node:
        """The value of `module.name`: an object of outputs, a list or a map of them."""
        declared = self.folder.modules.get(name)
        if declared is None:
            hole = Hole(f"module.{name}", "unknown", self.scope)
            return Failed(place=place, reason=f"the module `{name}` is not declared", hole=hole)
        return self._once(
            ("module", name), place, lambda: self._collect(declared, self.calls(name), place)
        )

    def calls(self, name: str) -> list[Instance]:
        """The instances of a module call; empty where its source can't be read."""
        key = ("module", name)
        if key not in self._blocks:
            declared = self.folder.modules[name]
            self._blocks[key] = expand(self, declared, f"module.{name}", "module")
        return self._blocks[key]

    def child(self, name: str, instance: Instance) -> ModuleInstance | str:
        """The module that a call instance leads to, or why it can't be read."""
        declared = self.folder.modules[name]
        source = declared.get("source")
        context = self.context(declared.source, instance.names)
        value = context.eval(source.expr) if source else None
        written = value.value if isinstance(value, Scalar) else None
        if not isinstance(written, str):
            return "its source is not known"
        path = self._source_path(name, written)
        if path is None:
            return f"its source `{written}` is not on this machine"
        if self.depth >= MAX_MODULE_DEPTH:
            return "modules are nested too deeply"
        ancestor: ModuleInstance | None = self
        while ancestor is not None:
            if os.path.normpath(ancestor.folder.path) == path:
                return "the module calls itself"
            ancestor = ancestor.parent
        if not self.session.sandbox.is_dir(path):
            return f"its source `{written}` does not exist or lies outside of the scanned root"
        folder = self.session.folder(path)
        inputs = {
            key: Lazy(context, found.expr)
            for key in declared.names()
            if key not in META and (found := declared.get(key)) is not None
        }
        return ModuleInstance(
            self.session,
            folder,
            self.root,
            self,
            instance.address,
            inputs,
            instance.possible or self.possible,
            name,
        )

    def _source_path(self, name: str, written: str) -> str | None:
        if written.startswith(("./", "../")) or written in (".", ".."):
            return os.path.normpath(os.path.join(self.folder.path, written))
        from iamlint.sources.terraform.downloaded import downloaded

        return downloaded(self, name)

    def reference(self, mode: str, kind: str, name: str, place: Place) -> Node:
        """The value of `aws_x.name` or `data.aws_x.name`."""
        table = self.folder.data if mode == "data" else self.folder.resources
        declared = table.get((kind, name))
        shown = f"{'data.' if mode == 'data' else ''}{kind}.{name}"
        if declared is None:
            return Failed(
                place=place,
                reason=f"`{shown}` is not declared",
                hole=Hole(shown, "unknown", self.scope),
            )
        if (mode, kind, name) in self._expanding:
            return Failed(
                place=place,
                reason=f"`{shown}` refers to itself",
                hole=Hole(shown, "unknown", self.scope),
            )
        return self._once(
            (mode, kind, name),
            place,
            lambda: self._collect(declared, self.instances(mode, kind, name), place),
        )

    def instances(self, mode: str, kind: str, name: str) -> list[Instance]:
        """The instances of a resource or data source."""
        key = (mode, kind, name)
        if key not in self._blocks:
            table = self.folder.data if mode == "data" else self.folder.resources
            shown = f"{'data.' if mode == 'data' else ''}{kind}.{name}"
            self._expanding.add(key)
            try:
                self._blocks[key] = expand(self, table[kind, name], shown, mode)
            finally:
                self._expanding.discard(key)
        return self._blocks[key]

    def _collect(self, declared: Declared, found: list[Instance], place: Place) -> Node:
        """Instances as the value that an expression sees."""
        found = [instance for instance in found if not instance.against]
        refs = [instance.reference(place) for instance in found]
        if declared.get("count") is not None:
            more = next((i.open for i in found if i.open), None)
            return ListNode(place=place, items=tuple(refs), open=more)
        if declared.get("for_each") is not None:
            more = next((i.open for i in found if i.open), None)
            return MapNode(
                place=place,
                open=more,
                entries=tuple(
                    Entry(key_scalar(instance, place), ref)
                    for instance, ref in zip(found, refs, strict=True)
                ),
            )
        return (
            refs[0] if refs else Failed(place=place, reason="it refers to itself", hole=Hole("…"))
        )


class Lazy:
    """An input of a module, evaluated where it is written."""

    __slots__ = ("context", "expr")

    def __init__(self, context: Context, expr: ast.Expr) -> None:
        self.context = context
        self.expr = expr

    def value(self) -> Node:
        return self.context.eval(self.expr)


META = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})
