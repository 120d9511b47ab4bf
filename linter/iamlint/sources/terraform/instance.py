"""Modules and resources in use: a folder with its inputs, a block with its key."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import msgspec

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions, Unreadable
from iamlint.sources.terraform import ast, syntax
from iamlint.sources.terraform.expressions import Context, Names, hole_kind
from iamlint.sources.terraform.folder import Declared, Folder, read_folder
from iamlint.sources.terraform.parser import parse_template
from iamlint.sources.terraform.scanner import HclSyntaxError
from iamlint.sources.terraform.types import ANY, Converter, Type, read_type, unknown_of
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Failed,
    Maybe,
    Reference,
    because,
    because_deep,
    certain_part,
    is_null,
    iteration,
    known,
    number_of,
    text_of,
)
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Either, Entry, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

MAX_INSTANCES = 1000
"""How many instances of one block are told apart."""

MAX_MODULE_DEPTH = 20
STEPS = 400_000
CHARACTERS = 20_000_000


class Session:
    """What all modules of one reading share: files, budgets, options."""

    def __init__(self, sandbox: Sandbox, options: ReadOptions) -> None:
        self.sandbox = sandbox
        self.options = options
        self.folders: dict[str, Folder] = {}
        self.bodies: dict[int, ast.Body] = {}
        self.steps = STEPS
        self.characters = CHARACTERS
        self.names: dict[str, list[str] | str] = {}
        self.templates: dict[int, ast.TemplateExpr | str] = {}
        self._weights: dict[int, tuple[Node, int]] = {}

    def folder(self, path: str) -> Folder:
        """The module in a folder, read once."""
        path = os.path.normpath(path)
        found = self.folders.get(path)
        if found is None:
            found = self.folders[path] = read_folder(path, self.sandbox, syntax.read)
            for source, body in found.bodies:
                self.bodies[id(source)] = body
        return found

    def weight(self, node: Node) -> int:
        """How many nodes a value has, shared ones counted each time they occur."""
        if isinstance(node, (Scalar, Unknown, Reference)):
            return 1
        known_weight = self._weights.get(id(node))
        if known_weight is not None:
            return known_weight[1]
        if isinstance(node, ListNode):
            total = 1 + sum(map(self.weight, node.items))
        elif isinstance(node, MapNode):
            total = 1 + sum(self.weight(entry.value) for entry in node.entries)
        elif isinstance(node, Either):
            total = 1 + sum(map(self.weight, node.branches))
        elif isinstance(node, Maybe):
            total = 1 + self.weight(node.value)
        elif isinstance(node, Encoded):
            total = 1 + self.weight(node.content)
        else:
            total = 1
        self._weights[id(node)] = (node, total)  # holding the node keeps its id its own
        return total

    def renew(self) -> None:
        """Full budgets, for the next root module."""
        self.steps, self.characters = STEPS, CHARACTERS
        self._weights.clear()


class ModuleInstance:
    """A module as it is called: `inputs` are None for a root module.

    `address` is `""` or `module.a["k"]`; `scope` tells names of different instances apart.
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

    def body_of(self, source: SourceText) -> ast.Body | None:
        """The syntax of a configuration file of this session; None for any other text."""
        return self.session.bodies.get(id(source))

    # --- names -------------------------------------------------------------------------------

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

    attribute = output  # a module is an object of its outputs

    def path(self, name: str, place: Place) -> Node:
        """`path.module`, `path.root` and `path.cwd`, relative to the root module."""
        if name == "module":
            relative = os.path.relpath(self.folder.path, self.root.folder.path)
            return Scalar(place=place, value=relative.replace(os.sep, "/"))
        if name == "root":
            return Scalar(place=place, value=".")
        return Scalar(place=place, value=Text((Hole(f"path.{name}", "name"),)))

    # --- modules -----------------------------------------------------------------------------

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
            self._blocks[key] = self._expand(declared, f"module.{name}", "module")
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
            if key not in _META and (found := declared.get(key)) is not None
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

    # --- resources and data sources ----------------------------------------------------------

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
                self._blocks[key] = self._expand(table[kind, name], shown, mode)
            finally:
                self._expanding.discard(key)
        return self._blocks[key]

    def _collect(self, declared: Declared, found: list[Instance], place: Place) -> Node:
        """Instances as the value that an expression sees."""
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
                    Entry(_key_scalar(instance, place), ref)
                    for instance, ref in zip(found, refs, strict=True)
                ),
            )
        return (
            refs[0] if refs else Failed(place=place, reason="it refers to itself", hole=Hole("…"))
        )

    def _expand(self, declared: Declared, shown: str, mode: str) -> list[Instance]:
        """One instance for each element of `count` or `for_each`."""
        prefix = f"{self.address}." if self.address else ""
        context = self.context(declared.source)

        def make(
            suffix: str, key: Any, names: Names, possible: str | None, more: str | None = None
        ) -> Instance:
            return Instance(
                self,
                declared,
                mode,
                f"{prefix}{shown}{suffix}",
                f"{shown}{suffix}",
                key,
                names,
                possible or self.possible,
                more,
            )

        count, each = declared.get("count"), declared.get("for_each")
        if count is not None:
            context = self.context(count.source)
            return self._counted(make, context, context.eval(count.expr), count.expr)
        if each is not None:
            context = self.context(each.source)
            return self._for_each(make, context, context.eval(each.expr), each.expr)
        return [make("", None, {}, None)]

    def _counted(self, make: Any, context: Context, value: Node, expr: ast.Expr) -> list[Instance]:
        place = context.place(expr)
        possible = value.possible
        if isinstance(value, Either):
            numbers = [b for b in value.branches if known(b) and not is_null(b)]
            tops = (
                [int(number_of(branch)) for branch in numbers]
                if len(numbers) == len(value.branches)
                else []
            )
            if tops:
                low, high = min(tops), min(max(tops), MAX_INSTANCES)
                why = next(
                    (b.possible for b, top in zip(numbers, tops, strict=True) if top == max(tops)),
                    f"if `{value.condition}`",
                )
                return _noted(
                    max(tops),
                    [
                        make(f"[{i}]", i, _count(place, i), None if i < low else why)
                        for i in range(high)
                    ],
                )
        if isinstance(value, Scalar) and known(value) and not is_null(value):
            try:
                number = int(number_of(value))
            except Fail:
                number = -1
            if number >= 0:
                return _noted(
                    number,
                    [
                        make(f"[{i}]", i, _count(place, i), possible)
                        for i in range(min(number, MAX_INSTANCES))
                    ],
                )
        hole = Hole("count.index", "name", self.scope)
        index = Scalar(place=place, value=Text((hole,)))
        names: Names = {
            "count": MapNode(
                place=place, entries=(Entry(Scalar(place=place, value="index"), index),)
            )
        }
        why = f"if `{context.written(expr)}` is not 0"
        return [make("[0]", None, names, why, why)]

    def _for_each(self, make: Any, context: Context, value: Node, expr: ast.Expr) -> list[Instance]:
        place = context.place(expr)
        more: str | None = None
        made: list[Instance] = []
        try:
            pairs, more = iteration(value)
        except Fail:
            pairs, more = [], "its `for_each` could not be evaluated"
        if isinstance(value, Failed):
            more = value.reason
        for key, item in pairs[:MAX_INSTANCES]:
            inner = certain_part(item)
            if isinstance(value, ListNode):
                key = inner  # a set's elements are its keys (and a list is taken for a set)
            text = text_of(key) if isinstance(key, (Scalar, Unknown)) else Text((Hole("each.key"),))
            literal = text.literal
            label = literal if literal is not None else str(text)
            why = item.possible or value.possible
            names = _each(place, key, inner)
            quoted = label.replace("\\", "\\\\").replace('"', '\\"')
            made.append(make(f'["{quoted}"]', text, names, why))
        if more is not None and not made:
            key = Scalar(place=place, value=Text((Hole("each.key", "name", self.scope),)))
            item = Unknown(place=place, reason=more, hole=Hole("each.value", "unknown", self.scope))
            why = f"for an element of `{context.written(expr)}`"
            made.append(make('["‹each.key›"]', key.value, _each(place, key, item), why, more))
        elif more is not None and made:
            made[-1].open = more
        return _noted(len(pairs), made)

    # --- files, for functions -----------------------------------------------------------------

    def _at(self, path: str) -> str:
        return os.path.normpath(os.path.join(self.root.folder.path, path))

    def open_file(self, path: str) -> SourceText | str:
        """A file by a path that counts from the root module, or why it can't be read."""
        found = self.session.sandbox.read(self._at(path))
        return found.reason if isinstance(found, Unreadable) else found

    def file_names(self, folder: str) -> list[str] | str:
        """All files below a folder, relative to it with `/`, or why they can't be listed."""
        start = self._at(folder)
        known_names = self.session.names.get(start)
        if known_names is not None:
            return known_names
        sandbox = self.session.sandbox
        found: list[str] = []
        todo = [("", 0)]
        while todo:
            below, depth = todo.pop()
            names = sandbox.listdir(os.path.join(start, below) if below else start)
            if isinstance(names, Unreadable):
                if not below:
                    return names.reason
                continue
            for name in names:
                inner = f"{below}/{name}" if below else name
                if sandbox.is_dir(os.path.join(start, inner)):
                    if depth < 12 and name not in (".git", ".terraform"):
                        todo.append((inner, depth + 1))
                else:
                    found.append(inner)
            if len(found) > 20_000:
                return "holds too many files"
        self.session.names[start] = found
        return found

    def render(self, template: SourceText, variables: Node, place: Place) -> Node:
        """`templatefile`: the template with these variables in scope."""
        key = id(template)
        parsed = self.session.templates.get(key)
        if parsed is None:
            try:
                parsed = parse_template(template)
            except HclSyntaxError as error:
                parsed = str(error)
            self.session.templates[key] = parsed
        if isinstance(parsed, str):
            return Unknown(
                place=place,
                reason=f"the template `{template.path}` could not be parsed: {parsed}",
                hole=Hole("templatefile(…)", "unknown", self.scope),
            )
        if isinstance(variables, Unknown):
            names: Names = {}
        else:
            pairs, _ = iteration(variables)
            names = {
                str(key.value): certain_part(value)
                for key, value in pairs
                if isinstance(key, Scalar)
            }
        from iamlint.sources.terraform.templates import render_parts

        context = Context(self, template, names)
        return render_parts(context, parsed.parts, Place(template, Span(0, len(template.text))))


class Lazy:
    """An input of a module, evaluated where it is written."""

    __slots__ = ("context", "expr")

    def __init__(self, context: Context, expr: ast.Expr) -> None:
        self.context = context
        self.expr = expr

    def value(self) -> Node:
        return self.context.eval(self.expr)


_META = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})


class Instance:
    """One instance of a resource, data source or module call.

    `address` is whole (`module.a.aws_x.y["k"]`), `expression` is how it is called in its module;
    `names` are `each` or `count`; `open` says why there may be more instances than are known,
    `cut` that there are more than were read.
    """

    def __init__(
        self,
        module: ModuleInstance,
        declared: Declared,
        mode: str,
        address: str,
        expression: str,
        key: Any,
        names: Names,
        possible: str | None,
        more: str | None,
    ) -> None:
        self.module = module
        self.declared = declared
        self.mode = mode
        self.address = address
        self.expression = expression
        self.key = key
        self.names = names
        self.possible = possible
        self.open = more
        self.cut = False
        self._values: dict[str, Node] = {}
        self._busy: set[str] = set()
        self._child: ModuleInstance | str | None = None

    @property
    def type(self) -> str:
        """The resource type; for a module call `module`."""
        return self.declared.block.labels[0].value if self.mode != "module" else "module"

    @property
    def name(self) -> str:
        return self.declared.block.labels[-1].value

    def reference(self, place: Place) -> Node:
        return Reference(
            place=place,
            target=self,
            expression=self.expression,
            scope=self.module.scope,
            possible=self.possible,
        )

    def context(self, source: SourceText | None = None) -> Context:
        return Context(self.module, source or self.declared.source, self.names)

    def get(self, name: str) -> Node | None:
        """The value of an argument as configured; None if it is not written or null."""
        found = self.declared.get(name)
        if found is None:
            return None
        value = self._values.get(name)
        if value is None:
            if name in self._busy:
                return Failed(
                    place=Place(found.source, found.attribute.span),
                    reason=f"`{self.expression}.{name}` refers to itself",
                    hole=Hole(f"{self.expression}.{name}", "unknown", self.module.scope),
                )
            self._busy.add(name)
            try:
                value = self.context(found.source).eval(found.expr)
            finally:
                self._busy.discard(name)
            self._values[name] = value
        return None if is_null(value) else value

    def child(self) -> ModuleInstance | str:
        """The module that this call leads to, or why it can't be read."""
        if self._child is None:
            self._child = self.module.child(self.name, self)
        return self._child

    def hole(self, attribute: str, kind: Any = None) -> Hole:
        kind = hole_kind(attribute) if kind is None else kind
        return Hole(f"{self.expression}.{attribute}", kind, self.module.scope)

    def attribute(self, name: str, place: Place) -> Node:
        """An attribute as an expression elsewhere sees it: configured, known, or a hole."""
        if self.mode == "module":
            return self._output(name, place)
        from iamlint.sources.terraform.attributes import special

        found = special(self, name, place)
        if found is not None:
            return found
        configured = self.get(name)
        if configured is not None:
            return configured
        return self.computed(name, place)

    def computed(self, name: str, place: Place) -> Node:
        """An attribute that the deployment sets."""
        hole = self.hole(name)
        if hole.kind in ("resource", "name"):
            return Scalar(place=place, value=Text((hole,)))
        return Unknown(
            place=place, reason=f"`{hole.name}` is known to the deployment alone", hole=hole
        )

    def _output(self, name: str, place: Place) -> Node:
        child = self.child()
        if isinstance(child, str):
            hole = self.hole(name)
            if hole.kind == "resource":
                return Scalar(place=place, value=Text((hole,)))
            return Unknown(
                place=place, reason=f"`{self.expression}` is not evaluated: {child}", hole=hole
            )
        return child.output(name, place)


def _noted(number: int, made: list[Instance]) -> list[Instance]:
    """The instances; if there are more than are told apart, the last one says so."""
    if made and number > len(made):
        made[-1].open = f"only {len(made)} of its {number} instances were read"
        made[-1].cut = True
    return made


def _count(place: Place, index: int) -> Names:
    key = Scalar(place=place, value="index")
    return {"count": MapNode(place=place, entries=(Entry(key, Scalar(place=place, value=index)),))}


def _each(place: Place, key: Node, value: Node) -> Names:
    return {
        "each": MapNode(
            place=place,
            entries=(
                Entry(Scalar(place=place, value="key"), key),
                Entry(Scalar(place=place, value="value"), value),
            ),
        )
    }


def _key_scalar(instance: Instance, place: Place) -> Scalar:
    key = instance.key
    literal = key.literal if isinstance(key, Text) else None
    return Scalar(place=place, value=key if literal is None else literal)


__all__ = ["Instance", "Maybe", "ModuleInstance", "Session", "because", "msgspec"]
